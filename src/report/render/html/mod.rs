//! `report.html`: the run for people, in one file that loads nothing from the network and
//! needs no script. Rendered from the run model alone.
//!
//! - `page`: the frame around everything, its style and its one script, which only searches
//! - `verdict`: the verdict in one sentence, the target, when, how long and at what `cost`
//! - `findings`: each cause of failures in full
//! - `arrival`: how each event came to each viewer; `strip`: that as a row of boxes
//! - `timeline`: the connections to time scale; `exchange`: the messages themselves
//! - `inconclusive`: what is inconclusive or not applicable, and why
//! - `requirements`: every requirement; `features`: every scenario below the rule that it is for
//! - `matrix`: the page of several releases, with links to the report of each
//! - `format`: how texts are shown
//!
//! Text from a server is always visible text here: templates escape it, and `format::show` writes out
//! what cannot be seen or turns the reading direction, and cuts what is too long.

mod arrival;
mod cost;
mod exchange;
mod features;
mod findings;
mod format;
mod inconclusive;
mod matrix;
mod page;
mod requirements;
mod strip;
mod timeline;
mod verdict;

use std::io::Write;

use crate::report::combine::matrix::Matrix;
use crate::report::model::run::Run;

/// The name of the file in the report folder.
pub use crate::report::model::names::REPORT_PAGE as FILE;
/// The name of the file of several releases.
pub const MATRIX_FILE: &str = "matrix.html";

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

#[cfg(test)]
mod tests;
