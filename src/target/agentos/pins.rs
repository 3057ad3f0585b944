//! The extra packages that each release needs.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::target::Error;

/// The packages that releases import but do not depend on. For a tested release their versions are in its
/// lock ([`super::locks`]), for others here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    default: Extra,
    release: BTreeMap<String, Extra>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extra {
    extra: Vec<String>,
}

impl Pins {
    /// The embedded ones.
    ///
    /// # Errors
    ///
    /// None for the embedded file: the tests read it.
    pub fn embedded() -> Result<Self, Error> {
        toml::from_str(include_str!("pins.toml"))
            .map_err(|error| Error::Setup(format!("read the pins of the releases: {error}")))
    }

    /// The tested releases.
    pub fn releases(&self) -> impl Iterator<Item = &str> {
        self.release.keys().map(String::as_str)
    }

    /// The packages to install with pip: the release itself first.
    ///
    /// # Errors
    ///
    /// [`Error::Setup`] for text that is no release number.
    pub fn packages(&self, release: &str) -> Result<Vec<String>, Error> {
        let is_number = !release.is_empty()
            && release.starts_with(|c: char| c.is_ascii_digit())
            && release
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '.');
        if !is_number {
            return Err(Error::Setup(format!(
                "{release:?} is no release of agno; a release looks like 3.1.10"
            )));
        }
        let extra = self.release.get(release).unwrap_or(&self.default);
        let mut packages = vec![format!("agno[os]=={release}")];
        packages.extend(extra.extra.iter().cloned());
        Ok(packages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_releases_have_packages() {
        let pins = Pins::embedded().expect("pins");
        assert_eq!(
            pins.packages("3.1.10").expect("known"),
            ["agno[os]==3.1.10", "redis"]
        );
        let unknown = pins.packages("2.99.1").expect("unknown");
        assert!(unknown.len() > 1);
        assert!(unknown.iter().all(|it| it.contains("==")), "{unknown:?}");
        for wrong in ["", "latest", "3.1 --index-url http://x", "-r", "3.1;x"] {
            assert!(pins.packages(wrong).is_err(), "{wrong:?}");
        }
    }
}
