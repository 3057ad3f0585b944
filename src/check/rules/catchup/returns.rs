//! The returns that the checks of this family look at.

use crate::check::collector::Collector;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view;
use crate::check::shared::return_view::{ReturnView, views};
use crate::protocol::Position;
use crate::trace::Trace;

/// Why the verdict is inconclusive where nobody returned.
pub(super) const NOBODY: &str = "no viewer returned with a position to a run under way";

/// Looks at every return with a position to a run that was under way.
pub(super) fn each<'s, 't>(
    trace: &'s Trace<'t>,
    collector: &mut Collector,
    mut look: impl FnMut(&ReturnView<'s, 't>, &mut Collector),
) {
    for view in views(trace) {
        let precondition = view.precondition();
        match (precondition, view.position) {
            (Precondition::NoRun, _) | (_, Position::Null | Position::Absent) => {}
            (Precondition::UnderWay, _) => look(&view, collector),
            (Precondition::Finished(_), _) => {
                collector.inconclusive(return_view::finished(view.viewer()))
            }
            (Precondition::Unclear(reason), _) => collector.inconclusive(reason),
        }
    }
}

/// Why a return on which nothing was missed is inconclusive.
pub(super) fn nothing_missed(view: &ReturnView<'_, '_>) -> String {
    format!(
        "nothing was missed while {} was away: raise --away",
        view.viewer()
    )
}
