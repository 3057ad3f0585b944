//! What happens after a run: known failures, reports, the printed summary, and the exit code.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::check::registry;
use crate::cli::args::{KnownArgs, LookArgs};
use crate::cli::error::{UsageError, failed_to};
use crate::cli::new_file;
use crate::exit;
use crate::plan::{KnownFailure, Selection};
use crate::protocol::{Side, Wire};
use crate::report::model::run::{Run, ScenarioReport};
use crate::report::render::summary;
use crate::report::render::terminal::Terminal;
use crate::report::store::folder;
use crate::report::store::stream::Stream;
use crate::report::verdict::known;
use crate::report::verdict::known::{KnownFailures, file};
use crate::suite::Scenarios;
use crate::transcript::spill;

/// The environment variable that names the file of a job's summary on GitHub.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The lists of known failures to judge with and to write.
#[derive(Clone, Debug, Default)]
pub struct Gates {
    /// The list to judge with, as read from its file.
    pub known: Option<KnownFailures>,
    /// Where to write a new one.
    pub write: Option<PathBuf>,
}

impl Gates {
    /// Reads the list of known failures, and checks that a new one can be written, before anything is
    /// started. `stored` are scenarios that an entry may name besides those of the features.
    ///
    /// # Errors
    ///
    /// [`UsageError`] for a list that cannot be used, with the lines, and if the new file exists.
    pub fn read(
        args: &KnownArgs,
        features: Option<&Path>,
        stored: &[&ScenarioReport],
    ) -> Result<Self, UsageError> {
        if let Some(path) = &args.write_known_failures {
            let what = "write the known failures";
            new_file::is_free(path, what, ", and nothing is overwritten; name another one")?;
            new_file::has_folder(path, what)?;
        }
        let known = match &args.known_failures {
            Some(path) => Some(read_list(path, features, stored)?),
            None => None,
        };
        Ok(Self {
            known,
            write: args.write_known_failures.clone(),
        })
    }

    /// The known failures of this server over this wire, which do not end a run.
    #[must_use]
    pub fn known_failures(&self, server: &str, wire: Wire) -> Vec<KnownFailure> {
        let known = self
            .known
            .iter()
            .flat_map(|list| known::about(&list.entries, server, wire));
        known
            .map(|entry| KnownFailure {
                requirement: entry.requirement().0.to_owned(),
                scenario: entry.scenario.clone(),
            })
            .collect()
    }
}

/// The terminal output, on stdout.
#[must_use]
pub fn terminal(look: LookArgs) -> Terminal<std::io::Stdout> {
    Terminal::new(std::io::stdout(), look.into())
}

/// Checks that reports can be written into this folder, if one is named, before anything is started.
///
/// # Errors
///
/// [`UsageError`] with the path and what to do.
pub fn reports_can_be_written(dir: Option<&Path>) -> Result<(), UsageError> {
    match dir.map(folder::check) {
        Some(Err(error)) => Err(UsageError::Failed(error.with_advice())),
        _ => Ok(()),
    }
}

/// Marks known failures, writes the reports, and prints the summary; returns the exit code.
///
/// `ahead` has transcripts that are written already.
pub fn finish(
    run: &mut Run,
    gates: Gates,
    report_dir: Option<&Path>,
    ahead: Option<Stream>,
    terminal: &mut Terminal<std::io::Stdout>,
) -> u8 {
    if let Some(list) = gates.known {
        known::apply(&mut run.report, list);
    }
    let trouble = spill::trouble();
    if let Some(trouble) = trouble.clone() {
        run.report.suite_errors.push(trouble);
    }
    let mut code = run.report.exit_code();
    let written = report_dir.map(|dir| folder::write_all(run, dir, ahead).map(|()| dir));
    let written = written.transpose();
    // The verdict is printed in any case, the place of the reports only if they were written.
    terminal.finished(run, written.as_ref().ok().copied().flatten());
    if let Some(path) = gates.write {
        match new_file::write(&path, |out| known::write(&run.report, out)) {
            Ok(()) => terminal.note(&format!(
                "Known failures: {} written to {}; add your reasons",
                known::count(&run.report),
                path.display()
            )),
            Err(error) => {
                let error = format!("write the known failures {}: {error}", path.display());
                code = exit::worse(code, failed_to(&error, exit::USAGE));
            }
        }
    }
    if let Err(error) = written {
        code = exit::worse(code, failed_to(&error.with_advice(), exit::SUITE));
    }
    // If it happened while the reports were written, they are incomplete.
    if let (None, Some(trouble)) = (trouble, spill::trouble()) {
        code = exit::worse(code, failed_to(&trouble, exit::SUITE));
    }
    if let Some(path) = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()) {
        // The run was judged nevertheless: this does not change its exit code.
        if let Err(error) = append(Path::new(&path), &summary::text(run)) {
            let path = path.to_string_lossy();
            failed_to(&format!("append the summary to {path}: {error}"), code);
        }
    }
    code
}

fn read_list(
    path: &Path,
    features: Option<&Path>,
    stored: &[&ScenarioReport],
) -> Result<KnownFailures, UsageError> {
    let names = names(features, stored)?;
    file::read(path, names.borrow(), today()).map_err(|error| UsageError::of(&error))
}

/// The requirements and scenarios that an entry of a list may name.
pub struct AllNames {
    requirements: Vec<String>,
    scenarios: Vec<String>,
}

impl AllNames {
    /// As [`file::parse`] takes them.
    #[must_use]
    pub fn borrow(&self) -> file::Names<'_> {
        file::Names {
            requirements: &self.requirements,
            scenarios: &self.scenarios,
        }
    }
}

/// Every requirement, every scenario of the features, and the `stored` ones; own scenarios are among the
/// requirements with the names that they count under.
///
/// # Errors
///
/// [`UsageError`] where the features cannot be read.
pub fn names(features: Option<&Path>, stored: &[&ScenarioReport]) -> Result<AllNames, UsageError> {
    let of = |side| {
        let all = Scenarios::select(&Selection {
            thorough: true,
            features: features.map(Path::to_owned),
            side,
            ..Selection::default()
        });
        all.map_err(|error| UsageError::of(&error))
    };
    let (servers, clients) = (of(Side::Server)?, of(Side::Client)?);
    let all = || {
        let all = servers.reports.iter().chain(&clients.reports);
        all.chain(stored.iter().copied())
    };
    let scenarios: BTreeSet<String> = all().map(|report| report.id.clone()).collect();
    let own = all().filter(|report| !report.judged_by.is_empty());
    let own = own.flat_map(|report| report.requirements.iter().cloned());
    let catalogued = registry::both().map(|it| it.id.to_owned());
    Ok(AllNames {
        requirements: catalogued.chain(own).collect(),
        scenarios: scenarios.into_iter().collect(),
    })
}

/// Today's date, in UTC.
#[must_use]
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")
}
