//! Locks on report folders, so that only one process at a time puts its reports in place.

use std::fs::File;
use std::path::Path;
#[cfg(unix)]
use std::{
    thread,
    time::{Duration, Instant},
};

use crate::report::store::error::Error;
#[cfg(unix)]
use crate::report::store::error::in_the_way;

/// How long another process may take to put its reports in place.
#[cfg(unix)]
const TURN: Duration = Duration::from_secs(60);
/// The time between two attempts to lock the folder.
#[cfg(unix)]
const A_MOMENT: Duration = Duration::from_millis(20);

/// A lock of a folder against other processes, until it is dropped, or the process ends in whatever way.
pub(crate) enum Lock {
    Held(File),
    Busy,
    /// The system or its file system has no such locks.
    Unsupported,
}

impl Lock {
    pub(super) fn held(self) -> Option<File> {
        match self {
            Self::Held(folder) => Some(folder),
            Self::Busy | Self::Unsupported => None,
        }
    }
}

#[cfg(unix)]
pub(super) fn lock(folder: &Path) -> Lock {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;
    let Ok(folder) = File::open(folder) else {
        return Lock::Unsupported;
    };
    match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Lock::Held(folder),
        Err(Errno::WOULDBLOCK) => Lock::Busy,
        Err(_) => Lock::Unsupported,
    }
}

#[cfg(not(unix))]
pub(super) fn lock(_: &Path) -> Lock {
    Lock::Unsupported
}

#[cfg(unix)]
pub(super) fn turn(dir: &Path) -> Result<Lock, Error> {
    let began = Instant::now();
    loop {
        match lock(dir) {
            Lock::Busy if began.elapsed() < TURN => thread::sleep(A_MOMENT),
            Lock::Busy => {
                return Err(in_the_way(
                    dir,
                    "another run has been writing there for too long",
                ));
            }
            lock => return Ok(lock),
        }
    }
}

#[cfg(not(unix))]
pub(super) fn turn(dir: &Path) -> Result<Lock, Error> {
    Ok(lock(dir))
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::report::store::staging::{Staging, names_in};

    #[test]
    fn two_runs_write_side_by_side_and_put_in_place_one_after_the_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let order = Mutex::new(Vec::new());
        let first = Staging::begin(folder.path()).expect("a folder");
        let second = Staging::begin(folder.path()).expect("a folder");
        assert!(first.path().is_dir() && second.path().is_dir());
        let turn = first.turn().expect("a turn");
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let turn = second.turn().expect("a turn");
                second.settle(folder.path(), &turn).expect("in place");
                order.lock().expect("a list").push("second");
            });
            thread::sleep(A_MOMENT);
            order.lock().expect("a list").push("first");
            drop(turn);
            waiting.join().expect("it came");
        });
        assert_eq!(*order.lock().expect("a list"), ["first", "second"]);
        drop((first, second));
        assert_eq!(names_in(folder.path()).expect("there").len(), 0);
    }
}
