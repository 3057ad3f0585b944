//! The options that read the report of a previous run: `--durations` and `--rerun`.

use std::path::Path;

use crate::cli::args::SuiteArgs;
use crate::cli::error::UsageError;
use crate::cli::judge::failed;
use crate::plan::{Rerun, Shard};
use crate::protocol::Wire;
use crate::report::model::run::{RunReport, ScenarioReport, Verdict};
use crate::report::store::folder;

/// The shard to run over this wire, with the durations that balance it.
///
/// # Errors
///
/// [`UsageError`] for a folder of durations that cannot be read, with the path.
pub fn shard(args: &SuiteArgs, wire: Wire) -> Result<Option<Shard>, UsageError> {
    let Some((number, of)) = args.shard else {
        return Ok(None);
    };
    let read = |dir: &Path| {
        let report = folder::read_report(dir).map_err(|error| failed(dir, &error))?;
        let scenarios = report.scenarios.iter();
        let durations =
            scenarios.filter_map(|it| Some((over(wire, &report, &it.id)?, it.duration_ms)));
        Ok(durations.collect())
    };
    Ok(Some(Shard {
        number,
        of,
        durations: args.durations.as_deref().map(read).transpose()?,
    }))
}

/// The scenarios to run again over this wire.
///
/// # Errors
///
/// [`UsageError`] for a report that cannot be read, with the path.
pub fn rerun(args: &SuiteArgs, wire: Wire) -> Result<Option<Rerun>, UsageError> {
    let Some(path) = &args.rerun else {
        return Ok(None);
    };
    let report = if path.is_dir() {
        folder::read_report(path)
    } else {
        folder::read_report_file(path)
    };
    let report = report.map_err(|error| failed(path, &error))?;
    let over = |id: &String| over(wire, &report, id);
    let scenarios = report.scenarios.iter().filter(|it| !is_done(it));
    let merged = report.merged.iter();
    Ok(Some(Rerun {
        file: path.display().to_string(),
        scenarios: scenarios.filter_map(|it| over(&it.id)).collect(),
        seen: report
            .scenarios
            .iter()
            .filter_map(|it| over(&it.id))
            .collect(),
        missing: merged
            .flat_map(|it| it.missing.keys().filter_map(over))
            .collect(),
    }))
}

/// An id of the report as it is called in a run over this wire alone; none where it is about another one.
fn over(wire: Wire, report: &RunReport, id: &str) -> Option<String> {
    let (id, of) = report.target.part(id);
    (of == wire).then(|| id.to_owned())
}

/// Whether it need not run again: it passed or was not applicable, and no check found a failure in it.
fn is_done(scenario: &ScenarioReport) -> bool {
    let conclusive = matches!(scenario.verdict, Verdict::Passed | Verdict::NotApplicable);
    // The first contact is made again in any case.
    scenario.path.is_empty() || (conclusive && scenario.findings.is_empty())
}
