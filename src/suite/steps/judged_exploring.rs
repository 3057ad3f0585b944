//! The steps of drawn plans for a client that is judged: each can be done at any moment.

use crate::protocol::Part;
use crate::suite::params::{Answered, Break, Turned, Unreadable};
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} has watched a(n) {part} run up to event {int}",
        |world, _viewer: String, part: Part, after: u64| {
            world.client_watches_up_to(part, after).await
        }
    ),
    given!(
        "the connection {breaks}, and {viewer} misses {int} event(s)",
        |world, breaks: Break, _viewer: String, missed: u64| {
            world.client_is_cut(breaks.0, missed).await
        }
    ),
    given!(
        "the run goes on for {int} event(s) while {viewer} watches",
        |world, events: u64, _viewer: String| world.client_watches_for(events).await
    ),
    given!(
        "{unreadable} comes, and then more of the run",
        |world, unreadable: Unreadable| world.client_reads_on(unreadable).await
    ),
    given!(
        "an event of another run comes, and then more of the run",
        |world| world.client_passes_over().await
    ),
    given!(
        "the next {int} attempt(s) to connect will be {turned_away}",
        |world, times: u64, how: Turned| world.client_will_be_turned_away(times, how)
    ),
    given!(
        "the next return will be {answered}",
        |world, answered: Answered| world.client_will_be_answered(answered)
    ),
    when!(
        "the run comes to its end, whatever {viewer} has done",
        |world, _viewer: String| world.client_is_done().await
    ),
    then!("{viewer} has broken no promise of a client"),
];
