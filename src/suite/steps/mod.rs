//! The steps, one file a domain word. Each translates its words into one or two acts.

mod authenticating;
mod cancelling;
mod connecting;
mod content;
mod disconnect;
mod flapping;
mod http;
mod judging;
mod malformed;
mod many_viewers;
mod owner;
mod pausing;
mod positions;
mod refusals;
mod replicas;
mod retention;
mod returning;
mod seam;
mod slow_consumer;
mod watching;
