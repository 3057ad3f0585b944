//! CATCHUP: a viewer returns with a position to a run that is under way.
//!
//! - `missed`: what was missed is announced and delivered
//! - `live`: how the viewer is subscribed, and what follows
//! - `counts`: the status and the counts in `catch_up` and `subscribed`

mod counts;
mod live;
mod missed;
mod returns;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CATCHUP-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who returns to a run under way after missing events is told so by `catch_up`, before anything else.",
        why: "A front end shows \"catching up\" instead of pretending to be live, and knows that what arrives now is the past.",
        harm: "A viewer who reconnects is not told in time that events were missed.",
        source: "the script that this suite grew from; agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", \"run_id\": \"r\", \"status\": \"running\", \"missed_events\": 2, …}
← event 20",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← event 22                                         20 and 21 are missing",
        check: check!(missed::announced),
    },
    Requirement {
        id: "CATCHUP-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Exactly as many missed events follow as `catch_up` announced in `missed_events`.",
        why: "The number is the only way for a viewer to know that nothing got lost on the way.",
        harm: "A viewer who reconnects cannot know whether all missed events arrived.",
        source: "the script that this suite grew from; agno-agi/agno #5787",
        good: "\
← {\"event\": \"catch_up\", \"missed_events\": 2, \"current_event_count\": 22, …}
← event 20
← event 21
← {\"event\": \"subscribed\", \"current_event_count\": 22, …}",
        bad: "\
← {\"event\": \"catch_up\", \"missed_events\": 2, \"current_event_count\": 22, …}
← event 20
← {\"event\": \"subscribed\", \"current_event_count\": 22, …}   21 is missing",
        check: check!(missed::as_many),
    },
    Requirement {
        id: "CATCHUP-3",
        level: Level::Must,
        since: "0.1.0",
        sentence: "When a viewer catches up, the missed events start right after their position and count up one by one.",
        why: "A step that appears before the one that led to it, or twice, misleads the person who watches.",
        harm: "A viewer who reconnects loses missed events, or gets some twice or out of order.",
        source: "the script that this suite grew from; agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 20
← event 21",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 19                                         Ada has seen it already
← event 20",
        check: check!(missed::in_order),
    },
    Requirement {
        id: "CATCHUP-4",
        level: Level::Must,
        since: "0.1.0",
        sentence: "When a viewer catches up, `subscribed` comes once: after the last missed event and before the first live one.",
        why: "It separates past and present: a front end stops showing \"catching up\" there.",
        harm: "A viewer who reconnects cannot know where the past ends and the live stream begins.",
        source: "the script that this suite grew from; agno-agi/agno #5787",
        good: "\
← {\"event\": \"catch_up\", \"missed_events\": 1, …}
← event 20                                         missed
← {\"event\": \"subscribed\", …}
← event 21                                         live",
        bad: "\
← {\"event\": \"catch_up\", \"missed_events\": 1, …}
← {\"event\": \"subscribed\", …}
← event 20                                         missed, but delivered as live
← event 21",
        check: check!(live::subscribed_once),
    },
    Requirement {
        id: "CATCHUP-5",
        level: Level::Must,
        since: "0.1.0",
        sentence: "After `subscribed` the live events continue at the next index until the run ends, with no gap and no repeat across the whole run.",
        why: "This is the promise as a whole: a viewer who returns sees what everybody else sees, to the end.",
        harm: "A viewer who reconnects may lose live events, get some twice, or not see the end.",
        source: "the script that this suite grew from; agno's `os/event_streams/base.py`",
        good: "\
← event 21                                         the last missed one
← {\"event\": \"subscribed\", …}
← event 22
← event 23: WorkflowCompleted",
        bad: "\
← event 21                                         the last missed one
← {\"event\": \"subscribed\", …}
← event 23: WorkflowCompleted                      22 is missing",
        check: check!(live::to_the_end),
    },
    Requirement {
        id: "CATCHUP-6",
        level: Level::Must,
        since: "0.1.0",
        sentence: "When a viewer who returns has missed nothing, `subscribed` comes before any event.",
        why: "A viewer who was away for a moment has to know at once that they have everything so far.",
        harm: "A viewer who reconnects and has missed nothing is not told so first.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"subscribed\", \"current_event_count\": 20, …}
← event 20",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← event 19
← {\"event\": \"subscribed\", \"current_event_count\": 20, …}",
        check: check!(missed::nothing),
    },
    Requirement {
        id: "CATCHUP-7",
        level: Level::Should,
        since: "0.1.0",
        sentence: "`status` and `current_event_count` of `catch_up` and `subscribed` agree with the events that are delivered.",
        why: "Progress bars are drawn from these numbers.",
        harm: "A viewer who reconnects is shown a status or a count that does not agree with the events.",
        source: "agno-agi/agno #5787",
        good: "\
← {\"event\": \"catch_up\", \"status\": \"running\", \"missed_events\": 2, \"current_event_count\": 22}
← event 20
← event 21
← {\"event\": \"subscribed\", \"status\": \"running\", \"current_event_count\": 22}",
        bad: "\
← {\"event\": \"catch_up\", \"status\": \"completed\", \"missed_events\": 2, \"current_event_count\": 9}
← event 20
← event 21
← {\"event\": \"subscribed\", \"status\": \"running\", \"current_event_count\": 22}",
        check: check!(counts::agree),
    },
    Requirement {
        id: "CATCHUP-8",
        level: Level::Should,
        since: "0.2.0",
        sentence: "When a viewer who returns has missed nothing, there is no `catch_up`.",
        why: "Nobody loses anything by it, but a page that shows \"catching up\" until something follows shows it for too long.",
        harm: "A viewer who reconnects is told to catch up although nothing was missed.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"subscribed\", \"current_event_count\": 20, …}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", \"missed_events\": 0, …}
← {\"event\": \"subscribed\", \"current_event_count\": 20, …}",
        check: check!(missed::unannounced),
    },
];
