use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::protocol::Decoder;
use crate::report::model::run::Diagnosis;
use crate::transcript::{Disconnect, EntryKind, Transcript};

/// A transcript that is written down: each line has the milliseconds, the viewer, the connection, and what happened.
struct Written(Transcript);

impl Written {
    fn new() -> Self {
        Self(Transcript::new())
    }

    fn push(mut self, ms: u64, viewer: &str, connection: u32, what: EntryKind) -> Self {
        self.0
            .push(Duration::from_millis(ms), &viewer.into(), connection, what);
        self
    }

    fn opened(self, ms: u64, viewer: &str) -> Self {
        self.push(ms, viewer, 1, EntryKind::Opened)
    }

    fn starts(self, ms: u64, viewer: &str) -> Self {
        let text =
            r#"{"action":"start-workflow","workflow_id":"w","message":"m","session_id":"s"}"#;
        self.push(ms, viewer, 1, EntryKind::sent(text))
    }

    fn returns(self, ms: u64, viewer: &str) -> Self {
        let text = r#"{"action":"reconnect","run_id":"r","last_event_index":3,"workflow_id":"w","session_id":"s"}"#;
        self.push(ms, viewer, 1, EntryKind::sent(text))
    }

    fn gets(self, ms: u64, viewer: &str) -> Self {
        let text = r#"{"event":"RunContent","event_index":4,"run_id":"r","session_id":"s"}"#;
        self.push(
            ms,
            viewer,
            1,
            EntryKind::received(text, &mut Decoder::new()),
        )
    }

    fn cut(self, ms: u64, viewer: &str) -> Self {
        self.push(ms, viewer, 1, EntryKind::Ended(Some("it broke".to_owned())))
    }

    fn leaves(self, ms: u64, viewer: &str) -> Self {
        self.push(ms, viewer, 1, EntryKind::Disconnected(Disconnect::Close))
    }
}

/// So many scenarios, each written by this function from its number.
fn scenarios(number: u64, write: impl Fn(u64) -> Written) -> BTreeMap<String, Arc<Transcript>> {
    let named = (0..number).map(|at| (format!("s{at}"), Arc::new(write(at).0)));
    named.collect()
}

/// The diagnosis, where none of the scenarios passed.
fn of(all: &BTreeMap<String, Arc<Transcript>>) -> Option<Diagnosis> {
    let open: BTreeSet<&str> = all.keys().map(String::as_str).collect();
    super::of(all, &open)
}

#[test]
fn connections_of_one_age_are_one_cause() {
    let all = scenarios(6, |at| {
        Written::new()
            .opened(10 * at, "Ada")
            .starts(20 * at + 5, "Ada")
            .gets(100 + at, "Ada")
            .cut(2500 + 12 * at, "Ada")
    });
    let told = of(&all).expect("a diagnosis");
    assert!(
        told.sentence.starts_with(
            "6 connections in 6 scenarios each ended 2.5 s after it was opened (without a close frame): "
        ),
        "{}",
        told.sentence
    );
    assert_eq!(told.scenarios.len(), 6);
    // Scenarios that pass are not explained.
    assert_eq!(super::of(&all, &BTreeSet::new()), None);
}

#[test]
fn connections_that_live_on_are_no_such_rule() {
    let all = scenarios(12, |at| {
        let written = Written::new()
            .opened(0, "Ada")
            .starts(1, "Ada")
            .gets(100, "Ada");
        match at % 2 {
            0 => written.cut(2500, "Ada"),
            _ => written.gets(6000, "Ada").leaves(6001, "Ada"),
        }
    });
    assert_eq!(of(&all), None);
}

#[test]
fn every_return_of_a_second_viewer_is_one_cause() {
    let all = scenarios(5, |at| {
        Written::new()
            .opened(0, "Ada")
            .starts(1, "Ada")
            .gets(100, "Ada")
            .returns(200, "Ada")
            .gets(201, "Ada")
            .opened(300, "Ben")
            .returns(300 + 200 * at, "Ben")
            .cut(301 + 200 * at, "Ben")
    });
    let told = of(&all).expect("a diagnosis");
    assert_eq!(
        told.sentence,
        "every return of a second viewer (5 of 5) was followed by the end of its connection, without an answer or a \
         close frame"
    );
}

#[test]
fn one_that_is_answered_is_enough_to_say_nothing() {
    let all = scenarios(6, |at| {
        let written = Written::new()
            .opened(0, "Ada")
            .starts(1, "Ada")
            .gets(100, "Ada")
            .opened(300, "Ben")
            .returns(400, "Ben");
        match at {
            0 => written.gets(401, "Ben"),
            _ => written.cut(401 + 200 * at, "Ben"),
        }
    });
    assert_eq!(of(&all), None);
    assert_eq!(of(&BTreeMap::new()), None);
}

#[test]
fn a_viewer_who_leaves_is_no_end() {
    let all = scenarios(8, |_| {
        Written::new()
            .opened(0, "Ada")
            .starts(1, "Ada")
            .leaves(2500, "Ada")
            .cut(2501, "Ada")
    });
    assert_eq!(of(&all), None);
}
