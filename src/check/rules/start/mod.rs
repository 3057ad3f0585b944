//! START: a run and the connection that started it.
//!
//! - [`stream`]: the events on the starting connection
//! - [`stop`]: how a run ends, and what does not end it
//! - [`apart`]: which run an event belongs to

mod assignment;
mod busy;
mod ending;
mod order;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "START-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A started run's first event is `WorkflowStarted`, with index 0 and the run's id.",
        why: "There is no other acknowledgement: without it a viewer does not know which run to return to after a lost connection.",
        harm: "A viewer who starts a run may not learn which one it is.",
        source: "the script that this suite grew from; agno-agi/agno #5787",
        good: "\
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}
← {\"event\": \"StepStarted\", \"run_id\": \"r\", \"event_index\": 1, …}",
        bad: "\
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"StepStarted\", \"run_id\": \"r\", \"event_index\": 1, …}   event 0 is missing",
        check: check!(order::first_event),
    },
    Requirement {
        id: "START-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "On an uninterrupted connection a run's indices count up one by one from 0, with no gap and no repeat.",
        why: "The last index is the viewer's position. Where indices jump, a viewer cannot distinguish a lost event from a skipped number.",
        harm: "A viewer who stays connected gets event numbers with gaps, repeats or jumps.",
        source: "the script that this suite grew from; agno's `os/event_streams/base.py`",
        good: "\
← {\"event\": \"WorkflowStarted\", \"event_index\": 0, …}
← {\"event\": \"StepStarted\", \"event_index\": 1, …}
← {\"event\": \"StepCompleted\", \"event_index\": 2, …}
← {\"event\": \"WorkflowCompleted\", \"event_index\": 3, …}",
        bad: "\
← {\"event\": \"WorkflowStarted\", \"event_index\": 0, …}
← {\"event\": \"StepStarted\", \"event_index\": 1, …}
← {\"event\": \"WorkflowCompleted\", \"event_index\": 3, …}   2 is missing",
        check: check!(order::ascending),
    },
    Requirement {
        id: "START-3",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A completed or failed run has exactly one ending, `WorkflowCompleted` or `WorkflowError`, and nothing of the run follows it.",
        why: "The ending is what makes a front end stop its spinner. Without it people wait for ever; with two of them a result is shown twice. (CANCEL-1 is about cancelled runs.)",
        harm: "A viewer may not see properly that a run has ended.",
        source: "the script that this suite grew from",
        good: "\
← {\"event\": \"StepCompleted\", \"event_index\": 2, …}
← {\"event\": \"WorkflowCompleted\", \"event_index\": 3, …}
(nothing more of the run)",
        bad: "\
← {\"event\": \"WorkflowCompleted\", \"event_index\": 3, …}
← {\"event\": \"StepCompleted\", \"event_index\": 4, …}
← {\"event\": \"WorkflowCompleted\", \"event_index\": 5, …}",
        check: check!(ending::one_ending),
    },
    Requirement {
        id: "START-4",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Starting an unknown or unnamed workflow is refused with `error`, and no run starts.",
        why: "A mistyped id that is met with silence looks like a slow run, and costs a person an afternoon.",
        harm: "A viewer who names an unknown workflow is not told so, or starts a run all the same.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"start-workflow\", \"workflow_id\": \"no-such-workflow\", \"message\": \"…\"}
← {\"event\": \"error\", \"error\": \"Workflow no-such-workflow not found\"}",
        bad: "\
→ {\"action\": \"start-workflow\", \"workflow_id\": \"no-such-workflow\", \"message\": \"…\"}
(silence, or)
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}",
        check: check!(order::refused),
    },
    Requirement {
        id: "START-5",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Every event can be assigned to its run, including those of nested agents, which carry their own `run_id` beside the workflow's.",
        why: "An event that names only its agent's run cannot be shown in the right place, nor be asked for again.",
        harm: "Some events do not say which run they belong to, so a viewer may not see them.",
        source: "the script that this suite grew from",
        good: "\
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}
← {\"event\": \"RunContent\", \"run_id\": \"agent\", \"workflow_run_id\": \"r\", \"event_index\": 1, …}",
        bad: "\
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}
← {\"event\": \"RunContent\", \"run_id\": \"agent\", \"event_index\": 1, …}   of which workflow run?",
        check: check!(assignment::assigned, of_every_event),
    },
    Requirement {
        id: "START-6",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who leaves right after starting a run does not stop it.",
        why: "People start a long run and close the laptop. The work they paid for must be there when they come back.",
        harm: "A run may stop because the viewer who started it leaves.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}
(Ada leaves, and returns later)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 0}
← {\"event\": \"replay\", \"run_id\": \"r\", \"status\": \"COMPLETED\", \"total_events\": 4}",
        bad: "\
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}
(Ada leaves, and returns later)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 0}
← {\"event\": \"replay\", \"run_id\": \"r\", \"status\": \"CANCELLED\", \"total_events\": 2}",
        check: check!(ending::goes_on),
    },
    Requirement {
        id: "START-7",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Several runs started on one connection stay separate: each has its own indices from 0.",
        why: "A dashboard shows several runs over one connection. If their indices mix, no position means anything.",
        harm: "A viewer who starts several runs on one connection may get them mixed up.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
← {\"event\": \"WorkflowStarted\", \"run_id\": \"a\", \"event_index\": 0, …}
← {\"event\": \"WorkflowStarted\", \"run_id\": \"b\", \"event_index\": 0, …}
← {\"event\": \"StepStarted\", \"run_id\": \"a\", \"event_index\": 1, …}
← {\"event\": \"StepStarted\", \"run_id\": \"b\", \"event_index\": 1, …}",
        bad: "\
← {\"event\": \"WorkflowStarted\", \"run_id\": \"a\", \"event_index\": 0, …}
← {\"event\": \"WorkflowStarted\", \"run_id\": \"b\", \"event_index\": 1, …}
← {\"event\": \"StepStarted\", \"run_id\": \"a\", \"event_index\": 2, …}",
        check: check!(assignment::runs),
    },
    Requirement {
        id: "START-8",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A run is acknowledged within the time limit also while others keep the server busy, so that a viewer who leaves can return.",
        why: "A viewer who does not know the run's id cannot return to it. A queue is no reason for silence: the id is known as soon as the run is accepted.",
        harm: "A viewer who starts a run while the server is busy may not learn in time which one it is.",
        source: "agno's durable queue (`queued`); users of any resumable stream",
        good: "\
(six other runs are under way)
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"queued\", \"run_id\": \"r\", …}",
        bad: "\
(six other runs are under way)
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
(nothing, until one of them ends)",
        check: check!(busy::acknowledged),
    },
];
