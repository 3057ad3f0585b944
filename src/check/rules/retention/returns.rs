//! The returns that the checks of this family look at.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::shared::return_view::{ReturnView, views};
use crate::trace::{Earlier, Trace};

/// Why the verdict is inconclusive where nobody asked for what had been dropped.
pub(super) const NOBODY: &str =
    "no viewer asked for events beyond the retention that the target declares";

/// Looks at every return that asked for events which the server had dropped; gives the index of the
/// first that it still had to keep.
pub(super) fn each<'s, 't>(
    trace: &'s Trace<'t>,
    collector: &mut Collector,
    mut look: impl FnMut(&ReturnView<'s, 't>, u64, &mut Collector),
) {
    for view in views(trace) {
        let Some(kept) = view.first_kept() else {
            continue;
        };
        if !view.is_barred(collector)
            && !view.belongs_to_another()
            && view.earlier == Earlier::Nothing
        {
            look(&view, kept, collector);
        }
    }
}

/// Why a return to a server that still had everything is inconclusive.
pub(super) fn still_whole(view: &ReturnView<'_, '_>) -> String {
    format!(
        "{} got every event: the server keeps more events of a run than the {} that the \
         target declares (retention)",
        view.viewer(),
        describe::count(view.trace.retention())
    )
}
