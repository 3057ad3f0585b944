//! The returns that the checks of this family look at.

use crate::check::collector::Collector;
use crate::check::shared::incomplete::{Incomplete, Why, incomplete};
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view;
use crate::check::shared::return_view::{Announcement, ReturnView, views};
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

/// Looks at every return with a position that `catch_up` answered although the run was paused, or its beginning
/// no longer kept.
pub(super) fn each_incomplete<'s, 't>(
    trace: &'s Trace<'t>,
    mut look: impl FnMut(&Incomplete<'s, 't>, Announcement<'t>),
) {
    for it in incomplete(trace).filter(Incomplete::has_position) {
        if let Some(catch_up) = it.view.catch_up.filter(|_| it.why != Why::Persisted) {
            look(&it, catch_up);
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
