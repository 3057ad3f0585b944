//! What the served app says about itself: its workflows, and why parts have none.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::plan::{Casting, Workflow};
use crate::protocol::{Component, Part};
use crate::target::Error;

/// What agents and teams are started with: an empty message is refused.
const MESSAGE: &str = "Go on.";

/// What the app writes before it accepts connections.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct About {
    /// The ids of the workflows that it serves.
    pub workflows: Vec<String>,
    /// The ids of the agents that it serves; none where the release cannot resume their runs.
    #[serde(default)]
    pub agents: Vec<String>,
    /// Likewise, of the teams.
    #[serde(default)]
    pub teams: Vec<String>,
    /// Whether it can keep users apart.
    #[serde(default)]
    pub keeps_users_apart: bool,
    /// By part: why it has no workflow.
    #[serde(default)]
    pub lacks: BTreeMap<String, String>,
}

impl About {
    /// Reads the file that the app wrote.
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] if it cannot be read.
    pub fn read(file: &Path) -> Result<Self, Error> {
        let problem = |error: String| Error::NotReady(format!("read {}: {error}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| problem(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| problem(error.to_string()))
    }

    /// The parts of a casting whose workflows are served.
    #[must_use]
    pub fn cast(&self, casting: &Casting) -> Casting {
        let mut casting = casting.clone();
        casting.retain(|_, workflow| self.workflows.contains(&workflow.workflow_id));
        casting
    }

    /// The agents or teams for the parts that they play: `long-agent`.
    #[must_use]
    pub fn cast_others(&self, component: Component) -> Casting {
        let served = match component {
            Component::Agent => &self.agents,
            Component::Team => &self.teams,
            Component::Workflow => &self.workflows,
        };
        let of = |part: Part| Workflow::new(&format!("{part}-{}", component.word()), MESSAGE);
        let all = Part::ALL.into_iter().map(|part| (part, of(part)));
        all.filter(|(_, it)| served.contains(&it.workflow_id))
            .collect()
    }

    /// By part: why `release` has no workflow for it, as a sentence.
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
    fn a_workflow_that_is_not_served_plays_no_part() {
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
    fn an_app_without_the_file_is_not_ready() {
        let error = About::read(Path::new("/no/such/file")).expect_err("nothing there");
        assert!(matches!(error, Error::NotReady(_)), "{error}");
    }
}
