//! `report.html`: the run for people, in one file that loads nothing from the network and
//! needs no script. Rendered from the run model alone.
//!
//! - `page`: the frame around everything, its style and its one script, which searches, unfolds and copies
//! - `verdict`: the verdict in one sentence, and its `harm` in a user's words; `facts`: the target, when, how long,
//!   and at what `cost`; `files`: links into the report folder
//! - `filters`: the verdicts as filters of the page
//! - `findings`: each cause of failures in full
//! - `arrival`: how each event came to each viewer; `strip`: that as a row of boxes
//! - `timeline`: the connections to time scale; `exchange`: the messages themselves
//! - `inconclusive`: what is inconclusive or not applicable, and why
//! - `features`: the `requirements` by feature, each with its `scenarios`
//! - `index`: the page that leads to the reports of several releases; `matrix`: their requirements side by side
//! - `format`: how texts are shown
//!
//! Text from a server is always visible text here: templates escape it, and `format::show` writes out
//! what cannot be seen or turns the reading direction, and cuts what is too long.

mod arrival;
mod cost;
mod exchange;
mod facts;
mod features;
mod files;
mod filters;
mod findings;
mod format;
mod harm;
mod inconclusive;
mod index;
mod matrix;
mod page;
mod requirements;
mod scenarios;
mod strip;
mod timeline;
mod verdict;

use std::io::Write;

use crate::report::combine::matrix::Matrix;
use crate::report::model::run::Run;

/// The name of the file that leads to the reports of several releases.
pub use crate::report::model::names::INDEX_PAGE as INDEX_FILE;
/// The name of the file of several releases.
pub use crate::report::model::names::MATRIX_PAGE as MATRIX_FILE;
/// The name of the file in the report folder.
pub use crate::report::model::names::REPORT_PAGE as FILE;

/// Writes the report.
///
/// # Errors
///
/// Those of the writer.
pub fn write(run: &Run, mut out: impl Write) -> std::io::Result<()> {
    out.write_all(page::of(run).into_string().as_bytes())?;
    out.write_all(b"\n")
}

/// Writes the page of several releases.
///
/// # Errors
///
/// Those of the writer.
pub fn write_matrix(several: &Matrix, mut out: impl Write) -> std::io::Result<()> {
    out.write_all(matrix::of(several).into_string().as_bytes())?;
    out.write_all(b"\n")
}

/// Writes the page that leads to the reports of several releases.
///
/// # Errors
///
/// Those of the writer.
pub fn write_index(several: &Matrix, mut out: impl Write) -> std::io::Result<()> {
    out.write_all(index::of(several).into_string().as_bytes())?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests;
