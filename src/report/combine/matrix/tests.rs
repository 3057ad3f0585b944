//! The matrix: what broke where, what only looks so, and what was not judged.

use crate::check::Finding;
use crate::report::combine::matrix::*;
use crate::report::model::run::{ScenarioFinding, TargetKind, TargetReport};
use crate::report::verdict::known::{KnownFailures, Standing, apply};

/// A run of a release with these verdicts: H (passed), B (failed), U (inconclusive), N (not applicable).
fn report(release: &str, verdicts: &[(&str, char)]) -> RunReport {
    let requirements = verdicts
        .iter()
        .map(|(id, verdict)| requirement(id, *verdict));
    RunReport {
        duration_ms: 1500,
        requirements: requirements.collect(),
        ..RunReport::blank(TargetReport {
            kind: TargetKind::Agentos,
            url: "ws://127.0.0.1:1".to_owned(),
            server: format!("agno {release}"),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        })
    }
}

fn requirement(id: &str, verdict: char) -> RequirementReport {
    let verdict = match verdict {
        'H' => Verdict::Passed,
        'B' => Verdict::Failed,
        'U' => Verdict::Inconclusive,
        _ => Verdict::NotApplicable,
    };
    let finding = ScenarioFinding {
        scenario: "s".to_owned(),
        finding: Finding {
            expected: "16".to_owned(),
            observed: "15".to_owned(),
            evidence: Vec::new(),
        },
    };
    RequirementReport {
        title: "It works.".to_owned(),
        verdict,
        reason: (verdict == Verdict::Inconclusive).then(|| "it ended too early".to_owned()),
        scenarios: vec!["s".to_owned()],
        findings: Vec::from_iter((verdict == Verdict::Failed).then_some(finding)),
        ..RequirementReport::blank(id)
    }
}

fn entry(id: &str, release: &str, sometimes: bool) -> KnownFailure {
    KnownFailure {
        id: id.to_owned(),
        scenario: None,
        release: Some(release.to_owned()),
        reason: "known".to_owned(),
        link: None,
        until: None,
        sometimes,
        lines: (1, 3),
        standing: Standing::default(),
    }
}

fn judged(release: &str, verdicts: &[(&str, char)], known: &[KnownFailure]) -> (String, Outcome) {
    let mut report = report(release, verdicts);
    if !known.is_empty() {
        let list = KnownFailures {
            file: "known.toml".to_owned(),
            entries: known.to_vec(),
        };
        apply(&mut report, list);
    }
    (
        release.to_owned(),
        Outcome::Judged {
            exit_code: report.exit_code(),
            report: Box::new(report),
        },
    )
}

fn not_judged(release: &str, exit_code: u8) -> (String, Outcome) {
    let reason = "install it".to_owned();
    (release.to_owned(), Outcome::NotJudged { reason, exit_code })
}

/// One requirement, a letter a release: 1.0.0, 1.1.0, …; `.` was not judged.
fn row_of(letters: &str, known: &[KnownFailure]) -> Row {
    let came: Vec<_> = letters
        .chars()
        .enumerate()
        .map(|(at, letter)| match letter {
            '.' => not_judged(&format!("1.{at}.0"), 2),
            letter => judged(&format!("1.{at}.0"), &[("A-1", letter)], known),
        })
        .collect();
    Matrix::of(Columns::Releases, &came, false, None)
        .requirements
        .remove(0)
}

#[track_caller]
fn changed(letters: &str, failed: Option<&str>, fixed: Option<&str>, again: Option<&str>) {
    let row = row_of(letters, &[]);
    assert_eq!(row.first_failed.as_deref(), failed, "{letters}");
    assert_eq!(row.first_fixed.as_deref(), fixed, "{letters}");
    let at = row.failed_again().map(|it| it.release.as_str());
    assert_eq!(at, again, "{letters}");
}

#[test]
fn first_failed_and_first_fixed_are_of_the_releases_judged() {
    changed("HHH", None, None, None);
    changed("BBB", Some("1.0.0"), None, None);
    changed("HBB", Some("1.1.0"), None, None);
    changed("HBBHH", Some("1.1.0"), Some("1.3.0"), None);
    changed("BHBHB", Some("1.0.0"), Some("1.1.0"), Some("1.2.0"));
    // Inconclusive, not applicable and not judged are neither failed nor fixed.
    changed("BUNB", Some("1.0.0"), None, None);
    changed("BU.H", Some("1.0.0"), Some("1.3.0"), None);
    changed("U.NB", Some("1.3.0"), None, None);
    changed("UUNN", None, None, None);
}

#[test]
fn a_turn_says_between_which_releases_it_came_about() {
    let row = row_of("H.BUH", &[]);
    let transition = |release: &str, after: &str, became| Transition {
        release: release.to_owned(),
        after: Some(after.to_owned()),
        became,
    };
    let failed = transition("1.2.0", "1.0.0", Verdict::Failed);
    assert_eq!(
        row.transitions,
        [failed, transition("1.4.0", "1.2.0", Verdict::Passed)]
    );
    assert_eq!(row_of("BB", &[]).transitions[0].after, None);
}

#[test]
fn a_race_that_does_not_show_is_not_fixed() {
    let race = [entry("A-1", "1.0.0 || 1.1.0", true)];
    let row = row_of("BHB", &race);
    assert_eq!(row.transitions.len(), 1, "{row:?}");
    assert_eq!(row.cells[1].words(), "passed in this run, a known race");
    assert_eq!(row.cells[0].words(), "failed, a known race");
    // On a release that the entry is not about, a pass means fixed.
    let row = row_of("BHH", &race);
    assert_eq!(row.first_fixed.as_deref(), Some("1.2.0"));
}

#[test]
fn the_worst_exit_code_counts_and_a_column_says_why_it_is_empty() {
    let came = [
        judged("1.0.0", &[("A-1", 'H'), ("A-2", 'U')], &[]),
        not_judged("1.1.0", 2),
        judged("1.2.0", &[("A-1", 'B'), ("A-2", 'H')], &[]),
    ];
    let matrix = Matrix::of(Columns::Releases, &came, true, None);
    assert_eq!(matrix.exit_code, 2);
    assert_eq!(matrix.judged(), 2);
    let codes: Vec<_> = matrix.columns.iter().map(|it| it.exit_code).collect();
    assert_eq!(codes, [3, 2, 1]);
    assert_eq!(matrix.columns[1].sentence, "install it");
    assert_eq!(matrix.columns[1].report, None);
    let row = &matrix.requirements[0];
    assert_eq!(row.cell("1.1.0"), None);
    let cell = row.cell("1.2.0").expect("judged");
    let link = "1.2.0/report.html#requirement-a-1";
    assert_eq!(cell.report.as_deref(), Some(link));
    assert_eq!(cell.why.as_deref(), Some("15"));
    assert!(cell.counts && !cell.known);
    assert_eq!(
        Matrix::of(Columns::Releases, &came[..1], false, None).exit_code,
        3
    );
    assert_eq!(Matrix::of(Columns::Releases, &[], false, None).exit_code, 0);
}

#[test]
fn no_link_leads_anywhere_but_into_a_release_s_folder() {
    for release in ["../up", "javascript:alert(1)", "//host", "1/../../x", ""] {
        let matrix = Matrix::of(
            Columns::Releases,
            &[judged(release, &[("A-1", 'B')], &[])],
            true,
            None,
        );
        assert_eq!(matrix.columns[0].report, None, "{release}");
        assert_eq!(matrix.requirements[0].cells[0].report, None, "{release}");
    }
}

#[test]
fn inconclusive_requirements_are_compared_with_the_list() {
    let list = [
        entry("A-1", "1.0.0", false),
        entry("A-2", "1.0.0", false),
        entry("A-3", "1.0.0", true),
        entry("A-4", "2.0.0", false),
        entry("A-5", "1.0.0", false),
    ];
    let verdicts = [
        ('U', "A-1"),
        ('H', "A-2"),
        ('H', "A-3"),
        ('U', "A-4"),
        ('B', "A-5"),
    ];
    let verdicts = verdicts.map(|(verdict, id)| (id, verdict));
    let matrix = Matrix::of(
        Columns::Releases,
        &[judged("1.0.0", &verdicts, &[])],
        false,
        Some(&list),
    );
    let inconclusive = matrix.columns[0].inconclusive.as_ref().expect("a list");
    assert_eq!(inconclusive.expected, ["A-1"]);
    assert_eq!(inconclusive.in_addition, ["A-4"]);
    assert_eq!(inconclusive.stale, ["A-2"]);
    assert!(matrix.requirements[0].cells[0].known);
    assert!(!matrix.requirements[3].cells[0].known);
    // Failed beats stale; without failures the stale entry decides.
    assert_eq!(matrix.exit_code, 1);
    let matrix = Matrix::of(
        Columns::Releases,
        &[judged("1.0.0", &verdicts[..4], &[])],
        false,
        Some(&list),
    );
    assert_eq!(matrix.exit_code, 4);
    let without = Matrix::of(
        Columns::Releases,
        &[judged("1.0.0", &verdicts, &[])],
        false,
        None,
    );
    assert_eq!(without.columns[0].inconclusive, None);
}

#[test]
fn stale_entries_are_told_with_their_column() {
    let known = [entry("A-1", "1.0.0 || 1.1.0", false)];
    let came = [
        judged("1.0.0", &[("A-1", 'B')], &known),
        judged("1.1.0", &[("A-1", 'H')], &known),
    ];
    let matrix = Matrix::of(Columns::Releases, &came, false, None);
    assert_eq!(matrix.exit_code, 4);
    assert_eq!(matrix.columns[0].exit_code, 0);
    let said =
        "A-1 passed: delete lines 1 to 3 of known.toml, or leave this release out of its `release`";
    assert_eq!(matrix.columns[1].stale, [said]);
}

#[test]
fn it_is_read_again_as_it_was_written() {
    let came = [
        judged("1.0.0", &[("A-1", 'B')], &[]),
        not_judged("1.1.0", 2),
    ];
    let matrix = Matrix::of(Columns::Releases, &came, true, Some(&[]));
    let mut bytes = Vec::new();
    write(&matrix, &mut bytes).expect("a vector takes everything");
    assert_eq!(bytes.last(), Some(&b'\n'));
    let again: Matrix = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(again, matrix);
}
