//! A token, a header and a secret of the URL go through every command, against servers that say them on
//! in every form and everywhere they can: nothing that is written or printed holds them.

mod over_http;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::call::{Outcome, command, outcome};
use crate::common::canary::{Canary, FORMS};
use crate::common::certificate::Authority;
use crate::common::folder::contents;
use crate::common::host::{Host, Socket, event, hear, listen, quick, reference, say};
use crate::common::in_time;
use futures::SinkExt;
use reconnect_acceptance::client::Redactor;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

const VARIABLE: &str = "SECRETS_TESTS_TOKEN";
/// What may stand in a header as well as in a message.
const TOKEN: Canary = Canary {
    secret: "tOk3nCanary7q+/=%41\"\\u0041&amp;end",
    core: "tOk3nCanary7q",
};
/// What may stand in a message alone.
const FOREIGN: Canary = Canary {
    secret: "f0reignCanary8w é\u{1f426} \"ende\\",
    core: "f0reignCanary8w",
};
/// Of a header, behind its scheme.
const HEADER: Canary = Canary {
    secret: "hEad3rCanary9z+/=%42\"\\n<end>",
    core: "hEad3rCanary9z",
};
/// Of the URL.
const QUERY: Canary = Canary {
    secret: "qU3ryCanary5x",
    core: "qU3ryCanary5x",
};
/// What servers say on.
const ALL: [&Canary; 4] = [&TOKEN, &FOREIGN, &HEADER, &QUERY];

/// What most runs know; one knows the foreign token instead.
const KNOWN: [&Canary; 3] = [&TOKEN, &HEADER, &QUERY];

/// Everything in every form.
fn everything() -> String {
    let all = ALL.map(Canary::in_every_form);
    all.join("\n")
}

// The forms themselves.

#[test]
fn every_form_is_recognized_where_it_is_told() {
    for canary in ALL {
        for (name, form) in FORMS {
            let text = form(canary.secret);
            for told in [
                text.clone(),
                Value::from(&*text).to_string(),
                Value::from(Value::from(&*text).to_string()).to_string(),
                text.replace('&', "&amp;"),
            ] {
                assert!(canary.found_in(&told).is_some(), "{name}: {told}");
            }
        }
        assert_eq!(canary.found_in("[secret] and nothing else"), None);
    }
}

#[test]
fn every_form_is_masked() {
    let mut told = Vec::new();
    for canary in ALL {
        let redactor = Redactor::new([SecretString::from(canary.secret)]);
        for (name, form) in FORMS {
            let text = form(canary.secret);
            let quoted = Value::from(&*text).to_string();
            for said in [text, Value::from(&*quoted).to_string(), quoted] {
                let masked = redactor.mask(&said);
                if canary.found_in(&masked).is_some() {
                    told.push(format!("{name}: {said} is recorded as {masked}"));
                }
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

// Servers that say everything on.

/// What a server does with what it was told.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// It answers in messages and events.
    Talks,
    /// It refuses the token.
    RefusesTheToken,
    /// It closes the connection, with a reason.
    Closes,
    /// It refuses the upgrade.
    RefusesTheUpgrade,
    /// It says what is no message of the protocol.
    Babbles,
}

/// A server of this manner, over WebSocket and HTTP alike; and how often it was told the token and the
/// header.
async fn gossip(manner: Manner) -> (Host, Arc<AtomicUsize>) {
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    let turn = Arc::new(AtomicUsize::new(0));
    let host = Host::tcp(move |mut tcp| {
        let (heard, turn) = (Arc::clone(&count), turn.fetch_add(1, Ordering::Relaxed));
        async move {
            let Some(head) = head(&tcp).await else { return };
            if head.contains(HEADER.core) {
                heard.fetch_add(1, Ordering::Relaxed);
            }
            let upgrade = head.to_ascii_lowercase().contains("upgrade: websocket");
            if !upgrade || matches!(manner, Manner::RefusesTheUpgrade) {
                return answer(&mut tcp, upgrade).await;
            }
            if let Ok(socket) = tokio_tungstenite::accept_async(tcp).await {
                tell(socket, manner, turn, &heard).await;
            }
        }
    })
    .await;
    (host, heard)
}

/// The head of the request, which stays to be read.
async fn head(tcp: &TcpStream) -> Option<String> {
    let mut bytes = vec![0; 32 << 10];
    loop {
        let count = tcp.peek(&mut bytes).await.ok()?;
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        if count == 0 || text.contains("\r\n\r\n") {
            return Some(text).filter(|it| !it.is_empty());
        }
        tokio::task::yield_now().await;
    }
}

/// Says everything in an answer over HTTP: in its first line, its headers and its body.
async fn answer(tcp: &mut TcpStream, upgrade: bool) {
    let _ = tcp.read(&mut [0; 64 << 10]).await;
    let body = everything();
    let code = if upgrade { "401" } else { "500" };
    let text = format!(
        "HTTP/1.1 {code} {} {}\r\nX-Echo: {}\r\nLocation: /?{}\r\nContent-Length: {}\r\n\r\n{body}",
        TOKEN.secret,
        HEADER.secret,
        QUERY.secret,
        HEADER.core,
        body.len()
    );
    let _ = tcp.write_all(text.as_bytes()).await;
    let _ = tcp.shutdown().await;
}

/// A message cut into two frames, in the middle of a secret.
async fn in_two_frames(socket: &mut Socket, text: &str) {
    let at = text.find(HEADER.core).map_or(1, |at| at + 5);
    for (part, kind, is_last) in [
        (&text[..at], Data::Text, false),
        (&text[at..], Data::Continue, true),
    ] {
        let frame = Frame::message(part.as_bytes().to_vec(), OpCode::Data(kind), is_last);
        let _ = socket.send(Message::Frame(frame)).await;
    }
}

/// JSON that escapes everything it says.
fn over_escaped(canary: &Canary) -> String {
    let units: String = canary
        .secret
        .encode_utf16()
        .map(|it| format!("\\u{it:04X}"))
        .collect();
    format!(r#"{{"event": "error", "error": "{units}", "{units}": 1}}"#)
}

async fn tell(mut socket: Socket, manner: Manner, turn: usize, heard: &AtomicUsize) {
    let everything = everything();
    match manner {
        Manner::Closes => {
            // A reason has no more than 123 bytes, so each connection gets another one.
            let canary = KNOWN[turn % KNOWN.len()];
            let (_, form) = FORMS[turn / KNOWN.len() % FORMS.len()];
            let code = 1008.into();
            let reason = Some(form(canary.secret)).filter(|it| it.len() < 124);
            let reason = reason.unwrap_or_else(|| canary.secret.to_owned()).into();
            let _ = socket.close(Some(CloseFrame { code, reason })).await;
            return listen(&mut socket).await;
        }
        Manner::Babbles => {
            for canary in ALL {
                say(&mut socket, &format!("{} {{", canary.secret)).await;
                say(&mut socket, &over_escaped(canary)).await;
            }
            say(&mut socket, &everything).await;
            return listen(&mut socket).await;
        }
        _ => {}
    }
    let greeting = json!({"event": "connected", "requires_auth": true, "message": everything});
    in_two_frames(&mut socket, &greeting.to_string()).await;
    let mut goes_on = true;
    while goes_on && let Some(asked) = hear(&mut socket).await {
        if ALL.iter().any(|it| asked.to_string().contains(it.core)) {
            heard.fetch_add(1, Ordering::Relaxed);
        }
        for text in reply(manner, &asked, &everything) {
            goes_on &= say(&mut socket, &text).await;
        }
    }
}

fn reply(manner: Manner, asked: &Value, everything: &str) -> Vec<String> {
    let error = json!({"event": "error", "error": everything, TOKEN.secret: HEADER.secret});
    let session = &asked["session_id"];
    let run = format!("run of {session} {}", HEADER.secret);
    let about = |name: &str, index: u64| -> String {
        let mut event: Value =
            serde_json::from_str(&event(name, &run, session, index)).expect("JSON");
        event["content"] = Value::from(everything);
        event.to_string()
    };
    match (manner, asked["action"].as_str()) {
        (Manner::RefusesTheToken, Some("authenticate")) => {
            vec![json!({"event": "auth_error", "error": everything}).to_string()]
        }
        (_, Some("authenticate")) => {
            vec![json!({"event": "authenticated", "message": everything}).to_string()]
        }
        (_, Some("start-workflow")) => {
            let mut all = vec![about("WorkflowStarted", 0)];
            all.extend(ALL.map(|it| event(it.secret, &run, session, 1)));
            all.extend(ALL.map(|it| event("RunContent", &run, session, it.secret)));
            all.extend((2..5).map(|index| about("RunContent", index)));
            all.push(about("WorkflowCompleted", 5));
            all
        }
        (_, Some("reconnect")) => {
            let catch_up = json!({"event": "catch_up", "run_id": asked["run_id"],
                "status": HEADER.secret, "missed_events": 2, "message": everything});
            vec![
                catch_up.to_string(),
                about("RunContent", 3),
                over_escaped(&TOKEN),
            ]
        }
        _ => ALL
            .map(over_escaped)
            .into_iter()
            .chain([error.to_string()])
            .collect(),
    }
}

// What is looked at.

/// A folder for everything that is written, and everything that is printed.
struct Yard {
    folder: TempDir,
    calls: AtomicUsize,
}

impl Yard {
    fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            calls: AtomicUsize::new(0),
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Calls the binary with the token in its environment, and keeps what it printed.
    async fn call(&self, arguments: &[&str]) -> Outcome {
        self.call_with(arguments, &TOKEN).await
    }

    async fn call_with(&self, arguments: &[&str], token: &Canary) -> Outcome {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let mut asked = with_token(arguments, token);
        asked.env(
            "GITHUB_STEP_SUMMARY",
            self.path(&format!("{number}.summary.md")),
        );
        let came = outcome(asked).await;
        assert_ne!(came.code, Some(70), "{arguments:?}: {came:?}");
        for (ending, text) in [("out", &came.stdout), ("err", &came.stderr)] {
            fs::write(self.path(&format!("{number}.{ending}")), text).expect("written");
        }
        came
    }

    /// None of it gives one of these secrets away.
    #[track_caller]
    fn keeps(&self, known: [&Canary; 3]) {
        let all = contents(self.folder.path());
        assert!(all.len() > 2, "something was written");
        let mut told = Vec::new();
        for (name, bytes) in &all {
            let text = String::from_utf8_lossy(bytes);
            for canary in known {
                for place in [name, &*text] {
                    if let Some(form) = canary.found_in(place) {
                        told.push(format!("{name} tells {:?}: {form}", canary.core));
                    }
                }
            }
        }
        assert!(told.is_empty(), "{}", told.join("\n"));
    }

    /// What is in the transcripts of this folder.
    fn record(&self, dir: &str) -> String {
        crate::common::folder::transcripts(&self.folder.path().join(dir))
    }
}

fn with_token(arguments: &[&str], token: &Canary) -> Command {
    let mut asked = command(arguments);
    asked
        .env(VARIABLE, token.secret)
        .env("RECONNECT_ACCEPTANCE_TOKEN_ENV", VARIABLE)
        .env("RUST_BACKTRACE", "1");
    asked
}

/// The options of a run with a token that is over soon.
const SOON_OVER: [&str; 7] = [
    "--token-env",
    VARIABLE,
    "--step-timeout=500ms",
    "--quiet=20ms",
    "--away=20ms",
    "--scenario-timeout=5s",
    "--concurrency=64",
];

/// The options of a run against such a server: it is over soon.
fn options(url: &str) -> Vec<String> {
    [
        "--url",
        &format!("{url}?mode=fast&api_key={}", QUERY.secret),
        "--header",
        &format!("Authorization: Bearer {}", HEADER.secret),
        "--header",
        &format!("Cookie: theme=dark; session={}", HEADER.secret),
    ]
    .into_iter()
    .chain(SOON_OVER)
    .map(str::to_owned)
    .collect()
}

fn words<'a>(fixed: &[&'a str], more: &'a [String]) -> Vec<&'a str> {
    let more = more.iter().map(String::as_str);
    fixed.iter().copied().chain(more).collect()
}

/// Requirements that meet every kind of message: greetings, events, returns and refusals.
const FEW: &[&str] = &[
    "--require=GREETING",
    "--require=START-2",
    "--require=CATCHUP-2",
    "--require=REFUSAL-1",
];
/// And every kind of finding.
const MORE: &[&str] = &[
    "--require=AUTH",
    "--require=REPLAY-1",
    "--require=IDENTITY-1",
    "--require=POSITION-1",
    "--require=CONTENT",
    "--require=OWNER",
    "--require=VIEWERS-1",
    "--require=MALFORMED",
    "--require=CLOSE",
];

#[tokio::test]
async fn a_server_that_talks() {
    let yard = Yard::new();
    let (host, heard) = gossip(Manner::Talks).await;
    let to = options(&host.url());
    let run = |more: &[&str]| -> Vec<String> {
        let all = words(&[&["run"], more].concat(), &to)
            .into_iter()
            .map(str::to_owned);
        all.collect()
    };
    let call = async |arguments: &[String]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        yard.call(&arguments).await
    };
    let (all, again) = (yard.path("all"), yard.path("again"));
    let list = yard.path("known.toml");
    let most = [FEW, MORE, &["--report-dir", &all]].concat();
    let came = call(&run(
        &[&most[..], &["--write-known-failures", &list]].concat()
    ))
    .await;
    // The verdict is another matter: it depends on how fast this machine is.
    assert!(matches!(came.code, Some(1 | 3)), "{came:?}");
    assert!(
        heard.load(Ordering::Relaxed) > 0,
        "the server knows the secrets"
    );
    assert!(
        yard.record("all").matches("[secret]").count() > 100,
        "and said them on"
    );

    let few = [FEW, &["--report-dir"]].concat();
    let known = ["--known-failures", &list, "--color=always"];
    call(&run(&[&few[..], &[&yard.path("known")], &known].concat())).await;
    let rerun = ["--rerun", &yard.path("all/report.json")].map(str::to_owned);
    let rerun = [rerun[0].as_str(), rerun[1].as_str(), "--format=quiet"];
    call(&run(&[&few[..], &[&yard.path("rerun")], &rerun].concat())).await;
    call(&run(&[
        &few[..],
        &[&yard.path("repeated")],
        &["--repeat=2", "--strict"],
    ]
    .concat()))
    .await;
    call(&run(
        &[&few[..], &[&yard.path("shard")], &["--shard=1/1"]].concat()
    ))
    .await;
    for arguments in [
        &["judge", &all, "--report-dir", &again][..],
        &[
            "judge",
            &yard.path("repeated"),
            "--report-dir",
            &yard.path("repeated again"),
        ],
        &[
            "merge",
            &yard.path("shard"),
            "--report-dir",
            &yard.path("merged"),
        ],
        &["diff", &yard.path("known"), &all],
        &["diff", &all, &again],
        &["explain", "CATCHUP-2"],
        &["list", "requirements"],
        &["list", "scenarios", "--json"],
        &["list", "faults"],
        &["list", "steps"],
        &["list", "known-failures"],
        &["--help"],
        &["run", "--help"],
        &["doctor", "--help"],
        &["--version"],
    ] {
        let came = yard.call(arguments).await;
        assert!(
            matches!(came.code, Some(0 | 1 | 3)),
            "{arguments:?}: {came:?}"
        );
    }
    let to_doctor = [&["doctor"], &words(&[], &to)[..8], &["--step-timeout=60s"]].concat();
    let came = yard.call(&to_doctor).await;
    came.printed(&["✔ greeting"]);
    yard.keeps(KNOWN);
}

#[tokio::test]
async fn servers_of_other_manners() {
    let yard = Yard::new();
    let manners = [
        Manner::RefusesTheToken,
        Manner::Closes,
        Manner::RefusesTheUpgrade,
        Manner::Babbles,
    ];
    let all = manners.map(|manner| {
        let yard = &yard;
        async move {
            let (host, _) = gossip(manner).await;
            let to = options(&host.url());
            let name = format!("{manner:?}");
            let dir = yard.path(&name);
            let few = [&["run", "--report-dir", &dir], FEW].concat();
            let came = yard.call(&words(&few, &to)).await;
            assert!(matches!(came.code, Some(1 | 3)), "{name}: {came:?}");
            let is_silent = matches!(manner, Manner::RefusesTheUpgrade);
            assert!(
                is_silent || yard.record(&name).contains("[secret]"),
                "{name}"
            );
            let to_doctor = [&["doctor"], &words(&[], &to)[..9]].concat();
            let came = yard.call(&to_doctor).await;
            assert_eq!(came.code, Some(3), "{name}: {came:?}");
        }
    });
    futures::future::join_all(all).await;
    yard.keeps(KNOWN);
}

#[tokio::test]
async fn closing_words_of_every_form() {
    // One connection a call: the reasons go round.
    let yard = Yard::new();
    let (host, _) = gossip(Manner::Closes).await;
    let to = options(&host.url());
    for _ in 0..FORMS.len() {
        let all = (0..KNOWN.len()).map(|_| async {
            let came = yard
                .call(&[&["doctor"], &words(&[], &to)[..8], &["--step-timeout=60s"]].concat())
                .await;
            came.printed(&[
                "✘ greeting",
                "the server closed the connection with code 1008: ",
            ]);
        });
        futures::future::join_all(all).await;
    }
    yard.keeps(KNOWN);
}

#[tokio::test]
async fn a_token_of_foreign_letters() {
    let yard = Yard::new();
    let (host, heard) = gossip(Manner::Talks).await;
    let to = options(&host.url());
    let dir = yard.path("foreign");
    let few = [&["run", "--report-dir", &dir], FEW].concat();
    let came = yard.call_with(&words(&few, &to), &FOREIGN).await;
    // The verdict is another matter: it depends on how fast this machine is.
    assert!(matches!(came.code, Some(1 | 3)), "{came:?}");
    assert!(heard.load(Ordering::Relaxed) > 0);
    yard.keeps([&FOREIGN, &HEADER, &QUERY]);
}

#[tokio::test]
async fn answers_over_http() {
    let yard = Yard::new();
    let outside = TempDir::new().expect("a folder");
    let server = reference(quick()).await;
    let (http, heard) = gossip(Manner::Talks).await;
    let file = outside.path().join("target.toml");
    let text = format!(
        "url = \"{}?api_key={}\"\nhttp_url = \"http://{}\"\ntoken_env = {VARIABLE:?}\n\
         [headers]\nAuthorization = '''Bearer {}'''\n\
         [guarded]\nurl = {:?}\nhttp_url = \"http://{}\"\ntoken_env = {VARIABLE:?}\n\
         [parts.long]\nworkflow_id = \"content-creation-workflow\"\n",
        server.url(),
        QUERY.secret,
        http.addr,
        HEADER.secret,
        server.url(),
        http.addr,
    );
    fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let dir = yard.path("http");
    let came = yard
        .call(&[
            "run",
            "--target",
            &file,
            "--step-timeout=1s",
            "--away=20ms",
            "--quiet=20ms",
            "--concurrency=64",
            "--require=CANCEL",
            "--require=HTTP",
            "--require=AUTH",
            "--report-dir",
            &dir,
        ])
        .await;
    assert!(matches!(came.code, Some(1 | 3)), "{came:?}");
    assert!(heard.load(Ordering::Relaxed) > 0, "it was asked");
    let record = yard.record("http");
    assert!(
        record.contains("\"http_response\"") && record.contains("[secret]"),
        "{record}"
    );
    yard.keeps(KNOWN);
}

#[tokio::test]
async fn a_certificate_that_names_a_secret() {
    let yard = Yard::new();
    let server = reference(quick()).await;
    let authority = Authority::new();
    let name = format!("{}.example", QUERY.core);
    let host = authority.in_front_of(server.addr(), &name).await;
    let file = authority.file().display().to_string();
    let url = host.url().replace("ws://", "wss://");
    let dir = yard.path("tls");
    let header = format!("X-Key: {}", QUERY.secret);
    let to = ["--url", &url, "--ca-file", &file, "--header", &header];
    for verb in [
        &["run", "--require=GREETING", "--report-dir", &dir][..],
        &["doctor"],
    ] {
        let came = yard.call(&[verb, &to].concat()).await;
        assert_eq!(came.code, Some(3), "{came:?}");
        came.printed(&["TLS handshake to", "certificate not valid for name"]);
    }
    yard.keeps(KNOWN);
}

#[tokio::test]
async fn the_bundled_server_alone() {
    let yard = Yard::new();
    let mut asked = with_token(
        &["serve", "--bind=127.0.0.1:0", "--token-env", VARIABLE],
        &TOKEN,
    );
    let mut child = asked.spawn().expect("started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
    let mut url = String::new();
    in_time(stdout.read_line(&mut url)).await.expect("a line");
    let dir = yard.path("served");
    let few = [
        &["run", "--url", url.trim(), "--report-dir", &dir][..],
        &FEW[..1],
    ]
    .concat();
    let came = yard.call(&few).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    child.start_kill().expect("killed");
    let mut rest = url;
    in_time(stdout.read_to_string(&mut rest))
        .await
        .expect("the rest");
    let mut complaints = String::new();
    let mut stderr = child.stderr.take().expect("stderr");
    in_time(stderr.read_to_string(&mut complaints))
        .await
        .expect("the rest");
    fs::write(yard.path("serve.out"), rest + &complaints).expect("written");
    yard.keeps(KNOWN);
}

#[tokio::test]
async fn a_token_in_place_of_the_name_of_its_variable() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("target.toml");
    let text = format!(
        "url = \"ws://127.0.0.1:1/\"\ntoken_env = {}\n[parts.long]\nworkflow_id = \"w\"\n",
        Value::from(TOKEN.secret)
    );
    fs::write(&file, text).expect("written");
    for arguments in [
        &[
            "run",
            "--url=ws://127.0.0.1:1/",
            "--token-env",
            TOKEN.secret,
        ][..],
        &[
            "doctor",
            "--url=ws://127.0.0.1:1/",
            "--token-env",
            TOKEN.secret,
        ],
        &["serve", "--bind=127.0.0.1:0", "--token-env", TOKEN.secret],
        &["run", "--target", &file.display().to_string()],
    ] {
        let came = outcome(command(arguments)).await;
        came.refused(&["the name of the token's environment variable is not valid"]);
        assert_eq!(TOKEN.found_in(&format!("{came:?}")), None, "{came:?}");
    }
}

/// The command lines of this process and of those that it started.
#[cfg(target_os = "linux")]
fn command_lines(pid: u32) -> Vec<String> {
    let parent = |of: u32| -> Option<u32> {
        let status = fs::read_to_string(format!("/proc/{of}/status")).ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("PPid:"))?;
        line.trim().parse().ok()
    };
    let descends = |mut of: u32| loop {
        match of {
            it if it == pid => return true,
            0 | 1 => return false,
            _ => of = parent(of).unwrap_or(0),
        }
    };
    let all = fs::read_dir("/proc").expect("processes").flatten();
    let pids = all.filter_map(|it| it.file_name().to_str()?.parse().ok());
    let own = pids.filter(|it| descends(*it));
    let lines = own.filter_map(|it| fs::read(format!("/proc/{it}/cmdline")).ok());
    lines
        .map(|it| String::from_utf8_lossy(&it).replace('\0', " "))
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_command_line_tells_a_secret() {
    // Of the run itself, and of the command that restarts the server.
    let outside = TempDir::new().expect("a folder");
    let dir = outside.path();
    let server = reference(quick()).await;
    let file = dir.join("target.toml");
    let (reached, go_on) = (dir.join("reached"), dir.join("go on"));
    let text = format!(
        "url = {:?}\ntoken_env = {VARIABLE:?}\n\
         restart = \"touch '{}'; while ! test -e '{}'; do sleep 0.01; done\"\n\
         [headers]\nX-Key = '''{}'''\n\
         [parts.long]\nworkflow_id = \"content-creation-workflow\"\n\
         [parts.short]\nworkflow_id = \"short-workflow\"\n",
        server.url(),
        reached.display(),
        go_on.display(),
        HEADER.secret,
    );
    fs::write(&file, text).expect("written");
    let mut asked = with_token(&["run", "--require=RESTART-1", "--away=20ms"], &TOKEN);
    let child = asked.arg("--target").arg(&file).spawn().expect("started");
    let pid = child.id().expect("it runs");
    in_time(async {
        while !Path::exists(&reached) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
    let lines = command_lines(pid);
    fs::write(&go_on, "").expect("written");
    assert!(lines.iter().any(|it| it.contains("RESTART-1")), "{lines:?}");
    assert!(
        lines.iter().any(|it| it.starts_with("sh -c touch")),
        "{lines:?}"
    );
    for line in lines {
        assert!(ALL.iter().all(|it| it.found_in(&line).is_none()), "{line}");
    }
    let came = in_time(child.wait_with_output()).await.expect("an end");
    assert!(came.status.code().is_some(), "{came:?}");
}
