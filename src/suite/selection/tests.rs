//! What is selected, and what is said where nothing is.

use super::*;
use crate::suite::shard::SERIAL;

#[test]
fn everything_is_selected_by_an_empty_selection_and_ids_are_unique() {
    let all = Scenarios::select(&Selection::default()).expect("all");
    let mut ids: Vec<&str> = all
        .reports
        .iter()
        .map(|report| report.id.as_str())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    let run: usize = all
        .features
        .iter()
        .map(cucumber::feature::Ext::count_scenarios)
        .sum();
    assert_eq!(run, count);
}

/// A folder with one feature, of which one scenario is for thorough runs alone.
fn tables() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let feature = "Feature: Ping\n  @GREETING-2\n  Rule: A ping\n    Scenario: Few cases\n      When Ada pings\n\
                   \n    @thorough\n    Scenario: All cases\n      When Ada pings\n";
    std::fs::write(folder.path().join("ping.feature"), feature).expect("a file");
    folder
}

fn names(selection: &Selection) -> Vec<String> {
    let chosen = Scenarios::select(selection).expect("some");
    assert_eq!(chosen.unselected, BTreeMap::new());
    chosen.reports.into_iter().map(|it| it.name).collect()
}

#[test]
fn whole_tables_are_run_only_where_they_are_asked_for() {
    let folder = tables();
    let usual = Selection {
        features: Some(folder.path().to_owned()),
        only_own: true,
        ..Selection::default()
    };
    assert_eq!(names(&usual), ["Few cases"]);
    let thorough = Selection {
        thorough: true,
        ..usual.clone()
    };
    assert_eq!(names(&thorough), ["Few cases", "All cases"]);
    let tagged = Selection {
        tags: Some("@thorough".to_owned()),
        ..usual
    };
    let error = Scenarios::select(&tagged).expect_err("nothing").to_string();
    assert!(error.contains("--thorough adds 1 more"), "{error}");
}

#[test]
fn a_whole_table_that_failed_is_run_again_without_asking() {
    let folder = tables();
    let all = Scenarios::select(&Selection {
        thorough: true,
        features: Some(folder.path().to_owned()),
        only_own: true,
        ..Selection::default()
    });
    let ids: Vec<String> = all
        .expect("all")
        .reports
        .into_iter()
        .map(|it| it.id)
        .collect();
    let again = Selection {
        features: Some(folder.path().to_owned()),
        only_own: true,
        rerun: Some(crate::plan::Rerun {
            scenarios: ids.iter().skip(1).cloned().collect(),
            seen: ids.into_iter().collect(),
            ..crate::plan::Rerun::default()
        }),
        ..Selection::default()
    };
    let chosen = Scenarios::select(&again).expect("one").reports;
    let names: Vec<_> = chosen.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["All cases"]);
}

#[test]
fn a_feature_introduces_itself_and_its_selected_rules() {
    let selection = Selection {
        require: vec!["CATCHUP-2".to_owned()],
        ..Selection::default()
    };
    let told = Scenarios::select(&selection).expect("some").introductions();
    let [whole, feature] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(whole.path, "features/reconnecting.feature");
    assert_eq!(feature.path, "features/catching_up.feature");
    assert_eq!(feature.line, 1);
    let mut lines = feature.description.lines();
    let first = "A viewer who loses the connection while a run is under way misses nothing:";
    assert_eq!(lines.next(), Some(first));
    assert_eq!(lines.count(), 1);
    let [rule] = feature.rules.as_slice() else {
        panic!("{:?}", feature.rules);
    };
    assert!(
        rule.name
            .starts_with("Exactly as many missed events follow")
    );
    assert!(rule.line > 1);
}

#[test]
fn a_rule_of_several_requirements_is_judged_by_those_that_were_asked_for() {
    let selected = |selection: Selection| Scenarios::select(&selection).expect("some");
    let together = selected(Selection {
        tags: Some("@CATCHUP-1 and @CATCHUP-5".to_owned()),
        ..Selection::default()
    });
    let [whole] = together.reports.as_slice() else {
        panic!("{} scenarios", together.reports.len());
    };
    let ids = [
        "CATCHUP-1",
        "CATCHUP-2",
        "CATCHUP-3",
        "CATCHUP-4",
        "CATCHUP-5",
    ];
    assert_eq!(whole.requirements, ids);
    assert_eq!(together.requirements(), ids);
    let one = selected(Selection {
        require: vec!["CATCHUP-2".to_owned()],
        ..Selection::default()
    });
    assert!(one.reports.iter().any(|it| it.id == whole.id));
    assert_eq!(one.requirements(), ["CATCHUP-2"]);
    assert!(!one.unselected.contains_key("CATCHUP-2"));
}

#[test]
fn a_scenario_has_the_tags_of_its_feature_and_its_rule() {
    let selection = Selection {
        require: vec!["MALFORMED-1".to_owned()],
        ..Selection::default()
    };
    let chosen = Scenarios::select(&selection).expect("some");
    let rules = chosen.features.iter().flat_map(|feature| &feature.rules);
    for scenario in rules.flat_map(|rule| &rule.scenarios) {
        for tag in [SERIAL, "MALFORMED-1", "should"] {
            assert!(scenario.tags.iter().any(|own| own == tag), "{tag}");
        }
    }
}

#[test]
fn only_the_variants_that_are_used_are_known() {
    let of = |id: &str| {
        let require = vec![id.to_owned()];
        let selection = Selection {
            require,
            ..Selection::default()
        };
        Scenarios::select(&selection).expect("some").variants()
    };
    assert_eq!(of("GREETING-2"), []);
    assert_eq!(of("AUTH-3"), [Variant::Guarded]);
    assert_eq!(of("OWNER-2"), [Variant::IsolatedUsers]);
    assert_eq!(of("AUTH-4"), [Variant::Guarded, Variant::Users]);
    assert_eq!(of("REPLICA-1"), [Variant::Replica]);
    let alone = Selection {
        tags: Some(format!("@{SERIAL}")),
        ..Selection::default()
    };
    let alone = Scenarios::select(&alone).expect("some").variants();
    assert_eq!(alone, [Variant::Replica]);
}

#[test]
fn shards_share_the_selection_and_tell_what_they_leave_out() {
    let selection = |shard| Selection {
        require: vec!["CATCHUP".to_owned()],
        shard,
        ..Selection::default()
    };
    let whole = Scenarios::select(&selection(None)).expect("some");
    let mut ids = Vec::new();
    for number in 1..=3 {
        let shard = Shard {
            number,
            of: 3,
            durations: None,
        };
        let part = Scenarios::select(&selection(Some(shard))).expect("some");
        let told = part.shard.as_ref().expect("a shard");
        assert_eq!(told.scenarios, whole.reports.len());
        for (id, all) in &told.requirements {
            let own = part.reports.iter();
            let own = own.filter(|it| it.requirements.contains(id)).count();
            let left_out = part.unselected.get(id).copied().unwrap_or(0);
            let before = whole.unselected.get(id).copied().unwrap_or(0);
            assert_eq!(own + left_out, all + before, "{id}");
        }
        // Each scenario that is played finds its report.
        let rules = part.features.iter().flat_map(|feature| &feature.rules);
        let played: Vec<_> = rules.flat_map(|rule| &rule.scenarios).collect();
        assert_eq!(played.len(), part.reports.len());
        for scenario in played {
            let place = place_of(scenario).expect("a place");
            assert_eq!(part.reports[place].line, scenario.position.line);
        }
        ids.extend(part.reports.into_iter().map(|it| it.id));
    }
    let mut all: Vec<_> = whole.reports.into_iter().map(|it| it.id).collect();
    ids.sort();
    all.sort();
    assert_eq!(ids, all);
    let more = Shard {
        number: 999,
        of: 999,
        durations: None,
    };
    let idle = Scenarios::select(&selection(Some(more))).expect("none is no error");
    assert!(idle.reports.is_empty() && idle.features.is_empty());
}

#[test]
fn a_selection_that_matches_nothing_names_the_nearest() {
    let selection = Selection {
        require: vec!["CATCHUB".to_owned()],
        ..Selection::default()
    };
    let error = Scenarios::select(&selection)
        .expect_err("nothing")
        .to_string();
    assert!(error.contains("CATCHUP-"), "{error}");
    let selection = Selection {
        tags: Some("@shuld".to_owned()),
        ..Selection::default()
    };
    let error = Scenarios::select(&selection)
        .expect_err("nothing")
        .to_string();
    assert!(error.contains("@should"), "{error}");
}

#[test]
fn tags_names_and_ids_select() {
    let selection = Selection {
        tags: Some("@should and not @GREETING-2".to_owned()),
        require: vec!["GREETING".to_owned(), "CATCHUP-7".to_owned()],
        ..Selection::default()
    };
    let chosen = Scenarios::select(&selection).expect("some");
    assert!(
        chosen
            .reports
            .iter()
            .all(|report| report.requirements == ["CATCHUP-7"])
    );
}
