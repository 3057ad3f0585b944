//! FAILING: a run that fails says so.

use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::ending;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::views;
use crate::protocol::{Control, Ending, Outcome};
use crate::trace::{Connection, Delivery, Trace};
use crate::transcript::{Entry, Number, Part};

/// Why the verdict is inconclusive where no run failed.
const NONE_FAILED: &str = "no run failed: name a workflow that ends in `WorkflowError` as the part `failing` in a target file";

/// Why the verdict is inconclusive where the workflow that is to fail completes.
const MISCAST: &str = "the part `failing` is miscast: its run completed, and nothing says that it failed; name a workflow that ends in `WorkflowError` as [parts.failing]";

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "FAILING-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "When a run fails, `WorkflowError` reaches the viewer who started it and every viewer who is subscribed.",
        why: "A run that fails silently looks like work in progress, so nobody looks into it.",
        harm: "A viewer may not see that a run has failed.",
        source: "the script that this suite grew from",
        good: "\
← {\"event\": \"StepStarted\", \"event_index\": 1, …}
← {\"event\": \"StepError\", \"event_index\": 2, …}
← {\"event\": \"WorkflowError\", \"event_index\": 3, \"error\": \"…\"}",
        bad: "\
← {\"event\": \"StepStarted\", \"event_index\": 1, …}
← {\"event\": \"StepError\", \"event_index\": 2, …}
(silence; the replay says ERROR)",
        check: check!(says_so),
    },
    Requirement {
        id: "FAILING-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A failed run is replayed as failed, and not shown as running.",
        why: "A viewer who returns to a run that failed hours ago must not wait for it.",
        harm: "A viewer who returns to a failed run may not be told that it failed.",
        source: "the script that this suite grew from; agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 1}
← {\"event\": \"replay\", \"status\": \"ERROR\", \"total_events\": 4, …}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 1}
← {\"event\": \"catch_up\", \"status\": \"running\", \"missed_events\": 2, …}",
        check: check!(replayed_as_failed),
    },
];

/// What the server itself sent that says that a run failed.
fn failed<'t>(trace: &Trace<'t>, run: &str) -> Option<&'t Entry> {
    let told = trace.run(run)?;
    if told.cancelled.is_some() {
        return None;
    }
    match (told.ending, told.replayed) {
        (Some((entry, Ending::Failed)), _) => Some(entry),
        // A replay that contradicts the ending is a matter of REPLAY-3.
        (None, Some((entry, Outcome::Failed))) => Some(entry),
        _ => None,
    }
}

/// Whether the run must fail: its workflow plays that part, and nobody cancelled it.
fn must_fail(trace: &Trace<'_>, run: &str) -> bool {
    trace.part_of(run) == Some(Part::Failing)
        && trace.run(run).is_some_and(|told| told.cancelled.is_none())
}

/// What a target says of the workflow that plays the part `failing`.
const DECLARED: &str =
    "the target declares that this workflow fails (a slow one needs a longer --step-timeout)";

/// A run that must fail, had not ended when a viewer gave up waiting, and was still shown as running
/// after that.
struct Overdue<'t> {
    connection: u32,
    silence: &'t Entry,
    answer: &'t Entry,
}

impl Overdue<'_> {
    fn observed(&self) -> String {
        format!(
            "{}; after that the run was still shown as running: {}",
            describe::entry(self.silence),
            describe::entry(self.answer)
        )
    }

    fn evidence(&self, last: Number) -> [Number; 3] {
        [last, self.silence.number, self.answer.number]
    }
}

fn overdue<'t>(trace: &Trace<'t>, run: &str) -> Option<Overdue<'t>> {
    let last = trace.deliveries_of(run).next()?.entry.number;
    let (connection, silence) = trace
        .deliveries_of(run)
        .map(|delivery| trace.connection(delivery.connection()))
        .find_map(|connection| Some((connection.number, connection.timeout_after(last)?)))?;
    let answer = ending::still_running(trace, run, silence)?;
    Some(Overdue {
        connection,
        silence,
        answer,
    })
}

/// What one viewer received live of a run on one connection.
pub(crate) struct Hearing<'s, 't> {
    pub(crate) run: &'t str,
    pub(crate) connection: &'s Connection<'t>,
    pub(crate) request: Number,
    pub(crate) heard: &'s [Delivery<'t>],
    pub(crate) last: Number,
    pub(crate) until: Option<Number>,
    /// Whether the viewer had returned to the run.
    pub(crate) returned: bool,
}

/// Who was told that a run failed.
#[derive(Default)]
struct Told {
    returned: bool,
    /// Whether the viewer who started it still waits.
    starter_waits: bool,
}

fn says_so(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut late: HashMap<&str, Option<Overdue<'_>>> = HashMap::new();
    let mut told: HashMap<&str, Told> = HashMap::new();
    for hearing in hearings(trace) {
        let failed = failed(trace, hearing.run);
        let must = must_fail(trace, hearing.run);
        if failed.is_none() && !must {
            continue;
        }
        let endings = || {
            hearing
                .heard
                .iter()
                .filter_map(|delivery| Some((delivery, delivery.event().final_ending()?)))
        };
        let told = told.entry(hearing.run).or_default();
        if endings().any(|(_, ending)| ending == Ending::Failed) {
            told.returned |= hearing.returned;
        } else if failed.is_none() && endings().any(|(_, ending)| ending == Ending::Completed) {
            collector.inconclusive(MISCAST);
        } else if let Some((other, _)) = endings().next() {
            collector.failed(
                "WorkflowError as the ending",
                describe::entry(other.entry),
                [hearing.request, other.entry.number]
                    .into_iter()
                    .chain(failed.map(|entry| entry.number)),
            );
        } else {
            let silence = hearing.connection.silence_after(hearing.last);
            told.starter_waits |= !hearing.returned && silence.is_some();
            let missing = ending::missing(
                trace,
                hearing.connection,
                hearing.run,
                hearing.last,
                hearing.until,
            );
            match missing.filter(|missing| must || missing.outcome() == Some(Outcome::Failed)) {
                Some(missing) => collector.failed(
                    "WorkflowError",
                    missing.observed(),
                    [hearing.request, hearing.last]
                        .into_iter()
                        .chain(missing.evidence()),
                ),
                None if !must => {
                    collector.inconclusive(ending::unseen(hearing.connection, hearing.last))
                }
                None => match late
                    .entry(hearing.run)
                    .or_insert_with(|| overdue(trace, hearing.run))
                {
                    Some(overdue) if overdue.connection == hearing.connection.number => collector
                        .failed(
                            format!("WorkflowError: {DECLARED}"),
                            overdue.observed(),
                            overdue.evidence(hearing.last),
                        ),
                    _ => collector.inconclusive(ending::unseen(hearing.connection, hearing.last)),
                },
            }
        }
    }
    for told in told.into_values() {
        match told.returned && !told.starter_waits {
            true => collector.passed(),
            false => collector.inconclusive(
                "no viewer who had returned watched the run fail beside the one who started it",
            ),
        }
    }
    collector.check_verdict(NONE_FAILED)
}

/// Everybody who started a run, or was subscribed to it.
pub(crate) fn hearings<'s, 't>(trace: &'s Trace<'t>) -> Vec<Hearing<'s, 't>> {
    let mut hearings = Vec::new();
    for start in trace.starts() {
        let connection = trace.connection(start.connection);
        if let (Some(run), Some(last), None) =
            (start.run, start.deliveries.last(), connection.barred())
        {
            hearings.push(Hearing {
                run,
                connection,
                request: start.request.number,
                heard: &start.deliveries,
                last: last.entry.number,
                until: start.until,
                returned: false,
            });
        }
    }
    for view in views(trace) {
        let precondition = view.precondition();
        if matches!(precondition, Precondition::UnderWay) && !view.subscribed.is_empty() {
            hearings.push(Hearing {
                run: view.run,
                connection: view.connection,
                request: view.ret.request.number,
                last: view.last(),
                until: view.undisplaced_until(),
                heard: view.deliveries,
                returned: true,
            });
        }
    }
    hearings
}

fn replayed_as_failed(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in views(trace) {
        let precondition = view.precondition();
        let Precondition::Finished(ending) = precondition else {
            continue;
        };
        // A run of the failing part that ended otherwise is a matter of FAILING-1.
        let otherwise = trace
            .run(view.run)
            .and_then(|told| told.ending)
            .is_some_and(|(_, ending)| ending != Ending::Failed);
        let must = !otherwise && must_fail(trace, view.run);
        if ending != Some(Ending::Failed) && !must {
            continue;
        }
        let Some(answer) = view.answer().or(view.broken_off().map(|it| it.end)) else {
            collector.inconclusive(format!(
                "{} returned to the failed run, but got no answer",
                view.viewer()
            ));
            continue;
        };
        let as_failed = match view.answer_control() {
            Some(Control::Replay { status, .. }) => {
                status.as_deref().and_then(Outcome::of) == Some(Outcome::Failed)
            }
            _ => false,
        };
        if as_failed {
            collector.passed();
        } else {
            collector.failed(
                "`replay` with a status that says failed",
                describe::entry(answer),
                failed(trace, view.run)
                    .map(|entry| entry.number)
                    .into_iter()
                    .chain([view.ret.request.number, answer.number]),
            );
        }
    }
    for run in trace.starts().filter_map(|start| start.run) {
        if must_fail(trace, run)
            && let Some(overdue) = overdue(trace, run)
        {
            collector.failed(
                format!("`replay` with a status that says failed: {DECLARED}"),
                overdue.observed(),
                [overdue.silence.number, overdue.answer.number],
            );
        }
    }
    collector.check_verdict("no viewer returned to a run that had failed")
}
