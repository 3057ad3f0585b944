//! Which scenarios fall to which shard: balanced by how long they took when they were recorded, and the
//! same on every machine.
//!
//! `durations.json` has them as they took on a real server, in milliseconds by their id.
//! `.ci/record-durations REPORT-DIR` writes it anew from the folder of such a run.

use std::collections::BTreeMap;

use crate::plan::Shard;
use crate::report::model::ScenarioReport;

/// How long scenarios took on AgentOS 3.1.10.
const RECORDED: &str = include_str!("durations.json");

/// How many scenarios run at once on a server that is not bundled. One that nothing may run beside
/// holds as many others up.
const AT_ONCE: u64 = 8;

/// The durations that the suite carries.
#[must_use]
pub fn recorded() -> BTreeMap<String, u64> {
    serde_json::from_str(RECORDED).unwrap_or_default()
}

/// The places of the scenarios that fall to the shard, in order.
///
/// The longest first, each to the shard that has least so far. What was never recorded is taken for as
/// long as half of the others at least.
#[must_use]
pub fn part_of(scenarios: &[ScenarioReport], shard: &Shard) -> Vec<usize> {
    let durations = shard.durations.clone().unwrap_or_else(recorded);
    let usual = median(durations.values().copied().collect());
    let weight = |scenario: &ScenarioReport| {
        let took = durations.get(&scenario.id).copied().unwrap_or(usual);
        let is_alone = scenario
            .tags
            .iter()
            .any(|tag| tag == super::selection::SERIAL);
        took.saturating_mul(if is_alone { AT_ONCE } else { 1 })
    };
    let weights = scenarios.iter().map(|it| (weight(it), it.id.as_str()));
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
