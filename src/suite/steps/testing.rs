//! Steps for the suite's own tests.

use crate::suite::step::{Step, when};
use crate::suite::step_error::StepError;

pub(super) const STEPS: &[Step] = &[
    when!("a step cannot do what it says", |_world| {
        Err(StepError::Inconclusive("the bridge is closed".to_owned()))
    }),
    when!("a step panics", |_world| panic!("a bug of the suite")),
];
