//! Transcripts that are written while the run goes on, so that nobody waits for them at its end.
//!
//! They lie in a folder of their own within the report folder, until the reports take them over. Whatever
//! goes wrong here changes nothing: what cannot be taken over is written at the end, and that says why
//! where it cannot be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use crate::report::store::folder;
use crate::report::store::folder::write_transcript;
use crate::report::store::staging::Passing;
use crate::transcript::Transcript;

/// How the names of the folders begin. What a run that was killed left is removed by the next one.
const FOLDER: &str = ".reconnect-acceptance.ahead.";

/// A scenario that is over: its id, and its record.
type Over = (String, Arc<Transcript>);

/// Writes the transcripts of scenarios that are over, on a thread of its own. Nothing stays of it when this
/// is dropped.
#[derive(Debug)]
pub struct Stream {
    queue: Sender<Over>,
    /// Until it has been waited for.
    writing: Option<JoinHandle<Written>>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        // The process may be about to end, and the thread with it: what it wrote would stay.
        drop(self.finish());
    }
}

impl Stream {
    /// For this report folder, which is made when the first scenario is over. `None` where the system has
    /// no thread to spare.
    #[must_use]
    pub fn begin(dir: &Path) -> Option<Self> {
        let dir = dir.to_owned();
        let (queue, over) = channel();
        let writing = thread::Builder::new()
            .name("transcripts".to_owned())
            .spawn(move || Written::of(&over, &dir))
            .ok()?;
        Some(Self {
            queue,
            writing: Some(writing),
        })
    }

    /// Writes the record of a scenario that is over; does not wait for it.
    pub fn write(&self, scenario: &str, transcript: &Arc<Transcript>) {
        // Nobody listens any more where something went wrong.
        let _ = self
            .queue
            .send((scenario.to_owned(), Arc::clone(transcript)));
    }

    /// Waits until everything is written. Nothing can be written afterwards.
    pub(crate) fn finish(&mut self) -> Written {
        // The thread ends with the last sender.
        self.queue = channel().0;
        let writing = self.writing.take().map(JoinHandle::join);
        writing.and_then(Result::ok).unwrap_or_default()
    }
}

/// What was written; what of it nobody took over is removed when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// By the scenario's id: the record, and its file.
    files: BTreeMap<String, (Arc<Transcript>, PathBuf)>,
    /// Where they lie.
    folder: Option<Passing>,
}

impl Written {
    /// Writes what comes, until nothing comes any more or something goes wrong.
    fn of(over: &Receiver<Over>, dir: &Path) -> Self {
        let mut written = Self::default();
        for (number, (scenario, transcript)) in over.iter().enumerate() {
            if written.folder.is_none() {
                written.folder = folder_in(dir).ok();
            }
            let Some(folder) = &written.folder else {
                break;
            };
            let path = folder.path().join(number.to_string());
            if write_transcript(&path, &scenario, &transcript).is_err() {
                break;
            }
            written.files.insert(scenario, (transcript, path));
        }
        written
    }

    /// Moves the transcript of this scenario to its place; says whether it is there now.
    pub(crate) fn take(&self, scenario: &str, transcript: &Arc<Transcript>, to: &Path) -> bool {
        let file = self.files.get(scenario);
        let file = file.filter(|(of, _)| Arc::ptr_eq(of, transcript));
        file.is_some_and(|(_, path)| fs::rename(path, to).is_ok())
    }
}

/// A new folder within this one, which is made where it is missing. What former runs left is removed; one
/// that still goes on writes its transcripts at its end then.
fn folder_in(dir: &Path) -> Result<Passing, folder::Error> {
    let failed = |source| folder::failed(dir, source);
    fs::create_dir_all(dir).map_err(failed)?;
    for entry in fs::read_dir(dir).map_err(failed)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(FOLDER) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let made = tempfile::Builder::new().prefix(FOLDER).tempdir_in(dir);
    Ok(Passing::new(made.map_err(failed)?.keep()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::store::staging::names_in;
    use crate::transcript::jsonl;

    fn record() -> Arc<Transcript> {
        let text = "{\"transcript\":2,\"scenario\":\"one\"}\n";
        Arc::new(jsonl::read(text.as_bytes()).expect("a transcript"))
    }

    #[test]
    fn a_transcript_is_taken_once_and_for_its_own_record_alone() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("deep/report");
        let left = dir.join(".reconnect-acceptance.ahead.left");
        fs::create_dir_all(&left).expect("a folder");
        let (one, other) = (record(), record());
        let mut ahead = Stream::begin(&dir).expect("a thread");
        ahead.write("one", &one);
        let written = ahead.finish();
        assert!(!left.exists());
        let to = home.path().join("001.jsonl");
        assert!(!written.take("one", &other, &to));
        assert!(!written.take("two", &one, &to));
        assert!(!to.exists());
        assert!(written.take("one", &one, &to));
        assert!(!written.take("one", &one, &to));
        jsonl::read(fs::read(&to).expect("a file").as_slice()).expect("a transcript");
        drop(written);
        assert_eq!(names_in(&dir).expect("there"), BTreeSet::new());
    }

    #[test]
    fn nothing_stays_of_what_nobody_asks_for() {
        let home = tempfile::tempdir().expect("a folder");
        let ahead = Stream::begin(home.path()).expect("a thread");
        for number in 0..100 {
            ahead.write(&number.to_string(), &record());
        }
        drop(ahead);
        assert_eq!(names_in(home.path()).expect("there"), BTreeSet::new());
    }

    #[test]
    fn nothing_is_made_for_nothing_and_a_folder_that_cannot_be_is_no_trouble() {
        let home = tempfile::tempdir().expect("a folder");
        let mut ahead = Stream::begin(&home.path().join("report")).expect("a thread");
        assert!(ahead.finish().files.is_empty());
        assert_eq!(names_in(home.path()).expect("there"), BTreeSet::new());
        let file = home.path().join("a file");
        fs::write(&file, "mine").expect("written");
        let mut ahead = Stream::begin(&file).expect("a thread");
        ahead.write("one", &record());
        ahead.write("two", &record());
        assert!(ahead.finish().files.is_empty());
    }
}
