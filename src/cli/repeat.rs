//! `--repeat N`: the suite, several times against one target that is started once.

use std::cell::RefCell;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use futures::FutureExt;

use crate::cli::error::UsageError;
use crate::cli::jobs::{self, Job};
use crate::cli::progress::show;
use crate::plan::Plan;
use crate::protocol::Wire;
use crate::report::combine::repeat::Repeated;
use crate::report::model::run::{Run, RunReport};
use crate::report::render::terminal::Terminal;
use crate::report::store::folder;
use crate::suite::Moment;
use crate::suite::run::or_deadline;
use crate::target::Target;

/// Runs the suite this many times; returns one run that combines them, and whether all were written.
///
/// Each repetition is written when it ends; the worst outcome of each scenario stays in memory. The
/// deadline applies to all repetitions together.
///
/// # Errors
///
/// [`UsageError`] if the first repetition cannot begin.
pub async fn run(
    jobs: &[Job],
    target: &dyn Target,
    times: usize,
    report_dir: Option<&Path>,
    terminal: &RefCell<Terminal<std::io::Stdout>>,
    stop: impl Future<Output = String>,
) -> Result<(Run, Result<(), folder::Error>), UsageError> {
    let limit = jobs.iter().map(|job| job.plan.timing.deadline).max();
    let mut stop = pin!(or_deadline(stop, limit.unwrap_or(Duration::MAX)));
    let mut repeated = Repeated::new(times);
    let mut written = Ok(());
    let mut ended = None;
    let mut failed = None;
    for number in 1..=times {
        terminal.borrow_mut().repetition_started(number, times);
        let mut progress = |moment: Moment<'_>| show(terminal, moment);
        let run = jobs::run(jobs, target, &mut progress, stop.as_mut()).await;
        let run = match run {
            Ok(run) => run,
            Err(error) if number == 1 => return Err(UsageError::of(&error)),
            // The repetitions before it are reported.
            Err(error) => {
                failed = Some(format!("repetition {number} could not begin: {error}"));
                break;
            }
        };
        terminal.borrow_mut().repetition_finished(&run.report);
        // A full disk is reported once, and changes neither the run nor the verdict.
        if let Some(dir) = report_dir.filter(|_| written.is_ok()) {
            written = folder::write_repetition(&run, dir, number, times);
        }
        let cut = run.report.interrupted.is_some();
        let failed = jobs
            .iter()
            .any(|job| job.plan.fail_fast && breaks(&run.report, &job.plan));
        repeated.add(run);
        if cut || number == times {
            break;
        }
        if failed {
            ended = Some("the first failed requirement ended it (--fail-fast)".to_owned());
        } else {
            ended = stop.as_mut().now_or_never();
        }
        if ended.is_some() {
            break;
        }
    }
    let run = repeated.finish();
    let mut run = run
        .ok_or_else(|| UsageError::Failed("repeat the suite: no repetition was run".to_owned()))?;
    run.report.interrupted = ended.or(run.report.interrupted);
    run.report.suite_errors.extend(failed);
    Ok((run, written))
}

/// Whether a requirement that counts failed over the wire of this plan and is no known failure.
fn breaks(report: &RunReport, plan: &Plan) -> bool {
    let is_known = |id: &str, scenario: &str| {
        let mut all = plan.known_failures.iter();
        all.any(|it| it.covers(Wire::part(id).0, Wire::part(scenario).0))
    };
    let counting = report
        .requirements
        .iter()
        .filter(|it| it.counts(plan.strict) && report.target.part(&it.id).1 == plan.wire);
    counting
        .flat_map(|it| it.findings.iter().map(|found| (&it.id, &found.scenario)))
        .any(|(id, scenario)| !is_known(id, scenario))
}
