//! Large records are judged in a time that grows with their length, not with its square.
//!
//! The limits are far above what a release build needs, and far below what a quadratic check would.

use std::time::{Duration, Instant};

use reconnect_acceptance::check::registry;
use reconnect_acceptance::protocol::Position;
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{Disconnect, Transcript};

use crate::support::{Plan, Record, Returning, Run, Stay, failed};

fn judged_in_time(title: &str, record: &Transcript, limit: Duration) {
    let began = Instant::now();
    let trace = Trace::of(record);
    let told = began.elapsed();
    let mut slowest = (Duration::ZERO, "");
    for requirement in registry::all() {
        let began = Instant::now();
        let _ = (requirement.check)(&trace);
        slowest = slowest.max((began.elapsed(), requirement.id));
    }
    let took = began.elapsed();
    let entries = record.entries().len();
    assert!(
        took < limit,
        "{title}: {entries} entries took {took:?}, {told:?} to tell, {slowest:?} the slowest"
    );
    if std::env::var_os("SHOW_TIMES").is_some() {
        use std::io::Write;
        let _ = writeln!(
            std::io::stderr(),
            "{title}: {entries} entries, {took:?}, told in {told:?}, slowest {slowest:?}"
        );
    }
}

const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn a_long_run_and_its_replays() {
    let record = Plan::simple(34_000, 10_000, 5_000).record();
    assert_eq!(failed(&record), Vec::<&str>::new());
    judged_in_time("a long run", &record, LIMIT);
}

#[test]
fn a_run_watched_over_thousands_of_visits() {
    let stay = Stay {
        away: 1,
        position: Returning::WithPosition,
        watched: 4,
        disconnect: Disconnect::Reset,
        held: false,
    };
    let record = Plan {
        stays: vec![stay; 2_000],
        ..Plan::simple(10_000, 4, 0)
    }
    .record();
    assert_eq!(failed(&record), Vec::<&str>::new());
    judged_in_time("thousands of visits", &record, LIMIT);
}

#[test]
fn thousands_of_requests_on_one_connection() {
    let run = Run::new("r", 20);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", &run, 0..20);
    for _ in 0..2_000 {
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
    let record = record.done();
    assert_eq!(failed(&record), Vec::<&str>::new());
    judged_in_time("thousands of requests", &record, LIMIT);
}

#[test]
fn requests_that_nothing_answers() {
    let mut record = Record::new();
    record.opens("Ada");
    for at in 0..10_000 {
        record.pings("Ada");
        record.returns("Ada", Some(&format!("r{at}")), Position::Null);
        record.starts("Ada", Some("w"), "s");
    }
    judged_in_time("nothing answered", &record.done(), LIMIT);
}

#[test]
fn every_payload_differs() {
    let run = Run::new("r", 10_000);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", &run, 0..10_000);
    record
        .opens("Ben")
        .returns("Ben", Some("r"), Position::Null)
        .replay("Ben", "r", "COMPLETED", 10_000);
    for index in 0..10_000 {
        let event = run.event(index).replace("word", "lie");
        record.gets(
            "Ben",
            &event.replacen('{', &format!("{{\"field {index}\": 1,"), 1),
        );
    }
    judged_in_time("every payload differs", &record.done(), LIMIT);
}
