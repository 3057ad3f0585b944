//! RETENTION: what a viewer gets of a run that the server no longer keeps whole, or no longer keeps
//! in its memory.
//!
//! How many events a server keeps is its own affair, and it says so (`retention` in a target file).
//! Where some of what was asked for had to be dropped by then, the rules for catching up and
//! replaying do not bind: these do.
//!
//! - [`own`]: what is left comes under its own indices
//! - [`told`]: what is lost is told

mod announced;
mod indices;
mod returns;

use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::persisted_replay;
use crate::trace::Trace;

fn forgotten(trace: &Trace<'_>) -> CheckVerdict {
    persisted_replay::replayed_as_it_came(
        trace,
        |view| trace.dropped_before(view.run, view.ret.request.number),
        "no viewer returned to a finished run that the server had dropped from its memory",
    )
}

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "RETENTION-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "After a server has dropped old events, no event is delivered under another event's index, and no index is repeated.",
        why: "A viewer can notice a gap. An index that suddenly means another event is believed, and everything after it is wrong.",
        harm: "A viewer may get events under wrong or repeated numbers after old ones were dropped.",
        source: "agno's `os/event_streams/base.py`; users of any resumable stream",
        good: "\
(the server keeps 50 events, and the run has had 103)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 5}
← {\"event\": \"catch_up\", \"missed_events\": 50, …}
← event 53 … event 102                             each as it came live",
        bad: "\
(the server keeps 50 events, and the run has had 103)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 5}
← {\"event\": \"catch_up\", \"missed_events\": 44, …}
← event 6 … event 49                               what came live as 59 … 102",
        check: check!(indices::indices),
    },
    Requirement {
        id: "RETENTION-2",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A viewer who cannot be given everything that they missed is told so.",
        why: "A page with a gap in it looks complete. A viewer who is told can show \"earlier output is no longer available\", or fetch the result another way.",
        harm: "A viewer is not told that some missed events can no longer be delivered.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 5}
← {\"event\": \"catch_up\", \"missed_events\": 50, \"dropped_events\": 47, …}
← event 53",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 5}
← {\"event\": \"catch_up\", \"missed_events\": 50, …}
← event 53                                         6 to 52 are missing, and nothing says so",
        check: check!(announced::loss),
    },
    Requirement {
        id: "RETENTION-3",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A finished run that the server dropped from memory is still replayed.",
        why: "People look at yesterday's result, too, and should not notice that the server has made room meanwhile.",
        harm: "A viewer may not get a finished run that the server has dropped from memory.",
        source: "agno-agi/agno #5787",
        good: "\
(the run ended, and the server has made room)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 4, …}
← event 0 … event 3: WorkflowCompleted             as they came live",
        bad: "\
(the run ended, and the server has made room)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"Run r not found in buffer or database\"}",
        check: check!(forgotten),
    },
];
