//! Releases of agno: their order, and those in the package index.

use std::path::Path;

use pep440_rs::Version;

use super::install::{index_environment, last_lines, module, output};
use super::pins::Pins;
use crate::target::Error;

/// The package.
const PACKAGE: &str = "agno";

/// A release: its number as written, and as compared (PEP 440).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Release {
    /// As written.
    pub text: String,
    version: Version,
}

/// A selection of releases.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// From this one on.
    pub since: Release,
    /// Up to this one; `None` for the newest.
    pub until: Option<Release>,
    /// Only the newest of each minor series.
    pub newest_per_minor: bool,
}

impl Release {
    /// Parses a release number.
    ///
    /// # Errors
    ///
    /// [`Error::Setup`] for text that is no release number.
    pub fn of(text: &str) -> Result<Self, Error> {
        // It becomes an argument of pip, so it must be a number and nothing else.
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

    /// Whether it serves runs that can be resumed over HTTP: 2.6.0 was the first.
    #[must_use]
    pub fn resumes_over_http(&self) -> bool {
        self.series() >= (2, 6)
    }

    fn series(&self) -> (u64, u64) {
        let mut numbers = self.version.release().iter().copied();
        let mut next = || numbers.next().unwrap_or(0);
        (next(), next())
    }
}

/// Sorts by number, and removes duplicates.
pub fn sort(releases: &mut Vec<Release>) {
    releases.sort_by(|one, other| one.version.cmp(&other.version));
    releases.dedup_by(|one, other| one.version == other.version);
}

/// The selected releases, sorted by number, without pre-releases.
#[must_use]
pub fn choose(mut all: Vec<Release>, wanted: &Wanted) -> Vec<Release> {
    all.retain(|it| {
        let not_too_new = wanted.until.as_ref();
        let not_too_new = not_too_new.is_none_or(|until| it.version <= until.version);
        it.version >= wanted.since.version && not_too_new && !it.version.any_prerelease()
    });
    sort(&mut all);
    if wanted.newest_per_minor {
        // The newest of a series comes first now, and stays.
        all.reverse();
        all.dedup_by_key(|it| it.series());
        all.reverse();
    }
    all
}

/// Every final release of agno that is not yanked and runs on this machine's Python. Pip is asked, so
/// the user's configuration (index, proxy, certificates) applies.
///
/// # Errors
///
/// [`Error::Setup`] if pip prints no list; with the last lines of its output.
pub async fn index(
    home: &Path,
    progress: &(dyn Fn(&str) + Send + Sync),
) -> Result<Vec<Release>, Error> {
    let python = index_environment(home).await?;
    progress("asking the package index for the releases of agno");
    let mut pip = module(&python, &["pip", "index", "versions"]);
    pip.args(["--disable-pip-version-check", "--no-input", PACKAGE]);
    let output = output(&mut pip).await?;
    let releases = listed(&String::from_utf8_lossy(&output.stdout));
    if !output.status.success() || releases.is_empty() {
        // Pip always warns that the command is experimental, which explains nothing.
        let lines = last_lines(&output);
        let lines = lines.split(" / ").filter(|it| !it.contains("experimental"));
        let lines: Vec<_> = lines.collect();
        return Err(Error::Setup(format!(
            "ask the package index for the releases of {PACKAGE}: {}",
            lines.join(" / ")
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
    // Text that is no number is no release that can be installed.
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
    fn the_selected_ones_are_sorted_by_number() {
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
    fn other_output_of_pip_has_no_release() {
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
    fn each_is_there_once_in_any_order() {
        let mut releases = ["3.1.10", "2.4.0", "3.1.9", "2.4"].map(release).to_vec();
        sort(&mut releases);
        let texts: Vec<_> = releases.into_iter().map(|it| it.text).collect();
        assert_eq!(texts, ["2.4.0", "3.1.9", "3.1.10"]);
        for wrong in ["", "latest", "3..1", "3.1.", "3.1-x", "-r", "../3"] {
            assert!(Release::of(wrong).is_err(), "{wrong:?}");
        }
    }
}
