//! Clients that are judged: one that keeps every rule, one for each defect, and some that do nothing or too much.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::call::{Outcome, command, outcome, outcome_of};

/// A client of Python's standard library alone; the variable `DEFECT` names what it does wrong.
const VIEWER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/clients/viewer.py");

/// Short limits, but not so short that a busy machine is taken for a slow client.
const LIMITS: &[&str] = &["--step-timeout", "8s", "--notice", "20s", "--outage", "3s"];

/// A defect, and exactly the requirements that it breaks, without `CLIENT-`.
const DEFECTS: &[(&str, &[&str])] = &[
    ("gives-up", &["RETURN-1", "RETURN-2"]),
    ("clean-is-end", &["RETURN-2"]),
    ("restarts-run", &["RETURN-4"]),
    (
        "stale-position",
        &["LISTEN-1", "POSITION-2", "POSITION-3", "POSITION-4"],
    ),
    (
        "sse-only",
        &["LISTEN-1", "POSITION-2", "POSITION-3", "POSITION-4"],
    ),
    (
        "counts-messages",
        &["LISTEN-2", "POSITION-1", "POSITION-2", "POSITION-4"],
    ),
    ("agent-run-id", &["NAME-1"]),
    ("names-run-only", &["NAME-2"]),
    ("known-names", &["LISTEN-3", "POSITION-2"]),
    ("dies-of-garbage", &["LISTEN-4"]),
    (
        "text-position",
        &[
            "LISTEN-1",
            "LISTEN-3",
            "LISTEN-4",
            "POSITION-2",
            "POSITION-5",
        ],
    ),
    ("back-after-ending", &["RETURN-5"]),
];

/// The families in which these defects show.
const FAMILIES: &[&str] = &["CLIENT-LISTEN", "CLIENT-NAME", "CLIENT-POSITION"];
const RETURNS: &[&str] = &[
    "CLIENT-RETURN-1",
    "CLIENT-RETURN-2",
    "CLIENT-RETURN-4",
    "CLIENT-RETURN-5",
];

/// A run of the suite against this client, and its report.
async fn judged(case: &str, what: &[&str], client: &[&str], defect: &str) -> (Outcome, Value) {
    let folder = TempDir::new().expect("a folder");
    let dir = folder.path().to_str().expect("a path");
    let arguments = [
        &["client"],
        what,
        LIMITS,
        &["--report-dir", dir],
        &["--"],
        client,
    ];
    let mut command = command(&arguments.concat());
    command.env("DEFECT", defect);
    let outcome = outcome_of(case, command).await;
    let report = std::fs::read(folder.path().join("report.json"));
    let report = report.unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    (outcome, serde_json::from_slice(&report).expect("a report"))
}

fn of(report: &Value, verdict: &str) -> BTreeSet<String> {
    let all = report["requirements"].as_array().expect("requirements");
    let these = all.iter().filter(|it| it["verdict"] == verdict);
    these
        .map(|it| it["id"].as_str().expect("an id").replace("CLIENT-", ""))
        .collect()
}

#[tokio::test]
#[ignore = "needs python3, and minutes: .ci/run has both"]
async fn a_client_that_keeps_every_rule_passes_all_that_applies() {
    let (outcome, report) = judged("a good client", &[], &["python3", VIEWER], "").await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(of(&report, "passed").len(), 32, "{outcome:?}");
    // It has no token.
    let tokens: Vec<String> = of(&report, "not_applicable").into_iter().collect();
    assert_eq!(tokens, ["AUTH-1", "AUTH-2", "AUTH-3"]);
    assert_eq!(report["target"]["kind"], "client");
}

#[tokio::test]
#[ignore = "needs python3, and minutes: .ci/run has both"]
async fn each_defect_breaks_exactly_its_requirements() {
    for (defect, breaks) in DEFECTS {
        let what = [FAMILIES, RETURNS].concat();
        let (outcome, report) = judged(defect, &what, &["python3", VIEWER], defect).await;
        let expected: BTreeSet<String> = breaks.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(of(&report, "failed"), expected, "{defect}: {outcome:?}");
    }
}

#[tokio::test]
#[ignore = "needs python3, and minutes: .ci/run has both"]
async fn a_token_is_shown_and_never_recorded() {
    const TOKEN: &str = "a-token-of-the-client-7f3a";
    let folder = TempDir::new().expect("a folder");
    let dir = folder.path().to_str().expect("a path");
    let own = [
        "client",
        "CLIENT-AUTH",
        "--token-env",
        "OWN",
        "--report-dir",
        dir,
    ];
    for (defect, failed) in [
        ("", ""),
        ("no-reauth", "AUTH-1"),
        ("token-again", "AUTH-2"),
        ("token-in-url", "AUTH-3"),
    ] {
        let mut command = command(&[&own, LIMITS, &["--", "python3", VIEWER]].concat());
        command.env("OWN", TOKEN).env("DEFECT", defect);
        let outcome = outcome(command).await;
        let text = std::fs::read_to_string(folder.path().join("report.json")).expect("a report");
        let report = serde_json::from_str(&text).expect("JSON");
        let expected: BTreeSet<String> = [failed.to_owned()].into();
        let expected = if failed.is_empty() {
            BTreeSet::new()
        } else {
            expected
        };
        assert_eq!(of(&report, "failed"), expected, "{defect}: {outcome:?}");
        let transcripts = std::fs::read_dir(folder.path().join("transcripts")).expect("some");
        for transcript in transcripts {
            let path = transcript.expect("a transcript").path();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(!text.contains(TOKEN), "{}", path.display());
        }
    }
}

/// A shell that does this; `$0` is the server's address.
async fn shell(script: &str) -> (Outcome, Value) {
    let what = ["CLIENT-RETURN-1", "CLIENT-ENDING", "CLIENT-BACKOFF-1"];
    judged(script, &what, &["sh", "-c", script], "").await
}

#[tokio::test]
async fn a_client_that_does_nothing_passes_nothing() {
    for script in ["true", "sleep 60", "exit 9", "kill -9 $$"] {
        let (outcome, report) = shell(script).await;
        assert_eq!(outcome.code, Some(3), "{script}: {outcome:?}");
        assert_eq!(of(&report, "passed"), BTreeSet::new(), "{script}");
        assert_eq!(of(&report, "failed"), BTreeSet::new(), "{script}");
    }
}

#[tokio::test]
#[ignore = "needs python3, and minutes: .ci/run has both"]
async fn a_client_that_does_too_much_is_bounded_and_nothing_of_it_is_left() {
    const MARK: &str = "1047.25";
    let sleep = format!("sleep {MARK}");
    let scripts = [
        format!("yes \"$(head -c 100000 /dev/zero | tr '\\0' x)\" & {sleep}"),
        "head -c 20000000 /dev/urandom".to_owned(),
        format!("{sleep} & {sleep} & exit 0"),
        format!("trap '' TERM; {sleep}; {sleep}"),
        format!("exec >&- 2>&-; {sleep}"),
        format!("python3 -c \"{STORM}\" $0; {sleep}"),
    ];
    for script in &scripts {
        let (outcome, report) = shell(script).await;
        assert_eq!(outcome.code, Some(3), "{script}: {outcome:?}");
        assert_eq!(of(&report, "passed"), BTreeSet::new(), "{script}");
        assert!(!is_running(MARK).await, "{script}: something is left");
    }
}

/// A thousand connections, and not a word.
const STORM: &str = "
import socket, sys
host, port = sys.argv[1].split('/')[2].split(':')
for _ in range(1000):
    try: socket.create_connection((host, int(port))).close()
    except OSError: pass
";

/// Whether a process with this in its command line is still there after a while.
async fn is_running(mark: &str) -> bool {
    for _ in 0..100 {
        let all = std::fs::read_dir("/proc").expect("processes");
        let mut lines = all.filter_map(|it| std::fs::read(it.ok()?.path().join("cmdline")).ok());
        let found = lines.any(|line| {
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.trim() == format!("sleep {mark}")
        });
        if !found {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    true
}

#[tokio::test]
async fn a_client_can_say_that_a_scenario_is_not_for_it() {
    let (outcome, report) = shell("echo first >&2; echo 'no reconnecting here' >&2; exit 77").await;
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert_eq!(of(&report, "not_applicable").len(), 6);
    let reason = &report["requirements"][0]["reason"];
    assert_eq!(reason, "the client says: no reconnecting here");
}

#[tokio::test]
async fn what_is_wrong_with_the_call_is_said_before_anything_is_started() {
    let none = outcome(command(&["client"])).await;
    none.refused(&["<CMD>"]);
    let both = ["client", "--over", "websocket", "--component", "team"];
    let both = outcome(command(&[&both[..], &["--", "true"]].concat())).await;
    both.refused(&["--over"]);
    let token = ["client", "--token-env", "NO_SUCH_VARIABLE", "--", "true"];
    outcome(command(&token))
        .await
        .refused(&["NO_SUCH_VARIABLE"]);
    let missing = ["client", "CLIENT-NAME-1", "--", "/no/such/program"];
    let missing = outcome(command(&missing)).await;
    assert_eq!(missing.code, Some(3), "{missing:?}");
    missing.printed(&["/no/such/program", "could not be started"]);
}

#[tokio::test]
async fn requirements_of_clients_are_listed_and_explained() {
    let list = outcome(command(&["list", "requirements", "--of", "client"])).await;
    assert_eq!(list.stdout.lines().count(), 35, "{}", list.stdout);
    let servers = outcome(command(&["list", "requirements"])).await;
    assert!(!servers.stdout.contains("CLIENT-"), "{}", servers.stdout);
    let page = outcome(command(&["explain", "CLIENT-RETURN-1"])).await;
    page.printed(&[
        "CLIENT-RETURN-1 (MUST)",
        "features/client/returning.feature",
        "src/check/rules/client/returning.rs, fn after_a_break",
    ]);
}
