//! A run goes on while nobody watches: VIEWERS-5.

use std::collections::{BTreeMap, HashMap};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::viewers::absences::{Absence, Absences};
use crate::check::shared::ending;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::views;
use crate::protocol::Part;
use crate::trace::{Origin, Trace};
use crate::transcript::{EntryKind, Number};

/// From so many events on, their pace is known.
const ENOUGH: usize = 5;

/// So many events are too many for all but one of them to have been late.
const MANY: u128 = 50;

/// The text of the suite's wait for a run to reach its breakpoint.
const TO_REACH: (&str, &str) = ("the run of ", " to reach event ");

/// When a run was watched: from each request to the end of its connection.
type Watched<'t> = HashMap<&'t str, Vec<(Number, Number)>>;

pub(crate) fn unwatched(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let watched = watched(trace);
    // Where the last one who watched before had left.
    let left = |run: &str, at: Number| {
        let times = watched.get(run).map_or(&[][..], Vec::as_slice);
        let before = &times[..times.partition_point(|(from, _)| *from < at)];
        let (_, until) = before.last().filter(|(_, until)| *until < at)?;
        trace.transcript.entry(*until)
    };
    let alone = |run: &str, at: Number| left(run, at).is_some();
    let afterwards = afterwards(trace);
    // By run, how many events had happened until the latest return.
    let mut shown: HashMap<&str, u64> = HashMap::new();
    let mut absences: BTreeMap<&str, Absences<'_>> = BTreeMap::new();
    for view in views(trace) {
        let precondition = view.precondition();
        let request = view.ret.request.number;
        if matches!(precondition, Precondition::NoRun | Precondition::Unclear(_))
            || !alone(view.run, request)
            || trace.ending_before(view.run, request).is_some()
        {
            continue;
        }
        // What was still on its way to the one who left happened under their eyes.
        let seen = trace
            .highest_before(view.run, request)
            .max(highest_afterwards(&afterwards, view.run, request))
            .map_or(0, |last| last.saturating_add(1));
        let announced = match (view.catch_up, view.replay) {
            (Some(said), _) => said
                .announced
                .map(|missed| view.next.saturating_add(missed)),
            (None, Some(said)) => said.announced,
            (None, None) => None,
        };
        let (before, _) = view.around_subscribed();
        let came = before.iter().filter_map(|delivery| delivery.index()).max();
        let reached = announced.max(came.map(|last| last.saturating_add(1)));
        let progress = reached.is_some_and(|reached| reached > seen);
        if !progress && view.subscribed.is_empty() {
            collector.inconclusive(format!(
                "{} returned, but the server did not say how far the run had come",
                view.viewer()
            ));
            continue;
        }
        let gone = reached.unwrap_or(0).saturating_sub(seen);
        shown.insert(view.run, gone);
        let absences = absences.entry(view.run).or_default();
        absences.moved |= progress;
        let ended = trace
            .run(view.run)
            .is_some_and(|run| run.ending.is_some() || run.replayed.is_some());
        if progress && !ended {
            collector.inconclusive(format!(
                "the run went on while nobody watched, but no viewer saw it end: {}",
                ending::unseen(view.connection, view.last())
            ));
        } else if progress && gone == 1 && expected(trace, view.run, request) > MANY {
            collector.inconclusive(
                "a single event happened while nobody watched, for as long as many had taken before",
            );
        } else if progress {
            collector.passed();
        } else if let Some(from) = left(view.run, request) {
            absences.still.push(Absence {
                viewer: view.viewer(),
                from,
                until: view.ret.request,
                seen,
            });
        }
    }
    for (run, absences) in &absences {
        absences.judge(trace, run, &mut collector);
    }
    let mut sessions: HashMap<&str, Option<&str>> = HashMap::new();
    for start in trace.starts() {
        if let Some(session) = start.session_id() {
            sessions.entry(session).or_insert(start.run);
        }
    }
    for entry in trace.transcript.entries() {
        let EntryKind::TimedOut { waiting_for, .. } = &entry.what else {
            continue;
        };
        let session = waiting_for
            .strip_prefix(TO_REACH.0)
            .and_then(|rest| rest.split_once(TO_REACH.1));
        let Some((session, _)) = session.filter(|_| entry.connection == 0) else {
            continue;
        };
        let run = sessions.get(session).copied().flatten();
        let Some(run) = run.filter(|run| alone(run, entry.number)) else {
            continue;
        };
        let passed = trace.held_at(run, entry.number).is_some();
        let ended = trace.run(run).is_some_and(|run| {
            run.ending.is_some() || run.replayed.is_some() || run.paused.is_some()
        });
        // It may have paused unseen.
        let may_wait = trace.part_of(run) == Some(Part::Pausing);
        if passed || ended || may_wait {
            collector.inconclusive(
                "the run ended, or paused, before the event that was waited for: choose a longer workflow",
            );
            continue;
        }
        // A run that got further, if not as far, is slow; that is nobody's fault.
        match shown.get(run) {
            Some(gone) if *gone > 1 || expected(trace, run, entry.number) <= MANY => {
                if *gone > 0 {
                    continue;
                }
            }
            Some(_) => {}
            None => {
                collector.inconclusive("no viewer returned to the run that the suite waited for");
                continue;
            }
        }
        let last = trace.deliveries_of(run).next_back();
        let last = last.map(|last| last.entry.number);
        collector.failed(
            "a run that goes on while nobody watches",
            match shown.get(run) {
                Some(1) => format!("{}, and a single further event", describe::entry(entry)),
                _ => format!("{}, and no further event", describe::entry(entry)),
            },
            last.into_iter().chain([entry.number]),
        );
    }
    collector.check_verdict("every run was watched all the time: raise --away")
}

/// How many events a run would have had while nobody watched until this entry, at the pace that it had before: the
/// pace at which its starter got them.
fn expected(trace: &Trace<'_>, run: &str, until: Number) -> u128 {
    let Some(start) = trace.start_of(run) else {
        return 0;
    };
    let heard = &start.deliveries;
    let (Some(first), Some(last)) = (heard.first(), heard.last()) else {
        return 0;
    };
    let Some(until) = trace.transcript.entry(until) else {
        return 0;
    };
    let took = last.entry.at().saturating_sub(first.entry.at());
    let away = until.at().saturating_sub(last.entry.at());
    if heard.len() < ENOUGH {
        return 0;
    }
    let each = took.as_micros() / heard.len() as u128;
    away.as_micros() / each.max(1_000)
}

fn watched<'t>(trace: &Trace<'t>) -> Watched<'t> {
    let mut watched: Watched<'t> = HashMap::new();
    for it in &trace.subscriptions {
        let (Some(run), from, connection) = (it.run, it.request.number, it.connection) else {
            continue;
        };
        if matches!(it.origin, Origin::Returned { .. }) && it.answer().is_none() {
            continue;
        }
        let until = trace
            .connection(connection)
            .over()
            .map_or(Number::MAX, |over| over.number);
        watched.entry(run).or_default().push((from, until));
    }
    for times in watched.values_mut() {
        times.sort_unstable();
        // Each with the latest end so far, so that the last one before a time tells of all.
        let mut latest = 0;
        for (_, until) in times.iter_mut() {
            latest = latest.max(*until);
            *until = latest;
        }
    }
    watched
}

/// What came after its viewer had left, by run: each entry's number with the highest index so far.
type Afterwards<'t> = HashMap<&'t str, Vec<(Number, u64)>>;

fn afterwards<'t>(trace: &Trace<'t>) -> Afterwards<'t> {
    let mut came: Afterwards<'t> = HashMap::new();
    for entry in trace
        .connections
        .iter()
        .flat_map(|connection| &connection.afterwards)
    {
        if let Some(event) = entry.message().and_then(|message| message.event())
            && let (Some(run), Some(index)) = (event.run(), event.index.at())
        {
            came.entry(run).or_default().push((entry.number, index));
        }
    }
    for times in came.values_mut() {
        times.sort_unstable();
        let mut highest = 0;
        for (_, index) in times.iter_mut() {
            highest = highest.max(*index);
            *index = highest;
        }
    }
    came
}

/// The highest index that came after its viewer had left, before the entry of this number.
fn highest_afterwards(afterwards: &Afterwards<'_>, run: &str, before: Number) -> Option<u64> {
    let times = afterwards.get(run)?;
    let count = times.partition_point(|(number, _)| *number < before);
    times[..count].last().map(|(_, highest)| *highest)
}
