//! The limit of open files, checked and raised before many viewers connect.

use crate::cli::error::UsageError;

/// Open files besides those of the viewers: other scenarios, reports, the system's own.
const OTHER_FILES: u64 = 160;

/// How many files may be open at once; `None` where there is no limit.
#[derive(Clone, Copy, Debug)]
struct OpenFiles {
    /// The limit now. A process may raise it by itself.
    soft: Option<u64>,
    /// How far it may raise it.
    hard: Option<u64>,
}

/// Makes sure that this many viewers can be connected at once: raises the limit of open files where
/// that is needed and allowed. On the bundled server both ends of a connection are in this process.
///
/// # Errors
///
/// [`UsageError`] where too few files may be open.
pub fn check(viewers: usize, bundled: bool) -> Result<(), UsageError> {
    let most = most_open_files();
    match needed_limit(viewers, bundled, most)? {
        Some(needed) if !raise(Some(needed), most.hard) => Err(UsageError::Failed(format!(
            "connect {viewers} viewers: that needs about {needed} open files, and the limit cannot be raised; \
             run `ulimit -n {needed}` first, or choose fewer with --viewers"
        ))),
        _ => Ok(()),
    }
}

/// Raises the limit of open files as far as possible: for a server, whose viewers are not known.
pub fn raise_to_the_most() {
    let most = most_open_files();
    if most.soft.is_some() && most.soft != most.hard {
        // If it cannot be raised, fewer viewers can connect.
        raise(most.hard, most.hard);
    }
}

/// How far the limit has to be raised, if at all.
fn needed_limit(viewers: usize, bundled: bool, most: OpenFiles) -> Result<Option<u64>, UsageError> {
    let ends = if bundled { 2 } else { 1 };
    let needed = viewers as u64 * ends + OTHER_FILES;
    let too_few = |most: Option<u64>| most.filter(|most| *most < needed);
    if viewers <= crate::plan::Size::default().viewers || too_few(most.soft).is_none() {
        return Ok(None);
    }
    let Some(hard) = too_few(most.hard) else {
        return Ok(Some(needed));
    };
    let advice = if bundled {
        " With the bundled server in a process of its own (`serve`, and `run --url`), half as many are enough."
    } else {
        ""
    };
    Err(UsageError::Failed(format!(
        "connect {viewers} viewers: that needs about {needed} open files, and the system allows at most {hard} \
         (`ulimit -Hn`); raise that limit as an administrator, or choose fewer with --viewers.{advice}"
    )))
}

#[cfg(unix)]
fn most_open_files() -> OpenFiles {
    use rustix::process::{Resource, getrlimit};
    let limit = getrlimit(Resource::Nofile);
    OpenFiles {
        soft: limit.current,
        hard: limit.maximum,
    }
}

#[cfg(not(unix))]
fn most_open_files() -> OpenFiles {
    OpenFiles {
        soft: None,
        hard: None,
    }
}

/// Sets the limit of open files; whether the system allowed it.
#[cfg(unix)]
fn raise(soft: Option<u64>, hard: Option<u64>) -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = Rlimit {
        current: soft,
        maximum: hard,
    };
    setrlimit(Resource::Nofile, limit).is_ok()
}

#[cfg(not(unix))]
fn raise(_: Option<u64>, _: Option<u64>) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most(soft: u64, hard: u64) -> OpenFiles {
        OpenFiles {
            soft: Some(soft),
            hard: Some(hard),
        }
    }

    #[test]
    fn more_viewers_than_the_machine_allows_are_refused_with_advice() {
        let refused = needed_limit(1000, true, most(1024, 2048)).expect_err("too many");
        assert_eq!(
            refused.to_string(),
            "failed to connect 1000 viewers: that needs about 2160 open files, and the system allows at most \
             2048 (`ulimit -Hn`); raise that limit as an administrator, or choose fewer with --viewers. With \
             the bundled server in a process of its own (`serve`, and `run --url`), half as many are enough."
        );
        assert!(needed_limit(3000, false, most(1024, 2048)).is_err());
    }

    #[test]
    fn the_limit_is_raised_only_as_far_as_the_viewers_need_it() {
        let unlimited = OpenFiles {
            soft: Some(1024),
            hard: None,
        };
        for (viewers, bundled, most, needed) in [
            (1000, true, most(1024, 4096), Some(2160)),
            (1000, true, unlimited, Some(2160)),
            (1000, false, most(1160, 1160), None),
            (12, true, most(64, 64), None),
        ] {
            let limit = needed_limit(viewers, bundled, most).expect("it can be raised");
            assert_eq!(limit, needed);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_as_it_is_can_be_set() {
        let before = most_open_files();
        assert!(raise(before.soft, before.hard), "nothing changes");
        assert_eq!(most_open_files().soft, before.soft);
    }
}
