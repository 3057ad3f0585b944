//! What is drawn of one finding.

use std::collections::BTreeSet;

use crate::report::render::html::arrival::Arrivals;
use crate::trace::Trace;
use crate::transcript::Number;

/// The height of a lane.
pub(super) const LANE: f64 = 86.0;

/// What is drawn of one finding.
pub(super) struct Picture<'p, 't> {
    /// The place of the cause in the page: it makes ids unique.
    pub(super) cause: usize,
    pub(super) trace: &'p Trace<'t>,
    pub(super) arrivals: &'p Arrivals,
    pub(super) evidence: BTreeSet<Number>,
    /// The connections with a lane, as places in [`Trace::connections`].
    pub(super) lanes: Vec<usize>,
}
