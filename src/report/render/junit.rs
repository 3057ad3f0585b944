//! `junit.xml`, for CI: one suite per feature, one test case per scenario.
//!
//! | verdict | in JUnit |
//! |---|---|
//! | passed | passed |
//! | failed | failure, of the type `MUST`, `SHOULD` or `MAY`, with the findings |
//! | failed, but listed as a known failure | skipped, with the reason of the list |
//! | failed or inconclusive, but newer than `--as-of` | skipped, with the reason |
//! | passed, though it is listed | failure in a suite of its own |
//! | inconclusive | error, of the type `inconclusive`, with the reason |
//! | not applicable | skipped, with the reason; with `--require-all` error, if nothing else tested its requirement |
//! | the suite itself failed | error in a suite of its own |

use std::io::Write;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::report::model::run::{RunReport, ScenarioReport, Verdict};
use crate::report::text::escape::{escape_visible, escape_whole};
use crate::report::text::format::finding;
use crate::report::view::scenario as scenario_view;
use crate::report::view::scenario::{Elsewhere, NOT_SCORED};
use crate::report::view::{grouped, headline};

/// The name of the file in the report folder.
pub const FILE: &str = "junit.xml";

const NAME: &str = "reconnect-acceptance";

/// The longest name or reason of the suite's own, in characters.
const LONGEST: usize = 2_000;

/// Writes the report.
///
/// # Errors
///
/// Those of the writer.
pub fn write(report: &RunReport, mut out: impl Write) -> std::io::Result<()> {
    let xml = build(report).to_string().map_err(std::io::Error::other)?;
    out.write_all(xml.as_bytes())
}

fn build(report: &RunReport) -> Report {
    let elsewhere = Elsewhere::of(report);
    let mut junit = Report::new(match headline::shard_words(report) {
        Some(part) => format!("{NAME} ({part})"),
        None => NAME.to_owned(),
    });
    junit.set_time(Duration::from_millis(report.duration_ms));
    for (path, scenarios) in grouped(&report.scenarios, |it| &it.path) {
        let feature = scenarios.first().map_or("", |it| &it.feature);
        let mut suite = TestSuite::new(name(feature));
        suite.add_property(Property::new("feature", name(path)));
        target(report, &mut suite);
        let cases = scenarios.iter().map(|it| case(report, it, &elsewhere));
        suite.add_test_cases(cases);
        let time = suite.test_cases.iter().filter_map(|case| case.time).sum();
        suite.set_time(time);
        junit.add_test_suite(suite);
    }
    junit.add_test_suites(own_faults(report));
    junit.add_test_suites(stale(report));
    junit
}

fn case(report: &RunReport, scenario: &ScenarioReport, elsewhere: &Elsewhere<'_>) -> TestCase {
    let (verdict, findings) = elsewhere.show(report, scenario);
    let status = match verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::NotApplicable if !scenario_view::is_required(report, scenario) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why(verdict, scenario));
            status
        }
        Verdict::Inconclusive if scenario_view::is_not_scored(report, scenario) => {
            let mut status = TestCaseStatus::skipped();
            let why = why(verdict, scenario);
            status.set_message(format!("{NOT_SCORED}: {why}"));
            status
        }
        // A server that cannot be reached must not look green.
        Verdict::Inconclusive | Verdict::NotApplicable => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status
                .set_message(why(verdict, scenario))
                .set_type(verdict.words());
            status
        }
        Verdict::Failed => {
            let behind = scenario_view::requirements(report, &findings);
            let uncounted = scenario_view::uncounted(report, &findings);
            let mut status = if uncounted.is_some() {
                TestCaseStatus::skipped()
            } else {
                TestCaseStatus::non_success(NonSuccessKind::Failure)
            };
            let first = findings.first().map_or_else(
                || "failed".to_owned(),
                |it| format!("{}: {}", it.requirement, finding(&it.finding)),
            );
            let uncounted = uncounted.map(|it| format!("{it}: ")).unwrap_or_default();
            let more = match findings.len() {
                0 | 1 => String::new(),
                all => format!(" (and {} more)", all - 1),
            };
            let first = escape_visible(&first, LONGEST);
            status.set_message(format!("{uncounted}{first}{more}"));
            // MUST first, as in the catalogue.
            if let Some(strictest) = behind.iter().min_by_key(|it| it.level) {
                status.set_type(strictest.kind());
            }
            status.set_description(scenario_view::text(report, scenario, &findings));
            status
        }
    };
    // The rule's id keeps scenarios of the same name apart.
    let label = match scenario.requirements.join(", ") {
        ids if ids.is_empty() || !scenario.judged_by.is_empty() => {
            scenario.name_and_row().to_owned()
        }
        ids => format!("{ids}: {}", scenario.name_and_row()),
    };
    let mut case = TestCase::new(name(&label), status);
    case.set_classname(name(&scenario.feature));
    case.set_time(Duration::from_millis(scenario.duration_ms));
    for id in &scenario.requirements {
        case.add_property(Property::new("requirement", name(id)));
    }
    case.add_property(Property::new("scenario", name(&scenario.id)));
    if let Some(outcomes) = &scenario.outcomes {
        case.add_property(Property::new("repetitions", name(&outcomes.fraction())));
        if outcomes.is_mixed() {
            case.add_property(Property::new("flaky", name(&outcomes.words())));
        }
    }
    if let Some(list) = &report.known_failures {
        let behind = scenario_view::requirements(report, &findings);
        for it in behind.iter().filter(|it| it.known_failure) {
            for entry in list.of(&it.id) {
                let text = format!("{}: {}", entry.id, entry.why());
                case.add_property(Property::new("known-failure", name(&text)));
            }
        }
    }
    if let Some(transcript) = &scenario.transcript {
        case.add_property(Property::new("transcript", name(transcript)));
    }
    case
}

/// The verdict, and its reason.
fn why(verdict: Verdict, scenario: &ScenarioReport) -> String {
    let reason = scenario_view::reason(scenario);
    format!("{}: {reason}", verdict.words())
}

fn target(report: &RunReport, suite: &mut TestSuite) {
    suite.add_property(Property::new("url", name(&report.target.url)));
    suite.add_property(Property::new(
        "server",
        name(&report.target.server_and_wires()),
    ));
    for fault in &report.target.faults {
        suite.add_property(Property::new("fault", name(fault)));
    }
}

/// What went wrong with the run itself, for readers who see only JUnit.
fn own_faults(report: &RunReport) -> Option<TestSuite> {
    let faults = report
        .suite_errors
        .iter()
        .map(|error| ("the suite itself failed", error));
    let wrong = report.misconfigured.iter();
    let wrong = wrong.map(|text| ("wrong configuration", text));
    let cut = report
        .interrupted
        .iter()
        .map(|reason| ("the run was cut short", reason));
    let mut suite = TestSuite::new(NAME);
    for (number, (what, text)) in faults.chain(wrong).chain(cut).enumerate() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(name(text)).set_type(what);
        let mut case = TestCase::new(format!("{what} ({})", number + 1), status);
        case.set_classname(NAME);
        suite.add_test_case(case);
    }
    (!suite.test_cases.is_empty()).then_some(suite)
}

/// Entries of the list of known failures that must be deleted: the exit code is not 0 because of them.
fn stale(report: &RunReport) -> Option<TestSuite> {
    let list = report.known_failures.as_ref()?;
    let mut suite = TestSuite::new("known failures");
    suite.add_property(Property::new("file", name(&list.file)));
    for entry in list.stale() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_message(name(&entry.advice(&list.file)))
            .set_type("stale");
        let label = format!("{} ({})", entry.id, entry.place());
        let mut case = TestCase::new(name(&label), status);
        case.set_classname("known failures");
        case.add_property(Property::new("requirement", name(&entry.id)));
        suite.add_test_case(case);
    }
    (!suite.test_cases.is_empty()).then_some(suite)
}

fn name(text: &str) -> String {
    // Most are short; a hostile one is bounded.
    if text.len() <= LONGEST {
        escape_whole(text)
    } else {
        escape_visible(text, LONGEST)
    }
}
