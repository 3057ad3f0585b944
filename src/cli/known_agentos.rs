//! The known failures of released AgentOS servers, and what is inconclusive on them: the lists that come
//! with the suite.

use crate::cli::error::UsageError;
use crate::cli::finish::{names, today};
use crate::report::model::run::{KnownFailure, KnownFailures};
use crate::report::verdict::known::file;
use crate::target::agentos::known;

/// Their known failures.
///
/// # Errors
///
/// None for the embedded list: the tests read it.
pub fn failures() -> Result<KnownFailures, UsageError> {
    let names = names(None, &[])?;
    let entries = file::parse(known::FAILURES, names.borrow(), today())
        .map_err(|problems| wrong(known::FAILURES_FILE, &problems))?;
    Ok(KnownFailures {
        file: known::FAILURES_FILE.to_owned(),
        entries,
    })
}

/// What is known to be inconclusive on them.
///
/// # Errors
///
/// None for the embedded list: the tests read it.
pub fn inconclusive() -> Result<Vec<KnownFailure>, UsageError> {
    let names = names(None, &[])?;
    file::parse_inconclusive(known::INCONCLUSIVE, names.borrow(), today())
        .map_err(|problems| wrong(known::INCONCLUSIVE_FILE, &problems))
}

fn wrong(file: &str, problems: &file::Problems) -> UsageError {
    UsageError::Failed(format!("use {file}: {problems}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::verdict::known;
    use crate::target::agentos::pins::Pins;

    /// Each entry names existing requirements (others are refused when it is read), has a reason, and
    /// applies to releases that were tested, each of which has pins.
    #[test]
    fn the_lists_apply_to_releases_that_were_tested() {
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
                assert_eq!(
                    known::about(one, &server, entry.requirement().1).count(),
                    1,
                    "{entry:?}"
                );
            }
            // A release that was not tested gets no exemption.
            let one = std::slice::from_ref(entry);
            assert_eq!(
                known::about(one, "agno 2.7.3", entry.requirement().1).count(),
                0,
                "{entry:?}"
            );
            assert!(entry.reason.len() > 10, "{entry:?}");
            assert_eq!(entry.until, None, "it must not expire: {entry:?}");
        }
    }
}
