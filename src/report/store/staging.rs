//! The folder in which a run writes first, the move of all of it into the report folder, and the check whether
//! that will be possible.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::report::store::error::{Error, failed, in_the_way};
use crate::report::store::files::{FILES, FOLDERS, remove};
use crate::report::store::lock::{Lock, lock, turn};

/// How the names of the folders begin, within the report folder, in which everything is written first. What
/// a run that was killed left there is removed by the next one.
const STAGE: &str = ".reconnect-acceptance.incomplete.";

const A_FOLDER: &str = "a folder is in its place";

/// The staging folders of this process.
static UNDER_WAY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A folder of this run's own for everything that is not in its place yet. It is removed when this is
/// dropped, and when the process is asked twice to end.
#[derive(Debug)]
pub(crate) struct Staging {
    dir: PathBuf,
    path: PathBuf,
    /// Locked as long as this process uses the folder.
    _in_use: Option<File>,
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Best effort: what matters has happened by now.
        let _ = fs::remove_dir_all(&self.path);
        under_way().remove(&self.path);
    }
}

impl Staging {
    /// An empty folder within this one, which is made where it is missing.
    pub(crate) fn begin(dir: &Path) -> Result<Self, Error> {
        let failed = |source| failed(dir, source);
        fs::create_dir_all(dir).map_err(failed)?;
        remove_left_behind(dir);
        loop {
            let made = tempfile::Builder::new().prefix(STAGE).tempdir_in(dir);
            let path = made.map_err(failed)?.keep();
            under_way().insert(path.clone());
            let lock = lock(&path);
            let busy = matches!(lock, Lock::Busy);
            let staging = Self {
                dir: dir.to_owned(),
                path,
                _in_use: lock.held(),
            };
            // Until it was locked, another run may have taken it for one that was left behind.
            if !busy && staging.path.is_dir() {
                return Ok(staging);
            }
        }
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until no other process puts its reports in place; none does until the lock is dropped.
    pub(crate) fn turn(&self) -> Result<Lock, Error> {
        turn(&self.dir)
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
    pub(crate) fn settle(&self, into: &Path, _turn: &Lock) -> Result<(), Error> {
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
        self.move_files(into, &FILES)
    }

    /// Moves these files into this folder, and nothing else.
    pub(crate) fn move_files(&self, into: &Path, names: &[&str]) -> Result<(), Error> {
        for name in names {
            let from = self.path().join(name);
            if from.is_file() {
                rename(&from, &into.join(name))?;
            }
        }
        Ok(())
    }
}

/// Removes the staging folders that no process uses. Best effort: they do no harm.
fn remove_left_behind(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let is_stage = entry.file_name().to_string_lossy().starts_with(STAGE);
        if is_stage && let Lock::Held(_locked) = lock(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
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
    let trial = folder.join(format!("{STAGE}{}", std::process::id()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_left_behind_is_removed_when_it_ends_and_by_the_next_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("report");
        let left = dir.join(format!("{STAGE}left"));
        fs::create_dir_all(&left).expect("a folder");
        fs::write(left.join("report.html"), "half").expect("written");
        let staging = Staging::begin(&dir).expect("a folder");
        let path = staging.path().to_owned();
        assert_eq!(names_in(&path).expect("there").len(), 0);
        assert_eq!(left.exists(), cfg!(not(unix)));
        // The process is asked twice to end. Other tests have folders of their own under way.
        assert!(under_way().contains(&path));
        remove_all(&BTreeSet::from([path.clone()]));
        assert!(!path.exists());
        drop(staging);
        assert!(!under_way().contains(&path));
        assert!(
            !names_in(&dir)
                .expect("there")
                .contains(path.file_name().expect("a name"))
        );
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
