//! The matrix: requirements by releases of a server, or by clients, from one run each. Pure.
//!
//! - [`transitions`](Row::transitions): where a requirement failed and was fixed, between the releases judged
//! - `inconclusive`: what is inconclusive, compared with the list of what is known to be
//! - [`write()`] gives `matrix.json`
//!
//! The order of the columns is that of the runs it is made of; the caller sorts them.

mod inconclusive;
mod transitions;

#[cfg(test)]
mod tests;

use std::io;

use serde::{Deserialize, Serialize};

use crate::check::Level;
use crate::exit;
use crate::report::model::names::{REPORT_PAGE, requirement_anchor};
use crate::report::model::run::{RequirementReport, RunReport, RunVerdict, Verdict};
use crate::report::text::escape::escape_visible;
use crate::report::verdict::known::about;
use crate::report::view::headline::sentence;

pub use crate::report::verdict::known::KnownFailure;
pub use inconclusive::Inconclusive;
pub use transitions::Transition;

/// The name of the file in the report folder.
pub const FILE: &str = "matrix.json";
/// The version of `matrix.json` that this suite writes.
pub const SCHEMA_VERSION: u32 = 3;
/// The longest text of a cell, in characters.
const LONGEST: usize = 400;

/// The outcome of one release, or of one client.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was judged.
    Judged {
        /// The report of its run.
        report: Box<RunReport>,
        /// The exit code of its run: that of the report, or a worse one.
        exit_code: u8,
    },
    /// It could not be installed or started, or the run ended before it.
    NotJudged {
        /// Why, as a fragment that completes "failed to …", or a sentence.
        reason: String,
        /// The exit code that goes with it.
        exit_code: u8,
    },
}

/// What stands beside each other.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Columns {
    /// Releases of a server, by their numbers: what failed in one may be fixed in the next.
    Releases,
    /// Clients, by their names.
    Clients,
}

impl Columns {
    /// `release`, `client`: one of them.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Releases => "release",
            Self::Clients => "client",
        }
    }

    /// `releases`, `clients`: several of them.
    #[must_use]
    pub const fn nouns(self) -> &'static str {
        match self {
            Self::Releases => "releases",
            Self::Clients => "clients",
        }
    }

    /// Whether the columns follow each other in time.
    #[must_use]
    pub fn are_in_time(self) -> bool {
        self == Self::Releases
    }
}

/// Requirements by releases or clients: what `matrix.json` contains.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Matrix {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The release of this suite.
    pub suite_version: String,
    /// What the columns are.
    pub compares: Columns,
    /// The worst exit code of the columns.
    pub exit_code: u8,
    /// Whether a failed SHOULD counts like a failed MUST.
    pub strict: bool,
    /// A release or client each, in order.
    pub columns: Vec<Column>,
    /// A row each, in the order of the catalogue.
    pub requirements: Vec<Row>,
}

/// A release, or a client.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Column {
    /// The release's number, or the client's name.
    pub name: String,
    /// The exit code of its run.
    pub exit_code: u8,
    /// The verdict on its run; none where it was not judged.
    pub verdict: Option<RunVerdict>,
    /// The verdict's reason, or why it was not judged.
    pub sentence: String,
    /// When its run began, RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// How long its run took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Its `report.html`, relative to the matrix; none where none was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// What to do about stale entries of the list of known failures, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
    /// What is inconclusive, compared with the list of what is known to be; none where there is no list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inconclusive: Option<Inconclusive>,
}

/// A requirement in every column that was judged.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Row {
    /// `CATCHUP-2`.
    pub id: String,
    /// MUST, SHOULD or MAY.
    pub level: Level,
    /// Its sentence.
    pub title: String,
    /// The first of the releases judged in which it fails; none for clients, who do not follow each other.
    pub first_failed: Option<String>,
    /// The first of the releases judged after that one in which it passes.
    pub first_fixed: Option<String>,
    /// Each change between failed and passed; more than two where it failed again.
    pub transitions: Vec<Transition>,
    /// One for each column that was judged for it, in order.
    pub cells: Vec<Cell>,
}

/// A requirement in a column.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Cell {
    /// The column's name.
    pub column: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether it is as listed: a known failure, or known to be inconclusive.
    pub known: bool,
    /// Whether it is listed as failing only sometimes there: that it passes in one run proves
    /// nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sometimes: bool,
    /// Whether its run fails because of it.
    pub counts: bool,
    /// What was observed where it failed, or why it is inconclusive or not applicable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The requirement in its column's `report.html`, relative to the matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
}

impl Matrix {
    /// The matrix of these releases or clients, each with its outcome, in order. `written` says whether each
    /// has its reports in a folder of its name; `inconclusive` is the list of what is known to be inconclusive.
    #[must_use]
    pub fn of(
        compares: Columns,
        outcomes: &[(String, Outcome)],
        written: bool,
        inconclusive: Option<&[KnownFailure]>,
    ) -> Self {
        let mut columns: Vec<_> = outcomes
            .iter()
            .map(|it| column(it, written, inconclusive))
            .collect();
        let mut requirements: Vec<Row> = Vec::new();
        for (at, (name, outcome)) in outcomes.iter().enumerate() {
            let Outcome::Judged { report, .. } = outcome else {
                continue;
            };
            let folder = columns[at].report.is_some().then_some(name.as_str());
            for requirement in &report.requirements {
                let known = columns[at].inconclusive.as_ref();
                let known = known.is_some_and(|it| it.expected.contains(&requirement.id));
                let cell = cell(name, report, requirement, known, folder);
                match requirements.iter_mut().find(|row| row.id == requirement.id) {
                    Some(row) => row.cells.push(cell),
                    None => requirements.push(row(requirement, cell)),
                }
            }
        }
        if compares.are_in_time() {
            for row in &mut requirements {
                row.transitions = transitions::of(&row.cells);
                let first = |to| row.transitions.iter().find(|it| it.became == to);
                row.first_failed = first(Verdict::Failed).map(|it| it.release.clone());
                row.first_fixed = first(Verdict::Passed).map(|it| it.release.clone());
            }
        }
        for column in &mut columns {
            if column
                .inconclusive
                .as_ref()
                .is_some_and(|it| !it.stale.is_empty())
            {
                column.exit_code = exit::worse(column.exit_code, exit::STALE);
            }
        }
        let codes = columns.iter().map(|it| it.exit_code);
        Self {
            schema_version: SCHEMA_VERSION,
            suite_version: env!("CARGO_PKG_VERSION").to_owned(),
            compares,
            exit_code: codes.fold(exit::OK, exit::worse),
            strict: outcomes
                .iter()
                .any(|(_, it)| matches!(it, Outcome::Judged { report, .. } if report.strict)),
            columns,
            requirements,
        }
    }

    /// How many were judged.
    #[must_use]
    pub fn judged(&self) -> usize {
        let judged = self.columns.iter().filter(|it| it.verdict.is_some());
        judged.count()
    }
}

impl Row {
    /// The cell of the column of this name.
    #[must_use]
    pub fn cell(&self, column: &str) -> Option<&Cell> {
        self.cells.iter().find(|it| it.column == column)
    }

    /// Where it failed again after it was fixed.
    #[must_use]
    pub fn failed_again(&self) -> Option<&Transition> {
        let failed = |it: &&Transition| it.became == Verdict::Failed;
        self.transitions.iter().filter(failed).nth(1)
    }

    /// Whether it passed, or is not applicable, wherever it was judged.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let quiet = |it: &Cell| matches!(it.verdict, Verdict::Passed | Verdict::NotApplicable);
        self.cells.iter().all(quiet)
    }
}

impl Cell {
    /// `failed, known`: the verdict, and what the lists say of it.
    #[must_use]
    pub fn words(&self) -> String {
        let word = self.verdict.words();
        match (self.verdict, self.known, self.sometimes) {
            (Verdict::Failed, true, true) => format!("{word}, a known race"),
            (Verdict::Failed | Verdict::Inconclusive, true, _) => format!("{word}, known"),
            (Verdict::Passed, _, true) => format!("{word} in this run, a known race"),
            (Verdict::Failed, false, _) if !self.counts => format!("{word}, does not count"),
            _ => word.to_owned(),
        }
    }
}

/// Writes the matrix, for people to read too, with a newline at its end.
///
/// # Errors
///
/// Those of the writer.
pub fn write(matrix: &Matrix, mut out: impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, matrix)?;
    out.write_all(b"\n")
}

fn column(outcome: &(String, Outcome), written: bool, list: Option<&[KnownFailure]>) -> Column {
    let (name, outcome) = outcome;
    let mut column = Column {
        name: name.clone(),
        exit_code: exit::OK,
        verdict: None,
        sentence: String::new(),
        started_at: None,
        duration_ms: None,
        report: None,
        stale: Vec::new(),
        inconclusive: None,
    };
    match outcome {
        Outcome::NotJudged { reason, exit_code } => {
            column.exit_code = *exit_code;
            column.sentence.clone_from(reason);
        }
        Outcome::Judged { report, exit_code } => {
            column.exit_code = *exit_code;
            column.verdict = Some(report.verdict());
            column.sentence = sentence(report);
            let listed = report.requirements.iter().filter(|it| it.known_failure);
            // A verdict of "passed" names them itself.
            if let (listed @ 1.., false) = (listed.count(), report.verdict() == RunVerdict::Passed)
            {
                column.sentence += &format!("; {listed} failed as listed");
            }
            column.started_at = Some(report.started_at.clone());
            column.duration_ms = Some(report.duration_ms);
            column.report = (written && is_plain(name)).then(|| format!("{name}/{REPORT_PAGE}"));
            let known = report.known_failures.iter();
            column.stale = known
                .flat_map(|list| list.stale().map(|entry| entry.advice(&list.file)))
                .collect();
            column.inconclusive = list.map(|list| inconclusive::of(report, list));
        }
    }
    column
}

/// Whether it is a folder's name and nothing else: no path, no URL.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

fn row(requirement: &RequirementReport, cell: Cell) -> Row {
    Row {
        id: requirement.id.clone(),
        level: requirement.level,
        title: requirement.title.clone(),
        first_failed: None,
        first_fixed: None,
        transitions: Vec::new(),
        cells: vec![cell],
    }
}

fn cell(
    column: &str,
    report: &RunReport,
    requirement: &RequirementReport,
    known_inconclusive: bool,
    folder: Option<&str>,
) -> Cell {
    let why = match requirement.verdict {
        Verdict::Passed => None,
        Verdict::Failed => requirement.clearest().map(|it| it.finding.observed.clone()),
        Verdict::Inconclusive | Verdict::NotApplicable => requirement.reason.clone(),
    };
    let why = match (requirement.not_scored, why) {
        (false, why) => why,
        (true, None) => Some("not scored".to_owned()),
        (true, Some(why)) => Some(format!("not scored; {why}")),
    };
    let lists = report.known_failures.iter();
    let (id, wire) = report.target.part(&requirement.id);
    let sometimes = lists
        .flat_map(|list| about(&list.entries, &report.target.server, wire))
        .any(|it| it.requirement().0 == id && it.sometimes);
    Cell {
        column: column.to_owned(),
        verdict: requirement.verdict,
        known: requirement.known_failure
            || (requirement.verdict == Verdict::Inconclusive && known_inconclusive),
        sometimes,
        counts: requirement.counts(report.strict),
        why: why.map(|why| escape_visible(&why, LONGEST)),
        report: folder.map(|folder| {
            let anchor = requirement_anchor(&requirement.id);
            format!("{folder}/{REPORT_PAGE}#{anchor}")
        }),
    }
}
