//! The connection after a replay, and the replay after a replay: REPLAY-4 and -5.

use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::replay::returns::{NOBODY, came_whole, each, left_early, stream_ended};
use crate::check::shared::payload;
use crate::check::shared::reply::{Reply, reply};
use crate::trace::{Delivery, Trace};

pub(crate) fn usable(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, _, collector| {
        let Some(replay) = view.replay else {
            return collector.inconclusive(format!("{} got no `replay`", view.viewer()));
        };
        let evidence = [view.ret.request.number, replay.entry.number];
        let subscribed = view
            .subscribed
            .iter()
            .find(|said| said.entry.number > replay.entry.number);
        if let Some(subscribed) = subscribed {
            return collector.failed(
                "no `subscribed` after the replay",
                "`subscribed`",
                evidence.into_iter().chain([subscribed.entry.number]),
            );
        }
        if !came_whole(view) {
            return collector.inconclusive(left_early(view));
        }
        if view.connection.is_over_http() {
            return match stream_ended(view).ok_or(view.silence()) {
                Ok(_) => collector.passed(),
                Err(Some(silence)) => collector.failed(
                    "the end of the stream after the replay",
                    describe::entry(silence),
                    evidence.into_iter().chain([silence.number]),
                ),
                Err(None) => collector.inconclusive(left_early(view)),
            };
        }
        let later = view.connection.sent_after(replay.entry.number);
        let end = match later {
            None => view
                .connection
                .closed()
                .filter(|_| view.connection.malformed().is_none()),
            Some(request) => match reply(trace, view.ret.connection, request) {
                Reply::Answered => return collector.passed(),
                Reply::TimedOut(entry) => Some(entry),
                Reply::Unknown => None,
            },
        };
        match end {
            Some(entry) => collector.failed(
                "a connection that stays usable after the replay",
                describe::entry(entry),
                evidence
                    .into_iter()
                    .chain(later.map(|request| request.number))
                    .chain([entry.number]),
            ),
            None => collector.inconclusive(format!(
                "{} sent no request after the replay",
                view.viewer()
            )),
        }
    });
    collector.check_verdict(NOBODY)
}

pub(crate) fn same_again(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut first: HashMap<(&str, u64), Vec<Delivery<'_>>> = HashMap::new();
    each(trace, &mut collector, |view, _, collector| {
        let Some(said) = view.replay.filter(|_| came_whole(view)) else {
            return collector.inconclusive(left_early(view));
        };
        let again = view.after(said.entry.number);
        let replay = (view.run, view.replayed_from());
        let Some(before) = first.get(&replay) else {
            first.insert(replay, again.to_vec());
            return collector
                .inconclusive(format!("{} asked for the replay only once", view.viewer()));
        };
        let differs = before
            .iter()
            .zip(again)
            .find(|(one, other)| !payload::same(one.entry, other.entry));
        let request = view.ret.request.number;
        if let Some((one, other)) = differs {
            collector.failed(
                format!("{} as before", describe::entry(one.entry)),
                match describe::entry(one.entry) == describe::entry(other.entry) {
                    true => "the same event with another payload".to_owned(),
                    false => describe::entry(other.entry),
                },
                [one.entry.number, request, other.entry.number],
            );
        } else if before.len() != again.len() {
            collector.failed(
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
            collector.passed();
        }
    });
    collector.check_verdict(NOBODY)
}
