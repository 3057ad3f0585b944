//! Exploration: random plans within what a target can do, played, recorded and judged by every check.
//!
//! The scenarios of the features try what somebody thought of. A drawn plan starts runs, watches them,
//! disconnects, returns, asks and cancels at random moments. It ends with the ending of every run and a
//! replay of each, which is what all deliveries are compared with. All checks judge its transcript; they say
//! inconclusive where their situation did not come about. Everything but the server's timing follows from
//! the seed.
//!
//! - [`dice`]: reproducible random numbers
//! - [`plan`]: a plan is a list of steps in the phrases of the suite; its JSON
//! - [`reach`]: what the target can do; [`draw`]: a plan within that
//! - [`play`]: one plan, against a server
//! - [`shrink`]: the shortest plan that still fails
//! - [`gherkin`]: a plan as a feature that can be run
//! - [`trials`]: many plans, several at once; [`harvest`]: what they showed
//! - [`report`]: the run model of what they showed, and the files beside its reports

pub mod dice;
pub mod draw;
pub mod gherkin;
pub mod harvest;
pub mod plan;
pub mod play;
pub mod reach;
pub mod report;
pub mod shrink;
pub mod trials;
