//! `list`: requirements, scenarios, faults, steps, and known failures of releases.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::args::{ListArgs, Listed};
use crate::check::registry;
use crate::cli::error::UsageError;
use crate::cli::known_agentos;
use crate::exit;
use crate::plan::Selection;
use crate::reference::Fault;
use crate::report::model::run::{KnownFailure, Verdict};
use crate::suite::{Scenarios, dispatch, params};

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
    let rows = match args.what {
        Listed::Requirements => requirements(),
        Listed::Scenarios => scenarios()?,
        Listed::Faults => faults(),
        Listed::Steps => steps(),
        Listed::KnownFailures => known_failures()?,
    };
    // A closed pipe (`| head`) is no error.
    let _ = if args.json {
        print_json(rows)
    } else {
        print(&rows)
    };
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
                "sentence": requirement.sentence,
                "source": requirement.source,
            }),
        })
        .collect()
}

fn scenarios() -> Result<Vec<Row>, UsageError> {
    let all = Scenarios::select(&Selection::default()).map_err(|error| UsageError::of(&error))?;
    Ok(all
        .reports
        .into_iter()
        .map(|report| Row {
            name: report.requirements.join(" "),
            text: format!("{} › {}", report.path, report.name_and_row()),
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
    sentence("Must fail:", &checked) + &sentence("Not checked yet:", &unchecked)
}

fn steps() -> Vec<Row> {
    dispatch::phrases()
        .into_iter()
        .map(|(keyword, phrase)| Row {
            name: keyword.to_owned(),
            json: json!({"keyword": keyword, "phrase": phrase}),
            text: phrase,
        })
        .chain(params::all().into_iter().map(|(name, values)| Row {
            name: format!("{{{name}}}"),
            text: values.join(" | "),
            json: json!({"keyword": "Parameter", "phrase": format!("{{{name}}}"), "values": values}),
        }))
        .collect()
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
    let all: Vec<Value> = rows.into_iter().map(|row| row.json).collect();
    let mut out = anstream::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &all)?;
    writeln!(out)?;
    out.flush()
}
