//! Clients that are judged over HTTP: the exemplary viewer passes everything that applies, with a defect it fails what
//! the defect's line says, and clients that do nothing pass nothing.
#![cfg(unix)]

use std::collections::BTreeSet;

use reconnect_acceptance::check::over_http::{OverHttp, over_http};
use reconnect_acceptance::watch::Defect;
use serde_json::Value;

use crate::common::call::{binary, command, outcome, outcome_of};

/// Defects that are none over HTTP: every event comes wrapped as a server-sent one, every position is a text, a stream has
/// the events of one run, and `watch` takes no address with a query.
const NONE: &[&str] = &["plain-json", "position-as-text", "all-runs", "token-in-url"];

/// Defects that break more over HTTP than their lines say. There a stream ends with the run, so that a client that does
/// not know the ending, or lacks an event before it, comes back after it; and a token is refused as the return is that it
/// comes with.
const MORE: &[(&str, &[&str])] = &[
    ("counts-messages", &["CLIENT-SHOWN-3"]),
    ("position-ahead", &["CLIENT-RETURN-5", "CLIENT-SHOWN-3"]),
    ("token-again", &["CLIENT-ANSWER-1"]),
    ("blind-to-failure", &["CLIENT-RETURN-5"]),
    ("replay-is-live", &["CLIENT-RETURN-5"]),
];

/// `cargo test` tries every so many of the defects.
const SAMPLE: usize = 9;

/// The ids of the requirements with this verdict.
fn of(report: &Value, verdict: &str) -> BTreeSet<String> {
    let all = report["requirements"].as_array().expect("a list").iter();
    all.filter(|it| it["verdict"] == verdict)
        .map(|it| it["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn ids(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|id| (*id).to_owned()).collect()
}

/// The report about `watch` with this defect, or none, over HTTP.
async fn judged(component: &'static str, defect: Option<Defect>) -> Value {
    let mut judging = command(&["client", "--over", "http", "--component", component]);
    judging.args(["--outage", "3s", "--notice", "30s", "--format", "json"]);
    judging.args(["--token-env", "OWN", "--"]);
    judging.env("OWN", "right-token").arg(binary());
    // A line is dead after three times as long.
    judging.args(["watch", "--json", "--dead-after", "4s", "--url", "{url}"]);
    if let Some(defect) = defect {
        judging.args(["--defect", defect.name()]);
    }
    let name = defect.map_or(component, Defect::name);
    let came = outcome_of(name, judging).await;
    serde_json::from_str(&came.stdout).unwrap_or_else(|error| panic!("{name}: {error}: {came:?}"))
}

async fn fail_what_their_lines_say(defects: impl Iterator<Item = Defect>) {
    let mut wrong = Vec::new();
    for defect in defects.filter(|it| !NONE.contains(&it.name())) {
        let failed = of(&judged("workflow", Some(defect)).await, "failed");
        let binds = |id: &&&str| !matches!(over_http(id), OverHttp::NotApplicable(_));
        let line = defect.breaks().iter().filter(binds);
        let more = MORE.iter().filter(|(name, _)| *name == defect.name());
        let more = more.flat_map(|(_, ids)| ids.iter());
        let expected = line.chain(more).map(|id| (*id).to_owned()).collect();
        if failed != expected {
            wrong.push(format!("{}: {failed:?}, not {expected:?}", defect.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_exemplary_viewer_passes_all_that_applies() {
    let none = ["CLIENT-LISTEN-1", "CLIENT-SHOWN-4"];
    for (component, not_applicable) in [
        ("workflow", &none[..]),
        ("team", &none),
        ("agent", &[none[0], "CLIENT-NAME-1", none[1]]),
    ] {
        let report = judged(component, None).await;
        let name = format!("{component} · http");
        assert_eq!(report["target"]["wires"], serde_json::json!([name]));
        assert_eq!(of(&report, "not_applicable"), ids(not_applicable));
        let passed = of(&report, "passed").len();
        assert_eq!(passed, 35 - not_applicable.len(), "{component}: {report}");
    }
}

#[tokio::test]
async fn some_defects_fail_what_their_lines_say() {
    fail_what_their_lines_say(Defect::ALL.iter().copied().skip(1).step_by(SAMPLE)).await;
}

#[tokio::test]
#[ignore = "takes some minutes: `cargo test --release --test binary clients_over_http -- --ignored`"]
async fn every_defect_fails_what_its_line_says() {
    fail_what_their_lines_say(Defect::ALL.iter().copied()).await;
}

#[test]
fn every_exception_is_a_defect() {
    for name in NONE.iter().chain(MORE.iter().map(|(name, _)| name)) {
        assert!(name.parse::<Defect>().is_ok(), "{name}");
    }
}

#[tokio::test]
async fn a_client_that_does_nothing_passes_nothing() {
    for script in ["true", "sleep 60", "kill -9 $$"] {
        let arguments = ["client", "--over", "http", "--component", "agent,workflow"];
        let mut judging = command(&arguments);
        judging.args(["CLIENT-RETURN", "CLIENT-ANSWER", "CLIENT-AUTH"]);
        judging.args(["--step-timeout", "3s", "--format", "json"]);
        judging.args(["--", "sh", "-c", script]);
        let came = outcome_of(script, judging).await;
        assert_eq!(came.code, Some(3), "{script}: {came:?}");
        let report: Value = serde_json::from_str(&came.stdout).expect("a report");
        for verdict in ["passed", "failed"] {
            assert_eq!(of(&report, verdict), BTreeSet::new(), "{script}");
        }
    }
}

/// Asks as front ends do before they start anything: in a form of several parts, from another site, and about kinds that
/// are not played; then starts a run, reads its beginning, and ends.
const ASKS_FIRST: &str = r#"
import json, os, sys, urllib.error, urllib.request
url = sys.argv[1]
def ask(path, method="GET", body=None, of=None):
    request = urllib.request.Request(url + path, body, {"Content-Type": of} if of else {}, method=method)
    return urllib.request.urlopen(request, timeout=20)
assert json.load(ask("/health"))["status"] == "ok"
assert [len(json.load(ask("/config"))[it]) for it in ("agents", "teams", "workflows")] == [0, 1, 0]
assert len(json.load(ask("/teams"))) == 1 and json.load(ask("/agents")) == []
assert ask("/teams/t/runs", "OPTIONS").headers["access-control-allow-origin"] == "*"
part = '--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
fields = {"message": "two\r\nlines", "stream": "true", "background": "true", "session_id": ""}
body = "".join(part % it for it in fields.items()) + "--b--\r\n"
for other in ("/agents/t/runs", "/workflows/ws"):
    try: ask(other, "POST", body.encode(), "multipart/form-data; boundary=b")
    except urllib.error.HTTPError as error: assert error.code == 404, error
    else: raise AssertionError(other)
stream = ask("/teams/t/runs", "POST", body.encode(), "multipart/form-data; boundary=b")
for line in stream:
    if line.startswith(b"data:"):
        print(json.dumps({"shown": {"run": "r", "event_index": json.loads(line[5:])["event_index"]}}), flush=True)
print("asked everything", file=sys.stderr)
"#;

#[tokio::test]
#[ignore = "needs python3: .ci/run has it"]
async fn what_front_ends_ask_first_is_answered_and_is_no_start() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut judging = command(&["client", "--over", "http", "--component", "team"]);
    judging.args(["CLIENT-ENDING-1", "--report-dir"]);
    judging.arg(folder.path());
    judging.args(["--", "python3", "-c", ASKS_FIRST]);
    let came = outcome(judging).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    let transcripts = std::fs::read_dir(folder.path().join("transcripts")).expect("some");
    for transcript in transcripts {
        let path = transcript.expect("a transcript").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        assert!(text.contains(r#""last_line":"asked everything""#), "{text}");
        assert_eq!(text.matches("POST /teams/t/runs").count(), 1, "{text}");
        assert!(text.contains("message=two%0D%0Alines"), "{text}");
    }
}
