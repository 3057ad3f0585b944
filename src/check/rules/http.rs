//! HTTP: runs that were started beside the WebSocket.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::ending;
use crate::check::shared::http_requests::asked;
use crate::check::shared::return_view::{
    Reading, answer_or_silence, barred, finished, is_error, left_unsubscribed, readings, unanswered,
};
use crate::protocol::{Control, Route, route};
use crate::trace::{Earlier, Story};
use crate::transcript::Number;

pub(crate) const FAMILY: &[Requirement] = &[Requirement {
    id: "HTTP-1",
    level: Level::Should,
    sentence: "A run that was started over HTTP can be returned to over the WebSocket, with live events.",
    why: "A run is started by a script or another service, and people want to watch it all the same.",
    source: "users of any resumable stream",
    good: "\
(POST /workflows/w/runs with background=true starts the run r)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 20, …}
← events 0 to 19
← {\"event\": \"subscribed\", …}
← event 20                                         live",
    bad: "\
(POST /workflows/w/runs with background=true starts the run r)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 20, …}
← events 0 to 19
← {\"event\": \"subscribed\", …}
(the run completes, and nothing comes)",
    check: watched,
}];

fn watched(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for start in asked(story) {
        let Route::Start { .. } = start.route else {
            continue;
        };
        let Some(run) = route::run_of_answer(start.text).filter(|_| start.done()) else {
            ledger.untold(format!(
                "no run was started over HTTP: {}",
                describe::answered(start.status, start.text)
            ));
            continue;
        };
        for (reading, _) in readings(story) {
            let returned = reading.ret.request.number > start.answer.number;
            if reading.run == &*run && returned && reading.ret.earlier == Earlier::Nothing {
                look(&reading, start.answer.number, &mut ledger);
            }
        }
        ledger.untold("nobody returned to the run that was started over HTTP");
    }
    ledger.judgement("no run was started over HTTP")
}

fn look(reading: &Reading<'_, '_>, started: Number, ledger: &mut Ledger) {
    if reading.visit.barred().is_some() {
        return ledger.untold(barred(reading.viewer()));
    }
    let request = reading.ret.request.number;
    if reading.answer().is_none_or(is_error) {
        return match answer_or_silence(reading) {
            Some((observed, evidence)) => ledger.broken(
                "the run that was started over HTTP",
                observed,
                evidence.into_iter().chain([started]),
            ),
            None => ledger.untold(unanswered(reading)),
        };
    }
    if let Some(Control::Replay { .. }) = reading.answer_control() {
        return ledger.untold(finished(reading.viewer()));
    }
    let Some(subscribed) = reading.subscribed.first() else {
        return ledger.untold(left_unsubscribed(reading));
    };
    let (before, live) = reading.around_subscribed();
    if !live.is_empty() {
        return ledger.holds();
    }
    if before.iter().any(|it| it.event().final_ending().is_some()) {
        return ledger.untold(finished(reading.viewer()));
    }
    let last = reading.last();
    let until = reading.ret.until;
    match ending::missing(reading.story, reading.visit, reading.run, last, until) {
        Some(missing) => ledger.broken(
            "live events of the run, which went on",
            missing.observed(),
            [started, request, subscribed.entry.number]
                .into_iter()
                .chain(missing.evidence()),
        ),
        None => ledger.untold(ending::unseen(reading.visit, last)),
    }
}
