//! VIEWERS: a run and those who watch it, or do not.
//!
//! - `fanout`: several who returned to one run
//! - `isolation`: several runs, several streams
//! - `slow_consumer`: one who does not read
//! - `background`: nobody watches

mod background;
mod fanout;
mod isolation;
mod slow_consumer;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "VIEWERS-1",
        level: Level::Must,
        sentence: "When two viewers have returned to one run, each gets all later events, or the one who is displaced is told so.",
        why: "People watch together, and one person may have two tabs. A viewer who is displaced silently waits for ever.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
(Ada has returned, and then Ben)
← event 30                                         to Ada
← event 30                                         to Ben",
        bad: "\
(Ada has returned, and then Ben)
← event 30                                         to Ben
(nothing more for Ada, who is told nothing)",
        check: check!(fanout::all_later_events),
    },
    Requirement {
        id: "VIEWERS-2",
        level: Level::Must,
        sentence: "Viewers of different runs get only their own run's events.",
        why: "Events of somebody else's run are confusing at best, and a leak at worst.",
        source: "users of any resumable stream",
        good: "\
(Ada watches the run r, Ben the run q)
← {\"event\": \"RunContent\", \"workflow_run_id\": \"r\", …}      to Ada
← {\"event\": \"RunContent\", \"workflow_run_id\": \"q\", …}      to Ben",
        bad: "\
(Ada watches the run r, Ben the run q)
← {\"event\": \"RunContent\", \"workflow_run_id\": \"r\", …}      to Ada
← {\"event\": \"RunContent\", \"workflow_run_id\": \"r\", …}      to Ben",
        check: check!(isolation::own_events),
    },
    Requirement {
        id: "VIEWERS-3",
        level: Level::Must,
        sentence: "When many viewers return at once, each gets exactly what they missed.",
        why: "A proxy that restarts cuts everybody off, and everybody comes back in the same second.",
        source: "users of any resumable stream",
        good: "\
(twelve viewers have seen events 0 to 4, are cut off and return together)
← {\"event\": \"catch_up\", \"missed_events\": 15, …}     to each of them
← events 5 to 19                                   to each of them",
        bad: "\
(twelve viewers have seen events 0 to 4, are cut off and return together)
← {\"event\": \"catch_up\", \"missed_events\": 15, …}     to each of them
← events 5 to 19                                   to eleven of them
← events 6 to 19                                   to one of them",
        check: check!(fanout::many_at_once),
    },
    Requirement {
        id: "VIEWERS-4",
        level: Level::Must,
        sentence: "A viewer who does not read neither stops the run nor keeps events from other viewers.",
        why: "A laptop that sleeps, or a page in the background, keeps its connection and reads nothing. Nobody else should notice.",
        source: "users of any resumable stream",
        good: "\
(Ben has returned, and reads nothing: the buffers towards him are full)
← event 30                                         to Ada, as before
← event 31                                         to Ada, as before",
        bad: "\
(Ben has returned, and reads nothing: the buffers towards him are full)
(nothing for Ada, for as long as she waits)
(Ben reads on)
← event 30                                         to Ada",
        check: check!(slow_consumer::not_reading),
    },
    Requirement {
        id: "VIEWERS-5",
        level: Level::Must,
        sentence: "A run goes on while nobody watches.",
        why: "Long runs are started to be left alone. If they only go on while somebody watches, coming back is pointless.",
        source: "the script that this suite grew from",
        good: "\
← event 19
(the only viewer leaves, and returns later)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", \"missed_events\": 12, …}",
        bad: "\
← event 19
(the only viewer leaves, and returns much later)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"subscribed\", \"current_event_count\": 20, …}
← event 20                                         the run had waited for its viewer",
        check: check!(background::unwatched),
    },
    Requirement {
        id: "VIEWERS-6",
        level: Level::Must,
        sentence: "A viewer who returns does not disturb the stream of the viewer who started the run.",
        why: "A colleague who takes a look must not cut off the person whose run it is.",
        source: "users of any resumable stream",
        good: "\
← event 4                                          to Ada, who started the run
(Ben returns to it)
← event 5                                          to Ada, as before",
        bad: "\
← event 4                                          to Ada, who started the run
(Ben returns to it)
← event 5                                          to Ben only
(nothing more for Ada)",
        check: check!(isolation::undisturbed),
    },
    Requirement {
        id: "VIEWERS-7",
        level: Level::Should,
        sentence: "Returning twice on one connection, or on the connection that started the run, delivers nothing twice.",
        why: "An impatient front end asks again, and the person then reads every word twice.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}      for the second time
← {\"event\": \"subscribed\", …}
← event 20
← event 21",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}      for the second time
← {\"event\": \"subscribed\", …}
← event 20
← event 20",
        check: check!(isolation::nothing_twice),
    },
];
