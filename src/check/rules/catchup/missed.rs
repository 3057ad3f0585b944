//! What was missed is announced and delivered: CATCHUP-1, -2, -3 and -6.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::catchup::{NOBODY, each, nothing_missed};
use crate::check::shared::order;
use crate::check::shared::return_view::{
    Reading, answer_or_silence, left_unsubscribed, unanswered,
};
use crate::protocol::Control;
use crate::trace::{Delivery, Story};

/// What is known of whether events were missed.
enum Missed {
    /// Some were; how it is known.
    Some(String),
    /// None was.
    Nothing,
    /// The record does not say.
    Unknown,
}

fn missed(reading: &Reading<'_, '_>) -> Missed {
    let next = reading.next;
    let answer = reading.answer_control();
    // The target counts from 0; what the server makes of it is another rule's matter.
    let from_zero = reading
        .story
        .run(reading.run)
        .and_then(|run| run.lowest)
        .is_none_or(|lowest| lowest == 0);
    if let Some(held) = reading.held().filter(|_| from_zero) {
        return match held.checked_add(1) {
            Some(count) if count > next => {
                Missed::Some(format!("the run stood still after event {held}"))
            }
            Some(count) if count == next => Missed::Nothing,
            _ => Missed::Unknown,
        };
    }
    if let Some(Control::CatchUp { missed_events, .. }) = answer {
        return match missed_events {
            Some(0) => Missed::Nothing,
            _ => Missed::Some("the server said so".to_owned()),
        };
    }
    let seen = reading
        .story
        .highest_before(reading.run, reading.ret.request.number);
    if let Some(seen) = seen.filter(|seen| *seen >= next) {
        return Missed::Some(format!("event {seen} had been delivered before"));
    }
    let (before, live) = reading.around_subscribed();
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
            Missed::Some(format!("`subscribed` tells of {count} events"))
        }
        _ => Missed::Unknown,
    }
}

pub(crate) fn announced(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, ledger| {
        let why = match missed(reading) {
            Missed::Some(why) => why,
            Missed::Nothing => return ledger.untold(nothing_missed(reading)),
            Missed::Unknown => {
                // Whatever was missed, nothing but `subscribed` may come instead.
                if matches!(reading.answer_control(), Some(Control::Subscribed { .. })) {
                    return ledger.untold(nothing_missed(reading));
                }
                "the run was under way".to_owned()
            }
        };
        if matches!(reading.answer_control(), Some(Control::CatchUp { .. })) {
            return ledger.holds();
        }
        match answer_or_silence(reading) {
            Some((observed, evidence)) => {
                ledger.broken(format!("`catch_up` first ({why})"), observed, evidence);
            }
            None => ledger.untold(unanswered(reading)),
        }
    });
    ledger.judgement(NOBODY)
}

pub(crate) fn as_many(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, ledger| {
        let Some(catch_up) = reading.catch_up else {
            return ledger.untold(nothing_missed(reading));
        };
        let request = reading.ret.request.number;
        let evidence = [request, catch_up.entry.number];
        let Some(announced) = catch_up.announced else {
            return ledger.broken("`catch_up` with `missed_events`", "none", evidence);
        };
        let missed = reading.missed();
        let came = missed.len() as u64;
        let subscribed = reading
            .subscribed
            .iter()
            .find(|said| said.entry.number > catch_up.entry.number)
            .map(|said| said.entry);
        // What was missed had happened: silence in the middle of it is no slow run.
        let end = subscribed.or_else(|| reading.gave_up().filter(|_| came < announced));
        match end {
            None => ledger.untold(left_unsubscribed(reading)),
            Some(end) if came != announced => ledger.broken(
                format!("{} before `subscribed`", describe::events(announced)),
                format!("{} before {}", describe::events(came), describe::entry(end)),
                evidence
                    .into_iter()
                    .chain(missed.last().map(|delivery| delivery.entry.number))
                    .chain([end.number]),
            ),
            Some(_) if announced > 0 => ledger.holds(),
            Some(_) => ledger.untold(nothing_missed(reading)),
        }
    });
    ledger.judgement(NOBODY)
}

pub(crate) fn in_order(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, ledger| {
        let window = window(reading);
        if let Some(slip) = order::slip(window, reading.next) {
            ledger.broken(
                slip.expected(),
                slip.observed(),
                slip.evidence(reading.ret.request),
            );
        } else if window.is_empty() {
            ledger.untold(nothing_missed(reading));
        } else if reading.subscribed.is_empty() && reading.ending().is_none() {
            ledger.untold(left_unsubscribed(reading));
        } else {
            ledger.holds();
        }
    });
    ledger.judgement(NOBODY)
}

/// The missed events: those between `catch_up` and `subscribed`, or, where `subscribed` came early,
/// as many after `catch_up` as it announced. Without `catch_up` those before `subscribed`.
fn window<'r, 't>(reading: &'r Reading<'_, 't>) -> &'r [Delivery<'t>] {
    let Some(catch_up) = reading.catch_up else {
        return match reading.subscribed.first() {
            Some(_) => reading.around_subscribed().0,
            None => &[],
        };
    };
    let missed = reading.missed();
    let announced = usize::try_from(catch_up.announced.unwrap_or(0)).unwrap_or(usize::MAX);
    let after = reading.after(catch_up.entry.number);
    &after[..missed.len().max(announced).min(after.len())]
}

pub(crate) fn nothing(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, ledger| {
        if !matches!(missed(reading), Missed::Nothing) {
            return ledger.untold(format!(
                "events were missed while {} was away: only a server that can be held, or luck, \
                 shows a return on which nothing was",
                reading.viewer()
            ));
        }
        let answered = matches!(reading.answer_control(), Some(Control::Subscribed { .. }));
        if answered && reading.catch_up.is_none() {
            return ledger.holds();
        }
        match answer_or_silence(reading) {
            Some((observed, evidence)) => {
                ledger.broken("`subscribed` first, and no `catch_up`", observed, evidence);
            }
            None => ledger.untold(unanswered(reading)),
        }
    });
    ledger.judgement(NOBODY)
}
