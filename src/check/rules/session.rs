//! SESSION: several runs of one session.

use std::collections::{HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::order;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{ReturnView, is_error, unanswered, views};
use crate::trace::{Delivery, Phase, Trace};

pub(crate) const REQUIREMENTS: &[Requirement] = &[Requirement {
    id: "SESSION-1",
    level: Level::Must,
    since: "0.2.0",
    sentence: "Runs of one session are each returned to as themselves: own id, own indices from 0, own events, under way or finished.",
    why: "A session is a conversation, and has a run for each question. A viewer who returns to one of them must not get the answer to another, or none because there was a later one.",
    harm: "A viewer who returns to one run of a session may get another one's events, or not all of its own.",
    source: "users of any resumable stream",
    good: "\
(the runs r and q of one session have ended)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"session_id\": \"s\", \"last_event_index\": null}
← {\"event\": \"replay\", \"run_id\": \"r\", \"total_events\": 4, …}
← event 0 of r … event 3 of r",
    bad: "\
(the runs r and q of one session have ended)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"session_id\": \"s\", \"last_event_index\": null}
← {\"event\": \"replay\", \"run_id\": \"q\", \"total_events\": 9, …}
← event 0 of q … event 8 of q",
    check: check!(as_themselves),
}];

fn as_themselves(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let sessions = sessions(trace);
    let strays = strays(trace);
    // By session: the runs that were returned to, and came as themselves.
    let mut shown: HashMap<&str, HashSet<&str>> = HashMap::new();
    for view in views(trace) {
        let start = trace.start_of(view.run);
        let Some(session) = start.and_then(|start| start.session_id()) else {
            continue;
        };
        let Some(second) = sessions.get(session).and_then(|runs| runs.get(1)) else {
            continue;
        };
        if second.1 > view.ret.request.number {
            continue;
        }
        match view.precondition() {
            Precondition::NoRun => {}
            Precondition::Unclear(reason) => collector.inconclusive(reason),
            Precondition::UnderWay | Precondition::Finished(_) => {
                let stray = strays.get(&(view.ret.connection, session)).copied();
                if is_itself(&view, stray, &mut collector) {
                    shown.entry(session).or_default().insert(view.run);
                }
            }
        }
    }
    for (session, runs) in sessions.into_iter().filter(|(_, runs)| runs.len() > 1) {
        let seen = shown.get(session).map_or(0, HashSet::len);
        match runs.len() - seen {
            0 => collector.passed(),
            left => collector.inconclusive(format!(
                "of the {} runs of one session, {left} were not returned to, or not watched to the end",
                runs.len()
            )),
        }
    }
    collector.check_verdict("no two runs were started in one session")
}

/// By session: its runs, each with the number of the request that started it, in order.
fn sessions<'t>(trace: &Trace<'t>) -> HashMap<&'t str, Vec<(&'t str, u32)>> {
    let mut sessions: HashMap<&str, Vec<(&str, u32)>> = HashMap::new();
    for start in trace.starts() {
        if let (Some(run), Some(session)) = (start.run, start.session_id()) {
            let request = start.request.number;
            sessions.entry(session).or_default().push((run, request));
        }
    }
    sessions
}

/// By connection and session: the first event of a run that nobody had asked for there.
fn strays<'s, 't>(trace: &'s Trace<'t>) -> HashMap<(usize, &'s str), &'s Delivery<'t>> {
    let mut strays = HashMap::new();
    for stretch in trace.stretches() {
        let Some(first) = stretch.first().filter(|it| it.phase == Phase::Stray) else {
            continue;
        };
        let run = first.event().run();
        let start = run.and_then(|run| trace.start_of(run));
        if let Some(session) = start.and_then(|start| start.session_id()) {
            strays.entry((first.connection(), session)).or_insert(first);
        }
    }
    strays
}

/// Whether the run came as itself and to its end; notes what did not. What is missing or out of order
/// among its own events is for the rules about those.
fn is_itself(
    view: &ReturnView<'_, '_>,
    stray: Option<&Delivery<'_>>,
    collector: &mut Collector,
) -> bool {
    const EXPECTED: &str = "the run that was asked for, as one of several in its session";
    let request = view.ret.request.number;
    if let Some(stray) = stray.filter(|it| it.entry.number > request) {
        let run = stray.event().run().map_or("", |run| &**run);
        collector.failed(
            EXPECTED,
            format!(
                "{} of another run of the session, {}",
                describe::entry(stray.entry),
                describe::quoted(run)
            ),
            [request, stray.entry.number],
        );
        return false;
    }
    if view.answer().is_none_or(is_error) {
        // Silence and a close are for the rules about those.
        match view.answer() {
            Some(entry) => {
                collector.failed(EXPECTED, describe::entry(entry), [request, entry.number])
            }
            None => collector.inconclusive(unanswered(view)),
        }
        return false;
    }
    let known = view.trace.highest_before(view.run, request);
    let first = match view.replay {
        Some(_) => view.replayed_from(),
        None => view.next,
    };
    match order::slip(view.deliveries, first) {
        Some(slip) if counts_on(view, known, slip.came.number) => {
            collector.failed(
                slip.expected(),
                slip.observed(),
                slip.evidence(view.ret.request),
            );
            false
        }
        Some(_) => {
            collector.inconclusive("the run's own events did not come one by one");
            false
        }
        None if view.ending().is_some() => true,
        None => {
            collector.inconclusive(view.unseen());
            false
        }
    }
}

/// Whether the first event that came is beyond those that the run had had: it is counted together with
/// another.
fn counts_on(view: &ReturnView<'_, '_>, known: Option<u64>, came: u32) -> bool {
    let first = view.deliveries.first();
    first.is_some_and(|it| {
        it.entry.number == came && it.index() > known && view.subscribed.is_empty()
    })
}
