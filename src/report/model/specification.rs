//! What the feature files say besides their scenarios: the introductions of features
//! and rules. Reports show them as they were when the scenarios ran.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::text::escape::escape_visible;

/// The longest line that is shown whole, in characters.
const LONGEST: usize = 2_000;

/// A feature file with a selected scenario.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct FeatureReport {
    /// The file, as in the `path` of its scenarios.
    pub path: String,
    /// Its name.
    pub name: String,
    /// The prose below `Feature:`; a newline ends a line of it, an empty line a paragraph.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The line of `Feature:`, counted from 1; 0 where it is not known.
    #[serde(default)]
    pub line: usize,
    /// The rules with a selected scenario, in the order of the file.
    #[serde(default)]
    pub rules: Vec<RuleReport>,
}

/// A rule with a selected scenario.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RuleReport {
    /// Its sentence, as in the `rule` of its scenarios.
    pub name: String,
    /// The prose below `Rule:`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The line of `Rule:`, counted from 1; 0 where it is not known.
    #[serde(default)]
    pub line: usize,
}

impl FeatureReport {
    /// The rule of this sentence.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<&RuleReport> {
        self.rules.iter().find(|rule| rule.name == name)
    }
}

/// The feature file that is read before all others: everything that matters most, in one scenario.
const FIRST: &str = "reconnecting.feature";

/// What puts the paths of feature files into the order in which they are read: [`FIRST`], and then by their
/// names.
pub(crate) fn reading_order(path: &str) -> (bool, &str) {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    (name != FIRST, path)
}

/// The features of several reports, each once, with the rules of all, in the order in which they are read.
pub(crate) fn together(all: impl IntoIterator<Item = FeatureReport>) -> Vec<FeatureReport> {
    let mut features: Vec<FeatureReport> = Vec::new();
    for feature in all {
        match features.iter_mut().find(|it| it.path == feature.path) {
            None => features.push(feature),
            Some(known) => {
                for rule in feature.rules {
                    if !known.rules.contains(&rule) {
                        known.rules.push(rule);
                    }
                }
            }
        }
    }
    features.sort_by(|one, other| reading_order(&one.path).cmp(&reading_order(&other.path)));
    for feature in &mut features {
        feature.rules.sort_by_key(|rule| rule.line);
    }
    features
}

/// A description in visible characters, line by line.
pub(crate) fn visible(description: &str) -> String {
    let lines = description
        .lines()
        .map(|line| escape_visible(line, LONGEST));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paragraphs of a description, each in one line.
pub(crate) fn paragraphs(description: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in description.lines().map(str::trim) {
        match paragraphs.last_mut() {
            Some(last) if !line.is_empty() => {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(line);
            }
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

#[cfg(test)]
mod tests {
    use crate::report::model::specification::{paragraphs, reading_order};

    #[test]
    fn an_empty_line_ends_a_paragraph() {
        let text = "one\n  goes on\n\n\ntwo\n";
        assert_eq!(paragraphs(text), ["one goes on", "two"]);
        assert!(paragraphs(" \n").is_empty());
    }

    #[test]
    fn one_file_is_read_first_and_the_others_by_name() {
        let mut paths = [
            "features/owner.feature",
            "features/reconnecting.feature",
            "features/my-reconnecting.feature",
        ];
        paths.sort_by_key(|path| reading_order(path));
        assert_eq!(paths[0], "features/reconnecting.feature");
        assert!(paths[1..].is_sorted());
    }
}
