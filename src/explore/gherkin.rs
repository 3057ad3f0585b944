//! A plan as a feature that can be run: `run --features DIR`, or pasted into another one.

use crate::check::registry;
use crate::explore::plan::Plan;
use crate::explore::play::word;

/// The scenario alone, as it is pasted below a rule.
#[must_use]
pub fn scenario(plan: &Plan) -> String {
    let mut out = format!("    Scenario: {}\n", plan.name());
    for (place, (keyword, text)) in plan.steps().enumerate() {
        out += &format!("      {} {text}\n", word(keyword, place));
    }
    out
}

/// A feature with one rule for each of these requirements, and the scenario below the first. Others are
/// named in a comment.
#[must_use]
pub fn feature(plan: &Plan, ids: &[&str]) -> String {
    let mut out = format!(
        "Feature: Exploration, trial {} of seed {}\n",
        plan.trial, plan.seed
    );
    for id in ids {
        let Some(requirement) = registry::find(id) else {
            continue;
        };
        out += &format!(
            "\n  @{id}\n  Rule: {}\n\n{}",
            requirement.sentence,
            scenario(plan)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::plan::Line;
    use crate::protocol::{Side, Wire};

    #[test]
    fn a_plan_is_a_scenario_of_the_suite() {
        let lines = ["Ada has started a long run", "Ada has pinged"];
        let plan = Plan {
            seed: 17,
            trial: 4,
            side: Side::Server,
            wire: Wire::WebSocket,
            viewers: 4,
            lines: lines.iter().map(|it| Line::of(it).expect(it)).collect(),
        };
        let expected = "    Scenario: Trial 4 of seed 17
      Given Ada has started a long run
      And Ada has pinged
      When every run comes to its end, and is shown once more
      Then nobody has missed anything that was theirs, or got anything that was not
";
        assert_eq!(scenario(&plan), expected);
        let feature = feature(&plan, &["GREETING-2"]);
        assert!(feature.contains("  @GREETING-2\n  Rule: "), "{feature}");
        assert!(feature.ends_with(expected), "{feature}");
    }
}
