//! CLIENT-LISTEN: what a client takes for events.

use super::SOURCE;
use super::view::{gave_up, is_exit, losses, nothing, position};
use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::protocol::{Body, Control, Framing, Position};
use crate::trace::{Delivery, Trace};
use crate::transcript::{ClientEntry, Entry, EntryKind};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-LISTEN-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client understands events in both framings.",
        why: "On the connection that started the run each event is wrapped as a server-sent event, after a return it is plain JSON.",
        harm: "The client sees nothing of the run's beginning, or nothing after the first loss.",
        source: SOURCE,
        good: "← event: RunContent\\ndata: {\"event_index\": 19, …}\n(the connection is reset)\n→ {… \"last_event_index\": 19}\n← {\"event\": \"RunContent\", \"event_index\": 20, …}\n(the connection is reset)\n→ {… \"last_event_index\": 20}",
        bad: "← event: RunContent\\ndata: {\"event_index\": 19, …}\n(the connection is reset)\n→ {… \"last_event_index\": null}",
        check: check!(both_framings),
    },
    Requirement {
        id: "CLIENT-LISTEN-2",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client does not take `catch_up`, `replay`, `subscribed` or `queued` for events.",
        why: "They have no index. A client that counts them is ahead of the run, by one or two for each return.",
        harm: "After the second loss events are missing, and nobody is told.",
        source: SOURCE,
        good: "← catch_up\n← events 20 to 25\n← subscribed\n(the connection is reset)\n→ {… \"last_event_index\": 25}",
        bad: "← catch_up\n← events 20 to 25\n← subscribed\n(the connection is reset)\n→ {… \"last_event_index\": 27}",
        check: check!(no_controls),
    },
    Requirement {
        id: "CLIENT-LISTEN-3",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client counts an event of an unknown name like any other.",
        why: "Each release of the server has new events.",
        harm: "After an update of the server the position is wrong.",
        source: SOURCE,
        good: "← {\"event\": \"SomethingNew\", \"event_index\": 19, …}\n(the connection is reset)\n→ {… \"last_event_index\": 19}",
        bad: "← {\"event\": \"SomethingNew\", \"event_index\": 19, …}\n(the connection is reset)\n→ {… \"last_event_index\": 18}",
        check: check!(unknown_names),
    },
    Requirement {
        id: "CLIENT-LISTEN-4",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client goes on after one message that it cannot read.",
        why: "One agent whose result has a NaN in it must not end what the person sees of the rest.",
        harm: "One bad message, and the person sees nothing more of the run.",
        source: SOURCE,
        good: "← {\"event\": \"RunContent\", \"value\": NaN}\n← events 20 to 25\n(the connection is reset)\n→ {… \"last_event_index\": 25}",
        bad: "← {\"event\": \"RunContent\", \"value\": NaN}\n(nothing comes any more)",
        check: check!(goes_on),
    },
];

/// Whether this position takes in at least one of the events that came before the loss on its connection.
fn takes_in(at: &Position, deliveries: &[Delivery<'_>]) -> bool {
    let first = deliveries.iter().find_map(Delivery::index);
    match (at, first) {
        (Position::At(index), Some(first)) => *index >= first,
        _ => false,
    }
}

fn both_framings(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let (mut wrapped, mut plain) = (false, false);
    for loss in losses(trace) {
        let framing = loss
            .before
            .deliveries
            .first()
            .and_then(|it| it.entry.message());
        let Some(framing) = framing.map(|it| it.framing) else {
            continue;
        };
        let Some(at) = loss.position() else {
            collector.inconclusive(loss.no_return());
            continue;
        };
        if !loss.settled {
            collector.inconclusive(loss.not_read());
            continue;
        }
        let (understood, words) = match framing {
            Framing::Plain => (&mut plain, "plain JSON"),
            _ => (&mut wrapped, "server-sent events"),
        };
        if takes_in(at, &loss.before.deliveries) {
            *understood = true;
        } else {
            collector.failed(
                format!("a position that takes in events that came as {words}"),
                position(at),
                loss.evidence(),
            );
        }
    }
    if wrapped && plain {
        collector.passed();
    }
    collector.check_verdict("Ada did not return after events in each framing")
}

fn no_controls(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for loss in losses(trace) {
        let controls = loss.before.controls().filter(|(entry, it)| {
            let counted = matches!(
                it,
                Control::CatchUp { .. }
                    | Control::Replay { .. }
                    | Control::Subscribed { .. }
                    | Control::Queued { .. }
            );
            counted && entry.number < loss.cut.number
        });
        if controls.count() == 0 {
            collector.inconclusive("no control message came before a loss");
            continue;
        }
        match loss.position() {
            None => collector.inconclusive(loss.no_return()),
            Some(at) if !loss.is_known(at) => collector.inconclusive(loss.not_read()),
            Some(at @ Position::At(index)) if Some(*index) > loss.delivered => collector.failed(
                "a position that counts events alone",
                position(at),
                loss.evidence(),
            ),
            Some(Position::At(_)) => collector.passed(),
            Some(_) => collector.inconclusive("Ada returned without a position"),
        }
    }
    collector.check_verdict("Ada did not return after control messages")
}

/// The names that the server's scripts have.
const KNOWN: &[&str] = &["Workflow", "Step", "Run", "TeamRun"];

fn unknown_names(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for loss in losses(trace) {
        let Some(last) = loss.before.deliveries.last() else {
            continue;
        };
        let name = &last.event().name;
        if KNOWN.iter().any(|known| name.starts_with(known)) {
            continue;
        }
        match loss.position() {
            None => collector.inconclusive(loss.no_return()),
            Some(at) if !loss.is_known(at) => collector.inconclusive(loss.not_read()),
            Some(Position::At(index)) if Some(*index) == last.index() => collector.passed(),
            Some(at) => collector.failed(
                format!("the position of {}", describe::entry(last.entry)),
                position(at),
                loss.evidence(),
            ),
        }
    }
    collector.check_verdict("no event of an unknown name was the last before a loss")
}

fn is_unreadable(entry: &Entry) -> bool {
    match &entry.what {
        EntryKind::ReceivedBinary(_) => true,
        EntryKind::Received { message, .. } => {
            message.defect.is_some() || matches!(message.body, Body::Unintelligible(_))
        }
        _ => false,
    }
}

/// Whether the client says by lines on stdout that it shows one of these events.
fn shows(trace: &Trace<'_>, events: &[Delivery<'_>]) -> bool {
    let mut entries = trace.transcript.entries().iter();
    entries.any(|entry| match entry.of_client() {
        Some(ClientEntry::Shown { event_index, .. }) => {
            events.iter().any(|it| it.index() == Some(*event_index))
        }
        _ => false,
    })
}

/// Notes whether a client that kept its connection went on after this message.
fn stayed(trace: &Trace<'_>, unreadable: &Entry, collector: &mut Collector) {
    let Some(ended) = gave_up(trace, unreadable.number) else {
        return collector.inconclusive("the transcript ends before it could be seen");
    };
    let later = trace.deliveries.iter();
    let later: Vec<_> = later
        .filter(|it| it.entry.number > unreadable.number)
        .copied()
        .collect();
    let is_over = |it: &Delivery<'_>| it.is_final() && it.entry.number < ended.number;
    if later.iter().any(is_over) {
        // It was sent the run's ending, and may have left for that.
        match shows(trace, &later) {
            true => collector.passed(),
            false => collector.inconclusive(
                "Ada ended once the run had, and does not say what they showed of it",
            ),
        }
    } else if later.is_empty() && !is_exit(ended) {
        collector.inconclusive("no event followed the message that Ada could not read");
    } else {
        collector.failed(
            "that the client goes on",
            nothing(ended),
            [unreadable.number, ended.number],
        );
    }
}

fn goes_on(trace: &Trace<'_>) -> CheckVerdict {
    const OTHERWISE: &str = "no message came that Ada could not read";
    let mut collector = Collector::default();
    let mut entries = trace.transcript.entries().iter();
    let Some(unreadable) = entries.find(|entry| is_unreadable(entry)) else {
        return collector.check_verdict(OTHERWISE);
    };
    let later = losses(trace);
    let mut later = later
        .iter()
        .filter(|loss| loss.cut.number > unreadable.number);
    let returned = trace
        .returns()
        .find(|it| it.request.number > unreadable.number);
    match (later.next(), returned) {
        (Some(loss), _) => {
            let after = loss.before.deliveries.iter();
            let after: Vec<_> = after
                .filter(|it| it.entry.number > unreadable.number)
                .copied()
                .collect();
            match loss.position() {
                Some(_) if after.is_empty() => {
                    collector.inconclusive("no event followed the message that Ada could not read");
                }
                Some(at) if loss.over_http && takes_in(at, &after) => collector.passed(),
                Some(_) if !loss.settled => collector.inconclusive(loss.not_read()),
                Some(at) if takes_in(at, &after) => collector.passed(),
                Some(at) => collector.failed(
                    "a position that takes in what came after the message that cannot be read",
                    position(at),
                    [unreadable.number, loss.cut.number],
                ),
                // It was there until the loss: what becomes of it then is no matter of the message.
                None if shows(trace, &after) => collector.passed(),
                None => collector.inconclusive(loss.no_return()),
            }
        }
        // A client that drops the connection for it, and comes back, goes on as well.
        (None, Some(_)) => collector.passed(),
        (None, None) => stayed(trace, unreadable, &mut collector),
    }
    collector.check_verdict(OTHERWISE)
}
