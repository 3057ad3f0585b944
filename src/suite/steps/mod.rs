//! The steps, one file a domain word. Each translates its words into one or two acts.

mod authenticating;
mod cancelling;
mod connecting;
mod content;
mod crowd;
mod flapping;
mod judging;
mod leaving;
mod malformed;
mod memory;
mod owner;
mod pausing;
mod plain;
mod positions;
mod refusals;
mod replicas;
mod returning;
mod seam;
mod unread;
mod watching;
