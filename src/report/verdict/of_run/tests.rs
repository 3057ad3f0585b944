//! One test per rule of the verdicts.

use std::time::Duration;

use crate::check::{Check, Level};
use crate::report::model::run::{RunVerdict, StepOutcome, StepReport, TargetKind};
use crate::report::verdict::of_run::*;
use crate::transcript::EntryKind;

const fn requirement(id: &'static str, level: Level) -> Requirement {
    Requirement {
        id,
        level,
        since: "0.1.0",
        sentence: "It must be so.",
        why: "",
        harm: "",
        source: "",
        good: "",
        bad: "",
        check: Check::new(|_| CheckVerdict::Passed, file!(), "none"),
    }
}

static A: Requirement = requirement("A-1", Level::Must);
static B: Requirement = requirement("B-1", Level::Should);

fn step(outcome: StepOutcome, reason: Option<&str>) -> StepReport {
    StepReport {
        keyword: "When".to_owned(),
        text: "Ada returns".to_owned(),
        line: 7,
        outcome,
        duration_ms: 1,
        reason: reason.map(str::to_owned),
        requirements: Vec::new(),
    }
}

/// A scenario of A-1 whose steps passed, with one thing recorded.
fn judged(name: &str, check_verdicts: &[(&'static str, CheckVerdict)]) -> Judged {
    let mut transcript = Transcript::new();
    transcript.push(Duration::ZERO, &"Ada".into(), 1, EntryKind::Opened);
    Judged {
        scenario: ScenarioReport {
            feature: "A".to_owned(),
            path: "features/a.feature".to_owned(),
            rule: "rule".to_owned(),
            name: name.to_owned(),
            verdict: Verdict::Passed,
            requirements: vec!["A-1".to_owned()],
            steps: vec![step(StepOutcome::Passed, None)],
            ..ScenarioReport::blank(&format!("features/a.feature › rule › {name}"))
        },
        check_verdicts: check_verdicts.to_vec(),
        transcript: Some(Arc::new(transcript)),
    }
}

fn failed() -> CheckVerdict {
    CheckVerdict::Failed(vec![Finding {
        expected: "event 1".to_owned(),
        observed: "event 2".to_owned(),
        evidence: vec![1],
    }])
}

fn inconclusive() -> CheckVerdict {
    CheckVerdict::Inconclusive("the run ended too early".to_owned())
}

fn about() -> Circumstances {
    Circumstances {
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        duration_ms: 1,
        target: TargetReport {
            kind: TargetKind::Url,
            url: "ws://localhost/".to_owned(),
            server: "unknown".to_owned(),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        },
        strict: false,
        interrupted: None,
        suite_errors: Vec::new(),
    }
}

/// The scenario's and A-1's verdict and reason, which are the same where there is one scenario.
fn alone(judged: Judged) -> (Verdict, Option<String>) {
    let report = run(about(), vec![judged], &[&A]).report;
    let (scenario, requirement) = (&report.scenarios[0], &report.requirements[0]);
    assert_eq!(
        (scenario.verdict, &scenario.reason),
        (requirement.verdict, &requirement.reason)
    );
    (requirement.verdict, requirement.reason.clone())
}

fn reason(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn it_passes_where_the_steps_and_the_check_passed() {
    let passed = judged("one", &[("A-1", CheckVerdict::Passed)]);
    assert_eq!(alone(passed.clone()), (Verdict::Passed, None));
    let report = run(about(), vec![passed], &[&A]).report;
    assert_eq!(
        (report.verdict(), report.exit_code()),
        (RunVerdict::Passed, 0)
    );
    assert_eq!(report.totals().must.passed, 1);
}

#[test]
fn nothing_passes_on_an_empty_transcript() {
    let mut empty = judged("one", &[("A-1", CheckVerdict::Passed)]);
    empty.transcript = None;
    assert_eq!(
        alone(empty.clone()),
        (
            Verdict::Inconclusive,
            reason("nothing was sent or received")
        )
    );
    let mut notes = Transcript::new();
    let session_id = "s".into();
    notes.push(
        Duration::ZERO,
        &"the suite".into(),
        0,
        EntryKind::BreakpointCleared { session_id },
    );
    empty.transcript = Some(Arc::new(notes));
    assert_eq!(alone(empty).0, Verdict::Inconclusive);
}

#[test]
fn what_was_not_judged_or_has_no_steps_never_passes() {
    assert_eq!(alone(judged("one", &[])).0, Verdict::Inconclusive);
    let mut stepless = judged("one", &[("A-1", CheckVerdict::Passed)]);
    stepless.scenario.steps.clear();
    assert_eq!(
        alone(stepless),
        (Verdict::Inconclusive, reason("it has no steps"))
    );
}

#[test]
fn a_requirement_that_was_not_judged_is_inconclusive_for_the_checks_reason() {
    let inconclusive = judged("one", &[("A-1", inconclusive())]);
    assert_eq!(
        alone(inconclusive),
        (Verdict::Inconclusive, reason("the run ended too early"))
    );
}

#[test]
fn a_steps_reason_comes_before_the_checks() {
    let mut stuck = judged("one", &[("A-1", inconclusive())]);
    stuck.scenario.steps = vec![
        step(StepOutcome::Inconclusive, Some("connection refused")),
        step(StepOutcome::Skipped, None),
    ];
    assert_eq!(
        alone(stuck.clone()),
        (Verdict::Inconclusive, reason("connection refused"))
    );
    stuck.check_verdicts = vec![("A-1", CheckVerdict::Passed)];
    assert_eq!(alone(stuck).0, Verdict::Inconclusive);
}

#[test]
fn a_target_without_the_ability_is_not_applicable_though_the_check_saw_nothing() {
    let mut unable = judged("one", &[("A-1", inconclusive())]);
    unable.scenario.steps = vec![
        step(StepOutcome::NotApplicable, Some("no part `failing`")),
        step(StepOutcome::Skipped, None),
    ];
    assert_eq!(
        alone(unable.clone()),
        (Verdict::NotApplicable, reason("no part `failing`"))
    );
    let report = run(about(), vec![unable.clone()], &[&A]).report;
    // Nothing was tried, so nothing is green.
    assert_eq!(report.verdict(), RunVerdict::Inconclusive);
    let passed = judged("two", &[("A-1", CheckVerdict::Passed)]);
    let report = run(about(), vec![unable, passed], &[&A]).report;
    assert_eq!(report.requirements[0].verdict, Verdict::Passed);
}

#[test]
fn a_scenario_that_was_cut_short_is_inconclusive() {
    let mut cut = judged("one", &[("A-1", CheckVerdict::Passed)]);
    let never_begun = judged("one", &[("A-1", inconclusive())]);
    let mut never_begun = Judged {
        transcript: None,
        ..never_begun
    };
    never_begun.scenario.steps = vec![step(StepOutcome::Skipped, None)];
    assert_eq!(
        alone(never_begun),
        (
            Verdict::Inconclusive,
            reason("the run was cut short before it began")
        )
    );
    cut.scenario.steps.push(step(StepOutcome::Skipped, None));
    assert_eq!(
        alone(cut),
        (
            Verdict::Inconclusive,
            reason("it was cut short before `Ada returns`")
        )
    );
}

#[test]
fn a_finding_beats_everything() {
    let mut stuck = judged("one", &[("A-1", failed())]);
    stuck.scenario.steps = vec![step(StepOutcome::Inconclusive, Some("connection refused"))];
    assert_eq!(alone(stuck), (Verdict::Failed, None));
}

#[test]
fn the_last_step_shows_the_verdict_of_the_check() {
    let passed = || step(StepOutcome::Passed, None);
    let shown = |check_verdict| {
        let mut one = judged("one", &[("A-1", check_verdict), ("B-1", failed())]);
        one.scenario.steps = vec![passed(), passed()];
        let report = of_scenario(&one);
        let steps = report.steps.into_iter();
        let steps: Vec<_> = steps.map(|step| (step.outcome, step.reason)).collect();
        assert_eq!(steps[0], (StepOutcome::Passed, None));
        steps[1].clone()
    };
    assert_eq!(shown(CheckVerdict::Passed), (StepOutcome::Passed, None));
    assert_eq!(
        shown(failed()),
        (
            StepOutcome::Failed,
            reason("A-1: expected event 1; observed event 2")
        )
    );
    assert_eq!(
        shown(inconclusive()),
        (StepOutcome::Inconclusive, reason("the run ended too early"))
    );
    let mut stuck = judged("one", &[("A-1", failed())]);
    stuck.scenario.steps = vec![
        step(StepOutcome::Inconclusive, Some("connection refused")),
        step(StepOutcome::Skipped, None),
    ];
    let outcomes: Vec<_> = of_scenario(&stuck)
        .steps
        .iter()
        .map(|it| it.outcome)
        .collect();
    assert_eq!(outcomes, [StepOutcome::Inconclusive, StepOutcome::Skipped]);
}

#[test]
fn a_finding_in_a_foreign_scenario_breaks_the_requirement_and_not_the_scenario() {
    let scenarios = vec![
        judged("one", &[("A-1", CheckVerdict::Passed), ("B-1", failed())]),
        judged(
            "two",
            &[("A-1", CheckVerdict::Passed), ("B-1", inconclusive())],
        ),
    ];
    let report = run(about(), scenarios, &[&A, &B]).report;
    assert_eq!(report.scenarios[0].verdict, Verdict::Passed);
    assert_eq!(report.scenarios[0].findings[0].requirement, "B-1");
    let b = &report.requirements[1];
    assert_eq!((b.verdict, b.findings.len()), (Verdict::Failed, 1));
    assert_eq!(b.findings[0].scenario, report.scenarios[0].id);
    let nameless = CheckVerdict::Failed(Vec::new());
    let scenario = judged("one", &[("A-1", CheckVerdict::Passed), ("B-1", nameless)]);
    let report = run(about(), vec![scenario], &[&A, &B]).report;
    assert_eq!(report.requirements[1].verdict, Verdict::Failed);
}

#[test]
fn a_requirement_without_a_scenario_of_its_own_is_inconclusive() {
    let foreign = judged(
        "one",
        &[("A-1", CheckVerdict::Passed), ("B-1", CheckVerdict::Passed)],
    );
    let report = run(about(), vec![foreign], &[&A, &B]).report;
    let b = &report.requirements[1];
    assert_eq!(b.verdict, Verdict::Inconclusive);
    assert_eq!(b.reason, reason("no scenario of its own rule was selected"));
    assert_eq!(report.verdict(), RunVerdict::Inconclusive);
}

#[test]
fn one_inconclusive_scenario_is_enough() {
    let scenarios = vec![
        judged("one", &[("A-1", CheckVerdict::Passed)]),
        judged("two", &[("A-1", inconclusive())]),
    ];
    let report = run(about(), scenarios, &[&A]).report;
    assert_eq!(report.requirements[0].verdict, Verdict::Inconclusive);
}

#[test]
fn a_failed_should_counts_only_when_strict() {
    let mut of_b = judged("one", &[("B-1", failed())]);
    of_b.scenario.requirements = vec!["B-1".to_owned()];
    let scenarios = vec![judged("two", &[("A-1", CheckVerdict::Passed)]), of_b];
    let verdict = |strict| {
        let about = Circumstances { strict, ..about() };
        run(about, scenarios.clone(), &[&A, &B]).report.verdict()
    };
    assert_eq!(verdict(false), RunVerdict::Passed);
    assert_eq!(verdict(true), RunVerdict::Failed);
}

#[test]
fn a_known_failure_does_not_make_the_run_fail() {
    let report = run(about(), vec![judged("one", &[("A-1", failed())])], &[&A]).report;
    assert_eq!(
        (report.verdict(), report.exit_code()),
        (RunVerdict::Failed, 1)
    );
    let mut report = report;
    report.requirements[0].known_failure = true;
    assert_eq!(
        (report.verdict(), report.exit_code()),
        (RunVerdict::Passed, 0)
    );
    assert_eq!(report.totals().must.failed, 1);
}

#[test]
fn the_runs_verdict_takes_the_worst_reason_first() {
    let verdict = |check_verdict, interrupted: bool, suite_error: bool| {
        let about = Circumstances {
            interrupted: interrupted.then(|| "Ctrl-C".to_owned()),
            suite_errors: Vec::from_iter(suite_error.then(|| "a panic".to_owned())),
            ..about()
        };
        let report = run(about, vec![judged("one", &[("A-1", check_verdict)])], &[&A]).report;
        (report.verdict(), report.exit_code())
    };
    assert_eq!(verdict(failed(), true, true), (RunVerdict::SuiteError, 70));
    assert_eq!(verdict(failed(), true, false), (RunVerdict::Failed, 1));
    let code_3 = (RunVerdict::Inconclusive, 3);
    assert_eq!(verdict(CheckVerdict::Passed, true, false), code_3);
    assert_eq!(verdict(inconclusive(), false, false), code_3);
    let nothing = run(about(), Vec::new(), &[]).report;
    assert_eq!(nothing.verdict(), RunVerdict::Inconclusive);
}

#[test]
fn a_scenario_is_judged_alone_as_within_the_run() {
    let mut two = judged("one", &[("A-1", failed()), ("B-1", CheckVerdict::Passed)]);
    two.scenario.requirements.push("B-1".to_owned());
    assert_eq!(of_scenario(&two).verdict, Verdict::Failed);
    let report = run(about(), vec![two], &[&A, &B]).report;
    let verdicts: Vec<_> = report.requirements.iter().map(|it| it.verdict).collect();
    assert_eq!(verdicts, [Verdict::Failed, Verdict::Passed]);
}
