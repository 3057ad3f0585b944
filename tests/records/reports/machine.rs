//! What machines read.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use pretty_assertions::assert_eq;
use reconnect_acceptance::report::model::run::{
    FeatureReport, RuleReport, Run, RunReport, RunVerdict,
};
use reconnect_acceptance::report::render::{
    annotations, cucumber_json, html, json, junit, messages, summary,
};
use reconnect_acceptance::report::store::folder;
use reconnect_acceptance::report::store::folder::Error;
use reconnect_acceptance::report::text::escape::is_invisible;
use serde_json::Value;

use super::{expect, fixture};

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}

fn junit(report: &RunReport) -> String {
    text(|out| junit::write(report, out))
}

fn cucumber(report: &RunReport) -> Value {
    let text = text(|out| cucumber_json::write(report, out));
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn junit_is_as_expected() {
    expect("green_junit", &junit(&fixture::green().report));
    expect("red_junit", &junit(&fixture::red().report));
    expect("unreachable_junit", &junit(&fixture::unreachable().report));
}

#[test]
fn junit_is_never_green_where_the_run_failed() {
    // GREETING-1 fails in a scenario of CATCHUP-7 alone.
    let mut report = fixture::red().report;
    for requirement in &mut report.requirements {
        requirement.known_failure = requirement.id != "GREETING-1";
    }
    let xml = junit(&report);
    assert!(xml.contains("failures=\"1\""), "{xml}");
    assert!(xml.contains("known failure: CATCHUP-2"), "{xml}");
}

#[test]
fn each_cause_is_annotated_once_where_its_scenario_is() {
    let text = annotations::text(&fixture::red());
    expect("red_annotations", &text);
    let errors = text
        .lines()
        .filter(|it| it.starts_with("::error file=features/"));
    assert!(errors.count() > 0, "{text}");
    let one = annotations::text(&fixture::one_cause());
    assert_eq!(one.lines().count(), 1, "{one}");
    assert_eq!(annotations::text(&fixture::green()), "");
    assert_eq!(annotations::text(&fixture::unreachable()), "");
}

#[test]
fn what_no_scenario_of_a_file_shows_is_annotated_where_it_is_stated() {
    let mut run = fixture::one_cause();
    let shown = run
        .report
        .requirements
        .iter()
        .flat_map(|it| &it.findings)
        .map(|it| it.scenario.clone())
        .collect::<Vec<_>>();
    for scenario in &mut run.report.scenarios {
        if shown.contains(&scenario.id) {
            scenario.path = String::new();
        }
    }
    let text = annotations::text(&run);
    assert!(!text.is_empty() && !text.contains("file=,"), "{text}");
}

#[test]
fn annotations_take_hostile_text() {
    let mut run = fixture::hostile();
    for scenario in &mut run.report.scenarios {
        scenario.path = "a,line=9::error::x\n::error::y%0A".to_owned();
    }
    let words = "\r\n::error::from the server\n##[error]x\n::stop-commands::y\n%0A::add-mask::z";
    for requirement in &mut run.report.requirements {
        requirement.title = words.to_owned();
        for it in &mut requirement.findings {
            it.finding.observed = words.to_owned();
        }
    }
    let text = annotations::text(&run);
    assert!(!text.is_empty() && text.len() < 1 << 16, "{}", text.len());
    assert!(!text.contains(|c: char| c != '\n' && is_invisible(c)));
    for line in text.lines() {
        // One command a line, and its parameters are ours.
        let (head, message) = line.split_once("title=").expect(line);
        assert!(
            ["::error", "::warning", "::notice"]
                .iter()
                .any(|it| head.starts_with(it)),
            "{line}"
        );
        assert!(!head[2..].contains("::"), "{line}");
        assert_eq!(message.matches("::").count(), 1, "{line}");
        assert!(!message.contains("##["), "{line}");
    }
}

#[test]
fn junit_takes_hostile_text() {
    let xml = junit(&fixture::hostile().report);
    let odd = |c: char| c != '\n' && is_invisible(c);
    assert!(!xml.contains(odd));
    assert!(!xml.contains("]]>") && !xml.contains("</script>"));
    assert!(xml.len() < 1 << 20, "bounded, not {}", xml.len());
    assert!(
        xml.contains("errors=\"3\""),
        "failures of the suite itself are errors"
    );
}

#[test]
fn cucumber_json_is_as_expected() {
    let red = fixture::red().report;
    expect("red_cucumber", &text(|out| cucumber_json::write(&red, out)));
}

#[test]
fn cucumber_json_shows_every_verdict_on_a_step() {
    let green = cucumber(&fixture::green().report);
    assert!(statuses(&green).iter().all(|status| status == "passed"));
    let red = cucumber(&fixture::red().report);
    for status in ["failed", "pending", "skipped"] {
        assert!(statuses(&red).contains(&status.to_owned()), "{status}");
    }
    let mut hostile = fixture::hostile();
    // From a feature file of another suite, or a stored report.
    hostile.report.scenarios[0].steps[0].keyword = "Given\u{202e}".to_owned();
    let hostile = text(|out| cucumber_json::write(&hostile.report, out));
    assert!(!hostile.contains(|c: char| c != '\n' && is_invisible(c)));
}

fn statuses(features: &Value) -> Vec<String> {
    let mut statuses = Vec::new();
    for feature in features.as_array().expect("an array") {
        for element in feature["elements"].as_array().expect("elements") {
            for step in element["steps"].as_array().expect("steps") {
                let status = step["result"]["status"].as_str().expect("a status");
                let message = step["result"]["error_message"].is_string();
                assert!(status != "failed" || message, "{step}");
                statuses.push(status.to_owned());
            }
        }
    }
    statuses
}

#[test]
fn what_is_listed_is_skipped_in_formats_with_steps_too() {
    let mut run = fixture::red();
    for requirement in &mut run.report.requirements {
        requirement.known_failure = requirement.id != "GREETING-1";
    }
    let features = cucumber(&run.report);
    let elements = |it: &Value| it["elements"].as_array().cloned().expect("elements");
    let all = features.as_array().expect("an array");
    let all: Vec<Value> = all.iter().flat_map(elements).collect();
    let has = |element: &Value, tag: &str| {
        let mut tags = element["tags"].as_array().expect("tags").iter();
        tags.any(|it| it["name"] == tag)
    };
    let failed = |element: &Value| element.to_string().contains("\"failed\"");
    let known: Vec<_> = all.iter().filter(|it| has(it, "@known-failure")).collect();
    assert!(!known.is_empty());
    for element in known {
        assert!(!failed(element), "{element}");
        assert!(
            element.to_string().contains("known failure\\n"),
            "{element}"
        );
    }
    // GREETING-1 is listed nowhere.
    let red: Vec<_> = all.iter().filter(|it| failed(it)).collect();
    assert_eq!(red.len(), 1);
    assert!(!has(red[0], "@known-failure"));
    let ndjson = text(|out| messages::write(&run, out));
    let failures = ndjson.matches("\"status\":\"FAILED\"").count();
    assert_eq!(failures, 1);
    assert!(ndjson.contains("\"@known-failure\""));
}

#[test]
fn features_introduce_themselves_in_every_format_that_tells_them() {
    let mut run = fixture::red();
    let scenario = run.report.scenarios[0].clone();
    run.report.features = vec![FeatureReport {
        path: scenario.path.clone(),
        name: scenario.feature.clone(),
        description: "Nobody is <b>left</b> waiting:\nthey `pong`.\n\nEver.\u{202e}".to_owned(),
        line: 3,
        rules: vec![RuleReport {
            name: scenario.rule.clone(),
            description: "So it is & stays.".to_owned(),
            line: 7,
        }],
    }];
    let html = text(|out| html::write(&run, out));
    for wanted in [
        "Nobody is &lt;b&gt;left&lt;/b&gt; waiting: they <code>pong</code>.</p>",
        "<p class=\"introduction\">Ever.\\u{202e}</p>",
        "<p class=\"description\">So it is &amp; stays.</p>",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    let feature = cucumber(&run.report)[0].clone();
    let visible = "Nobody is <b>left</b> waiting:\nthey `pong`.\n\nEver.\\u{202e}";
    assert_eq!(feature["description"], visible);
    assert_eq!(feature["line"], 3);
    let ndjson = text(|out| messages::write(&run, out));
    let document = ndjson.lines().find(|line| line.contains("gherkinDocument"));
    let document: Value = serde_json::from_str(document.expect("one")).expect("JSON");
    let feature = &document["gherkinDocument"]["feature"];
    assert_eq!(feature["description"], visible);
    assert_eq!(feature["location"]["line"], 3);
    let rule = &feature["children"][0]["rule"];
    assert_eq!(rule["description"], "So it is & stays.");
    assert_eq!(rule["location"]["line"], 7);
    // A report of a suite that did not store them is read all the same.
    let stored = text(|out| json::write(&run.report, out));
    assert_eq!(
        json::read(stored.as_bytes()).expect("read").features,
        run.report.features
    );
    assert!(!text(|out| json::write(&fixture::red().report, out)).contains("\"features\""));
}

#[test]
fn a_report_is_read_as_it_was_written() {
    for run in [fixture::red(), fixture::hostile()] {
        let written = text(|out| json::write(&run.report, out));
        let read = json::read(written.as_bytes()).expect("read");
        assert_eq!(text(|out| json::write(&read, out)), written);
    }
    let other = r#"{"schema_version": 1}"#;
    let error = json::read(other.as_bytes()).expect_err("another version");
    assert!(
        error.to_string().contains("schema version 1 is not 2"),
        "{error}"
    );
    assert!(json::read(&b"{}"[..]).is_err());
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_folder_holds_everything_and_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("deep/report");
    let old = dir.join("transcripts");
    fs::create_dir_all(old.join("kept.jsonl")).expect("a folder");
    fs::write(old.join("old.jsonl"), "old").expect("a file");
    fs::write(old.join("notes.txt"), "mine").expect("a file");
    let run = fixture::red();
    folder::write_all(&run, &dir, None).expect("write");
    folder::write_all(&run, &dir, None).expect("write again");
    assert_eq!(
        files(&dir),
        [
            "annotations.txt",
            "cucumber.json",
            "junit.xml",
            "messages.ndjson",
            "report.html",
            "report.json",
            "reproductions",
            "summary.md",
            "transcripts"
        ]
    );
    let transcripts = files(&old);
    assert_eq!(transcripts.len(), run.transcripts.len() + 2);
    assert!(!transcripts.contains(&"old.jsonl".to_owned()));
    let again = folder::read(&dir).expect("read");
    assert_eq!(again.report.verdict(), RunVerdict::Failed);
    assert_eq!(
        again.transcripts.keys().collect::<Vec<_>>(),
        run.transcripts.keys().collect::<Vec<_>>()
    );
    let some = run.transcripts.keys().next().expect("one");
    assert_eq!(
        again.transcripts[some].entries().len(),
        run.transcripts[some].entries().len()
    );
}

#[test]
fn nothing_is_written_outside_of_the_folder() {
    for name in [
        "transcripts/../../evil.jsonl",
        "../evil.jsonl",
        "/tmp/evil.jsonl",
        "evil.jsonl",
        "transcripts/deep/evil.jsonl",
        "transcripts/",
        "transcripts/..",
        "transcripts/.jsonl",
        "transcripts/a\\..\\evil.jsonl",
        "transcripts/evil.html",
        "transcripts/01_greeting-2.JSONL",
        "transcripts/01_GREETING-2.jsonl",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("report");
        let mut run = fixture::green();
        run.report.scenarios[0].transcript = Some(name.to_owned());
        let error = folder::write_all(&run, &dir, None).expect_err(name);
        assert!(matches!(error, Error::Name { .. }), "{name}: {error}");
        assert!(!dir.exists(), "{name}: something was written");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let error = folder::write_all(&fixture::green(), &file, None).expect_err("no folder");
    assert!(error.to_string().starts_with("write "), "{error}");
    assert!(error.to_string().contains("file"), "{error}");
    // Where a file is in the way of one of ours, nothing temporary stays.
    let dir = folder.path().join("report");
    fs::create_dir_all(dir.join("report.json/x")).expect("a folder");
    folder::write_all(&fixture::green(), &dir, None).expect_err("a folder is in the way");
    assert!(files(&dir).iter().all(|name| !name.starts_with('.')));
}

#[test]
fn a_run_without_a_record_has_no_transcripts() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = Run {
        transcripts: std::collections::BTreeMap::new(),
        ..fixture::unreachable()
    };
    folder::write_all(&run, folder.path(), None).expect("write");
    assert!(files(&folder.path().join("transcripts")).is_empty());
    assert!(
        folder::read(folder.path())
            .expect("read")
            .transcripts
            .is_empty()
    );
}

#[test]
fn the_summary_is_as_expected() {
    for (name, run) in [
        ("green_summary", fixture::green()),
        ("red_summary", fixture::red()),
        ("unreachable_summary", fixture::unreachable()),
    ] {
        expect(name, &summary::text(&run));
    }
}

#[test]
fn the_summary_takes_hostile_text() {
    let text = summary::text(&fixture::hostile());
    assert!(!text.contains(|c: char| c != '\n' && is_invisible(c)));
    assert!(text.len() < 50_000, "bounded, not {}", text.len());
    // Outside of code there is no markup but the suite's own.
    let outside: String = text
        .lines()
        .flat_map(|line| line.split('`').step_by(2))
        .collect();
    for markup in ["</script", "<img", "]("] {
        assert!(!outside.contains(markup), "{markup} in {outside}");
    }
    let open = text.matches("<details>").count();
    assert_eq!(open, text.matches("</details>").count());
}

#[test]
fn messages_tell_of_every_step() {
    for run in [
        fixture::green(),
        fixture::red(),
        fixture::unreachable(),
        fixture::hostile(),
    ] {
        let text = text(|out| messages::write(&run, out));
        assert!(!text.contains(|c: char| c != '\n' && is_invisible(c)));
        let all: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let of = |kind: &str| -> Vec<&Value> { all.iter().filter_map(|it| it.get(kind)).collect() };
        let scenarios = run.report.scenarios.len();
        for kind in ["pickle", "testCase", "testCaseStarted", "testCaseFinished"] {
            assert_eq!(of(kind).len(), scenarios, "{kind}");
        }
        let steps: usize = run.report.scenarios.iter().map(|it| it.steps.len()).sum();
        assert_eq!(of("testStepFinished").len(), steps);
        assert_eq!(of("attachment").len(), run.transcripts.len());
        for attachment in of("attachment") {
            // A formatter that prints texts as they are would print every transcript.
            assert_eq!(attachment["contentEncoding"], "BASE64");
            let body = attachment["body"].as_str().expect("a text");
            let text = BASE64_STANDARD.decode(body).expect("Base64");
            let text = String::from_utf8(text).expect("UTF-8");
            assert!(!text.contains(|c: char| c != '\n' && is_invisible(c)));
            match attachment["mediaType"].as_str() {
                Some("application/jsonl") => {
                    for line in text.lines() {
                        serde_json::from_str::<Value>(line).expect("JSON");
                    }
                }
                other => {
                    assert_eq!(other, Some("text/plain"));
                    assert!(text.contains(" entries; the full transcript: "), "{text}");
                }
            }
        }
        assert!(text.len() < 4 << 20, "bounded, not {}", text.len());
        let last = of("testRunFinished");
        let green = run.report.verdict() == RunVerdict::Passed;
        assert_eq!(last[0]["success"], green);
        let step_failed = of("testStepFinished")
            .iter()
            .any(|it| it["testStepResult"]["status"] == "FAILED");
        let totals = run.report.totals();
        assert_eq!(step_failed, totals.must.failed + totals.should.failed > 0);
    }
}
