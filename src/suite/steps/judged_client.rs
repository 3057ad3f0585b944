//! What is done to a client that is judged, and what is waited for.

use crate::client_mode::Cut;
use crate::protocol::Part;
use crate::suite::params::{Break, Turned, Unreadable};
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} is catching up on a long run",
        |world, _viewer: String| world.client_catches_up().await
    ),
    given!(
        "{viewer} is watching a long run, and something new has happened in it",
        |world, _viewer: String| world.client_watches_something_new().await
    ),
    given!(
        "{viewer} is watching a long run, and {unreadable} has come",
        |world, _viewer: String, unreadable: Unreadable| {
            world.client_gets_unreadable(unreadable).await
        }
    ),
    given!(
        "{viewer} is watching a long run where a token is needed",
        |world, _viewer: String| world.client_watches_guarded().await
    ),
    given!(
        "{viewer} is watching the beginning of a {part} run",
        |world, _viewer: String, part: Part| world.client_watches_the_beginning(part).await
    ),
    when!(
        "the connection is reset, and the token is refused from then on",
        |world| world.client_token_is_refused().await
    ),
    when!(
        "the connection is reset, and the next tries are {turned_away}",
        |world, how: Turned| world.client_is_turned_away(how.0).await
    ),
    when!(
        "the connection is reset, and the server is away for a while",
        |world| world.client_has_an_outage().await
    ),
    when!(
        "the connection is reset, and the server cannot be reached for a while",
        |world| world.client_meets_a_closed_port().await
    ),
    when!(
        "the connection is reset, and the return is refused",
        |world| world.client_return_is_refused().await
    ),
    when!(
        "the connection is lost {int} times, and the last return is refused",
        |world, times: u64| world.client_last_return_is_refused(times).await
    ),
    when!(
        "the connection is reset, and the return is met by silence",
        |world| world.client_return_is_unanswered().await
    ),
    when!(
        "the connection is reset, and one of the missed events does not come",
        |world| world.client_misses_an_event().await
    ),
    when!("the run goes on to its end", |world| {
        world.client_sees_the_end().await
    }),
    when!(
        "the connection is reset, and the run ends before {viewer} is back",
        |world, _viewer: String| world.client_misses_the_end().await
    ),
    when!(
        "the connection is reset, and all events of the ended run come again",
        |world| world.client_misses_the_end_and_gets_all().await
    ),
    when!(
        "the run is cancelled while {viewer} watches",
        |world, _viewer: String| world.client_run_is_cancelled().await
    ),
    when!(
        "the run pauses while {viewer} watches",
        |world, _viewer: String| world.client_run_pauses().await
    ),
    when!(
        "the connection is lost {int} times, and the run goes on to its end",
        |world, times: u64| world.client_loses_and_sees_the_end(times).await
    ),
    when!("an event of another run comes", |world| {
        world.client_gets_another_runs_event().await
    }),
    when!("two events come in the wrong order", |world| {
        world.client_gets_swapped_events().await
    }),
    when!("the connection {breaks}", |world, breaks: Break| {
        world.client_loses(breaks.0).await
    }),
    when!("the connection is lost {int} times", |world, times: u64| {
        world.client_loses_several_times(times).await
    }),
    when!(
        "the connection is reset in the middle of the missed events",
        |world| world.client_is_cut_while_catching_up(Cut::Reset).await
    ),
    when!(
        "the stream ends in the middle of the missed events",
        |world| {
            world
                .client_is_cut_while_catching_up(Cut::EndOfStream)
                .await
        }
    ),
    when!("the stream ends before the run does", |world| {
        world.client_loses(Cut::EndOfStream).await
    }),
    when!("the connection is closed after the ending", |world| {
        world.client_is_closed_after_the_ending().await
    }),
    then!("{viewer} comes back without help"),
    then!("{viewer} comes back, as the run has not ended"),
    then!("{viewer} starts no second run"),
    then!("{viewer} does not come back"),
    then!("{viewer} names the workflow's run"),
    then!("{viewer} names the workflow and the session as well"),
    then!("{viewer}'s position is not beyond the last event that was delivered"),
    then!("{viewer}'s position is the last event that reached them"),
    then!("{viewer}'s position is further each time"),
    then!("{viewer}'s position is the last missed event that came"),
    then!("{viewer}'s position is a whole number"),
    then!("{viewer}'s positions show that the events of each connection were understood"),
    then!("{viewer}'s positions count events alone"),
    then!("{viewer}'s position counts what is new"),
    then!("{viewer} goes on"),
    then!("{viewer} notices it and comes back"),
    then!("{viewer} leaves the dead line"),
    then!("{viewer} shows the token first on each connection"),
    then!("{viewer} does not show the refused token again and again"),
    then!("{viewer}'s token is not part of the address"),
    then!("{viewer} never tries more than five times in a second"),
    then!("the pauses between {viewer}'s tries grow"),
    then!("{viewer} comes back after the outage"),
    then!("{viewer} asks only a few times, and tells their user"),
    then!("{viewer} gives up, or asks again"),
    then!("{viewer} asks for the missing event, or shows that it is missing"),
    then!("{viewer} knows that the run has ended"),
    then!("for {viewer} the run is over"),
    then!("{viewer} shows the run as cancelled"),
    then!("{viewer} shows the run as waiting"),
    then!("{viewer} shows no event twice"),
    then!("{viewer} shows the events in their order"),
    then!("{viewer} has shown everything that happened"),
    then!("{viewer} shows only the events of the watched run"),
    then!("{viewer} does not say that the run is live"),
];
