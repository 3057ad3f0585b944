//! REFUSAL: what can't be done is refused, and the connection goes on.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::reply::{Answer, answer};
use crate::check::shared::return_view;
use crate::protocol::action::NO_SUCH;
use crate::trace::{Return, Story};

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "REFUSAL-1",
        level: Level::Must,
        sentence: "Returning to an unknown run is refused with `error`.",
        why: "A viewer with a stale link must be told, or waits for ever.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"no-such-run\", \"last_event_index\": 3}
← {\"event\": \"error\", \"error\": \"Run no-such-run not found in buffer or database\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"no-such-run\", \"last_event_index\": 3}
← {\"event\": \"subscribed\", \"run_id\": \"no-such-run\", …}   to nothing",
        check: unknown_run,
    },
    Requirement {
        id: "REFUSAL-2",
        level: Level::Must,
        sentence: "Returning without a run id is refused with `error`.",
        why: "A bug in a front end shows at once, instead of as a screen that stays empty.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"last_event_index\": 3}
← {\"event\": \"error\", \"error\": \"run_id is required for reconnection\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"last_event_index\": 3}
(silence)",
        check: no_run_id,
    },
    Requirement {
        id: "REFUSAL-3",
        level: Level::Must,
        sentence: "After a refusal the connection still works.",
        why: "One stale link must not cost a viewer everything else that they watch on the connection.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"no-such-run\", …}
← {\"event\": \"error\", …}
→ {\"action\": \"ping\"}
← {\"event\": \"pong\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"no-such-run\", …}
← {\"event\": \"error\", …}
(the server closes the connection)",
        check: goes_on,
    },
];

fn unknown_run(story: &Story<'_>) -> Judgement {
    refused(
        story,
        |ret| ret.run.is_some_and(|run| run.starts_with(NO_SUCH)),
        "no viewer returned to a run that does not exist",
    )
}

fn no_run_id(story: &Story<'_>) -> Judgement {
    refused(
        story,
        |ret| ret.run.is_none(),
        "no viewer returned without a run id",
    )
}

fn refused(story: &Story<'_>, wanted: impl Fn(&Return<'_>) -> bool, otherwise: &str) -> Judgement {
    let mut ledger = Ledger::default();
    for ret in story.returns.iter().filter(|ret| wanted(ret)) {
        let visit = story.visit(ret.visit);
        if visit.barred().is_some() {
            ledger.untold(return_view::barred(visit.viewer));
            continue;
        }
        let number = ret.request.number;
        if ret.answer().is_some_and(return_view::is_error) {
            ledger.holds();
            continue;
        }
        let closed = visit
            .closed()
            .filter(|closed| closed.number > number && visit.malformed().is_none());
        match ret.answer().or(visit.gave_up_after(number)).or(closed) {
            Some(entry) => ledger.broken("`error`", describe::entry(entry), [number, entry.number]),
            None => ledger.untold(describe::unanswered(visit, number)),
        }
    }
    ledger.judgement(otherwise)
}

fn goes_on(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let starts = story
        .starts
        .iter()
        .filter_map(|start| Some((start.visit, start.refusal?)));
    let returns = story
        .returns
        .iter()
        .filter(|ret| ret.answer().is_some_and(return_view::is_error))
        .filter_map(|ret| Some((ret.visit, ret.answer()?)));
    for (place, refusal) in starts.chain(returns) {
        let visit = story.visit(place);
        if visit.barred().is_some() {
            ledger.untold(return_view::barred(visit.viewer));
            continue;
        }
        let request = visit
            .after(refusal.number)
            .iter()
            .find(|entry| entry.action().is_some());
        let end = match request {
            Some(request) => match answer(story, place, request) {
                Answer::Came => {
                    ledger.holds();
                    continue;
                }
                Answer::Vain(entry) => Some(entry),
                Answer::Open => None,
            },
            None => visit
                .closed()
                .filter(|closed| closed.number > refusal.number && visit.malformed().is_none()),
        };
        match end {
            Some(entry) => ledger.broken(
                "a connection that still works after `error`",
                describe::entry(entry),
                request
                    .into_iter()
                    .map(|request| request.number)
                    .chain([refusal.number, entry.number]),
            ),
            None => ledger.untold(format!(
                "{} asked for nothing after the refusal",
                visit.viewer
            )),
        }
    }
    ledger.judgement("nothing was refused")
}
