//! Releases of a server, and ranges of them.

use semver::{Version, VersionReq};

/// The release in a server's name: 3.1.10 of `agno 3.1.10`. One that is not final (`3.2.0rc1`) counts
/// as the final one.
pub(crate) fn of(server: &str) -> Option<Version> {
    let word = server.split_whitespace().last()?;
    let word = word.strip_prefix('v').unwrap_or(word);
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut numbers = word.split('.').map_while(|part| {
        let end = part.find(|c: char| !c.is_ascii_digit());
        part[..end.unwrap_or(part.len())].parse::<u64>().ok()
    });
    let mut next = || numbers.next().unwrap_or(0);
    Some(Version::new(next(), next(), next()))
}

/// Releases that an entry is about: any of several ranges.
#[derive(Debug)]
pub(crate) struct Range(Vec<VersionReq>);

impl Range {
    pub(crate) fn matches(&self, version: &Version) -> bool {
        self.0.iter().any(|range| range.matches(version))
    }
}

/// A range such as `>=2.3.17, <3.2`, or several: `2.3.17 || 2.4.0`. A bare release means itself:
/// `2.4.0` is no other, `2.4` is every 2.4.x.
pub(crate) fn range(text: &str) -> Result<Range, semver::Error> {
    text.split("||")
        .map(one)
        .collect::<Result<_, _>>()
        .map(Range)
}

fn one(text: &str) -> Result<VersionReq, semver::Error> {
    let exact: Vec<_> = text
        .split(',')
        .map(str::trim)
        .map(|part| {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                format!("={part}")
            } else {
                part.to_owned()
            }
        })
        .collect();
    VersionReq::parse(&exact.join(", "))
}
