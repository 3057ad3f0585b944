//! What every day asks of the command line: names as arguments, how much is printed, completions, waiting.

use std::process::Stdio;

use crate::common::call::{call, command};

/// A short run of the bundled server.
const SHORT: &[&str] = &["run", "GREETING-1"];

#[tokio::test]
async fn verbose_quiet_and_json_say_how_much_is_printed() {
    let brief = call(&[SHORT, &["-q"]].concat()).await;
    assert!(brief.stdout.starts_with("Passed ("), "{}", brief.stdout);
    let usual = call(SHORT).await;
    assert!(
        !usual.stdout.contains("Time limits used"),
        "{}",
        usual.stdout
    );
    let verbose = call(&[SHORT, &["--verbose"]].concat()).await;
    verbose.printed(&[
        "GREETING-1 MUST",
        "Time limits used, at most: --step-timeout",
    ]);
    let pretty = call(&[SHORT, &["--format", "pretty"]].concat()).await;
    pretty.printed(&["Feature: Being greeted", "Scenario: "]);
    let json = call(&[SHORT, &["--format", "json"]].concat()).await;
    let report: serde_json::Value = serde_json::from_str(&json.stdout).expect("one document");
    assert_eq!(report["exit_code"], 0);
}

#[tokio::test]
async fn quiet_with_a_duration_is_the_older_name_of_silence() {
    let brief = call(&[SHORT, &["--quiet=300ms"]].concat()).await;
    assert_eq!(brief.code, Some(0));
    assert!(!brief.stdout.starts_with("Passed ("), "{}", brief.stdout);
    let wrong = call(&[SHORT, &["--quiet=soon"]].concat()).await;
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("--quiet"), "{}", wrong.stderr);
}

#[tokio::test]
async fn ids_families_and_names_select() {
    for (what, all) in [
        ("GREETING-1", "the one MUST requirement passed"),
        ("refusal", "all 3 MUST requirements passed"),
    ] {
        let came = call(&["run", what, "-q"]).await;
        assert_eq!(came.code, Some(0), "{what}: {}", came.stderr);
        came.printed(&[all]);
    }
    let name = call(&["run", "a viewer CONNECTS", "-v"]).await;
    name.printed(&["A viewer connects"]);
    let typo = call(&["run", "GREETING-1", "GREETNG-2"]).await;
    typo.refused(&["\"GREETNG-2\" matches none of", "GREETING-2"]);
}

#[tokio::test]
async fn completions_and_manual_pages_know_the_command_line() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let came = call(&["completions", shell]).await;
        assert_eq!(came.code, Some(0));
        came.printed(&["reconnect-acceptance", "known-failures"]);
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().to_str().expect("text");
    assert_eq!(call(&["man", path]).await.code, Some(0));
    let page = dir.path().join("reconnect-acceptance-run.1");
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.contains("known\\-failures"), "{page}");
    let nowhere = call(&["man", "/nowhere/at/all"]).await;
    nowhere.refused(&["/nowhere/at/all"]);
}

#[tokio::test]
async fn a_server_that_comes_late_is_waited_for() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port().to_string();
    drop(free);
    let url = format!("ws://127.0.0.1:{port}/workflows/ws");
    let arguments = ["run", "GREETING-1", "-q", "--url", &url, "--wait"];
    let never = call(&[&arguments[..], &["300ms"]].concat()).await;
    assert_eq!(never.code, Some(3));
    never.printed(&["connection refused"]);

    let late = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let mut server = command(&["serve", "--bind", &port]);
        server.stdout(Stdio::null()).kill_on_drop(true);
        server.spawn().expect("a server")
    };
    let patient = [&arguments[..], &["60s"]].concat();
    let (came, _server) = tokio::join!(call(&patient), late);
    assert_eq!(came.code, Some(0), "{}", came.stdout);
}
