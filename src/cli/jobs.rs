//! What a run does over each of its wires, and in the end one run.

use std::cell::RefCell;
use std::io::Stdout;
use std::time::Duration;

use futures::future::join_all;
use futures::{FutureExt, StreamExt, stream};
use tokio::sync::watch;

use crate::cli::args::SuiteArgs;
use crate::cli::error::UsageError;
use crate::cli::previous_run;
use crate::plan::Plan;
use crate::protocol::Wire;
use crate::report::combine::wires::{join, scenario_ids};
use crate::report::model::run::{Run, ScenarioReport};
use crate::report::render::terminal::Terminal;
use crate::suite::run::or_deadline;
use crate::suite::{self, Moment, Scenarios};
use crate::target::{Target, Variant};

/// The scenarios to run over one wire, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// What to do, over which wire.
    pub plan: Plan,
    /// The selected scenarios.
    pub scenarios: Scenarios,
}

/// A job for each of these wires. Selections that earlier reports make are made for each wire alone.
///
/// # Errors
///
/// [`UsageError`] for a selection or an earlier report that cannot be used.
pub fn of(args: &SuiteArgs, plan: &Plan, wires: &[Wire]) -> Result<Vec<Job>, UsageError> {
    let job = |wire: &Wire| {
        let mut plan = plan.clone();
        plan.wire = *wire;
        plan.selection.shard = previous_run::shard(args, *wire)?;
        plan.selection.rerun = previous_run::rerun(args, *wire)?;
        let scenarios = Scenarios::select(&plan.selection);
        let scenarios = scenarios.map_err(|error| UsageError::of(&error))?;
        Ok(Job { plan, scenarios })
    };
    wires.iter().map(job).collect()
}

/// Shares among them how many scenarios may run at once.
pub fn share(jobs: &mut [Job]) {
    let number = jobs.len().max(1);
    for job in jobs {
        let all = job.plan.timing.concurrency;
        job.plan.timing.concurrency = all.div_ceil(number);
    }
}

/// The variants of the target that they need.
pub fn variants(jobs: &[Job]) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for variant in jobs.iter().flat_map(|job| job.scenarios.variants()) {
        if !variants.contains(&variant) {
            variants.push(variant);
        }
    }
    variants
}

/// How long each scenario may be expected to take, by its id, in milliseconds.
pub fn expected(jobs: &[Job]) -> Vec<(String, u64)> {
    let expected = jobs.iter().flat_map(|job| {
        let all = job.scenarios.expected(&job.plan.selection).into_iter();
        all.map(|(id, took)| (named(jobs, job.plan.wire, &id), took))
    });
    expected.collect()
}

/// Says what is under test, and how much there is to do.
pub fn announce(jobs: &[Job], target: &dyn Target, terminal: &mut Terminal<Stdout>) {
    let run = idle(jobs, target);
    if let Some(shard) = &run.report.shard {
        terminal.shard(shard);
    }
    let of = |number: fn(&Scenarios) -> usize| jobs.iter().map(|job| number(&job.scenarios)).sum();
    terminal.started(
        &run.report.target,
        of(|it| it.reports.len()),
        of(|it| it.requirements().len()),
    );
}

/// A run without scenarios: no server is asked.
pub fn idle(jobs: &[Job], target: &dyn Target) -> Run {
    let idle = |job: &Job| suite::run::idle(&job.plan, target, job.scenarios.shard.as_ref());
    let runs = jobs.iter().map(|job| (job.plan.wire, idle(job)));
    // There is always a job.
    let run = join(runs.collect());
    run.unwrap_or_else(|| suite::run::idle(&Plan::default(), target, None))
}

/// Runs them against a target that has been started; returns one run. They run side by side where scenarios that
/// would disturb others have a server of their own, else one after the other.
///
/// `stop` ends all of them early when it resolves, with the reason, and with `--fail-fast` so does the first
/// requirement that fails in any of them.
///
/// # Errors
///
/// [`suite::run::Error`] where one of them cannot begin.
pub async fn run(
    jobs: &[Job],
    target: &dyn Target,
    progress: &mut dyn FnMut(Moment<'_>),
    stop: impl Future<Output = String>,
) -> Result<Run, suite::run::Error> {
    if let [job] = jobs {
        let scenarios = job.scenarios.clone();
        return suite::run(&job.plan, target, scenarios, Box::new(progress), stop).await;
    }
    let limit = jobs.iter().map(|job| job.plan.timing.deadline).max();
    let stop = or_deadline(stop, limit.unwrap_or(Duration::MAX)).shared();
    let progress = RefCell::new(progress);
    let (cut, _) = watch::channel(None::<String>);
    let each = jobs.iter().map(|job| {
        let wire = job.plan.wire;
        let (stop, mut was_cut) = (stop.clone(), cut.subscribe());
        let stop = async move {
            tokio::select! {
                reason = stop => reason,
                cut = was_cut.wait_for(Option::is_some) => {
                    cut.ok().and_then(|reason| reason.clone()).unwrap_or_default()
                }
            }
        };
        let named = move |report: &ScenarioReport| {
            let mut report = report.clone();
            scenario_ids(&mut report, |id| *id = wire.id(id));
            report
        };
        let progress = &progress;
        let progress = Box::new(move |moment: Moment<'_>| {
            let mut progress = progress.borrow_mut();
            match moment {
                Moment::Started(report) => progress(Moment::Started(&named(report))),
                Moment::Finished(report, record) => {
                    progress(Moment::Finished(&named(report), record));
                }
                Moment::Probed(scenarios) => progress(Moment::Probed(scenarios)),
            }
        });
        let run = suite::run(&job.plan, target, job.scenarios.clone(), progress, stop);
        run.inspect(|run| {
            let interrupted = run.as_ref().ok().map(|run| &run.report.interrupted);
            if let Some(Some(reason)) = interrupted.filter(|_| job.plan.fail_fast) {
                cut.send_replace(Some(reason.clone()));
            }
        })
    });
    let runs = match target.spare() {
        Some(_) => join_all(each).await,
        None => stream::iter(each).then(|run| run).collect().await,
    };
    let runs = runs.into_iter().zip(jobs);
    let runs = runs.map(|(run, job)| Ok((job.plan.wire, run?)));
    let runs = runs.collect::<Result<Vec<_>, suite::run::Error>>()?;
    // There is a run for each job.
    Ok(join(runs).unwrap_or_else(|| idle(jobs, target)))
}

/// This id as the report has it.
fn named(jobs: &[Job], wire: Wire, id: &str) -> String {
    match jobs {
        [_] => id.to_owned(),
        _ => wire.id(id),
    }
}
