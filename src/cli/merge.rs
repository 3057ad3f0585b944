//! `merge`: merges the shards of a run.

use std::path::Path;

use super::args::MergeArgs;
use super::judge::{failed, is_same};
use crate::cli::error::UsageError;
use crate::cli::finish::{Gates, finish, reports_can_be_written, terminal};
use crate::report::combine::merge;
use crate::report::combine::merge::Part;
use crate::report::store::folder;

/// Merges shards; returns the exit code of the merged run.
///
/// # Errors
///
/// [`UsageError`] for folders that cannot be read or are not shards of one run, and for a list of known
/// failures that cannot be used. In all these cases nothing is written.
pub fn merge(args: &MergeArgs) -> Result<u8, UsageError> {
    for dir in &args.dirs {
        if let Some(into) = &args.report_dir
            && is_same(dir, into)
        {
            return Err(UsageError::Failed(format!(
                "write the reports into {}: that is a shard, which stays as it is; name another folder",
                into.display()
            )));
        }
    }
    reports_can_be_written(args.report_dir.as_deref())?;
    let read = |dir: &Path| -> Result<Part, UsageError> {
        Ok(Part {
            from: dir.display().to_string(),
            run: folder::read(dir).map_err(|error| failed(dir, &error))?,
        })
    };
    let parts = args.dirs.iter().map(|dir| read(dir));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let scenarios = parts.iter().flat_map(|it| &it.run.report.scenarios);
    let scenarios: Vec<_> = scenarios.collect();
    let gates = Gates::read(&args.known, None, &scenarios)?;
    let mut run =
        merge::merge(parts, gates.known.is_some()).map_err(|error| UsageError::of(&error))?;
    let mut terminal = terminal(args.look);
    let report = &run.report;
    terminal.started(
        &report.target,
        report.scenarios.len(),
        report.requirements.len(),
    );
    Ok(finish(
        &mut run,
        gates,
        args.report_dir.as_deref(),
        None,
        &mut terminal,
    ))
}
