//! `watch` against the bundled server, with a bad network in between: everything is shown once, in order, to the end.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use reconnect_acceptance::reference::{Config, Fault};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::common::call::{Outcome, call, command, outcome};
use crate::common::cuts::{Cut, network};
use crate::common::host::{GREETING, Host, Socket, event, hear, reference, say};
use crate::common::in_time;
use crate::common::shown::{indices, lines, shown_whole, states};

/// A server whose long run takes a little longer than the cuts.
fn paced() -> Config {
    Config {
        pace: Duration::from_millis(10),
        ..Config::default()
    }
}

fn watching(host: &Host, more: &[&str]) -> Command {
    command(&[&["watch", "--json", "--url", &host.url()], more].concat())
}

#[tokio::test]
async fn however_a_connection_ends_everything_is_shown_once_and_in_order() {
    let plans: &[&[Cut]] = &[
        &[],
        &[Cut::Reset(4_000)],
        &[Cut::End(4_000)],
        &[Cut::Close(12, 1000)],
        &[Cut::Close(12, 1001)],
        &[Cut::Close(12, 1012)],
        &[Cut::Close(12, 1011)],
        &[Cut::MidMessage(4_000)],
        &[Cut::Reset(4_000), Cut::Reset(2_000), Cut::MidMessage(2_500)],
        &[Cut::End(3_000), Cut::Close(8, 1000), Cut::Reset(1_600)],
        // Before the greeting, so that the run is started later.
        &[Cut::Reset(1), Cut::Refused, Cut::Unavailable],
    ];
    let server = reference(paced()).await;
    let trials = plans.iter().map(async |plan| {
        let host = network(server.addr(), plan).await;
        let came = outcome(watching(&host, &[])).await;
        shown_whole(&format!("{plan:?}"), &came, 60, !plan.is_empty());
    });
    join_all(trials).await;
}

#[tokio::test]
async fn a_dead_line_is_noticed() {
    let server = reference(paced()).await;
    let host = network(server.addr(), &[Cut::Silent(4_000)]).await;
    let came = outcome(watching(&host, &["--dead-after=1s"])).await;
    shown_whole("silent", &came, 60, true);
    let text = lines(&came);
    let away = text.iter().find(|line| line["state"] == "away");
    let reason = away.expect("away")["reason"].to_string();
    assert!(reason.contains("the line is dead"), "{reason}");
    let host = network(server.addr(), &[Cut::Silent(4_000)]).await;
    let url = format!("http://{}", host.addr);
    let came = call(&["watch", "--json", "--url", &url, "--dead-after=300ms"]).await;
    shown_whole("silent over HTTP", &came, 60, true);
    // A quiet run is no dead line: the pings are answered.
    let quiet = ["--workflow-id=quiet-workflow", "--dead-after=300ms"];
    let host = network(server.addr(), &[]).await;
    let came = outcome(watching(&host, &quiet)).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    assert!(!states(&lines(&came)).contains(&"away"), "{came:?}");
}

#[tokio::test]
async fn events_that_a_server_loses_doubles_or_swaps_are_shown_once_and_in_order() {
    for (fault, cut) in [
        (Fault::LiveDrop, false),
        (Fault::LiveDouble, false),
        (Fault::LiveSwap, false),
        (Fault::CatchUpDouble, true),
        (Fault::CatchUpSwap, true),
    ] {
        let server = reference(Config {
            faults: vec![fault],
            ..paced()
        })
        .await;
        let cuts: &[Cut] = if cut { &[Cut::Reset(4_000)] } else { &[] };
        let host = network(server.addr(), cuts).await;
        let came = outcome(watching(&host, &[])).await;
        assert_eq!(came.code, Some(0), "{fault:?}: {came:?}");
        let all: Vec<u64> = (0..60).collect();
        assert_eq!(indices(&lines(&came)), all, "{fault:?}");
    }
}

/// What is shown of a finished run of 10 events that this server replays.
async fn replayed_with(fault: Fault) -> Outcome {
    let server = reference(Config {
        faults: vec![fault],
        ..paced()
    })
    .await;
    let url = server.url();
    let short = ["--workflow-id", "short-workflow"];
    let came = call(&[&["watch", "--json", "--url", &url], &short[..]].concat()).await;
    let run = lines(&came)[0]["shown"]["run"]
        .as_str()
        .expect("a run")
        .to_owned();
    call(&["watch", "--json", "--url", &url, "--run-id", &run]).await
}

#[tokio::test]
async fn a_finished_run_is_shown_in_order_although_it_is_replayed_out_of_order() {
    shown_whole("swapped", &replayed_with(Fault::ReplaySwap).await, 10, true);
}

#[tokio::test]
async fn what_does_not_come_a_second_time_either_is_shown_as_a_gap() {
    let came = replayed_with(Fault::ReplayDrop).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    let lines = lines(&came);
    let gaps: Vec<&Value> = lines.iter().filter_map(|line| line.get("gap")).collect();
    let [gap] = gaps[..] else {
        panic!("one gap: {lines:?}");
    };
    assert_eq!(gap["first"], gap["last"]);
    let missing = gap["first"].as_u64().expect("an index");
    let all: Vec<u64> = (0..10).filter(|index| *index != missing).collect();
    assert_eq!(indices(&lines), all);
}

#[tokio::test]
async fn each_ending_has_its_state_and_exit_code() {
    let server = reference(paced()).await;
    let watch = async |workflow: &str| {
        let url = server.url();
        call(&["watch", "--json", "--url", &url, "--workflow-id", workflow]).await
    };
    for (workflow, code, status) in [
        ("short-workflow", 0, "completed"),
        ("failing-workflow", 1, "failed"),
    ] {
        let came = watch(workflow).await;
        assert_eq!(came.code, Some(code), "{came:?}");
        let lines = lines(&came);
        let last = lines.last().expect("lines");
        assert_eq!(
            (&last["state"], &last["status"]),
            (&"ended".into(), &status.into())
        );
    }
    let came = watch("no-such-workflow").await;
    assert_eq!(came.code, Some(6), "{came:?}");
    assert_eq!(states(&lines(&came)), ["refused"]);
    let url = server.url();
    let came = call(&["watch", "--url", &url, "--run-id", "no-such-run"]).await;
    assert_eq!(came.code, Some(6), "{came:?}");
    came.printed(&["refused: Run no-such-run not found"]);
}

#[tokio::test]
async fn a_cancelled_run_is_shown_as_cancelled_and_a_paused_one_as_waiting() {
    let server = reference(paced()).await;
    let url = server.url();
    let start = |workflow: &str| {
        let mut asked = command(&["watch", "--json", "--url", &url, "--workflow-id", workflow]);
        let mut child = asked.spawn().expect("a process");
        let out = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        (child, out)
    };
    let (mut child, mut out) = start("content-creation-workflow");
    let first = in_time(out.next_line())
        .await
        .expect("text")
        .expect("a line");
    let first: Value = serde_json::from_str(&first).expect("JSON");
    let run = first["shown"]["run"].as_str().expect("a run");
    let path = format!("/workflows/content-creation-workflow/runs/{run}/cancel");
    let mut tcp = TcpStream::connect(server.addr()).await.expect("the server");
    let request = format!("POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.expect("asked");
    let mut last = String::new();
    while let Some(line) = in_time(out.next_line()).await.expect("text") {
        last = line;
    }
    let last: Value = serde_json::from_str(&last).expect("JSON");
    assert_eq!(
        (&last["state"], &last["status"]),
        (&"ended".into(), &"cancelled".into())
    );
    let status = in_time(child.wait()).await.expect("an end");
    assert_eq!(status.code(), Some(5));

    let (mut child, mut out) = start("pausing-workflow");
    loop {
        let line = in_time(out.next_line())
            .await
            .expect("text")
            .expect("a line");
        if line.contains(r#""state":"paused""#) {
            break;
        }
    }
    let pid = child.id().expect("a process").to_string();
    let killed = Command::new("kill").args(["-s", "INT", &pid]).status();
    assert!(in_time(killed).await.expect("kill").success());
    let status = in_time(child.wait()).await.expect("an end");
    assert_eq!(status.code(), Some(7));
}

/// A server that asks for the token `right`, and what it is shown.
async fn guarded(shown: Arc<Mutex<Vec<Value>>>) -> Host {
    Host::websocket(move |mut socket| {
        let shown = Arc::clone(&shown);
        async move {
            say(&mut socket, &GREETING.replace("false", "true")).await;
            while let Some(action) = hear(&mut socket).await {
                shown.lock().expect("a list").push(action.clone());
                if !answer(&mut socket, &action).await {
                    return;
                }
            }
        }
    })
    .await
}

/// Answers an action; whether the connection goes on.
async fn answer(socket: &mut Socket, action: &Value) -> bool {
    let session = Value::from("s");
    let started = event("WorkflowStarted", "r", &session, 0);
    let ended = event("WorkflowCompleted", "r", &session, 1);
    match (action["action"].as_str(), action["token"].as_str()) {
        (Some("authenticate"), Some("right")) => say(socket, r#"{"event": "authenticated"}"#).await,
        (Some("authenticate"), _) => say(socket, r#"{"event": "auth_error"}"#).await,
        (Some("start-workflow"), _) => {
            say(socket, &started).await;
            false
        }
        _ => say(socket, &ended).await,
    }
}

#[tokio::test]
async fn the_token_is_shown_first_on_every_connection_and_a_refused_one_once() {
    for (token, code, expected) in [
        (
            "right",
            0,
            &[
                "authenticate",
                "start-workflow",
                "authenticate",
                "reconnect",
            ][..],
        ),
        ("wrong", 6, &["authenticate"]),
    ] {
        let shown = Arc::default();
        let host = guarded(Arc::clone(&shown)).await;
        let mut asked = watching(&host, &[]);
        asked.env("RECONNECT_ACCEPTANCE_TOKEN", token);
        let came = outcome(asked).await;
        assert_eq!(came.code, Some(code), "{came:?}");
        let shown = shown.lock().expect("a list");
        let actions: Vec<&str> = shown
            .iter()
            .filter_map(|it| it["action"].as_str())
            .collect();
        assert_eq!(actions, expected);
    }
    let host = guarded(Arc::default()).await;
    let came = outcome(watching(&host, &[])).await;
    assert_eq!(came.code, Some(6), "{came:?}");
    assert!(came.stdout.contains("asks for a token"), "{came:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_a_few_times_and_given_up() {
    let tries = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&tries);
    let host = Host::tcp(move |tcp| {
        *counted.lock().expect("a number") += 1;
        async move { drop(tcp) }
    })
    .await;
    let came = outcome(watching(&host, &["--give-up-after=1s"])).await;
    assert_eq!(came.code, Some(3), "{came:?}");
    // After 0, 250, 750 and 1750 ms, or later.
    let tries = *tries.lock().expect("a number");
    assert!((2..=4).contains(&tries), "{tries} tries");
    assert!(states(&lines(&came)).iter().all(|it| *it == "away"));
}

#[tokio::test]
async fn over_http_everything_is_shown_once_and_in_order_too() {
    let server = reference(paced()).await;
    let host = network(server.addr(), &[Cut::Reset(4_000), Cut::End(2_000)]).await;
    let url = format!("http://{}", host.addr);
    let came = call(&["watch", "--json", "--url", &url]).await;
    shown_whole("HTTP", &came, 60, true);
    let agent = ["--component=agent", "--workflow-id=long-agent"];
    let came = call(
        &[
            &["watch", "--json", "--url", &server.http_url()],
            &agent[..],
        ]
        .concat(),
    )
    .await;
    assert_eq!(came.code, Some(0), "{came:?}");
}

#[tokio::test]
async fn a_person_reads_plain_lines_and_a_file_gets_those_of_json() {
    let hostile = event("WorkflowStarted\u{1b}[2J\u{202e}", "r", &Value::Null, 0);
    let ended = event("WorkflowCompleted", "r", &Value::Null, 1);
    let host = Host::saying(&[GREETING, "hello", &hostile, &ended]).await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("shown.jsonl");
    let path = file.display().to_string();
    let came = call(&["watch", "--url", &host.url(), "--shown", &path]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&[
        "passed over a message",
        "run r",
        "live",
        "completed: 2 events shown",
    ]);
    let bad = came
        .stdout
        .chars()
        .find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
    assert_eq!(bad, None, "{came:?}");
    let text = fs::read_to_string(file).expect("a file");
    let words: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        (indices(&words), states(&words)),
        (vec![0, 1], vec!["live", "ended"])
    );
}

#[tokio::test]
async fn several_runs_are_followed_at_once() {
    let server = reference(paced()).await;
    let url = server.url();
    let mut runs = Vec::new();
    for workflow in ["short-workflow", "failing-workflow"] {
        let came = call(&["watch", "--json", "--url", &url, "--workflow-id", workflow]).await;
        runs.push(
            lines(&came)[0]["shown"]["run"]
                .as_str()
                .expect("a run")
                .to_owned(),
        );
    }
    let came = call(&[
        "watch", "--url", &url, "--run-id", &runs[0], "--run-id", &runs[1],
    ])
    .await;
    assert_eq!(came.code, Some(1), "{came:?}");
    for (label, run) in [("1", &runs[0]), ("2", &runs[1])] {
        came.printed(&[&format!("{label} » run {run}")]);
    }
    came.printed(&[
        "1 » completed: 10 events shown",
        "2 » failed: 18 events shown",
    ]);
}

#[tokio::test]
async fn a_token_in_the_address_is_a_defect() {
    for (defects, expected) in [(&["--defect=token-in-url"][..], true), (&[], false)] {
        let heads = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&heads);
        let host = Host::tcp(move |mut tcp| {
            let kept = Arc::clone(&kept);
            async move {
                let mut head = vec![0; 2048];
                let count = tcp.read(&mut head).await.unwrap_or_default();
                *kept.lock().expect("a text") += &String::from_utf8_lossy(&head[..count]);
            }
        })
        .await;
        let mut asked = watching(&host, &[&["--give-up-after=1ms"], defects].concat());
        asked.env("RECONNECT_ACCEPTANCE_TOKEN", "canary");
        outcome(asked).await;
        assert_eq!(heads.lock().expect("a text").contains("canary"), expected);
    }
}
