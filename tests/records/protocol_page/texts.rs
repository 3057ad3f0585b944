//! Whether the examples, diagrams, tables of words and binding sentences on the page are true.

use std::collections::BTreeSet;

use reconnect_acceptance::check::{Level, registry};
use reconnect_acceptance::protocol::{Outcome, Route, RunRequest, framing};
use regex::Regex;
use serde_json::Value;

use super::known::Known;
use super::page::Page;

/// The sections that have a diagram.
const SEQUENCES: &[&str] = &[
    "Start",
    "Return to a run under way",
    "Return to a finished run: replay",
    "Pause",
    "Cancel",
    "Authentication",
];

/// What stands for something that was cut out of an example.
const CUT: &str = "…";

/// What is wrong with everything but the fields, a sentence each.
pub fn differences(page: &Page, known: &Known) -> Vec<String> {
    let mut wrong = Vec::new();
    examples(page, known, &mut wrong);
    diagrams(page, known, &mut wrong);
    advice(page, known, &mut wrong);
    outcomes(page, known, &mut wrong);
    routes(page, &mut wrong);
    bindings(page, &mut wrong);
    wrong
}

fn examples(page: &Page, known: &Known, wrong: &mut Vec<String>) {
    let mut shown = BTreeSet::new();
    for block in &page.blocks {
        if !matches!(block.language.as_str(), "json" | "text") {
            continue;
        }
        let (_, text) = framing::unwrap(&block.text);
        let Ok(example) = serde_json::from_str::<Value>(&text) else {
            wrong.push(format!("an example is no JSON: {text}"));
            continue;
        };
        let mut of = known
            .frames
            .iter()
            .filter(|it| is_like(&example, &it.value));
        match of.next() {
            Some(frame) => shown.insert(frame.name()),
            None => {
                wrong.push(format!("an example was never recorded: {text}"));
                continue;
            }
        };
        let own = &block.section;
        let name = ["action", "event"]
            .iter()
            .find_map(|key| example[key].as_str());
        let is_message = known.actions.contains_key(own) || known.controls.contains_key(own);
        if is_message && name != Some(own) {
            wrong.push(format!("the example of {own} is one of {name:?}"));
        }
    }
    let all = known.actions.keys().chain(known.controls.keys());
    for name in all.filter(|it| !shown.contains(it.as_str())) {
        wrong.push(format!("{name} has no example"));
    }
}

/// Whether an example is this value, apart from what was cut out.
fn is_like(example: &Value, value: &Value) -> bool {
    match (example, value) {
        (Value::String(text), _) if text == CUT => true,
        (Value::Object(example), Value::Object(value)) => {
            let is_cut = example.contains_key(CUT);
            let mut told = example.iter().filter(|(name, _)| *name != CUT);
            (is_cut || example.len() == value.len())
                && told.all(|(name, it)| value.get(name).is_some_and(|of| is_like(it, of)))
        }
        (Value::Array(example), Value::Array(value)) => {
            example.len() == value.len()
                && example.iter().zip(value).all(|(it, of)| is_like(it, of))
        }
        _ => example == value,
    }
}

fn diagrams(page: &Page, known: &Known, wrong: &mut Vec<String>) {
    let frames = known.frames.iter().map(|it| it.name());
    let names = known
        .actions
        .keys()
        .chain(known.controls.keys())
        .map(String::as_str);
    let names: BTreeSet<&str> = frames.chain(names).collect();
    for section in SEQUENCES {
        let mut blocks = page.blocks.iter();
        let Some(diagram) = blocks.find(|it| it.language == "mermaid" && it.section == *section)
        else {
            wrong.push(format!("{section} has no diagram"));
            continue;
        };
        let arrows = diagram.text.lines().filter_map(|it| it.split_once(">>"));
        for (_, text) in arrows {
            let said = text.split_once(": ").map_or("", |(_, said)| said);
            let first = said.split([' ', ',']).next().unwrap_or_default();
            let is_more = ["event", "events", "(a", "POST"].contains(&first);
            if !is_more && !names.contains(first) {
                wrong.push(format!("{section}: the diagram says {said:?}"));
            }
        }
    }
}

/// The table of what to do when something comes.
fn advice(page: &Page, known: &Known, wrong: &mut Vec<String>) {
    let tables = page.tables("In short", "when this comes");
    let rows = tables
        .flat_map(|it| it.rows.iter())
        .filter_map(|row| row.first());
    let told: BTreeSet<&str> = rows.map(|it| it.trim_matches('`')).collect();
    for name in known.controls.keys().chain(&known.endings) {
        if !told.contains(name.as_str()) {
            wrong.push(format!("nothing says what to do when {name} comes"));
        }
    }
}

fn outcomes(page: &Page, known: &Known, wrong: &mut Vec<String>) {
    let rows = page
        .tables
        .iter()
        .filter(|it| it.columns.first().is_some_and(|it| it == "`status`"));
    let rows = rows
        .flat_map(|it| it.rows.iter())
        .filter_map(|row| row.first());
    let words: Vec<&str> = rows
        .flat_map(|it| it.split(", "))
        .map(|it| it.trim_matches('`'))
        .collect();
    for word in &words {
        if Outcome::of(word).is_none() {
            wrong.push(format!("{word} is no status for src/protocol"));
        }
    }
    for outcome in &known.outcomes {
        if !words.iter().any(|word| Outcome::of(word) == Some(*outcome)) {
            wrong.push(format!(
                "no status on the page says that a run is {outcome}"
            ));
        }
    }
}

fn routes(page: &Page, wrong: &mut Vec<String>) {
    let rows = page
        .tables
        .iter()
        .filter(|it| it.columns.first().is_some_and(|it| it == "request"));
    let rows = rows
        .flat_map(|it| it.rows.iter())
        .filter_map(|row| row.first());
    let mut missing = BTreeSet::from(["start", "cancel", "resume", "continue", "state"]);
    for request in rows {
        let request = request.trim_matches('`');
        let route = request
            .split_once(' ')
            .and_then(|(method, path)| Route::of(method, path));
        missing.remove(match route.map(|route| route.request) {
            Some(RunRequest::Start) => "start",
            Some(RunRequest::Cancel(_)) => "cancel",
            Some(RunRequest::Resume(_)) => "resume",
            Some(RunRequest::Continue(_)) => "continue",
            Some(RunRequest::State(_)) => "state",
            None => {
                wrong.push(format!("{request} is no request for src/protocol"));
                continue;
            }
        });
    }
    if !missing.is_empty() {
        wrong.push(format!("requests over HTTP are missing: {missing:?}"));
    }
}

/// Every sentence that binds a server names what it is bound by.
fn bindings(page: &Page, wrong: &mut Vec<String>) {
    let id = Regex::new(r"\[([A-Z]+-\d+)\]").expect("a pattern");
    let words = [("must", Level::Must), ("should", Level::Should)];
    let words = words.map(|(word, level)| {
        let pattern = Regex::new(&format!(r"\b{word}\b")).expect("a pattern");
        (word, pattern, level)
    });
    for sentence in &page.sentences {
        let mut levels = Vec::new();
        for id in id.captures_iter(sentence) {
            match registry::find(&id[1]) {
                Some(requirement) => levels.push(requirement.level),
                None => wrong.push(format!("{} is no requirement: {sentence}", &id[1])),
            }
        }
        for (word, pattern, level) in &words {
            if pattern.is_match(sentence) != levels.contains(level) {
                wrong.push(format!("{word:?}, or no {level} that is named: {sentence}"));
            }
        }
    }
}
