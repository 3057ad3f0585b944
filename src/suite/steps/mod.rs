//! The steps, one file for each subject of the features. Each calls one or two actions.
//!
//! A `Then` waits for what the checks of its rule need, and judges nothing.

mod authenticating;
mod cancelling;
mod connecting;
mod content;
mod disconnect;
mod exploring;
mod flapping;
mod http;
mod judged_client;
mod judged_exploring;
mod malformed;
mod many_viewers;
mod other_wire;
mod owner;
mod pausing;
mod positions;
mod refusals;
mod replicas;
mod retention;
mod returning;
mod seam;
mod several_runs;
mod slow_consumer;
mod streams;
#[cfg(test)]
mod testing;
mod watching;

use super::step::Step;

const SUBJECTS: &[&[Step]] = &[
    authenticating::STEPS,
    cancelling::STEPS,
    connecting::STEPS,
    content::STEPS,
    disconnect::STEPS,
    exploring::STEPS,
    flapping::STEPS,
    http::STEPS,
    judged_client::STEPS,
    judged_exploring::STEPS,
    malformed::STEPS,
    many_viewers::STEPS,
    other_wire::STEPS,
    owner::STEPS,
    pausing::STEPS,
    positions::STEPS,
    refusals::STEPS,
    replicas::STEPS,
    retention::STEPS,
    returning::STEPS,
    seam::STEPS,
    several_runs::STEPS,
    slow_consumer::STEPS,
    streams::STEPS,
    #[cfg(test)]
    testing::STEPS,
    watching::STEPS,
];

/// Every step.
pub fn all() -> impl Iterator<Item = &'static Step> {
    SUBJECTS.iter().flat_map(|subject| subject.iter())
}

/// The steps that only drawn plans use.
pub fn for_plans() -> impl Iterator<Item = &'static Step> {
    exploring::STEPS.iter().chain(judged_exploring::STEPS)
}

#[cfg(test)]
mod tests {
    use crate::suite::{params, phrase, steps};

    #[test]
    fn every_step_takes_the_parameters_of_its_phrase() {
        let known = params::all();
        for step in steps::all() {
            let named: Vec<&str> = phrase::parameters(step.phrase).collect();
            for name in &named {
                let is_known =
                    ["viewer", "int"].contains(name) || known.iter().any(|(of, _)| of == name);
                assert!(is_known, "{}: {{{name}}} is no parameter", step.phrase);
            }
            let taken = step.parameters.unwrap_or(&named);
            assert_eq!(taken, named, "{}", step.phrase);
        }
    }
}
