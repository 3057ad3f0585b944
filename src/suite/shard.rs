//! Which scenarios fall to which shard: balanced by how long they took when they were recorded, and the
//! same on every machine.
//!
//! `durations.json` has them as they took on a real server, in milliseconds by their id.
//! `.ci/record-durations REPORT-DIR` writes it anew from the folder of such a run.

use std::collections::BTreeMap;

use crate::plan::Shard;
use crate::report::model::run::ScenarioReport;

/// The tag of scenarios that nothing else may run beside.
pub const SERIAL: &str = "serial";

/// How long scenarios took on AgentOS 3.1.10.
const RECORDED: &str = include_str!("durations.json");

/// How many scenarios run at once on a server that is not bundled. One that must run
/// alone delays as many others.
const AT_ONCE: u64 = 8;

/// The durations that the suite carries.
#[must_use]
pub fn recorded() -> BTreeMap<String, u64> {
    serde_json::from_str(RECORDED).unwrap_or_default()
}

/// How long each of these may be expected to take, in milliseconds: as long as when it was recorded, by
/// the shard's own durations or those that the suite carries. What never was is taken for as long as half
/// of the others at least.
#[must_use]
pub fn expected(scenarios: &[ScenarioReport], shard: Option<&Shard>) -> Vec<u64> {
    let durations = shard.and_then(|shard| shard.durations.clone());
    let durations = durations.unwrap_or_else(recorded);
    let usual = median(durations.values().copied().collect());
    let took = |it: &ScenarioReport| durations.get(&it.id).copied().unwrap_or(usual);
    scenarios.iter().map(took).collect()
}

/// The places of the scenarios that fall to the shard, in order.
///
/// The longest first, each to the shard that has least so far. What was never recorded is taken for as
/// long as half of the others at least.
#[must_use]
pub fn part_of(scenarios: &[ScenarioReport], shard: &Shard) -> Vec<usize> {
    let expected = expected(scenarios, Some(shard));
    let weight = |scenario: &ScenarioReport, took: u64| {
        let is_alone = scenario.tags.iter().any(|tag| tag == SERIAL);
        took.saturating_mul(if is_alone { AT_ONCE } else { 1 })
    };
    let weights = scenarios.iter().zip(expected);
    let weights = weights.map(|(it, took)| (weight(it, took), it.id.as_str()));
    let falls = divide(&weights.collect::<Vec<_>>(), shard.of);
    let places = falls.into_iter().enumerate();
    let own = places.filter(|(_, number)| *number == shard.number);
    own.map(|(place, _)| place).collect()
}

/// For each weight and name the shard that it falls to, counted from 1.
fn divide(weights: &[(u64, &str)], of: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // The name settles what weighs the same, so that nothing depends on where it stands.
    order.sort_by_key(|place| {
        weights
            .get(*place)
            .map(|(weight, name)| (std::cmp::Reverse(*weight), *name))
    });
    let mut loads: Vec<(u64, usize)> = vec![(0, 0); of];
    let mut falls = vec![0; weights.len()];
    for place in order {
        let lightest = loads
            .iter_mut()
            .enumerate()
            .min_by_key(|(number, load)| (**load, *number));
        if let (Some((number, load)), Some((weight, _)), Some(falls)) =
            (lightest, weights.get(place), falls.get_mut(place))
        {
            load.0 = load.0.saturating_add(*weight);
            load.1 += 1;
            *falls = number + 1;
        }
    }
    falls
}

fn median(mut all: Vec<u64>) -> u64 {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Selection;
    use crate::suite::Scenarios;

    fn all() -> Vec<ScenarioReport> {
        let all = Scenarios::select(&Selection::default());
        all.expect("all").reports
    }

    fn shard(number: usize, of: usize) -> Shard {
        Shard {
            number,
            of,
            durations: None,
        }
    }

    #[test]
    fn what_was_recorded_is_about_the_scenarios_that_there_are() {
        let recorded = recorded();
        let all = all();
        let gone: Vec<_> = recorded
            .keys()
            .filter(|id| !all.iter().any(|it| it.id == **id))
            .collect();
        assert!(gone.is_empty(), "record them anew: {gone:?}");
        let new = all.iter().filter(|it| !recorded.contains_key(&it.id));
        let new: Vec<_> = new.map(|it| &it.id).collect();
        assert!(new.len() * 5 <= all.len(), "record them anew: {new:?}");
    }

    #[test]
    fn every_scenario_falls_to_one_shard() {
        let all = all();
        for of in [1, 2, 3, 7, all.len(), all.len() + 5] {
            let mut places: Vec<_> = (1..=of)
                .flat_map(|number| part_of(&all, &shard(number, of)))
                .collect();
            places.sort_unstable();
            assert_eq!(places, (0..all.len()).collect::<Vec<_>>(), "{of}");
        }
    }

    #[test]
    fn the_order_of_the_scenarios_changes_nothing() {
        let all = all();
        let mut turned = all.clone();
        turned.reverse();
        let ids = |all: &[ScenarioReport]| {
            let own = part_of(all, &shard(2, 3)).into_iter();
            let mut ids: Vec<_> = own.map(|place| all[place].id.clone()).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(&all), ids(&turned));
    }

    #[test]
    fn shards_take_equally_long() {
        let (all, recorded) = (all(), recorded());
        let usual = median(recorded.values().copied().collect());
        for of in [2, 3, 4, 8] {
            let took = |number| -> u64 {
                let own = part_of(&all, &shard(number, of)).into_iter();
                own.map(|place| {
                    let it = &all[place];
                    let took = recorded.get(&it.id).copied().unwrap_or(usual);
                    let alone = it.tags.iter().any(|tag| tag == "serial");
                    took * if alone { AT_ONCE } else { 1 }
                })
                .sum()
            };
            let took: Vec<_> = (1..=of).map(took).collect();
            let (least, most) = (took.iter().min(), took.iter().max());
            let (least, most) = (*least.expect("one"), *most.expect("one"));
            assert!((most - least) * 20 <= most, "within 5 %: {took:?}");
        }
    }

    #[test]
    fn the_longest_first_to_the_least_laden() {
        let falls = |weights: &[(u64, &str)], of| divide(weights, of);
        assert_eq!(
            falls(&[(1, "a"), (7, "b"), (5, "c"), (3, "d")], 2),
            [1, 1, 2, 2]
        );
        // What takes no time is spread by number, and the name settles the rest.
        assert_eq!(
            falls(&[(0, "d"), (0, "b"), (0, "c"), (0, "a")], 2),
            [2, 2, 1, 1]
        );
        assert_eq!(falls(&[(u64::MAX, "a"), (u64::MAX, "b")], 1), [1, 1]);
        assert_eq!(falls(&[], 4), [0; 0]);
    }

    #[test]
    fn a_run_of_ones_own_balances_as_well() {
        let all = all();
        // One that takes as long as all others.
        let long = &all[3].id;
        let durations = all.iter().map(|it| (it.id.clone(), 1));
        let mut durations: BTreeMap<_, _> = durations.collect();
        durations.insert(long.clone(), 1_000_000);
        let own = Shard {
            number: 1,
            of: 2,
            durations: Some(durations),
        };
        assert_eq!(part_of(&all, &own), [3]);
    }
}
