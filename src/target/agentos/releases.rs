//! Releases of agno: their order, and which ones the package index has.

use std::path::Path;

use pep440_rs::Version;

use super::install::{asking, last_words, module, output};
use super::pins::Pins;
use crate::target::Error;

/// The package that is asked for.
const PACKAGE: &str = "agno";

/// A release: its number as it was written, and as it is compared (PEP 440).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Release {
    /// As it was written.
    pub text: String,
    version: Version,
}

/// Which of the releases that there are.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// From this one on.
    pub since: Release,
    /// Up to this one; to the newest where there is none.
    pub until: Option<Release>,
    /// Only the newest of each minor series.
    pub newest_per_minor: bool,
}

impl Release {
    /// Reads a number.
    ///
    /// # Errors
    ///
    /// [`Error::Setup`] for a text that is no release number.
    pub fn of(text: &str) -> Result<Self, Error> {
        // What pip is asked for must be a number and nothing else.
        Pins::embedded()?.packages(text)?;
        let version = text.parse::<Version>().map_err(|_| {
            Error::Setup(format!(
                "{text:?} is no release of agno; a release looks like 3.1.10"
            ))
        })?;
        Ok(Self {
            text: text.to_owned(),
            version,
        })
    }

    fn series(&self) -> (u64, u64) {
        let mut numbers = self.version.release().iter().copied();
        let mut next = || numbers.next().unwrap_or(0);
        (next(), next())
    }
}

/// In the order of their numbers, each once.
pub fn sort(releases: &mut Vec<Release>) {
    releases.sort_by(|one, other| one.version.cmp(&other.version));
    releases.dedup_by(|one, other| one.version == other.version);
}

/// Of all releases those that are wanted, in the order of their numbers. Pre-releases are left out.
#[must_use]
pub fn choose(mut all: Vec<Release>, wanted: &Wanted) -> Vec<Release> {
    all.retain(|it| {
        let not_too_new = wanted.until.as_ref();
        let not_too_new = not_too_new.is_none_or(|until| it.version <= until.version);
        it.version >= wanted.since.version && not_too_new && !it.version.any_prerelease()
    });
    sort(&mut all);
    if wanted.newest_per_minor {
        // The last one of a series is the newest.
        all.reverse();
        all.dedup_by_key(|it| it.series());
        all.reverse();
    }
    all
}

/// Every final release of agno that is not yanked and runs on this machine's Python, as pip tells it:
/// so the user's own configuration (index, proxy, certificates) counts.
///
/// # Errors
///
/// [`Error::Setup`] where pip gives no list; with its last words.
pub async fn index(home: &Path, say: &(dyn Fn(&str) + Send + Sync)) -> Result<Vec<Release>, Error> {
    let python = asking(home).await?;
    say("asking the package index which releases of agno there are");
    let mut pip = module(&python, &["pip", "index", "versions"]);
    pip.args(["--disable-pip-version-check", "--no-input", PACKAGE]);
    let came = output(&mut pip).await?;
    let releases = listed(&String::from_utf8_lossy(&came.stdout));
    if !came.status.success() || releases.is_empty() {
        // Pip says with every answer that the command is young, which explains nothing.
        let said = last_words(&came);
        let said = said.split(" / ").filter(|it| !it.contains("experimental"));
        let said: Vec<_> = said.collect();
        return Err(Error::Setup(format!(
            "ask the package index for the releases of {PACKAGE}: {}",
            said.join(" / ")
        )));
    }
    Ok(releases)
}

/// The numbers in what `pip index versions` prints.
fn listed(text: &str) -> Vec<Release> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Available versions:"));
    let numbers = line.unwrap_or_default().split(',').map(str::trim);
    // What is no number is no release that could be installed.
    numbers
        .filter_map(|number| Release::of(number).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        Release::of(text).expect("a release")
    }

    fn chosen(since: &str, until: Option<&str>, newest_per_minor: bool) -> Vec<String> {
        let all = listed(
            "agno (3.1.10)\nAvailable versions: 3.1.10, 3.1.9, 3.2.0rc1, 2.10.0, 2.9.0, 2.9.1, 2.4.8, 1!2, x\n  LATEST: 3.1.10\n",
        );
        let wanted = Wanted {
            since: release(since),
            until: until.map(release),
            newest_per_minor,
        };
        choose(all, &wanted).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn the_wanted_ones_in_the_order_of_their_numbers() {
        assert_eq!(
            chosen("2.9", None, false),
            ["2.9.0", "2.9.1", "2.10.0", "3.1.9", "3.1.10"]
        );
        assert_eq!(
            chosen("2.4.0", Some("2.10"), true),
            ["2.4.8", "2.9.1", "2.10.0"]
        );
        assert_eq!(chosen("2.9", None, true), ["2.9.1", "2.10.0", "3.1.10"]);
        assert_eq!(chosen("3.2", None, false), [""; 0]);
    }

    #[test]
    fn what_pip_says_otherwise_holds_no_release() {
        for text in [
            "",
            "ERROR: No matching distribution",
            "Available versions:",
            "Available versions: , ,",
        ] {
            assert_eq!(listed(text), [], "{text:?}");
        }
    }

    #[test]
    fn each_is_there_once_whatever_the_order() {
        let mut releases = ["3.1.10", "2.4.0", "3.1.9", "2.4"].map(release).to_vec();
        sort(&mut releases);
        let texts: Vec<_> = releases.into_iter().map(|it| it.text).collect();
        assert_eq!(texts, ["2.4.0", "3.1.9", "3.1.10"]);
        for wrong in ["", "latest", "3..1", "3.1.", "3.1-x", "-r", "../3"] {
            assert!(Release::of(wrong).is_err(), "{wrong:?}");
        }
    }
}
