//! `--repeat N` and time limits: a flaky requirement never counts as passed, and slow answers are reported.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::call::{HASTY, Judged, call, command, flat, judge, judged, outcome};
use crate::common::host::{GREETING, Host, Socket, listen, reference, say};
use futures::{SinkExt, StreamExt};
use reconnect_acceptance::reference::{Config, Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// One scenario, with enough missed events that one of them can be lost.
const ONE: &[&str] = &[
    "--away=300ms",
    "--require=CATCHUP-2",
    "--name=The connection drops in the middle of the run",
];

/// A server that loses a missed event in every third repetition.
struct Flaky {
    front: Host,
    _behind: [Server; 2],
}

/// Every repetition begins with a connection on which nothing is sent: counts them, and forwards those
/// that follow to the conforming server or to the faulty one.
async fn flaky() -> Flaky {
    let pace = Duration::from_millis(20);
    let sound = reference(Config {
        pace,
        ..Config::default()
    })
    .await;
    let hooks = reference(Config {
        pace,
        faults: vec!["catch-up-drop".parse().expect("a fault")],
        ..Config::default()
    })
    .await;
    let urls = [sound.url(), hooks.url()];
    let begun = Arc::new(AtomicUsize::new(0));
    let front = Host::websocket(move |socket| {
        let hooks = begun.load(Ordering::SeqCst).is_multiple_of(3);
        pass_on(socket, urls[usize::from(hooks)].clone(), Arc::clone(&begun))
    })
    .await;
    Flaky {
        front,
        _behind: [sound, hooks],
    }
}

/// Forwards the messages of both sides, until one of them disconnects.
async fn pass_on(mut client: Socket, url: String, begun: Arc<AtomicUsize>) {
    let (mut server, _) = connect_async(url).await.expect("the server behind");
    let mut silent = true;
    loop {
        tokio::select! {
            said = client.next() => match said {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    silent = false;
                    if server.send(message).await.is_err() {
                        return;
                    }
                }
                Some(Ok(Message::Close(_))) => {
                    // Before the close is answered: later connections come after it.
                    if silent {
                        begun.fetch_add(1, Ordering::SeqCst);
                    }
                    let _ = server.close(None).await;
                    return listen(&mut client).await;
                }
                Some(Ok(_)) => {}
                _ => return,
            },
            said = server.next() => match said {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    if client.send(message).await.is_err() {
                        return;
                    }
                }
                Some(Ok(_)) => {}
                _ => {
                    let _ = client.close(None).await;
                    return;
                }
            },
        }
    }
}

async fn six(server: &Flaky, more: &[&str]) -> Judged {
    let all = [ONE, &["--repeat=6"], more].concat();
    judge(&server.front.url(), &all).await
}

#[tokio::test]
async fn what_passes_only_sometimes_is_flaky_and_fails() {
    let server = flaky().await;
    let seen = six(&server, &[]).await;
    assert_eq!(seen.outcome.code, Some(1), "{:?}", seen.outcome);
    assert_eq!(
        seen.report["repetitions"],
        json!({"asked": 6, "begun": 6, "finished": 6})
    );
    let requirement = &seen.report["requirements"][0];
    assert_eq!(requirement["verdict"], "failed");
    assert_eq!(requirement["flaky"], true);
    assert_eq!(requirement["outcomes"]["passed"], 4);
    assert_eq!(requirement["outcomes"]["failed"], 2);
    let odd = [3, 6].map(|it| json!({"repetition": it, "verdict": "failed"}));
    assert_eq!(requirement["outcomes"]["odd"], json!(odd));
    assert_eq!(seen.report["scenarios"][0]["repetition"], 3);
    let words = "passed in 4 of 6 repetitions; failed in repetitions 3 and 6";
    seen.outcome.printed(&[
        "✔ repetition 1 of 6 1 passed",
        "✘ repetition 3 of 6 1 failed",
        "failed: CATCHUP-2",
        "flaky 4/6",
        "FLAKY",
        &format!("CATCHUP-2 (MUST) {words}"),
        "as in repetition 3",
        "exit code 1.",
    ]);
    for line in seen.outcome.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line:?}");
    }
    assert!(seen.file("summary.md").contains(words));
    let page = seen.file("report.html");
    assert!(page.contains("flaky 4/6") && page.contains(words));
    let junit = seen.file("junit.xml");
    assert!(junit.contains("name=\"repetitions\" value=\"4/6\"") && junit.contains(words));
    assert!(seen.file("messages.ndjson").contains(words));
    assert!(seen.file("cucumber.json").contains(words));
}

#[tokio::test]
async fn what_always_passes_is_counted_and_passes() {
    let arguments = ["run", "--require=CATCHUP-2", "--repeat=3"];
    let seen = judged(command(&arguments)).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
    assert_eq!(seen.report["requirements"][0]["outcomes"]["passed"], 3);
    assert_eq!(seen.report["requirements"][0]["flaky"], Value::Null);
    seen.outcome.printed(&["passed 3/3"]);
    assert!(!seen.outcome.stdout.contains("FLAKY"));
    // One repetition is like none.
    let once = judged(command(&["run", "--require=CATCHUP-2", "--repeat=1"])).await;
    assert_eq!(once.report["repetitions"], Value::Null);
    assert!(!once.folder.path().join("repetitions").exists());
}

/// Every file of a folder, by its name.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("within");
                let text = fs::read_to_string(&path).expect("a file");
                all.push((name.display().to_string(), text));
            }
        }
    }
    all.sort();
    all
}

#[tokio::test]
async fn repetitions_are_kept_and_judged_again_byte_for_byte() {
    let server = flaky().await;
    let folder = TempDir::new().expect("a folder");
    let known = folder.path().join("known.toml").display().to_string();
    let seen = six(&server, &["--write-known-failures", &known]).await;
    let list = fs::read_to_string(&known).expect("written");
    assert!(list.contains("sometimes = true"), "{list}");
    let dir = seen.folder.path().display().to_string();
    let again = folder.path().join("again");
    let mut asked = command(&["judge", &dir]);
    asked.arg("--report-dir").arg(&again);
    let came = outcome(asked).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    came.printed(&["No verdict changed.", "flaky 4/6"]);
    let (before, after) = (files(seen.folder.path()), files(&again));
    let names = |all: &[(String, String)]| all.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    for number in 1..=6 {
        let report = format!("repetitions/{number:02}/report.json");
        let record = format!("repetitions/{number:02}/transcripts/001-catchup-2.jsonl");
        assert!(names(&before).contains(&report) && names(&before).contains(&record));
    }
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        assert_eq!(before, after, "{name}");
    }
    // A list covers it with and without `sometimes`; without it, the advice is to add it.
    let came = call(&["judge", &dir, "--known-failures", &known]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["known, flaky 4/6", "known failures aside: CATCHUP-2"]);
    assert!(!flat(&came.stdout).contains("with `sometimes = true`"));
    fs::write(&known, list.replace("sometimes = true", "")).expect("written");
    let came = call(&["judge", &dir, "--known-failures", &known]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["CATCHUP-2 is flaky: with `sometimes = true` in lines"]);
    // A missing repetition is an error.
    fs::remove_dir_all(seen.folder.path().join("repetitions/04")).expect("removed");
    call(&["judge", &dir]).await.refused(&["repetitions/04"]);
    // A run into the same folder leaves nothing of the previous one.
    let url = server.front.url();
    let mut once = command(&["run", "--url", &url, "--report-dir", &dir]);
    once.args(ONE).args(&HASTY[..2]);
    outcome(once).await;
    assert!(!seen.folder.path().join("repetitions").exists());
}

#[tokio::test]
async fn a_comparison_says_what_is_newly_flaky() {
    let server = flaky().await;
    let older = judge(&server.front.url(), &[ONE, &["--repeat=2"]].concat()).await;
    assert_eq!(older.outcome.code, Some(0), "{:?}", older.outcome);
    let newer = six(&server, &[]).await;
    let dir = |it: &Judged| it.folder.path().display().to_string();
    let came = call(&["diff", &dir(&older), &dir(&newer)]).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    came.printed(&[
        "finished repetitions differ: 2, then 6",
        "NEWLY FLAKY CATCHUP-2 passed → failed: passed in 4 of 6 repetitions",
        "Regression: one requirement regressed or became flaky.",
    ]);
    let came = call(&["diff", &dir(&newer), &dir(&older)]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["FIXED", "(it was flaky: passed in 4 of 6 repetitions"]);
}

#[tokio::test]
async fn a_run_that_ends_early_reports_what_was_seen() {
    let server = flaky().await;
    let seen = six(&server, &["--fail-fast"]).await;
    assert_eq!(seen.outcome.code, Some(1), "{:?}", seen.outcome);
    assert_eq!(seen.report["repetitions"]["begun"], 3);
    assert_eq!(seen.report["requirements"][0]["outcomes"]["passed"], 2);
    seen.outcome.printed(&["--fail-fast", "flaky 2/3"]);
    // A deadline is real time: the first one in which this machine finishes a repetition.
    let mut deadline = 4;
    let seen = loop {
        let deadline_option = format!("--deadline={deadline}s");
        let arguments = [
            "run",
            "--require=CATCHUP-2",
            "--repeat=1000",
            &deadline_option,
        ];
        let seen = judged(command(&arguments)).await;
        if seen.report["repetitions"]["finished"] != 0 || deadline > 100 {
            break seen;
        }
        deadline *= 4;
    };
    assert_eq!(seen.outcome.code, Some(3), "{:?}", seen.outcome);
    let of = &seen.report["repetitions"];
    let (begun, finished) = (of["begun"].as_u64(), of["finished"].as_u64());
    assert!(finished > Some(0) && finished < Some(1000), "{of}");
    assert!(
        begun == finished || begun == finished.map(|it| it + 1),
        "{of}"
    );
    assert_eq!(seen.with("failed"), [""; 0]);
    seen.outcome.printed(&["--deadline"]);
    let dir = seen.folder.path().display().to_string();
    let came = call(&["judge", &dir]).await;
    assert_eq!(came.code, Some(3), "{came:?}");
    came.printed(&["No verdict changed."]);
    for times in ["0", "1001", "often"] {
        let repeat = format!("--repeat={times}");
        call(&["run", &repeat]).await.refused(&["--repeat"]);
    }
}

/// Greets after this time, and sends nothing more.
async fn slow(after: Duration) -> Host {
    Host::websocket(move |mut socket| async move {
        tokio::time::sleep(after).await;
        if say(&mut socket, GREETING).await {
            listen(&mut socket).await;
        }
    })
    .await
}

/// The longest wait: milliseconds, and what it waited for.
fn longest(seen: &Judged) -> (u64, String) {
    let time_limits = seen.report["time_limits"].as_array().expect("measured");
    let step = time_limits.iter().find(|it| it["limit"] == "step_timeout");
    let step = step.expect("measured");
    let own = &seen.report["scenarios"][0]["time_limits"][0];
    assert_eq!(own["limit"], "step_timeout");
    assert_eq!(own["scenario"], Value::Null);
    let place = step["scenario"].as_str().expect("a scenario");
    assert!(place.starts_with("features/greeting"), "{step}");
    let text = step["waiting_for"].as_str().expect("a text");
    (
        step["worst_ms"].as_u64().expect("a number"),
        text.to_owned(),
    )
}

/// Checks whether every report for people says that the limit was nearly used up.
#[track_caller]
fn is_told(seen: &Judged, told: bool) {
    let said = &seen.outcome.stdout;
    assert_eq!(said.contains("NARROW  --step-timeout"), told, "{said}");
    let summary = seen.file("summary.md");
    assert_eq!(summary.contains("Nearly used up: "), told, "{summary}");
    let page = seen.file("report.html");
    assert_eq!(page.contains("nearly used up"), told);
    let flat = flat(said);
    assert!(
        flat.contains("Time limits used, at most: --step-timeout"),
        "{said}"
    );
}

#[tokio::test]
async fn a_time_limit_that_is_used_up_is_reported() {
    // It greets, and answers no ping.
    let server = slow(Duration::ZERO).await;
    let seen = judge(&server.url(), &["--require=GREETING-2", "-v"]).await;
    assert_eq!(longest(&seen).0, 500, "all of it, by whoever gives up");
    is_told(&seen, true);
    seen.outcome
        .printed(&["NARROW --step-timeout 100 % (500 ms of 500 ms), waiting for "]);
}

#[tokio::test]
async fn what_a_slow_answer_uses_of_its_time_limit_is_reported() {
    let options = ["--require=GREETING-1", "--step-timeout=6s", "-v"];
    let server = slow(Duration::from_millis(5400)).await;
    let seen = judge(&server.url(), &options).await;
    let (worst, waiting_for) = longest(&seen);
    assert_eq!(waiting_for, "the greeting");
    // Time in which the machine was too busy to run the suite does not count: on a busy machine that is
    // a lot, and the rest may be too short for a warning.
    assert!((1_000..=6_000).contains(&worst), "{worst}");
    is_told(&seen, worst > 4_800);
    let server = slow(Duration::from_millis(100)).await;
    let seen = judge(&server.url(), &options).await;
    assert!(longest(&seen).0 < worst);
    is_told(&seen, false);
}
