//! VIEWERS: a run and those who watch it, or do not.
//!
//! - `fanout`: several who returned to one run
//! - `isolation`: several runs, several streams
//! - `slow_consumer`: one who does not read
//! - `background` and `absences`: nobody watches
//! - `leaving`: somebody leaves while others watch
//! - `beside`: one connection watches several runs

mod absences;
mod background;
mod beside;
mod fanout;
mod isolation;
mod leaving;
mod slow_consumer;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "VIEWERS-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "When two viewers have returned to one run, each gets all later events, or the one who is displaced is told so.",
        why: "People watch together, and one person may have two tabs. A viewer who is displaced silently waits for ever.",
        harm: "Of two viewers who returned to one run, one may lose events without being told.",
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
        since: "0.1.0",
        sentence: "Viewers of different runs get only their own run's events.",
        why: "Events of somebody else's run are confusing at best, and a leak at worst.",
        harm: "A viewer gets events of another run.",
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
        since: "0.1.0",
        sentence: "When many viewers return at once, each gets exactly what they missed.",
        why: "A proxy that restarts cuts everybody off, and everybody comes back in the same second.",
        harm: "When many viewers reconnect at once, some do not get exactly what they missed.",
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
        since: "0.1.0",
        sentence: "A viewer who does not read neither stops the run nor keeps events from other viewers.",
        why: "A laptop that sleeps, or a page in the background, keeps its connection and reads nothing. Nobody else should notice.",
        harm: "A viewer who does not read may hold up the run or other viewers.",
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
        since: "0.1.0",
        sentence: "A run goes on while nobody watches.",
        why: "Long runs are started to be left alone. If they only go on while somebody watches, coming back is pointless.",
        harm: "A run may not go on while nobody watches.",
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
        since: "0.1.0",
        sentence: "A viewer who returns does not disturb the stream of the viewer who started the run.",
        why: "A colleague who takes a look must not cut off the person whose run it is.",
        harm: "The viewer who started a run may lose events, or get some twice, as soon as somebody else comes back to it.",
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
        since: "0.1.0",
        sentence: "Returning twice on one connection, or on the connection that started the run, delivers nothing twice.",
        why: "An impatient front end asks again, and the person then reads every word twice.",
        harm: "A viewer whose program asks twice gets events twice.",
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
    Requirement {
        id: "VIEWERS-8",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A connection that closes takes nothing from viewers on other ones, whichever was opened first.",
        why: "A person closes one of two tabs, or the server notices late that an old connection is gone. The one that is still open must not fall silent because of it.",
        harm: "A viewer may lose events because another connection closes.",
        source: "users of any resumable stream",
        good: "\
(Ben and Cleo have returned to the run r, and get its events)
(Ben's connection closes)
← event 30                                         to Cleo, as before",
        bad: "\
(Ben and Cleo have returned to the run r, and get its events)
(Ben's connection closes)
(nothing more for Cleo, although the run goes on)",
        check: check!(leaving::takes_nothing),
    },
    Requirement {
        id: "VIEWERS-9",
        level: Level::Must,
        since: "0.2.0",
        sentence: "One connection can return to several runs, and ask for replays beside a live one; none ends another.",
        why: "A page shows a list of runs, and has one connection. To open a second one must not stop the first.",
        harm: "A viewer who opens several runs on one connection may lose one of them.",
        source: "users of any resumable stream",
        good: "\
← event 20 of r                                    live
→ {\"action\": \"reconnect\", \"run_id\": \"q\", …}
← {\"event\": \"replay\", \"run_id\": \"q\", \"total_events\": 15, …}, event 0 of q … event 14 of q
← event 21 of r                                    live, as before",
        bad: "\
← event 20 of r                                    live
→ {\"action\": \"reconnect\", \"run_id\": \"q\", …}
← {\"event\": \"replay\", \"run_id\": \"q\", \"total_events\": 15, …}, event 0 of q … event 14 of q
(nothing more of r, although it goes on)",
        check: check!(beside::none_ends_another),
    },
];
