//! CANCEL: a run that somebody ends before its time.
//!
//! - [`live`]: what those who watch are told
//! - [`away`]: what a viewer is told who comes back
//!
//! A run may complete before a cancel takes effect, and a server may say that all is well all the
//! same (agno 2.6.22 to 3.1.10). So a run that completed is accused only where it certainly had not
//! when it was cancelled.

mod away;
mod cancelled;
mod live;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CANCEL-1",
        level: Level::Must,
        sentence: "When a run is cancelled, `WorkflowCancelled` is delivered, and only a `WorkflowCompleted` may follow it, to end the stream.",
        why: "A person who stops a run wants to see that it has stopped, and so does everybody who watches it.",
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
        sentence: "A run that was cancelled while the viewer was away is replayed as cancelled.",
        why: "Otherwise a viewer who returns waits for a result that will never come, or takes half a result for the whole.",
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
];
