//! The connection after a replay, and the replay after a replay: REPLAY-4 and -5.

use std::collections::HashMap;

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::replay::{NOBODY, came_whole, each, left_early};
use crate::check::shared::payload;
use crate::check::shared::reply::{Answer, answer};
use crate::trace::{Delivery, Story};

pub(crate) fn usable(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, _, ledger| {
        let Some(replay) = reading.replay else {
            return ledger.untold(format!("{} was sent no `replay`", reading.viewer()));
        };
        let evidence = [reading.ret.request.number, replay.entry.number];
        let subscribed = reading
            .subscribed
            .iter()
            .find(|said| said.entry.number > replay.entry.number);
        if let Some(subscribed) = subscribed {
            return ledger.broken(
                "no `subscribed` after the replay",
                "`subscribed`",
                evidence.into_iter().chain([subscribed.entry.number]),
            );
        }
        if !came_whole(reading) {
            return ledger.untold(left_early(reading));
        }
        let later = reading
            .visit
            .after(replay.entry.number)
            .iter()
            .find(|entry| entry.action().is_some());
        let end = match later {
            None => reading
                .visit
                .closed()
                .filter(|_| reading.visit.malformed().is_none()),
            Some(request) => match answer(story, reading.ret.visit, request) {
                Answer::Came => return ledger.holds(),
                Answer::Vain(entry) => Some(entry),
                Answer::Open => None,
            },
        };
        match end {
            Some(entry) => ledger.broken(
                "a connection that stays usable after the replay",
                describe::entry(entry),
                evidence
                    .into_iter()
                    .chain(later.map(|request| request.number))
                    .chain([entry.number]),
            ),
            None => ledger.untold(format!(
                "{} asked for nothing after the replay",
                reading.viewer()
            )),
        }
    });
    ledger.judgement(NOBODY)
}

pub(crate) fn same_again(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let mut first: HashMap<&str, Vec<Delivery<'_>>> = HashMap::new();
    each(story, &mut ledger, |reading, _, ledger| {
        let Some(replay) = reading.replay.filter(|_| came_whole(reading)) else {
            return ledger.untold(left_early(reading));
        };
        let again = reading.after(replay.entry.number);
        let Some(before) = first.get(reading.run) else {
            first.insert(reading.run, again.to_vec());
            return ledger.untold(format!(
                "{} asked for the replay only once",
                reading.viewer()
            ));
        };
        let differs = before
            .iter()
            .zip(again)
            .find(|(one, other)| !payload::same(one.entry, other.entry));
        let request = reading.ret.request.number;
        if let Some((one, other)) = differs {
            ledger.broken(
                format!("{} as before", describe::entry(one.entry)),
                match describe::entry(one.entry) == describe::entry(other.entry) {
                    true => "another payload".to_owned(),
                    false => describe::entry(other.entry),
                },
                [one.entry.number, request, other.entry.number],
            );
        } else if before.len() != again.len() {
            ledger.broken(
                format!("{} as before", describe::events(before.len() as u64)),
                describe::events(again.len() as u64),
                before
                    .last()
                    .into_iter()
                    .chain(again.last())
                    .map(|delivery| delivery.entry.number)
                    .chain([request]),
            );
        } else {
            ledger.holds();
        }
    });
    ledger.judgement(NOBODY)
}
