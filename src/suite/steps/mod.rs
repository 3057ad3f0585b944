//! The steps, one file a domain word. Each translates its words into one or two acts.

mod connecting;
mod content;
mod judging;
mod leaving;
mod malformed;
mod owner;
mod positions;
mod refusals;
mod returning;
mod watching;
