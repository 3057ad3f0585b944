//! STREAM: the answers over HTTP that are streams of server-sent events.
//!
//! - `ends`: when a stream ends, and when it must not
//! - `alive`: what it says while nothing happens
//! - `whole`: one event, one block
//! - `background`: a run goes on without those who left its streams
//! - `question`: what a paused run waits for
//! - `streams`: which connections are streams

mod alive;
mod background;
mod ends;
mod question;
mod streams;
mod whole;

use crate::check::requirement::{Level, Requirement};

pub use alive::LONGEST_SILENCE;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "STREAM-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A stream ends once, and only after an ending, a replay, a pause or an `error`.",
        why: "The end of a stream is the only sign that nothing more comes. A program that waits for it must neither wait for ever nor stop too early.",
        harm: "A viewer's program may stop in the middle of a run, or wait for ever after its end.",
        source: "agno's `os/routers`; the HTML standard, section 9.2",
        good: "\
→ POST /workflows/w/runs/r/resume
← event 28
← event 29 (WorkflowCompleted)
(the stream ends)",
        bad: "\
→ POST /workflows/w/runs/r/resume
← event 28
(the stream ends, though the run goes on)",
        check: check!(ends::once),
    },
    Requirement {
        id: "STREAM-2",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A stream says something, if only a comment, at least every 30 s.",
        why: "Proxies end a connection on which nothing comes for a minute, and a browser cannot distinguish a quiet run from a dead line.",
        harm: "A stream may be cut off while the run takes its time.",
        source: "the HTML standard, section 9.2.7; what AgentOS 3.x does",
        good: "\
← event 12
(29 s)
← : heartbeat
(29 s)
← : heartbeat",
        bad: "\
← event 12
(60 s, in which nothing comes)
(a proxy ends the connection)",
        check: check!(alive::speaks),
    },
    Requirement {
        id: "STREAM-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "One event is one server-sent event, whole: any text arrives as it was, and nothing in it ends a line or an event.",
        why: "Agents write line breaks, frames and rare separators. A program that splits the stream as the standard says must get each event whole.",
        harm: "An event may come in pieces, and be lost, because of a text in it.",
        source: "the HTML standard, section 9.2.6",
        good: "\
← data: {\"event\":\"RunContent\",\"content\":\"one\\n\\ndata: two\",\"event_index\":3}
← data: {\"event\":\"RunContent\",\"content\":\"three\",\"event_index\":4}",
        bad: "\
← data: {\"event\":\"RunContent\",\"content\":\"one
←
← data: two\",\"event_index\":3}",
        check: check!(whole::one_each),
    },
    Requirement {
        id: "STREAM-4",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A run that is left and resumed over HTTP goes on without the viewer; a start with `background=true` is never cancelled by leaving.",
        why: "A phone loses the network in every tunnel. What was paid for must not be thrown away because a stream broke.",
        harm: "A run may be cancelled because a viewer's stream broke.",
        source: "agno-agi/agno #6849, #7503",
        good: "\
→ POST /workflows/w/runs (background=true)
← events 0 to 5
(Ada loses the connection)
→ POST /workflows/w/runs/r/resume
← events 6 to 29, the last of them WorkflowCompleted",
        bad: "\
→ POST /workflows/w/runs (background=true)
← events 0 to 5
(Ada loses the connection)
→ POST /workflows/w/runs/r/resume
← {\"event\": \"replay\", \"status\": \"CANCELLED\", …}",
        check: check!(background::goes_on),
    },
    Requirement {
        id: "STREAM-5",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A paused run says over HTTP what it waits for.",
        why: "A person can only answer a question that is shown, and a program only one whose id it knows.",
        harm: "A viewer may be unable to answer, because nothing says what the run waits for.",
        source: "users of any resumable stream",
        good: "\
← event 15 (StepPaused)
→ GET /workflows/w/runs/r
← {\"status\": \"PAUSED\", \"step_requirements\": [{\"step_id\": \"a\", …}], …}",
        bad: "\
← event 15 (StepPaused)
→ GET /workflows/w/runs/r
← {\"status\": \"PAUSED\", \"step_requirements\": null, …}",
        check: check!(question::told),
    },
];
