//! The order in which scenarios start: those first that are expected to take longest, so that the run does
//! not wait for one of them when everything else is over.

use std::cmp::Reverse;
use std::mem::take;

use cucumber::gherkin::{Feature, Rule, Scenario};

/// The features, each with a single scenario, in the order of their expected durations.
pub(super) fn longest_first(
    features: Vec<Feature>,
    expected: impl Fn(&Scenario) -> u64,
) -> Vec<Feature> {
    let mut all: Vec<(u64, Feature)> = Vec::new();
    for mut feature in features {
        let own = take(&mut feature.scenarios);
        let rules = take(&mut feature.rules);
        for scenario in own {
            let took = expected(&scenario);
            let scenarios = vec![scenario];
            let alone = Feature {
                scenarios,
                ..feature.clone()
            };
            all.push((took, alone));
        }
        for mut rule in rules {
            for scenario in take(&mut rule.scenarios) {
                let took = expected(&scenario);
                let scenarios = vec![scenario];
                let rules = vec![Rule {
                    scenarios,
                    ..rule.clone()
                }];
                let alone = Feature {
                    rules,
                    ..feature.clone()
                };
                all.push((took, alone));
            }
        }
    }
    // Stable: scenarios that take equally long start in the order of the features.
    all.sort_by_key(|(took, _)| Reverse(*took));
    all.into_iter().map(|(_, feature)| feature).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Selection;
    use crate::suite::Scenarios;
    use crate::suite::selection::place_of;

    fn places(features: &[Feature]) -> Vec<usize> {
        let ruled = features.iter().flat_map(|it| &it.rules);
        let ruled = ruled.flat_map(|rule| &rule.scenarios);
        let own = features.iter().flat_map(|it| &it.scenarios);
        own.chain(ruled).filter_map(place_of).collect()
    }

    #[test]
    fn every_scenario_is_there_once_and_the_longest_come_first() {
        let all = Scenarios::select(&Selection::default()).expect("all");
        let took = |place: usize| (place % 7) as u64;
        let features = longest_first(all.features, |scenario| {
            took(place_of(scenario).expect("a place"))
        });
        assert_eq!(features.len(), all.reports.len());
        let order = places(&features);
        let durations: Vec<u64> = order.iter().map(|place| took(*place)).collect();
        assert!(
            durations.is_sorted_by(|one, next| one >= next),
            "{durations:?}"
        );
        let mut order = order;
        order.sort_unstable();
        assert!(order.into_iter().eq(0..all.reports.len()));
    }
}
