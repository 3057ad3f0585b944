//! RESTART: what outlives a restart of the server.

use super::catalogue::{Level, Requirement};
use super::finding::Judgement;
use super::lasting;
use crate::transcript::Story;

pub(super) const FAMILY: &[Requirement] = &[Requirement {
    id: "RESTART-1",
    level: Level::Must,
    sentence: "After a restart of the server, a finished run is still replayed, event for event.",
    why: "Servers are restarted every day, for a new release or a bigger machine. The work that people waited for must not go with it.",
    source: "agno-agi/agno #5787",
    good: "\
(the run ended, and the server was restarted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 4, …}
← event 0 … event 3: WorkflowCompleted             as they came live",
    bad: "\
(the run ended, and the server was restarted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"Run r not found in buffer or database\"}",
    check: finished,
}];

fn finished(story: &Story<'_>) -> Judgement {
    lasting::replayed_as_it_came(
        story,
        |reading| story.restarted_before(reading.run, reading.ret.request.number),
        "no viewer returned to a finished run after a restart of the server",
    )
}
