//! `init`: a target file from what a server shows, which `run --target` then takes.

use std::fs;
use std::time::Duration;

use reconnect_acceptance::reference::Config;
use tempfile::TempDir;

use crate::common::call::{call, command, judged, outcome};
use crate::common::host::{Host, quick, reference};

const KEY: &str = "canary-key-1n17";

#[tokio::test]
async fn the_file_of_a_server_is_one_that_run_takes() {
    let server = reference(Config {
        pace: Duration::from_millis(20),
        ..quick()
    })
    .await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("target.toml").display().to_string();
    let url = server.url();
    let init = ["init", "--url", &url, "--output", &file];
    let came = call(&init).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["target.toml is written.", "run --target"]);
    let text = fs::read_to_string(&file).expect("a file");
    let http_url = format!("http_url = \"{}\"", server.http_url());
    assert!(text.contains(&http_url), "{text}");
    assert!(
        text.contains("# [parts.failing]\n# workflow_id = \"failing-workflow\""),
        "{text}"
    );
    let run = [
        "run",
        "--target",
        &file,
        "--away=100ms",
        "--require=GREETING-1",
        "--require=CATCHUP-2",
    ];
    let seen = judged(command(&run)).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
    assert_eq!(seen.with("passed"), ["GREETING-1", "CATCHUP-2"]);

    let again = call(&init).await;
    again.refused(&["the file exists already", "--force"]);
    assert_eq!(fs::read_to_string(&file).expect("a file"), text);
    let forced = call(&[&init[..], &["--force"]].concat()).await;
    assert_eq!(forced.code, Some(0), "{forced:?}");
    let printed = call(&["init", "--url", &url, "--output", "-"]).await;
    assert_eq!((printed.code, printed.stdout), (Some(0), text));
}

#[tokio::test]
async fn a_guarded_server_needs_the_right_token() {
    let server = reference(Config {
        token: Some(KEY.to_owned()),
        ..quick()
    })
    .await;
    let url = server.url();
    let with = |name: &'static str, value: &str| {
        let mut command = command(&["init", "--url", &url, "--output=-", "--token-env", name]);
        command.env(name, value);
        command
    };
    let without = call(&["init", "--url", &url, "--output=-"]).await;
    assert_eq!(without.code, Some(0), "{without:?}");
    without.printed(&[
        "# MISSING: the variable that contains its token",
        "answered by 401",
    ]);
    let right = outcome(with("INIT_TESTS_KEY", KEY)).await;
    assert_eq!(right.code, Some(0), "{right:?}");
    right.printed(&["token_env = \"INIT_TESTS_KEY\"", "[parts.long]"]);
    assert!(!right.stdout.contains("canary"), "{right:?}");
    let wrong = outcome(with("INIT_TESTS_WRONG", "canary-wrong-1n17")).await;
    wrong.refused(&["the server refused the token in INIT_TESTS_WRONG"]);
    assert!(!wrong.stderr.contains("canary"), "{wrong:?}");
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_leaves_no_file() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("target.toml");
    let path = file.display().to_string();
    let silent = Host::tcp(async |mut tcp| {
        let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
    })
    .await;
    for (url, said) in [
        (
            "ws://127.0.0.1:1/workflows/ws".to_owned(),
            "connection refused",
        ),
        (silent.url(), "no answer within 500ms"),
    ] {
        let arguments = [
            "init",
            "--url",
            &url,
            "--step-timeout=500ms",
            "--output",
            &path,
        ];
        let came = call(&arguments).await;
        assert_eq!(came.code, Some(3), "{came:?}");
        came.complained(&[
            "failed to look at the server: ",
            said,
            "nothing was written",
        ]);
        assert!(!file.exists());
    }
    call(&["init", "--url", "ftp://h"])
        .await
        .refused(&["ws://"]);
    call(&["init"]).await.refused(&["--url"]);
}
