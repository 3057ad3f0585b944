//! A target file cannot make a server look well: what it says and the server does not do is an error of
//! configuration, exit code 2, with the key and its line.

use std::fs;
use std::time::Duration;

use reconnect_acceptance::reference::{Config, Server};
use tempfile::TempDir;
use tokio::process::Command;

use crate::common::call::{Outcome, command, judged, outcome};
use crate::common::host::{quick, reference};

const KEY: &str = "canary-key-71c0";
const PARTS: &str = "[parts.long]\nworkflow_id = \"content-creation-workflow\"\n\
    [parts.short]\nworkflow_id = \"short-workflow\"\n\
    [parts.failing]\nworkflow_id = \"short-workflow\"\n";

async fn server(token: Option<&str>) -> Server {
    reference(Config {
        token: token.map(str::to_owned),
        pace: Duration::from_millis(20),
        ..quick()
    })
    .await
}

/// The suite with these requirements on the target of a file with these lines.
fn on(folder: &TempDir, target: &str, requirements: &[&str]) -> Command {
    let file = folder.path().join("target.toml");
    fs::write(&file, format!("{target}\n{PARTS}")).expect("written");
    let file = file.display().to_string();
    let required: Vec<_> = requirements
        .iter()
        .map(|it| format!("--require={it}"))
        .collect();
    let mut arguments = vec!["run", "--target", &file, "--away=100ms", "--quiet=100ms"];
    arguments.extend(required.iter().map(String::as_str));
    let mut command = command(&arguments);
    command.env("MISCONFIGURED_TESTS_KEY", KEY);
    command.env("MISCONFIGURED_TESTS_WRONG", "canary-wrong-88a1");
    command.env("MISCONFIGURED_TESTS_SAME", format!("{KEY}\n"));
    command
}

async fn refused(target: &str, requirements: &[&str], words: &[&str]) -> Outcome {
    let folder = TempDir::new().expect("a folder");
    let came = outcome(on(&folder, target, requirements)).await;
    assert_eq!(came.code, Some(2), "{came:?}");
    came.complained(words);
    assert!(!came.stderr.contains("canary"), "{came:?}");
    came
}

#[tokio::test]
async fn a_replica_that_is_the_server_is_refused() {
    let server = server(None).await;
    let url = server.url();
    for other in [
        url.clone(),
        url.replace("127.0.0.1", "localhost"),
        format!("{url}/"),
    ] {
        let target = format!("url = \"{url}\"\nreplica = \"{other}\"\n");
        let words = [
            "line 2: replica leads to the server of `url`",
            "^ for example: replica =",
        ];
        refused(&target, &["REPLICA"], &words).await;
    }
}

#[tokio::test]
async fn two_users_with_one_token_are_refused() {
    let server = server(Some(KEY)).await;
    let target = format!(
        "url = \"{}\"\n[users]\ntoken_envs = [\"MISCONFIGURED_TESTS_KEY\", \"MISCONFIGURED_TESTS_SAME\"]\n",
        server.url()
    );
    let words = [
        "[users] token_envs (line 3 of ",
        "MISCONFIGURED_TESTS_KEY and MISCONFIGURED_TESTS_SAME hold the same token",
    ];
    refused(&target, &["OWNER-2"], &words).await;
}

#[tokio::test]
async fn tokens_that_the_server_refuses_are_refused() {
    let (open, guarded) = (server(None).await, server(Some(KEY)).await);
    let target = |table: &str| format!("url = \"{}\"\n{table}", open.url());
    let of_guarded = target(&format!(
        "[guarded]\nurl = \"{}\"\ntoken_env = \"MISCONFIGURED_TESTS_WRONG\"\n",
        guarded.url()
    ));
    let words = [
        "[guarded] token_env (line 4 of ",
        "was refused by the server",
    ];
    refused(&of_guarded, &["AUTH"], &words).await;
    let of_users = target(&format!(
        "[users]\nurl = \"{}\"\ntoken_envs = [\"MISCONFIGURED_TESTS_KEY\", \"MISCONFIGURED_TESTS_WRONG\"]\n",
        guarded.url()
    ));
    let words = [
        "[users] token_envs (line 4 of ",
        "the second of these tokens was refused",
    ];
    refused(&of_users, &["OWNER-2"], &words).await;
    // A scenario that does not need the token is not kept from running.
    let folder = TempDir::new().expect("a folder");
    let came = outcome(on(&folder, &of_guarded, &["GREETING-1"])).await;
    assert_eq!(came.code, Some(0), "{came:?}");
}

#[tokio::test]
async fn a_restart_that_restarts_nothing_is_told() {
    let server = server(None).await;
    let folder = TempDir::new().expect("a folder");
    let target = format!("url = \"{}\"\nrestart = \"true\"\n", server.url());
    let seen = judged(on(&folder, &target, &["RESTART-1", "GREETING-1"])).await;
    assert_eq!(seen.outcome.code, Some(2), "{:?}", seen.outcome);
    assert_eq!(seen.report["verdict"], "misconfigured");
    assert_eq!(seen.with("passed"), ["GREETING-1"]);
    assert_eq!(seen.with("inconclusive"), ["RESTART-1"]);
    seen.outcome.printed(&[
        "Wrong configuration: restart (line 2 of ",
        "does not restart the server: a connection that was open before the command answered `ping`",
    ]);
    assert!(
        seen.file("junit.xml")
            .contains("type=\"wrong configuration\"")
    );
    assert!(
        seen.file("summary.md")
            .contains("Wrong configuration: restart")
    );
}

#[tokio::test]
async fn a_wrong_http_url_is_told() {
    let server = server(None).await;
    for (http_url, code) in [
        (format!("{}/api", server.http_url()), 2),
        (server.http_url(), 0),
    ] {
        let folder = TempDir::new().expect("a folder");
        let target = format!("url = \"{}\"\nhttp_url = \"{http_url}\"\n", server.url());
        let seen = judged(on(&folder, &target, &["CANCEL-1"])).await;
        assert_eq!(seen.outcome.code, Some(code), "{:?}", seen.outcome);
        assert_eq!(seen.with("not_applicable"), [""; 0]);
        if code == 2 {
            seen.outcome.printed(&[
                "Wrong configuration: http_url (line 2 of ",
                "is not the server's HTTP address",
                "GET /workflows is answered by 404",
            ]);
        }
    }
}

#[tokio::test]
async fn a_miscast_part_is_told_and_accuses_nobody() {
    let server = server(None).await;
    let folder = TempDir::new().expect("a folder");
    let target = format!("url = \"{}\"\n", server.url());
    let seen = judged(on(&folder, &target, &["FAILING"])).await;
    assert_eq!(seen.outcome.code, Some(3), "{:?}", seen.outcome);
    assert_eq!(seen.with("failed"), [""; 0]);
    seen.outcome
        .printed(&["the part `failing` is miscast: its run completed"]);
}
