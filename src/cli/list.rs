//! `list`: requirements, scenarios, faults, steps, known failures of releases, and schemas.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::args::{ListArgs, Listed, SchemaOf};
use crate::check::registry;
use crate::cli::error::UsageError;
use crate::cli::known_agentos;
use crate::cli::schema;
use crate::exit;
use crate::plan::Selection;
use crate::reference::Fault;
use crate::report::model::run::{KnownFailure, Verdict};
use crate::suite::{Scenarios, declared, dispatch, params, selection};

/// One row of a list: name and text for people, and its JSON.
struct Row {
    name: String,
    text: String,
    json: Value,
}

/// Prints a list; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] where the embedded features cannot be read.
pub fn list(args: &ListArgs) -> Result<u8, UsageError> {
    if let Some(file) = args.file {
        return one_schema(args, file);
    }
    let rows = match args.what {
        Listed::Requirements => requirements(),
        Listed::Scenarios => scenarios()?,
        Listed::Faults => faults(),
        Listed::Steps => steps(),
        Listed::KnownFailures => known_failures()?,
        Listed::Schema => Vec::new(),
    };
    // A closed pipe (`| head`) is no error.
    let _ = if args.json {
        print_json(rows)
    } else {
        print(&rows)
    };
    Ok(exit::OK)
}

fn one_schema(args: &ListArgs, file: SchemaOf) -> Result<u8, UsageError> {
    let Listed::Schema = args.what else {
        return Err(UsageError::wrong(
            "only `list schema` takes the name of a file",
        ));
    };
    let _ = print_as_json(&schema::of(file));
    Ok(exit::OK)
}

fn requirements() -> Vec<Row> {
    registry::all()
        .map(|requirement| Row {
            name: requirement.id.to_owned(),
            text: format!(
                "{:<6} {}",
                requirement.level.to_string(),
                requirement.sentence
            ),
            json: json!({
                "id": requirement.id,
                "level": requirement.level,
                "since": requirement.since,
                "sentence": requirement.sentence,
                "source": requirement.source,
            }),
        })
        .collect()
}

fn scenarios() -> Result<Vec<Row>, UsageError> {
    let selection = Selection {
        thorough: true,
        ..Selection::default()
    };
    let all = Scenarios::select(&selection).map_err(|error| UsageError::of(&error))?;
    Ok(all
        .reports
        .into_iter()
        .map(|report| Row {
            name: report.requirements.join(" "),
            text: format!(
                "{} › {}{}",
                report.path,
                report.name_and_row(),
                selection::note(&report)
            ),
            json: json!({
                "id": report.id,
                "feature": report.feature,
                "rule": report.rule,
                "name": report.name,
                "tags": report.tags,
                "requirements": report.requirements,
            }),
        })
        .collect())
}

fn faults() -> Vec<Row> {
    Fault::ALL
        .iter()
        .map(|fault| Row {
            name: fault.name().to_owned(),
            text: format!("{}{}", fault.sentence(), breaks(*fault)),
            json: json!({"name": fault.name(), "description": fault.sentence(), "breaks": fault.breaks()}),
        })
        .collect()
}

/// The requirements that must fail with a fault: those that are checked, and those that are not yet.
fn breaks(fault: Fault) -> String {
    let (checked, unchecked): (Vec<&str>, Vec<&str>) = fault
        .breaks()
        .iter()
        .partition(|id| registry::find(id).is_some());
    let sentence = |what: &str, ids: &[&str]| match ids {
        [] => String::new(),
        ids => format!(" {what} {}.", ids.join(", ")),
    };
    sentence("Fails:", &checked) + &sentence("Not checked yet:", &unchecked)
}

fn steps() -> Vec<Row> {
    let phrase = |(keyword, phrase): (&str, String)| {
        let judged_by = declared::of_phrase(&phrase);
        let note = match judged_by {
            [] => String::new(),
            ids => format!("  ({})", ids.join(", ")),
        };
        Row {
            name: keyword.to_owned(),
            json: json!({"keyword": keyword, "phrase": phrase, "requirements": judged_by}),
            text: format!("{phrase}{note}"),
        }
    };
    let parameter = |it: params::Explained| {
        let name = format!("{{{}}}", it.name);
        let values = match it.values.as_slice() {
            [] => String::new(),
            values => format!(": {}", values.join(" | ")),
        };
        Row {
            text: format!("{}{values}", it.meaning),
            json: json!({
                "keyword": "Parameter",
                "phrase": name,
                "meaning": it.meaning,
                "values": it.values,
            }),
            name,
        }
    };
    let phrases = dispatch::phrases().into_iter().map(phrase);
    let parameters = params::explained().into_iter().map(parameter);
    phrases.chain(parameters).collect()
}

fn known_failures() -> Result<Vec<Row>, UsageError> {
    let row = |entry: KnownFailure, verdict: &str| {
        let release = entry.release.clone().unwrap_or_default();
        let sometimes = if entry.sometimes { "sometimes " } else { "" };
        let on = release.replace(" || ", ", ");
        Row {
            text: format!("{sometimes}{verdict} on {on}: {}", entry.reason),
            json: json!({
                "id": entry.id,
                "verdict": verdict.replace(' ', "_"),
                "release": release,
                "reason": entry.reason,
                "sometimes": entry.sometimes,
            }),
            name: entry.id,
        }
    };
    let failures = known_agentos::failures()?.entries.into_iter();
    let inconclusive = known_agentos::inconclusive()?.into_iter();
    Ok(failures
        .map(|entry| row(entry, Verdict::Failed.words()))
        .chain(inconclusive.map(|entry| row(entry, Verdict::Inconclusive.words())))
        .collect())
}

fn print(rows: &[Row]) -> io::Result<()> {
    let width = rows
        .iter()
        .map(|row| row.name.len())
        .max()
        .unwrap_or_default();
    let mut out = anstream::stdout().lock();
    for row in rows {
        writeln!(out, "{:<width$}  {}", row.name, row.text)?;
    }
    out.flush()
}

fn print_json(rows: Vec<Row>) -> io::Result<()> {
    print_as_json(&rows.into_iter().map(|row| row.json).collect::<Vec<_>>())
}

fn print_as_json(value: &impl Serialize) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    out.flush()
}
