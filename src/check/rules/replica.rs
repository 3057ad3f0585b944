//! REPLICA: several replicas of one server, and viewers who come to another one.
//!
//! What the replica where the run was started shows to those who return is the measure: where it
//! fails them as well, other rules say so.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::precondition::SETTLED;
use crate::check::shared::return_view::{
    Reading, barred, finished, is_error, readings, unanswered,
};
use crate::check::shared::{order, payload};
use crate::protocol::{Control, Outcome, Position};
use crate::trace::{Delivery, Earlier, Story};
use crate::transcript::{Entry, Number, What};

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "REPLICA-1",
        level: Level::Must,
        sentence: "A viewer who returns to another replica of the server gets what they missed and everything live, as from the one that runs the workflow.",
        why: "Behind a load balancer nobody chooses where they come back to. With two replicas, every second return would lose the run.",
        source: "agno's `os/event_streams/base.py`; users of any resumable stream",
        good: "\
(Ada, who had started r at one replica and seen 0 to 19, lost the connection)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}   to the other replica
← {\"event\": \"catch_up\", \"missed_events\": 11, …}
← event 20 … event 30
← {\"event\": \"subscribed\", …}
← event 31                                         live",
        bad: "\
(Ada, who had started r at one replica and seen 0 to 19, lost the connection)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}   to the other replica
← {\"event\": \"error\", \"error\": \"Run r not found in buffer or database\"}",
        check: under_way,
    },
    Requirement {
        id: "REPLICA-2",
        level: Level::Must,
        sentence: "A finished run is replayed alike by every replica.",
        why: "Two people who look at the same run, or one who looks twice, must not be told two stories because they came to two machines.",
        source: "agno's `os/event_streams/base.py`; users of any resumable stream",
        good: "\
(the run r ended)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}   to the one that ran it
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 15, …}, event 0 … event 14
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}   to another one
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 15, …}, event 0 … event 14",
        bad: "\
(the run r ended)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}   to the one that ran it
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 15, …}, event 0 … event 14
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}   to another one
← {\"event\": \"catch_up\", \"status\": \"running\", \"missed_events\": 14, …}",
        check: finished_alike,
    },
];

/// Whether the return can be judged at all, by either check; else why not, where that is worth a word.
fn is_told(reading: &Reading<'_, '_>, ledger: &mut Ledger) -> bool {
    if reading.visit.barred().is_some() {
        ledger.untold(barred(reading.viewer()));
        return false;
    }
    if reading.ret.earlier != Earlier::Nothing {
        ledger.untold("the viewer was already watching the run on that connection");
        return false;
    }
    if reading.belongs_to_another() || matches!(reading.ret.position, Position::Odd(_)) {
        return false;
    }
    let out_of_memory = reading.out_of_memory();
    if let Some(reason) = &out_of_memory {
        ledger.untold(reason);
    }
    out_of_memory.is_none()
}

/// Notes a finding, with the entry that says who came to another replica.
fn broken(
    ledger: &mut Ledger,
    reading: &Reading<'_, '_>,
    expected: impl Into<String>,
    observed: impl Into<String>,
    evidence: impl IntoIterator<Item = Number>,
) {
    let started = reading.story.start_of(reading.run);
    let started = started.map(|start| reading.story.visit(start.visit));
    let visits = [Some(reading.visit), started].into_iter().flatten();
    let came = visits
        .filter_map(|visit| visit.entries.first())
        .find(|entry| matches!(entry.what, What::AtAnotherReplica));
    let evidence = evidence.into_iter().chain(came.map(|entry| entry.number));
    ledger.broken(expected, observed, evidence);
}

/// Whether anybody had been sent the run's ending before the return.
fn had_ended(reading: &Reading<'_, '_>) -> bool {
    let request = reading.ret.request.number;
    reading.story.ending_before(reading.run, request).is_some()
}

fn under_way(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let all: Vec<Reading<'_, '_>> = readings(story).map(|(reading, _)| reading).collect();
    for reading in &all {
        let concerned = reading.at_another_replica() && !had_ended(reading);
        if !concerned || !is_told(reading, &mut ledger) {
            continue;
        }
        // Who returned to the replica that runs it, and stayed.
        let beside = |it: &&Reading<'_, '_>| {
            it.run == reading.run && !it.at_another_replica() && was_under_way(it) && has_stayed(it)
        };
        let mut beside = all.iter().filter(beside).peekable();
        match beside.peek().map(|it| it.viewer()) {
            Some(viewer) if !beside.any(is_whole) => ledger.untold(format!(
                "{viewer} did not get all of it from the replica that runs it, either"
            )),
            _ => watched(reading, &mut ledger),
        }
    }
    ledger.judgement("no viewer returned to another replica while a run was under way")
}

/// Whether a return was answered as one to a run under way.
fn was_under_way(reading: &Reading<'_, '_>) -> bool {
    let replayed = matches!(reading.answer_control(), Some(Control::Replay { .. }));
    !replayed && !had_ended(reading)
}

/// Whether the viewer of a return was there when something more of the run was due.
fn has_stayed(reading: &Reading<'_, '_>) -> bool {
    reading.ending().is_some() || reading.silence().is_some() || reading.visit.lost().is_some()
}

/// Whether everything from the viewer's position to the ending came, in order.
fn is_whole(reading: &Reading<'_, '_>) -> bool {
    reading.ending().is_some() && order::slip(reading.deliveries, reading.next).is_none()
}

fn watched(reading: &Reading<'_, '_>, ledger: &mut Ledger) {
    const EXPECTED: &str = "the run, as the replica that runs it shows it";
    let request = reading.ret.request;
    if reading.story.is_paused(reading.run, request.number) {
        return ledger.untold(format!(
            "the run was paused when {} returned",
            reading.viewer()
        ));
    }
    let seen = reading.story.highest_before(reading.run, request.number);
    if reading.next > seen.map_or(0, |last| last.saturating_add(1)) {
        return ledger.untold(format!(
            "{} returned with a position that nobody had seen",
            reading.viewer()
        ));
    }
    let evidence = |entry: &Entry| [request.number, entry.number];
    let Some(answer) = reading.answer().filter(|answer| !is_error(answer)) else {
        return match instead(reading) {
            Some(entry) => broken(
                ledger,
                reading,
                EXPECTED,
                describe::entry(entry),
                evidence(entry),
            ),
            None => ledger.untold(unanswered(reading)),
        };
    };
    if let Some(Control::Replay { status, .. }) = reading.answer_control() {
        let outcome = status.as_deref().and_then(Outcome::of);
        let over = outcome.is_some_and(Outcome::is_final) && reading.held().is_none();
        return match over || outcome == Some(Outcome::Paused) {
            true => ledger.untold(finished(reading.viewer())),
            false => broken(
                ledger,
                reading,
                EXPECTED,
                describe::entry(answer),
                evidence(answer),
            ),
        };
    }
    if let Some(slip) = order::slip(reading.deliveries, reading.next) {
        return broken(
            ledger,
            reading,
            slip.expected(),
            slip.observed(),
            slip.evidence(request),
        );
    }
    let (missed, live) = reading.around_subscribed();
    let ended = reading.ending().is_some();
    match reading.missing() {
        _ if ended && (reading.subscribed.is_empty() || live.is_empty()) => {
            ledger.untold(finished(reading.viewer()));
        }
        _ if ended => ledger.holds(),
        Some(missing) => broken(
            ledger,
            reading,
            "live events until the ending",
            missing.observed(),
            [request.number, reading.last()]
                .into_iter()
                .chain(missing.evidence()),
        ),
        None if !missed.is_empty() && !live.is_empty() => ledger.holds(),
        None => ledger.untold(reading.unseen()),
    }
}

/// What came instead of an answer about the run: a refusal, silence, or a close frame.
fn instead<'t>(reading: &Reading<'_, 't>) -> Option<&'t Entry> {
    let request = reading.ret.request.number;
    let closed = reading.visit.closed().filter(|it| it.number > request);
    reading.answer().or(reading.gave_up()).or(closed)
}

fn finished_alike(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let all: Vec<Reading<'_, '_>> = readings(story)
        .map(|(reading, _)| reading)
        .filter(had_ended)
        .collect();
    for reading in all.iter().filter(|it| it.at_another_replica()) {
        if !is_told(reading, &mut ledger) {
            continue;
        }
        let own = all.iter().find(|it| {
            let asked_alike = it.run == reading.run && it.ret.position == reading.ret.position;
            asked_alike && !it.at_another_replica() && is_replay(it)
        });
        match own {
            Some(own) => compare(own, reading, &mut ledger),
            None => ledger.untold(
                "the replica that ran the workflow was not asked for the same replay, or gave none",
            ),
        }
    }
    ledger.judgement("no viewer asked two replicas for the same finished run")
}

/// Whether the return was answered by a replay, which came to its end.
fn is_replay(reading: &Reading<'_, '_>) -> bool {
    let replayed = matches!(reading.answer_control(), Some(Control::Replay { .. }));
    replayed && reading.ending().is_some()
}

/// Whether the other replica told what the one that ran the workflow had told.
fn compare(own: &Reading<'_, '_>, other: &Reading<'_, '_>, ledger: &mut Ledger) {
    let request = other.ret.request.number;
    let replayed = other
        .replay
        .filter(|_| matches!(other.answer_control(), Some(Control::Replay { .. })));
    let (Some(first), Some(second)) = (own.replay, replayed) else {
        return match instead(other) {
            Some(_) if just_ended(other) => ledger.untold(format!(
                "{} returned at the very moment of the ending",
                other.viewer()
            )),
            Some(entry) => broken(
                ledger,
                other,
                "`replay`, as by the replica that ran it",
                describe::entry(entry),
                [own.ret.request.number, request, entry.number],
            ),
            None => ledger.untold(unanswered(other)),
        };
    };
    let evidence = [first.entry.number, second.entry.number];
    let outcome = |status: Option<&str>| status.and_then(Outcome::of);
    if outcome(first.status) != outcome(second.status) {
        return broken(
            ledger,
            other,
            format!("the status {}, as before", describe::field(first.status)),
            format!("the status {}", describe::field(second.status)),
            evidence,
        );
    }
    if first.announced != second.announced {
        return broken(
            ledger,
            other,
            format!(
                "total_events {}, as before",
                describe::count(first.announced)
            ),
            format!("total_events {}", describe::count(second.announced)),
            evidence,
        );
    }
    let (ones, others) = (
        own.after(first.entry.number),
        other.after(second.entry.number),
    );
    let shared = ones.iter().zip(others);
    if let Some((one, again, how)) = shared
        .map(|(one, again)| (one, again, difference(one, again)))
        .find_map(|(one, again, how)| Some((one, again, how?)))
    {
        return broken(
            ledger,
            other,
            format!("{} as before", describe::entry(one.entry)),
            how,
            evidence
                .into_iter()
                .chain([one.entry.number, again.entry.number]),
        );
    }
    match (ones.get(others.len()), others.get(ones.len())) {
        (None, None) => ledger.holds(),
        (_, Some(more)) => broken(
            ledger,
            other,
            "nothing more, as before",
            describe::entry(more.entry),
            evidence.into_iter().chain([more.entry.number]),
        ),
        (Some(one), None) => match other.silence() {
            Some(silence) => broken(
                ledger,
                other,
                format!("{} next, as before", describe::entry(one.entry)),
                describe::entry(silence),
                evidence
                    .into_iter()
                    .chain([one.entry.number, silence.number]),
            ),
            None => ledger.untold(format!(
                "{} left before the replay was over",
                other.viewer()
            )),
        },
    }
}

/// Whether the ending had been seen so shortly before the return that the run may still have counted
/// as one under way.
fn just_ended(reading: &Reading<'_, '_>) -> bool {
    let request = reading.ret.request;
    let ended = reading.story.ending_before(reading.run, request.number);
    ended.is_some_and(|(ended, _)| request.at().saturating_sub(ended.at()) < SETTLED)
}

/// What came in place of an event, where it is not the same one.
fn difference(one: &Delivery<'_>, again: &Delivery<'_>) -> Option<String> {
    if one.index() != again.index() {
        return Some(describe::entry(again.entry));
    }
    let names = payload::difference(one.entry, again.entry)?.identity();
    let name = names.first()?;
    Some(format!("a difference in `{name}`"))
}
