//! What the served app says of itself: which workflows this release can have, and why not the others.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::plan::Casting;
use crate::protocol::Part;
use crate::target::Error;

/// What the app wrote before it took connections.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct About {
    /// The ids of the workflows that it serves.
    pub workflows: Vec<String>,
    /// By part: why no workflow plays it.
    #[serde(default)]
    pub lacks: BTreeMap<String, String>,
}

impl About {
    /// Reads what the app wrote.
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] where it wrote nothing of the kind.
    pub fn read(file: &Path) -> Result<Self, Error> {
        let problem = |error: String| Error::NotReady(format!("read {}: {error}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| problem(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| problem(error.to_string()))
    }

    /// Of a casting, the parts whose workflows are served.
    #[must_use]
    pub fn cast(&self, casting: &Casting) -> Casting {
        let mut casting = casting.clone();
        casting.retain(|_, workflow| self.workflows.contains(&workflow.workflow_id));
        casting
    }

    /// Why `release` plays no part, each as a sentence.
    #[must_use]
    pub fn lacks(&self, release: &str) -> BTreeMap<Part, String> {
        let lacks = self.lacks.iter();
        lacks
            .filter_map(|(part, why)| Some((Part::of(part)?, format!("agno {release}: {why}"))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::bundled;

    #[test]
    fn what_is_not_served_is_not_cast_and_says_why() {
        let about: About = serde_json::from_str(
            r#"{"workflows": ["short-workflow"], "lacks": {"pausing": "it cannot", "odd": "?"}}"#,
        )
        .expect("JSON");
        let cast = about.cast(&bundled::casting());
        assert_eq!(cast.keys().collect::<Vec<_>>(), [&Part::Short]);
        let lacks = about.lacks("2.4.0");
        assert_eq!(lacks.len(), 1);
        assert_eq!(lacks[&Part::Pausing], "agno 2.4.0: it cannot");
    }

    #[test]
    fn an_app_that_says_nothing_is_not_ready() {
        let error = About::read(Path::new("/no/such/file")).expect_err("nothing there");
        assert!(matches!(error, Error::NotReady(_)), "{error}");
    }
}
