//! Several viewers who returned to one run: VIEWERS-1 and -3.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::shared::precondition::Situation;
use crate::check::shared::return_view::{
    Reading, answer_or_silence, is_error, readings, unanswered,
};
use crate::check::shared::{ending, order};
use crate::protocol::{Control, Position};
use crate::trace::{Delivery, Story};
use crate::transcript::{Entry, Number};

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

pub(crate) fn all_later_events(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for returns in returns(story).into_values() {
        let mut watching = returns;
        watching.retain(|reading| !reading.subscribed.is_empty());
        watching.sort_by_key(since);
        let together = together(&watching);
        if together.iter().all(Option::is_none) {
            continue;
        }
        let live = Live::of(&watching);
        let mut accused = HashSet::new();
        for (me, both) in watching.iter().zip(together) {
            if let Some(both) = both
                && !accused.contains(&me.ret.visit)
                && deprived(me, &live, both, &mut ledger)
            {
                accused.insert(me.ret.visit);
            }
        }
    }
    ledger.judgement("no two viewers who had returned watched one run at the same time")
}

/// From where on each of them, in the order in which they came, was not the only one who had
/// returned; nothing for who always was. Linear in their number.
fn together(watching: &[Reading<'_, '_>]) -> Vec<Option<Number>> {
    // Of those who came before, who stays longest, and who does of the other visits.
    let mut longest: [Option<(Number, usize)>; 2] = [None; 2];
    let mut both = Vec::with_capacity(watching.len());
    for (at, me) in watching.iter().enumerate() {
        let other = |visit: usize| visit != me.ret.visit;
        let before = longest.into_iter().flatten().find(|it| other(it.1));
        let after = watching[at + 1..].iter().find(|it| other(it.ret.visit));
        both.push(match (before, after.map(since)) {
            (Some((end, _)), _) if end > since(me) => Some(since(me)),
            (_, later) => later.filter(|later| *later < until(me)),
        });
        let mine = (until(me), me.ret.visit);
        match longest[0] {
            Some(first) if first.1 != mine.1 && first.0 >= mine.0 => {
                longest[1] = longest[1].filter(|it| it.0 >= mine.0).or(Some(mine));
            }
            Some(first) if first.1 != mine.1 => longest = [Some(mine), Some(first)],
            _ => longest[0] = longest[0].filter(|it| it.0 >= mine.0).or(Some(mine)),
        }
    }
    both
}

/// What those who had returned to a run got live: by index, each delivery with who got it, in order.
struct Live<'r, 's, 't>(BTreeMap<u64, Vec<(Delivery<'t>, &'r Reading<'s, 't>)>>);

impl<'r, 's, 't> Live<'r, 's, 't> {
    fn of(watching: &'r [Reading<'s, 't>]) -> Self {
        let mut live: BTreeMap<u64, Vec<(Delivery<'t>, &Reading<'_, '_>)>> = BTreeMap::new();
        for reading in watching {
            for delivery in reading.after(since(reading)) {
                if let Some(index) = delivery.index() {
                    live.entry(index).or_default().push((*delivery, reading));
                }
            }
        }
        for deliveries in live.values_mut() {
            deliveries.sort_by_key(|(delivery, _)| delivery.entry.number);
        }
        Self(live)
    }

    /// The first event that somebody else got between two entries, and that this viewer never did.
    fn wanting(
        &self,
        me: &Reading<'_, '_>,
        from: Number,
        to: Number,
    ) -> Option<(Delivery<'t>, &'r Reading<'s, 't>)> {
        let mine: HashSet<u64> = me.deliveries.iter().filter_map(Delivery::index).collect();
        let others = self.0.range(me.next..).filter(|(it, _)| !mine.contains(it));
        others
            .filter_map(|(_, deliveries)| {
                let after = deliveries.partition_point(|(it, _)| it.entry.number <= from);
                deliveries.get(after).copied()
            })
            .filter(|(delivery, _)| delivery.entry.number < to)
            .min_by_key(|(delivery, _)| delivery.entry.number)
    }
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

/// Whether a viewer did not get what another got; notes it. `both` is from where on there was
/// another.
fn deprived(
    me: &Reading<'_, '_>,
    live: &Live<'_, '_, '_>,
    both: Number,
    ledger: &mut Ledger,
) -> bool {
    let told = me.visit.after(both).iter().any(|entry| is_told(entry));
    if told {
        ledger.holds();
        return false;
    }
    let highest = me.deliveries.iter().filter_map(Delivery::index).max();
    let wanting = live.wanting(me, both, until(me));
    let Some((wanting, other)) = wanting else {
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
        describe::entry(wanting.entry),
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

pub(crate) fn crowd(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for returns in returns(story).values() {
        let mut rest = returns.as_slice();
        while let Some(first) = rest.first() {
            let began = first.ret.request.at();
            let count = rest
                .iter()
                .take_while(|reading| reading.ret.request.at().saturating_sub(began) <= AT_ONCE)
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
        _ => reading.story.run(reading.run).and_then(|run| run.lowest),
    };
    if let Some(slip) = order::slip(reading.deliveries, first.unwrap_or(0)) {
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
