//! CANCEL: a run that somebody ends before its time.
//!
//! - [`live`]: what those who watch are told
//! - [`away`]: what a viewer is told who comes back
//! - [`paused`]: a run that was waiting for a person
//!
//! A run may complete before a cancel takes effect, and a server may say that all is well all the
//! same (agno 2.6.22 to 3.1.10). So a run that completed is accused only where it certainly had not
//! when it was cancelled.

mod away;
mod cancelled;
mod live;
mod paused;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CANCEL-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "When a run is cancelled, `WorkflowCancelled` is delivered, and only a `WorkflowCompleted` may follow it, to end the stream.",
        why: "A person who stops a run wants to see that it has stopped, and so does everybody who watches it.",
        harm: "A viewer of a cancelled run may not see that it has stopped.",
        source: "agno-agi/agno #5787; what real releases from 2.4.0 on do",
        good: "\
(POST /workflows/w/runs/r/cancel is answered by 200)
← event 20 (WorkflowCancelled)
← event 21 (WorkflowCompleted)                     the end of the stream",
        bad: "\
(POST /workflows/w/runs/r/cancel is answered by 200)
← event 20 (WorkflowCompleted)                     it did not complete: it was stopped",
        check: check!(live::says_so),
    },
    Requirement {
        id: "CANCEL-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A run that was cancelled while the viewer was away is replayed as cancelled.",
        why: "Otherwise a viewer who returns waits for a result that will never come, or takes half a result for the whole.",
        harm: "A viewer who returns to a cancelled run may not be told that it was cancelled.",
        source: "agno-agi/agno #5787; what real releases from 2.4.0 on do",
        good: "\
(the run is cancelled while Ada is away)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"replay\", \"status\": \"CANCELLED\", \"total_events\": 22, …}
← events 0 to 21, the last of them WorkflowCancelled and WorkflowCompleted",
        bad: "\
(the run is cancelled while Ada is away)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"subscribed\", \"status\": \"running\", …}
(nothing more)",
        check: check!(away::replayed),
    },
    Requirement {
        id: "CANCEL-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A paused run that is cancelled says so, is replayed as cancelled, and answers `continue-workflow` with `error`.",
        why: "Rejecting is often done by cancelling. Who still sees the question must not think that it waits for an answer, and must not be able to start what was called off.",
        harm: "A viewer of a paused run may not learn that it was cancelled, or may still answer its question.",
        source: "users of any resumable stream",
        good: "\
← event 15 (WorkflowPaused)                        to Ada, who stays
(POST /workflows/w/runs/r/cancel is answered by 200)
← event 16 (WorkflowCancelled), event 17 (WorkflowCompleted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"replay\", \"status\": \"CANCELLED\", \"total_events\": 18, …}, event 0 … event 17
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}
← {\"event\": \"error\", \"error\": \"Run is not paused\"}",
        bad: "\
← event 15 (WorkflowPaused)                        to Ada, who stays
(POST /workflows/w/runs/r/cancel is answered by 200)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"replay\", \"status\": \"PAUSED\", \"total_events\": 16, …}",
        check: check!(paused::no_longer_waits),
    },
];
