//! Where a requirement failed and was fixed.

use serde::{Deserialize, Serialize};

use crate::report::combine::matrix::Cell;
use crate::report::model::run::Verdict;

/// A change between failed and passed, between two releases that were judged. The release that
/// changed it may be any after the one and up to the other.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Transition {
    /// The first release that shows it.
    pub release: String,
    /// The last one before it in which the requirement passed or failed; none where there is none.
    pub after: Option<String>,
    /// `failed` or `passed`.
    pub became: Verdict,
}

/// Every change, in the order of the releases. Inconclusive and not applicable cells
/// are skipped, and so is one that passed though it is listed as failing only sometimes.
pub(crate) fn of(cells: &[Cell]) -> Vec<Transition> {
    let mut transitions = Vec::new();
    let mut last: Option<&Cell> = None;
    for cell in cells {
        let changed = match cell.verdict {
            Verdict::Inconclusive | Verdict::NotApplicable => continue,
            Verdict::Passed if cell.sometimes => continue,
            Verdict::Failed => last.is_none_or(|it| it.verdict == Verdict::Passed),
            Verdict::Passed => last.is_some_and(|it| it.verdict == Verdict::Failed),
        };
        if changed {
            transitions.push(Transition {
                release: cell.column.clone(),
                after: last.map(|it| it.column.clone()),
                became: cell.verdict,
            });
        }
        last = Some(cell);
    }
    transitions
}
