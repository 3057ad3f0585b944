//! Conforming servers that use every liberty which the protocol leaves, one at a time and all together: a run
//! against them passes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::exploring;
use crate::fail;
use crate::host::{Host, Socket};
use async_trait::async_trait;
use futures::{Sink, SinkExt, Stream, StreamExt};
use reconnect_acceptance::check::over_websocket::{needs_both, not_over_websocket};
use reconnect_acceptance::check::registry;
use reconnect_acceptance::exit;
use reconnect_acceptance::plan::{Abilities, Casting, Endpoint, Plan, Selection, Timing};
use reconnect_acceptance::protocol::{Part, framing};
use reconnect_acceptance::reference::PATH;
use reconnect_acceptance::reference::fault::Fault;
use reconnect_acceptance::report::model::run::{RunReport, Verdict};
use reconnect_acceptance::suite::{self, Scenarios};
use reconnect_acceptance::target::admin::{Forget, Restart};
use reconnect_acceptance::target::bundled::BundledTarget;
use reconnect_acceptance::target::{
    Breakpoints, Description, Error, Kind, Target, Variant, Variants,
};
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::{self, Message};

/// Only a suite that hangs takes so long: several run side by side, on a busy machine as well.
const BOUND: Duration = Duration::from_secs(900);

/// Rewrites the server's message of this number, counted from 0 on each connection.
type Reword = fn(&str, usize) -> Vec<Message>;

/// The bundled server, with breakpoints, behind a proxy that rewrites what it sends.
struct Lenient {
    inside: BundledTarget,
    reword: Reword,
    habits: Habits,
    casting: Casting,
    /// Which requirements are judged; all of them where it is empty.
    require: Vec<String>,
    proxies: Vec<Host>,
    endpoint: Endpoint,
    variants: Variants,
}

impl Lenient {
    /// Replaces the URL by that of a proxy in front of it.
    async fn behind_a_proxy(&mut self, url: &mut String) {
        let host = url.trim_start_matches("ws://").trim_end_matches(PATH);
        let behind: SocketAddr = host.parse().expect("an address");
        let (reword, habits) = (self.reword, self.habits);
        let proxy = Host::websocket(move |outside| pass_on(outside, behind, reword, habits)).await;
        *url = proxy.url();
        self.proxies.push(proxy);
    }
}

/// When a server sends what it has to send.
#[derive(Clone, Copy, Default)]
struct Habits {
    /// By how much every message is late, in both directions.
    late: Duration,
    /// Messages to the viewer come together, so long after one another.
    bursts: Option<Duration>,
    /// So many messages after the greeting, it is silent for so long.
    silence: Option<(usize, Duration)>,
    /// What is sent again and again, and how often.
    beat: Option<(Duration, &'static str)>,
}

impl Lenient {
    /// With this fault, which breaks no MUST, and judged as it is.
    fn with(fault: Fault) -> Self {
        Self {
            inside: BundledTarget::new(vec![fault]),
            ..Self::new(unchanged)
        }
    }

    fn new(reword: Reword) -> Self {
        Self {
            inside: BundledTarget::new(Vec::new()),
            reword,
            habits: Habits::default(),
            casting: BundledTarget::new(Vec::new()).casting().clone(),
            require: Vec::new(),
            proxies: Vec::new(),
            endpoint: Endpoint::default(),
            variants: Variants::new(),
        }
    }
}

#[async_trait]
impl Target for Lenient {
    async fn start(&mut self) -> Result<(), Error> {
        self.inside.start().await?;
        let mut endpoint = self.inside.endpoint().clone();
        self.behind_a_proxy(&mut endpoint.url).await;
        self.endpoint = endpoint;
        let mut variants = self.inside.variants();
        for (variant, server) in &mut variants {
            if let (Variant::Guarded | Variant::Users | Variant::IsolatedUsers, Ok(server)) =
                (variant, server)
            {
                self.behind_a_proxy(&mut server.endpoint.url).await;
            }
        }
        self.variants = variants;
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
        &self.casting
    }

    fn variants(&self) -> Variants {
        self.variants.clone()
    }

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Url,
            server: "a lenient one".to_owned(),
            faults: Vec::new(),
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            not_over_http: Some("the proxy stands before the WebSocket alone".to_owned()),
            ..self.inside.abilities()
        }
    }

    fn breakpoints(&self) -> Option<Breakpoints> {
        self.inside.breakpoints()
    }

    fn restart(&self) -> Option<Arc<dyn Restart>> {
        self.inside.restart()
    }

    fn forget(&self) -> Option<Arc<dyn Forget>> {
        self.inside.forget()
    }
}

/// Passes everything on, rewritten towards the viewer, until both sides are gone.
async fn pass_on(outside: Socket, behind: SocketAddr, reword: Reword, habits: Habits) {
    let url = format!("ws://{behind}{PATH}");
    let Ok((inside, _)) = tokio_tungstenite::connect_async(url).await else {
        return;
    };
    let (to_viewer, from_viewer) = outside.split();
    let (to_server, from_server) = inside.split();
    let only_late = Habits {
        late: habits.late,
        ..Habits::default()
    };
    let there = carry(from_viewer, to_server, only_late, |message| vec![message]);
    let mut number = 0;
    let back = carry(from_server, to_viewer, habits, |message| match &message {
        Message::Text(text) => {
            number += 1;
            reword(text, number - 1)
        }
        _ => vec![message],
    });
    tokio::join!(there, back);
}

/// Carries messages from one side to the other with these habits, until one side is gone. The close frame is
/// carried as well.
async fn carry<F, T>(
    mut from: F,
    mut to: T,
    habits: Habits,
    mut change: impl FnMut(Message) -> Vec<Message>,
) where
    F: Stream<Item = tungstenite::Result<Message>> + Unpin,
    T: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let (sender, mut receiver) = unbounded_channel();
    let began = Instant::now();
    let take = async move {
        while let Some(Ok(message)) = from.next().await {
            let mut due = Instant::now() + habits.late;
            if let Some(every) = habits.bursts {
                let past = (due - began).as_millis() % every.as_millis();
                due += every - Duration::from_millis(u64::try_from(past).expect("milliseconds"));
            }
            if sender.send((due, message)).is_err() {
                return;
            }
        }
    };
    let give = async move {
        let often = habits.beat.map_or(BOUND, |(often, _)| often);
        let mut beat = tokio::time::interval_at(began + often, often);
        let mut given = 0;
        loop {
            let silent = habits.silence.filter(|(after, _)| *after == given);
            let next = async {
                let (due, message) = receiver.recv().await?;
                tokio::time::sleep_until(due).await;
                if let Some((_, silence)) = silent {
                    tokio::time::sleep(silence).await;
                }
                Some(message)
            };
            tokio::pin!(next);
            let message = loop {
                tokio::select! {
                    message = &mut next => break message,
                    _ = beat.tick(), if given > 0 => {
                        let said = habits.beat.map_or("", |(_, said)| said);
                        if to.send(Message::text(said)).await.is_err() {
                            return;
                        }
                    }
                }
            };
            let Some(message) = message else { break };
            given += 1;
            for frame in change(message) {
                if to.send(frame).await.is_err() {
                    return;
                }
            }
        }
        let _ = to.close().await;
    };
    tokio::join!(take, give);
}

/// Every liberty in turn: in another framing every time, with more in it, and with others around it.
fn every_liberty(text: &str, number: usize) -> Vec<Message> {
    let value = json(text);
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
    let mut frames = around(&value, number);
    if number % 3 == 1 {
        frames.extend(fragments(text));
    } else {
        frames.push(Message::text(text));
    }
    frames
}

/// As it came.
fn unchanged(text: &str, _: usize) -> Vec<Message> {
    vec![Message::text(text)]
}

fn plain_framing(text: &str, _: usize) -> Vec<Message> {
    vec![Message::text(json(text).to_string())]
}

fn sse_framing(text: &str, _: usize) -> Vec<Message> {
    let value = json(text);
    let event = value["event"].as_str().unwrap_or("message");
    vec![Message::text(format!("event: {event}\ndata: {value}\n\n"))]
}

fn crlf(text: &str, _: usize) -> Vec<Message> {
    let value = json(text);
    vec![Message::text(format!("event: x\r\ndata: {value}\r\n\r\n"))]
}

fn other_fields_in_another_order(text: &str, _: usize) -> Vec<Message> {
    vec![Message::text(backwards(&json(text), ", "))]
}

fn unknown_messages_and_pings(text: &str, number: usize) -> Vec<Message> {
    let mut frames = around(&json(text), number);
    frames.push(Message::text(text));
    frames
}

fn fragmented_frames(text: &str, _: usize) -> Vec<Message> {
    fragments(text.to_owned())
}

/// Some events are 300 KB long; not so many that a run of more than a thousand has tens of megabytes.
fn large_events(text: &str, _: usize) -> Vec<Message> {
    let mut value = json(text);
    if value["event_index"]
        .as_u64()
        .is_some_and(|at| at % 8 == 5 && at < 40)
    {
        value["attachment"] = json!("0123456789".repeat(30_000));
    }
    vec![Message::text(value.to_string())]
}

fn json(text: &str) -> Value {
    let (_, json) = framing::unwrap(text);
    serde_json::from_str(&json).expect("JSON")
}

/// Unrequested messages that come before this one. The greeting comes first, and a refusal
/// stands alone: REFUSAL-3 looks at the very next message.
fn around(value: &Value, number: usize) -> Vec<Message> {
    if matches!(value["event"].as_str(), Some("connected" | "error")) {
        return Vec::new();
    }
    vec![unknown(number), Message::Ping(vec![1, 2, 3].into())]
}

/// A message in three frames, one of them empty, with a control frame between them.
fn fragments(text: String) -> Vec<Message> {
    let bytes = text.into_bytes();
    let half = bytes.len() / 2;
    let piece = |bytes: &[u8], kind, last| {
        Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(kind), last))
    };
    vec![
        piece(&bytes[..half], Data::Text, false),
        Message::Pong(Vec::new().into()),
        piece(&[], Data::Continue, false),
        piece(&bytes[half..], Data::Continue, true),
    ]
}

/// A message about the connection that no release sends.
fn unknown(number: usize) -> Message {
    let value =
        json!({"event": "weather", "text": "data: {\"event\": \"error\"}\n\n ☔", "n": number});
    Message::text(match number % 2 {
        0 => value.to_string(),
        _ => format!("event: error\ndata: {value}\n\n"),
    })
}

/// The object with its fields in reverse order, more fields, and unescaped Unicode.
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

/// Runs the whole suite. Returns its report.
async fn judged(mut target: Lenient) -> RunReport {
    target.start().await.expect("started");
    let plan = Plan {
        timing: Timing {
            step: Duration::from_secs(20),
            // A run against a distant server mostly waits.
            concurrency: if target.habits.late.is_zero() { 16 } else { 48 },
            ..Timing::default()
        },
        selection: Selection {
            require: target.require.clone(),
            ..Selection::default()
        },
        ..Plan::default()
    };
    let scenarios = Scenarios::select(&plan.selection).expect("all");
    let never = std::future::pending();
    let run = suite::run(&plan, &target, scenarios, Box::new(|_| ()), never);
    let run = tokio::time::timeout(BOUND, run).await;
    let run = run.expect("in time").expect("a run");
    target.stop().await;
    run.report
}

/// Whether this requirement binds over the WebSocket, which the proxy alone stands before.
pub fn binds(id: &str) -> bool {
    not_over_websocket(id).is_none() && !needs_both(id)
}

/// Runs the whole suite, in which everything must pass.
async fn passed(target: Lenient) {
    passed_but_for(target, None).await;
}

/// Runs the whole suite, in which everything must pass but this requirement, which must fail.
async fn passed_but_for(target: Lenient, failed: Option<&str>) {
    let report = judged(target).await;
    let wrong: Vec<String> = report
        .scenarios
        .iter()
        // The proxied server itself is open, over HTTP as well.
        .filter(|scenario| !scenario.name.ends_with("connects to the server itself"))
        // The proxy keeps both replicas alive.
        .filter(|scenario| !scenario.requirements.iter().any(|id| id == "REPLICA-3"))
        .filter(|scenario| scenario.requirements.iter().all(|id| binds(id)))
        .filter(|scenario| {
            let is_that = |id: &String| failed == Some(&**id);
            let own = scenario.requirements.iter().any(is_that);
            let expected = [Verdict::Passed, Verdict::Failed];
            !expected[..if own { 2 } else { 1 }].contains(&scenario.verdict)
                || scenario.findings.iter().any(|it| !is_that(&it.requirement))
        })
        .map(|it| {
            format!(
                "{}: {:?} {:?} {:?}",
                it.id, it.verdict, it.reason, it.findings
            )
        })
        .collect();
    let requirements = report.requirements.iter().filter(|it| it.id != "REPLICA-3");
    let mut binding = requirements.filter(|it| binds(&it.id));
    let all_passed = binding.all(|it| match failed == Some(&*it.id) {
        true => it.verdict == Verdict::Failed,
        false => it.verdict == Verdict::Passed,
    });
    let is_right_code = failed.is_some() || report.exit_code() == exit::OK;
    if !wrong.is_empty() || !is_right_code || !all_passed {
        fail(&format!(
            "exit code {}\n{}",
            report.exit_code(),
            wrong.join("\n")
        ));
    }
}

macro_rules! liberties {
    ($($name:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                passed(Lenient::new(super::$name)).await;
            }
        )+
    };
}

/// Each liberty alone, and all of them together.
mod taking {
    use super::{Lenient, passed};

    liberties! {
        every_liberty
        plain_framing
        sse_framing
        crlf
        other_fields_in_another_order
        unknown_messages_and_pings
        fragmented_frames
        large_events
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_far_away() {
    let mut target = Lenient::new(unchanged);
    target.habits.late = Duration::from_millis(200);
    passed(target).await;
}

/// What most of the catalogue is about, without the scenarios that a slow server makes long.
const IN_SHORT: [&str; 9] = [
    "GREETING",
    "START",
    "CATCHUP-1",
    "CATCHUP-4",
    "CATCHUP-5",
    "HISTORY",
    "REPLAY",
    "PAUSE",
    "REFUSAL",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_a_second_late() {
    let mut target = Lenient::new(unchanged);
    target.habits.late = Duration::from_millis(500);
    target.require = IN_SHORT.map(str::to_owned).to_vec();
    passed(target).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_silent_for_three_seconds() {
    let mut target = Lenient::new(unchanged);
    target.habits.silence = Some((8, Duration::from_secs(3)));
    target.require = IN_SHORT.map(str::to_owned).to_vec();
    passed(target).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_sends_in_bursts() {
    let mut target = Lenient::new(unchanged);
    target.habits.bursts = Some(Duration::from_millis(400));
    // A burst shortens the stretch without events that LIVENESS-2 is about.
    let judged = registry::all().filter(|it| it.id != "LIVENESS-2");
    target.require = judged.map(|it| it.id.to_owned()).collect();
    passed(target).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_heartbeats() {
    let mut target = Lenient::new(unchanged);
    target.habits.beat = Some((Duration::from_millis(150), r#"{"event": "heartbeat"}"#));
    passed(target).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_comments() {
    let mut target = Lenient::new(unchanged);
    target.habits.beat = Some((Duration::from_millis(150), ": keepalive\n\n"));
    passed(target).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_closes_after_each_replay() {
    let mut target = Lenient::with(Fault::ReplayCloses);
    // Only replays on one connection can fill a viewer's buffers, and nothing goes on beside a replay there.
    let judged = registry::all().filter(|it| !["VIEWERS-4", "VIEWERS-9"].contains(&it.id));
    target.require = judged.map(|it| it.id.to_owned()).collect();
    passed_but_for(target, Some("REPLAY-4")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_announces_that_nothing_was_missed() {
    passed_but_for(Lenient::with(Fault::CatchUpForNothing), Some("CATCHUP-8")).await;
}

/// Every long run has another workflow as a step, as on agno 3.1.10.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_nested_workflows() {
    let mut target = Lenient::with(Fault::InnerRunUnassigned);
    let nested = target.casting[&Part::Nested].clone();
    target.casting.insert(Part::Long, nested);
    passed_but_for(target, Some("START-5")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_any_pace() {
    let mut target = Lenient::new(unchanged);
    target.inside = target.inside.pace(Duration::ZERO);
    passed(target).await;
}

/// Every connection is closed as by a server that restarts, in the middle of things.
fn service_restart(text: &str, number: usize) -> Vec<Message> {
    let mut frames = unchanged(text, number);
    if number == 9 {
        frames.push(Message::Close(Some(CloseFrame {
            code: CloseCode::Restart,
            reason: "".into(),
        })));
    }
    frames
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_its_sockets_fails_nothing() {
    let report = judged(Lenient::new(service_restart)).await;
    let failed: Vec<String> = report
        .scenarios
        .iter()
        .filter(|it| it.verdict == Verdict::Failed || !it.findings.is_empty())
        .map(|it| format!("{}: {:?} {:?}", it.id, it.reason, it.findings))
        .collect();
    if !failed.is_empty() || report.exit_code() != exit::INCONCLUSIVE {
        fail(&format!(
            "exit code {}\n{}",
            report.exit_code(),
            failed.join("\n")
        ));
    }
}

/// Every liberty that leaves nothing inconclusive.
const LIBERTIES: [(&str, Reword); 9] = [
    ("unchanged", unchanged),
    ("every liberty", every_liberty),
    ("plain framing", plain_framing),
    ("SSE framing", sse_framing),
    ("CRLF", crlf),
    (
        "other fields in another order",
        other_fields_in_another_order,
    ),
    ("unknown messages and pings", unknown_messages_and_pings),
    ("fragmented frames", fragmented_frames),
    ("large events", large_events),
];

/// Random plans accuse none of them, either.
async fn explored(trials: u64) {
    let all = LIBERTIES.map(async |(name, reword)| {
        let extents = exploring::Extents {
            trials,
            ..exploring::CALM
        };
        let explored = exploring::explored(&mut Lenient::new(reword), extents).await;
        (name, exploring::wrong(&explored))
    });
    // They wait for most of their time.
    let mut wrong = String::new();
    for (name, found) in futures::future::join_all(all).await {
        if !found.is_empty() {
            wrong += &format!("{name}\n{found}\n");
        }
    }
    if !wrong.is_empty() {
        fail(&wrong);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_plans_on_servers_that_take_liberties() {
    explored(3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: cargo test --release --test proxy liberties -- --ignored --nocapture"]
async fn many_plans_on_servers_that_take_liberties() {
    explored(exploring::TRIALS_OF_A_LIBERTY).await;
}
