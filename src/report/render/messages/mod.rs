//! `messages.ndjson`: Cucumber Messages, one envelope a line, for Cucumber's own formatters. It is
//! valid for npm `@cucumber/messages`.
//!
//! Features and rules are written as far as the run model knows them: an outline's rows are scenarios of
//! their own, and the steps of a background are the scenario's. As in `cucumber.json`, a verdict that
//! no step shows is shown on the last one. The transcript is an `attachment` of the step that decided.

mod attachment;

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::report::model::run::{RuleReport, Run, RunReport, RunVerdict, ScenarioReport};
use crate::report::model::specification::visible;
use crate::report::text::escape::{escape_visible, escape_whole};
use crate::report::view::grouped;
use crate::report::view::scenario as scenario_view;
use crate::report::view::scenario::{Elsewhere, ShownStep, Status};

/// The name of the file in the report folder.
pub const FILE: &str = "messages.ndjson";

/// The version of the protocol that this module writes.
const PROTOCOL: &str = "34.2.1";

/// The longest name, in characters.
const LONGEST: usize = 2_000;

/// The one attempt of a scenario.
struct Case<'r> {
    scenario: &'r ScenarioReport,
    steps: Vec<ShownStep>,
    tags: Vec<String>,
    /// What the ids of its messages begin with.
    id: String,
}

/// Writes the messages.
///
/// # Errors
///
/// Those of the writer.
pub fn write(run: &Run, mut out: impl Write) -> io::Result<()> {
    let report = &run.report;
    let elsewhere = Elsewhere::of(report);
    let cases: Vec<_> = report
        .scenarios
        .iter()
        .enumerate()
        .map(|(place, scenario)| Case {
            scenario,
            steps: scenario_view::steps(report, scenario, &elsewhere),
            tags: scenario_view::tags(report, scenario, &elsewhere),
            id: format!("scenario-{}", place + 1),
        })
        .collect();
    let mut say = |kind: &str, body: Value| -> io::Result<()> {
        let mut envelope = serde_json::Map::new();
        envelope.insert(kind.to_owned(), body);
        serde_json::to_writer(&mut out, &envelope)?;
        out.write_all(b"\n")
    };
    say("meta", meta(report))?;
    for document in documents(report, &cases) {
        say("gherkinDocument", document)?;
    }
    for case in &cases {
        say("pickle", pickle(case))?;
    }
    let began: Timestamp = report.started_at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    say(
        "testRunStarted",
        json!({"timestamp": timestamp(began, 0), "id": "run"}),
    )?;
    for case in &cases {
        say("testCase", test_case(case))?;
    }
    for case in &cases {
        play(run, case, began, &mut say)?;
    }
    let mut finished = json!({
        "success": report.verdict() == RunVerdict::Passed,
        "timestamp": timestamp(began, report.duration_ms),
        "testRunStartedId": "run",
    });
    if let Some(reason) = report.suite_errors.first().or(report.interrupted.as_ref()) {
        finished["message"] = escape_visible(reason, LONGEST).into();
    }
    say("testRunFinished", finished)
}

fn meta(report: &RunReport) -> Value {
    json!({
        "protocolVersion": PROTOCOL,
        "implementation": {
            "name": "reconnect-acceptance",
            "version": escape_visible(&report.suite_version, LONGEST),
        },
        "runtime": {"name": "rust"},
        "os": {"name": std::env::consts::OS},
        "cpu": {"name": std::env::consts::ARCH},
    })
}

/// A document for each feature.
fn documents(report: &RunReport, cases: &[Case<'_>]) -> Vec<Value> {
    let files = grouped(cases, |it| &it.scenario.path);
    let document = |(at, (path, cases)): (usize, &(&str, Vec<&Case<'_>>))| {
        let rules = grouped(cases.iter().copied(), |it| &it.scenario.rule);
        let introduction = report.feature(path);
        let children: Vec<Value> = rules
            .iter()
            .enumerate()
            .flat_map(|(number, (rule, cases))| {
                let id = format!("rule-{}-{}", at + 1, number + 1);
                children(&id, rule, introduction.and_then(|it| it.rule(rule)), cases)
            })
            .collect();
        let name = cases
            .first()
            .map_or("", |case| case.scenario.feature.as_str());
        json!({
            "uri": uri(path),
            "feature": {
                "location": {"line": introduction.map_or(1, |it| it.line.max(1))},
                "tags": [],
                "language": "en",
                "keyword": "Feature",
                "name": escape_visible(name, LONGEST),
                "description": introduction.map_or_else(String::new, |it| visible(&it.description)),
                "children": children,
            },
            "comments": [],
        })
    };
    files.iter().enumerate().map(document).collect()
}

/// A rule with its scenarios; the scenarios alone where they are under none.
fn children(
    id: &str,
    name: &str,
    introduction: Option<&RuleReport>,
    cases: &[&Case<'_>],
) -> Vec<Value> {
    let scenarios: Vec<Value> = cases.iter().map(|it| scenario(it)).collect();
    if name.is_empty() {
        return scenarios;
    }
    // Older reports do not know the line of a rule; it is above its first scenario.
    let first = cases.iter().map(|case| case.scenario.line).min();
    let above = first.unwrap_or(2).saturating_sub(1);
    let line = introduction.map_or(above, |it| it.line).max(1);
    vec![json!({
        "rule": {
            "id": id,
            "location": {"line": line},
            "tags": [],
            "keyword": "Rule",
            "name": escape_visible(name, LONGEST),
            "description": introduction.map_or_else(String::new, |it| visible(&it.description)),
            "children": scenarios,
        }
    })]
}

fn scenario(case: &Case<'_>) -> Value {
    let line = case.scenario.line.max(1);
    let tags: Vec<Value> = tags(case)
        .map(|(id, name)| json!({"id": id, "name": name, "location": {"line": line}}))
        .collect();
    let steps: Vec<Value> = case
        .steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            json!({
                "id": format!("{}-step-{}", case.id, at + 1),
                "location": {"line": step.line.max(1)},
                "keyword": format!("{} ", step.keyword),
                "keywordType": keyword_type(&step.keyword),
                "text": step.text,
            })
        })
        .collect();
    json!({
        "scenario": {
            "id": case.id,
            "location": {"line": line},
            "tags": tags,
            "keyword": "Scenario",
            "name": escape_visible(case.scenario.name_and_row(), LONGEST),
            "description": "",
            "steps": steps,
            "examples": [],
        }
    })
}

fn tags(case: &Case<'_>) -> impl Iterator<Item = (String, String)> {
    let tags = case.tags.iter().enumerate();
    tags.map(|(at, tag)| {
        let id = format!("{}-tag-{}", case.id, at + 1);
        (id, format!("@{tag}"))
    })
}

fn pickle(case: &Case<'_>) -> Value {
    let mut kind = "Unknown";
    let steps: Vec<Value> = case
        .steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            match keyword_type(&step.keyword) {
                "Conjunction" => {}
                other => kind = other,
            }
            json!({
                "id": format!("{}-pickle-step-{}", case.id, at + 1),
                "astNodeIds": [format!("{}-step-{}", case.id, at + 1)],
                "type": kind,
                "text": step.text,
            })
        })
        .collect();
    let tags: Vec<Value> = tags(case)
        .map(|(id, name)| json!({"name": name, "astNodeId": id}))
        .collect();
    json!({
        "id": format!("{}-pickle", case.id),
        "uri": uri(&case.scenario.path),
        "name": escape_visible(case.scenario.name_and_row(), LONGEST),
        "language": "en",
        "astNodeIds": [case.id],
        "tags": tags,
        "steps": steps,
    })
}

fn test_case(case: &Case<'_>) -> Value {
    let steps: Vec<Value> = (1..=case.steps.len())
        .map(|number| {
            json!({
                "id": format!("{}-test-step-{number}", case.id),
                "pickleStepId": format!("{}-pickle-step-{number}", case.id),
                "stepDefinitionIds": [],
                "stepMatchArgumentsLists": [],
            })
        })
        .collect();
    json!({
        "id": format!("{}-case", case.id),
        "pickleId": format!("{}-pickle", case.id),
        "testSteps": steps,
        "testRunStartedId": "run",
    })
}

/// What became of a scenario. The model knows how long its steps took, not when it began.
fn play(
    run: &Run,
    case: &Case<'_>,
    began: Timestamp,
    say: &mut impl FnMut(&str, Value) -> io::Result<()>,
) -> io::Result<()> {
    let attempt = format!("{}-attempt", case.id);
    let started = json!({
        "id": attempt,
        "testCaseId": format!("{}-case", case.id),
        "attempt": 0,
        "timestamp": timestamp(began, 0),
    });
    say("testCaseStarted", started)?;
    let decisive = case
        .steps
        .iter()
        .position(|step| step.status != Status::Passed);
    let decisive = decisive.unwrap_or(case.steps.len().saturating_sub(1));
    let mut passed = 0_u64;
    for (at, step) in case.steps.iter().enumerate() {
        let id = format!("{}-test-step-{}", case.id, at + 1);
        let started = json!({
            "testCaseStartedId": attempt,
            "testStepId": id,
            "timestamp": timestamp(began, passed),
        });
        say("testStepStarted", started)?;
        if at == decisive
            && let Some(transcript) = run.transcripts.get(&case.scenario.id)
        {
            let mut attachment = attachment::of(&run.report, transcript, case.scenario)?;
            attachment["testCaseStartedId"] = attempt.as_str().into();
            attachment["testStepId"] = id.as_str().into();
            say("attachment", attachment)?;
        }
        passed = passed.saturating_add(step.duration_ms);
        let mut result = json!({
            "duration": duration(step.duration_ms),
            "status": match step.status {
                Status::Passed => "PASSED",
                Status::Skipped => "SKIPPED",
                Status::Pending => "PENDING",
                Status::Failed => "FAILED",
            },
        });
        if let Some(message) = &step.message {
            result["message"] = message.as_str().into();
        }
        let finished = json!({
            "testCaseStartedId": attempt,
            "testStepId": id,
            "testStepResult": result,
            "timestamp": timestamp(began, passed),
        });
        say("testStepFinished", finished)?;
    }
    let finished = json!({
        "testCaseStartedId": attempt,
        "timestamp": timestamp(began, case.scenario.duration_ms.max(passed)),
        "willBeRetried": false,
    });
    say("testCaseFinished", finished)
}

fn keyword_type(keyword: &str) -> &'static str {
    match keyword {
        "Given" => "Context",
        "When" => "Action",
        "Then" => "Outcome",
        "And" | "But" => "Conjunction",
        _ => "Unknown",
    }
}

fn uri(path: &str) -> String {
    match path {
        "" => "the suite".to_owned(),
        path => escape_whole(path),
    }
}

fn timestamp(began: Timestamp, after_ms: u64) -> Value {
    let after = SignedDuration::from_millis(i64::try_from(after_ms).unwrap_or(i64::MAX));
    let at = began.checked_add(after).unwrap_or(began);
    json!({"seconds": at.as_second(), "nanos": at.subsec_nanosecond().max(0)})
}

fn duration(ms: u64) -> Value {
    json!({"seconds": ms / 1000, "nanos": ms % 1000 * 1_000_000})
}
