//! What viewers can do, as the steps ask for it: each action drives the client and the target.
//!
//! On the bundled server a run can be stopped right after an exact event, so a connection is cut and
//! resumed at the same place every time. On every other server the viewer simply stays away for a
//! while.

mod afterwards;
mod authenticating;
mod breakpoints;
mod exploring;
mod flapping;
mod http;
mod invalid_input;
mod judged_client;
mod judged_endings;
mod judged_exploring;
mod judged_refusals;
mod leaving;
mod load;
mod many_viewers;
mod other_wire;
mod pausing;
mod repeating;
mod replicas;
mod retention;
mod returning;
mod seam;
mod several_runs;
mod shared;
mod slow_consumer;
mod starting;
mod streams;
mod tokens;
mod watching;
mod yardstick;

pub use afterwards::{ask_for_the_state, replay_what_ended};
pub use repeating::try_again_what_was_cut;
pub use yardstick::compare_with_another_run;
