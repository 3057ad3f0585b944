//! LIVENESS and CLOSE: the connection itself.

use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::ending;
use crate::protocol::{Control, Part};
use crate::trace::{Connection, Delivery, Origin, Subscription, Trace};
use crate::transcript::{BESIDE, Disconnect, Entry, EntryKind};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLOSE-1",
        level: Level::Should,
        since: "0.1.0",
        sentence: "The server answers a closing handshake with one of its own.",
        why: "A connection that is not closed properly stays open on one side, and enough of them bring a server down.",
        harm: "A viewer who closes the connection gets no proper answer, so it may stay half open.",
        source: "RFC 6455, section 7",
        good: "\
→ close frame, 1000
← close frame, 1000
(the server closes the TCP connection)",
        bad: "\
→ close frame, 1000
(the connection breaks off without a close frame)",
        check: check!(close),
    },
    Requirement {
        id: "LIVENESS-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Every request is answered, or the connection is closed, within the time limit.",
        why: "A person can act on an error, but not on a spinner.",
        harm: "A viewer waits for an answer that does not come within the time limit.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", …}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
(nothing, for longer than the time limit)",
        check: check!(no_silence),
    },
    Requirement {
        id: "LIVENESS-2",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A stretch without events costs nobody the stream.",
        why: "A model that thinks, or a tool that works, may say nothing for minutes. Who waits for it must not be left with a page that only looks alive.",
        harm: "A viewer of a run that says nothing for a while may lose the stream.",
        source: "users of any resumable stream",
        good: "\
← event 8                                          to Ada and Ben
(nothing happens for 40 seconds)
← event 9                                          to Ada and Ben",
        bad: "\
← event 8                                          to Ada and Ben
(nothing happens for 40 seconds)
← event 9                                          to Ada only",
        check: check!(through_the_quiet),
    },
];

fn no_silence(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in &trace.connections {
        silences_on(connection, &mut collector);
    }
    collector.check_verdict("no viewer sent a request and waited for the answer")
}

fn silences_on(connection: &Connection<'_>, collector: &mut Collector) {
    let mut open: Option<&Entry> = None;
    let mut unanswered: Option<(&Entry, &Entry)> = None;
    let mut further = 0;
    for &entry in &connection.entries {
        match &entry.what {
            // What is no request of the protocol is a matter of MALFORMED-1.
            EntryKind::Sent { .. } if !entry.is_malformed() => open = Some(entry),
            EntryKind::Received { .. } | EntryKind::ReceivedBinary(_) if open.take().is_some() => {
                collector.passed();
            }
            // Over HTTP the head of the answer is one: the run's turn may come later.
            EntryKind::Refused { .. } | EntryKind::Opened if open.take().is_some() => {
                collector.passed();
            }
            EntryKind::CloseReceived { .. } | EntryKind::StreamEnded { .. } => open = None,
            EntryKind::Ended(_) => {
                if let Some(request) = open.take() {
                    collector.inconclusive(describe::unanswered(connection, request.number));
                }
            }
            EntryKind::TimedOut { .. } => match (open.take(), unanswered) {
                (Some(request), None) => unanswered = Some((request, entry)),
                (Some(_), Some(_)) => further += 1,
                (None, _) => {}
            },
            _ => {}
        }
    }
    if let Some((request, silence)) = unanswered {
        collector.failed(
            "an answer or a close frame",
            format!("{}{}", describe::entry(silence), describe::more(further)),
            [request.number, silence.number],
        );
    }
}

fn through_the_quiet(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let Some(lasts) = trace.quiet() else {
        return collector.check_verdict("no run of the part `quiet` was started");
    };
    for it in &trace.subscriptions {
        let is_quiet = |run: &&str| trace.part_of(run) == Some(Part::Quiet);
        let connection = trace.connection(it.connection);
        let mut controls = it.controls();
        let watches = it.origin == Origin::Started
            || controls.any(|(_, said)| matches!(said, Control::Subscribed { .. }));
        // The run that the suite starts as a yardstick says nothing about those who wait for another one.
        if let Some(run) = it.run.filter(is_quiet)
            && watches
            && connection.barred().is_none()
            && connection.viewer != BESIDE
        {
            stays_on(trace, it, run, lasts, &mut collector);
        }
    }
    collector.check_verdict("nobody watched a run of the part `quiet`")
}

/// Looks at one viewer of a run in which nothing happens for so long at some time.
fn stays_on(
    trace: &Trace<'_>,
    it: &Subscription<'_>,
    run: &str,
    lasts: Duration,
    collector: &mut Collector,
) {
    let connection = trace.connection(it.connection);
    let viewer = connection.viewer;
    let Some(last) = it.deliveries.last() else {
        return;
    };
    let gap = |pair: &[Delivery<'_>]| pair[1].entry.at().saturating_sub(pair[0].entry.at());
    let pairs = it.deliveries.windows(2);
    let longest = pairs
        .filter(|pair| pair[1].phase.is_live())
        .max_by_key(|pair| gap(pair));
    let stretch = longest.filter(|pair| gap(pair) >= lasts);
    if let Some([before, after]) = stretch {
        let next = before.index().map(|index| index.saturating_add(1));
        return match after.index() == next {
            true if it.has_ended() => collector.passed(),
            // That an ending does not come is a matter of others.
            true => collector.inconclusive(ending::unseen(connection, last.entry.number)),
            false => collector.failed(
                format!("event {} next for {viewer}", describe::count(next)),
                describe::entry(after.entry),
                [before.entry.number, after.entry.number],
            ),
        };
    }
    if it.has_ended() {
        let longest = longest.map(gap).unwrap_or_default();
        return collector.inconclusive(format!(
            "the longest stretch without events that {viewer} saw lasted {}: name a workflow that says \
             nothing for {} as [parts.quiet] in a target file",
            describe::lasted(longest),
            describe::lasted(lasts)
        ));
    }
    let silent = |entry: &Entry| entry.at().saturating_sub(last.entry.at());
    let closed = connection
        .closed()
        .filter(|closed| silent(closed) >= lasts / 4);
    if let Some(closed) = closed.filter(|_| it.until.is_none()) {
        return collector.failed(
            format!("the stream to stay open for {viewer} while nothing happened"),
            describe::entry(closed),
            [last.entry.number, closed.number],
        );
    }
    let number = last.entry.number;
    match ending::missing(trace, connection, run, number, it.until) {
        Some(missing) => collector.failed(
            format!("further events for {viewer} after a time without any"),
            missing.observed(),
            [number].into_iter().chain(missing.evidence()),
        ),
        None => collector.inconclusive(ending::unseen(connection, number)),
    }
}

/// Whether a wait that timed out after the viewer had left was no silence: messages came until late in it, so that
/// what was waited for may have been on its way behind them, on a slow line.
fn is_behind(connection: &Connection<'_>, end: &Entry) -> bool {
    let EntryKind::TimedOut { after, .. } = &end.what else {
        return false;
    };
    let late = end.at().saturating_sub(*after / 2);
    connection
        .afterwards
        .iter()
        .any(|entry| entry.number < end.number && entry.at() > late && entry.message().is_some())
}

fn close(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in trace.websockets() {
        let disconnect = connection
            .left()
            .filter(|left| matches!(left.what, EntryKind::Disconnected(Disconnect::Close)));
        let is_open = connection.opened() && connection.lost().is_none();
        let Some(disconnect) = disconnect.filter(|_| is_open) else {
            continue;
        };
        let end = connection.afterwards.iter().copied().find(|entry| {
            matches!(
                entry.what,
                EntryKind::CloseReceived { .. } | EntryKind::Ended(_) | EntryKind::TimedOut { .. }
            )
        });
        match end {
            Some(entry) if matches!(entry.what, EntryKind::CloseReceived { .. }) => {
                if connection.heard().next().is_some() {
                    collector.passed();
                }
            }
            Some(entry) if is_behind(connection, entry) => collector.inconclusive(format!(
                "messages were still arriving for {} when the suite ended the connection, so the \
                 server's close frame may have been behind them",
                connection.viewer
            )),
            Some(entry) => collector.failed(
                "a close frame in answer to the closing handshake",
                describe::entry(entry),
                [disconnect.number, entry.number],
            ),
            None => collector.inconclusive(format!(
                "what followed after {} had left was not recorded",
                connection.viewer
            )),
        }
    }
    collector.check_verdict("no viewer left with a closing handshake")
}
