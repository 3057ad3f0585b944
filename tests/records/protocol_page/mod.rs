//! Keeps `docs/protocol.md` to `src/protocol`, to the recorded frames and to the requirements.
//! `UPDATE_EXPECTED=1` writes its last part anew, the list of all requirements.

mod fields;
mod known;
mod page;
mod texts;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cucumber::gherkin::{Feature, GherkinEnv};
use reconnect_acceptance::check::registry;
use reconnect_acceptance::suite::features;
use serde_json::json;

use known::Known;
use page::Page;

/// What the part begins with that is written by this test.
const WRITTEN: &str = "<!-- Below here: ";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/protocol.md")
}

fn text() -> String {
    fs::read_to_string(path()).expect("a page")
}

/// What people have written of it.
fn by_hand(text: &str) -> &str {
    text.split_once(WRITTEN).expect("the mark").0
}

fn differences(text: &str, known: &Known) -> Vec<String> {
    let page = Page::parse(by_hand(text));
    let mut wrong = fields::differences(&page, known);
    wrong.extend(texts::differences(&page, known));
    wrong
}

#[test]
fn the_page_says_what_the_source_and_the_recordings_say() {
    let wrong = differences(&text(), &Known::today());
    assert!(wrong.is_empty(), "docs/protocol.md:\n{}", wrong.join("\n"));
}

#[test]
fn the_page_lists_every_requirement_with_its_feature() {
    let text = text();
    let (before, rest) = text.split_once(WRITTEN).expect("the mark");
    let mark = rest.lines().next().unwrap_or_default();
    let expected = format!("{before}{WRITTEN}{mark}\n{}", list());
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path(), expected).expect("written");
        return;
    }
    assert!(
        text == expected,
        "the list of requirements in docs/protocol.md is out of date; \
         UPDATE_EXPECTED=1 cargo test --test records protocol_page writes it"
    );
}

/// All requirements, and where the links to them lead.
fn list() -> String {
    let mut homes: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in features::embedded_files() {
        let feature = Feature::parse(text, GherkinEnv::default()).expect("a feature");
        for rule in feature.rules {
            let of = registry::all().find(|it| it.sentence == rule.name);
            homes.extend(of.map(|it| (it.id.to_owned(), path.clone())));
        }
    }
    let mut rows = String::new();
    let mut links = String::new();
    for requirement in registry::all() {
        let (id, level, sentence) = (requirement.id, requirement.level, requirement.sentence);
        rows += &format!("| [{id}] | {level} | {sentence} |\n");
        let title = sentence.replace('"', "'");
        links += &format!("[{id}]: ../{} \"{title}\"\n", homes[id]);
    }
    format!("\n## All requirements\n\n| id | level | the server |\n|---|---|---|\n{rows}\n{links}")
}

/// The page with something else in this place.
fn doctored(from: &str, to: &str) -> String {
    let text = text();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn what_is_missing_or_wrong_on_the_page_is_found() {
    let row = |name: &str| {
        let text = text();
        let (_, own) = text
            .split_once(&format!("### `{name}`"))
            .expect("a section");
        let first = own.lines().find(|it| it.starts_with("| `")).expect("a row");
        first.to_owned()
    };
    let cases = [
        ("### `pong`", "### `bong`", "pong is missing"),
        ("### `pong`", "### `bong`", "bong is neither in src"),
        (
            "| `missed_events` | whole",
            "| `missing` | whole",
            "catch_up lacks the field missed_events",
        ),
        (
            "| `missed_events` | whole",
            "| `missing` | whole",
            "catch_up: missing is neither",
        ),
        (
            "| `missed_events` | whole number",
            "| `missed_events` | text",
            "missed_events is whole number once",
        ),
        (
            "| `nested_depth` | whole number | 2.9.0",
            "| `nested_depth` | whole number | 2.4.0",
            "nested_depth is missing in 2.4.0",
        ),
        (
            "| `nested_depth` | whole number | 2.9.0",
            "| `nested_depth` | whole number | 3.0.0",
            "nested_depth is in 2.9.0 already",
        ),
        (
            "| `user_id` | text | unrecorded",
            "| `user_id` | text | 2.3.17",
            "start-workflow: user_id is neither",
        ),
        (
            "| `token` | text | 2.3.16",
            "| `token` | text | unrecorded",
            "token is not unrecorded",
        ),
        (
            "| `StepOutput` |",
            "| `StepInput` |",
            "StepOutput is missing",
        ),
        (
            "`step_output` object",
            "`step_input` object",
            "StepOutput lacks the field step_output",
        ),
        (
            "| `workflow_run_id` |",
            "| `workflow` |",
            "events lack the field workflow_run_id",
        ),
        (
            "recordings: `RunError`",
            "recordings: `RunContent`",
            "RunContent is recorded",
        ),
        (
            "\"missed_events\": 23",
            "\"missed_events\": 24",
            "never recorded",
        ),
        (
            "{\"event\": \"pong\"}",
            "{\"action\": \"ping\"}",
            "the example of pong",
        ),
        (
            "S->>C: auth_required",
            "S->>C: auth_wanted",
            "Authentication: the diagram says",
        ),
        (
            "| `queued` | keep",
            "| queue | keep",
            "what to do when queued comes",
        ),
        ("| `paused` |", "| `resting` |", "says that a run is paused"),
        (
            "runs/{run_id}/cancel`",
            "runs/{run_id}/end`",
            "is no request",
        ),
        (" ([CATCHUP-3])", "", "no MUST that is named"),
        ("([CATCHUP-7])", "([CATCHUP-2])", "no SHOULD that is named"),
        (
            "[CATCHUP-3]",
            "[CATCHUP-33]",
            "CATCHUP-33 is no requirement",
        ),
    ];
    let known = Known::today();
    for (from, to, expected) in cases {
        let wrong = differences(&doctored(from, to), &known);
        let is_found = wrong.iter().any(|it| it.contains(expected));
        assert!(is_found, "{to}: no {expected:?} among {wrong:#?}");
    }
    for name in known.actions.keys().chain(known.controls.keys()) {
        let text = text();
        let (before, own) = text
            .split_once(&format!("### `{name}`"))
            .expect("a section");
        let own = own.replacen(&format!("{}\n", row(name)), "", 1);
        let wrong = differences(&format!("{before}### `{name}`{own}"), &known);
        assert!(
            wrong.iter().any(|it| it.contains("lacks the field")),
            "{name}: {wrong:#?}"
        );
    }
}

#[test]
fn what_is_new_in_the_source_or_on_the_wire_is_missed_on_the_page() {
    let text = text();
    let today = Known::today();
    let found = |change: &dyn Fn(&mut Known), expected: &str| {
        let mut known = today.clone();
        change(&mut known);
        let wrong = differences(&text, &known);
        assert!(
            wrong.iter().any(|it| it.contains(expected)),
            "{expected}: {wrong:#?}"
        );
    };
    found(
        &|known| {
            let fields = ["action".into()].into();
            known.actions.insert("dance".into(), fields);
        },
        "dance is missing on the page",
    );
    found(
        &|known| {
            let pong = known.controls.entry("pong".into()).or_default();
            pong.insert("at".into());
        },
        "pong lacks the field at",
    );
    found(
        &|known| {
            known.envelope.insert("flavour".into());
        },
        "events lack the field flavour",
    );
    found(
        &|known| {
            let last = known
                .frames
                .iter_mut()
                .rfind(|it| it.name() == "RunContent");
            last.expect("one").value["flavour"] = json!("sweet");
        },
        "RunContent lacks the field flavour",
    );
    found(
        &|known| {
            let last = known
                .frames
                .iter_mut()
                .rfind(|it| it.name() == "subscribed");
            last.expect("one").value["current_event_count"] = json!("many");
        },
        "subscribed: current_event_count is text once",
    );
    found(
        &|known| {
            let last = known.frames.iter_mut().rfind(|it| it.name() == "replay");
            last.expect("one").value["event"] = json!("rerun");
        },
        "rerun is missing on the page",
    );
}
