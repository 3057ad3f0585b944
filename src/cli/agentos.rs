//! `agentos`: the suite, against released AgentOS servers.

use std::io::Write;
use std::path::PathBuf;

use super::args::AgentosArgs;
use super::{UsageError, run};
use crate::exit;
use crate::target::agentos::AgentosTarget;

/// How many scenarios run at once against one AgentOS on this machine.
const CONCURRENCY: u16 = 8;

/// Judges every release, one after another; gives the worst exit code.
///
/// # Errors
///
/// [`UsageError`] where there is no Python, or a release cannot be installed.
pub async fn agentos(mut args: AgentosArgs) -> Result<u8, UsageError> {
    let home = match args.agentos_dir.take() {
        Some(folder) => folder,
        None => cache_folder()?,
    };
    if args.releases.len() > 1 && args.suite.known.write_known_failures.is_some() {
        return Err(UsageError(
            "write the known failures of several releases: judge them one at a time".to_owned(),
        ));
    }
    let reports = args.suite.report_dir.take();
    let several = args.releases.len() > 1;
    let mut worst = exit::OK;
    for release in &args.releases {
        // Each release has a folder of its own, so that one does not replace the other's reports.
        args.suite.report_dir = reports.as_ref().map(|folder| {
            if several {
                folder.join(release)
            } else {
                folder.clone()
            }
        });
        let target = AgentosTarget::new(release, home.clone(), args.ready_within, |line| {
            let mut out = anstream::stderr().lock();
            let _ = writeln!(out, "{line}");
        });
        let code = run::judge(&args.suite, CONCURRENCY, Box::new(target)).await?;
        worst = exit::worse(worst, code);
    }
    Ok(worst)
}

fn cache_folder() -> Result<PathBuf, UsageError> {
    let from = |variable: &str| {
        std::env::var_os(variable)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    from("XDG_CACHE_HOME")
        .or_else(|| Some(from("HOME")?.join(".cache")))
        .map(|cache| cache.join("reconnect-acceptance"))
        .ok_or_else(|| UsageError("find a cache folder: say one with --agentos-dir".to_owned()))
}
