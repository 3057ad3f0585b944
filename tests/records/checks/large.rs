//! The work of every check grows with the length of its transcript, and with nothing else.
//!
//! Work is counted and not timed: how many entries, deliveries, subscriptions, connections and runs are
//! looked at. A transcript that is ten times as long may cost a tenth more for each entry, whether it
//! is longer because of more events or because of more connections.

#![cfg(debug_assertions)]

use std::fmt::Write;

use reconnect_acceptance::check::registry;
use reconnect_acceptance::protocol::{Action, Position};
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{Disconnect, Part, Transcript, work};

use crate::support::{Plan, Record, Returning, Run, Stay, failed};

/// How many times as long the longer transcript is.
const TIMES: u64 = 10;

/// Work for each entry, by requirement id; that of the trace itself comes first.
fn work_per_entry(transcript: &Transcript) -> Vec<(&'static str, f64)> {
    let entries = transcript.entries().len() as f64;
    let before = work::looks();
    let trace = Trace::of(transcript);
    let mut found = vec![("the trace", (work::looks() - before) as f64 / entries)];
    for requirement in registry::all() {
        let before = work::looks();
        let _ = (requirement.check)(&trace);
        let looks = work::looks() - before;
        found.push((requirement.id, looks as f64 / entries));
    }
    found
}

/// Compares the work for `size` and for ten times as much.
fn grows_with_the_length(size: u64, transcript: impl Fn(u64) -> Transcript) {
    let (short, long) = (transcript(size), transcript(TIMES * size));
    assert!(long.entries().len() > 5 * short.entries().len());
    let mut wrong = String::new();
    let long = work_per_entry(&long);
    for ((id, before), (_, after)) in work_per_entry(&short).into_iter().zip(long) {
        // Where there is next to nothing to look at, a constant is no growth.
        if after > before * 1.1 + 0.05 {
            let _ = writeln!(wrong, "{id}: {before:.2} looks an entry became {after:.2}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn conforming(transcript: Transcript) -> Transcript {
    assert_eq!(failed(&transcript), Vec::<&str>::new());
    transcript
}

#[test]
fn with_the_events_of_a_run() {
    grows_with_the_length(1_000, |events| {
        conforming(Plan::simple(events, events / 3, events / 6).record())
    });
}

#[test]
fn with_the_connections_of_a_viewer() {
    grows_with_the_length(100, |connections| {
        let stay = Stay {
            away: 1,
            position: Returning::WithPosition,
            watched: 4,
            disconnect: Disconnect::Reset,
            held: false,
        };
        let plan = Plan {
            stays: vec![stay; usize::try_from(connections).expect("a number")],
            ..Plan::simple(connections * 5, 4, 0)
        };
        conforming(plan.record())
    });
}

#[test]
fn with_the_requests_on_a_connection() {
    grows_with_the_length(50, |requests| {
        let run = Run::new("r", 20);
        let mut record = Record::new();
        record
            .opens("Ada")
            .starts("Ada", Some("w"), &run.session)
            .first("Ada", &run, 0..20);
        for _ in 0..requests {
            record
                .returns("Ada", Some("r"), Position::At(3))
                .replay("Ada", "r", "COMPLETED", 20);
            record.events("Ada", &run, 0..20).pings("Ada").pong("Ada");
            record
                .returns("Ada", Some("no-such-run"), Position::Null)
                .error("Ada");
            record
                .starts("Ada", Some("no-such-workflow"), "s")
                .error("Ada");
        }
        conforming(record.done())
    });
}

#[test]
fn with_requests_that_nothing_answers() {
    grows_with_the_length(100, |requests| {
        let mut record = Record::new();
        record.opens("Ada");
        for at in 0..requests {
            record.pings("Ada");
            record.returns("Ada", Some(&format!("r{at}")), Position::Null);
            record.starts("Ada", Some("w"), "s");
        }
        record.done()
    });
}

/// Each viewer starts a run, asks for more over HTTP, and leaves before the end.
fn many_starts(record: &mut Record, count: u64) {
    record.plays("failing", Part::Failing);
    for at in 0..count {
        let viewer = format!("starter {at}");
        let run = Run::new(&format!("run {at}"), 4);
        let workflow = if at % 2 == 0 { "w" } else { "failing" };
        record
            .opens(&viewer)
            .starts(&viewer, Some(workflow), &run.session)
            .first(&viewer, &run, 0..3)
            .held(&run.session, 2)
            .released(&run.session)
            .cancels(&viewer, &run, 200)
            .gives_up(&viewer)
            .starts_beside(&viewer, &Run::new(&format!("http run {at}"), 4))
            .says(&viewer, Action::Other("nothing".to_owned()))
            .error(&viewer)
            .leaves(&viewer, Disconnect::Silent);
    }
}

/// Each viewer returns to the run that Ada watches, some with an event missing, and sees its ending.
fn many_viewers(record: &mut Record, count: u64) {
    let run = Run::new("r", 20);
    record
        .comes_as("Ada", "one user")
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", &run, 0..10);
    let viewers: Vec<String> = (0..count).map(|at| format!("viewer {at}")).collect();
    for (at, viewer) in viewers.iter().enumerate() {
        match at % 3 {
            0 => record.opens_at_the_other(viewer),
            _ => record.opens(viewer),
        };
        record
            .returns(viewer, Some("r"), Position::At(4))
            .catch_up(viewer, "r", 5, 10)
            .events(viewer, &run, 5..10)
            .subscribed(viewer, "r", 10);
    }
    record.first("Ada", &run, 10..20);
    for (at, viewer) in viewers.iter().enumerate() {
        match at % 2 {
            0 => record.events(viewer, &run, 10..20),
            _ => record.events(viewer, &run, 11..15).gives_up(viewer),
        };
        record
            .returns(viewer, Some("r"), Position::At(19))
            .replay(viewer, "r", "COMPLETED", 20)
            .events(viewer, &run, 0..20)
            .leaves(viewer, Disconnect::Close);
    }
}

/// Every other viewer of a run stops reading, while the others wait for what comes, and reads on.
#[test]
fn with_the_viewers_who_do_not_read() {
    grows_with_the_length(50, |count| {
        let run = Run::new("r", 20);
        let mut record = Record::new();
        record
            .opens("Ada")
            .starts("Ada", Some("w"), &run.session)
            .first("Ada", &run, 0..10);
        let viewers: Vec<String> = (0..count).map(|at| format!("viewer {at}")).collect();
        for viewer in &viewers {
            record
                .opens(viewer)
                .returns(viewer, Some("r"), Position::Null)
                .catch_up(viewer, "r", 10, 10)
                .events(viewer, &run, 0..10)
                .subscribed(viewer, "r", 10);
        }
        for viewer in viewers.iter().step_by(2) {
            record.stops_reading(viewer, 100).pings(viewer);
        }
        for viewer in viewers.iter().skip(1).step_by(2) {
            record.gives_up(viewer).events(viewer, &run, 10..20);
        }
        for viewer in viewers.iter().step_by(2) {
            record
                .reads_on(viewer)
                .pong(viewer)
                .events(viewer, &run, 10..20);
        }
        record.first("Ada", &run, 10..20);
        record.done()
    });
}

/// Each viewer sees the run pause, and answers.
#[test]
fn with_the_answers_to_a_pause() {
    grows_with_the_length(50, |count| {
        let (paused, whole) = (Run::paused("r", 10), Run::new("r", 20));
        let mut record = Record::new();
        record
            .opens("Ada")
            .starts("Ada", Some("w"), &whole.session)
            .first("Ada", &paused, 0..2);
        let viewers: Vec<String> = (0..count).map(|at| format!("viewer {at}")).collect();
        for viewer in &viewers {
            record
                .opens(viewer)
                .returns(viewer, Some("r"), Position::Null)
                .catch_up(viewer, "r", 2, 2)
                .events(viewer, &paused, 0..2)
                .subscribed(viewer, "r", 2)
                .events(viewer, &paused, 2..10);
        }
        record
            .first("Ada", &paused, 2..10)
            .continues("Ada", &paused);
        for (at, viewer) in viewers.iter().enumerate() {
            match at % 3 {
                0 => record.continues(viewer, &paused).error(viewer),
                1 => record.continues(viewer, &paused).gives_up(viewer),
                _ => record.events(viewer, &whole, 10..20),
            };
        }
        record
            .first("Ada", &whole, 10..20)
            .cancels("Ada", &whole, 200);
        record.done()
    });
}

#[test]
fn with_the_runs_that_are_started() {
    grows_with_the_length(50, |count| {
        let mut record = Record::new();
        many_starts(&mut record, count);
        record.done()
    });
}

#[test]
fn with_the_viewers_of_a_run() {
    grows_with_the_length(50, |count| {
        let mut record = Record::new();
        many_viewers(&mut record, count);
        record.done()
    });
}

#[test]
fn with_payloads_that_all_differ() {
    grows_with_the_length(500, |events| {
        let run = Run::new("r", events);
        let mut record = Record::new();
        record
            .opens("Ada")
            .starts("Ada", Some("w"), &run.session)
            .first("Ada", &run, 0..events);
        record
            .opens("Ben")
            .returns("Ben", Some("r"), Position::Null)
            .replay("Ben", "r", "COMPLETED", events);
        for index in 0..events {
            let event = run.event(index).replace("word", "lie");
            let named = format!("{{\"field {index}\": 1,");
            record.gets("Ben", &event.replacen('{', &named, 1));
        }
        record.done()
    });
}
