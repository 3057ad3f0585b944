//! What the machine allows, asked before anything is tried that it would not.

use super::UsageError;

/// Open files besides those of the crowd: the other scenarios, the reports, the system's own.
const BESIDES: u64 = 160;

/// Whether so many viewers can be connected at once. On the bundled server both ends of a connection
/// are in this process.
///
/// # Errors
///
/// [`UsageError`] where too few files may be open.
pub fn check(viewers: usize, bundled: bool) -> Result<(), UsageError> {
    enough(viewers, bundled, most_open_files())
}

fn enough(viewers: usize, bundled: bool, most: Option<u64>) -> Result<(), UsageError> {
    let ends = if bundled { 2 } else { 1 };
    let needed = viewers as u64 * ends + BESIDES;
    match most.filter(|most| *most < needed && viewers > crate::plan::Size::default().viewers) {
        None => Ok(()),
        Some(most) => Err(UsageError(format!(
            "connect {viewers} viewers: that takes some {needed} open files, and {most} are allowed; \
             run `ulimit -n {needed}` before, or ask for fewer with --viewers"
        ))),
    }
}

#[cfg(unix)]
fn most_open_files() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current
}

#[cfg(not(unix))]
fn most_open_files() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_that_the_machine_does_not_allow_is_refused_with_advice() {
        let refused = enough(1000, true, Some(1024)).expect_err("too many");
        assert_eq!(
            refused.0,
            "connect 1000 viewers: that takes some 2160 open files, and 1024 are allowed; run \
             `ulimit -n 2160` before, or ask for fewer with --viewers"
        );
        assert!(enough(1000, false, Some(1160)).is_ok());
        assert!(enough(1000, true, None).is_ok());
        assert!(enough(12, true, Some(64)).is_ok());
    }
}
