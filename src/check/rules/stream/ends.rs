//! When a stream ends, and when it must not: STREAM-1.

use std::collections::HashSet;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::stream::streams::{NO_STREAM, streams};
use crate::check::shared::return_view::views;
use crate::protocol::message::COMMENT;
use crate::protocol::{Control, Ending};
use crate::trace::{Connection, Trace};
use crate::transcript::{Entry, Number};

pub(crate) fn once(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // What comes to a position that nobody can have is a matter of POSITION-1.
    let beyond = views(trace).filter(|view| view.is_beyond());
    let beyond: HashSet<usize> = beyond.map(|view| view.ret.connection).collect();
    for (place, connection) in streams(trace) {
        if !beyond.contains(&place) {
            look(connection, &mut collector);
        }
    }
    collector.check_verdict(NO_STREAM)
}

/// What came on a stream, as far as it is about its end.
#[derive(Default)]
struct Said<'t> {
    /// The latest message that is no comment.
    last: Option<&'t Entry>,
    /// Whether the stream may end: after an `error`, a replay, a final ending, or right after a pause.
    may_end: bool,
    /// The message after which nothing more can come.
    over: Option<&'t Entry>,
    /// The latest message that the protocol does not know.
    unknown: Option<&'t Entry>,
}

fn said<'t>(connection: &Connection<'t>) -> Said<'t> {
    let mut said = Said::default();
    let mut is_final = false;
    for entry in connection.heard() {
        let Some(message) = entry.message() else {
            continue;
        };
        if let Some(event) = message.event() {
            let ending = event.ending();
            let paused = ending == Some(Ending::Paused);
            is_final |= event.final_ending().is_some();
            said.over = (is_final || paused).then_some(entry);
            said.may_end = is_final || paused;
        }
        match message.control() {
            Some(Control::Error { .. } | Control::AuthRequired) => {
                (is_final, said.over) = (true, Some(entry));
            }
            Some(Control::Replay { total_events, .. }) => {
                is_final = true;
                said.over = (*total_events == Some(0)).then_some(entry);
            }
            Some(Control::Other { name }) if &**name == COMMENT => continue,
            Some(Control::Other { .. }) => said.unknown = Some(entry),
            _ => {}
        }
        said.may_end |= is_final;
        said.last = Some(entry);
    }
    said
}

fn look(connection: &Connection<'_>, collector: &mut Collector) {
    let said = said(connection);
    let Some(end) = connection.stream_ended() else {
        return still_open(connection, &said, collector);
    };
    if said.may_end {
        return collector.passed();
    }
    if let Some(unknown) = said.unknown {
        return collector.inconclusive(format!(
            "the stream ended after {}, which the suite does not know",
            describe::entry(unknown)
        ));
    }
    let observed = match said.last {
        Some(last) => format!("{} after {}", describe::entry(end), describe::entry(last)),
        None => format!("{}, before anything came", describe::entry(end)),
    };
    let evidence = said.last.map(|last| last.number);
    collector.failed(
        "an ending, a replay, a pause or an `error` before the end of the stream",
        observed,
        evidence.into_iter().chain([end.number]),
    );
}

/// A stream that nobody saw end: wrong, where somebody waited for that after the last thing that could come.
fn still_open(connection: &Connection<'_>, said: &Said<'_>, collector: &mut Collector) {
    let waited = |after: Number| connection.timeout_after(after);
    match said
        .over
        .and_then(|over| Some((over, waited(over.number)?)))
    {
        Some((over, silence)) => collector.failed(
            format!("the end of the stream after {}", describe::entry(over)),
            describe::entry(silence),
            [over.number, silence.number],
        ),
        None => collector.inconclusive(describe::gone(connection, "the stream ended")),
    }
}
