//! How the end of a step becomes a verdict: whole runs of small features against the bundled server.

use std::future::pending;
use std::sync::PoisonError;

use crate::plan::{Plan, Selection};
use crate::report::combine::rejudge;
use crate::report::model::run::{Run, RunVerdict, StepOutcome, Verdict};
use crate::suite::step_error::HOOK;
use crate::suite::{self, Scenarios};
use crate::target::bundled::BundledTarget;
use crate::target::{Fault, Target};

/// Runs one scenario with these steps, of a rule for GREETING-2.
fn run_of(steps: &str, faults: Vec<Fault>) -> Run {
    let _alone = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "Feature: Steps\n\n  @GREETING-2\n  Rule: A rule\n\n    Scenario: A scenario\n{steps}"
    );
    std::fs::write(folder.path().join("steps.feature"), text).expect("a file");
    let plan = Plan {
        selection: Selection {
            features: Some(folder.path().to_owned()),
            only_own: true,
            ..Selection::default()
        },
        ..Plan::default()
    };
    let scenarios = Scenarios::select(&plan.selection).expect("a scenario");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut target = BundledTarget::new(faults);
        target.start().await.expect("a server");
        let progress = Box::new(|_: suite::Moment<'_>| ());
        let run = suite::run(&plan, &target, scenarios, progress, pending()).await;
        target.stop().await;
        run.expect("a run")
    })
}

#[test]
fn a_step_that_errs_is_inconclusive_with_its_reason() {
    let steps =
        "Given Ada has connected\nWhen a step cannot do what it says\nThen a pong comes back\n";
    let report = run_of(steps, Vec::new()).report;
    let scenario = &report.scenarios[0];
    assert_eq!(scenario.verdict, Verdict::Inconclusive);
    assert_eq!(scenario.reason.as_deref(), Some("the bridge is closed"));
    let outcomes: Vec<_> = scenario.steps.iter().map(|step| step.outcome).collect();
    let expected = [
        StepOutcome::Passed,
        StepOutcome::Inconclusive,
        StepOutcome::Skipped,
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(
        (report.verdict(), report.exit_code()),
        (RunVerdict::Inconclusive, 3)
    );
}

#[test]
fn a_check_that_fails_is_failed_and_shown_on_the_last_step() {
    let steps = "Given Ada has connected\nWhen Ada pings\nThen a pong comes back\n";
    let run = run_of(steps, vec![Fault::NoPong]);
    let scenario = &run.report.scenarios[0];
    assert_eq!(scenario.verdict, Verdict::Failed);
    assert_eq!(scenario.findings[0].requirement, "GREETING-2");
    let by_steps = scenario.by_steps.as_ref().expect("what the steps say");
    assert_eq!(by_steps.verdict, Verdict::Passed);
    let last = scenario.steps.last().expect("a step");
    assert_eq!(last.outcome, StepOutcome::Failed);
    let reason = last.reason.as_deref().expect("a reason");
    assert!(reason.starts_with("GREETING-2: expected "), "{reason}");
    let again = rejudge::judge(&run).expect("known requirements").run;
    let text = |run: &Run| serde_json::to_string(&run.report).expect("JSON");
    assert_eq!(text(&again), text(&run));
}

#[test]
fn a_step_that_panics_is_the_suites_own_fault() {
    let report = run_of("When a step panics\n", Vec::new()).report;
    assert_eq!(
        (report.verdict(), report.exit_code()),
        (RunVerdict::SuiteError, 70)
    );
    let [error] = report.suite_errors.as_slice() else {
        panic!("{:?}", report.suite_errors);
    };
    assert!(
        error.contains("a bug of the suite (src/suite/steps/testing.rs:"),
        "{error}"
    );
    assert_eq!(report.scenarios[0].verdict, Verdict::Inconclusive);
}
