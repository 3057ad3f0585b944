//! What could not be told on a release, beside the list of what cannot be told there.

use serde::{Deserialize, Serialize};

use crate::report::combine::matrix::KnownFailure;
use crate::report::model::run::{RunReport, Verdict};
use crate::report::verdict::known;

/// Ids, in the order of the catalogue.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Inconclusive {
    /// Could not be told, as listed.
    pub expected: Vec<String>,
    /// Could not be told, and is not listed.
    pub in_addition: Vec<String>,
    /// Is told after all, though it is listed: the entry is stale.
    pub stale: Vec<String>,
}

pub(crate) fn of(report: &RunReport, list: &[KnownFailure]) -> Inconclusive {
    let about: Vec<_> = known::about(list, &report.target.server).collect();
    let mut inconclusive = Inconclusive::default();
    for requirement in &report.requirements {
        let mut listed = about.iter().filter(|it| it.id == requirement.id);
        let id = requirement.id.clone();
        match (requirement.verdict, listed.next()) {
            (Verdict::Inconclusive, Some(_)) => inconclusive.expected.push(id),
            (Verdict::Inconclusive, None) => inconclusive.in_addition.push(id),
            // A scenario that was not selected may be the one that cannot be told, and where anything is
            // broken the rest is not looked at.
            (Verdict::Passed, Some(entry)) if !entry.sometimes && requirement.unselected == 0 => {
                inconclusive.stale.push(id);
            }
            _ => {}
        }
    }
    inconclusive
}
