//! Files that take their places together, and whether they will be able to.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
#[cfg(unix)]
use std::{
    thread,
    time::{Duration, Instant},
};

use crate::report::store::folder::{Error, FILES, FOLDERS, failed, remove};

/// The folder within the report folder where everything is written first. What a run that was killed
/// left there is removed by the next one.
const STAGE: &str = ".reconnect-acceptance.incomplete";

const A_FOLDER: &str = "a folder is in its place";

/// How long another process may take to write its reports, transcripts of gigabytes included.
#[cfg(unix)]
const TURN: Duration = Duration::from_secs(60);
/// How long until it is looked again whether it has.
#[cfg(unix)]
const A_MOMENT: Duration = Duration::from_millis(20);

/// The folders of this process that are to pass.
static UNDER_WAY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A folder for what is not at its place yet. It is removed when this is dropped, and when the process is
/// asked twice to end.
#[derive(Debug)]
pub(crate) struct Passing(PathBuf);

impl Passing {
    /// For this folder, whether it is there already or not.
    pub(crate) fn new(folder: PathBuf) -> Self {
        under_way().insert(folder.clone());
        Self(folder)
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        // Best effort: what matters has happened by now.
        let _ = fs::remove_dir_all(&self.0);
        under_way().remove(&self.0);
    }
}

/// A stage, which is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Staging {
    dir: PathBuf,
    stage: Passing,
    /// Given back when the stage is gone.
    _turn: Option<File>,
}

impl Staging {
    /// An empty stage in this folder, which is made where it is missing. Where another process has one
    /// there, it is waited for.
    pub(crate) fn begin(dir: &Path) -> Result<Self, Error> {
        let stage = dir.join(STAGE);
        fs::create_dir_all(dir).map_err(|source| failed(dir, source))?;
        let turn = turn(dir)?;
        match fs::remove_dir_all(&stage) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&stage, source));
            }
            _ => {}
        }
        let staging = Self {
            dir: dir.to_owned(),
            stage: Passing::new(stage),
            _turn: turn,
        };
        fs::create_dir(staging.path()).map_err(|source| failed(dir, source))?;
        Ok(staging)
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        self.stage.path()
    }

    /// What was written, or why not, with the place where it was to be.
    pub(crate) fn of(&self, written: Result<(), Error>) -> Result<(), Error> {
        written.map_err(|error| match error {
            Error::Write { path, source } => {
                let place = path.strip_prefix(self.path());
                let place = place.map(|rest| self.dir.join(rest));
                failed(&place.unwrap_or(path), source)
            }
            other => other,
        })
    }

    /// Moves everything into this folder, once nothing is in the way of any of it, and removes what a
    /// former run left there.
    pub(crate) fn settle(self, into: &Path) -> Result<(), Error> {
        nothing_in_the_way(into)?;
        let mut folders = Vec::new();
        for (name, endings) in FOLDERS {
            let to = into.join(name);
            let names = match self.path().join(name) {
                from if from.is_dir() => Some(names_in(&from).map_err(|it| failed(&to, it))?),
                _ => None,
            };
            let mut places = names.iter().flatten().map(|name| to.join(name));
            if let Some(place) = places.find(|place| place.is_dir()) {
                return Err(in_the_way(&place, A_FOLDER));
            }
            folders.push((name, to, names, endings));
        }
        for (name, to, names, endings) in folders {
            if let Some(names) = &names {
                fs::create_dir_all(&to).map_err(|source| failed(&to, source))?;
                for file in names {
                    rename(&self.path().join(name).join(file), &to.join(file))?;
                }
            }
            if to.is_dir() {
                remove(&to, endings, &names.clone().unwrap_or_default())?;
            }
            if names.is_none() {
                // Best effort: other files in it stay.
                let _ = fs::remove_dir(&to);
            }
        }
        for name in FILES {
            let from = self.path().join(name);
            if from.is_file() {
                rename(&from, &into.join(name))?;
            }
        }
        Ok(())
    }
}

/// Locks the folder against other processes that write into it, until what this gives is dropped, or the
/// process ends in whatever way. `None` where the system or its file system has no such locks.
#[cfg(unix)]
fn turn(dir: &Path) -> Result<Option<File>, Error> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;
    let Ok(folder) = File::open(dir) else {
        return Ok(None);
    };
    let began = Instant::now();
    loop {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Some(folder)),
            Err(Errno::WOULDBLOCK) if began.elapsed() < TURN => thread::sleep(A_MOMENT),
            Err(Errno::WOULDBLOCK) => {
                return Err(in_the_way(
                    dir,
                    "another run has been writing there for too long",
                ));
            }
            Err(_) => return Ok(None),
        }
    }
}

#[cfg(not(unix))]
fn turn(_: &Path) -> Result<Option<File>, Error> {
    Ok(None)
}

pub(crate) fn names_in(folder: &Path) -> io::Result<BTreeSet<OsString>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name()))
        .collect()
}

fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(|source| failed(to, source))
}

/// Removes what is being written: the process is about to end, whatever it is doing.
pub fn abandon() {
    remove_all(&under_way());
}

fn remove_all(folders: &BTreeSet<PathBuf>) {
    for folder in folders {
        let _ = fs::remove_dir_all(folder);
    }
}

fn under_way() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether reports can be written into this folder, as far as that can be known before there are any: it
/// is one, or can be made, and takes files. Leaves nothing behind.
///
/// # Errors
///
/// [`Error::Write`] and [`Error::InTheWay`] with the path.
pub fn check(dir: &Path) -> Result<(), Error> {
    let mut there = None;
    for place in dir.ancestors() {
        let place = match place.as_os_str().is_empty() {
            true => Path::new("."),
            false => place,
        };
        match fs::symlink_metadata(place) {
            Ok(_) => {
                there = Some(place);
                break;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(dir, source)),
        }
    }
    let Some(there) = there else {
        return Ok(());
    };
    match fs::metadata(there) {
        Ok(it) if it.is_dir() => takes_files(there, dir)?,
        Ok(_) => return Err(in_the_way(there, "it is no folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(in_the_way(there, "it is a link that leads nowhere"));
        }
        Err(source) => return Err(failed(there, source)),
    }
    nothing_in_the_way(dir)?;
    for (name, _) in FOLDERS {
        let folder = dir.join(name);
        if folder.is_dir() {
            takes_files(&folder, &folder)?;
        }
    }
    Ok(())
}

/// Whether a file can be made in this folder; `wanted` is what is to be there.
fn takes_files(folder: &Path, wanted: &Path) -> Result<(), Error> {
    let mut name = OsString::from(STAGE);
    name.push(format!(".{}", std::process::id()));
    let trial = folder.join(name);
    File::create_new(&trial)
        .and_then(|_| fs::remove_file(&trial))
        .map_err(|source| failed(wanted, source))
}

fn nothing_in_the_way(dir: &Path) -> Result<(), Error> {
    for name in FILES {
        let place = dir.join(name);
        if fs::symlink_metadata(&place).is_ok_and(|it| it.is_dir()) {
            return Err(in_the_way(&place, A_FOLDER));
        }
    }
    for (name, _) in FOLDERS {
        let place = dir.join(name);
        if fs::symlink_metadata(&place).is_ok() && !place.is_dir() {
            return Err(in_the_way(
                &place,
                "something that is no folder is in its place",
            ));
        }
    }
    Ok(())
}

fn in_the_way(path: &Path, reason: &'static str) -> Error {
    Error::InTheWay {
        path: path.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_left_behind_is_removed_when_it_ends_and_by_the_next_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("report");
        let left = dir.join(STAGE);
        fs::create_dir_all(&left).expect("a folder");
        fs::write(left.join("report.html"), "half").expect("written");
        let staging = Staging::begin(&dir).expect("a stage");
        assert_eq!(names_in(staging.path()).expect("there").len(), 0);
        // The process is asked twice to end. Other tests have folders of their own under way.
        assert!(under_way().contains(&left));
        remove_all(&BTreeSet::from([left.clone()]));
        assert!(!left.exists());
        drop(staging);
        assert!(!under_way().contains(&left));
        let staging = Staging::begin(&dir).expect("a stage");
        assert!(left.is_dir());
        drop(staging);
        assert_eq!(names_in(&dir).expect("there").len(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn whoever_comes_second_waits() {
        let folder = tempfile::tempdir().expect("a folder");
        let order = Mutex::new(Vec::new());
        let first = Staging::begin(folder.path()).expect("a stage");
        thread::scope(|scope| {
            let second = scope.spawn(|| {
                let staging = Staging::begin(folder.path()).expect("a stage");
                order.lock().expect("a list").push("second");
                drop(staging);
            });
            thread::sleep(A_MOMENT);
            assert!(first.path().is_dir());
            order.lock().expect("a list").push("first");
            drop(first);
            second.join().expect("it came");
        });
        assert_eq!(*order.lock().expect("a list"), ["first", "second"]);
        assert_eq!(names_in(folder.path()).expect("there").len(), 0);
    }

    #[test]
    fn a_folder_is_looked_at_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["", "deep/report"] {
            check(&folder.path().join(name)).expect("it can be written");
            assert_eq!(names_in(folder.path()).expect("there").len(), 0);
        }
        check(Path::new("report of a test")).expect("where the process is");
    }
}
