//! Where a requirement broke and was mended.

use serde::{Deserialize, Serialize};

use crate::report::combine::matrix::Cell;
use crate::report::model::run::Verdict;

/// A change between broken and holding, between two releases that were judged. The release that
/// changed it may be any after the one and up to the other.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Turn {
    /// The first release that shows it.
    pub release: String,
    /// The last one before it in which the requirement was told; none where there is none.
    pub after: Option<String>,
    /// `failed` or `passed`.
    pub became: Verdict,
}

/// Every change, in the order of the releases. What could not be told and what is not applicable is
/// passed over, and so is what holds in one run though it is known to break now and then.
pub(crate) fn of(cells: &[Cell]) -> Vec<Turn> {
    let mut turns = Vec::new();
    let mut last: Option<&Cell> = None;
    for cell in cells {
        let turned = match cell.verdict {
            Verdict::Inconclusive | Verdict::NotApplicable => continue,
            Verdict::Passed if cell.sometimes => continue,
            Verdict::Failed => last.is_none_or(|it| it.verdict == Verdict::Passed),
            Verdict::Passed => last.is_some_and(|it| it.verdict == Verdict::Failed),
        };
        if turned {
            turns.push(Turn {
                release: cell.release.clone(),
                after: last.map(|it| it.release.clone()),
                became: cell.verdict,
            });
        }
        last = Some(cell);
    }
    turns
}
