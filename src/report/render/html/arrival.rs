//! How each event of a run came to each viewer, as far as the record shows.
//!
//! This explains findings; it makes none. Where a viewer was owed nothing, nothing is missing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::check::carry_the_same;
use crate::protocol::{Action, Control, Position};
use crate::trace::{Delivery, Earlier, Origin, Phase, Subscription, Trace};
use crate::transcript::{Entry, Number};

/// Events with a higher index are not looked at: a server may number them as it likes.
pub(crate) const HIGHEST: u64 = 100_000;

/// How one event came to one viewer. Later is worse.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Arrival {
    /// It did not come, and was not due.
    #[default]
    NotDue,
    /// As it happened.
    Live,
    /// After `catch_up`.
    CaughtUp,
    /// After `replay`.
    Replayed,
    /// Again, in answer to the same request, or though the viewer had said that they had it.
    Twice,
    /// After a later one, in answer to the same request.
    OutOfOrder,
    /// With another content than when it was first delivered to anyone.
    Changed,
    /// It did not come, though it should have.
    Missing,
}

impl Arrival {
    pub(crate) const ALL: [Self; 8] = [
        Self::Live,
        Self::CaughtUp,
        Self::Replayed,
        Self::Missing,
        Self::Twice,
        Self::OutOfOrder,
        Self::Changed,
        Self::NotDue,
    ];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::NotDue => "not due",
            Self::Live => "live",
            Self::CaughtUp => "caught up",
            Self::Replayed => "replayed",
            Self::Twice => "twice",
            Self::OutOfOrder => "out of order",
            Self::Changed => "changed",
            Self::Missing => "missing",
        }
    }

    /// What marks it besides its colour.
    pub(crate) fn glyph(self) -> &'static str {
        match self {
            Self::NotDue => "\u{a0}",
            Self::Live => "•",
            Self::CaughtUp => "+",
            Self::Replayed => "r",
            Self::Twice => "2",
            Self::OutOfOrder => "↔",
            Self::Changed => "≠",
            Self::Missing => "×",
        }
    }

    /// Its class in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::NotDue => "a-not-due",
            Self::Live => "a-live",
            Self::CaughtUp => "a-caught-up",
            Self::Replayed => "a-replayed",
            Self::Twice => "a-twice",
            Self::OutOfOrder => "a-out-of-order",
            Self::Changed => "a-changed",
            Self::Missing => "a-missing",
        }
    }

    pub(crate) fn is_bad(self) -> bool {
        self >= Self::Twice
    }
}

/// How the events of one run came to everybody.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// One row a viewer, in the order of their first request: the worst that happened to each index
    /// from 0. All rows are equally long.
    pub rows: Vec<(String, Vec<Arrival>)>,
    /// By entry, how that delivery came.
    pub deliveries: HashMap<Number, Arrival>,
    /// By connection (a place in [`Trace::connections`]), the indices that were owed on it and did not come.
    pub missing: BTreeMap<usize, BTreeSet<u64>>,
    /// Whether events beyond [`HIGHEST`] were left out.
    pub cut: bool,
}

/// One request for the run, and what came of it.
struct Answer<'s> {
    request: &'s Entry,
    connection: usize,
    /// The first index that the viewer has not seen, as they said; `None` where that is not clear.
    next: Option<u64>,
    deliveries: &'s [Delivery<'s>],
    /// The highest index that was certainly owed, besides those below what came.
    resume_plan: Option<u64>,
    is_return: bool,
}

/// The run that a finding is about, of those that somebody asked for: the one that its messages name
/// most often, else the one with the most deliveries.
pub(crate) fn run_of<'s>(trace: &'s Trace<'_>, evidence: &[Number]) -> Option<&'s str> {
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    let entries = evidence.iter().filter_map(|it| trace.transcript.entry(*it));
    let is_asked = |run: &&str| {
        trace.start_of(run).is_some()
            || (trace.run(run).is_some() && trace.returns_to(run).next().is_some())
    };
    for run in entries.filter_map(named).filter(is_asked) {
        *votes.entry(run).or_default() += 1;
    }
    if votes.is_empty() {
        let runs = trace.deliveries.iter().filter_map(|it| it.event().run());
        for run in runs.map(|run| &**run).filter(is_asked) {
            *votes.entry(run).or_default() += 1;
        }
    }
    let best = votes.iter().max_by_key(|(_, votes)| **votes);
    best.map(|(run, _)| *run)
}

fn named(entry: &Entry) -> Option<&str> {
    let said = entry.message().and_then(|message| {
        let event = message.event().and_then(|event| event.run());
        event.or_else(|| message.control()?.run_id())
    });
    match (said, entry.action()) {
        (Some(run), _) => Some(run),
        (None, Some(Action::Reconnect { run_id, .. } | Action::Continue { run_id, .. })) => {
            run_id.as_deref()
        }
        _ => None,
    }
}

pub(crate) fn of(trace: &Trace<'_>, run: &str) -> Arrivals {
    let mut first: HashMap<u64, &Entry> = HashMap::new();
    let mut highest = None;
    let mut arrivals = Arrivals::default();
    for delivery in trace.deliveries_of(run) {
        match delivery.index() {
            Some(index) if index <= HIGHEST => {
                first.entry(index).or_insert(delivery.entry);
                highest = highest.max(Some(index));
            }
            Some(_) => arrivals.cut = true,
            None => {}
        }
    }
    let Some(highest) = highest else {
        return arrivals;
    };
    let length = usize::try_from(highest).unwrap_or_default() + 1;
    for answer in answers(trace, run, highest) {
        let viewer = trace.connection(answer.connection).viewer;
        let place = arrivals.rows.iter().position(|(of, _)| of == viewer);
        let place = place.unwrap_or_else(|| {
            let row = vec![Arrival::NotDue; length];
            arrivals.rows.push((viewer.to_owned(), row));
            arrivals.rows.len() - 1
        });
        let mut row = std::mem::take(&mut arrivals.rows[place].1);
        walk(trace, run, &answer, &first, &mut row, &mut arrivals);
        arrivals.rows[place].1 = row;
    }
    arrivals
}

/// Goes through what came of one request, and notes what did not.
fn walk(
    trace: &Trace<'_>,
    run: &str,
    answer: &Answer<'_>,
    first: &HashMap<u64, &Entry>,
    row: &mut [Arrival],
    arrivals: &mut Arrivals,
) {
    let mut seen = BTreeSet::new();
    let mut base = answer.next;
    for delivery in answer.deliveries {
        let Some(index) = delivery.index().filter(|index| *index <= HIGHEST) else {
            continue;
        };
        let good = match delivery.phase {
            Phase::Missed => Arrival::CaughtUp,
            Phase::Replayed => Arrival::Replayed,
            _ => Arrival::Live,
        };
        let replayed = good == Arrival::Replayed;
        if replayed {
            // A replay shows the whole run, whatever was seen of it.
            base = Some(0);
        }
        let had = !replayed && answer.next.is_some_and(|next| index < next);
        let changed = first
            .get(&index)
            .is_some_and(|first| !carry_the_same(first, delivery.entry));
        let arrival = if changed {
            Arrival::Changed
        } else if had || seen.contains(&index) {
            Arrival::Twice
        } else if seen.last().is_some_and(|last| index < *last) {
            Arrival::OutOfOrder
        } else {
            good
        };
        seen.insert(index);
        arrivals.deliveries.insert(delivery.entry.number, arrival);
        if let Ok(at) = usize::try_from(index) {
            let known = &mut row[at];
            // Of good arrivals the first is the one that counts.
            if *known == Arrival::NotDue || arrival.is_bad() {
                *known = (*known).max(arrival);
            }
        }
    }
    let (Some(mut from), Some(to)) = (base, seen.last().copied().max(answer.resume_plan)) else {
        return;
    };
    if let (true, Some(keeps)) = (answer.is_return, trace.retention()) {
        let then = trace.highest_before(run, answer.request.number);
        from = from.max(then.map_or(0, |it| it.saturating_add(1).saturating_sub(keeps)));
    }
    let last = (row.len() as u64).saturating_sub(1);
    for index in (from..=to.min(last)).filter(|index| !seen.contains(index)) {
        if let Ok(at) = usize::try_from(index) {
            row[at] = Arrival::Missing;
        }
        let of = arrivals.missing.entry(answer.connection).or_default();
        of.insert(index);
    }
}

/// The requests for the run, in order.
fn answers<'s>(trace: &'s Trace<'_>, run: &str, highest: u64) -> Vec<Answer<'s>> {
    let requests = trace.subscriptions.iter().filter(|it| it.run == Some(run));
    let answers = requests.map(|it| Answer {
        request: it.request,
        connection: it.connection,
        next: match (it.origin, it.earlier()) {
            (Origin::Started, _) => Some(0),
            // Who watches already may still be sent what came before their position.
            (_, Earlier::Nothing) => it.position().and_then(Position::next),
            _ => None,
        },
        deliveries: &it.deliveries,
        resume_plan: resume_plan(trace, run, it, highest),
        is_return: matches!(it.origin, Origin::Returned { .. }),
    });
    answers.collect()
}

/// The highest index that a return was certainly owed: what the server announced and finished, what
/// it announced and then fell silent about, and what somebody else had seen by then.
fn resume_plan(trace: &Trace<'_>, run: &str, it: &Subscription<'_>, highest: u64) -> Option<u64> {
    let position = it.position().filter(|_| it.displaced.is_none())?;
    let connection = trace.connection(it.connection);
    let request = it.request.number;
    let silence = connection.silence_after(request);
    let mut announced = None;
    let mut resume_plan = None;
    let mut taken_up = false;
    for (entry, control) in it.controls() {
        match control {
            Control::CatchUp { missed_events, .. } => {
                announced = position.next().zip(*missed_events);
                taken_up = true;
            }
            Control::Subscribed { .. } => {
                taken_up = true;
                if let Some((next, missed @ 1..)) = announced {
                    let seen = trace.highest_before(run, entry.number).unwrap_or(highest);
                    resume_plan =
                        resume_plan.max(Some(next.saturating_add(missed - 1).min(seen.max(next))));
                }
            }
            Control::Replay {
                total_events: Some(total @ 1..),
                ..
            } if silence.is_some() => resume_plan = resume_plan.max(Some((total - 1).min(highest))),
            _ => {}
        }
    }
    if let Some(gave_up) = connection.timeout_after(request).filter(|_| taken_up) {
        resume_plan = resume_plan.max(trace.highest_before(run, gave_up.number));
    }
    resume_plan
}
