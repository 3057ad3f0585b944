//! `judge`: a stored run, judged again without a server; `diff`: two stored runs, compared.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::args::{DiffArgs, JudgeArgs};
use crate::cli::error::UsageError;
use crate::cli::finish::{Gates, finish, reports_can_be_written, terminal};
use crate::exit;
use crate::report::combine::diff::Comparison;
use crate::report::combine::rejudge;
use crate::report::combine::rejudge::Rejudged;
use crate::report::model::run::{Run, RunReport};
use crate::report::render::json;
use crate::report::store::folder;

/// Judges a stored run again; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] for a folder that cannot be read, with the path, and for a list of known failures
/// that cannot be used.
pub fn judge(args: &JudgeArgs) -> Result<u8, UsageError> {
    let dir = args.dir.as_path();
    if let Some(into) = &args.report_dir
        && is_same(dir, into)
    {
        return Err(UsageError::Failed(format!(
            "write the reports into {}: that is the stored run, which stays as it is; name another folder",
            into.display()
        )));
    }
    reports_can_be_written(args.report_dir.as_deref())?;
    let stored = folder::read_report(dir).map_err(|error| failed(dir, &error))?;
    let scenarios: Vec<_> = stored.scenarios.iter().collect();
    let gates = Gates::read(&args.known, None, &scenarios)?;
    let mut again = again(&stored, dir, args.report_dir.as_deref())?;
    let mut terminal = terminal(args.look);
    let report = &again.run.report;
    terminal.started(
        &report.target,
        report.scenarios.len(),
        report.requirements.len(),
    );
    let suite_version = stored.suite_version;
    let code = finish(
        &mut again.run,
        gates,
        args.report_dir.as_deref(),
        None,
        &mut terminal,
    );
    terminal.changed(&again.changes, &suite_version);
    Ok(code)
}

/// Judges every transcript of the run; writes those of its repetitions, if there are any.
fn again(stored: &RunReport, dir: &Path, into: Option<&Path>) -> Result<Rejudged, UsageError> {
    let unusable = |error: rejudge::Error| {
        let place = dir.join(json::FILE);
        UsageError::Failed(format!("{error}: {}", place.display()))
    };
    let Some(of) = stored.repetitions else {
        let run = folder::read(dir).map_err(|error| failed(dir, &error))?;
        return rejudge::judge(&run).map_err(unusable);
    };
    let read = |number| {
        let run = folder::read_repetition(dir, number, of.asked);
        run.map_err(|error| AgainError::Usage(failed(dir, &error)))
    };
    let write = |number, run: &Run| match into {
        Some(into) => folder::write_repetition(run, into, number, of.asked)
            .map_err(|error| AgainError::Usage(UsageError::Failed(error.with_advice()))),
        None => Ok(()),
    };
    rejudge::judge_repeated(stored, of, read, write).map_err(|error| match error {
        AgainError::Usage(error) => error,
        AgainError::Judging(error) => unusable(error),
    })
}

/// Why a run of several repetitions cannot be judged again.
#[derive(Debug, thiserror::Error)]
enum AgainError {
    #[error(transparent)]
    Usage(UsageError),
    #[error(transparent)]
    Judging(#[from] rejudge::Error),
}

/// Compares two stored runs; returns 1 on a regression, else 0.
///
/// # Errors
///
/// [`UsageError`] for a folder that cannot be read, with the path.
pub fn diff(args: &DiffArgs) -> Result<u8, UsageError> {
    let read = |dir: &Path| -> Result<RunReport, UsageError> {
        folder::read_report(dir).map_err(|error| failed(dir, &error))
    };
    let comparison = Comparison::of(&read(&args.older)?, &read(&args.newer)?);
    let mut out = anstream::stdout().lock();
    // A closed pipe (`| head`) is no error.
    let _ = out
        .write_all(comparison.text().as_bytes())
        .and_then(|()| out.flush());
    Ok(if comparison.is_regression() {
        exit::FAILED
    } else {
        exit::OK
    })
}

pub(super) fn failed(dir: &Path, error: &folder::Error) -> UsageError {
    let text = error.to_string();
    let dir = dir.display().to_string();
    // Errors about a file name it already; those about a name within the report do not.
    if text.contains(&dir) {
        UsageError::Failed(text)
    } else {
        UsageError::Failed(format!("{text}: {dir}"))
    }
}

pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
