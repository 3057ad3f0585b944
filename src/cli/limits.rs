//! What the machine allows, asked before anything is tried that it would not.

use super::UsageError;

/// Open files besides those of the crowd: the other scenarios, the reports, the system's own.
const BESIDES: u64 = 160;

/// How many files may be open at once; nothing where there is no limit.
#[derive(Clone, Copy, Debug)]
struct Most {
    /// Now. A process may raise it by itself.
    soft: Option<u64>,
    /// How far it may.
    hard: Option<u64>,
}

/// Sees to it that so many viewers can be connected at once: raises the limit of open files where that
/// is needed and allowed. On the bundled server both ends of a connection are in this process.
///
/// # Errors
///
/// [`UsageError`] where too few files may be open.
pub fn check(viewers: usize, bundled: bool) -> Result<(), UsageError> {
    let most = most_open_files();
    match wanting(viewers, bundled, most)? {
        Some(needed) if !raise(Some(needed), most.hard) => Err(UsageError(format!(
            "connect {viewers} viewers: that takes some {needed} open files, and the system does not let the \
             limit be raised; run `ulimit -n {needed}` before, or ask for fewer with --viewers"
        ))),
        _ => Ok(()),
    }
}

/// Raises the limit of open files as far as it goes: for a server, which does not know who will come.
pub fn open_wide() {
    let most = most_open_files();
    if most.soft.is_some() && most.soft != most.hard {
        // Where it cannot be raised, fewer viewers can come.
        raise(most.hard, most.hard);
    }
}

/// How far the limit has to be raised, if at all.
fn wanting(viewers: usize, bundled: bool, most: Most) -> Result<Option<u64>, UsageError> {
    let ends = if bundled { 2 } else { 1 };
    let needed = viewers as u64 * ends + BESIDES;
    let too_few = |most: Option<u64>| most.filter(|most| *most < needed);
    if viewers <= crate::plan::Size::default().viewers || too_few(most.soft).is_none() {
        return Ok(None);
    }
    let Some(hard) = too_few(most.hard) else {
        return Ok(Some(needed));
    };
    let advice = if bundled {
        " With the bundled server in a process of its own (`serve`, and `run --url`), half as many do."
    } else {
        ""
    };
    Err(UsageError(format!(
        "connect {viewers} viewers: that takes some {needed} open files, and the system allows {hard} at the \
         most (`ulimit -Hn`); raise that limit as its administrator, or ask for fewer with --viewers.{advice}"
    )))
}

#[cfg(unix)]
fn most_open_files() -> Most {
    use rustix::process::{Resource, getrlimit};
    let limit = getrlimit(Resource::Nofile);
    Most {
        soft: limit.current,
        hard: limit.maximum,
    }
}

#[cfg(not(unix))]
fn most_open_files() -> Most {
    Most {
        soft: None,
        hard: None,
    }
}

/// Lets so many files be open; whether the system did.
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

    fn most(soft: u64, hard: u64) -> Most {
        Most {
            soft: Some(soft),
            hard: Some(hard),
        }
    }

    #[test]
    fn a_crowd_that_the_machine_does_not_allow_is_refused_with_advice() {
        let refused = wanting(1000, true, most(1024, 2048)).expect_err("too many");
        assert_eq!(
            refused.0,
            "connect 1000 viewers: that takes some 2160 open files, and the system allows 2048 at the most \
             (`ulimit -Hn`); raise that limit as its administrator, or ask for fewer with --viewers. With the \
             bundled server in a process of its own (`serve`, and `run --url`), half as many do."
        );
        assert!(wanting(3000, false, most(1024, 2048)).is_err());
    }

    #[test]
    fn the_limit_is_raised_only_as_far_as_the_crowd_needs_it() {
        let unlimited = Most {
            soft: Some(1024),
            hard: None,
        };
        for (viewers, bundled, most, needed) in [
            (1000, true, most(1024, 4096), Some(2160)),
            (1000, true, unlimited, Some(2160)),
            (1000, false, most(1160, 1160), None),
            (12, true, most(64, 64), None),
        ] {
            let wanted = wanting(viewers, bundled, most).expect("it can be raised");
            assert_eq!(wanted, needed);
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
