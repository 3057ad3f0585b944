//! One run over several wires: verdicts for each, and everything that reads reports knows them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use pretty_assertions::assert_eq;
use reconnect_acceptance::reference::Config;
use serde_json::{Value, json};

use crate::common::call::{Outcome, call};
use crate::common::host::reference;

/// Everything that the bundled server has, with a fault that each wire shows.
const EVERYTHING: [&str; 4] = [
    "--over=websocket,http",
    "--component=workflow,agent,team",
    "--fault=failing-silent",
    "--step-timeout=2s",
];

async fn run(dir: &Path, arguments: &[&str]) -> (Outcome, Value) {
    let dir_option = format!("--report-dir={}", dir.display());
    let came = call(&[&["run", &dir_option][..], arguments].concat()).await;
    (came, read(dir))
}

fn read(dir: &Path) -> Value {
    let report = fs::read(dir.join("report.json")).expect("a report");
    serde_json::from_slice(&report).expect("JSON")
}

/// The verdict of each requirement, by its id.
fn verdicts(report: &Value) -> Vec<(&str, &str)> {
    let all = report["requirements"].as_array().expect("requirements");
    all.iter()
        .map(|it| {
            (
                it["id"].as_str().expect("an id"),
                it["verdict"].as_str().expect("a verdict"),
            )
        })
        .collect()
}

#[tokio::test]
async fn each_requirement_has_a_verdict_over_each_wire() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = [&EVERYTHING[..], &["FAILING-1", "GREETING-1"]].concat();
    let (came, report) = run(folder.path(), &arguments).await;
    assert_eq!(came.code, Some(1), "{}", came.stderr);
    let wires = [
        "workflow · websocket",
        "workflow · http",
        "agent · http",
        "team · http",
    ];
    assert_eq!(report["target"]["wires"], json!(wires));
    let expected = [
        ("GREETING-1", "passed"),
        ("GREETING-1", "not_applicable"),
        ("GREETING-1", "not_applicable"),
        ("GREETING-1", "not_applicable"),
        ("FAILING-1", "failed"),
        ("FAILING-1", "failed"),
        ("FAILING-1", "failed"),
        ("FAILING-1", "failed"),
    ];
    let over = expected.iter().zip(wires.iter().cycle());
    let ids: Vec<String> = over
        .map(|((id, _), wire)| format!("{id} · {wire}"))
        .collect();
    let ids = ids.iter().map(String::as_str);
    let expected: Vec<_> = ids.zip(expected.map(|(_, verdict)| verdict)).collect();
    assert_eq!(verdicts(&report), expected);
    // One cause, named once with its wires.
    let stdout = &came.stdout;
    assert_eq!(stdout.matches("FAILED").count(), 1, "{stdout}");
    assert!(
        stdout.contains("FAILED FAILING-1 · all wires (MUST)"),
        "{stdout}"
    );
    assert!(stdout.contains("explain FAILING-1\n"), "{stdout}");
    // Its transcripts are there, and it is judged again from them.
    for scenario in report["scenarios"].as_array().expect("scenarios") {
        if let Some(file) = scenario["transcript"].as_str() {
            assert!(folder.path().join(file).is_file(), "{file}");
        }
    }
    let again = call(&["judge", &folder.path().display().to_string()]).await;
    assert_eq!(again.code, Some(1), "{}", again.stderr);
    assert!(
        again.stdout.contains("No verdict changed."),
        "{}",
        again.stdout
    );
}

#[tokio::test]
async fn known_failures_name_the_wire_that_they_are_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("known.toml");
    let written = format!("--write-known-failures={}", list.display());
    let known = format!("--known-failures={}", list.display());
    let arguments = [&EVERYTHING[..], &["FAILING-1", &written]].concat();
    let (came, _) = run(&folder.path().join("one"), &arguments).await;
    assert_eq!(came.code, Some(1), "{}", came.stderr);
    let text = fs::read_to_string(&list).expect("a list");
    for id in [
        "FAILING-1",
        "FAILING-1 · workflow · http",
        "FAILING-1 · team · http",
    ] {
        assert!(text.contains(&format!("id = \"{id}\"\n")), "{text}");
    }
    // All are listed now.
    let arguments = [&EVERYTHING[..], &["FAILING-1", &known]].concat();
    let (came, report) = run(&folder.path().join("two"), &arguments).await;
    assert_eq!(came.code, Some(0), "{}", came.stdout);
    let all = report["requirements"].as_array().expect("requirements");
    assert!(
        all.iter().all(|it| it["known_failure"] == true),
        "{}",
        came.stdout
    );
    // An id without a wire is about the WebSocket.
    fs::write(
        &list,
        "[[known_failure]]\nid = \"FAILING-1\"\nreason = \"r\"\n",
    )
    .expect("written");
    let (came, report) = run(&folder.path().join("three"), &arguments).await;
    assert_eq!(came.code, Some(1), "{}", came.stdout);
    let all = report["requirements"].as_array().expect("requirements");
    let known: Vec<_> = all
        .iter()
        .filter(|it| it["known_failure"] == true)
        .collect();
    let known: Vec<_> = known
        .iter()
        .map(|it| it["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(known, ["FAILING-1 · workflow · websocket"]);
    // It is not stale where that was not judged.
    let arguments = [
        "--over=http",
        "--component=agent",
        "FAILING-1",
        &format!("--known-failures={}", list.display()),
    ];
    let (came, _) = run(&folder.path().join("four"), &arguments).await;
    assert_eq!(came.code, Some(0), "{}", came.stdout);
}

#[tokio::test]
async fn shards_of_it_are_merged_and_what_failed_is_run_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = |name: &str| folder.path().join(name);
    let selection = [&EVERYTHING[..], &["FAILING-1", "CATCHUP-1"]].concat();
    let (whole, expected) = run(&dir("whole"), &selection).await;
    for shard in ["1", "2"] {
        let option = format!("--shard={shard}/2");
        let (came, _) = run(&dir(shard), &[&selection[..], &[&option]].concat()).await;
        assert_eq!(came.stderr, "");
    }
    let [one, two, merged] = ["1", "2", "merged"].map(|it| dir(it).display().to_string());
    let came = call(&["merge", &one, &two, "--report-dir", &merged]).await;
    assert_eq!(came.code, whole.code, "{}", came.stderr);
    let report = read(&dir("merged"));
    assert_eq!(verdicts(&report), verdicts(&expected));
    // Again only what failed, over its wires.
    let rerun = format!("--rerun={}", dir("whole").display());
    let arguments = [&EVERYTHING[..], &[&rerun]].concat();
    let (came, report) = run(&dir("again"), &arguments).await;
    assert_eq!(came.code, Some(1), "{}", came.stderr);
    let count = |it: &Value| it["scenarios"].as_array().expect("scenarios").len();
    assert!(count(&report) < count(&expected), "{}", came.stdout);
    let failed = verdicts(&report);
    let failed = failed.iter().filter(|it| it.1 == "failed").count();
    assert_eq!(failed, 4, "{}", came.stdout);
}

#[tokio::test]
async fn a_target_file_names_what_is_judged() {
    let server = reference(Config {
        pace: Duration::from_millis(40),
        ..Config::default()
    });
    let server = server.await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("target.toml");
    let text = format!(
        "url = \"{}\"\nhttp_url = \"{}\"\n\n[parts.long]\nworkflow_id = \"content-creation-workflow\"\n\n\
         [agents.long]\nid = \"long-agent\"\n",
        server.url(),
        server.http_url()
    );
    fs::write(&file, &text).expect("written");
    let option = format!("--target={}", file.display());
    let arguments = ["--over=websocket,http", &option, "CATCHUP-2"];
    let (came, report) = run(&folder.path().join("both"), &arguments).await;
    assert_eq!(came.code, Some(0), "{}{}", came.stdout, came.stderr);
    let all = verdicts(&report);
    let all: Vec<_> = all
        .into_iter()
        .filter(|(id, _)| id.starts_with("CATCHUP-2"))
        .collect();
    let expected = [
        ("CATCHUP-2 · workflow · websocket", "passed"),
        ("CATCHUP-2 · workflow · http", "passed"),
        ("CATCHUP-2 · agent · http", "passed"),
    ];
    assert_eq!(all, expected);
    // A part that there is not is refused with its line.
    fs::write(&file, text.replace("[agents.long]", "[agents.lnog]")).expect("written");
    let came = call(&["run", &option]).await;
    assert_eq!(came.code, Some(2));
    assert!(
        came.stderr.contains("line 7: unknown part \"lnog\""),
        "{}",
        came.stderr
    );
}

#[tokio::test]
async fn a_server_that_there_is_not_is_said_once() {
    let came = call(&[
        "run",
        "--url=ws://127.0.0.1:1",
        "--over=websocket,http",
        "CATCHUP-2",
    ])
    .await;
    assert_eq!(came.code, Some(3), "{}", came.stdout);
    assert_eq!(came.stdout.matches("refused").count(), 1, "{}", came.stdout);
}
