//! How long all checks take over a long transcript, beside parsing its messages with `serde_json`; and
//! what an entry costs in transcripts of 10,000 to 1,000,000 entries and 1 to 10,000 connections.
//!
//! Nothing here asserts a time. `cargo bench -- --test` runs everything once.

#[path = "support/frames.rs"]
mod frames;
#[path = "support/growth.rs"]
mod growth;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use reconnect_acceptance::check::{CheckVerdict, registry};
use reconnect_acceptance::protocol::framing::wrap_sse;
use reconnect_acceptance::protocol::{Action, Decoder, Position};
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{Disconnect, EntryKind, Transcript};
use serde_json::{Value, json};

/// Deliveries in the record: half of them as the run went on, half as its replay.
const DELIVERIES: usize = 100_000;

/// And where nothing is measured.
const FEW: usize = 2_000;

fn judging(criterion: &mut Criterion) {
    let tried = std::env::args().any(|argument| argument == "--test");
    let deliveries = if tried { FEW } else { DELIVERIES };
    let events = frames::run(deliveries / 2);
    let transcript = record(&events);
    assert_eq!(Trace::of(&transcript).deliveries.len(), deliveries);
    let mut group = criterion.benchmark_group("judging");
    group
        .throughput(Throughput::Elements(deliveries as u64))
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10);
    group.bench_function("serde_json::Value of every event", |bencher| {
        bencher.iter(|| {
            for text in events.iter().chain(&events) {
                black_box(serde_json::from_str::<Value>(text).expect("JSON"));
            }
        });
    });
    group.bench_function("the trace alone", |bencher| {
        bencher.iter(|| black_box(Trace::of(&transcript)).deliveries.len());
    });
    group.bench_function("the trace and every check", |bencher| {
        bencher.iter(|| {
            let trace = Trace::of(&transcript);
            for requirement in registry::all() {
                let check_verdict = (requirement.check)(&trace);
                assert!(
                    !matches!(check_verdict, CheckVerdict::Failed(_)),
                    "{} of a conforming run: {check_verdict:?}",
                    requirement.id
                );
                black_box(check_verdict);
            }
        });
    });
    group.finish();
}

/// Ada starts the run, loses the connection after a third, catches up on a third, watches the rest
/// live, and has everything replayed to her when she returns once more.
fn record(events: &[String]) -> Transcript {
    let third = events.len() / 3;
    let mut record = Record::default();
    record.open();
    record.say(Action::Start {
        workflow_id: Some("content-creation-workflow".to_owned()),
        message: json!("Write"),
        session_id: Some("recorded".to_owned()),
    });
    for (place, event) in events[..third].iter().enumerate() {
        let name = match place {
            0 => "WorkflowStarted",
            _ => "RunContent",
        };
        record.hear(&wrap_sse(name, event));
    }
    record.note(EntryKind::Disconnected(Disconnect::Reset));
    record.open();
    record.say(reconnect(Position::At(third as u64 - 1)));
    record.hear_control(
        json!({"event": "catch_up", "run_id": frames::RUN, "status": "running",
        "missed_events": third, "current_event_count": 2 * third}),
    );
    for event in &events[third..2 * third] {
        record.hear(event);
    }
    record.hear_control(json!({"event": "subscribed", "run_id": frames::RUN,
        "status": "running", "current_event_count": 2 * third}));
    for event in &events[2 * third..] {
        record.hear(event);
    }
    record.note(EntryKind::Disconnected(Disconnect::Close));
    record.open();
    record.say(reconnect(Position::Null));
    record.hear(&frames::replay(events.len()));
    for event in events {
        record.hear(event);
    }
    record.note(EntryKind::Watched(Duration::from_secs(1)));
    record.note(EntryKind::Disconnected(Disconnect::Close));
    record.transcript
}

fn reconnect(position: Position) -> Action {
    Action::Reconnect {
        run_id: Some(frames::RUN.to_owned()),
        position,
        workflow_id: Some("content-creation-workflow".to_owned()),
        session_id: Some("recorded".to_owned()),
    }
}

/// A transcript that grows by a millisecond an entry.
#[derive(Default)]
struct Record {
    transcript: Transcript,
    decoder: Decoder,
    connections: u32,
}

impl Record {
    fn open(&mut self) {
        self.connections += 1;
        self.note(EntryKind::Opened);
        self.hear_control(json!({"event": "connected", "requires_auth": false}));
    }

    fn say(&mut self, action: Action) {
        self.note(EntryKind::sent(action.to_text()));
    }

    fn hear_control(&mut self, message: Value) {
        self.hear(&message.to_string());
    }

    fn hear(&mut self, text: &str) {
        let what = EntryKind::received(text, &mut self.decoder);
        self.note(what);
    }

    fn note(&mut self, what: EntryKind) {
        let at = Duration::from_millis(self.transcript.entries().len() as u64);
        self.transcript
            .push(at, &Arc::from("Ada"), self.connections, what);
    }
}

fn growth(_: &mut Criterion) {
    let tried = std::env::args().any(|argument| argument == "--test");
    growth::print(tried);
}

criterion_group!(benches, judging, growth);
criterion_main!(benches);
