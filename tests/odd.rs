//! A server that conforms and is odd: every liberty that the protocol leaves is taken, and a run
//! against it holds.

mod outside;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use futures::{SinkExt, StreamExt};
use outside::call::judge;
use outside::host::{GREETING, Host, Socket, hear, say};
use outside::in_time;
use reconnect_acceptance::exit;
use reconnect_acceptance::plan::{Casting, Endpoint, Plan, Timing};
use reconnect_acceptance::protocol::framing;
use reconnect_acceptance::reference::PATH;
use reconnect_acceptance::report::model::Verdict;
use reconnect_acceptance::suite::{self, Scenarios};
use reconnect_acceptance::target::bundled::BundledTarget;
use reconnect_acceptance::target::{Description, Doors, Error, Kind, Stage, Target};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The bundled server, which can be held, behind a proxy that puts everything in other words.
struct Odd {
    inside: BundledTarget,
    proxies: Vec<Host>,
    endpoint: Endpoint,
    doors: Doors,
}

impl Odd {
    /// The same way to the server, by a proxy that puts everything in other words.
    async fn behind_a_proxy(&mut self, url: &mut String) {
        let host = url.trim_start_matches("ws://").trim_end_matches(PATH);
        let behind: SocketAddr = host.parse().expect("an address");
        let proxy = Host::websocket(move |outside| pass_on(outside, behind)).await;
        *url = proxy.url();
        self.proxies.push(proxy);
    }
}

#[async_trait]
impl Target for Odd {
    async fn start(&mut self) -> Result<(), Error> {
        self.inside.start().await?;
        let mut endpoint = self.inside.endpoint().clone();
        self.behind_a_proxy(&mut endpoint.url).await;
        self.endpoint = endpoint;
        let mut doors = self.inside.doors();
        let guarded = doors.guarded.iter_mut();
        for door in guarded.chain(doors.users.iter_mut().map(|users| &mut users.door)) {
            self.behind_a_proxy(&mut door.endpoint.url).await;
        }
        self.doors = doors;
        Ok(())
    }

    async fn stop(&mut self) {
        self.proxies.clear();
        self.inside.stop().await;
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn casting(&self) -> &Casting {
        self.inside.casting()
    }

    fn doors(&self) -> Doors {
        self.doors.clone()
    }

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Url,
            server: "an odd one".to_owned(),
            faults: Vec::new(),
        }
    }

    fn stage(&self) -> Option<Stage> {
        self.inside.stage()
    }
}

/// Passes everything on, towards the viewer in other words, until both sides are gone.
async fn pass_on(outside: Socket, behind: SocketAddr) {
    let url = format!("ws://{behind}{PATH}");
    let Ok((inside, _)) = tokio_tungstenite::connect_async(url).await else {
        return;
    };
    let (mut to_viewer, mut from_viewer) = outside.split();
    let (mut to_server, mut from_server) = inside.split();
    let there = async {
        while let Some(Ok(message)) = from_viewer.next().await {
            // The close frame goes through as well.
            if to_server.send(message).await.is_err() {
                return;
            }
        }
        let _ = to_server.close().await;
    };
    let back = async {
        for number in 0.. {
            let Some(Ok(message)) = from_server.next().await else {
                break;
            };
            let frames = match &message {
                Message::Text(text) => reword(text, number),
                _ => vec![message],
            };
            for frame in frames {
                if to_viewer.send(frame).await.is_err() {
                    return;
                }
            }
        }
        let _ = to_viewer.close().await;
    };
    tokio::join!(there, back);
}

/// What a message becomes: in another framing every time, with more in it, and with others around it.
fn reword(text: &str, number: usize) -> Vec<Message> {
    let (_, json) = framing::unwrap(text);
    let value: Value = serde_json::from_str(&json).expect("JSON");
    let json = |between: &str| backwards(&value, between);
    let text = match number % 7 {
        0 => json(",\n"),
        1 => format!("event: whatever\ndata: {}\n\n", json(",")),
        2 => format!(
            "id: 7\r\nretry: 5\r\n: a comment\r\nevent: x\r\ndata: {}\r\n\r\n",
            json(" , ")
        ),
        3 => format!("data:{}\n\n", json(",\t")),
        4 => format!("\n  {}\n", json("\r\n,")),
        5 => format!("data: {}\n\n", json(",\ndata: ")),
        _ => format!("data: {}\r\revent: later\r\r", json(", ")),
    };
    let mut frames = Vec::new();
    // The greeting comes first. And a refusal stands alone until
    // `what_nobody_asked_for_is_no_answer` holds.
    if !matches!(value["event"].as_str(), Some("connected" | "error")) {
        frames.push(unknown(number));
        frames.push(Message::Ping(vec![1, 2, 3].into()));
    }
    if number % 3 == 1 {
        let bytes = text.into_bytes();
        let half = bytes.len() / 2;
        let piece = |bytes: &[u8], kind, last| {
            Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(kind), last))
        };
        frames.push(piece(&bytes[..half], Data::Text, false));
        frames.push(Message::Pong(Vec::new().into()));
        frames.push(piece(&[], Data::Continue, false));
        frames.push(piece(&bytes[half..], Data::Continue, true));
    } else {
        frames.push(Message::text(text));
    }
    frames
}

/// A message about the connection that no release knows.
fn unknown(number: usize) -> Message {
    let value =
        json!({"event": "weather", "text": "data: {\"event\": \"error\"}\n\n ☔", "n": number});
    Message::text(match number % 2 {
        0 => value.to_string(),
        _ => format!("event: error\ndata: {value}\n\n"),
    })
}

/// The object with its fields the other way round, more of them, and everything in plain Unicode.
fn backwards(value: &Value, between: &str) -> String {
    let Value::Object(fields) = value else {
        return value.to_string();
    };
    let mut fields: BTreeMap<String, Value> = fields.clone().into_iter().collect();
    let noise =
        "🎉 größer \u{202e}rtl\u{202c} data: {\"event\": \"pong\"}\n\nevent: error\ndata: x";
    fields.insert("zz_noise".to_owned(), json!(noise));
    fields.insert(
        "a_list".to_owned(),
        json!([{"event": "error"}, {"event_index": 5}]),
    );
    fields.insert("Event".to_owned(), json!("error"));
    let fields: Vec<String> = fields
        .iter()
        .rev()
        .map(|(name, value)| format!("\t{}\t: {value}", Value::from(name.as_str())))
        .collect();
    format!("{{{}}}", fields.join(between))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_liberty_of_the_protocol_may_be_taken() {
    let mut target = Odd {
        inside: BundledTarget::new(Vec::new()),
        proxies: Vec::new(),
        endpoint: Endpoint::default(),
        doors: Doors::default(),
    };
    target.start().await.expect("started");
    let plan = Plan {
        timing: Timing {
            step: Duration::from_secs(20),
            concurrency: 16,
            quiet: Duration::from_millis(100),
            ..Timing::default()
        },
        ..Plan::default()
    };
    let scenarios = Scenarios::select(&plan.selection).expect("all");
    let never = std::future::pending();
    let run = suite::run(&plan, &target, scenarios, Box::new(|_| ()), never);
    let run = in_time(run).await.expect("a run");
    target.stop().await;
    let wrong: Vec<String> = run
        .report
        .scenarios
        .iter()
        // Its own door is open, over HTTP as well.
        .filter(|scenario| !scenario.name.ends_with("comes to the server itself"))
        .filter(|scenario| scenario.verdict != Verdict::Holds || !scenario.findings.is_empty())
        .map(|it| {
            format!(
                "{}: {:?} {:?} {:?}",
                it.id, it.verdict, it.reason, it.findings
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(run.report.exit_code, exit::OK);
    assert!(
        run.report
            .requirements
            .iter()
            .all(|it| it.verdict == Verdict::Holds)
    );
}

#[tokio::test]
async fn what_nobody_asked_for_is_no_answer() {
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        while let Some(asked) = hear(&mut socket).await {
            let answer = match asked["action"].as_str() {
                Some("ping") => r#"{"event": "pong"}"#,
                _ => r#"{"event": "error", "error": "there is no such run"}"#,
            };
            say(&mut socket, r#"{"event": "weather"}"#).await;
            // The answer comes by itself, as from a server that looks into its database.
            tokio::time::sleep(Duration::from_millis(100)).await;
            say(&mut socket, answer).await;
        }
    })
    .await;
    let more = [
        "--step-timeout=30s",
        "--require=REFUSAL-1",
        "--require=REFUSAL-2",
    ];
    let judged = judge(&host.url(), &more).await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
}
