//! Keeps `.vscode` to the steps: the Cucumber extension of VS Code reads attributes of Rust functions as steps,
//! and no macros in tables, so it gets an index of them. `UPDATE_EXPECTED=1` writes the index anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use cucumber::gherkin::{Feature, GherkinEnv, Step};
use reconnect_acceptance::protocol::Side;
use reconnect_acceptance::suite::{dispatch, features, params};
use regex::Regex;
use serde_json::Value;

const INDEX: &str = ".vscode/steps.rs";

const HEAD: &str = "\
// An index of the steps, for the Cucumber extension of VS Code: it finds attributes like these, and no macros.
// The steps themselves are in the tables of the files that are named here. Nothing compiles this file;
// `UPDATE_EXPECTED=1 cargo test --test records editor` writes it.
";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every step of the features, examples expanded.
fn steps() -> Vec<Step> {
    let mut all = Vec::new();
    for (path, text) in [Side::Server, Side::Client]
        .into_iter()
        .flat_map(features::files_of)
    {
        let feature = Feature::parse(text, GherkinEnv::default())
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let feature = cucumber::feature::Ext::expand_examples(feature).expect("examples");
        let rules = feature.rules.into_iter();
        let scenarios = rules.flat_map(|rule| rule.scenarios);
        all.extend(scenarios.flat_map(|it| it.steps));
    }
    all
}

fn index() -> String {
    let mut text = HEAD.to_owned();
    let viewer = ("viewer", vec!["[A-Z][a-z]+"]);
    for (name, phrases) in [viewer].into_iter().chain(params::all()) {
        let pattern = phrases.join("|").replace("{int}", r"\\d+");
        let _ = write!(
            text,
            "\n#[param(name = \"{name}\", regex = \"{pattern}\")]\nstruct Parameter;\n"
        );
    }
    let mut by_file: BTreeMap<&str, BTreeSet<(u32, String)>> = BTreeMap::new();
    for step in steps() {
        let found = dispatch::find(&step).expect("a step");
        assert!(!found.phrase.contains(['"', '\\']), "{}", found.phrase);
        let keyword = format!("{:?}", found.keyword).to_lowercase();
        let attribute = format!("#[{keyword}(expr = \"{}\")]", found.phrase);
        by_file
            .entry(found.file)
            .or_default()
            .insert((found.line, attribute));
    }
    for (file, steps) in by_file {
        let _ = write!(text, "\n// {file}\n");
        for (_, attribute) in steps {
            let _ = write!(text, "\n{attribute}\nfn step() {{}}\n");
        }
    }
    text
}

#[test]
fn the_index_has_every_step_and_every_parameter() {
    let expected = index();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path(INDEX), expected).expect("written");
        return;
    }
    let text = fs::read_to_string(path(INDEX)).expect("an index");
    assert!(
        text == expected,
        "{INDEX} is out of date; UPDATE_EXPECTED=1 cargo test --test records editor writes it"
    );
}

#[test]
fn every_step_of_the_features_is_found_by_the_index() {
    let text = fs::read_to_string(path(INDEX)).expect("an index");
    let parameter =
        Regex::new(r#"#\[param\(name = "(\w+)", regex = "(.+)"\)\]"#).expect("a pattern");
    let mut parameters: BTreeMap<&str, String> = BTreeMap::from([("int", r"-?\d+".to_owned())]);
    for found in parameter.captures_iter(&text) {
        let (_, [name, pattern]) = found.extract();
        parameters.insert(name, pattern.replace(r"\\", r"\"));
    }
    let attribute = Regex::new(r#"#\[(given|when|then)\(expr = "(.+)"\)\]"#).expect("a pattern");
    // The cucumber expression of a step, as a regular one.
    let special = Regex::new(r"\{(\w+)\}|\((\w+)\)").expect("a pattern");
    let patterns: Vec<(String, Regex)> = attribute
        .captures_iter(&text)
        .map(|found| {
            let (_, [keyword, phrase]) = found.extract();
            let pattern = special.replace_all(phrase, |it: &regex::Captures<'_>| {
                let name = it.get(1).map(|name| &parameters[name.as_str()]);
                name.map_or_else(|| format!("(?:{})?", &it[2]), |of| format!("(?:{of})"))
            });
            let pattern = Regex::new(&format!("^{pattern}$")).expect("a pattern");
            (keyword.to_owned(), pattern)
        })
        .collect();
    for step in steps() {
        let keyword = format!("{:?}", step.ty).to_lowercase();
        let mut all = patterns.iter().filter(|(of, _)| *of == keyword);
        assert!(
            all.any(|(_, pattern)| pattern.is_match(&step.value)),
            "{}",
            step.value
        );
    }
    let is_found = |text: &str| patterns.iter().any(|(_, it)| it.is_match(text));
    assert!(!is_found("Ada returns with a position"));
}

#[test]
fn the_settings_lead_to_the_features_and_the_index() {
    let text = fs::read_to_string(path(".vscode/settings.json")).expect("settings");
    let settings: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(settings["cucumber.glue"], serde_json::json!([INDEX]));
    assert_eq!(
        settings["cucumber.features"],
        serde_json::json!(["features/**/*.feature"])
    );
}
