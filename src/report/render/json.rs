//! `report.json`: the run model as it is, which every other output can be rendered from again.

use std::io::{Read, Write};

use serde::Deserialize;

use crate::report::model::run::{RunReport, SCHEMA_VERSION};

/// The name of the file in the report folder.
pub const FILE: &str = "report.json";

/// Why a `report.json` cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no JSON, or not this JSON; or it cannot be read at all.
    #[error("read the report: {0}")]
    Json(#[from] serde_json::Error),
    /// Another suite wrote it.
    #[error(
        "read the report: schema version {0} is not {SCHEMA_VERSION}, the only one that this suite reads; run the suite again for a new report"
    )]
    Version(u32),
}

/// Writes the report, for people to read too, with a newline at its end.
///
/// # Errors
///
/// Those of the writer.
pub fn write(report: &RunReport, mut out: impl Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    out.write_all(b"\n")
}

/// Reads a report.
///
/// # Errors
///
/// [`Error::Version`] where another version wrote it, [`Error::Json`] where it is no report.
pub fn read(mut input: impl Read) -> Result<RunReport, Error> {
    #[derive(Deserialize)]
    struct Versioned {
        schema_version: u32,
    }
    let mut bytes = Vec::new();
    input
        .read_to_end(&mut bytes)
        .map_err(serde_json::Error::io)?;
    // The version first: another one may have other fields.
    let Versioned { schema_version } = serde_json::from_slice(&bytes)?;
    if schema_version != SCHEMA_VERSION {
        return Err(Error::Version(schema_version));
    }
    Ok(serde_json::from_slice(&bytes)?)
}
