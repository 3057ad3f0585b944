//! What was missed is announced and delivered: CATCHUP-1, -2, -3 and -6.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::catchup::returns::{NOBODY, each, each_incomplete, nothing_missed};
use crate::check::shared::order;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{
    Announcement, ReturnView, answer_or_silence, is_error, left_unsubscribed, unanswered, views,
};
use crate::protocol::{Control, Position};
use crate::trace::{Delivery, Trace};

/// What is known of whether events were missed.
enum Missed {
    /// Some were; how it is known.
    Some(String),
    /// None was.
    Nothing,
    /// The record does not say.
    Unknown,
}

fn missed(view: &ReturnView<'_, '_>) -> Missed {
    let next = view.next;
    let answer = view.answer_control();
    // The target counts from 0; what the server makes of it is another rule's matter.
    let from_zero = view
        .trace
        .run(view.run)
        .and_then(|run| run.lowest)
        .is_none_or(|lowest| lowest == 0);
    if let Some(passed) = view.held_at().filter(|_| from_zero) {
        return match passed.checked_add(1) {
            Some(count) if count > next => Missed::Some(format!(
                "the run was waiting at a breakpoint after event {passed}"
            )),
            Some(count) if count == next => Missed::Nothing,
            _ => Missed::Unknown,
        };
    }
    if let Some(Control::CatchUp { missed_events, .. }) = answer {
        return match missed_events {
            Some(0) => Missed::Nothing,
            _ => Missed::Some("the server announced them".to_owned()),
        };
    }
    let seen = view.trace.highest_before(view.run, view.ret.request.number);
    if let Some(seen) = seen.filter(|seen| *seen >= next) {
        return Missed::Some(format!("event {seen} had been delivered before"));
    }
    let (before, live) = view.around_subscribed();
    if !before.is_empty() {
        return Missed::Some("events came before `subscribed`".to_owned());
    }
    let Some(Control::Subscribed {
        current_event_count,
        ..
    }) = answer
    else {
        return Missed::Unknown;
    };
    let went_on = live.first().and_then(Delivery::index) == Some(next);
    match *current_event_count {
        Some(count) if count == next => Missed::Nothing,
        // One event may have happened between the answer and its count; it came live then.
        Some(count) if count > next && !(went_on && count == next.saturating_add(1)) => {
            Missed::Some(format!("`subscribed` counts {count} events"))
        }
        _ => Missed::Unknown,
    }
}

pub(crate) fn announced(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, collector| {
        let why = match missed(view) {
            Missed::Some(why) => why,
            Missed::Nothing => return collector.inconclusive(nothing_missed(view)),
            Missed::Unknown => {
                // Whatever was missed, nothing but `subscribed` may come instead.
                if matches!(view.answer_control(), Some(Control::Subscribed { .. })) {
                    return collector.inconclusive(nothing_missed(view));
                }
                "the run was under way".to_owned()
            }
        };
        if matches!(view.answer_control(), Some(Control::CatchUp { .. })) {
            return collector.passed();
        }
        match answer_or_silence(view) {
            Some((observed, evidence)) => {
                collector.failed(format!("`catch_up` first ({why})"), observed, evidence);
            }
            None => collector.inconclusive(unanswered(view)),
        }
    });
    collector.check_verdict(NOBODY)
}

pub(crate) fn as_many(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, counted);
    // Without a position, everything was missed.
    for view in views(trace).filter(|it| matches!(it.position, Position::Null | Position::Absent)) {
        let announces = view.catch_up.is_some_and(|it| it.announced.is_some());
        if announces && matches!(view.precondition(), Precondition::UnderWay) {
            counted(&view, &mut collector);
        }
    }
    each_incomplete(trace, |it, catch_up| {
        let (missed, next) = (it.view.missed(), it.view.next);
        let end = it.view.subscribed.first().map(|said| said.entry);
        let end = end.or_else(|| it.view.timed_out());
        if let (Some(announced), Some(end)) = (catch_up.announced, end)
            && !it.agrees(announced, missed, next)
        {
            collector.failed(
                format!("{} before `subscribed`", describe::events(announced)),
                describe::events(missed.len() as u64),
                [
                    it.view.ret.request.number,
                    catch_up.entry.number,
                    end.number,
                ],
            );
        }
    });
    collector.check_verdict(NOBODY)
}

/// Compares what `catch_up` announced with what followed.
fn counted(view: &ReturnView<'_, '_>, collector: &mut Collector) {
    let Some(catch_up) = view.catch_up else {
        return collector.inconclusive(nothing_missed(view));
    };
    let request = view.ret.request.number;
    let evidence = [request, catch_up.entry.number];
    let Some(announced) = catch_up.announced else {
        return collector.failed(
            "`catch_up` with `missed_events`",
            "`catch_up` without it",
            evidence,
        );
    };
    let missed = view.missed();
    let came = missed.len() as u64;
    let subscribed = view
        .subscribed
        .iter()
        .find(|said| said.entry.number > catch_up.entry.number)
        .map(|said| said.entry);
    // What was missed had happened: silence in the middle of it is no slow run.
    let broke_off = view.timed_out().or(view.broken_off().map(|it| it.end));
    let end = subscribed.or_else(|| broke_off.filter(|_| came < announced));
    match end {
        None => collector.inconclusive(left_unsubscribed(view)),
        Some(end) if came != announced => collector.failed(
            format!("{} before `subscribed`", describe::events(announced)),
            format!("{} before {}", describe::events(came), describe::entry(end)),
            evidence
                .into_iter()
                .chain(missed.last().map(|delivery| delivery.entry.number))
                .chain([end.number]),
        ),
        Some(_) => match due(view) {
            Some((seen, due)) if announced < due => collector.failed(
                format!(
                    "{} announced, because event {seen} had been delivered before",
                    describe::events(due)
                ),
                format!("{} announced", describe::events(announced)),
                evidence,
            ),
            _ if announced > 0 => collector.passed(),
            _ => collector.inconclusive(nothing_missed(view)),
        },
    }
}

/// The last event that somebody had been given before the return, and how many that makes after the viewer's
/// position.
fn due(view: &ReturnView<'_, '_>) -> Option<(u64, u64)> {
    let request = view.ret.request.number;
    let seen = view.trace.highest_before(view.run, request)?;
    // A run that is not counted from 0 is another rule's matter.
    let lowest = view.trace.run(view.run).and_then(|run| run.lowest);
    let next = view.next.max(lowest.unwrap_or(0));
    Some((seen, seen.saturating_add(1).saturating_sub(next)))
}

pub(crate) fn in_order(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, collector| {
        let window = window(view);
        if let Some(slip) = order::slip(window, view.next) {
            collector.failed(
                slip.expected(),
                slip.observed(),
                slip.evidence(view.ret.request),
            );
        } else if window.is_empty() {
            collector.inconclusive(nothing_missed(view));
        } else if view.subscribed.is_empty() && view.ending().is_none() {
            collector.inconclusive(left_unsubscribed(view));
        } else {
            collector.passed();
        }
    });
    each_incomplete(trace, |it, _| {
        if let Some(slip) = it.slip(it.view.missed(), it.view.next) {
            collector.failed(
                slip.expected(),
                slip.observed(),
                slip.evidence(it.view.ret.request),
            );
        }
    });
    collector.check_verdict(NOBODY)
}

/// The missed events: those between `catch_up` and `subscribed`, or, where `subscribed` came early,
/// as many after `catch_up` as it announced. Without `catch_up` those before `subscribed`.
fn window<'r, 't>(view: &'r ReturnView<'_, 't>) -> &'r [Delivery<'t>] {
    let Some(catch_up) = view.catch_up else {
        return match view.subscribed.first() {
            Some(_) => view.around_subscribed().0,
            None => &[],
        };
    };
    let missed = view.missed();
    let announced = usize::try_from(catch_up.announced.unwrap_or(0)).unwrap_or(usize::MAX);
    let after = view.after(catch_up.entry.number);
    &after[..missed.len().max(announced).min(after.len())]
}

pub(crate) fn nothing(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, collector| {
        if !matches!(missed(view), Missed::Nothing) {
            return collector.inconclusive(format!(
                "events were missed while {} was away: only a server with breakpoints, or luck, \
                 shows a return without missed events",
                view.viewer()
            ));
        }
        // An announcement of nothing is for CATCHUP-8: nobody loses anything by it.
        let early = view.around_subscribed().0.first();
        match (view.subscribed.first(), early) {
            (Some(_), None) if !view.answer().is_some_and(is_error) => collector.passed(),
            (Some(_), Some(early)) => collector.failed(
                "`subscribed` before any event",
                describe::entry(early.entry),
                [view.ret.request.number, early.entry.number],
            ),
            _ if empty_announcement(view).is_some() && view.timed_out().is_none() => {
                collector.inconclusive(left_unsubscribed(view));
            }
            _ => match answer_or_silence(view) {
                Some((observed, evidence)) => {
                    collector.failed("`subscribed` before any event", observed, evidence);
                }
                None => collector.inconclusive(unanswered(view)),
            },
        }
    });
    collector.check_verdict(NOBODY)
}

/// The first answer, where it is a `catch_up` that announces no event.
fn empty_announcement<'t>(view: &ReturnView<'_, 't>) -> Option<Announcement<'t>> {
    let is_first = matches!(view.answer_control(), Some(Control::CatchUp { .. }));
    view.catch_up
        .filter(|it| is_first && it.announced == Some(0))
}

pub(crate) fn unannounced(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, collector| {
        if !matches!(missed(view), Missed::Nothing) {
            return collector.inconclusive(format!(
                "events were missed while {} was away",
                view.viewer()
            ));
        }
        match view.catch_up {
            Some(catch_up) => collector.failed(
                "no `catch_up`, because nothing was missed",
                describe::entry(catch_up.entry),
                [view.ret.request.number, catch_up.entry.number],
            ),
            None if view.subscribed.is_empty() => {
                collector.inconclusive(left_unsubscribed(view));
            }
            None => collector.passed(),
        }
    });
    collector.check_verdict(NOBODY)
}
