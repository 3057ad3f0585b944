//! Checks the feature files: their style, and that each requirement has one rule.

use std::collections::{BTreeMap, BTreeSet};

use cucumber::gherkin::{Feature, GherkinEnv, Scenario, StepType};
use reconnect_acceptance::check::{Level, registry};
use reconnect_acceptance::protocol::Side;
use reconnect_acceptance::suite::{dispatch, features};
use regex::Regex;

fn all() -> Vec<(String, &'static str, Feature)> {
    let both = [Side::Server, Side::Client];
    both.into_iter()
        .flat_map(features::files_of)
        .map(|(path, text)| {
            let feature = Feature::parse(text, GherkinEnv::default())
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            (path, text, feature)
        })
        .collect()
}

fn scenarios(feature: &Feature) -> impl Iterator<Item = &Scenario> {
    feature
        .scenarios
        .iter()
        .chain(feature.rules.iter().flat_map(|rule| &rule.scenarios))
}

#[test]
fn the_file_that_shows_the_whole_comes_first_and_the_others_by_name() {
    let paths: Vec<_> = features::embedded_files().map(|(path, _)| path).collect();
    assert_eq!(paths[0], "features/reconnecting.feature");
    assert!(paths[1..].is_sorted(), "{paths:?}");
    let rules = all().remove(0).2.rules;
    let [rule] = rules.as_slice() else {
        panic!("{} rules", rules.len());
    };
    assert_eq!(rule.scenarios.len(), 1);
}

#[test]
fn every_requirement_has_a_rule_and_every_rule_a_requirement() {
    let mut ruled = BTreeSet::new();
    let mut shared = Vec::new();
    for (path, _, feature) in all() {
        assert!(
            feature.scenarios.is_empty(),
            "{path}: every scenario belongs to a rule"
        );
        for rule in &feature.rules {
            let ids: Vec<_> = rule
                .tags
                .iter()
                .filter_map(|tag| registry::find(tag))
                .collect();
            let strictest = ids.iter().map(|it| it.level).min();
            let Some(level) = strictest else {
                panic!("{path}: the rule {:?} names no requirement", rule.name);
            };
            match ids.as_slice() {
                [requirement] => {
                    let id = requirement.id;
                    assert!(ruled.insert(id), "{path}: {id} has two rules of its own");
                    assert_eq!(rule.name, requirement.sentence, "{path}: {id}");
                }
                // It shows them together; each has a rule of its own besides.
                several => shared.extend(several.iter().map(|it| it.id)),
            }
            let level = match level {
                Level::Must => None,
                Level::Should => Some("should"),
                Level::May => Some("may"),
            };
            let tagged = rule
                .tags
                .iter()
                .map(String::as_str)
                .find(|tag| matches!(*tag, "should" | "may"));
            assert_eq!(tagged, level, "{path}: the level of {:?}", rule.name);
            assert!(
                !rule.scenarios.is_empty(),
                "{path}: {:?} has no scenario",
                rule.name
            );
        }
    }
    let catalogued: BTreeSet<_> = registry::both().map(|requirement| requirement.id).collect();
    assert_eq!(ruled, catalogued);
    assert!(shared.iter().all(|id| ruled.contains(id)), "{shared:?}");
}

#[test]
fn every_step_is_written_once_and_every_phrase_is_used() {
    let mut used = BTreeSet::new();
    for (path, _, feature) in all() {
        let feature = cucumber::feature::Ext::expand_examples(feature).expect("examples");
        for scenario in scenarios(&feature) {
            for step in &scenario.steps {
                let found = dispatch::find(step)
                    .unwrap_or_else(|error| panic!("{path}: {:?}: {error}", step.value));
                used.insert((format!("{:?}", step.ty), found.file, found.line));
            }
        }
    }
    let for_plans = dispatch::for_plans().count();
    let written = dispatch::phrases().len();
    assert_eq!(
        used.len() + for_plans,
        written,
        "some phrases are written and not used in any feature"
    );
}

#[test]
fn the_files_keep_to_the_rules_of_style() {
    let technical =
        Regex::new(r"(?i)\b(url|port|json|http|sleep|sends?|milliseconds?|ms|socket|localhost)\b")
            .expect("a pattern");
    let stray = Regex::new(r"^\s*[A-Z]\w*( Outline)?:").expect("a pattern");
    for (path, text, feature) in all() {
        assert!(!text.starts_with('\u{feff}'), "{path}: a byte order mark");
        assert!(text.lines().count() <= 120, "{path}: more than 120 lines");
        assert!(
            !text.contains("@retry") && !text.contains("@wip"),
            "{path}: @retry or @wip"
        );
        assert!(
            feature
                .background
                .as_ref()
                .is_none_or(|it| it.steps.len() <= 2),
            "{path}: background"
        );
        // A misspelt keyword becomes part of a description.
        for description in [&feature.description].into_iter().flatten() {
            assert!(
                !description.lines().any(|line| stray.is_match(line)),
                "{path}: {description}"
            );
        }
        for rule in &feature.rules {
            assert!(
                rule.scenarios.len() <= 5,
                "{path}: {:?} has more than 5 scenarios",
                rule.name
            );
            assert!(
                rule.description.is_none(),
                "{path}: {:?} has a description: {:?}",
                rule.name,
                rule.description
            );
        }
        for scenario in scenarios(&feature) {
            let name = &scenario.name;
            assert!(
                scenario.description.is_none(),
                "{path}: {name}: {:?}",
                scenario.description
            );
            assert!(
                (1..=7).contains(&scenario.steps.len()),
                "{path}: {name}: {} steps",
                scenario.steps.len()
            );
            let count = |kind| scenario.steps.iter().filter(|step| step.ty == kind).count();
            assert_eq!(count(StepType::When), 1, "{path}: {name}: one When");
            assert!(count(StepType::Then) >= 1, "{path}: {name}: a Then");
            let rows: usize = scenario
                .examples
                .iter()
                .filter_map(|it| it.table.as_ref())
                .map(|it| it.rows.len() - 1)
                .sum();
            assert!(
                scenario.examples.is_empty() || (2..=6).contains(&rows),
                "{path}: {name}: {rows} rows"
            );
            for step in &scenario.steps {
                assert!(
                    !step.keyword.starts_with('*'),
                    "{path}: {name}: `*` is always Given"
                );
                assert!(step.docstring.is_none(), "{path}: {name}: a doc string");
                // What a rule is about may be named: strict JSON, invalid messages, runs over HTTP.
                let judged = step.value.replace("strict JSON", "");
                let judged = judged.replace(" over HTTP", "");
                let is_invalid = judged.contains(" sends ");
                assert!(
                    is_invalid || !technical.is_match(&judged),
                    "{path}: {name}: {:?} is technical",
                    step.value
                );
            }
        }
    }
}

#[test]
fn no_two_scenarios_of_a_rule_have_the_same_name() {
    for (path, _, feature) in all() {
        for rule in &feature.rules {
            let mut names: BTreeMap<&str, usize> = BTreeMap::new();
            for scenario in &rule.scenarios {
                *names.entry(&scenario.name).or_default() += 1;
            }
            let twice: Vec<_> = names.into_iter().filter(|(_, count)| *count > 1).collect();
            assert!(twice.is_empty(), "{path}: {:?}: {twice:?}", rule.name);
        }
    }
}

#[test]
fn the_page_of_requirements_names_every_feature() {
    let page = std::fs::read_to_string("docs/requirements.md").expect("a page");
    for (path, _, feature) in all() {
        let link = format!("[{}](../{path})", feature.name);
        assert!(page.contains(&link), "docs/requirements.md lacks {link}");
    }
}

#[test]
fn rules_and_titles_can_be_read_alone() {
    let alone = Regex::new(r"^([A-Z]|`[a-z])").expect("a pattern");
    let leaning =
        Regex::new(r"^(This|That|It|Its|They|Their|He|She|Then|Also)\b").expect("a pattern");
    for (path, _, feature) in all() {
        let feature = cucumber::feature::Ext::expand_examples(feature).expect("examples");
        let rules = feature.rules.iter().map(|rule| &rule.name);
        for text in rules.chain(scenarios(&feature).map(|it| &it.name)) {
            assert!(
                alone.is_match(text),
                "{path}: {text:?} begins with a small letter"
            );
            assert!(
                !leaning.is_match(text),
                "{path}: {text:?} needs another sentence"
            );
        }
    }
}
