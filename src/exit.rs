//! The exit codes: the interface of this tool to scripts and CI.

/// Every MUST passed, or failed as listed.
pub const OK: u8 = 0;
/// A requirement failed.
pub const FAILED: u8 = 1;
/// Usage or configuration.
pub const USAGE: u8 = 2;
/// Nothing failed, but something could not be tested (an unreachable server included).
pub const INCONCLUSIVE: u8 = 3;
/// The known-failures file is stale.
pub const STALE: u8 = 4;
/// The suite's own fault.
pub const SUITE: u8 = 70;

/// The code that counts where several runs gave one each.
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
