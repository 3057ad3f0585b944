//! How the viewer is subscribed, and what follows: CATCHUP-4 and -5.

use std::collections::HashSet;

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::catchup::{NOBODY, each, nothing_missed};
use crate::check::shared::order;
use crate::check::shared::return_view::{Reading, left_unsubscribed};
use crate::trace::{Delivery, Earlier, Story};

pub(crate) fn subscribed_once(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, ledger| {
        let request = reading.ret.request.number;
        let Some(subscribed) = reading.subscribed.first() else {
            return never_subscribed(reading, ledger);
        };
        let at = subscribed.entry.number;
        if let Some(again) = reading.subscribed.get(1) {
            return ledger.broken(
                "`subscribed` once",
                format!(
                    "`subscribed` again{}",
                    describe::more(reading.subscribed.len() - 2)
                ),
                [request, at, again.entry.number],
            );
        }
        let Some(catch_up) = reading.catch_up else {
            return ledger.untold(nothing_missed(reading));
        };
        if catch_up.entry.number > at {
            return ledger.broken(
                "`subscribed` after `catch_up`",
                "`subscribed` before it",
                [request, at, catch_up.entry.number],
            );
        }
        if let Some(early) = missed_but_live(reading) {
            return ledger.broken(
                "`subscribed` after the last missed event",
                format!("{} after it", describe::entry(early.entry)),
                [request, catch_up.entry.number, at, early.entry.number],
            );
        }
        let came = reading.missed().len() as u64;
        if catch_up
            .announced
            .is_some_and(|announced| announced <= came)
        {
            ledger.holds();
        } else {
            ledger.untold("fewer missed events came than were announced (CATCHUP-2)");
        }
    });
    ledger.judgement(NOBODY)
}

/// No `subscribed` came: a finding where live events came, or the viewer waited for it in vain.
fn never_subscribed(reading: &Reading<'_, '_>, ledger: &mut Ledger) {
    let request = reading.ret.request.number;
    let announced = match reading.catch_up {
        Some(catch_up) => catch_up.announced.unwrap_or(u64::MAX),
        None => u64::MAX,
    };
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    // An ending after the last missed event is no live event that `subscribed` must come before.
    let live = reading
        .deliveries
        .iter()
        .skip(announced)
        .find(|delivery| delivery.event().ending().is_none());
    let instead = live.map(|delivery| delivery.entry).or_else(|| {
        let answered = !reading.deliveries.is_empty() || reading.catch_up.is_some();
        reading
            .gave_up()
            .filter(|_| answered && reading.ending().is_none())
    });
    match instead {
        Some(entry) => ledger.broken(
            "`subscribed` after the last missed event",
            format!("{}, and no `subscribed`", describe::entry(entry)),
            [request, entry.number],
        ),
        None => ledger.untold(format!(
            "the run ended, or {} left, before `subscribed` was due",
            reading.viewer()
        )),
    }
}

/// The first event after `subscribed` that is one of the missed ones, and had not come before.
fn missed_but_live<'t>(reading: &Reading<'_, 't>) -> Option<Delivery<'t>> {
    let announced = reading.catch_up?.announced?;
    let (before, after) = reading.around_subscribed();
    let mut wanting = announced.saturating_sub(reading.missed().len() as u64);
    let count = reading.subscribed.first()?.count.unwrap_or(u64::MAX);
    let end = reading.next.saturating_add(announced).min(count);
    let seen: HashSet<u64> = before.iter().filter_map(Delivery::index).collect();
    after.iter().copied().find(|delivery| {
        let Some(index) = delivery.index() else {
            return false;
        };
        let missed = wanting > 0 && (reading.next..end).contains(&index) && !seen.contains(&index);
        if missed {
            wanting -= 1;
        }
        missed
    })
}

pub(crate) fn to_the_end(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, ledger| {
        let request = reading.ret.request;
        let (before, live) = reading.around_subscribed();
        if let Some(subscribed) = reading.subscribed.first() {
            let last = before.iter().filter_map(Delivery::index).max();
            let next = last.map_or(reading.next, |last| last.saturating_add(1));
            if let Some(slip) = order::slip(live, next) {
                return ledger.broken(
                    slip.expected(),
                    slip.observed(),
                    slip.evidence(request).chain([subscribed.entry.number]),
                );
            }
        }
        if reading.ending().is_some() {
            if let Some(slip) = whole(reading).and_then(|whole| order::slip(&whole, 0)) {
                return ledger.broken(
                    format!("{} of the whole run", slip.expected()),
                    slip.observed(),
                    slip.evidence(request),
                );
            }
            return match reading.subscribed.is_empty() {
                true => ledger.untold("the run ended before `subscribed` came"),
                false => ledger.holds(),
            };
        }
        if reading.subscribed.is_empty() {
            return ledger.untold(left_unsubscribed(reading));
        }
        let last = reading.last();
        match reading.missing() {
            Some(missing) => ledger.broken(
                "live events until the ending",
                missing.observed(),
                [request.number, last].into_iter().chain(missing.evidence()),
            ),
            None => ledger.untold(reading.unseen()),
        }
    });
    ledger.judgement(NOBODY)
}

/// Everything that the viewer saw of the run over all visits up to this return; `None` where a return
/// did not name what the viewer had seen, so that gaps and repeats were asked for.
fn whole<'t>(reading: &Reading<'_, 't>) -> Option<Vec<Delivery<'t>>> {
    let (story, run) = (reading.story, reading.run);
    let mut whole: Vec<Delivery<'t>> = Vec::new();
    if let Some(start) = story.start_of(run)
        && story.visit(start.visit).viewer == reading.viewer()
    {
        whole.extend(&start.heard);
    }
    for ret in story.returns_to(run) {
        if ret.request.number > reading.ret.request.number
            || story.visit(ret.visit).viewer != reading.viewer()
        {
            continue;
        }
        let seen = match whole.last() {
            Some(last) => last.index()?.checked_add(1)?,
            None => 0,
        };
        let kept = story.keeps().is_none_or(|keeps| {
            let highest = story.highest_before(run, reading.last().saturating_add(1));
            highest.is_none_or(|last| last < keeps)
        });
        if ret.position.next() != Some(seen) || ret.earlier != Earlier::Nothing || !kept {
            return None;
        }
        whole.extend(&ret.deliveries);
    }
    Some(whole)
}
