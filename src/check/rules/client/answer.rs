//! CLIENT-ANSWER: what a client makes of the answer to its return.

use super::SOURCE;
use super::view::{gave_up, is_exit, losses, nothing, tells_states, was_watched};
use crate::check::collector::Collector;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::protocol::{Control, Position};
use crate::trace::{Subscription, Trace};
use crate::transcript::{ClientEntry, Entry, EntryKind};

/// So often a client may ask for what is refused.
const FEW: usize = 3;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-ANSWER-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client does not repeat a refused return for ever, and tells its user.",
        why: "What the server does not know it will not know in a second, either.",
        harm: "The person waits for a run that cannot be shown, and server and client are busy with it.",
        source: SOURCE,
        good: "→ {\"action\": \"reconnect\", …}\n← error\n(the client says that the run cannot be shown)",
        bad: "→ {\"action\": \"reconnect\", …}\n← error\n→ {\"action\": \"reconnect\", …}\n← error\n(and so on)",
        check: check!(takes_a_refusal),
    },
    Requirement {
        id: "CLIENT-ANSWER-2",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client gives up a return that is met by silence, or tries again.",
        why: "A server that hangs takes the connection and says nothing.",
        harm: "The person waits for ever, although another try would have shown the run.",
        source: SOURCE,
        good: "→ {\"action\": \"reconnect\", …}\n(nothing)\n→ {\"action\": \"reconnect\", …}",
        bad: "→ {\"action\": \"reconnect\", …}\n(nothing, for ever)",
        check: check!(does_not_wait_for_ever),
    },
    Requirement {
        id: "CLIENT-ANSWER-3",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client asks again for a gap, or shows it.",
        why: "Indices count one by one, so that a client can see that something is missing.",
        harm: "The person reads an answer with a hole in it, and does not know.",
        source: SOURCE,
        good: "← event 20\n← event 22\n→ {… \"last_event_index\": 20}",
        bad: "← event 20\n← event 22\n(the client goes on)",
        check: check!(sees_a_gap),
    },
];

fn takes_a_refusal(trace: &Trace<'_>) -> CheckVerdict {
    const OTHERWISE: &str = "no return of Ada's to their run was refused";
    let mut collector = Collector::default();
    let own = |it: &&Subscription<'_>| it.run.is_some_and(|run| trace.start_of(run).is_some());
    let errors = trace.returns().filter(own).filter_map(|it| {
        let mut controls = it.controls();
        controls.find(|(_, it)| matches!(it, Control::Error { .. } | Control::AuthRequired))
    });
    let refused: Vec<&Entry> = errors.map(|(entry, _)| entry).collect();
    let Some(first) = refused.first() else {
        return collector.check_verdict(OTHERWISE);
    };
    if refused.len() > FEW {
        collector.failed(
            format!("at most {FEW} returns that are refused"),
            format!("{} of them", refused.len()),
            refused.iter().map(|it| it.number),
        );
        return collector.check_verdict(OTHERWISE);
    }
    let later = trace.transcript.entries().skip(first.number as usize);
    let mut told = later.iter().filter_map(|it| Some((it, it.of_client()?)));
    let told = told.find(|(_, it)| match it {
        ClientEntry::Exited { .. } => true,
        ClientEntry::State { state, .. } => matches!(state.as_str(), "refused" | "ended"),
        _ => false,
    });
    match told {
        None => says_nothing(trace, first, &mut collector),
        Some((entry, ClientEntry::State { state, .. })) if state == "ended" => collector.failed(
            "that Ada shows the run as refused",
            "the run shown as ended",
            [first.number, entry.number],
        ),
        // A client that leaves as after a run that has completed.
        Some((_, ClientEntry::Exited { code: Some(0), .. })) => collector.inconclusive(
            "Ada ended with exit code 0, as after any run, so it is not known what their user was told",
        ),
        Some(_) => collector.passed(),
    }
    collector.check_verdict(OTHERWISE)
}

/// A client that neither showed anything of a refusal nor left.
fn says_nothing(trace: &Trace<'_>, first: &Entry, collector: &mut Collector) {
    if !was_watched(trace, first.number) {
        collector.inconclusive("the transcript ends before it could be seen");
    } else if tells_states(trace) {
        collector.failed(
            "that Ada shows the run as refused, or ends",
            "neither",
            [first.number],
        );
    } else {
        collector.inconclusive(
            "Ada neither ended nor says by lines on stdout what they show, so it is not known what their user was told",
        );
    }
}

fn does_not_wait_for_ever(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for ret in trace.returns().filter(|it| it.answer().is_none()) {
        let number = ret.request.number;
        let connection = trace.connection(ret.connection);
        let was_cut = connection.lost().is_some();
        if was_cut {
            continue;
        }
        let later = trace.transcript.entries().skip(number as usize);
        let gives_up = later.iter().any(|it| {
            let left = matches!(it.what, EntryKind::Disconnected(_));
            left || it.action().is_some() || is_exit(it)
        });
        match gave_up(trace, number) {
            _ if gives_up => collector.passed(),
            Some(late) => collector.failed(
                "another try, or an end of it",
                nothing(late),
                [number, late.number],
            ),
            None => collector.inconclusive("the transcript ends before it could be seen"),
        }
    }
    collector.check_verdict("no return of Ada's was met by silence")
}

/// The first gap among these: the index before it, and the entry of the event that came instead.
fn gap<'t>(it: &Subscription<'t>) -> Option<(u64, &'t Entry)> {
    let pairs = it.deliveries.iter().zip(it.deliveries.iter().skip(1));
    pairs
        .filter_map(|(one, next)| Some((one.index()?, next.index()?, next.entry)))
        .find(|(one, next, _)| *next > one + 1)
        .map(|(one, _, entry)| (one, entry))
}

fn sees_a_gap(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for ret in losses(trace).iter().filter_map(|loss| loss.ret()) {
        let Some((before, entry)) = gap(ret) else {
            continue;
        };
        let asked = trace.returns().any(|it| {
            let again = it.request.number > entry.number;
            again
                && match it.position() {
                    Some(Position::At(at)) => *at <= before,
                    Some(Position::Null | Position::Absent) => true,
                    _ => false,
                }
        });
        let later = trace.transcript.entries().skip(entry.number as usize);
        let shows = later
            .iter()
            .any(|it| matches!(it.of_client(), Some(ClientEntry::Gap { .. })));
        if asked || shows {
            collector.passed();
        } else if was_watched(trace, entry.number) {
            collector.failed(
                format!("a return with the position {before}, or that Ada shows the gap"),
                "neither",
                [entry.number],
            );
        } else {
            collector.inconclusive("the transcript ends before it could be seen");
        }
    }
    collector.check_verdict("no event was left out")
}
