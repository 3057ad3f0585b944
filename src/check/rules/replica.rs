//! REPLICA: several replicas of one server, and viewers who come to another one.
//!
//! What the replica where the run was started shows to those who return is the measure: where it
//! fails them as well, other requirements say so.

use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::precondition::{Obstacle, SETTLED};
use crate::check::shared::return_view::{ReturnView, finished, is_error, unanswered, views};
use crate::check::shared::{order, payload};
use crate::protocol::{Control, Outcome, Position};
use crate::trace::{Delivery, Earlier, Trace};
use crate::transcript::{Entry, EntryKind, Number};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "REPLICA-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who returns to another replica of the server gets what they missed and everything live, as from the replica that runs the workflow.",
        why: "Behind a load balancer nobody chooses which replica they return to. With two replicas, every second return would lose the run.",
        harm: "A viewer who reconnects to another machine of the server may lose events.",
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
        check: check!(under_way),
    },
    Requirement {
        id: "REPLICA-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Every replica replays a finished run in the same way.",
        why: "Two people who look at the same run, or one who looks twice, must not see two different runs because they reached two machines.",
        harm: "A finished run looks different, depending on the machine of the server that is reached.",
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
        check: check!(finished_alike),
    },
    Requirement {
        id: "REPLICA-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "When the replica that carries out a run dies, viewers at another one are told within the time limit.",
        why: "Machines die. Viewers at another one keep their connection and see nothing wrong; if nobody tells them, they wait for ever.",
        harm: "A viewer is not told in time that the machine that carries out a run has died.",
        source: "users of any resumable stream",
        good: "\
(Ben watches r at one replica; another one carries it out, and dies)
← {\"event\": \"WorkflowError\", \"run_id\": \"r\", …}",
        bad: "\
(Ben watches r at one replica; another one carries it out, and dies)
(nothing more for Ben, who still believes that r is running)",
        check: check!(told_of_the_death),
    },
];

/// Whether the return can be checked at all, by either check; else why not, where there is something to
/// say.
fn is_told(view: &ReturnView<'_, '_>, collector: &mut Collector) -> bool {
    let obstacle = view.obstacle(&[Obstacle::Unauthenticated, Obstacle::Watching]);
    let is_another = view.belongs_to_another() || matches!(view.position, Position::Odd(_));
    if obstacle.is_none() && is_another {
        return false;
    }
    match obstacle.or_else(|| view.out_of_memory()) {
        Some(reason) => collector.inconclusive(reason),
        None => return true,
    }
    false
}

/// Notes a finding, with the entry that says who came to another replica.
fn failed(
    collector: &mut Collector,
    view: &ReturnView<'_, '_>,
    expected: impl Into<String>,
    observed: impl Into<String>,
    evidence: impl IntoIterator<Item = Number>,
) {
    let started = view.trace.start_of(view.run);
    let started = started.map(|start| view.trace.connection(start.connection));
    let connections = [Some(view.connection), started].into_iter().flatten();
    let came = connections
        .filter_map(|connection| connection.entries.first())
        .find(|entry| matches!(entry.what, EntryKind::AtAnotherReplica));
    let evidence = evidence.into_iter().chain(came.map(|entry| entry.number));
    collector.failed(expected, observed, evidence);
}

/// Whether anybody had been sent the run's ending before the return.
fn had_ended(view: &ReturnView<'_, '_>) -> bool {
    let request = view.ret.request.number;
    view.trace.ending_before(view.run, request).is_some()
}

fn under_way(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // By run: who returned first, and stayed, to the replica that runs it; and whether anyone who did got
    // all of it.
    let mut beside: HashMap<&str, (&str, bool)> = HashMap::new();
    for it in views(trace) {
        if !it.at_another_replica() && was_under_way(&it) && has_stayed(&it) {
            let (_, any_whole) = beside.entry(it.run).or_insert((it.viewer(), false));
            *any_whole |= is_whole(&it);
        }
    }
    for view in views(trace) {
        // Where the replica that runs it dies, REPLICA-3 judges what is shown.
        let concerned =
            view.at_another_replica() && !had_ended(&view) && trace.replica_killed().is_none();
        if !concerned || !is_told(&view, &mut collector) {
            continue;
        }
        match beside.get(view.run) {
            Some((viewer, false)) => collector.inconclusive(format!(
                "{viewer} did not get the whole run from the replica that runs it, either"
            )),
            _ => watched(&view, &mut collector),
        }
    }
    collector.check_verdict("no viewer returned to another replica while a run was under way")
}

/// Whether a return was answered as one to a run under way.
fn was_under_way(view: &ReturnView<'_, '_>) -> bool {
    let replayed = matches!(view.answer_control(), Some(Control::Replay { .. }));
    !replayed && !had_ended(view)
}

/// Whether the viewer of a return was there when something more of the run was due.
fn has_stayed(view: &ReturnView<'_, '_>) -> bool {
    view.ending().is_some() || view.silence().is_some() || view.connection.lost().is_some()
}

/// Whether everything from the viewer's position to the ending came, in order.
fn is_whole(view: &ReturnView<'_, '_>) -> bool {
    view.ending().is_some() && order::slip(view.deliveries, view.next).is_none()
}

fn watched(view: &ReturnView<'_, '_>, collector: &mut Collector) {
    const EXPECTED: &str = "the run, as the replica that runs it shows it";
    let request = view.ret.request;
    if view.trace.is_paused(view.run, request.number) {
        return collector.inconclusive(format!(
            "the run was paused when {} returned",
            view.viewer()
        ));
    }
    let seen = view.trace.highest_before(view.run, request.number);
    if view.next > seen.map_or(0, |last| last.saturating_add(1)) {
        return collector.inconclusive(format!(
            "{} returned with a position that no viewer had seen",
            view.viewer()
        ));
    }
    let evidence = |entry: &Entry| [request.number, entry.number];
    let Some(answer) = view.answer().filter(|answer| !is_error(answer)) else {
        return match view.outcome() {
            Some(entry) => failed(
                collector,
                view,
                EXPECTED,
                describe::entry(entry),
                evidence(entry),
            ),
            None => collector.inconclusive(unanswered(view)),
        };
    };
    if let Some(Control::Replay { status, .. }) = view.answer_control() {
        let outcome = status.as_deref().and_then(Outcome::of);
        let held = view.held_at().is_some() && !view.held_at_its_ending();
        let over = outcome.is_some_and(Outcome::is_final) && !held;
        return match over || outcome == Some(Outcome::Paused) {
            true => collector.inconclusive(finished(view.viewer())),
            false => failed(
                collector,
                view,
                EXPECTED,
                describe::entry(answer),
                evidence(answer),
            ),
        };
    }
    if let Some(slip) = order::slip(view.deliveries, view.next) {
        return failed(
            collector,
            view,
            slip.expected(),
            slip.observed(),
            slip.evidence(request),
        );
    }
    let (missed, live) = view.around_subscribed();
    let ended = view.ending().is_some();
    match view.missing() {
        _ if ended && (view.subscribed.is_empty() || live.is_empty()) => {
            collector.inconclusive(finished(view.viewer()));
        }
        _ if ended => collector.passed(),
        Some(missing) => failed(
            collector,
            view,
            "live events until the ending",
            missing.observed(),
            [request.number, view.last()]
                .into_iter()
                .chain(missing.evidence()),
        ),
        None if !missed.is_empty() && !live.is_empty() => collector.passed(),
        None => collector.inconclusive(view.unseen()),
    }
}

fn finished_alike(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let (others, own): (Vec<ReturnView<'_, '_>>, Vec<ReturnView<'_, '_>>) = views(trace)
        // What comes to a connection that waits for a replay already may be of the former one.
        .filter(|view| had_ended(view) && view.earlier != Earlier::Watching)
        .partition(|view| view.at_another_replica());
    let mut replays: HashMap<_, &ReturnView<'_, '_>> = HashMap::new();
    for it in own.iter().filter(|it| is_replay(it)) {
        replays.entry(asked(it)).or_insert(it);
    }
    for view in &others {
        if !is_told(view, &mut collector) {
            continue;
        }
        match replays.get(&asked(view)) {
            Some(own) => compare(own, view, &mut collector),
            None => collector.inconclusive(
                "the replica that ran the workflow was not asked for the same replay, or gave none",
            ),
        }
    }
    collector.check_verdict("no viewer asked two replicas for the same finished run")
}

/// What a viewer asked for: of two who asked for the same, one over HTTP gets what comes after the position alone.
fn asked<'t>(view: &ReturnView<'_, 't>) -> (&'t str, bool, String) {
    let over_http = view.connection.is_over_http();
    (view.run, over_http, format!("{:?}", view.position))
}

/// Whether the return was answered by a replay, which came to its end.
fn is_replay(view: &ReturnView<'_, '_>) -> bool {
    let replayed = matches!(view.answer_control(), Some(Control::Replay { .. }));
    replayed && view.ending().is_some()
}

/// Whether the other replica told what the one that ran the workflow had told.
fn compare(own: &ReturnView<'_, '_>, other: &ReturnView<'_, '_>, collector: &mut Collector) {
    let request = other.ret.request.number;
    let (Some(first), Some(second)) = (own.replay, other.replay_first()) else {
        return match other.outcome() {
            Some(_) if just_ended(other) => collector.inconclusive(format!(
                "{} returned at the very moment of the ending",
                other.viewer()
            )),
            Some(entry) => failed(
                collector,
                other,
                "`replay`, as by the replica that ran it",
                describe::entry(entry),
                [own.ret.request.number, request, entry.number],
            ),
            None => collector.inconclusive(unanswered(other)),
        };
    };
    let evidence = [first.entry.number, second.entry.number];
    let outcome = |status: Option<&str>| status.and_then(Outcome::of);
    if outcome(first.status) != outcome(second.status) {
        return failed(
            collector,
            other,
            format!("the status {}, as before", describe::field(first.status)),
            format!("the status {}", describe::field(second.status)),
            evidence,
        );
    }
    if first.announced != second.announced {
        return failed(
            collector,
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
        return failed(
            collector,
            other,
            format!("{} as before", describe::entry(one.entry)),
            how,
            evidence
                .into_iter()
                .chain([one.entry.number, again.entry.number]),
        );
    }
    match (ones.get(others.len()), others.get(ones.len())) {
        (None, None) => collector.passed(),
        (_, Some(more)) => failed(
            collector,
            other,
            "nothing more, as before",
            describe::entry(more.entry),
            evidence.into_iter().chain([more.entry.number]),
        ),
        (Some(one), None) => match other.silence() {
            Some(silence) => failed(
                collector,
                other,
                format!("{} next, as before", describe::entry(one.entry)),
                describe::entry(silence),
                evidence
                    .into_iter()
                    .chain([one.entry.number, silence.number]),
            ),
            None => collector.inconclusive(describe::gone(other.connection, "the replay was over")),
        },
    }
}

/// Whether the ending had been seen so shortly before the return that the run may still have counted
/// as one under way.
fn just_ended(view: &ReturnView<'_, '_>) -> bool {
    let request = view.ret.request;
    let ended = view.trace.ending_before(view.run, request.number);
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

fn told_of_the_death(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let Some(killed) = trace.replica_killed() else {
        return collector.check_verdict("the replica that carried out a run did not die");
    };
    for view in views(trace) {
        // It is the other replica that dies.
        let carried_out = trace
            .start_of(view.run)
            .is_some_and(|start| trace.connection(start.connection).at_another_replica());
        let over = view
            .connection
            .over()
            .map_or(Number::MAX, |over| over.number);
        if !carried_out
            || view.connection.at_another_replica()
            || trace.ending_before(view.run, killed).is_some()
            || over < killed
        {
            continue;
        }
        let request = view.ret.request.number;
        if let Some(reason) = view.obstacle(&[Obstacle::Unauthenticated, Obstacle::AnothersRun]) {
            collector.inconclusive(reason);
            continue;
        }
        let refused = view.ret.refusal().is_some_and(is_error);
        let closed = view.connection.closed().is_some();
        let from = killed.max(request);
        if view.ending().is_some() || refused || closed || view.connection.error_after(from) {
            collector.passed();
        } else if let Some(silence) = view.connection.timeout_after(view.last().max(from)) {
            collector.failed(
                "the ending of the run, an `error` or a close frame, because nobody carries it out any more",
                describe::entry(silence),
                [request, killed, silence.number],
            );
        } else {
            collector.inconclusive(format!(
                "{} left before the time limit was over",
                view.viewer()
            ));
        }
    }
    collector.check_verdict("nobody at another replica watched a run whose replica died")
}
