//! Transcripts that are written while the run goes on, so that its end need not wait for them.
//!
//! They are written into the run's staging folder. A failure here changes nothing: what was not written is
//! written at the end, which reports why it fails if it does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::report::store::error::{Error, failed};
use crate::report::store::files::write_transcript;
use crate::report::store::staging::Staging;
use crate::transcript::Transcript;

/// The folder within the staging folder.
const FOLDER: &str = "streamed";

/// A scenario that is over: its id, and its transcript.
type Over = (String, Arc<Transcript>);

/// Writes the transcripts of scenarios that are over, on a thread of its own. Nothing stays of it when this
/// is dropped.
#[derive(Debug)]
pub struct Stream {
    queue: Sender<Over>,
    stage: Arc<Stage>,
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
        let stage = Arc::new(Stage {
            dir: dir.to_owned(),
            staging: Mutex::default(),
        });
        let (queue, over) = channel();
        let of_thread = Arc::clone(&stage);
        let writing = thread::Builder::new()
            .name("transcripts".to_owned())
            .spawn(move || Written::of(&over, &of_thread))
            .ok()?;
        Some(Self {
            queue,
            stage,
            writing: Some(writing),
        })
    }

    /// Writes the transcript of a scenario that is over; does not wait for it.
    pub fn write(&self, scenario: &str, transcript: &Arc<Transcript>) {
        // The thread has ended if something went wrong.
        let _ = self
            .queue
            .send((scenario.to_owned(), Arc::clone(transcript)));
    }

    /// The staging folder of the run.
    pub(crate) fn staging(&self) -> Result<Arc<Staging>, Error> {
        self.stage.open()
    }

    /// Waits until everything is written. Nothing can be written afterwards.
    pub(crate) fn finish(&mut self) -> Written {
        // The thread ends with the last sender.
        self.queue = channel().0;
        let writing = self.writing.take().map(JoinHandle::join);
        writing.and_then(Result::ok).unwrap_or_default()
    }
}

/// The staging folder of the run, made when it is first needed.
#[derive(Debug)]
struct Stage {
    dir: PathBuf,
    staging: Mutex<Option<Arc<Staging>>>,
}

impl Stage {
    /// A new one if it has been removed.
    fn open(&self) -> Result<Arc<Staging>, Error> {
        let mut staging = self.staging.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = staging.as_ref().filter(|it| it.path().is_dir()) {
            return Ok(Arc::clone(open));
        }
        let open = Arc::new(Staging::begin(&self.dir)?);
        *staging = Some(Arc::clone(&open));
        Ok(open)
    }
}

/// What was written, by the scenario's id: the transcript, and its file.
#[derive(Debug, Default)]
pub(crate) struct Written(BTreeMap<String, (Arc<Transcript>, PathBuf)>);

impl Written {
    /// Writes what comes, until nothing comes any more or something goes wrong.
    fn of(over: &Receiver<Over>, stage: &Stage) -> Self {
        let mut written = Self::default();
        for (number, (scenario, transcript)) in over.iter().enumerate() {
            let path = stage.open().and_then(|staging| {
                let folder = staging.path().join(FOLDER);
                fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
                let path = folder.join(number.to_string());
                write_transcript(&path, &scenario, &transcript)?;
                Ok(path)
            });
            let Ok(path) = path else {
                break;
            };
            written.0.insert(scenario, (transcript, path));
        }
        written
    }

    /// Moves the transcript of this scenario to its place; says whether it is there now.
    pub(crate) fn take(&self, scenario: &str, transcript: &Arc<Transcript>, to: &Path) -> bool {
        let file = self.0.get(scenario);
        let file = file.filter(|(of, _)| Arc::ptr_eq(of, transcript));
        file.is_some_and(|(_, path)| fs::rename(path, to).is_ok())
    }
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
        let (one, other) = (record(), record());
        let mut ahead = Stream::begin(&dir).expect("a thread");
        ahead.write("one", &one);
        let written = ahead.finish();
        let to = home.path().join("001.jsonl");
        assert!(!written.take("one", &other, &to));
        assert!(!written.take("two", &one, &to));
        assert!(!to.exists());
        assert!(written.take("one", &one, &to));
        assert!(!written.take("one", &one, &to));
        jsonl::read(fs::read(&to).expect("a file").as_slice()).expect("a transcript");
        drop(ahead);
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
        assert!(ahead.finish().0.is_empty());
        assert_eq!(names_in(home.path()).expect("there"), BTreeSet::new());
        let file = home.path().join("a file");
        fs::write(&file, "mine").expect("written");
        let mut ahead = Stream::begin(&file).expect("a thread");
        ahead.write("one", &record());
        ahead.write("two", &record());
        assert!(ahead.finish().0.is_empty());
    }
}
