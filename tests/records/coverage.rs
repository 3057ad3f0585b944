//! The table of what judges each requirement: it has every id once, and what it names exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use reconnect_acceptance::check::registry;
use reconnect_acceptance::suite::features;
use regex::Regex;

/// The lines of the table, each with its cells.
fn lines() -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
    let text = fs::read_to_string(path).expect("docs/coverage.md");
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.skip(1)
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

#[test]
fn every_requirement_has_one_line_in_the_order_of_the_catalogue() {
    let ids: Vec<String> = lines().into_iter().map(|cells| cells[0].clone()).collect();
    let catalogue: Vec<&str> = registry::all().map(|it| it.id).collect();
    assert_eq!(ids, catalogue);
}

#[test]
fn every_line_names_parts_a_check_and_scenarios_that_exist() {
    let check = Regex::new("^`([^`]+)` `([^`]+)`$").expect("a pattern");
    let quoted = Regex::new("\"([^\"]+)\"").expect("a pattern");
    let titles: BTreeSet<String> = features::embedded_files()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| {
            let line = line.trim();
            let title = line.strip_prefix("Scenario: ");
            let title = title.or_else(|| line.strip_prefix("Scenario Outline: "))?;
            Some(title.to_owned())
        })
        .collect();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/rules");
    for cells in lines() {
        let [id, parts, named, scenarios] = cells.as_slice() else {
            panic!("{cells:?} has not four cells");
        };
        assert!(!parts.is_empty(), "{id} has no parts");
        let named = check
            .captures(named)
            .unwrap_or_else(|| panic!("{id}: {named}"));
        let source = fs::read_to_string(rules.join(&named[1]));
        let source = source.unwrap_or_else(|error| panic!("{id}: {}: {error}", &named[1]));
        let function = format!("fn {}(", &named[2]);
        assert!(
            source.contains(&function),
            "{id}: {} has no {function}",
            &named[1]
        );
        let scenarios: Vec<_> = quoted.captures_iter(scenarios).collect();
        assert!(!scenarios.is_empty(), "{id} names no scenario");
        for title in scenarios {
            assert!(
                titles.contains(&title[1]),
                "{id}: no scenario {:?}",
                &title[1]
            );
        }
    }
}
