//! One event, one block of the stream: STREAM-3.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::content::{is_hard, says};
use crate::check::rules::stream::streams::{NO_STREAM, streams};
use crate::protocol::{Action, Body};
use crate::trace::{Connection, Trace};
use crate::transcript::Entry;

pub(crate) fn one_each(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for (_, connection) in streams(trace) {
        look(connection, &mut collector);
    }
    if streams(trace).next().is_none() {
        return collector.check_verdict(NO_STREAM);
    }
    for start in trace.starts() {
        let (Some(Action::Start { message, .. }), Some(run)) = (start.request.action(), start.run)
        else {
            continue;
        };
        let Some(told) = message.as_str().filter(|told| is_hard(told)) else {
            continue;
        };
        let mut came = trace
            .deliveries_of(run)
            .filter(|it| trace.connection(it.connection()).is_over_http());
        match came.any(|it| says(it.entry, told)) {
            true => collector.passed(),
            // That it comes unchanged is a matter of CONTENT-1.
            false => collector.inconclusive("the text that the run was told did not come back"),
        }
    }
    collector.check_verdict("every run was started with plain text only")
}

fn look(connection: &Connection<'_>, collector: &mut Collector) {
    let mut wrong = connection
        .heard()
        .filter_map(|entry| Some((entry, broken(entry)?)));
    if let Some((entry, observed)) = wrong.next() {
        collector.failed(
            "one whole event in each server-sent event",
            format!("{observed}{}", describe::more(wrong.count())),
            [entry.number],
        );
    }
    let cut = connection.stream_ended().filter(|end| {
        !matches!(
            end.what,
            crate::transcript::EntryKind::StreamEnded { unfinished: 0 }
        )
    });
    if let Some(end) = cut {
        collector.failed(
            "an empty line after the last event of the stream",
            describe::entry(end),
            [end.number],
        );
    }
}

/// What is wrong with a block that is no whole event; a parser's limit on nesting is not the server's fault.
fn broken(entry: &Entry) -> Option<String> {
    match &entry.message()?.body {
        Body::Unintelligible(reason) if !reason.contains("recursion") => {
            Some(describe::entry(entry))
        }
        _ => None,
    }
}
