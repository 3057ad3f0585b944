//! Several releases or clients, judged one after the other, and the matrix of what came out.

use std::path::{Path, PathBuf};

use super::args::LookArgs;
use super::run::RunOutcome;
use crate::cli::error::failed_to;
use crate::cli::finish::terminal;
use crate::cli::new_file;
use crate::exit;
use crate::report::combine::matrix::{Columns, KnownFailure, Matrix, Outcome};
use crate::report::model::run::RunReport;
use crate::report::store::folder;
use crate::report::verdict::known;

/// What came out so far, in order.
#[derive(Debug)]
pub struct Several {
    compares: Columns,
    /// The folder of all reports.
    reports: Option<PathBuf>,
    all: Vec<(String, Outcome)>,
    stopped: bool,
}

impl Several {
    /// Nothing yet; reports go into folders of this one.
    #[must_use]
    pub fn new(compares: Columns, reports: Option<PathBuf>) -> Self {
        Self {
            compares,
            reports,
            all: Vec::new(),
            stopped: false,
        }
    }

    /// The report folder of this column: each has its own, so that reports do not replace each other.
    #[must_use]
    pub fn folder(&self, name: &str) -> Option<PathBuf> {
        self.reports.as_ref().map(|folder| folder.join(name))
    }

    /// Whether this column is left out, since a signal ended one before it.
    pub fn leaves_out(&mut self, name: &str) -> bool {
        if self.stopped {
            let reason = "not started: the run was interrupted before".to_owned();
            let exit_code = exit::INCONCLUSIVE;
            let outcome = Outcome::NotJudged { reason, exit_code };
            self.all.push((name.to_owned(), outcome));
        }
        self.stopped
    }

    /// Keeps what came out in this column.
    pub fn add(&mut self, name: &str, outcome: RunOutcome) {
        self.stopped = outcome.stopped;
        let exit_code = outcome.code;
        let outcome = match outcome.report {
            // Reports that could not be written count, too.
            Ok(report) => Outcome::Judged { report, exit_code },
            Err(reason) => Outcome::NotJudged { reason, exit_code },
        };
        self.all.push((name.to_owned(), outcome));
    }

    /// Writes and prints the matrix, and writes the known failures of all columns to `write`; returns the exit code.
    /// `inconclusive` is the list of what is known to be inconclusive.
    #[must_use]
    pub fn finish(
        self,
        look: LookArgs,
        inconclusive: Option<&[KnownFailure]>,
        write: Option<&Path>,
    ) -> u8 {
        let dir = self.reports.as_deref();
        let matrix = Matrix::of(self.compares, &self.all, dir.is_some(), inconclusive);
        let mut code = matrix.exit_code;
        let written = dir.map(|dir| folder::write_matrix(&matrix, dir).map(|()| dir));
        let written = written.transpose();
        let mut terminal = terminal(look);
        terminal.matrix(&matrix, written.as_ref().ok().copied().flatten());
        if let Err(error) = written {
            code = exit::worse(code, failed_to(&error.with_advice(), exit::SUITE));
        }
        if let Some(path) = write {
            let said = path.display();
            match new_file::write(path, |out| known::write_several(&self.judged(), out)) {
                Ok(number) => terminal.note(&format!(
                    "Known failures: {number} written to {said}; add your reasons"
                )),
                Err(error) => {
                    let error = format!("write the known failures {said}: {error}");
                    code = exit::worse(code, failed_to(&error, exit::USAGE));
                }
            }
        }
        code
    }

    fn judged(&self) -> Vec<(&str, &RunReport)> {
        let judged = self.all.iter().filter_map(|(name, outcome)| match outcome {
            Outcome::Judged { report, .. } => Some((name.as_str(), &**report)),
            Outcome::NotJudged { .. } => None,
        });
        judged.collect()
    }
}
