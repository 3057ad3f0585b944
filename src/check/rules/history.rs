//! HISTORY: a viewer returns without a position to a run that is under way.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::order;
use crate::check::shared::precondition::Situation;
use crate::check::shared::return_view::{
    Reading, answer_or_silence, finished, readings, unanswered,
};
use crate::protocol::{Control, Position};
use crate::trace::Story;

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "HISTORY-1",
        level: Level::Must,
        sentence: "A viewer who returns to a run under way without a position (`null`) gets the whole history from event 0, then `subscribed`, then live events.",
        why: "Another tab, another device or a reloaded page has no position, and still wants the whole story.",
        source: "`disruption_catchup.py` of the agno cookbook; agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 0
← event 1
← {\"event\": \"subscribed\", …}
← event 2",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"subscribed\", …}
← event 2                                          where are 0 and 1?",
        check: null,
    },
    Requirement {
        id: "HISTORY-2",
        level: Level::Should,
        sentence: "A left-out position is the same as `null`.",
        why: "Many client libraries drop fields that are null.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\"}
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 0
← event 1
← {\"event\": \"subscribed\", …}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\"}
← {\"event\": \"error\", \"error\": \"last_event_index is required\"}",
        check: absent,
    },
];

fn null(story: &Story<'_>) -> Judgement {
    judge(
        story,
        &Position::Null,
        "no viewer returned without a position (`null`) to a run under way",
    )
}

fn absent(story: &Story<'_>) -> Judgement {
    judge(
        story,
        &Position::Absent,
        "no viewer left the position out on returning to a run under way",
    )
}

fn judge(story: &Story<'_>, position: &Position, otherwise: &str) -> Judgement {
    let mut ledger = Ledger::default();
    for (reading, situation) in readings(story) {
        if reading.ret.position != position {
            continue;
        }
        match situation {
            Situation::UnderWay => whole_history(&reading, &mut ledger),
            Situation::Finished(_) => ledger.untold(finished(reading.viewer())),
            Situation::Elsewhere(reason) => ledger.untold(reason),
            Situation::NoRun => {}
        }
    }
    ledger.judgement(otherwise)
}

fn whole_history(reading: &Reading<'_, '_>, ledger: &mut Ledger) {
    const EXPECTED: &str = "the whole history from event 0, then `subscribed`";
    let request = reading.ret.request;
    let refused = matches!(
        reading.answer_control(),
        Some(Control::Error { .. } | Control::Replay { .. })
    );
    if refused || reading.answer().is_none() {
        return match answer_or_silence(reading) {
            Some((observed, evidence)) => ledger.broken(EXPECTED, observed, evidence),
            None => ledger.untold(unanswered(reading)),
        };
    }
    if let Some(slip) = order::slip(reading.deliveries, 0) {
        return ledger.broken(slip.expected(), slip.observed(), slip.evidence(request));
    }
    let (before, live) = reading.around_subscribed();
    let ended = reading.ending().is_some();
    let Some(subscribed) = reading.subscribed.first() else {
        return match reading.gave_up().filter(|_| !ended) {
            Some(silence) => ledger.broken(
                "`subscribed` after the history",
                describe::entry(silence),
                [request.number, silence.number],
            ),
            None => ledger.untold(format!(
                "the run ended, or {} left, before `subscribed` was due",
                reading.viewer()
            )),
        };
    };
    if let Some(again) = reading.subscribed.get(1) {
        return ledger.broken(
            "`subscribed` once",
            "`subscribed` again",
            [request.number, subscribed.entry.number, again.entry.number],
        );
    }
    if let Some(catch_up) = reading.catch_up
        && catch_up.entry.number > subscribed.entry.number
    {
        return ledger.broken(
            "`subscribed` after the history",
            "`subscribed` before `catch_up`",
            [
                request.number,
                subscribed.entry.number,
                catch_up.entry.number,
            ],
        );
    }
    // What anyone had seen before the request was history.
    let history = reading
        .story
        .highest_before(reading.run, request.number)
        .map_or(0, |last| last.saturating_add(1));
    let announced = reading
        .catch_up
        .and_then(|said| said.announced)
        .unwrap_or(0);
    let came = before.len() as u64;
    if came < history.max(announced) {
        return ledger.broken(
            format!(
                "{} before `subscribed`",
                describe::events(history.max(announced))
            ),
            format!("{} before it", describe::events(came)),
            [request.number, subscribed.entry.number],
        );
    }
    if came > 0 && ended {
        return ledger.holds();
    }
    let last = reading.last();
    match reading.missing() {
        Some(missing) => ledger.broken(
            "live events until the ending",
            missing.observed(),
            [request.number, last].into_iter().chain(missing.evidence()),
        ),
        None if came > 0 && !live.is_empty() => ledger.holds(),
        None if reading.ret.contested.is_some() => ledger.untold(reading.unseen()),
        None if came == 0 => ledger.untold(format!(
            "nothing had happened yet when {} returned: raise --away",
            reading.viewer()
        )),
        None => ledger.untold(format!(
            "{} left before a live event could come: choose a longer workflow",
            reading.viewer()
        )),
    }
}
