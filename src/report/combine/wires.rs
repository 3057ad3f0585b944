//! The runs over several wires as one, whose ids name their wires, and back. Pure.

use std::collections::BTreeMap;

use crate::check::registry;
use crate::protocol::Wire;
use crate::report::model::run::{
    Diagnosis, RequirementReport, Run, RunReport, ScenarioReport, ShardReport,
};
use crate::report::model::{names, specification, target, time_limits};

/// One run of these, each of which was judged over its wire alone. They ran side by side, or one after the
/// other. Known failures are to be applied to the result.
///
/// A single one stays as it is; `None` if there are none.
#[must_use]
pub fn join(mut runs: Vec<(Wire, Run)>) -> Option<Run> {
    if runs.len() < 2 {
        return runs.pop().map(|(_, run)| run);
    }
    let all = || runs.iter().map(|(wire, run)| (*wire, &run.report));
    let (_, first) = all().next()?;
    let mut report = RunReport {
        started_at: earliest(all()).to_owned(),
        duration_ms: lasted(all()),
        interrupted: texts(all().filter_map(|(_, it)| it.interrupted.clone())),
        suite_errors: with_wires(all(), |it| &it.suite_errors),
        notes: with_wires(all(), |it| &it.notes),
        misconfigured: once(all().flat_map(|(_, it)| it.misconfigured.clone())),
        known_failures: None,
        shard: shard(all()),
        diagnosis: diagnosis(all()),
        time_limits: time_limits::over(all().flat_map(|(_, it)| it.time_limits.clone())),
        features: specification::together(all().flat_map(|(_, it)| it.features.clone())),
        requirements: Vec::new(),
        scenarios: Vec::new(),
        ..first.clone()
    };
    report.target.wires = all().map(|(wire, _)| wire.name().to_owned()).collect();
    let mut over_http = all().filter(|(wire, _)| *wire != Wire::WebSocket);
    report.target.http_url = over_http.next().map(|(_, it)| it.target.url.clone());
    let mut transcripts = BTreeMap::new();
    for (wire, run) in runs {
        for (id, transcript) in run.transcripts {
            transcripts.insert(wire.id(&id), transcript);
        }
        let RunReport {
            requirements,
            scenarios,
            ..
        } = run.report;
        let name = |id: &mut String| *id = wire.id(id);
        report
            .requirements
            .extend(requirements.into_iter().map(|mut it| {
                requirement_ids(&mut it, name);
                it
            }));
        report.scenarios.extend(scenarios.into_iter().map(|mut it| {
            scenario_ids(&mut it, name);
            it
        }));
    }
    sort(&mut report);
    Some(Run {
        report,
        transcripts,
    })
}

/// The runs that [`join`] put together, in their order; a run over a single wire is its only one.
#[must_use]
pub fn part(run: &Run) -> Vec<(Wire, Run)> {
    let target = &run.report.target;
    let several = target.has_several_wires();
    let parts = target.wires().into_iter().map(|wire| match several {
        true => (wire, only(wire, run)),
        false => (wire, run.clone()),
    });
    parts.collect()
}

/// What a run says over this wire, without its name in the ids.
fn only(wire: Wire, run: &Run) -> Run {
    let is_of = |id: &str| Wire::part(id).1 == Some(wire);
    let plain = |id: &mut String| *id = Wire::part(id).0.to_owned();
    let mut report = run.report.clone();
    report.target.wires = target::only(wire);
    if let Some(shard) = &mut report.shard {
        shard.requirements = plain_keys(&shard.requirements, wire);
    }
    if let Some(merged) = &mut report.merged {
        merged.missing = plain_keys(&merged.missing, wire);
    }
    if let (Wire::Http(_), Some(url)) = (wire, report.target.http_url.take()) {
        report.target.url = url;
    }
    report.requirements.retain(|it| is_of(&it.id));
    report
        .requirements
        .iter_mut()
        .for_each(|it| requirement_ids(it, plain));
    report.scenarios.retain(|it| is_of(&it.id));
    report
        .scenarios
        .iter_mut()
        .for_each(|it| scenario_ids(it, plain));
    let transcripts = run.transcripts.iter().filter(|(id, _)| is_of(id));
    let transcripts = transcripts.map(|(id, it)| (Wire::part(id).0.to_owned(), it.clone()));
    Run {
        report,
        transcripts: transcripts.collect(),
    }
}

/// The entries about this wire, without its name.
fn plain_keys(all: &BTreeMap<String, usize>, of: Wire) -> BTreeMap<String, usize> {
    let all = all.iter().filter_map(|(id, number)| match Wire::part(id) {
        (id, Some(wire)) if wire == of => Some((id.to_owned(), *number)),
        _ => None,
    });
    all.collect()
}

/// Changes every id in the text about a requirement.
fn requirement_ids(it: &mut RequirementReport, mut change: impl FnMut(&mut String)) {
    change(&mut it.id);
    it.scenarios.iter_mut().for_each(&mut change);
    it.findings
        .iter_mut()
        .for_each(|it| change(&mut it.scenario));
}

/// Changes every id in the text about a scenario.
pub fn scenario_ids(it: &mut ScenarioReport, mut change: impl FnMut(&mut String)) {
    change(&mut it.id);
    it.requirements.iter_mut().for_each(&mut change);
    it.judged_by.iter_mut().flatten().for_each(&mut change);
    let steps = it.steps.iter_mut();
    steps
        .flat_map(|step| &mut step.requirements)
        .for_each(&mut change);
    it.findings
        .iter_mut()
        .for_each(|it| change(&mut it.requirement));
}

/// Puts the requirements into the order of the catalogue and the scenarios into that of the features, each over
/// one wire after the other, and names the files of their transcripts anew.
fn sort(report: &mut RunReport) {
    let catalogue: BTreeMap<&str, usize> = registry::all().map(|it| it.id).zip(0..).collect();
    let place = |id: &str| catalogue.get(Wire::part(id).0).copied();
    // Scenarios of the reader's own are behind all that are in the catalogue.
    report
        .requirements
        .sort_by_key(|it| place(&it.id).unwrap_or(usize::MAX));
    report
        .scenarios
        .sort_by(|one, other| reading_place(one).cmp(&reading_place(other)));
    for (place, scenario) in report.scenarios.iter_mut().enumerate() {
        if scenario.transcript.is_some() {
            scenario.transcript = Some(names::transcript_name(place, scenario));
        }
    }
}

/// Where a scenario is in the order of the features; what belongs to none, such as the first contact, is behind
/// them.
pub(crate) fn reading_place(scenario: &ScenarioReport) -> (bool, (bool, &str), usize) {
    let path = specification::reading_order(&scenario.path);
    (scenario.path.is_empty(), path, scenario.line)
}

/// When the first of them began.
fn earliest<'r>(all: impl Iterator<Item = (Wire, &'r RunReport)>) -> &'r str {
    let began = all.map(|(_, it)| it.started_at.as_str());
    began.min().unwrap_or_default()
}

/// From when the first of them began to when the last one was over, in milliseconds: they may have run one after the
/// other. Of a report with another text for its time, only its own duration is known.
fn lasted<'r>(all: impl Iterator<Item = (Wire, &'r RunReport)>) -> u64 {
    let spans: Vec<_> = all
        .map(|(_, it)| {
            let began = it.started_at.parse::<jiff::Timestamp>().ok();
            (began.map(|it| it.as_millisecond()), it.duration_ms)
        })
        .collect();
    let first = spans.iter().filter_map(|(began, _)| *began).min();
    let end = |(began, duration): &(Option<i64>, u64)| {
        let waited = began.zip(first).map_or(0, |(began, first)| began - first);
        u64::try_from(waited).unwrap_or(0).saturating_add(*duration)
    };
    spans.iter().map(end).max().unwrap_or(0)
}

/// All of these sentences, each with the name of its wire before it.
fn with_wires<'r>(
    all: impl Iterator<Item = (Wire, &'r RunReport)>,
    sentences: fn(&RunReport) -> &Vec<String>,
) -> Vec<String> {
    let each = all.flat_map(|(wire, report)| {
        let sentences = sentences(report).iter();
        sentences.map(move |sentence| format!("{}: {sentence}", wire.name()))
    });
    each.collect()
}

/// Each of these once, in their order.
fn once(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts = Vec::new();
    for text in all {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

fn texts(all: impl Iterator<Item = String>) -> Option<String> {
    let texts = once(all);
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// The shard of a run over all of them, where each is that shard of a run over its wire.
fn shard<'r>(all: impl Iterator<Item = (Wire, &'r RunReport)>) -> Option<ShardReport> {
    let mut joined: Option<ShardReport> = None;
    for (wire, report) in all {
        let shard = report.shard.as_ref()?;
        let joined = joined.get_or_insert_with(|| ShardReport {
            number: shard.number,
            of: shard.of,
            scenarios: 0,
            requirements: BTreeMap::new(),
        });
        joined.scenarios += shard.scenarios;
        let requirements = shard.requirements.iter();
        joined
            .requirements
            .extend(requirements.map(|(id, number)| (wire.id(id), *number)));
    }
    joined
}

/// What scenarios have in common over the first wire where they have, and over all where that is the same.
fn diagnosis<'r>(all: impl Iterator<Item = (Wire, &'r RunReport)>) -> Option<Diagnosis> {
    let mut joined: Option<Diagnosis> = None;
    for (wire, report) in all {
        let Some(own) = &report.diagnosis else {
            continue;
        };
        let scenarios = own.scenarios.iter().map(|id| wire.id(id));
        match &mut joined {
            None => {
                joined = Some(Diagnosis {
                    sentence: own.sentence.clone(),
                    scenarios: scenarios.collect(),
                });
            }
            Some(joined) if joined.sentence == own.sentence => joined.scenarios.extend(scenarios),
            Some(_) => {}
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Finding;
    use crate::report::model::run::{
        RequirementFinding, ScenarioFinding, TargetKind, TargetReport, Verdict,
    };
    use crate::transcript::Transcript;

    /// A run in which one requirement failed and one passed, over this wire alone.
    fn run(wire: Wire) -> Run {
        let finding = Finding {
            expected: "event 5 next".to_owned(),
            observed: format!("event 6 over {}", wire.name()),
            evidence: Vec::new(),
        };
        let scenario = |id: &str, requirement: &str, line| ScenarioReport {
            path: "features/catching_up.feature".to_owned(),
            line,
            requirements: vec![requirement.to_owned()],
            transcript: Some("transcripts/by-a-name.jsonl".to_owned()),
            ..ScenarioReport::blank(id)
        };
        let mut failed = scenario("one", "CATCHUP-3", 7);
        failed.findings = vec![RequirementFinding {
            requirement: "CATCHUP-3".to_owned(),
            finding: finding.clone(),
        }];
        let mut report = RunReport::blank(TargetReport {
            kind: TargetKind::Agentos,
            url: "ws://here".to_owned(),
            server: "agno 3.1.10".to_owned(),
            http_url: None,
            wires: target::only(wire),
            faults: Vec::new(),
        });
        report.scenarios = vec![failed, scenario("two", "CATCHUP-4", 9)];
        report.requirements = vec![
            RequirementReport {
                verdict: Verdict::Failed,
                scenarios: vec!["one".to_owned()],
                findings: vec![ScenarioFinding {
                    scenario: "one".to_owned(),
                    finding,
                }],
                ..RequirementReport::blank("CATCHUP-3")
            },
            RequirementReport {
                verdict: Verdict::Passed,
                scenarios: vec!["two".to_owned()],
                ..RequirementReport::blank("CATCHUP-4")
            },
        ];
        report.shard = Some(ShardReport {
            number: 1,
            of: 2,
            scenarios: 3,
            requirements: BTreeMap::from([("CATCHUP-3".to_owned(), 3)]),
        });
        let transcripts = ["one", "two"].map(|id| (id.to_owned(), Transcript::default().into()));
        Run {
            report,
            transcripts: transcripts.into(),
        }
    }

    fn json(run: &Run) -> serde_json::Value {
        let mut report = serde_json::to_value(&run.report).expect("JSON");
        // They are named after their places in the report.
        for scenario in report["scenarios"].as_array_mut().expect("a list") {
            scenario["transcript"] = serde_json::Value::Null;
        }
        report["shard"]["scenarios"] = serde_json::Value::Null;
        report
    }

    #[test]
    fn runs_over_several_wires_are_one_and_can_be_parted_again() {
        let wires = [Wire::ALL[0], Wire::ALL[2], Wire::ALL[3]];
        let joined = join(wires.map(|wire| (wire, run(wire))).into()).expect("a run");
        let ids: Vec<_> = joined
            .report
            .requirements
            .iter()
            .map(|it| it.id.as_str())
            .collect();
        assert_eq!(
            ids,
            [
                "CATCHUP-3 · workflow · websocket",
                "CATCHUP-3 · agent · http",
                "CATCHUP-3 · team · http",
                "CATCHUP-4 · workflow · websocket",
                "CATCHUP-4 · agent · http",
                "CATCHUP-4 · team · http",
            ]
        );
        assert_eq!(
            joined.report.scenarios[1].transcript.as_deref(),
            Some("transcripts/002-catchup-3-agent-http.jsonl")
        );
        assert_eq!(joined.transcripts.len(), 6);
        let shard = joined.report.shard.as_ref().expect("a shard");
        assert_eq!((shard.scenarios, shard.requirements.len()), (9, 3));
        let parts = part(&joined);
        assert_eq!(parts.len(), 3);
        for ((wire, part), expected) in parts.iter().zip(wires) {
            assert_eq!(*wire, expected);
            assert_eq!(json(part), json(&run(expected)), "{wire:?}");
            let names: Vec<_> = part.transcripts.keys().collect();
            assert_eq!(names, ["one", "two"]);
        }
    }

    #[test]
    fn runs_one_after_the_other_lasted_from_the_first_to_the_last() {
        let at = |wire, began: &str| {
            let mut run = run(wire);
            run.report.started_at = began.to_owned();
            run.report.duration_ms = 60_000;
            (wire, run)
        };
        let [one, other, _, last] = Wire::ALL;
        let lasted = |runs| join(runs).expect("a run").report.duration_ms;
        let (begin, later) = ("2026-11-30T08:00:00Z", "2026-11-30T08:01:30.5Z");
        assert_eq!(lasted(vec![at(one, begin), at(other, begin)]), 60_000);
        let runs = vec![at(last, later), at(one, begin), at(other, "once")];
        assert_eq!(lasted(runs), 150_500);
    }

    #[test]
    fn a_single_run_stays_as_it_is() {
        let wire = Wire::ALL[1];
        let joined = join(vec![(wire, run(wire))]).expect("a run");
        assert_eq!(json(&joined), json(&run(wire)));
        assert_eq!(json(&part(&joined)[0].1), json(&run(wire)));
        assert!(join(Vec::new()).is_none());
    }
}
