//! What must not look green: a self-test, what was not tested, and what is newer than `--as-of`.

use std::path::Path;

use reconnect_acceptance::report::model::run::{Run, RunVerdict, TargetKind, Verdict};
use reconnect_acceptance::report::render::terminal::{Format, Look, Terminal};
use reconnect_acceptance::report::render::{cucumber_json, html, junit, summary};

use super::fixture;

fn terminal(run: &Run, format: Format) -> String {
    let look = Look {
        format,
        color: anstream::ColorChoice::Never,
        width: Some(100),
    };
    let mut terminal = Terminal::new(Vec::new(), look);
    let report = &run.report;
    let (scenarios, requirements) = (report.scenarios.len(), report.requirements.len());
    terminal.started(&report.target, scenarios, requirements);
    terminal.finished(run, Some(Path::new("target/report")));
    String::from_utf8(terminal.into_inner()).expect("text")
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("written");
    String::from_utf8(out).expect("text")
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_self_test_says_so_before_anything_else() {
    let words = "self-test against the bundled server";
    let mut run = fixture::green();
    let page = |run: &Run| written(|out| html::write(run, out));
    for text in [
        terminal(&run, Format::Terminal),
        summary::text(&run),
        page(&run),
    ] {
        assert!(!text.contains(words), "{text}");
    }
    run.report.target.kind = TargetKind::Reference;
    assert!(terminal(&run, Format::Terminal).starts_with(words));
    assert!(terminal(&run, Format::Quiet).starts_with(&format!("Passed ({words})")));
    assert!(summary::text(&run).starts_with(&format!("**{words}**")));
    let page = page(&run);
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what}"));
    assert!(at(words) < at("<h1"));
}

#[test]
fn the_headline_counts_what_was_not_tested() {
    let mut run = fixture::green();
    for (id, reason) in [
        (
            "CATCHUP-1",
            "the target names no HTTP address; a target file can: http_url",
        ),
        (
            "FAILING-1",
            "the target names no users; use a target file with [users] token_envs",
        ),
        (
            "GREETING-2",
            "the target cannot be restarted; a target file can say how: restart",
        ),
    ] {
        for it in run.report.requirements.iter_mut().filter(|it| it.id == id) {
            it.verdict = Verdict::NotApplicable;
            it.reason = Some(reason.to_owned());
        }
    }
    let text = in_one_line(&terminal(&run, Format::Quiet));
    assert_eq!(
        text,
        "Passed: 2 of 4 MUST requirements passed, 2 not tested: your target names no restart, http_url, \
         [users], exit code 0."
    );
    run.report.require_all = true;
    assert_eq!(run.report.verdict(), RunVerdict::Inconclusive);
    let text = in_one_line(&terminal(&run, Format::Quiet));
    let words =
        "Inconclusive: 3 of 7 requirements not tested, and all are required: your target names";
    assert!(
        text.starts_with(words) && text.ends_with("exit code 3."),
        "{text}"
    );

    let mut run = fixture::red();
    let text = in_one_line(&terminal(&run, Format::Quiet));
    let words = "(GREETING-1, CATCHUP-2); 1 of 4 MUST passed, 1 not tested, exit code 1.";
    assert!(text.ends_with(words), "{text}");
    run.report.require_all = true;
    assert_eq!(run.report.exit_code(), 1);
}

#[test]
fn junit_shows_what_is_required_and_was_not_tested() {
    let mut run = fixture::red();
    let xml = |run: &Run| written(|out| junit::write(&run.report, out));
    assert!(xml(&run).contains("<skipped message=\"not applicable: the target has no workflow"));
    run.report.require_all = true;
    assert!(xml(&run).contains("<error message=\"not applicable: the target has no workflow"));
}

/// Everything that is not green is newer.
fn newer() -> Run {
    let mut run = fixture::red();
    run.report.as_of = Some("0.1.0".to_owned());
    for it in &mut run.report.requirements {
        it.not_scored = matches!(it.verdict, Verdict::Failed | Verdict::Inconclusive);
    }
    run
}

#[test]
fn what_is_newer_is_shown_as_not_scored_everywhere() {
    let run = newer();
    assert_eq!(
        (run.report.verdict(), run.report.exit_code()),
        (RunVerdict::Passed, 0)
    );
    let shown = terminal(&run, Format::Terminal);
    for words in [
        "failed, not scored: ",
        "inconclusive, not scored: ",
        "FAILED CATCHUP-2 (MUST, not scored)",
        "(as of version 0.1.0): 1 of 2 MUST requirements passed, 1 not tested",
        "as of version 0.1.0; 4 newer requirements not scored: 3 failed, 1 inconclusive\n",
    ] {
        assert!(
            shown.contains(words) || in_one_line(&shown).contains(words),
            "{words}: {shown}"
        );
    }
    let text = summary::text(&run);
    assert!(text.contains("not scored: newer than `--as-of`"), "{text}");
    let page = written(|out| html::write(&run, out));
    for words in [
        "failed, not scored",
        "inconclusive, not scored",
        "4 newer requirements not scored",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let xml = written(|out| junit::write(&run.report, out));
    assert!(
        xml.contains("skipped=\"4\" failures=\"0\" errors=\"0\""),
        "{xml}"
    );
    assert!(
        xml.contains("not scored, since it is newer than --as-of: inconclusive:"),
        "{xml}"
    );
    assert!(
        xml.contains("not scored, since it is newer than --as-of: CATCHUP-2:"),
        "{xml}"
    );
    let json = written(|out| cucumber_json::write(&run.report, out));
    for status in ["failed", "pending"] {
        assert!(
            !json.contains(&format!("\"status\": \"{status}\"")),
            "{json}"
        );
    }
}
