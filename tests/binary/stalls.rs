//! Servers that stop in the middle of something, and keep the connection: the run ends by its deadline,
//! with complete reports of what was seen until then.

mod over_http;

use std::fs;
use std::future::pending;
use std::time::{Duration, Instant};

use crate::common::call::{OVER, Outcome, command, outcome_of};
use crate::common::folder::{judged_again, read_complete, transcripts};
use crate::common::host::{GREETING, Host, Socket, event, hear, listen, quick, reference, say};
use crate::common::in_time;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use reconnect_acceptance::reference::{Config, Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// What is tried: a run that is watched, one that is returned to, one that is cancelled, a question.
const REQUIRE: &[&str] = &["START-2", "CATCHUP-2", "CANCEL-1", "GREETING-2"];

/// What a transcript says where no connection came about.
const NOT_OPENED: &str = "not_opened";

/// How much longer than its deadline a run may take on a machine that is busy, for judging and writing.
/// A bound against hanging, and no measure of speed.
const ALLOWANCE: Duration = Duration::from_secs(280);

/// So many are tried at once: each is a suite with all of its scenarios under way, and the servers need their turn, too.
const AT_ONCE: usize = 8;

/// Where a server stops. It is in this process: more threads than one, so that nobody who looks at reports
/// holds it up.
struct Stall {
    name: &'static str,
    url: String,
    /// Options besides those that every run gets.
    more: Vec<String>,
    /// What the transcripts must tell of, as it stands in them, where the run ended by itself. At the
    /// deadline, nothing has come of an attempt to connect that is still under way.
    seen: &'static str,
    /// The exit code: 1 where a rule is about that very silence.
    code: i32,
    /// What must live for as long as the run does.
    _alive: Vec<Box<dyn Send + Sync>>,
}

impl Stall {
    fn new(name: &'static str, host: Host, seen: &'static str, code: i32) -> Self {
        Self {
            name,
            url: host.url(),
            more: Vec::new(),
            seen,
            code,
            _alive: vec![Box::new(host)],
        }
    }
}

/// Says these bytes, and not another one; neither reads nor closes.
async fn say_and_stop(tcp: &mut TcpStream, bytes: &[u8]) {
    let _ = tcp.write_all(bytes).await;
    pending().await
}

/// Reads the request, begins to answer in this way, and stops.
async fn beginning(bytes: &'static [u8]) -> Host {
    Host::tcp(async move |mut tcp| {
        let _ = tcp.read(&mut [0; 8192]).await;
        say_and_stop(&mut tcp, bytes).await;
    })
    .await
}

/// Greets, answers `ping`, starts a run with two events, and then says these bytes and stops.
async fn in_a_run(bytes: &'static [u8]) -> Host {
    Host::websocket(async move |mut socket| {
        if begin_a_run(&mut socket).await {
            say_and_stop(socket.get_mut(), bytes).await;
        }
    })
    .await
}

/// Until a run has two events; whether anybody asked for one.
async fn begin_a_run(socket: &mut Socket) -> bool {
    say(socket, GREETING).await;
    while let Some(asked) = hear(socket).await {
        if asked["action"] == "ping" {
            say(socket, r#"{"event": "pong"}"#).await;
            continue;
        }
        let session = &asked["session_id"];
        let run = format!("run of {session}");
        say(socket, &event("WorkflowStarted", &run, session, 0)).await;
        say(socket, &event("StepStarted", &run, session, 1)).await;
        return true;
    }
    false
}

/// Streams runs, and stops in the middle of what a viewer missed.
async fn in_a_catch_up() -> Host {
    Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        while let Some(asked) = hear(&mut socket).await {
            let session = &asked["session_id"];
            let run = format!("run of {session}");
            match asked["action"].as_str() {
                Some("start-workflow") => {
                    say(&mut socket, &event("WorkflowStarted", &run, session, 0)).await;
                    for index in 1..30 {
                        say(&mut socket, &event("RunContent", &run, session, index)).await;
                    }
                }
                Some("reconnect") => {
                    let catch_up = json!({"event": "catch_up", "run_id": run, "status": "running",
                        "missed_events": 15, "current_event_count": 40});
                    say(&mut socket, &catch_up.to_string()).await;
                    say(&mut socket, &event("RunContent", &run, session, 30)).await;
                    // It answers pings all the same: its line is not dead, and the silence is its own.
                    listen(&mut socket).await;
                }
                _ => {
                    say(&mut socket, r#"{"event": "pong"}"#).await;
                }
            }
        }
    })
    .await
}

/// A conforming server whose HTTP side begins to answer, and stops.
async fn in_an_answer_over_http(bytes: &'static [u8]) -> Stall {
    let server: Server = reference(Config {
        pace: Duration::from_millis(20),
        ..quick()
    })
    .await;
    let http = beginning(bytes).await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("target.toml");
    let text = format!(
        "url = {:?}\nhttp_url = \"http://{}\"\n[parts.long]\nworkflow_id = \"content-creation-workflow\"\n",
        server.url(),
        http.addr
    );
    fs::write(&file, text).expect("written");
    Stall {
        name: "in an answer over HTTP",
        url: String::new(),
        more: vec!["--target".to_owned(), file.display().to_string()],
        seen: "WorkflowStarted",
        code: 3,
        _alive: vec![Box::new(server), Box::new(http), Box::new(folder)],
    }
}

/// Every state in which a server can stop.
async fn stalls() -> Vec<Stall> {
    let unread = Host::tcp(async |_tcp| pending().await).await;
    let unanswered = beginning(b"").await;
    let half_an_answer = beginning(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs").await;
    let no_greeting = Host::websocket(async |_socket| pending().await).await;
    let half_a_greeting = Host::websocket(async |mut socket| {
        let length = u8::try_from(GREETING.len()).expect("a short greeting");
        let bytes = [&[0x81, length], &GREETING.as_bytes()[..20]].concat();
        say_and_stop(socket.get_mut(), &bytes).await;
    })
    .await;
    let greeting = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        pending().await
    })
    .await;
    // A record of the handshake, announced with 122 bytes, of which two come.
    let tls = beginning(&[0x16, 3, 3, 0, 0x7a, 2, 0]).await;
    let mut in_tls = Stall::new("in a TLS handshake", tls, NOT_OPENED, 3);
    in_tls.url = in_tls.url.replace("ws://", "wss://");
    let opened = "\"opened\"";
    let started = "WorkflowStarted";
    vec![
        Stall::new("before anything is read", unread, NOT_OPENED, 3),
        Stall::new("before the upgrade", unanswered, NOT_OPENED, 3),
        Stall::new("in the upgrade", half_an_answer, NOT_OPENED, 3),
        in_tls,
        Stall::new("after the upgrade", no_greeting, opened, 3),
        Stall::new("in the greeting", half_a_greeting, opened, 3),
        Stall::new("after the greeting", greeting, "requires_auth", 3),
        Stall::new("after an event", in_a_run(b"").await, started, 3),
        Stall::new("in a frame's header", in_a_run(&[0x81]).await, started, 3),
        Stall::new(
            "in a frame's length",
            in_a_run(&[0x81, 126, 1]).await,
            started,
            3,
        ),
        Stall::new(
            "in a frame",
            in_a_run(b"\x81\x20{\"event\"").await,
            started,
            3,
        ),
        Stall::new(
            "in a fragmented message",
            in_a_run(b"\x01\x08{\"event\"").await,
            started,
            3,
        ),
        Stall::new(
            "in a close frame",
            in_a_run(&[0x88, 10, 3]).await,
            started,
            3,
        ),
        Stall::new(
            "after a close frame",
            in_a_run(&[0x88, 2, 3, 0xe8]).await,
            started,
            3,
        ),
        Stall::new("in a catch-up", in_a_catch_up().await, "catch_up", 1),
        in_an_answer_over_http(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\"").await,
        in_an_answer_over_http(b"HTTP/1.1 200 OK\r\nContent-Le").await,
        in_an_answer_over_http(b"").await,
    ]
}

/// Runs the suite against it with this much patience, and sees that nothing is lost.
async fn run(stall: &Stall, timing: &[&str], deadline: Duration) -> (Outcome, Value, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let mut asked = command(&["run"]);
    if !stall.url.is_empty() {
        asked.args(["--url", &stall.url]).env_remove(OVER);
    }
    asked.args(&stall.more).args(timing);
    asked.args(REQUIRE.iter().map(|id| format!("--require={id}")));
    asked.arg(format!(
        "--deadline={}",
        humantime::format_duration(deadline)
    ));
    asked.arg("--report-dir").arg(folder.path());
    let began = Instant::now();
    let came = outcome_of(stall.name, asked).await;
    let took = began.elapsed();
    let name = stall.name;
    assert!(took < deadline + ALLOWANCE, "{name}: it took {took:?}");
    assert_eq!(came.stderr, "", "{name}");
    let report = read_complete(folder.path(), &came, REQUIRE);
    let seen = transcripts(folder.path());
    if report["interrupted"].is_null() || stall.seen != NOT_OPENED {
        let seen_all = seen.contains(stall.seen);
        assert!(seen_all, "{name}: what was seen is lost: {seen}");
    }
    (came, report, folder)
}

/// Does this with each of these states, some at once, and names those where it failed.
async fn with_each(stalls: Vec<Stall>, check: impl Fn(Stall) -> BoxFuture<'static, ()>) {
    let tried = stalls.into_iter().map(|stall| {
        let (name, trial) = (stall.name, check(stall));
        async move { (name, in_time(tokio::spawn(trial)).await) }
    });
    let mut tried = stream::iter(tried).buffer_unordered(AT_ONCE);
    let mut failed = Vec::new();
    while let Some((name, came)) = tried.next().await {
        if let Err(error) = came {
            failed.push(format!("{name}: {error}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_stops_is_given_up_step_by_step() {
    let limits = ["--step-timeout=3s", "--scenario-timeout=30s"];
    given_up_step_by_step(stalls().await, limits).await;
}

async fn given_up_step_by_step(stalls: Vec<Stall>, [step, scenario]: [&'static str; 2]) {
    with_each(stalls, move |stall| {
        async move {
            // The deadline is far away: each wait has its own end, and the run is over by itself.
            let timing = [
                step,
                scenario,
                "--away=50ms",
                "--quiet=50ms",
                "--concurrency=64",
            ];
            let deadline = Duration::from_secs(240);
            let (came, report, folder) = run(&stall, &timing, deadline).await;
            assert_eq!(came.code, Some(stall.code), "{}: {came:?}", stall.name);
            assert_eq!(report["interrupted"], Value::Null, "{}", stall.name);
            judged_again(folder.path(), &report).await;
        }
        .boxed()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_stops_is_given_up_at_the_deadline() {
    given_up_at_the_deadline(stalls().await).await;
}

async fn given_up_at_the_deadline(stalls: Vec<Stall>) {
    with_each(stalls, |stall| {
        async move {
            let timing = [
                "--step-timeout=1h",
                "--scenario-timeout=1h",
                "--away=1ms",
                "--concurrency=64",
            ];
            // Time enough to get there on a machine that is busy.
            let deadline = Duration::from_secs(15);
            let (came, report, folder) = run(&stall, &timing, deadline).await;
            assert_eq!(came.code, Some(3), "{}: {came:?}", stall.name);
            let reason = "the run took longer than 15s (--deadline)";
            assert_eq!(report["interrupted"], reason, "{}", stall.name);
            came.printed(&[reason]);
            judged_again(folder.path(), &report).await;
        }
        .boxed()
    })
    .await;
}

/// `serve`, and what it says through a proxy that tells when it has begun a run.
async fn serve(told: UnboundedSender<()>) -> (Child, Host) {
    let mut child = command(&["serve", "--bind", "127.0.0.1:0", "--pace", "20ms"])
        .spawn()
        .expect("started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
    let mut url = String::new();
    in_time(stdout.read_line(&mut url)).await.expect("a line");
    let behind = url.trim().trim_start_matches("ws://");
    let behind = behind.trim_end_matches("/workflows/ws").to_owned();
    let host = Host::tcp(move |outside| {
        let (behind, told) = (behind.clone(), told.clone());
        async move {
            let inside = TcpStream::connect(behind).await.expect("the server");
            let (mut out_in, mut out_out) = outside.into_split();
            let (mut in_in, mut in_out) = inside.into_split();
            let up = tokio::io::copy(&mut out_in, &mut in_out);
            let down = async {
                let mut bytes = vec![0; 64 << 10];
                while let Ok(count @ 1..) = in_in.read(&mut bytes).await {
                    if out_out.write_all(&bytes[..count]).await.is_err() {
                        break;
                    }
                    if memchr::memmem::find(&bytes[..count], b"WorkflowStarted").is_some() {
                        let _ = told.send(());
                    }
                }
            };
            // Who has nothing more to hear is hung up on.
            tokio::select! { _ = up => {}, () = down => {} }
        }
    })
    .await;
    (child, host)
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_is_stopped_is_given_up() {
    for (timing, deadline, interrupted) in [
        (["--step-timeout=3s", "--scenario-timeout=9s"], 240, false),
        (["--step-timeout=1h", "--scenario-timeout=1h"], 15, true),
    ] {
        let (tell, mut told) = unbounded_channel();
        let (child, host) = serve(tell).await;
        let pid = child.id().expect("it runs").to_string();
        let stop = tokio::spawn(async move {
            in_time(told.recv()).await.expect("a run begins");
            let stopped = tokio::process::Command::new("kill")
                .args(["-s", "STOP", &pid])
                .status();
            assert!(in_time(stopped).await.expect("kill").success());
        });
        let stall = Stall::new("a stopped process", host, "WorkflowStarted", 3);
        let more = ["--away=50ms", "--quiet=50ms", "--concurrency=64"];
        let timing = [&timing[..], &more].concat();
        let (came, report, folder) = run(&stall, &timing, Duration::from_secs(deadline)).await;
        stop.await.expect("it was stopped");
        // Whoever asked just before has no answer: a rule may be about that.
        assert!(matches!(came.code, Some(1 | 3)), "{came:?}");
        assert_eq!(!report["interrupted"].is_null(), interrupted);
        judged_again(folder.path(), &report).await;
    }
}
