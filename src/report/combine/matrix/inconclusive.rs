//! What is inconclusive on a release, compared with the list of what is known to be.

use serde::{Deserialize, Serialize};

use crate::report::combine::matrix::KnownFailure;
use crate::report::model::run::{RunReport, Verdict};
use crate::report::verdict::known;

/// Ids, in the order of the catalogue.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Inconclusive {
    /// Inconclusive, as listed.
    pub expected: Vec<String>,
    /// Inconclusive, and not listed.
    pub in_addition: Vec<String>,
    /// Passed, though it is listed: the entry is stale.
    pub stale: Vec<String>,
}

pub(crate) fn of(report: &RunReport, list: &[KnownFailure]) -> Inconclusive {
    let mut inconclusive = Inconclusive::default();
    for requirement in &report.requirements {
        let (plain, wire) = report.target.part(&requirement.id);
        let about = known::about(list, &report.target.server, wire);
        let mut listed = about.filter(|it| it.requirement().0 == plain);
        let id = requirement.id.clone();
        match (requirement.verdict, listed.next()) {
            (Verdict::Inconclusive, Some(_)) => inconclusive.expected.push(id),
            (Verdict::Inconclusive, None) => inconclusive.in_addition.push(id),
            // A scenario that was not selected may be the inconclusive one, and where anything failed the
            // rest is not looked at.
            (Verdict::Passed, Some(entry)) if !entry.sometimes && requirement.unselected == 0 => {
                inconclusive.stale.push(id);
            }
            _ => {}
        }
    }
    inconclusive
}
