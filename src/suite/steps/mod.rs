//! The steps, one file a domain word. Each translates its words into one or two acts.

mod authenticating;
mod connecting;
mod content;
mod crowd;
mod flapping;
mod judging;
mod leaving;
mod malformed;
mod owner;
mod positions;
mod refusals;
mod returning;
mod seam;
mod watching;
