//! What a target can do, as far as plans are drawn from it.

use std::collections::BTreeSet;

use crate::protocol::{Part, Side, Wire};
use crate::suite::environment::Environment;
use crate::target::Variant;

/// What a target can do.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Whom plans try.
    pub side: Side,
    /// The parts that it has a workflow for.
    pub parts: BTreeSet<Part>,
    /// The variants that it has.
    pub variants: BTreeSet<Variant>,
    /// How viewers speak with it.
    pub wire: Wire,
    /// Whether each viewer may speak over HTTP instead of the WebSocket.
    pub mixed: bool,
    /// Whether it answers over HTTP.
    pub http: bool,
    /// Whether it can be restarted.
    pub restart: bool,
    /// Whether it can be made to drop a run from its memory at once.
    pub forget: bool,
    /// Whether it can stop runs after an exact event: then nothing that a plan asks of it is a load for
    /// anybody.
    pub breakpoints: bool,
    /// How many connections may be open at once.
    pub viewers: usize,
}

impl Reach {
    /// What the target of this environment can do.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let variants = environment.variants.iter();
        Self {
            side: environment.plan.side(),
            parts: environment.casting.keys().copied().collect(),
            variants: variants
                .filter_map(|(variant, built)| built.is_ok().then_some(*variant))
                .collect(),
            wire: environment.plan.wire,
            mixed: environment.plan.mixed && environment.site.is_some(),
            http: environment.site.is_some(),
            restart: environment.restart.is_some(),
            forget: environment.forget.is_some(),
            breakpoints: environment.breakpoints.is_some(),
            viewers: environment.plan.size.viewers,
        }
    }
}
