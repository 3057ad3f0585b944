//! OWNER: to whom a run is shown.

use super::catalogue::{Level, Requirement};
use super::finding::Judgement;
use super::ledger::Ledger;
use super::reading::{barred, is_error, readings, unanswered};
use super::words;
use crate::protocol::Control;
use crate::transcript::{Earlier, Story};

pub(super) const FAMILY: &[Requirement] = &[Requirement {
    id: "OWNER-1",
    level: Level::Should,
    sentence: "A run is not shown to a viewer who names another session or workflow.",
    why: "A run id alone gets into logs, links and screenshots. Whoever mixes up sessions would be shown somebody else's work.",
    source: "users of any resumable stream",
    good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"session_id\": \"another\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"Run r not found in buffer or database\"}",
    bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"session_id\": \"another\", \"last_event_index\": null}
← {\"event\": \"replay\", \"run_id\": \"r\", \"total_events\": 10, …}
← event 0",
    check: not_shown,
}];

fn not_shown(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for (reading, _) in readings(story) {
        if !reading.names_another() || reading.ret.earlier != Earlier::Nothing {
            continue;
        }
        if reading.visit.barred().is_some() {
            ledger.untold(barred(reading.viewer()));
            continue;
        }
        let shown = reading.ret.heard.iter().copied().find(|entry| {
            entry.message().is_some_and(|message| {
                message.event().is_some()
                    || matches!(
                        message.control(),
                        Some(
                            Control::CatchUp { .. }
                                | Control::Subscribed { .. }
                                | Control::Replay { .. }
                        )
                    )
            })
        });
        match shown {
            Some(entry) => ledger.broken(
                "`error`, as for a run that does not exist",
                words::entry(entry),
                [reading.ret.request.number, entry.number],
            ),
            None if reading.answer().is_some_and(is_error) => ledger.holds(),
            None => ledger.untold(unanswered(&reading)),
        }
    }
    ledger.judgement("no viewer named another session or workflow than the run's")
}
