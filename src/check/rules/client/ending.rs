//! CLIENT-ENDING: how a client shows that a run is over, or waits.

use super::SOURCE;
use super::view::{is_exit, losses, nothing, tells_states};
use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::protocol::{Control, Ending};
use crate::trace::Trace;
use crate::transcript::{ClientEntry, Entry, EntryKind, Number};

/// So often a client may return to a run that waits.
const FEW: usize = 3;
const NO_LINES: &str = "Ada does not say by lines on stdout how they show the run";

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-ENDING-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client knows completed and failed runs as ended.",
        why: "A run ends with `WorkflowCompleted`, or with `WorkflowError`.",
        harm: "The person waits for more of a run that is over.",
        source: SOURCE,
        good: "← WorkflowError\n(the client shows the run as failed)",
        bad: "← WorkflowError\n(the client waits)",
        check: check!(knows_the_end),
    },
    Requirement {
        id: "CLIENT-ENDING-2",
        level: Level::Must,
        since: "0.2.0",
        sentence: "For a client a run that ended while it was away is over.",
        why: "The answer to the return is then `replay`, and no live event follows.",
        harm: "The person waits for more of a run that is over.",
        source: SOURCE,
        good: "← {\"event\": \"replay\", \"status\": \"COMPLETED\", …}\n← events 0 to 59\n(the client shows the run as completed)",
        bad: "← {\"event\": \"replay\", \"status\": \"COMPLETED\", …}\n← events 0 to 59\n(the client waits)",
        check: check!(knows_a_missed_end),
    },
    Requirement {
        id: "CLIENT-ENDING-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client shows a cancelled run as cancelled, whatever follows.",
        why: "After `WorkflowCancelled` comes `WorkflowCompleted` as the end of the stream.",
        harm: "The person takes half of the work for all of it.",
        source: SOURCE,
        good: "← WorkflowCancelled\n← WorkflowCompleted\n(the client shows the run as cancelled)",
        bad: "← WorkflowCancelled\n← WorkflowCompleted\n(the client shows the run as completed)",
        check: check!(knows_cancelled),
    },
    Requirement {
        id: "CLIENT-ENDING-4",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client shows a paused run as waiting, neither as finished nor as lost.",
        why: "After `WorkflowPaused` nothing comes until a person answers.",
        harm: "Nobody answers, because nobody knows that they are asked.",
        source: SOURCE,
        good: "← WorkflowPaused\n(the client asks its user)",
        bad: "← WorkflowPaused\n(the client shows the run as finished)",
        check: check!(knows_paused),
    },
];

/// The first ending of this kind that the client was sent.
fn ending<'t>(trace: &Trace<'t>, is_meant: impl Fn(Ending) -> bool) -> Option<&'t Entry> {
    let mut all = trace.deliveries.iter();
    let ending = all.find(|it| it.event().ending().is_some_and(&is_meant));
    ending.map(|it| it.entry)
}

/// The states in which the client showed the run after this entry, in order.
fn states<'t>(trace: &Trace<'t>, after: Number) -> Vec<(&'t Entry, &'t str, &'t str)> {
    let later = trace.transcript.entries().skip(after as usize);
    let states = later.iter().filter_map(|it| match it.of_client() {
        Some(ClientEntry::State { state, status }) => {
            Some((it, state.as_str(), status.as_deref().unwrap_or_default()))
        }
        _ => None,
    });
    states.collect()
}

/// Whether the client shows the run as over after this entry, or ends.
fn is_over(trace: &Trace<'_>, ending: &Entry, collector: &mut Collector) {
    let later = trace.transcript.entries().skip(ending.number as usize);
    let exited = later.iter().any(is_exit);
    let shows = states(trace, ending.number)
        .iter()
        .any(|(_, state, _)| *state == "ended");
    let late = later
        .iter()
        .find(|it| matches!(it.what, EntryKind::TimedOut { .. }));
    match late {
        _ if shows || exited => collector.passed(),
        Some(late) if tells_states(trace) => collector.failed(
            "that Ada shows the run as over, or ends",
            nothing(late),
            [ending.number, late.number],
        ),
        Some(_) => collector.inconclusive(NO_LINES),
        None => collector.inconclusive("the transcript ends before it could be seen"),
    }
}

fn knows_the_end(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let is_end = |it| matches!(it, Ending::Completed | Ending::Failed);
    if let Some(ending) = ending(trace, is_end) {
        // What a cancelled or missed end is shown as is for the rules about those.
        let cancelled = self::ending(trace, |it| it == Ending::Cancelled).is_some();
        let missed = replay(trace).is_some_and(|replay| replay.number < ending.number);
        if !cancelled && !missed {
            is_over(trace, ending, &mut collector);
        }
    }
    collector.check_verdict("Ada did not watch a run to its end")
}

fn replay<'t>(trace: &Trace<'t>) -> Option<&'t Entry> {
    let mut controls = trace.returns().flat_map(|it| it.controls());
    controls
        .find(|(_, it)| matches!(it, Control::Replay { .. }))
        .map(|(entry, _)| entry)
}

fn knows_a_missed_end(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    match replay(trace) {
        Some(replay) if !losses(trace).is_empty() => is_over(trace, replay, &mut collector),
        _ => {}
    }
    collector.check_verdict("no run ended while Ada was away")
}

fn knows_cancelled(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    if let Some(ending) = ending(trace, |it| it == Ending::Cancelled) {
        let states = states(trace, ending.number);
        let is_cancelled = |status: &str| status.to_lowercase().contains("cancel");
        let end = states.iter().rfind(|(_, state, _)| *state == "ended");
        match end {
            Some((_, _, status)) if is_cancelled(status) => collector.passed(),
            Some((entry, _, status)) => collector.failed(
                "that Ada shows the run as cancelled",
                format!("an end with the status {}", describe::quoted(status)),
                [ending.number, entry.number],
            ),
            None if tells_states(trace) => collector.failed(
                "that Ada shows the run as cancelled",
                "no end",
                [ending.number],
            ),
            None => collector.inconclusive(NO_LINES),
        }
    }
    collector.check_verdict("no run was cancelled while Ada watched")
}

fn knows_paused(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let Some(pause) = ending(trace, |it| it == Ending::Paused) else {
        return collector.check_verdict("no run paused while Ada watched");
    };
    let again = trace.starts().find(|it| it.request.number > pause.number);
    if let Some(start) = again {
        let numbers = [pause.number, start.request.number];
        collector.failed("that Ada waits", "a start of a run", numbers);
    }
    let returns = trace
        .returns()
        .filter(|it| it.request.number > pause.number);
    let returns: Vec<Number> = returns.map(|it| it.request.number).collect();
    if returns.len() > FEW {
        let observed = format!("{} returns to the run", returns.len());
        collector.failed("that Ada waits", observed, returns);
    }
    match states(trace, pause.number).last() {
        Some((_, "paused", _)) => collector.passed(),
        Some((entry, state, _)) => collector.failed(
            "that Ada shows the run as paused",
            format!("the state {}", describe::quoted(state)),
            [pause.number, entry.number],
        ),
        None if tells_states(trace) => collector.failed(
            "that Ada shows the run as paused",
            "no state after the pause",
            [pause.number],
        ),
        None => collector.inconclusive(NO_LINES),
    }
    collector.check_verdict("no run paused while Ada watched")
}
