//! The files of a report folder: which there are, and how one is written and removed.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::report::model::names::{REPRODUCTIONS, TRANSCRIPTS};
use crate::report::render::{annotations, cucumber_json, html, json, junit, messages, summary};
use crate::report::store::error::{Error, failed};
use crate::transcript::{Transcript, jsonl};

/// The files of the folder, in the order in which they take their places.
pub(crate) const FILES: [&str; 7] = [
    annotations::FILE,
    junit::FILE,
    cucumber_json::FILE,
    messages::FILE,
    summary::FILE,
    html::FILE,
    json::FILE,
];

/// The folders within it, and the endings of what the suite writes there.
pub(crate) const FOLDERS: [(&str, &[&str]); 2] =
    [(TRANSCRIPTS, &["jsonl"]), (REPRODUCTIONS, &["py", "md"])];

/// Writes the transcript of this scenario.
pub(crate) fn write_transcript(
    path: &Path,
    scenario: &str,
    transcript: &Transcript,
) -> Result<(), Error> {
    write(path, |out| jsonl::write(transcript, scenario, out))
}

/// Removes the files with one of these endings, but for those of these names.
pub(crate) fn remove(
    folder: &Path,
    endings: &[&str],
    but: &BTreeSet<OsString>,
) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(|source| failed(folder, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| failed(folder, source))?;
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let ending = path.extension().and_then(OsStr::to_str);
        let stays = is_folder || but.contains(&entry.file_name());
        if !stays && ending.is_some_and(|ending| endings.contains(&ending)) {
            fs::remove_file(&path).map_err(|source| failed(&path, source))?;
        }
    }
    Ok(())
}

/// Writes a file of the staging folder.
pub(super) fn write(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Error> {
    let written = File::create(path).map(BufWriter::new).and_then(|mut out| {
        content(&mut out)?;
        out.flush()
    });
    written.map_err(|source| {
        // Best effort: it makes room, and the error that matters is the first one.
        let _ = fs::remove_file(path);
        failed(path, source)
    })
}
