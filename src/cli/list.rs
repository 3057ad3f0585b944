//! `list`: requirements, scenarios, faults, defects, steps, known failures of releases, and schemas.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::args::{ListArgs, Listed, SchemaOf};
use crate::check::registry;
use crate::cli::error::UsageError;
use crate::cli::faults::{broken, hidden_over_http};
use crate::cli::known_agentos;
use crate::cli::schema;
use crate::exit;
use crate::plan::Selection;
use crate::protocol::Side;
use crate::reference::Fault;
use crate::report::model::run::{KnownFailure, Verdict};
use crate::suite::{Scenarios, declared, dispatch, params, selection};
use crate::watch::Defect;

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
        Listed::Requirements => requirements(args.of.into()),
        Listed::Scenarios => scenarios(args.of.into())?,
        Listed::Faults => faults(),
        Listed::Defects => defects(),
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

fn requirements(side: Side) -> Vec<Row> {
    registry::of(side)
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

fn scenarios(side: Side) -> Result<Vec<Row>, UsageError> {
    let selection = Selection {
        thorough: true,
        side,
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
            json: json!({
                "name": fault.name(),
                "description": fault.sentence(),
                "breaks": broken(*fault, false),
                "breaks_over_http": broken(*fault, true),
            }),
        })
        .collect()
}

fn defects() -> Vec<Row> {
    let row = |defect: &Defect| Row {
        name: defect.name().to_owned(),
        text: format!(
            "{} Fails: {}.",
            defect.sentence(),
            defect.breaks().join(", ")
        ),
        json: json!({"name": defect.name(), "description": defect.sentence(), "breaks": defect.breaks()}),
    };
    Defect::ALL.iter().map(row).collect()
}

/// The requirements that must fail with a fault, over each wire.
fn breaks(fault: Fault) -> String {
    let [websocket, http] = [false, true].map(|over_http| broken(fault, over_http).join(", "));
    let hidden = hidden_over_http(fault).map(|reason| format!(" Not over HTTP: {reason}."));
    match (&*websocket, hidden) {
        ("", _) => format!(" Fails over HTTP alone: {http}."),
        (ids, Some(hidden)) => format!(" Fails: {ids}.{hidden}"),
        (ids, None) if ids == http => format!(" Fails: {ids}."),
        (ids, None) => format!(" Fails: {ids}. Over HTTP: {http}."),
    }
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
