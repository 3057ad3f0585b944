//! What released AgentOS servers are known to break, and what cannot be told on them: the lists that
//! the suite carries.

use crate::cli::UsageError;
use crate::cli::finish::{names, today};
use crate::report::model::run::{KnownFailure, KnownFailures};
use crate::report::verdict::known::file;
use crate::target::agentos::known;

/// What they are known to break.
///
/// # Errors
///
/// Never, as long as the list is what the tests have seen.
pub fn failures() -> Result<KnownFailures, UsageError> {
    let names = names(None, &[])?;
    let entries = file::parse(known::FAILURES, names.borrow(), today())
        .map_err(|problems| wrong(known::FAILURES_FILE, &problems))?;
    Ok(KnownFailures {
        file: known::FAILURES_FILE.to_owned(),
        entries,
    })
}

/// What cannot be told on them.
///
/// # Errors
///
/// Never, as long as the list is what the tests have seen.
pub fn inconclusive() -> Result<Vec<KnownFailure>, UsageError> {
    let names = names(None, &[])?;
    file::parse_inconclusive(known::INCONCLUSIVE, names.borrow(), today())
        .map_err(|problems| wrong(known::INCONCLUSIVE_FILE, &problems))
}

fn wrong(file: &str, problems: &file::Problems) -> UsageError {
    UsageError(format!("use {file}: {problems}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::verdict::known;
    use crate::target::agentos::pins::Pins;

    /// Each names only requirements that there are (the reading refuses others), says why, and is
    /// about releases that were tried, each of which has its own pins.
    #[test]
    fn the_lists_are_about_releases_that_were_tried() {
        let failures = failures().expect("a list").entries;
        let inconclusive = inconclusive().expect("a list");
        assert!(failures.len() > 20 && inconclusive.len() > 3);
        let pins = Pins::embedded().expect("pins");
        for entry in failures.iter().chain(&inconclusive) {
            let release = entry.release.as_deref().expect("a release");
            for one in release.split("||").map(str::trim) {
                assert!(pins.releases().any(|it| it == one), "{one:?} of {entry:?}");
                let server = format!("agno {one}");
                let one = std::slice::from_ref(entry);
                assert_eq!(known::about(one, &server).count(), 1, "{entry:?}");
            }
            // A release that nobody tried is excused nothing.
            let one = std::slice::from_ref(entry);
            assert_eq!(known::about(one, "agno 2.7.3").count(), 0, "{entry:?}");
            assert!(entry.reason.len() > 10, "{entry:?}");
            assert_eq!(entry.until, None, "no day may end it: {entry:?}");
        }
    }
}
