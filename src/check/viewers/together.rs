//! Several viewers who returned to one run: VIEWERS-1 and -3.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use crate::check::finding::Judgement;
use crate::check::ledger::Ledger;
use crate::check::reading::{Reading, answer_or_silence, is_error, readings, unanswered};
use crate::check::situation::Situation;
use crate::check::{ending, sequence, words};
use crate::protocol::{Control, Position};
use crate::transcript::{Entry, Number, Story};

/// From this many viewers on, they are many.
const MANY: usize = 5;

/// Within this time, viewers return at once.
const AT_ONCE: Duration = Duration::from_secs(1);

/// The returns to runs under way, by run.
fn returns<'s, 't>(story: &'s Story<'t>) -> BTreeMap<&'t str, Vec<Reading<'s, 't>>> {
    let mut runs: BTreeMap<&str, Vec<Reading<'_, '_>>> = BTreeMap::new();
    for (reading, situation) in readings(story) {
        if let Situation::UnderWay = situation {
            runs.entry(reading.run).or_default().push(reading);
        }
    }
    runs
}

pub(super) fn all_later_events(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for returns in returns(story).values() {
        let mut watching: Vec<&Reading<'_, '_>> = returns
            .iter()
            .filter(|reading| !reading.subscribed.is_empty())
            .collect();
        watching.sort_by_key(|reading| since(reading));
        let mut open: Vec<&Reading<'_, '_>> = Vec::new();
        let mut accused = HashSet::new();
        for later in watching {
            open.retain(|earlier| until(earlier) > since(later));
            for earlier in &open {
                if earlier.ret.visit == later.ret.visit {
                    continue;
                }
                for (me, other) in [(*earlier, later), (later, *earlier)] {
                    if !accused.contains(&me.ret.visit)
                        && deprived(me, other, since(later), &mut ledger)
                    {
                        accused.insert(me.ret.visit);
                    }
                }
            }
            open.push(later);
        }
    }
    ledger.judgement("no two viewers who had returned watched one run at the same time")
}

/// From where on a viewer watches live.
fn since(reading: &Reading<'_, '_>) -> Number {
    let subscribed = reading.subscribed.first();
    subscribed.map_or(Number::MAX, |said| said.entry.number)
}

/// Up to where a viewer watches.
fn until(reading: &Reading<'_, '_>) -> Number {
    let over = reading.visit.over().map(|over| over.number);
    over.into_iter()
        .chain(reading.ret.until)
        .min()
        .unwrap_or(Number::MAX)
}

/// Whether one of two viewers did not get what the other got; notes it.
fn deprived(
    me: &Reading<'_, '_>,
    other: &Reading<'_, '_>,
    both: Number,
    ledger: &mut Ledger,
) -> bool {
    let told = me.visit.after(both).iter().any(|entry| is_told(entry));
    if told {
        ledger.holds();
        return false;
    }
    let mine: HashSet<u64> = me.deliveries.iter().filter_map(|it| it.index()).collect();
    let highest = mine.iter().max().copied();
    let wanting = other.after(both).iter().find(|delivery| {
        delivery.entry.number < until(me)
            && delivery
                .index()
                .is_some_and(|index| index >= me.next && !mine.contains(&index))
    });
    let Some(wanting) = wanting else {
        if me.after(both).is_empty() {
            ledger.untold(format!(
                "{} left before a live event could come",
                me.viewer()
            ));
        } else {
            ledger.holds();
        }
        return false;
    };
    let expected = format!(
        "{}, as {} got it",
        words::entry(wanting.entry),
        other.viewer()
    );
    let evidence = [since(me), since(other), wanting.entry.number];
    if wanting.index() < highest {
        ledger.broken(
            expected,
            format!("later events for {}, and never that one", me.viewer()),
            evidence,
        );
        return true;
    }
    let last = me.last();
    match ending::missing(me.story, me.visit, me.run, last, me.ret.until) {
        Some(missing) => {
            ledger.broken(
                expected,
                format!("for {}: {}", me.viewer(), missing.observed()),
                evidence.into_iter().chain(missing.evidence()),
            );
            true
        }
        None => {
            ledger.untold(ending::unseen(me.visit, last));
            false
        }
    }
}

/// Whether an entry may tell a viewer that they are displaced.
fn is_told(entry: &Entry) -> bool {
    let control = entry.message().and_then(|message| message.control());
    matches!(control, Some(Control::Error { .. } | Control::Other { .. }))
}

pub(super) fn crowd(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for returns in returns(story).values() {
        let mut rest = returns.as_slice();
        while let Some(first) = rest.first() {
            let began = first.ret.request.at;
            let count = rest
                .iter()
                .take_while(|reading| reading.ret.request.at.saturating_sub(began) <= AT_ONCE)
                .count();
            let (crowd, later) = rest.split_at(count);
            rest = later;
            let viewers: HashSet<&str> = crowd.iter().map(Reading::viewer).collect();
            if viewers.len() < MANY {
                continue;
            }
            let mut accused = HashSet::new();
            for reading in crowd {
                if !accused.contains(reading.viewer()) && wronged(reading, &mut ledger) {
                    accused.insert(reading.viewer());
                }
            }
        }
    }
    ledger.judgement("fewer viewers than make a crowd returned to a run at once")
}

/// Whether a viewer got anything else than what was missed, and what followed; notes it.
fn wronged(reading: &Reading<'_, '_>, ledger: &mut Ledger) -> bool {
    let request = reading.ret.request;
    if reading.answer().is_none_or(is_error) {
        let Some((observed, evidence)) = answer_or_silence(reading) else {
            ledger.untold(unanswered(reading));
            return false;
        };
        let expected = format!("what {} had missed", reading.viewer());
        ledger.broken(expected, observed, evidence);
        return true;
    }
    // A run that is not counted from 0 is another rule's matter.
    let first = match reading.ret.position {
        Position::At(_) => Some(reading.next),
        _ => {
            let all = reading.story.deliveries_of(reading.run);
            all.filter_map(|delivery| delivery.index()).min()
        }
    };
    if let Some(slip) = sequence::slip(&reading.deliveries, first.unwrap_or(0)) {
        ledger.broken(
            format!("{} for {}", slip.expected(), reading.viewer()),
            slip.observed(),
            slip.evidence(request),
        );
        return true;
    }
    let (missed, _) = reading.around_subscribed();
    if missed.is_empty() || reading.subscribed.is_empty() {
        ledger.untold("nothing was missed while the viewers were away: raise --away");
    } else {
        ledger.holds();
    }
    false
}
