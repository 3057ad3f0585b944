//! Viewers over HTTP: the bundled server passes for workflows, agents and teams, its faults are found, and the options
//! say what is judged.

use std::time::Duration;

use pretty_assertions::assert_eq;
use reconnect_acceptance::reference::Config;
use serde_json::{Value, json};

use crate::common::call::call;
use crate::common::host::{quick, reference};

/// The report of a run with these arguments, and its exit code.
async fn judged(arguments: &[&str]) -> (Value, Option<i32>) {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().to_str().expect("a path").to_owned();
    let common = ["run", "-q", "--report-dir", &dir];
    let came = call(&[&common, arguments].concat()).await;
    let report = std::fs::read(folder.path().join("report.json"));
    let report = report.unwrap_or_else(|error| panic!("{error}: {}", came.stderr));
    (serde_json::from_slice(&report).expect("JSON"), came.code)
}

/// The ids of the requirements with this verdict.
fn with_verdict(report: &Value, verdict: &str) -> Vec<String> {
    let all = report["requirements"].as_array().expect("requirements");
    let some = all.iter().filter(|it| it["verdict"] == verdict);
    some.map(|it| it["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[tokio::test]
async fn the_bundled_server_passes_for_each_component() {
    for component in ["workflow", "agent", "team"] {
        let arguments = ["--over", "http", "--component", component];
        let (report, code) = judged(&arguments).await;
        assert_eq!(report["target"]["server"], "reference");
        assert_eq!(
            report["target"]["wires"],
            json!([format!("{component} · http")])
        );
        let url = report["target"]["url"].as_str().expect("a URL");
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        let all = report["requirements"].as_array().expect("requirements");
        let amiss = |it: &&Value| it["verdict"] == "failed" || it["verdict"] == "inconclusive";
        let amiss: Vec<&Value> = all.iter().filter(amiss).collect();
        assert!(amiss.is_empty(), "{component}: {amiss:#?}");
        assert_eq!(code, Some(0), "{component}");
        let sentence = all.iter().find(|it| it["id"] == "REPLAY-4");
        assert_eq!(
            sentence.expect("REPLAY-4")["title"],
            "After a replay the stream ends; nothing else follows."
        );
        let passed = with_verdict(&report, "passed");
        assert!(passed.len() >= 60, "{component}: {passed:?}");
        for id in [
            "AUTH-1",
            "AUTH-2",
            "AUTH-3",
            "AUTH-4",
            "CATCHUP-3",
            "MALFORMED-1",
            "MALFORMED-2",
            "OWNER-2",
            "OWNER-3",
            "PAUSE-1",
            "REPLAY-1",
            "SEAM-1",
            "VIEWERS-1",
        ] {
            assert!(passed.iter().any(|it| it == id), "{component}: {id}");
        }
    }
}

#[tokio::test]
async fn faults_are_found_over_http_too() {
    for (component, fault, id) in [
        ("workflow", "catch-up-drop", "CATCHUP-3"),
        ("agent", "catch-up-drop", "CATCHUP-3"),
        ("team", "ending-missing", "START-3"),
        ("agent", "replay-drop", "REPLAY-1"),
        ("team", "failing-silent", "FAILING-1"),
        ("agent", "auth-not-needed", "AUTH-1"),
        ("team", "auth-any-token", "AUTH-2"),
        ("workflow", "auth-return-open", "AUTH-3"),
        ("agent", "auth-not-needed", "AUTH-4"),
        ("agent", "other-user-told", "OWNER-2"),
        ("team", "other-user-shown", "OWNER-2"),
        ("workflow", "permission-not-needed", "OWNER-3"),
        ("agent", "malformed-cuts-off", "MALFORMED-1"),
        ("team", "malformed-silent", "MALFORMED-1"),
        ("workflow", "malformed-stops-runs", "MALFORMED-2"),
    ] {
        let family = id.split('-').next().expect("a family");
        let (report, code) = judged(&[
            "--over",
            "http",
            "--component",
            component,
            "--fault",
            fault,
            "--strict",
            "--step-timeout=2s",
            family,
        ])
        .await;
        let failed = with_verdict(&report, "failed");
        assert!(
            failed.iter().any(|it| it == id),
            "{component}, {fault}: {failed:?}"
        );
        assert_eq!(code, Some(1), "{component}, {fault}");
    }
}

#[tokio::test]
async fn an_http_address_is_judged_over_http() {
    let server = reference(Config {
        pace: Duration::from_millis(40),
        ..Config::default()
    });
    let server = server.await;
    let url = server.http_url();
    let (report, code) = judged(&["--url", &url, "CATCHUP-2", "GREETING-1"]).await;
    assert_eq!(report["target"]["url"], url);
    assert_eq!(report["target"]["wires"], json!(["workflow · http"]));
    let passed = with_verdict(&report, "passed");
    assert!(passed.iter().any(|it| it == "CATCHUP-2"), "{passed:?}");
    assert_eq!(with_verdict(&report, "not_applicable"), ["GREETING-1"]);
    assert_eq!(code, Some(0));
    // The same server, by the WebSocket's URL.
    let (report, _) = judged(&["--url", &server.url(), "--over=http", "CATCHUP-2"]).await;
    assert_eq!(report["target"]["url"], url);
    let passed = with_verdict(&report, "passed");
    assert!(passed.iter().any(|it| it == "CATCHUP-2"), "{passed:?}");
}

#[tokio::test]
async fn a_first_start_that_is_refused_ends_the_run() {
    let server = reference(quick()).await;
    let url = server.http_url();
    let arguments = ["run", "--url", &url, "--component=agent"];
    let came = call(&[&arguments[..], &["--workflow-id=nope"]].concat()).await;
    assert_eq!(came.code, Some(3));
    came.printed(&["\"nope\" was refused: HTTP 404", "The run was cut short"]);
    assert!(!came.stdout.contains("Above all"), "{}", came.stdout);
    // Nor does anything begin where a token is asked for.
    let config = Config {
        token: Some("right".to_owned()),
        ..quick()
    };
    let guarded = reference(config).await;
    let came = call(&["run", "--url", &guarded.http_url(), "--component=agent"]).await;
    assert_eq!(came.code, Some(3));
    came.printed(&["the server asks for a token", "--token-env"]);
}

#[tokio::test]
async fn options_that_contradict_each_other_are_refused() {
    for (arguments, piece) in [
        (
            &["run", "--url=http://localhost:1", "--over=websocket"][..],
            "the --url is an HTTP address",
        ),
        (
            &["run", "--component=agent", "--over=websocket"],
            "agents and teams are served over HTTP alone",
        ),
        (
            &["agentos", "2.4.0", "--component=team"],
            "agno 2.4.0 cannot resume runs over HTTP",
        ),
        (&["run", "--over=carrier-pigeon"], "possible values"),
    ] {
        let came = call(arguments).await;
        assert_eq!(came.code, Some(2), "{arguments:?}");
        assert!(
            came.stderr.contains(piece),
            "{arguments:?}: {}",
            came.stderr
        );
    }
}

#[tokio::test]
async fn the_doctor_looks_at_an_http_address() {
    let server = reference(quick()).await;
    let url = server.http_url();
    for (component, id) in [
        ("workflow", "content-creation-workflow"),
        ("agent", "long-agent"),
        ("team", "long-team"),
    ] {
        let arguments = [
            "doctor",
            "--url",
            &url,
            "--component",
            component,
            "--workflow-id",
            id,
        ];
        let came = call(&arguments).await;
        assert_eq!(came.code, Some(0), "{}", came.stdout);
        let lines: Vec<&str> = came.stdout.lines().collect();
        let checks: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.split_whitespace().nth(1))
            .collect();
        let all = [
            "TCP", "TLS", "list", "run", "index", "length", "flow", "resume",
        ];
        assert_eq!(checks, all);
        assert!(lines.iter().all(|line| line.starts_with('✔')), "{lines:?}");
    }
    let came = call(&["doctor", "--url", &url, "--component=agent"]).await;
    assert_eq!(came.code, Some(3));
    came.printed(&["the server has no agent", "it has long-agent"]);
}
