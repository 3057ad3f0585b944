//! Where scenarios and their steps are written: feature files with their lines, and step files.

use std::collections::BTreeMap;

use cucumber::gherkin::{Feature, Rule, Step};

use super::selection::Scenarios;
use super::{dispatch, features};
use crate::check::registry;

/// Where the scenarios of a selection are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// The rules: feature file, and line in it. One that names several requirements comes after their own.
    pub rules: Vec<(String, usize)>,
    /// The steps, by step file: each one's line in it, and the phrase of the first scenario that uses it.
    pub steps: BTreeMap<&'static str, BTreeMap<u32, String>>,
}

impl Sources {
    /// Looks them up for these scenarios.
    #[must_use]
    pub fn of(scenarios: &Scenarios) -> Self {
        let mut sources = Self::default();
        let mut shared = Vec::new();
        for feature in &scenarios.features {
            let path = features::shown_path(feature);
            for rule in &feature.rules {
                let names = rule.tags.iter().filter(|tag| registry::find(tag).is_some());
                let rules = match names.count() {
                    0 | 1 => &mut sources.rules,
                    _ => &mut shared,
                };
                rules.push((path.clone(), rule.position.line));
                steps_of(feature, rule).for_each(|step| sources.add(step));
            }
        }
        sources.rules.append(&mut shared);
        sources
    }

    fn add(&mut self, step: &Step) {
        if let Ok(found) = dispatch::find(step) {
            let lines = self.steps.entry(found.file).or_default();
            let phrase = || format!("{:?} {}", step.ty, step.value);
            lines.entry(found.line).or_insert_with(phrase);
        }
    }
}

fn steps_of<'f>(feature: &'f Feature, rule: &'f Rule) -> impl Iterator<Item = &'f Step> {
    let backgrounds = feature.background.iter().chain(&rule.background);
    let scenarios = rule.scenarios.iter().flat_map(|scenario| &scenario.steps);
    backgrounds.flat_map(|it| &it.steps).chain(scenarios)
}
