//! What an entry costs, in nine transcripts: few and many entries on one and on many connections.

use std::io::{Write, stdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reconnect_acceptance::check::registry;
use reconnect_acceptance::protocol::{Action, Decoder, Position};
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{Disconnect, EntryKind, Transcript};
use serde_json::{Value, json};

use crate::frames;

const ENTRIES: [usize; 3] = [10_000, 100_000, 1_000_000];
const CONNECTIONS: [usize; 3] = [1, 100, 10_000];

/// Entries of a connection besides the events on it.
const BESIDES: usize = 6;

/// The nanoseconds that each check takes for an entry; those of the trace itself come first.
type Cost = Vec<(&'static str, f64)>;

/// Measures and prints the nine cells: what an entry costs in all, with the growth along both axes, and
/// by check. With `tried`, the smallest ones once.
pub fn print(tried: bool) {
    let (entries, connections) = match tried {
        true => (&ENTRIES[..1], &CONNECTIONS[..2]),
        false => (&ENTRIES[..], &CONNECTIONS[..]),
    };
    let mut cells = Vec::new();
    for &connections in connections {
        for &entries in entries {
            // A connection has more entries than its events.
            if entries >= connections * 2 * BESIDES {
                cells.push((
                    entries,
                    connections,
                    cost(&transcript(entries, connections)),
                ));
            }
        }
    }
    let mut out = stdout().lock();
    let _ = writeln!(
        out,
        "{:>9} {:>11} {:>12}",
        "entries", "connections", "ns an entry"
    );
    for (entries, connections, cost) in &cells {
        let sum: f64 = cost.iter().map(|(_, nanos)| nanos).sum();
        let _ = writeln!(
            out,
            "{entries:>9} {connections:>11} {sum:>12.0}  {}  {}",
            growth(
                &cells,
                sum,
                |it| it.1 == *connections && it.0 < *entries,
                "entries"
            ),
            growth(
                &cells,
                sum,
                |it| it.0 == *entries && it.1 < *connections,
                "connections"
            ),
        );
    }
    let _ = writeln!(
        out,
        "\nns an entry, by check, in the order of the lines above"
    );
    let Some((.., first)) = cells.first() else {
        return;
    };
    for (place, (id, _)) in first.iter().enumerate() {
        let costs = cells
            .iter()
            .map(|(.., cost)| format!("{:>8.1}", cost[place].1));
        let _ = writeln!(out, "{id:<14}{}", costs.collect::<String>());
    }
}

/// The growth over the smallest cell of these.
fn growth(
    cells: &[(usize, usize, Cost)],
    sum: f64,
    smaller: impl Fn(&&(usize, usize, Cost)) -> bool,
    axis: &str,
) -> String {
    let Some((.., cost)) = cells.iter().find(smaller) else {
        return String::new();
    };
    let before: f64 = cost.iter().map(|(_, nanos)| nanos).sum();
    format!("{:+.0} % along {axis}", (sum / before - 1.0) * 100.0)
}

fn cost(transcript: &Transcript) -> Cost {
    let entries = transcript.entries().len() as f64;
    let per_entry = |began: Instant| began.elapsed().as_nanos() as f64 / entries;
    let began = Instant::now();
    let trace = Trace::of(transcript);
    let mut cost = vec![("the trace", per_entry(began))];
    for requirement in registry::all() {
        // Of three, the fastest: the machine does other things as well.
        let measured = (0..3).map(|_| {
            let began = Instant::now();
            std::hint::black_box((requirement.check)(&trace));
            per_entry(began)
        });
        cost.push((requirement.id, measured.fold(f64::INFINITY, f64::min)));
    }
    cost
}

/// One run, which a viewer follows over this many connections, each from where the one before ended.
fn transcript(entries: usize, connections: usize) -> Transcript {
    let here = (entries / connections).saturating_sub(BESIDES).max(2);
    let events = frames::run(here * connections);
    let mut transcript = Transcript::new();
    let mut decoder = Decoder::new();
    let viewer: Arc<str> = "Ada".into();
    let mut note = |connection: usize, what: EntryKind| {
        let at = Duration::from_millis(transcript.entries().len() as u64);
        let connection = u32::try_from(connection + 1).unwrap_or(u32::MAX);
        transcript.push(at, &viewer, connection, what);
    };
    for (connection, events) in events.chunks(here).enumerate() {
        let mut hear = |text: &str| EntryKind::received(text, &mut decoder);
        note(connection, EntryKind::Opened);
        note(
            connection,
            hear(&control(
                json!({"event": "connected", "requires_auth": false}),
            )),
        );
        let seen = connection * here;
        if connection == 0 {
            let start = Action::Start {
                workflow_id: Some("content-creation-workflow".to_owned()),
                message: json!("Write"),
                session_id: Some("recorded".to_owned()),
            };
            note(connection, EntryKind::sent(start.to_text()));
            for event in events {
                note(connection, hear(event));
            }
        } else {
            let reconnect = Action::Reconnect {
                run_id: Some(frames::RUN.to_owned()),
                position: Position::At(seen as u64 - 1),
                workflow_id: Some("content-creation-workflow".to_owned()),
                session_id: Some("recorded".to_owned()),
            };
            note(connection, EntryKind::sent(reconnect.to_text()));
            let (missed, live) = events.split_at(1);
            let catch_up = json!({"event": "catch_up", "run_id": frames::RUN,
                "status": "running", "missed_events": 1, "current_event_count": seen + 1});
            note(connection, hear(&control(catch_up)));
            note(connection, hear(&missed[0]));
            let subscribed = json!({"event": "subscribed", "run_id": frames::RUN,
                "status": "running", "current_event_count": seen + 1});
            note(connection, hear(&control(subscribed)));
            for event in live {
                note(connection, hear(event));
            }
        }
        note(connection, EntryKind::Disconnected(Disconnect::Reset));
    }
    transcript
}

fn control(message: Value) -> String {
    message.to_string()
}
