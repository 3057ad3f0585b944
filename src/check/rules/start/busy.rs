//! Whether a run is acknowledged while others keep the server busy: START-8.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::reply::{Reply, reply};
use crate::trace::Trace;
use crate::transcript::Number;

/// So many runs keep a server busy.
const BUSY: usize = 4;

pub(crate) fn acknowledged(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let (begun, ended) = times(trace);
    for start in trace.starts() {
        let request = start.request.number;
        let before = |times: &[Number]| times.partition_point(|at| *at < request);
        let others = before(&begun).saturating_sub(before(&ended));
        let connection = trace.connection(start.connection);
        if others < BUSY || connection.barred().is_some() {
            continue;
        }
        if start.run.is_some() {
            collector.passed();
        } else if let Some(refusal) = start.refusal() {
            collector.inconclusive(format!(
                "{} was refused the run: {}",
                connection.viewer,
                describe::entry(refusal)
            ));
        } else {
            match reply(trace, start.connection, start.request) {
                Reply::TimedOut(silence) => collector.failed(
                    format!("`queued` or the first event, while {others} other runs are under way"),
                    describe::entry(silence),
                    [request, silence.number],
                ),
                Reply::Answered | Reply::Unknown => {
                    collector.inconclusive(describe::unanswered(connection, request));
                }
            }
        }
    }
    collector.check_verdict("no viewer started a run while many others were under way")
}

/// When the runs of the transcript began, and when they ended, each in order.
fn times(trace: &Trace<'_>) -> (Vec<Number>, Vec<Number>) {
    let (mut begun, mut ended) = (Vec::new(), Vec::new());
    for start in trace.starts() {
        let Some(run) = start.run else { continue };
        let Some(first) = start.deliveries.first() else {
            continue;
        };
        begun.push(first.entry.number);
        let ending = trace.run(run).and_then(|run| run.ending);
        ended.extend(ending.map(|(ending, _)| ending.number));
    }
    begun.sort_unstable();
    ended.sort_unstable();
    (begun, ended)
}
