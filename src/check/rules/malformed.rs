//! MALFORMED: what is no request of the protocol.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::return_view::{Reading, barred, is_error, readings};
use crate::protocol::{Control, Position};
use crate::trace::{Story, Visit};
use crate::transcript::{DEAD_LINE, Entry, What};

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "MALFORMED-1",
        level: Level::Should,
        sentence: "A text that is not a JSON object, an unknown action and a binary message are each answered by `error`, or the connection is closed with a close frame.",
        why: "Who writes a front end learns from it what is wrong. A connection that just breaks looks like the network, and is tried again and again.",
        source: "RFC 6455, section 7; users of any resumable stream",
        good: "\
→ hello
← {\"event\": \"error\", \"error\": \"a message must be a JSON object with a known action\"}",
        bad: "\
→ hello
(the connection breaks off without a close frame)",
        check: answered,
    },
    Requirement {
        id: "MALFORMED-2",
        level: Level::Must,
        sentence: "Whatever one viewer sends, other viewers and their runs are not disturbed.",
        why: "One faulty front end must not be able to take everybody's work down.",
        source: "users of any resumable stream",
        good: "\
(Ada watches a run)
→ hello                                            on Ben's connection
← event 21                                         on Ada's
… to the ending",
        bad: "\
(Ada watches a run)
→ hello                                            on Ben's connection
(Ada's connection breaks, or her run is gone)",
        check: undisturbed,
    },
];

/// How long after somebody's malformed message the loss of another connection is blamed on it, in
/// seconds. Later it may be a proxy's idle timeout.
const SOON: u64 = 2;

fn answered(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for visit in &story.visits {
        for (at, said) in visit.entries.iter().enumerate() {
            if said.is_malformed() {
                let until = visit.entries[at + 1..]
                    .iter()
                    .position(|entry| entry.is_malformed())
                    .map_or(visit.entries.len(), |next| at + 1 + next);
                answer(visit, said, &visit.entries[at + 1..until], &mut ledger);
            }
        }
    }
    ledger.judgement("every message that was said is a request of the protocol")
}

fn answer(visit: &Visit<'_>, said: &Entry, after: &[&Entry], ledger: &mut Ledger) {
    if visit.barred().is_some() {
        return ledger.untold(barred(visit.viewer));
    }
    let came = after.iter().copied().find(|entry| {
        is_error(entry)
            || matches!(
                entry.what,
                What::CloseReceived { .. } | What::Ended(_) | What::GaveUp { .. }
            )
    });
    match came {
        Some(entry) if is_dead_line(entry) => ledger.untold(format!(
            "the connection of {} stood still, by the server's doing or by that of the line",
            visit.viewer
        )),
        // A network can break it at this very moment, too; but the rule is about just that.
        Some(entry) if matches!(entry.what, What::Ended(_) | What::GaveUp { .. }) => {
            ledger.broken(
                "`error`, or a close frame",
                describe::entry(entry),
                [said.number, entry.number],
            );
        }
        Some(_) => ledger.holds(),
        None => ledger.untold(describe::unanswered(visit, said.number)),
    }
}

/// Whether the viewer hung up on a line that was silent altogether.
fn is_dead_line(entry: &Entry) -> bool {
    matches!(&entry.what, What::Ended(Some(reason)) if reason.starts_with(DEAD_LINE))
}

fn undisturbed(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let mut said: Vec<&Entry> = story
        .visits
        .iter()
        .flat_map(|visit| visit.entries.iter().copied())
        .filter(|entry| entry.is_malformed())
        .collect();
    said.sort_unstable_by_key(|entry| entry.number);
    if said.is_empty() {
        return ledger.judgement("every message that was said is a request of the protocol");
    }
    let gone = gone(story);
    for visit in &story.visits {
        if visit.opened() && visit.malformed().is_none() {
            watched(story, visit, &said, &gone, &mut ledger);
        }
    }
    ledger.judgement("nobody else was watching a run")
}

/// What came on another's visit after malformed messages: the ending of a run that was under way, the
/// loss of the connection, or nothing, since the run is no more.
fn watched(
    story: &Story<'_>,
    visit: &Visit<'_>,
    said: &[&Entry],
    gone: &[(&str, &Entry)],
    ledger: &mut Ledger,
) {
    let Some(first) = visit.entries.first().map(|entry| entry.number) else {
        return;
    };
    let last = visit.entries.last().map_or(first, |entry| entry.number);
    let while_here: Vec<&Entry> = said
        .iter()
        .copied()
        .filter(|said| (first..=last).contains(&said.number) && *said.viewer != *visit.viewer)
        .collect();
    let Some(earliest) = while_here.first() else {
        return;
    };
    if let Some(lost) = visit.lost() {
        let culprit = while_here.iter().rev().find(|said| {
            said.number < lost.number
                && lost.at().saturating_sub(said.at()).as_secs() < SOON
                && !has_reasons_of_its_own(lost)
        });
        // A network breaks connections as well; it makes no run unknown.
        let closed = visit.closed().is_some();
        let runs = runs_on(story, visit);
        let refusal = gone
            .iter()
            .find(|(id, entry)| runs.contains(id) && entry.number > earliest.number)
            .map(|(_, refusal)| *refusal);
        match culprit.filter(|_| closed || refusal.is_some()) {
            Some(culprit) => ledger.broken(
                "a connection that somebody else's message does not end",
                match refusal {
                    Some(refusal) => format!(
                        "{}, and then {} for a return to the run",
                        describe::entry(lost),
                        describe::entry(refusal)
                    ),
                    None => describe::entry(lost),
                },
                [culprit.number, lost.number]
                    .into_iter()
                    .chain(refusal.map(|refusal| refusal.number)),
            ),
            None => ledger.untold(format!("{} lost the connection", visit.viewer)),
        }
        return;
    }
    for run in runs_on(story, visit) {
        let under_way = story.run(run).is_none_or(|told| {
            told.ending
                .is_none_or(|(entry, _)| entry.number > earliest.number)
        });
        if !under_way {
            continue;
        }
        let ended = visit.after(earliest.number).iter().any(|entry| {
            entry
                .message()
                .and_then(|message| message.event())
                .is_some_and(|event| {
                    event.final_ending().is_some() && event.run().is_some_and(|id| &**id == run)
                })
        });
        if ended {
            ledger.holds();
            continue;
        }
        let silence = visit.gave_up_after(earliest.number);
        let refusal = gone
            .iter()
            .find(|(id, entry)| *id == run && entry.number > earliest.number);
        match (silence, refusal) {
            (Some(silence), Some((_, refusal))) => ledger.broken(
                "a run that goes on, whatever somebody else says",
                format!(
                    "{}, and then {} for a return to the run",
                    describe::entry(silence),
                    describe::entry(refusal)
                ),
                [earliest.number, silence.number, refusal.number],
            ),
            _ => ledger.untold(format!(
                "{} did not see how the run ended after somebody else's message",
                visit.viewer
            )),
        }
    }
}

/// Whether a server closed that goes away or restarts, as it says itself (1001: RFC 6455, section
/// 7.4.1; 1012: its registry of close codes).
fn has_reasons_of_its_own(lost: &Entry) -> bool {
    matches!(
        lost.what,
        What::CloseReceived {
            code: Some(1001 | 1012),
            ..
        }
    )
}

/// The runs that were started or asked for on this visit.
fn runs_on<'s>(story: &'s Story<'_>, visit: &Visit<'_>) -> Vec<&'s str> {
    let here = |place: usize| {
        let other = story.visit(place);
        other.viewer == visit.viewer && other.number == visit.number
    };
    let starts = story
        .starts
        .iter()
        .filter(|start| here(start.visit))
        .filter_map(|start| start.run);
    let returns = story
        .returns
        .iter()
        .filter(|ret| here(ret.visit) && !ret.answer().is_some_and(is_error))
        .filter_map(|ret| ret.run);
    let mut runs: Vec<&str> = starts.chain(returns).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// The runs that exist, and to which a return was refused that a server must not refuse.
fn gone<'t>(story: &Story<'t>) -> Vec<(&'t str, &'t Entry)> {
    let refused = |reading: &Reading<'_, 't>| -> Option<(&'t str, &'t Entry)> {
        let whole = *reading.ret.position == Position::Null && !reading.belongs_to_another();
        let refusal = reading
            .ret
            .controls()
            .find(|(_, control)| matches!(control, Control::Error { .. }))
            .map(|(entry, _): (&'t Entry, _)| entry)?;
        (whole && story.run(reading.run).is_some()).then_some((reading.run, refusal))
    };
    readings(story)
        .filter_map(|(reading, _)| refused(&reading))
        .collect()
}
