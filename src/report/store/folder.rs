//! The report folder: every output of a run, and the transcripts that it rests on.
//!
//! Everything is written into a staging folder first, and moved into place when all of it is written: a
//! reader never sees half a file, and a disk that fills up leaves the previous reports as they were.
//! `report.json` is moved last: if it is new, everything is.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::{Component, Path};
use std::sync::Arc;

use crate::report::combine::matrix;
use crate::report::combine::matrix::Matrix;
use crate::report::model::names::{REPETITIONS, folder_of};
pub use crate::report::model::names::{REPRODUCTIONS, TRANSCRIPTS, transcript_name};
use crate::report::model::run::{Run, RunReport};
use crate::report::render::{
    annotations, cucumber_json, html, json, junit, messages, reproduction, summary,
};
pub use crate::report::store::error::Error;
use crate::report::store::error::failed;
use crate::report::store::files::{remove, write, write_transcript};
use crate::report::store::staging::Staging;
pub use crate::report::store::staging::{abandon, check};
use crate::report::store::stream::{Stream, Written};
use crate::transcript::{Transcript, jsonl};

/// Writes every output of the run into the folder, which is made where it is missing. The transcripts,
/// reproductions and repetitions of a previous run are removed; other files stay. The repetitions of this
/// one are written before, by [`write_repetition`]. Transcripts that were streamed are moved.
///
/// # Errors
///
/// [`Error::Name`], [`Error::InTheWay`] and [`Error::Write`] with the path, before anything in the folder
/// is touched; [`Error::Write`], too, where what has been written cannot be moved to its place.
pub fn write_all(run: &Run, dir: &Path, ahead: Option<Stream>) -> Result<(), Error> {
    named(run)?;
    let staging = match &ahead {
        Some(stream) => stream.staging()?,
        None => Arc::new(Staging::begin(dir)?),
    };
    staging.of(write_everything(run, staging.path(), ahead))?;
    let turn = staging.turn()?;
    staging.settle(dir, &turn)?;
    if run.report.repetitions.is_none() {
        remove_repetitions(dir)?;
    }
    Ok(())
}

fn write_everything(run: &Run, dir: &Path, ahead: Option<Stream>) -> Result<(), Error> {
    let report = &run.report;
    write_reproductions(run, &dir.join(REPRODUCTIONS))?;
    write(&dir.join(annotations::FILE), |out| {
        annotations::write(run, out)
    })?;
    write(&dir.join(junit::FILE), |out| junit::write(report, out))?;
    write(&dir.join(cucumber_json::FILE), |out| {
        cucumber_json::write(report, out)
    })?;
    write(&dir.join(messages::FILE), |out| messages::write(run, out))?;
    write(&dir.join(summary::FILE), |out| summary::write(run, out))?;
    write(&dir.join(html::FILE), |out| html::write(run, out))?;
    write(&dir.join(json::FILE), |out| json::write(report, out))?;
    // The stream may still be writing the last ones until here.
    let written = ahead.map(|mut it| it.finish()).unwrap_or_default();
    write_transcripts(run, dir, &written)
}

/// Writes the whole record of one repetition, counted from 1: its report and its transcripts. Before
/// the first one, those of a former run are removed.
///
/// # Errors
///
/// As for [`write_all`].
pub fn write_repetition(run: &Run, dir: &Path, number: usize, asked: usize) -> Result<(), Error> {
    named(run)?;
    let staging = Staging::begin(dir)?;
    let written = write_transcripts(run, staging.path(), &Written::default()).and_then(|()| {
        let place = staging.path().join(json::FILE);
        write(&place, |out| json::write(&run.report, out))
    });
    staging.of(written)?;
    let turn = staging.turn()?;
    if number == 1 {
        remove_repetitions(dir)?;
    }
    staging.settle(&dir.join(folder_of(number, asked)), &turn)
}

fn write_transcripts(run: &Run, dir: &Path, written: &Written) -> Result<(), Error> {
    let transcripts = named(run)?;
    let folder = dir.join(TRANSCRIPTS);
    fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
    for (name, scenario, transcript) in transcripts {
        let place = folder.join(name);
        if !written.take(scenario, transcript, &place) {
            write_transcript(&place, scenario, transcript)?;
        }
    }
    Ok(())
}

/// Removes what [`write_repetition`] wrote, and no other file.
fn remove_repetitions(dir: &Path) -> Result<(), Error> {
    let all = dir.join(REPETITIONS);
    let entries = match fs::read_dir(&all) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(failed(&all, source)),
    };
    for entry in entries {
        let entry = entry.map_err(|source| failed(&all, source))?;
        let name = entry.file_name();
        let numbered = name.to_string_lossy().bytes().all(|c| c.is_ascii_digit());
        if !numbered || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let folder = entry.path();
        let transcripts = folder.join(TRANSCRIPTS);
        if transcripts.is_dir() {
            remove(&transcripts, &["jsonl"], &BTreeSet::new())?;
        }
        match fs::remove_file(folder.join(json::FILE)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&folder.join(json::FILE), source));
            }
            _ => {}
        }
        // Other files stay, and the folder with them.
        let _ = fs::remove_dir(transcripts).and_then(|()| fs::remove_dir(folder));
    }
    let _ = fs::remove_dir(all);
    Ok(())
}

/// Reads the whole record of one repetition, counted from 1.
///
/// # Errors
///
/// As for [`read`].
pub fn read_repetition(dir: &Path, number: usize, asked: usize) -> Result<Run, Error> {
    read(&dir.join(folder_of(number, asked)))
}

/// Writes `index.html`, `matrix.html` and `matrix.json` into the folder that contains the releases' own.
///
/// # Errors
///
/// [`Error::Write`] with the path.
pub fn write_matrix(several: &Matrix, dir: &Path) -> Result<(), Error> {
    let staging = Staging::begin(dir)?;
    let page = write(&staging.path().join(html::MATRIX_FILE), |out| {
        html::write_matrix(several, out)
    });
    let index = page.and_then(|()| {
        write(&staging.path().join(html::INDEX_FILE), |out| {
            html::write_index(several, out)
        })
    });
    let written = index.and_then(|()| {
        write(&staging.path().join(matrix::FILE), |out| {
            matrix::write(several, out)
        })
    });
    staging.of(written)?;
    let _turn = staging.turn()?;
    staging.move_files(dir, &[html::INDEX_FILE, html::MATRIX_FILE, matrix::FILE])
}

/// A script (where one is possible) and an issue text for each failed requirement. Without any there is
/// no folder.
fn write_reproductions(run: &Run, folder: &Path) -> Result<(), Error> {
    let reproductions = reproduction::of(run);
    if reproductions.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    for it in reproductions {
        let place = |ending: &str| folder.join(format!("{}.{ending}", it.file));
        write(&place("md"), |out| out.write_all(it.issue.as_bytes()))?;
        if let Ok(script) = &it.script {
            write(&place("py"), |out| out.write_all(script.as_bytes()))?;
        }
    }
    Ok(())
}

/// Reads a stored run again: its report and the transcripts that are there.
///
/// # Errors
///
/// [`Error::Report`], [`Error::Transcript`], [`Error::Read`] with the path; [`Error::Name`] where
/// the report names a transcript outside of its folder.
pub fn read(dir: &Path) -> Result<Run, Error> {
    let mut run = Run {
        report: read_report(dir)?,
        transcripts: std::collections::BTreeMap::new(),
    };
    let mut taken = BTreeSet::new();
    for scenario in &run.report.scenarios {
        if !taken.insert(&scenario.id) {
            let reason = "another scenario has this id";
            let path = scenario.transcript.as_deref().unwrap_or_default();
            return Err(wrong(&scenario.id, path, reason));
        }
        let Some(name) = &scenario.transcript else {
            continue;
        };
        let name = file_name(name).map_err(|reason| wrong(&scenario.id, name, reason))?;
        let path = dir.join(TRANSCRIPTS).join(name);
        let transcript =
            jsonl::read(open(&path)?).map_err(|source| Error::Transcript { path, source })?;
        run.transcripts
            .insert(scenario.id.clone(), Arc::new(transcript));
    }
    Ok(run)
}

/// Reads the report of a stored run alone.
///
/// # Errors
///
/// [`Error::Read`] and [`Error::Report`] with the path.
pub fn read_report(dir: &Path) -> Result<RunReport, Error> {
    read_report_file(&dir.join(json::FILE))
}

/// Reads a `report.json`, whatever its name and folder.
///
/// # Errors
///
/// [`Error::Read`] and [`Error::Report`] with the path.
pub fn read_report_file(path: &Path) -> Result<RunReport, Error> {
    json::read(open(path)?).map_err(|source| Error::Report {
        path: path.to_owned(),
        source,
    })
}

fn open(path: &Path) -> Result<BufReader<File>, Error> {
    let failed = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    // A pipe would be waited for, and a device has no end.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is no file")));
    }
    File::open(path).map(BufReader::new).map_err(failed)
}

/// File name, scenario id and record of a transcript.
type Named<'r> = (&'r str, &'r str, &'r Arc<Transcript>);

/// Every transcript that is to be written.
fn named(run: &Run) -> Result<Vec<Named<'_>>, Error> {
    let mut taken = BTreeSet::new();
    let mut named = Vec::new();
    for scenario in &run.report.scenarios {
        let Some(path) = &scenario.transcript else {
            continue;
        };
        let name = file_name(path).map_err(|reason| wrong(&scenario.id, path, reason))?;
        // Some file systems do not tell upper from lower case.
        if !taken.insert(name.to_lowercase()) {
            return Err(wrong(&scenario.id, path, "another scenario has it"));
        }
        if let Some(transcript) = run.transcripts.get(&scenario.id) {
            named.push((name, scenario.id.as_str(), transcript));
        }
    }
    Ok(named)
}

/// The name of the file in `transcripts/`, and nothing else.
fn file_name(path: &str) -> Result<&str, &'static str> {
    let mut components = Path::new(path).components();
    let (folder, name) = (components.next(), components.next());
    let within = folder == Some(Component::Normal(OsStr::new(TRANSCRIPTS)))
        && matches!(name, Some(Component::Normal(_)))
        && components.next().is_none();
    let name = path.rsplit('/').next().unwrap_or_default();
    if !within || name.contains(['\\', ':', '\0']) {
        return Err("it must be `transcripts/`, then a file name");
    }
    if name.starts_with('.') || !name.ends_with(".jsonl") {
        return Err("it must end in `.jsonl` and not begin with a dot");
    }
    Ok(name)
}

fn wrong(scenario: &str, path: &str, reason: &'static str) -> Error {
    Error::Name {
        scenario: scenario.to_owned(),
        path: path.to_owned(),
        reason,
    }
}
