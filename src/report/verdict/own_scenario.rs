//! Scenarios of the reader's own that have no requirement's tag: judged by the requirements that their `Then`s
//! declare, and counted under their own name.

use crate::check::{CheckVerdict, Finding, registry};
use crate::report::model::run::ScenarioReport;

/// Those of these scenarios, each with its name as its only requirement.
pub(crate) fn all(scenarios: &[ScenarioReport]) -> impl Iterator<Item = &ScenarioReport> {
    scenarios.iter().filter(|it| name(it).is_some())
}

/// The name that it counts under; `None` for scenarios of requirements.
fn name(scenario: &ScenarioReport) -> Option<&String> {
    let [name] = scenario.requirements.as_slice() else {
        return None;
    };
    (!scenario.judged_by.is_empty() && registry::find(name).is_none()).then_some(name)
}

/// What is asked of it.
pub(crate) fn title(scenario: &ScenarioReport) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for id in scenario.judged_by.iter().flatten() {
        if !ids.contains(&id.as_str()) {
            ids.push(id);
        }
    }
    format!("judged by {}, as its `Then`s say", ids.join(", "))
}

/// The verdict under its own name; `None` for scenarios of requirements.
///
/// A finding of any requirement that a `Then` declares means failed. Of those of each `Then`, one has to pass.
pub(crate) fn verdict(
    scenario: &ScenarioReport,
    verdicts: &[(&'static str, CheckVerdict)],
) -> Option<(String, CheckVerdict)> {
    let name = name(scenario)?;
    let of = |id: &String| {
        let mut all = verdicts.iter();
        all.find(|(of, _)| of == id).map(|(_, verdict)| verdict)
    };
    let mut failed: Vec<Finding> = Vec::new();
    let mut seen: Vec<&String> = Vec::new();
    for id in scenario.judged_by.iter().flatten() {
        if let (Some(CheckVerdict::Failed(findings)), false) = (of(id), seen.contains(&id)) {
            seen.push(id);
            failed.extend(findings.iter().map(|it| Finding {
                expected: format!("{} ({id})", it.expected),
                ..it.clone()
            }));
        }
    }
    let verdict = if seen.is_empty() {
        let mut open = scenario.judged_by.iter().filter_map(|ids| {
            let passed = |id| matches!(of(id), Some(CheckVerdict::Passed));
            if ids.iter().any(passed) {
                return None;
            }
            let reasons = ids.iter().filter_map(|id| match of(id) {
                Some(CheckVerdict::Inconclusive(reason)) => Some(format!("{id}: {reason}")),
                _ => None,
            });
            let reasons: Vec<String> = reasons.collect();
            Some(match reasons.is_empty() {
                true => format!("{}: no check has judged it", ids.join(", ")),
                false => reasons.join("; "),
            })
        });
        match open.next() {
            Some(reason) => CheckVerdict::Inconclusive(reason),
            None => CheckVerdict::Passed,
        }
    } else {
        CheckVerdict::Failed(failed)
    };
    Some((name.clone(), verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario() -> ScenarioReport {
        let ids = |all: &[&str]| all.iter().map(|id| (*id).to_owned()).collect();
        ScenarioReport {
            requirements: ids(&["Ada closes the lid"]),
            judged_by: vec![ids(&["AUTH-1", "AUTH-2"]), ids(&["START-2"])],
            ..ScenarioReport::blank("mine")
        }
    }

    fn of(verdicts: &[(&'static str, CheckVerdict)]) -> CheckVerdict {
        verdict(&scenario(), verdicts).expect("an own one").1
    }

    #[test]
    fn each_then_has_to_be_judged_and_any_finding_fails() {
        let open = || CheckVerdict::Inconclusive("nobody came".to_owned());
        let finding = Finding {
            expected: "event 3".to_owned(),
            observed: "event 4".to_owned(),
            evidence: vec![7],
        };
        let passed = CheckVerdict::Passed;
        let all = [
            ("AUTH-1", open()),
            ("AUTH-2", passed.clone()),
            ("START-2", passed.clone()),
        ];
        assert_eq!(of(&all), passed);
        let one = [("AUTH-2", passed.clone()), ("START-2", open())];
        let expected = CheckVerdict::Inconclusive("START-2: nobody came".to_owned());
        assert_eq!(of(&one), expected);
        let none = CheckVerdict::Inconclusive("AUTH-1, AUTH-2: no check has judged it".to_owned());
        assert_eq!(of(&[("START-2", passed.clone())]), none);
        let failed = [
            ("AUTH-1", CheckVerdict::Failed(vec![finding.clone()])),
            ("AUTH-2", passed),
            ("START-2", open()),
        ];
        let expected = Finding {
            expected: "event 3 (AUTH-1)".to_owned(),
            ..finding
        };
        assert_eq!(of(&failed), CheckVerdict::Failed(vec![expected]));
    }

    #[test]
    fn a_scenario_of_a_requirement_is_none_of_these() {
        let tagged = ScenarioReport {
            requirements: vec!["START-2".to_owned()],
            ..scenario()
        };
        assert!(verdict(&tagged, &[]).is_none());
        let plain = ScenarioReport::blank("first contact");
        assert_eq!(all(&[tagged, plain, scenario()]).count(), 1);
        let title = title(&scenario());
        assert_eq!(
            title,
            "judged by AUTH-1, AUTH-2, START-2, as its `Then`s say"
        );
    }
}
