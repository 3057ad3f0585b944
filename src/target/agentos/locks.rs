//! Every package that is installed for a tested release, with its version and hashes.
//!
//! Requirements files for pip's `--require-hashes`, for every platform. `.ci/lock` makes them from
//! `pins.toml`.

use include_dir::{Dir, include_dir};

static LOCKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/target/agentos/locks");

/// The lock of this release; `None` for one that was not tested.
#[must_use]
pub fn of(release: &str) -> Option<&'static str> {
    LOCKS.get_file(format!("{release}.txt"))?.contents_utf8()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::agentos::pins::Pins;

    #[test]
    fn every_tested_release_has_a_lock_and_no_other() {
        let pins = Pins::embedded().expect("pins");
        let mut named: Vec<_> = pins.releases().map(|it| format!("{it}.txt")).collect();
        let mut locked: Vec<_> = LOCKS
            .files()
            .map(|it| it.path().display().to_string())
            .collect();
        named.sort();
        locked.sort();
        assert_eq!(named, locked);
        assert_eq!(of("2.99.1"), None);
        assert_eq!(of("../locks/3.1.10"), None);
    }

    #[test]
    fn every_package_has_version_and_hash_and_no_url() {
        let pins = Pins::embedded().expect("pins");
        for release in pins.releases() {
            let text = of(release).expect("a lock").replace("\\\n", "");
            let lines = text.lines().filter(|it| !it.starts_with('#'));
            let packages: Vec<_> = lines
                .map(|line| {
                    assert!(!line.contains('/') && !line.starts_with('-'), "{line}");
                    let (wanted, hashes) = line.split_once(" --hash=").expect(line);
                    let (name, _) = wanted.split_once("==").expect("a version");
                    for hash in hashes.split_whitespace() {
                        let hash = hash.trim_start_matches("--hash=");
                        let hex = hash.strip_prefix("sha256:").expect("a hash");
                        assert!(hex.len() == 64 && hex.chars().all(|it| it.is_ascii_hexdigit()));
                    }
                    name
                })
                .collect();
            assert!(text.contains(&format!("agno=={release} ")), "{release}");
            for asked in pins.packages(release).expect("a release") {
                let name = asked.split(['[', '=']).next().expect("a name");
                assert!(packages.contains(&name), "{name} of {release}");
            }
        }
    }
}
