//! Which requirements a `Then` declares: those of the embedded rules that have it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cucumber::gherkin::{Step, StepType};

use super::{dispatch, features};
use crate::check::registry;
use crate::protocol::Side;

/// The ids of requirements, by phrase.
static DECLARED: LazyLock<BTreeMap<&'static str, Vec<String>>> = LazyLock::new(read);

/// The requirements of this phrase of a `Then`; none for the phrases of drawn plans.
#[must_use]
pub fn of_phrase(phrase: &str) -> &'static [String] {
    DECLARED.get(phrase).map_or(&[], Vec::as_slice)
}

/// The requirements of this step of a feature; none where it is no `Then`.
pub(super) fn of(step: &Step) -> &'static [String] {
    if step.ty != StepType::Then {
        return &[];
    }
    dispatch::find(step).map_or(&[], |found| of_phrase(found.phrase))
}

fn read() -> BTreeMap<&'static str, Vec<String>> {
    let mut own: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut shared = own.clone();
    let sides = [Side::Server, Side::Client];
    let features = sides.map(|side| features::embedded(side).unwrap_or_default());
    let features = features.concat();
    for rule in features.iter().flat_map(|it| &it.rules) {
        let ids = rule.tags.iter().filter(|tag| registry::find(tag).is_some());
        let ids: Vec<&String> = ids.collect();
        // A rule with several requirements shows them together: each has a rule of its own besides.
        let declared = match ids.as_slice() {
            [_] => &mut own,
            _ => &mut shared,
        };
        for step in rule.scenarios.iter().flat_map(|it| &it.steps) {
            let (StepType::Then, Ok(found)) = (step.ty, dispatch::find(step)) else {
                continue;
            };
            let known = declared.entry(found.phrase).or_default();
            for id in &ids {
                if !known.contains(id) {
                    known.push((*id).clone());
                }
            }
        }
    }
    for (phrase, ids) in shared {
        own.entry(phrase).or_insert(ids);
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::steps;

    #[test]
    fn every_then_declares_one_requirement_or_two() {
        let thens = steps::all().filter(|step| step.keyword == StepType::Then);
        let for_plans: Vec<_> = steps::for_plans().map(|it| it.phrase).collect();
        for step in thens.filter(|step| !for_plans.contains(&step.phrase)) {
            let ids = of_phrase(step.phrase);
            assert!((1..=2).contains(&ids.len()), "{}: {ids:?}", step.phrase);
        }
        assert_eq!(of_phrase("a pong comes back"), ["GREETING-2"]);
    }
}
