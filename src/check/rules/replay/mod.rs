//! REPLAY: a viewer returns to a run that has finished.
//!
//! - [`account`]: the replay itself: what it says and what follows
//! - [`after`]: the connection after a replay, and the replay after a replay

mod account;
mod after;
mod returns;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "REPLAY-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who returns to a finished run gets `replay` and then every event from index 0, whatever position they name.",
        why: "A viewer who returns too late still gets the result, and sees how it came about.",
        harm: "A viewer who returns to a finished run may not get all of it from its beginning.",
        source: "`events_replay.py` of the agno cookbook; agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 1}
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 4, …}
← event 0
← event 1
← event 2
← event 3: WorkflowCompleted",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 1}
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 4, …}
← event 2                                          not from 0
← event 3: WorkflowCompleted",
        check: check!(account::every_event),
    },
    Requirement {
        id: "REPLAY-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Exactly as many events follow as `replay` announced in `total_events`.",
        why: "It is the only way to know when a replay is over: no `subscribed` follows it.",
        harm: "A viewer of a finished run cannot know whether all of it has arrived.",
        source: "`events_replay.py` of the agno cookbook",
        good: "\
← {\"event\": \"replay\", \"total_events\": 2, …}
← event 0
← event 1: WorkflowCompleted",
        bad: "\
← {\"event\": \"replay\", \"total_events\": 3, …}
← event 0
← event 1: WorkflowCompleted                       the third is missing",
        check: check!(account::as_many),
    },
    Requirement {
        id: "REPLAY-3",
        level: Level::Must,
        since: "0.1.0",
        sentence: "`replay` says how the run ended: completed, failed or cancelled.",
        why: "A failed run that is shown with a green tick is worse than no run at all.",
        harm: "A viewer of a finished run is not told correctly how it ended.",
        source: "`events_replay.py` of the agno cookbook; agno-agi/agno #5787",
        good: "\
← {\"event\": \"replay\", \"status\": \"ERROR\", \"total_events\": 3, …}
…
← event 2: WorkflowError",
        bad: "\
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 3, …}
…
← event 2: WorkflowError",
        check: check!(account::outcome),
    },
    Requirement {
        id: "REPLAY-4",
        level: Level::Should,
        since: "0.1.0",
        sentence: "After a replay no `subscribed` follows, and the connection stays usable.",
        why: "A dashboard goes from one finished run to the next over the same connection.",
        harm: "A viewer may be unable to go on to another run after having seen a finished one.",
        source: "agno-agi/agno #5787, corrected by what real releases do: they do not close",
        good: "\
← {\"event\": \"replay\", \"total_events\": 4, …}
← event 0 … event 3: WorkflowCompleted
→ {\"action\": \"ping\"}
← {\"event\": \"pong\"}",
        bad: "\
← {\"event\": \"replay\", \"total_events\": 4, …}
← event 0 … event 3: WorkflowCompleted
← {\"event\": \"subscribed\", …}                      a finished run has nothing to subscribe to",
        check: check!(after::usable),
    },
    Requirement {
        id: "REPLAY-5",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A replay can be requested again, and is the same as before.",
        why: "Two people who look at one finished run must see the same.",
        harm: "A viewer who asks for a finished run twice does not get the same.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", …}
← {\"event\": \"replay\", \"total_events\": 4, …} and events 0 to 3
→ {\"action\": \"reconnect\", \"run_id\": \"r\", …}
← {\"event\": \"replay\", \"total_events\": 4, …} and the same events 0 to 3",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", …}
← {\"event\": \"replay\", \"total_events\": 4, …} and events 0 to 3
→ {\"action\": \"reconnect\", \"run_id\": \"r\", …}
← {\"event\": \"replay\", \"total_events\": 3, …} and events 1 to 3",
        check: check!(after::same_again),
    },
];
