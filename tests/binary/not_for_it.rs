//! Exit code 77 of a client: what it says is not for it is tried once more, without telling it the scenario's name.
#![cfg(unix)]

use std::fs;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::call::{Outcome, binary, command, outcome_of};

/// Three scenarios, of two requirements.
const WHAT: &str = "CLIENT-NAME";

/// A run against this shell script, its report, and how often the client was started. The script's arguments are the
/// command of the exemplary viewer.
async fn judged(case: &str, script: &str, options: &[&str]) -> (Outcome, Value, usize) {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (dir, starts) = (path("reports"), path("starts"));
    let script = format!("echo x >> '{starts}'; {script}");
    let mut command = command(&["client", WHAT, "--report-dir", &dir]);
    command
        .args(options)
        .args(["--", "sh", "-c", &script, "sh"]);
    command
        .arg(binary())
        .args(["watch", "--json", "--url", "{url}"]);
    let came = outcome_of(case, command).await;
    let report = fs::read(format!("{dir}/report.json"));
    let report = report.unwrap_or_else(|error| panic!("{error}: {came:?}"));
    let starts = fs::read_to_string(starts).expect("starts").lines().count();
    (came, serde_json::from_slice(&report).expect("JSON"), starts)
}

/// What a client does that goes by the name, and plays what has none.
const BY_NAME: &str = "case $RECONNECT_ACCEPTANCE_SCENARIO in \
    '') exec \"$@\" ;; \
    *agent*|*workflow*) echo 'no nested runs' >&2; exit 77 ;; \
    *) echo 'no <b>names</b>' >&2; exit 77 ;; \
    esac";

#[tokio::test]
async fn what_a_client_can_do_although_it_says_that_it_is_not_for_it_is_noted() {
    let (came, report, starts) = judged("by name", BY_NAME, &[]).await;
    // One for each scenario, and one for each reason.
    assert_eq!(starts, 3 + 2, "{came:?}");
    let nested = "the client says \"no nested runs\" (exit code 77) in 2 scenarios, but passed one of them, \"The last \
                  event before the loss was an agent's\" (CLIENT-NAME-1), when it was not told the scenario's name";
    let names = "the client says \"no <b>names</b>\" (exit code 77) in the scenario \"The connection is reset\" \
                 (CLIENT-NAME-2), but passed it when it was not told the scenario's name";
    assert_eq!(report["notes"], json!([nested, names]), "{came:?}");
    came.printed(&[
        "Trying what the client says is not for it: 2 scenarios once more, without a name",
        &format!("Note: {nested}"),
        &format!("Note: {names}"),
    ]);
    // No verdict depends on it.
    for requirement in report["requirements"].as_array().expect("a list") {
        assert_eq!(requirement["verdict"], "not_applicable", "{requirement}");
    }
    assert_eq!(came.code, Some(3), "{came:?}");
}

#[tokio::test]
async fn a_client_that_stays_with_it_or_fails_is_not_blamed() {
    let always = "echo 'no way back' >&2; exit 77";
    let fails = "[ -n \"$RECONNECT_ACCEPTANCE_SCENARIO\" ] || exec \"$@\" --defect names-run-only; \
                 case $RECONNECT_ACCEPTANCE_SCENARIO in *reset*) echo 'no names' >&2; exit 77 ;; esac; exec \"$@\"";
    let never = "exec \"$@\"";
    for (script, code, expected) in [(always, 3, 3 + 1), (fails, 0, 3 + 1), (never, 0, 3)] {
        let (came, report, starts) = judged(script, script, &[]).await;
        assert_eq!(starts, expected, "{came:?}");
        assert_eq!(came.code, Some(code), "{came:?}");
        assert_eq!(report["notes"], Value::Null, "{came:?}");
        assert!(!came.stdout.contains("Note:"), "{came:?}");
    }
}
