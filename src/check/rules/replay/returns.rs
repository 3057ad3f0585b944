//! The returns that the checks of this family look at.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{Announcement, ReturnView, views};
use crate::protocol::Ending;
use crate::trace::{Run, Trace};
use crate::transcript::Entry;

/// Why the verdict is inconclusive where nobody returned.
pub(super) const NOBODY: &str = "no viewer returned to a run that had finished";

/// Looks at every return to a run that had finished, with the ending that was seen before.
pub(super) fn each<'s, 't>(
    trace: &'s Trace<'t>,
    collector: &mut Collector,
    mut look: impl FnMut(&ReturnView<'s, 't>, Option<Ending>, &mut Collector),
) {
    for view in views(trace) {
        let precondition = view.precondition();
        match precondition {
            Precondition::Finished(ending) => look(&view, ending, collector),
            Precondition::UnderWay => collector.inconclusive(format!(
                "the run was still under way when {} returned: choose a shorter workflow",
                view.viewer()
            )),
            Precondition::Unclear(reason) => collector.inconclusive(reason),
            Precondition::NoRun => {}
        }
    }
}

/// Whether the viewer has seen all that this replay will ever bring, and knows it: the ending came
/// last, or they waited for more.
pub(super) fn came_whole(view: &ReturnView<'_, '_>) -> bool {
    let as_announced = || {
        let came = |replay: Announcement<'_>| view.after(replay.entry.number).len() as u64;
        view.replay.is_some_and(|it| it.announced == Some(came(it)))
    };
    let last = view.deliveries.last().and_then(|d| d.event().ending());
    let ended = match last {
        // The end of the stream may follow it.
        Some(Ending::Cancelled | Ending::Paused) | None => false,
        Some(Ending::Completed | Ending::Failed) => {
            let told = view.trace.run(view.run);
            let goes_on = told.is_some_and(Run::goes_on_after_ending);
            !goes_on || as_announced()
        }
    };
    ended || view.silence().is_some() || stream_ended(view).is_some()
}

/// The end of the stream over HTTP, where it came after the request.
pub(super) fn stream_ended<'t>(view: &ReturnView<'_, 't>) -> Option<&'t Entry> {
    let request = view.ret.request.number;
    let ended = view.connection.stream_ended();
    ended.filter(|ended| ended.number > request)
}

/// Why a replay that was not watched to its end is inconclusive.
pub(super) fn left_early(view: &ReturnView<'_, '_>) -> String {
    describe::gone(view.connection, "the replay was over")
}
