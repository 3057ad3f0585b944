//! The exit codes: the interface for scripts and CI.

/// Passed: every MUST requirement passed, or is a known failure.
pub const OK: u8 = 0;
/// Failed: a requirement failed.
pub const FAILED: u8 = 1;
/// Wrong usage or configuration.
pub const USAGE: u8 = 2;
/// Inconclusive: nothing failed, but something could not be tested, or no server was reached.
pub const INCONCLUSIVE: u8 = 3;
/// The list of known failures is out of date.
pub const STALE: u8 = 4;
/// `watch`: the run was cancelled.
pub const CANCELLED: u8 = 5;
/// `watch`: the server refused what was asked for.
pub const REFUSED: u8 = 6;
/// `watch`: the run waits for a person.
pub const PAUSED: u8 = 7;
/// An error of the suite itself.
pub const SUITE: u8 = 70;

/// The worse of two exit codes.
#[must_use]
pub fn worse(one: u8, other: u8) -> u8 {
    let order = [SUITE, USAGE, FAILED, STALE, INCONCLUSIVE, OK];
    let place = |code: u8| {
        order
            .iter()
            .position(|known| *known == code)
            .unwrap_or_default()
    };
    if place(one) <= place(other) {
        one
    } else {
        other
    }
}
