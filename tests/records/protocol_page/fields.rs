//! Whether the fields on the page are those of `src/protocol` and of the recordings.

use std::collections::{BTreeMap, BTreeSet};

use reconnect_acceptance::protocol::decode::is_event_name;
use serde_json::Value;

use super::known::{Frame, Known, Messages, Release};
use super::page::{Field, Page, Table};

/// The chapters of the page.
const SENT: &str = "What a client sends";
const ANSWERED: &str = "What a server answers";
const EVENTS: &str = "Events";

/// What is wrong with the fields of the page, a sentence each.
pub fn differences(page: &Page, known: &Known) -> Vec<String> {
    let mut wrong = Vec::new();
    let answers = |frame: &&Frame| frame.key == "event" && !frame.is_event();
    let answers: Vec<&Frame> = known.frames.iter().filter(answers).collect();
    let requests = known.frames.iter().filter(|it| it.key == "action");
    // The recordings have actions that no server knows: those are no part of the protocol.
    let requests = requests.filter(|it| known.actions.contains_key(it.name()));
    messages(
        page,
        SENT,
        &known.actions,
        &requests.collect::<Vec<_>>(),
        &mut wrong,
    );
    messages(page, ANSWERED, &known.controls, &answers, &mut wrong);
    events(page, known, &mut wrong);
    wrong
}

fn messages(
    page: &Page,
    chapter: &str,
    known: &Messages,
    frames: &[&Frame],
    wrong: &mut Vec<String>,
) {
    let mut told: BTreeMap<&str, Vec<Field>> = BTreeMap::new();
    for table in page.tables(chapter, "field") {
        told.insert(&table.section, table.fields().collect());
    }
    let recorded = frames.iter().map(|it| it.name());
    let names: BTreeSet<&str> = known.keys().map(String::as_str).chain(recorded).collect();
    for name in told.keys().filter(|name| !names.contains(*name)) {
        wrong.push(format!("{name} is neither in src/protocol nor recorded"));
    }
    for name in names {
        let Some(fields) = told.get(name) else {
            wrong.push(format!("{name} is missing on the page, in \"{chapter}\""));
            continue;
        };
        let own: Vec<&Frame> = frames
            .iter()
            .copied()
            .filter(|it| it.name() == name)
            .collect();
        let none = BTreeSet::new();
        let in_source = known.get(name).unwrap_or(&none);
        of_message(name, fields, in_source, &own, wrong);
    }
}

/// Compares the fields that the page gives a message with those that it has.
fn of_message(
    name: &str,
    told: &[Field],
    in_source: &BTreeSet<String>,
    frames: &[&Frame],
    wrong: &mut Vec<String>,
) {
    let mut there: BTreeSet<&str> = in_source.iter().map(String::as_str).collect();
    there.extend(frames.iter().flat_map(|it| names(&it.value)));
    for field in &there {
        if !told.iter().any(|it| it.name == *field) {
            wrong.push(format!("{name} lacks the field {field} on the page"));
        }
    }
    for field in told {
        match (there.contains(field.name.as_str()), &field.since) {
            (false, Some(_)) if !field.is_optional => wrong.push(format!(
                "{name}: {} is neither in src/protocol nor recorded",
                field.name
            )),
            (true, None) => wrong.push(format!("{name}: {} is not unrecorded", field.name)),
            (true, Some(since)) => of_field(name, field, since, frames, wrong),
            (false, _) => {}
        }
    }
}

/// Compares what the page says of a field with the frames of its message.
fn of_field(name: &str, field: &Field, since: &str, frames: &[&Frame], wrong: &mut Vec<String>) {
    let Some(first) = Release::of(since) else {
        wrong.push(format!("{name}: {}: {since:?} is no release", field.name));
        return;
    };
    let mut said = BTreeSet::new();
    for frame in frames {
        let is_there = frame.release >= first;
        let problem = match frame.value.get(&field.name) {
            Some(_) if !is_there => format!("is in {} already", frame.release),
            // A client may leave fields out, to see what happens.
            None if is_there && !field.is_optional && frame.key == "event" => {
                format!("is missing in {}", frame.release)
            }
            Some(value) if !field.may_be(kind(value)) => format!("is {} once", kind(value)),
            _ => continue,
        };
        said.insert(format!("{name}: {} {problem}", field.name));
    }
    wrong.extend(said);
}

fn events(page: &Page, known: &Known, wrong: &mut Vec<String>) {
    let shared: Vec<(Field, String)> = page
        .tables(EVENTS, "field")
        .flat_map(|table| table.fields().zip(column(table, "on")))
        .collect();
    let rows: Vec<(String, Vec<Field>)> = page
        .tables(EVENTS, "event")
        .flat_map(|table| table.rows.iter())
        .filter_map(|row| match row.as_slice() {
            [name, on, since, _, own] => Some((name, on, since, own)),
            _ => None,
        })
        .map(|(name, on, since, own)| {
            let is_shared = |of: &str| of == "all" || of.split(", ").any(|it| it == on);
            let shared = shared.iter().filter(|(_, of)| is_shared(of));
            let mut fields: Vec<Field> = shared.map(|(field, _)| field.clone()).collect();
            fields.extend(Field::list(own, since));
            (name.trim_matches('`').to_owned(), fields)
        })
        .collect();
    let frames: Vec<&Frame> = known.frames.iter().filter(|it| it.is_event()).collect();
    for (name, fields) in &rows {
        let own: Vec<&Frame> = frames
            .iter()
            .copied()
            .filter(|it| it.name() == name)
            .collect();
        if own.is_empty() {
            wrong.push(format!("{name} is not recorded"));
        }
        if !is_event_name(name) {
            wrong.push(format!("{name} is no event for src/protocol"));
        }
        of_message(name, fields, &BTreeSet::new(), &own, wrong);
    }
    for (field, _) in shared.iter().filter(|(field, _)| field.is_optional) {
        if !frames.iter().any(|it| it.value.get(&field.name).is_some()) {
            wrong.push(format!("no event has {}", field.name));
        }
    }
    let is_told = |name: &str| rows.iter().any(|(it, _)| it == name);
    let recorded: BTreeSet<&str> = frames.iter().map(|it| it.name()).collect();
    let endings = known.endings.iter().map(String::as_str);
    for name in recorded.iter().copied().chain(endings) {
        if !is_told(name) {
            wrong.push(format!("{name} is missing on the page, in \"{EVENTS}\""));
        }
    }
    for name in &known.envelope {
        if !shared.iter().any(|(field, _)| field.name == *name) {
            wrong.push(format!("events lack the field {name} on the page"));
        }
    }
    unrecorded(page, &recorded, wrong);
}

/// The events that the page names outside of its table.
fn unrecorded(page: &Page, recorded: &BTreeSet<&str>, wrong: &mut Vec<String>) {
    let sentences = page.sentences.iter();
    let mut listed = sentences.filter_map(|it| it.split_once("in none of the recordings: "));
    let Some((_, names)) = listed.next() else {
        wrong.push("the events that were not recorded are missing".to_owned());
        return;
    };
    for name in names.trim_end_matches('.').split(", ") {
        let name = name.trim_matches('`');
        if recorded.contains(name) || !is_event_name(name) {
            wrong.push(format!("{name} is recorded, or no event"));
        }
    }
}

fn column(table: &Table, name: &str) -> Vec<String> {
    let at = table.columns.iter().position(|it| it == name);
    let cell = |row: &Vec<String>| at.and_then(|at| row.get(at)).cloned().unwrap_or_default();
    table.rows.iter().map(cell).collect()
}

fn names(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "whole number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
