//! The command line: exit codes, texts, and runs that end early.

use std::fs;
use std::process::Stdio;

use crate::common::call::{Judged, Outcome, call, command, flat, judge, judged, outcome};
use crate::common::host::{GREETING, Host, event, hear, listen, quick, reference, say};
use crate::common::in_time;
use reconnect_acceptance::reference::{Config, Server};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A short run of the bundled server.
const SHORT: &[&str] = &["run", "--require", "GREETING-1"];

// Errors before anything is started.

#[tokio::test]
async fn usage_errors_say_what_is_wrong() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["--bogus"], &["unexpected argument '--bogus'"]),
        (&["run", "--bogus"], &["unexpected argument '--bogus'"]),
        (&["bogus"], &["unrecognized subcommand 'bogus'"]),
        (&["run", "bogus"], &["\"bogus\" matches none of"]),
        (
            &["run", "--concurrency", "0"],
            &["--concurrency", "0 is not in 1..=1024"],
        ),
        (&["run", "--concurrency", "x"], &["--concurrency"]),
        (
            &["run", "--step-timeout", "soon"],
            &["--step-timeout", "soon"],
        ),
        (
            &["run", "--step-timeout", "0s"],
            &["--step-timeout", "longer than 0s"],
        ),
        (&["run", "--deadline", "5"], &["--deadline", "5"]),
        (&["run", "--away=-1s"], &["--away"]),
        (&["run", "--name", "("], &["--name", "unclosed group"]),
        (
            &["run", "--tags", "@a and"],
            &["read the tag expression \"@a and\""],
        ),
        (
            &["run", "--format", "html"],
            &["--format", "terminal", "quiet"],
        ),
        (&["run", "--color", "blue"], &["--color", "auto"]),
        (
            &["run", "--url", "ws://h", "--target", "t"],
            &["--url", "--target", "cannot be used with"],
        ),
        (
            &["run", "--url", "ws://h", "--fault", "f"],
            &["--fault", "cannot be used with"],
        ),
        (
            &["run", "--fault", "catch-up-dorp"],
            &["no fault is named `catch-up-dorp`", "catch-up-drop"],
        ),
        (
            &["serve", "--fault", "nonsense"],
            &["no fault is named `nonsense`"],
        ),
        (&["serve", "--bind", "nowhere"], &["--bind"]),
        (
            &["serve", "--bind", "192.0.2.1:1"],
            &["listen at 192.0.2.1:1", "--bind"],
        ),
        (&["list"], &["<WHAT>"]),
        (&["list", "bogus"], &["requirements", "steps"]),
        (&["list", "schema"], &["<FILE>"]),
        (&["list", "schema", "bogus"], &["known-failures", "target"]),
        (&["list", "faults", "target"], &["only `list schema`"]),
        (&["explain"], &["<ID>"]),
        (
            &["explain", "CATCHUP-22"],
            &["unknown requirement \"CATCHUP-22\"", "CATCHUP-2"],
        ),
        (&["doctor"], &["no server given; use --url or --target"]),
        (&["watch"], &["--url <URL>"]),
        (
            &["watch", "--url", "http://h", "--run-id", "r"],
            &["say that with --workflow-id"],
        ),
        (
            &["watch", "--url", "http", "--dead-after", "0s"],
            &["--dead-after", "longer than 0s"],
        ),
        (
            &["watch", "--url", "ws://h", "--defect", "plain-jsom"],
            &["plain-jsom", "plain-json"],
        ),
        (
            &[
                "watch",
                "--url",
                "ws://h",
                "--shown",
                "/no/such/folder/file",
            ],
            &["write /no/such/folder/file"],
        ),
        (
            &[
                "watch",
                "--url",
                "ws://h",
                "--token-env",
                "NO_SUCH_VARIABLE",
            ],
            &["NO_SUCH_VARIABLE is not set"],
        ),
        (
            &["run", "--require", "CATCHUB"],
            &["matches none of", "the nearest: CATCHUP-"],
        ),
        (
            &["run", "--tags", "@shuld"],
            &["matches none of", "@should"],
        ),
        (
            &["run", "--name", "connektion"],
            &["matches none of", "the nearest: "],
        ),
        (
            &["run", "--features", "/no/such/folder"],
            &["/no/such/folder"],
        ),
        (
            &["run", "--target", "/no/such/file.toml"],
            &["read the target file /no/such/file.toml"],
        ),
    ];
    for (arguments, said) in cases {
        let came = call(arguments).await;
        came.refused(said);
        assert_eq!(came.stdout, "", "{arguments:?}");
    }
}

#[tokio::test]
async fn target_files_that_cannot_be_used_say_where_they_are_wrong() {
    let folder = TempDir::new().expect("a folder");
    let cases = [
        (
            "url = \"ws://h\"\nbogus = 1\n",
            "line 2: unknown field `bogus`",
        ),
        (
            "url = \"ws://h\"\n[parts.lang]\nworkflow_id = \"w\"\n",
            "unknown part \"lang\"; the parts are long",
        ),
        (
            "url = \"ws://h\"\n[parts.long]\nbogus = 1\n",
            "line 3: unknown field `bogus`",
        ),
        (
            "url = \"ws://h\"\n[parts.long]\n",
            "missing field `workflow_id`",
        ),
        ("[parts.long]\nworkflow_id = \"w\"\n", "missing field `url`"),
        ("url = \"ws://h\"\n", "the target file names no workflow"),
        (
            "url = \"http://h\"\n[parts.long]\nworkflow_id = \"w\"\n",
            "it must start with ws:// or wss://",
        ),
        (
            "url = \"ws://h\"\ntoken_env = \"NO_SUCH_VARIABLE\"\n[parts.long]\nworkflow_id = \"w\"\n",
            "NO_SUCH_VARIABLE is not set",
        ),
        ("url = ", "line 1"),
        ("\u{1b}[31m", "line 1"),
        ("url = \"ws://h\"\n\"\\u001b[31m\" = 1\n", "line 2"),
    ];
    for (text, said) in cases {
        let file = folder.path().join("target.toml");
        fs::write(&file, text).expect("written");
        let file = file.display().to_string();
        for verb in ["run", "doctor"] {
            let came = call(&[verb, "--target", &file]).await;
            came.refused(&[said]);
            assert!(!came.stderr.contains('\u{1b}'), "{came:?}");
        }
    }
}

// What needs no server.

#[tokio::test]
async fn everything_is_listed_for_people_and_machines() {
    for (what, name, known) in [
        ("requirements", "id", "CATCHUP-2"),
        ("scenarios", "id", "features/catching_up.feature"),
        ("faults", "name", "catch-up-drop"),
        ("defects", "name", "stale-position"),
        ("steps", "phrase", "{viewer} returns {position}"),
    ] {
        let plain = call(&["list", what]).await;
        assert_eq!((plain.code, plain.stderr.as_str()), (Some(0), ""));
        assert!(plain.stdout.contains(known), "{known} in {}", plain.stdout);
        let json = call(&["list", what, "--json"]).await;
        assert_eq!((json.code, json.stderr.as_str()), (Some(0), ""));
        let rows: Vec<Value> = serde_json::from_str(&json.stdout).expect("JSON");
        assert_eq!(rows.len(), plain.stdout.lines().count());
        assert!(rows.iter().all(|row| row[name].is_string()));
        assert!(rows.iter().any(|row| row[name].to_string().contains(known)));
    }
}

#[tokio::test]
async fn every_requirement_is_explained() {
    let listed = call(&["list", "requirements", "--json"]).await;
    let rows: Vec<Value> = serde_json::from_str(&listed.stdout).expect("JSON");
    for row in rows {
        let id = row["id"].as_str().expect("an id");
        let came = call(&["explain", id]).await;
        assert_eq!((came.code, came.stderr.as_str()), (Some(0), ""), "{id}");
        came.printed(&[
            row["sentence"].as_str().expect("a sentence"),
            "Why it matters",
        ]);
    }
    for id in ["catchup-2", "@CATCHUP-2"] {
        call(&["explain", id]).await.printed(&["CATCHUP-2 (MUST)"]);
    }
}

#[tokio::test]
async fn version_and_help() {
    let came = call(&["--version"]).await;
    let version = format!("reconnect-acceptance {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (came.code, came.stdout.as_str()),
        (Some(0), version.as_str())
    );
    let secret = ("RECONNECT_ACCEPTANCE_URL", "ws://canary");
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["help", "run"],
        &["doctor", "-h"],
    ] {
        let mut asked = command(arguments);
        asked.env(secret.0, secret.1);
        let came = outcome(asked).await;
        assert_eq!(came.code, Some(0));
        assert!(
            !came.stdout.contains("canary"),
            "help shows no value of the environment"
        );
    }
}

// How a run looks.

#[tokio::test]
async fn no_subcommand_means_run() {
    for arguments in [&["--require", "GREETING-1"][..], SHORT] {
        let judged = judged(command(arguments)).await;
        assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
        judged.outcome.printed(&[
            "self-test against the bundled server",
            "the one MUST requirement passed",
        ]);
    }
}

#[tokio::test]
async fn options_come_from_the_environment_too() {
    let host = Host::saying(&[]).await;
    let mut asked = command(&["--require", "GREETING-1"]);
    asked
        .env("RECONNECT_ACCEPTANCE_URL", host.url())
        .env("RECONNECT_ACCEPTANCE_STEP_TIMEOUT", "200ms")
        .env("RECONNECT_ACCEPTANCE_STRICT", "1");
    let seen = judged(asked).await;
    seen.inconclusive("said nothing for 200ms");
    assert_eq!(seen.report["strict"], true);
    for (value, strict) in [
        ("true", true),
        ("yes", true),
        ("false", false),
        ("0", false),
        ("", false),
    ] {
        let mut asked = command(SHORT);
        asked.env("RECONNECT_ACCEPTANCE_STRICT", value);
        let seen = judged(asked).await;
        assert_eq!(seen.report["strict"], strict, "{value:?}");
    }
}

#[tokio::test]
async fn quiet_prints_only_the_verdict() {
    let came = call(&[SHORT, &["--format", "quiet"]].concat()).await;
    assert_eq!(came.code, Some(0));
    assert_eq!(
        came.stdout,
        "Passed (self-test against the bundled server): the one MUST requirement passed,\nexit code 0.\n"
    );
    assert_eq!(came.stderr, "");
}

#[tokio::test]
async fn colors_are_used_where_they_are_wanted() {
    type Case = (
        &'static [&'static str],
        Option<(&'static str, &'static str)>,
        bool,
    );
    let cases: &[Case] = &[
        (&[], None, false),
        (&["--color", "never"], None, false),
        (&["--color", "always"], None, true),
        (&["--color", "auto"], Some(("NO_COLOR", "1")), false),
        (&["--color", "auto"], Some(("CLICOLOR_FORCE", "1")), true),
        // The command line takes precedence over the environment.
        (&["--color", "always"], Some(("NO_COLOR", "1")), true),
    ];
    for (arguments, variable, coloured) in cases {
        let mut asked = command(&[SHORT, arguments].concat());
        if let Some((name, value)) = variable {
            asked.env(name, value);
        }
        let came = outcome(asked).await;
        assert_eq!(came.code, Some(0));
        assert_eq!(
            came.stdout.contains('\u{1b}'),
            *coloured,
            "{arguments:?} {variable:?}"
        );
    }
}

/// Reads one line and closes the pipe.
async fn head(arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = command(arguments).spawn().expect("started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
    let mut line = String::new();
    in_time(stdout.read_line(&mut line)).await.expect("a line");
    drop(stdout);
    let output = in_time(child.wait_with_output()).await.expect("an end");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[tokio::test]
async fn a_closed_pipe_is_no_error() {
    let commands: &[&[&str]] = &[
        &["list", "requirements"],
        &["list", "scenarios", "--json"],
        &["explain", "CATCHUP-2"],
        &["run", "--help"],
        &["--version"],
        SHORT,
    ];
    for arguments in commands {
        assert_eq!(
            head(arguments).await,
            (Some(0), String::new()),
            "{arguments:?}"
        );
    }
    // A pipe that is closed from the start.
    for arguments in commands {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut asked = command(arguments);
        asked.stdout(writer);
        let came = outcome(asked).await;
        assert_eq!(
            (came.code, came.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut asked = command(&["run", "--bogus"]);
    asked.stderr(writer);
    assert_eq!(outcome(asked).await.code, Some(2));
}

// What ends a run early.

/// Greets, and never ends a run; sends a message for every run that is started.
async fn slow() -> (Host, UnboundedReceiver<()>) {
    let (tell, started) = unbounded_channel();
    let host = Host::websocket(move |mut socket| {
        let tell = tell.clone();
        async move {
            say(&mut socket, GREETING).await;
            while let Some(asked) = hear(&mut socket).await {
                if asked["action"] == "start-workflow" {
                    let session = &asked["session_id"];
                    let run = format!("run of {session}");
                    say(&mut socket, &event("WorkflowStarted", &run, session, 0)).await;
                    let _ = tell.send(());
                }
            }
        }
    })
    .await;
    (host, started)
}

const ENDLESS: &[&str] = &[
    "--step-timeout=1h",
    "--scenario-timeout=1h",
    "--require=START-2",
    "--require=START-3",
];

/// No scenario is finished; what was seen so far is reported.
fn partial(judged: &Judged, reason: &str) {
    assert_eq!(judged.report["interrupted"], reason);
    judged.inconclusive(&format!("The run was cut short: {reason}"));
    for scenario in judged.report["scenarios"].as_array().expect("a list") {
        let verdict = scenario["verdict"].as_str().expect("a verdict");
        assert!(
            matches!(verdict, "inconclusive" | "not_applicable"),
            "{scenario}"
        );
        assert!(scenario["reason"].is_string(), "{scenario}");
    }
    let transcripts = judged.files();
    let started = transcripts
        .iter()
        .any(|(_, text)| text.contains("start-workflow"));
    assert!(started, "what was seen is recorded");
}

#[cfg(unix)]
async fn signal(child: &Child, name: &str) {
    let pid = child.id().expect("it runs").to_string();
    let status = tokio::process::Command::new("kill")
        .args(["-s", name, &pid])
        .status();
    assert!(in_time(status).await.expect("kill").success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_a_run_with_partial_reports() {
    for (name, reason) in [("INT", "Ctrl-C ended it"), ("TERM", "SIGTERM ended it")] {
        let (host, mut started) = slow().await;
        let folder = TempDir::new().expect("a folder");
        let url = host.url();
        let mut asked = command(&[&["run", "--url", &url], ENDLESS].concat());
        asked.arg("--report-dir").arg(folder.path());
        let child = asked.spawn().expect("started");
        in_time(started.recv()).await.expect("a run");
        signal(&child, name).await;
        let output = in_time(child.wait_with_output()).await.expect("an end");
        let came = Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        };
        assert_eq!(came.stderr, "");
        partial(&Judged::read(came, folder), reason);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_a_run_that_is_still_connecting() {
    let (tell, mut connected) = unbounded_channel();
    let host = Host::tcp(move |mut tcp| {
        let _ = tell.send(());
        async move {
            let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
        }
    })
    .await;
    let url = host.url();
    let child = command(&[&["run", "--url", &url], ENDLESS].concat())
        .spawn()
        .expect("started");
    in_time(connected.recv()).await.expect("a connection");
    signal(&child, "TERM").await;
    let output = in_time(child.wait_with_output()).await.expect("an end");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = flat(&String::from_utf8_lossy(&output.stdout));
    assert!(
        said.contains("The run was cut short: SIGTERM ended it"),
        "{said}"
    );
}

#[tokio::test]
async fn the_deadline_ends_a_run_with_partial_reports() {
    let (host, mut started) = slow().await;
    let judged = judge(&host.url(), &[ENDLESS, &["--deadline=2s"]].concat()).await;
    started.try_recv().expect("a run was started");
    partial(&judged, "the run took longer than 2s (--deadline)");
}

#[tokio::test]
async fn the_first_failed_requirement_can_end_a_run() {
    let arguments = [
        "run",
        "--fault",
        "start-at-one",
        "--fail-fast",
        "--concurrency=1",
    ];
    let seen = judged(command(&arguments)).await;
    assert_eq!(seen.outcome.code, Some(1), "{:?}", seen.outcome);
    assert_eq!(
        seen.report["interrupted"],
        "the first failed requirement ended it (--fail-fast)"
    );

    // One scenario at a time: those after the first failed one never begin.
    let hooks = reference(Config {
        faults: vec!["no-pong".parse().expect("a fault")],
        ..quick()
    })
    .await;
    let more = [
        "--fail-fast",
        "--strict",
        "--concurrency=1",
        "--step-timeout=1s",
        "--require=GREETING",
    ];
    let judged = judge(&hooks.url(), &more).await;
    assert_eq!(judged.outcome.code, Some(1), "{:?}", judged.outcome);
    assert_eq!(
        judged.report["interrupted"],
        "the first failed requirement ended it (--fail-fast)"
    );
    let scenarios = judged.report["scenarios"].as_array().expect("a list");
    let failed = scenarios
        .iter()
        .filter(|it| it["verdict"] == "failed")
        .count();
    assert_eq!(failed, 1, "{scenarios:?}");
}

// The other commands.

#[cfg(unix)]
#[tokio::test]
async fn serve_prints_its_urls_first_and_ends_on_a_signal() {
    for name in ["TERM", "INT"] {
        let mut child = command(&["serve", "--bind", "127.0.0.1:0", "--pace", "0s"])
            .spawn()
            .expect("started");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        let mut url = String::new();
        in_time(stdout.read_line(&mut url)).await.expect("a line");
        assert!(
            url.starts_with("ws://127.0.0.1:") && url.ends_with("/workflows/ws\n"),
            "{url:?}"
        );
        let doctor = call(&["doctor", "--url", url.trim()]).await;
        assert_eq!(doctor.code, Some(0), "{doctor:?}");
        signal(&child, name).await;
        let mut rest = String::new();
        in_time(stdout.read_to_string(&mut rest))
            .await
            .expect("the rest");
        let status = in_time(child.wait()).await.expect("an end");
        let over_http = url.replacen("ws", "http", 1).replace("/workflows/ws", "");
        assert_eq!((status.code(), rest), (Some(0), over_http));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn serve_can_be_ended_as_soon_as_its_url_is_read() {
    let mut child = command(&["serve", "--bind", "127.0.0.1:0"])
        .spawn()
        .expect("started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
    let mut url = String::new();
    in_time(stdout.read_line(&mut url)).await.expect("a line");
    signal(&child, "TERM").await;
    assert_eq!(in_time(child.wait()).await.expect("an end").code(), Some(0));
}

async fn doctor(url: &str) -> (Option<i32>, Vec<String>, String) {
    let came = call(&["doctor", "--url", url, "--step-timeout=1s"]).await;
    assert_eq!(came.stderr, "");
    let lines: Vec<String> = came.stdout.lines().map(str::to_owned).collect();
    let marks = lines.iter().map(|line| {
        let mut words = line.split_whitespace();
        format!(
            "{} {}",
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default()
        )
    });
    (came.code, marks.collect(), flat(&came.stdout))
}

#[tokio::test]
async fn the_doctor_finds_nothing_wrong_with_a_good_server() {
    let server = reference(quick()).await;
    let (code, marks, said) = doctor(&server.url()).await;
    let all = [
        "✔ TCP",
        "✔ TLS",
        "✔ upgrade",
        "✔ greeting",
        "✔ auth",
        "✔ run",
        "✔ index",
        "✔ ping",
        "✔ length",
    ];
    assert_eq!(marks, all.map(str::to_owned), "{said}");
    assert_eq!(code, Some(0));
    assert!(said.contains("the run has 60 events"), "{said}");
}

#[tokio::test]
async fn the_doctor_says_that_a_workflow_is_too_short() {
    let server = reference(quick()).await;
    let url = server.url();
    let came = call(&["doctor", "--url", &url, "--workflow-id=short-workflow"]).await;
    assert_eq!(came.code, Some(3), "{came:?}");
    came.printed(&["the run has 10 events; the part `long` has 40 events or more"]);
}

#[tokio::test]
async fn the_doctor_says_that_a_workflow_blocks_the_server() {
    let blocked = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        // The start; the ping is never answered.
        let Some(start) = hear(&mut socket).await else {
            return;
        };
        let first = event("WorkflowStarted", "r", &start["session_id"], 0);
        say(&mut socket, &first).await;
        listen(&mut socket).await;
    })
    .await;
    let (code, marks, said) = doctor(&blocked.url()).await;
    assert_eq!(code, Some(3), "{said}");
    assert_eq!(marks.last().map(String::as_str), Some("✘ ping"), "{said}");
    assert!(said.contains("the workflow blocks the server"), "{said}");
}

#[tokio::test]
async fn the_doctor_names_the_first_thing_that_is_wrong() {
    let dead = Host::tcp(async |tcp| drop(tcp)).await;
    let silent = Host::saying(&[]).await;
    let noisy = Host::websocket(async |mut socket| while say(&mut socket, "x").await {}).await;
    let after = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        while say(&mut socket, "x").await {}
    })
    .await;
    let closing = Host::websocket(async |mut socket| {
        let _ = socket.close(None).await;
        listen(&mut socket).await;
    })
    .await;
    let mute = Host::saying(&[GREETING]).await;
    let guarded: Server = reference(Config {
        token: Some("token of the test".to_owned()),
        ..quick()
    })
    .await;
    let other = reference(Config {
        scripts: Vec::new(),
        ..quick()
    })
    .await;
    let cases = [
        (dead.url(), "upgrade", "the server hung up"),
        (
            silent.url(),
            "greeting",
            "waited 1s for the greeting, and it did not come",
        ),
        (
            noisy.url(),
            "greeting",
            "waited 1s for the greeting, and it did not come",
        ),
        (
            closing.url(),
            "greeting",
            "the server closed the connection",
        ),
        (
            guarded.url(),
            "auth",
            "name the environment variable that contains it with --token-env",
        ),
        (
            mute.url(),
            "run",
            "waited 1s for the first event of the run, and it did not come",
        ),
        (
            after.url(),
            "run",
            "waited 1s for the first event of the run, and it did not come",
        ),
        (other.url(), "run", "was refused: "),
    ];
    for (url, what, why) in cases {
        let (code, marks, said) = doctor(&url).await;
        assert_eq!(code, Some(3), "{said}");
        assert_eq!(marks.last(), Some(&format!("✘ {what}")), "{said}");
        assert!(
            marks[..marks.len() - 1]
                .iter()
                .all(|mark| mark.starts_with('✔')),
            "{said}"
        );
        assert!(said.contains(why), "{why:?} is not in {said:?}");
    }
    let (code, marks, said) = doctor("ws://127.0.0.1:1/").await;
    assert_eq!((code, marks), (Some(3), vec!["✘ TCP".to_owned()]), "{said}");
    let (_, marks, said) = doctor(&mute.url().replace("ws://", "wss://")).await;
    assert_eq!(marks, ["✔ TCP", "✘ TLS"], "{said}");
}

#[tokio::test]
async fn the_doctor_says_whether_a_token_is_needed() {
    const TOKEN: &str = "canary-of-the-doctor";
    let open = reference(quick()).await;
    let guarded = reference(Config {
        token: Some(TOKEN.to_owned()),
        ..quick()
    })
    .await;
    for (url, said) in [
        (guarded.url(), "needed, and the token was accepted"),
        (open.url(), "not needed, although a token was given"),
    ] {
        let mut asked = command(&["doctor", "--url", &url, "--token-env", "CLI_TESTS_TOKEN"]);
        asked.env("CLI_TESTS_TOKEN", TOKEN);
        let came = outcome(asked).await;
        assert_eq!(came.code, Some(0), "{came:?}");
        came.printed(&[said]);
        assert!(!format!("{came:?}").contains("canary"), "{came:?}");
    }
}

#[tokio::test]
async fn nothing_is_read_from_a_closed_stdin() {
    let mut asked = command(SHORT);
    asked.stdin(Stdio::null());
    assert_eq!(outcome(asked).await.code, Some(0));
}
