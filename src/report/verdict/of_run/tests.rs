//! One test a rule of the verdicts.

use std::time::Duration;

use crate::check::Level;
use crate::report::model::run::{StepOutcome, StepReport, TargetKind};
use crate::report::verdict::of_run::*;
use crate::transcript::What;

const fn requirement(id: &'static str, level: Level) -> Requirement {
    Requirement {
        id,
        level,
        sentence: "It must be so.",
        why: "",
        source: "",
        good: "",
        bad: "",
        check: |_| Judgement::Holds,
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
    }
}

/// A scenario of A-1 whose steps passed, with one thing recorded.
fn judged(name: &str, judgements: &[(&'static str, Judgement)]) -> Judged {
    let mut transcript = Transcript::new();
    transcript.push(Duration::ZERO, &"Ada".into(), 1, What::Opened);
    Judged {
        scenario: ScenarioReport {
            id: format!("features/a.feature › rule › {name}"),
            feature: "A".to_owned(),
            path: "features/a.feature".to_owned(),
            rule: "rule".to_owned(),
            name: name.to_owned(),
            line: 6,
            tags: vec!["A-1".to_owned()],
            verdict: Verdict::Holds,
            requirements: vec!["A-1".to_owned()],
            duration_ms: 1,
            reason: None,
            by_steps: None,
            outcomes: None,
            repetition: None,
            margins: Vec::new(),
            steps: vec![step(StepOutcome::Passed, None)],
            transcript: None,
            findings: Vec::new(),
        },
        judgements: judgements.to_vec(),
        transcript: Some(Arc::new(transcript)),
    }
}

fn broken() -> Judgement {
    Judgement::Broken(vec![Finding {
        expected: "event 1".to_owned(),
        observed: "event 2".to_owned(),
        evidence: vec![1],
    }])
}

fn untouched() -> Judgement {
    Judgement::Untouched("the run ended too early".to_owned())
}

fn about() -> Circumstances {
    Circumstances {
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        duration_ms: 1,
        target: TargetReport {
            kind: TargetKind::Url,
            url: "ws://localhost/".to_owned(),
            server: "unknown".to_owned(),
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
fn it_holds_where_the_steps_passed_and_the_check_says_so() {
    let held = judged("one", &[("A-1", Judgement::Holds)]);
    assert_eq!(alone(held.clone()), (Verdict::Holds, None));
    let report = run(about(), vec![held], &[&A]).report;
    assert_eq!((report.verdict, report.exit_code), (RunVerdict::Holds, 0));
    assert_eq!(report.totals.must.holds, 1);
}

#[test]
fn nothing_holds_on_an_empty_transcript() {
    let mut empty = judged("one", &[("A-1", Judgement::Holds)]);
    empty.transcript = None;
    assert_eq!(
        alone(empty.clone()),
        (Verdict::CannotTell, reason("nothing was sent or received"))
    );
    let mut notes = Transcript::new();
    let session_id = "s".into();
    notes.push(
        Duration::ZERO,
        &"the suite".into(),
        0,
        What::Released { session_id },
    );
    empty.transcript = Some(Arc::new(notes));
    assert_eq!(alone(empty).0, Verdict::CannotTell);
}

#[test]
fn what_was_not_judged_or_has_no_steps_is_never_green() {
    assert_eq!(alone(judged("one", &[])).0, Verdict::CannotTell);
    let mut stepless = judged("one", &[("A-1", Judgement::Holds)]);
    stepless.scenario.steps.clear();
    assert_eq!(
        alone(stepless),
        (Verdict::CannotTell, reason("it has no steps"))
    );
}

#[test]
fn an_untouched_requirement_cannot_be_told_for_the_checks_reason() {
    let untouched = judged("one", &[("A-1", untouched())]);
    assert_eq!(
        alone(untouched),
        (Verdict::CannotTell, reason("the run ended too early"))
    );
}

#[test]
fn a_steps_reason_comes_before_the_checks() {
    let mut stuck = judged("one", &[("A-1", untouched())]);
    stuck.scenario.steps = vec![
        step(StepOutcome::CannotTell, Some("connection refused")),
        step(StepOutcome::Skipped, None),
    ];
    assert_eq!(
        alone(stuck.clone()),
        (Verdict::CannotTell, reason("connection refused"))
    );
    stuck.judgements = vec![("A-1", Judgement::Holds)];
    assert_eq!(alone(stuck).0, Verdict::CannotTell);
}

#[test]
fn a_target_without_the_ability_is_not_applicable_though_the_check_saw_nothing() {
    let mut unable = judged("one", &[("A-1", untouched())]);
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
    assert_eq!(report.verdict, RunVerdict::CannotTell);
    let held = judged("two", &[("A-1", Judgement::Holds)]);
    let report = run(about(), vec![unable, held], &[&A]).report;
    assert_eq!(report.requirements[0].verdict, Verdict::Holds);
}

#[test]
fn a_scenario_that_was_cut_short_cannot_tell() {
    let mut cut = judged("one", &[("A-1", Judgement::Holds)]);
    let never_begun = judged("one", &[("A-1", untouched())]);
    let mut never_begun = Judged {
        transcript: None,
        ..never_begun
    };
    never_begun.scenario.steps = vec![step(StepOutcome::Skipped, None)];
    assert_eq!(
        alone(never_begun),
        (
            Verdict::CannotTell,
            reason("the run was cut short before it began")
        )
    );
    cut.scenario.steps.push(step(StepOutcome::Skipped, None));
    assert_eq!(
        alone(cut),
        (
            Verdict::CannotTell,
            reason("it was cut short before `Ada returns`")
        )
    );
}

#[test]
fn a_finding_beats_everything() {
    let mut stuck = judged("one", &[("A-1", broken())]);
    stuck.scenario.steps = vec![step(StepOutcome::CannotTell, Some("connection refused"))];
    assert_eq!(alone(stuck), (Verdict::Broken, None));
}

#[test]
fn a_failed_step_is_a_finding_unless_another_explains_it() {
    let mut failed = judged("one", &[("A-1", Judgement::Holds)]);
    failed.scenario.steps = vec![step(StepOutcome::Failed, Some("16 came"))];
    let report = run(about(), vec![failed.clone()], &[&A]).report;
    assert_eq!(report.requirements[0].verdict, Verdict::Broken);
    let finding = &report.requirements[0].findings[0].finding;
    assert_eq!(
        (&*finding.expected, &*finding.observed),
        ("Ada returns", "16 came")
    );
    failed.judgements.push(("B-1", broken()));
    let report = run(about(), vec![failed], &[&A, &B]).report;
    let verdicts: Vec<_> = report.requirements.iter().map(|it| it.verdict).collect();
    assert_eq!(verdicts, [Verdict::CannotTell, Verdict::Broken]);
}

#[test]
fn a_finding_in_a_foreign_scenario_breaks_the_requirement_and_not_the_scenario() {
    let scenarios = vec![
        judged("one", &[("A-1", Judgement::Holds), ("B-1", broken())]),
        judged("two", &[("A-1", Judgement::Holds), ("B-1", untouched())]),
    ];
    let report = run(about(), scenarios, &[&A, &B]).report;
    assert_eq!(report.scenarios[0].verdict, Verdict::Holds);
    assert_eq!(report.scenarios[0].findings[0].requirement, "B-1");
    let b = &report.requirements[1];
    assert_eq!((b.verdict, b.findings.len()), (Verdict::Broken, 1));
    assert_eq!(b.findings[0].scenario, report.scenarios[0].id);
    let nameless = Judgement::Broken(Vec::new());
    let scenario = judged("one", &[("A-1", Judgement::Holds), ("B-1", nameless)]);
    let report = run(about(), vec![scenario], &[&A, &B]).report;
    assert_eq!(report.requirements[1].verdict, Verdict::Broken);
}

#[test]
fn a_requirement_without_a_scenario_of_its_own_cannot_be_told() {
    let foreign = judged(
        "one",
        &[("A-1", Judgement::Holds), ("B-1", Judgement::Holds)],
    );
    let report = run(about(), vec![foreign], &[&A, &B]).report;
    let b = &report.requirements[1];
    assert_eq!(b.verdict, Verdict::CannotTell);
    assert_eq!(b.reason, reason("no scenario of its own rule was selected"));
    assert_eq!(report.verdict, RunVerdict::CannotTell);
}

#[test]
fn one_scenario_that_cannot_tell_is_enough() {
    let scenarios = vec![
        judged("one", &[("A-1", Judgement::Holds)]),
        judged("two", &[("A-1", untouched())]),
    ];
    let report = run(about(), scenarios, &[&A]).report;
    assert_eq!(report.requirements[0].verdict, Verdict::CannotTell);
}

#[test]
fn a_broken_should_counts_only_when_strict() {
    let mut of_b = judged("one", &[("B-1", broken())]);
    of_b.scenario.requirements = vec!["B-1".to_owned()];
    let scenarios = vec![judged("two", &[("A-1", Judgement::Holds)]), of_b];
    let verdict = |strict| {
        let about = Circumstances { strict, ..about() };
        run(about, scenarios.clone(), &[&A, &B]).report.verdict
    };
    assert_eq!(verdict(false), RunVerdict::Holds);
    assert_eq!(verdict(true), RunVerdict::Broken);
}

#[test]
fn a_known_failure_does_not_make_the_run_broken() {
    let report = run(about(), vec![judged("one", &[("A-1", broken())])], &[&A]).report;
    assert_eq!((report.verdict, report.exit_code), (RunVerdict::Broken, 1));
    let mut report = report;
    report.requirements[0].known_failure = true;
    settle(&mut report);
    assert_eq!((report.verdict, report.exit_code), (RunVerdict::Holds, 0));
    assert_eq!(report.totals.must.broken, 1);
}

#[test]
fn the_runs_verdict_takes_the_worst_reason_first() {
    let verdict = |judgement, interrupted: bool, suite_error: bool| {
        let about = Circumstances {
            interrupted: interrupted.then(|| "Ctrl-C".to_owned()),
            suite_errors: Vec::from_iter(suite_error.then(|| "a panic".to_owned())),
            ..about()
        };
        let report = run(about, vec![judged("one", &[("A-1", judgement)])], &[&A]).report;
        (report.verdict, report.exit_code)
    };
    assert_eq!(verdict(broken(), true, true), (RunVerdict::SuiteError, 70));
    assert_eq!(verdict(broken(), true, false), (RunVerdict::Broken, 1));
    let untold = (RunVerdict::CannotTell, 3);
    assert_eq!(verdict(Judgement::Holds, true, false), untold);
    assert_eq!(verdict(untouched(), false, false), untold);
    let nothing = run(about(), Vec::new(), &[]).report;
    assert_eq!(nothing.verdict, RunVerdict::CannotTell);
}

#[test]
fn a_scenario_is_judged_alone_as_within_the_run() {
    let mut two = judged("one", &[("A-1", broken()), ("B-1", Judgement::Holds)]);
    two.scenario.requirements.push("B-1".to_owned());
    assert_eq!(of_scenario(&two).verdict, Verdict::Broken);
    let report = run(about(), vec![two], &[&A, &B]).report;
    let verdicts: Vec<_> = report.requirements.iter().map(|it| it.verdict).collect();
    assert_eq!(verdicts, [Verdict::Broken, Verdict::Holds]);
}
