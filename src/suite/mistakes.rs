//! What is wrong in the reader's own features, before anything is run: in which line, and what comes nearest.

use std::collections::HashSet;
use std::sync::LazyLock;

use cucumber::gherkin::{Feature, Scenario, Step};
use regex::Regex;

use super::dispatch::MatchError;
use super::features::OwnFile;
use super::nearest::closest;
use super::{declared, dispatch, keywords, params, wire_tags};
use crate::check::registry;

/// How many are told.
const MOST: usize = 20;

/// What looks like the id of a requirement.
static ID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^[A-Za-z]+-[0-9]+$").unwrap_or_else(|error| unreachable!("{error}"))
});

/// The tags that have a meaning, and are long enough not to be meant by chance.
const MEANINGFUL: &[&str] = &[
    "should",
    "serial",
    "thorough",
    "breakpoint",
    wire_tags::OVER_HTTP,
    wire_tags::OVER_WEBSOCKET,
];

/// The features of these files.
///
/// # Errors
///
/// One sentence for each mistake, with file and line, in the order of the files.
pub(super) fn none_in(files: Vec<OwnFile>) -> Result<Vec<Feature>, Vec<String>> {
    let mut all = Vec::new();
    let mut features = Vec::new();
    for OwnFile {
        path,
        text,
        feature,
    } in files
    {
        let mut found = misspelt(&text);
        found.extend(tags(&text));
        match feature {
            Ok(feature) => {
                found.extend(undefined(&feature));
                found.extend(not_judged(&feature));
                features.push(feature);
            }
            // A misspelt keyword is the better explanation.
            Err(_) if !found.is_empty() => {}
            Err(error) => all.push(format!("{path}:{error}")),
        }
        found.sort();
        let told = found.into_iter();
        all.extend(told.map(|(line, mistake)| format!("{path}:{line}: {mistake}")));
    }
    if all.is_empty() {
        return Ok(features);
    }
    if let Some(more @ 1..) = all.len().checked_sub(MOST) {
        all.truncate(MOST);
        all.push(format!("and {more} more"));
    }
    Err(all)
}

/// A line, counted from 1, and what is wrong there.
type Mistake = (usize, String);

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line))
}

/// Lines that would be taken for prose, or not at all.
fn misspelt(text: &str) -> Vec<Mistake> {
    let found = numbered(text).filter_map(|(number, line)| {
        let keyword = keywords::meant(line)?;
        Some((number, format!("{:?}: is `{keyword}` meant?", line.trim())))
    });
    found.collect()
}

fn tags(text: &str) -> Vec<Mistake> {
    let lines = numbered(text).filter(|(_, line)| line.trim_start().starts_with('@'));
    let tags = lines.flat_map(|(number, line)| {
        let words = line.split_whitespace();
        let words = words.take_while(|it| !it.starts_with('#'));
        words.map(move |word| (number, word.trim_start_matches('@')))
    });
    tags.filter_map(|(number, tag)| Some((number, unknown_tag(tag)?)))
        .collect()
}

fn unknown_tag(tag: &str) -> Option<String> {
    if ID.is_match(tag) && registry::find(tag).is_none() {
        let ids: Vec<String> = registry::both().map(|it| it.id.to_owned()).collect();
        let nearest = closest(&[tag.to_owned()], &ids);
        return Some(format!(
            "unknown requirement @{tag}; the nearest: {}; `list requirements` shows all",
            nearest.join(", ")
        ));
    }
    let small = tag.to_lowercase();
    let is_meant = |it: &&&str| **it != tag && strsim::osa_distance(it, &small) <= 1;
    let meant = MEANINGFUL.iter().find(is_meant)?;
    Some(format!("unknown tag @{tag}: is @{meant} meant?"))
}

fn steps(feature: &Feature) -> impl Iterator<Item = &Step> {
    let rules = feature.rules.iter();
    let backgrounds = rules.filter_map(|it| it.background.as_ref());
    let backgrounds = feature.background.iter().chain(backgrounds);
    let scenarios = scenarios(feature).flat_map(|(scenario, _)| &scenario.steps);
    backgrounds.flat_map(|it| &it.steps).chain(scenarios)
}

/// The scenarios, each with the tags of its rule.
fn scenarios(feature: &Feature) -> impl Iterator<Item = (&Scenario, &[String])> {
    let ruled = feature.rules.iter().flat_map(|rule| {
        let scenarios = rule.scenarios.iter();
        scenarios.map(|it| (it, rule.tags.as_slice()))
    });
    let plain = feature.scenarios.iter();
    plain.map(|it| (it, [].as_slice())).chain(ruled)
}

fn undefined(feature: &Feature) -> Vec<Mistake> {
    let mut seen = HashSet::new();
    let found = steps(feature).filter_map(|step| {
        let error = dispatch::find(step).err()?;
        // The rows of an outline share a line.
        if !seen.insert((step.position.line, step.value.as_str())) {
            return None;
        }
        let said = format!("{:?} {}", step.ty, step.value);
        let mistake = match error {
            MatchError::Undefined => {
                let nearest = dispatch::nearest(step.ty, &step.value);
                let values = nearest.first().map_or_else(String::new, |it| values_in(it));
                let nearest = nearest.join("\n      ");
                format!(
                    "undefined step {said:?}; the nearest:\n      {nearest}\n{values}    `list steps` shows all, and \
                     the values of parameters"
                )
            }
            ambiguous => format!("{said:?}: {ambiguous}"),
        };
        Some((step.position.line, mistake))
    });
    found.collect()
}

/// The values of this phrase's parameters, a line for each that has only some.
fn values_in(phrase: &str) -> String {
    let named = params::explained().into_iter().filter(|it| {
        let name = format!("{{{}}}", it.name);
        !it.values.is_empty() && phrase.contains(&name)
    });
    named
        .map(|it| format!("    {{{}}} is: {}\n", it.name, it.values.join(", ")))
        .collect()
}

/// Scenarios that no requirement would judge: they could never fail.
fn not_judged(feature: &Feature) -> Vec<Mistake> {
    let is_requirement = |tag: &String| registry::find(tag).is_some();
    let found = scenarios(feature).filter_map(|(scenario, of_rule)| {
        let line = scenario.position.line;
        if scenario.steps.is_empty() {
            return Some((line, format!("{:?} has no steps", scenario.name)));
        }
        let mut tags = feature.tags.iter().chain(of_rule).chain(&scenario.tags);
        let is_undefined = |step: &Step| dispatch::find(step).is_err();
        if tags.any(is_requirement)
            || scenario.steps.iter().any(is_undefined)
            || scenario.steps.iter().any(|it| !declared::of(it).is_empty())
        {
            return None;
        }
        Some((
            line,
            format!(
                "{:?} would be judged by nothing: it needs a `Then` (`list steps` names the requirements of each), or \
                 the tag of a requirement",
                scenario.name
            ),
        ))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::features;

    fn mistakes(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("own.feature"), text).expect("a file");
        let files = features::from_folder(folder.path()).expect("files");
        let all = none_in(files).err().unwrap_or_default();
        let folder = format!("{}/", folder.path().display());
        all.iter().map(|it| it.replace(&folder, "")).collect()
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_what_comes_nearest() {
        let text = "@CATCHUP-99 @mine @Serial\nFeature: Own\n\n  Scenario: One\n    Given Ada has conected\n    \
                    Then a pong comes back\n\n  Scenario: Two\n    When Ada pings\n\n  \
                    Scenario: Three\n";
        let all = mistakes(text);
        let expected = [
            (
                "own.feature:1: unknown requirement @CATCHUP-99; the nearest: CATCHUP-",
                "",
            ),
            ("own.feature:1: unknown tag @Serial: is @serial meant?", ""),
            (
                "own.feature:5: undefined step \"Given Ada has conected\"",
                "Given {viewer} has connected",
            ),
            (
                "own.feature:8: \"Two\" would be judged by nothing",
                "a `Then`",
            ),
            ("own.feature:11: \"Three\" has no steps", ""),
        ];
        for (begin, also) in expected {
            let told = all.iter().find(|it| it.starts_with(begin));
            let told = told.unwrap_or_else(|| panic!("{begin}: {all:#?}"));
            assert!(told.contains(also), "{told}");
        }
    }

    #[test]
    fn what_is_no_gherkin_is_told_with_its_line() {
        let all = mistakes(
            "Feature: Own\n  Scenario: One\n    Given Ada has connected\n    Whan Ada pings\n",
        );
        assert_eq!(all, ["own.feature:4: \"Whan Ada pings\": is `When` meant?"]);
        let all = mistakes("Feature: Own\n  Scenrio: One\n    When Ada pings\n");
        assert_eq!(
            all,
            ["own.feature:2: \"Scenrio: One\": is `Scenario:` meant?"]
        );
        let all = mistakes("hello\n");
        let [one] = all.as_slice() else {
            panic!("{all:?}");
        };
        assert!(one.starts_with("own.feature:1: no Gherkin"), "{one}");
    }

    #[test]
    fn the_embedded_features_have_no_mistakes() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("features");
        let files = features::from_folder(&folder).expect("files");
        assert_eq!(none_in(files).err(), None);
    }
}
