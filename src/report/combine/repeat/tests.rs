//! Repetitions made by hand.

use std::time::Duration;

use crate::exit;
use crate::report::combine::repeat::*;
use crate::report::model::run::{
    BySteps, Limit, RequirementFinding, StepOutcome, StepReport, TargetKind, TargetReport,
};
use crate::transcript::EntryKind;
use Verdict::{Failed, Inconclusive, NotApplicable, Passed};

fn finding(observed: &str) -> Finding {
    Finding {
        expected: "event 1".to_owned(),
        observed: observed.to_owned(),
        evidence: vec![1],
    }
}

/// A scenario `name` of A-1; where it fails, or another requirement does, with these findings.
fn scenario(name: &str, verdict: Verdict, findings: &[(&str, &str)]) -> ScenarioReport {
    let reason = (verdict > Passed && verdict < Failed).then(|| format!("{name} gave it"));
    ScenarioReport {
        id: name.to_owned(),
        feature: "A".to_owned(),
        path: "features/a.feature".to_owned(),
        rule: "rule".to_owned(),
        name: name.to_owned(),
        line: 1,
        tags: Vec::new(),
        verdict,
        requirements: vec!["A-1".to_owned()],
        judged_by: Vec::new(),
        duration_ms: 1,
        reason: reason.clone(),
        by_steps: Some(BySteps {
            verdict: verdict.min(Inconclusive),
            reason: reason.clone(),
        }),
        outcomes: None,
        repetition: None,
        time_limits: vec![LimitUsage {
            limit: Limit::StepTimeout,
            allowed_ms: 100,
            worst_ms: 10,
            scenario: None,
            waiting_for: None,
            repetition: None,
        }],
        steps: vec![StepReport {
            keyword: "When".to_owned(),
            text: "it is tried".to_owned(),
            line: 2,
            outcome: StepOutcome::Passed,
            duration_ms: 1,
            reason,
            requirements: Vec::new(),
        }],
        transcript: Some(format!("transcripts/{name}.jsonl")),
        findings: findings
            .iter()
            .map(|(id, observed)| RequirementFinding {
                requirement: (*id).to_owned(),
                finding: finding(observed),
            })
            .collect(),
    }
}

fn requirement(id: &str, verdict: Verdict, scenarios: &[ScenarioReport]) -> RequirementReport {
    let findings = scenarios.iter().flat_map(|it| {
        let own = it.findings.iter().filter(|found| found.requirement == id);
        own.map(|found| ScenarioFinding {
            scenario: it.id.clone(),
            finding: found.finding.clone(),
        })
    });
    let decisive = scenarios.iter().find(|it| it.verdict == verdict);
    RequirementReport {
        title: "It must be so.".to_owned(),
        verdict,
        reason: decisive.and_then(|it| it.reason.clone()),
        scenarios: scenarios.iter().map(|it| it.id.clone()).collect(),
        findings: findings.collect(),
        ..RequirementReport::blank(id)
    }
}

/// A run with these scenarios, each with a record of as many entries as `length`.
fn run(requirements: Vec<RequirementReport>, scenarios: Vec<ScenarioReport>, length: usize) -> Run {
    let mut transcript = Transcript::new();
    for _ in 0..length {
        transcript.push(Duration::ZERO, &"Ada".into(), 1, EntryKind::Opened);
    }
    let transcript = Arc::new(transcript);
    let transcripts = scenarios
        .iter()
        .map(|it| (it.id.clone(), Arc::clone(&transcript)))
        .collect();
    let report = RunReport {
        duration_ms: 7,
        requirements,
        scenarios,
        ..RunReport::blank(TargetReport {
            kind: TargetKind::Url,
            url: "ws://h".to_owned(),
            server: "unknown".to_owned(),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        })
    };
    Run {
        report,
        transcripts,
    }
}

/// A run of one scenario with this verdict; the record is as long as the repetition's number.
fn simple(verdict: Verdict, number: usize) -> Run {
    let observed = format!("in {number}");
    let findings: &[(&str, &str)] = match verdict {
        Failed => &[("A-1", &observed)],
        _ => &[],
    };
    let scenarios = vec![scenario("one", verdict, findings)];
    let own = requirement("A-1", verdict, &scenarios);
    run(vec![own], scenarios, number)
}

fn combined(verdicts: &[Verdict]) -> Run {
    let runs = verdicts.iter().zip(1..).map(|(it, at)| simple(*it, at));
    combine(runs.collect()).expect("some")
}

#[test]
fn all_alike_is_as_it_was() {
    for (verdict, code) in [
        (Passed, exit::OK),
        (Failed, exit::FAILED),
        (Inconclusive, exit::INCONCLUSIVE),
        (NotApplicable, exit::INCONCLUSIVE),
    ] {
        let report = combined(&[verdict; 3]).report;
        let it = &report.requirements[0];
        assert_eq!((it.verdict, it.flaky), (verdict, false));
        assert_eq!(report.exit_code(), code, "{verdict:?}");
        assert_eq!(report.duration_ms, 21);
        assert_eq!(report.scenarios[0].verdict, verdict);
        assert_eq!(report.scenarios[0].repetition, Some(1), "the first");
    }
}

#[test]
fn every_mixture_is_flaky_and_never_passes() {
    for one in [Passed, NotApplicable, Inconclusive, Failed] {
        for other in [Passed, NotApplicable, Inconclusive, Failed] {
            if one == other {
                continue;
            }
            let report = combined(&[one, one, other]).report;
            let it = &report.requirements[0];
            assert!(it.flaky, "{one:?} {other:?}");
            assert_ne!(report.exit_code(), exit::OK, "{one:?} {other:?}");
            assert_ne!(it.verdict, Passed);
            assert_eq!(it.verdict, report.scenarios[0].verdict);
            assert_eq!(it.verdict == Failed, one.max(other) == Failed);
            assert_eq!(it.verdict == Inconclusive, it.reason.is_some());
        }
    }
}

#[test]
fn the_first_of_the_worst_repetitions_is_shown_with_its_own_record() {
    let run = combined(&[Passed, Inconclusive, Failed, Failed, Passed]);
    let shown = &run.report.scenarios[0];
    assert_eq!(shown.repetition, Some(3));
    assert_eq!(run.transcripts["one"].entries().len(), 3);
    let requirement = &run.report.requirements[0];
    assert_eq!(requirement.findings.len(), 1);
    assert_eq!(requirement.findings[0].finding, finding("in 3"));
    let outcomes = requirement.outcomes.as_ref().expect("counted");
    assert_eq!(outcomes.counts.passed, 2);
    assert_eq!(outcomes.counts.failed, 2);
    assert_eq!(outcomes.counts.inconclusive, 1);
    assert_eq!(run.report.time_limits, [], "the whole was not measured");
    assert_eq!(shown.time_limits[0].repetition, Some(1));
}

#[test]
fn a_finding_whose_record_is_not_shown_is_kept_without_its_numbers() {
    // In the first repetition B-1 fails in a scenario of A-1, which passes; in the second A-1 fails.
    let one = vec![scenario("one", Passed, &[("B-1", "lost")])];
    let two = vec![scenario("one", Failed, &[("A-1", "twice")])];
    let of = |scenarios: Vec<ScenarioReport>, a, b| {
        let mut foreign = requirement("B-1", b, &scenarios);
        foreign.scenarios = Vec::new();
        run(
            vec![requirement("A-1", a, &scenarios), foreign],
            scenarios,
            1,
        )
    };
    let both = combine(vec![of(one, Passed, Failed), of(two, Failed, Passed)]).expect("some");
    let [a, b] = &both.report.requirements[..] else {
        panic!("two");
    };
    assert_eq!((a.verdict, b.verdict), (Failed, Failed));
    assert_eq!(a.findings[0].finding, finding("twice"));
    assert_eq!(b.findings[0].finding.evidence, [0; 0]);
    assert_eq!(
        b.findings[0].finding.observed,
        "lost (its record is in repetitions/01)"
    );
}

/// Cut short: no step gave a reason.
fn cut(mut run: Run) -> Run {
    run.report.interrupted = Some("Ctrl-C ended it".to_owned());
    for scenario in &mut run.report.scenarios {
        scenario.steps[0].reason = None;
    }
    run
}

#[test]
fn what_was_cut_short_counts_where_it_could_tell() {
    let unfinished = || cut(simple(Inconclusive, 3));
    let both = combine(vec![simple(Passed, 1), simple(Passed, 2), unfinished()]).expect("some");
    let it = &both.report.requirements[0];
    assert_eq!((it.verdict, it.flaky), (Passed, false));
    assert_eq!(it.outcomes.as_ref().expect("counted").fraction(), "2/2");
    assert_eq!(
        both.report.exit_code(),
        exit::INCONCLUSIVE,
        "not everything"
    );
    let of = both.report.repetitions.expect("repeated");
    assert_eq!((of.asked, of.begun, of.finished), (3, 3, 2));
    // What it found is found.
    let found = combine(vec![simple(Passed, 1), cut(simple(Failed, 2))]).expect("some");
    assert_eq!(found.report.exit_code(), exit::FAILED);
    assert!(found.report.requirements[0].flaky);
    // Where nothing else was tried, nothing is known.
    let alone = combine(vec![unfinished()]).expect("some").report;
    let it = &alone.requirements[0];
    assert_eq!((it.verdict, it.flaky), (Inconclusive, false));
    // A step that was inconclusive is not caused by the interruption.
    let mut cut = simple(Inconclusive, 2);
    cut.report.interrupted = Some("Ctrl-C ended it".to_owned());
    let both = combine(vec![simple(Passed, 1), cut]).expect("some");
    assert!(both.report.requirements[0].flaky);
}

#[test]
fn errors_of_the_suite_name_their_repetition() {
    let mut wrong = simple(Passed, 2);
    wrong.report.suite_errors.push("a hook failed".to_owned());
    let both = combine(vec![simple(Passed, 1), wrong])
        .expect("some")
        .report;
    assert_eq!(both.suite_errors, ["repetition 2: a hook failed"]);
    assert_eq!(both.exit_code(), exit::SUITE);
    assert!(combine(Vec::new()).is_none());
}

#[test]
fn folders_sort_by_their_number() {
    assert_eq!(folder_of(3, 6), "repetitions/03");
    assert_eq!(folder_of(3, 1000), "repetitions/0003");
}
