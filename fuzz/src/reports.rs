//! Every rendering of a run: strict parsers read it, and nothing that anybody said is more than text in
//! it. What is stored is judged like what was in memory.

use std::path::Path;
use std::sync::Arc;

use anstream::ColorChoice;
use arbitrary::{Result, Unstructured};
use pulldown_cmark::HeadingLevel;
use reconnect_acceptance::check::registry;
use reconnect_acceptance::report::combine::diff::Comparison;
use reconnect_acceptance::report::combine::matrix;
use reconnect_acceptance::report::combine::matrix::{Columns, Matrix, Outcome};
use reconnect_acceptance::report::combine::{merge, rejudge, repeat};
use reconnect_acceptance::report::model::run::{Run, RunReport, Verdict};
use reconnect_acceptance::report::render::terminal::{Format, Look, Terminal};
use reconnect_acceptance::report::render::{
    cucumber_json, html, json, junit, messages, reproduction, summary,
};
use reconnect_acceptance::report::verdict::known;
use reconnect_acceptance::transcript::jsonl;

use crate::recipe::{model, one_of, text};
use crate::strict;

/// A page is small enough to be sent around, in bytes.
const LONGEST_PAGE: usize = 2_000_000;
/// `summary.md` is some 50 KB at most.
const LONGEST_SUMMARY: usize = 80_000;

/// A recipe of a run, and of what is done with it; or, where it begins with a brace, a `report.json`.
pub fn reports(bytes: &[u8]) {
    if bytes.first() == Some(&b'{') {
        if let Ok(report) = json::read(bytes) {
            let transcripts = std::collections::BTreeMap::new();
            rendered(
                &Run {
                    report,
                    transcripts,
                },
                80,
            );
        }
        return;
    }
    // Not the result but the bytes are at an end.
    let _ = cooked(Unstructured::new(bytes));
}

fn cooked(mut u: Unstructured<'_>) -> Result<()> {
    let u = &mut u;
    let width = one_of(u, &[80, 40, 57, 110, 7])?;
    match u.int_in_range(0..=9_u8)? {
        0..=3 => rendered(&model::run(u)?, width),
        4..=6 => judged(&model::run(u)?, width),
        7 => {
            let all = vec![model::run(u)?, model::run(u)?];
            if let Some(run) = repeat::combine(all) {
                rendered(&run, width);
            }
        }
        8 => merged(u, width)?,
        _ => beside(u, width)?,
    }
    Ok(())
}

/// Shards of one run, or what looks like them.
fn merged(u: &mut Unstructured<'_>, width: usize) -> Result<()> {
    let mut parts = Vec::new();
    for number in 1..=2 {
        let mut run = model::run(u)?;
        if let (Some(shard), true) = (&mut run.report.shard, u.arbitrary()?) {
            shard.number = number;
            shard.of = 2;
        }
        let from = text(u)?;
        parts.push(merge::Part { from, run });
    }
    if let [one, other] = &mut parts[..] {
        // What must be alike, so that some are merged.
        if u.arbitrary()? {
            let head = one.run.report.clone();
            let tail = &mut other.run.report;
            tail.target = head.target;
            tail.suite_version = head.suite_version;
            tail.strict = head.strict;
            tail.known_failures = head.known_failures;
            if let (Some(one), Some(other)) = (&head.shard, &mut tail.shard) {
                let number = other.number;
                *other = one.clone();
                other.number = number;
            }
            for report in [&mut one.run.report, &mut other.run.report] {
                report.repetitions = None;
                report.started_at = "2026-01-01T00:00:00Z".to_owned();
            }
        }
    }
    let another_list = u.arbitrary()?;
    match merge::merge(parts, another_list) {
        Ok(run) => rendered(&run, width),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    Ok(())
}

fn outcome(report: RunReport) -> Outcome {
    Outcome::Judged {
        exit_code: report.exit_code(),
        report: Box::new(report),
    }
}

/// Runs of several releases beside each other.
fn beside(u: &mut Unstructured<'_>, width: usize) -> Result<()> {
    let (old, new) = (model::run(u)?, model::run(u)?);
    let comparison = Comparison::of(&old.report, &new.report);
    strict::visible(&comparison.text());
    let same = Comparison::of(&old.report, &old.report);
    assert!(!same.is_regression(), "a run is no worse than itself");
    let came = [
        ("2.4.0".to_owned(), outcome(old.report)),
        (
            "3.0.0rc1".to_owned(),
            Outcome::NotJudged {
                reason: text(u)?,
                exit_code: 2,
            },
        ),
        ("3.1.10".to_owned(), outcome(new.report)),
    ];
    let written = u.arbitrary()?;
    let inconclusive = match (&came[0].1, u.arbitrary()?) {
        (Outcome::Judged { report, .. }, true) => report.known_failures.clone(),
        _ => None,
    };
    let inconclusive = inconclusive.as_ref().map(|list| list.entries.as_slice());
    for compares in [Columns::Releases, Columns::Clients] {
        let matrix = Matrix::of(compares, &came, written, inconclusive);
        let page = bytes(|out| html::write_matrix(&matrix, out));
        strict::page(&page, |ids, link| match link.strip_prefix('#') {
            Some(id) => ids.contains(id),
            None => {
                let (file, id) = link.split_once('#').unwrap_or((link, ""));
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
                written
                    && ["2.4.0/report.html", "3.1.10/report.html"].contains(&file)
                    && id.chars().all(plain)
            }
        });
        assert!(page.len() < LONGEST_PAGE, "{} bytes", page.len());
        let json = bytes(|out| matrix::write(&matrix, out));
        let read: Matrix = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read, matrix);
        shown(width, |terminal| terminal.matrix(&matrix, None));
    }
    Ok(())
}

/// Judged, stored, read and judged again: nothing changes.
fn judged(run: &Run, width: usize) {
    let known = |id: &str| registry::find(id).is_some();
    let first = match rejudge::judge(run) {
        Ok(first) => first,
        Err(error) => {
            let all = run.report.requirements.iter();
            assert!(!all.map(|it| &*it.id).all(known), "{error}");
            return;
        }
    };
    let written = bytes(|out| json::write(&first.run.report, out));
    let stored = Run {
        report: json::read(written.as_bytes()).expect("a report"),
        transcripts: first
            .run
            .transcripts
            .iter()
            .map(|(id, record)| {
                let written = bytes(|out| jsonl::write(record, id, out));
                let read = jsonl::read(written.as_bytes()).expect("a record");
                (id.clone(), Arc::new(read))
            })
            .collect(),
    };
    let second = rejudge::judge(&stored).expect("known requirements");
    assert_eq!(second.changes, [], "nothing changed");
    let again = bytes(|out| json::write(&second.run.report, out));
    assert_eq!(again, written, "judged again");
    shown(width, |terminal| {
        terminal.changed(&first.changes, &run.report.suite_version);
    });
    rendered(&first.run, width);
}

fn rendered(run: &Run, width: usize) {
    let report = &run.report;
    let written = bytes(|out| json::write(report, out));
    let read = json::read(written.as_bytes()).expect("a report");
    assert_eq!(bytes(|out| json::write(&read, out)), written);

    let page = bytes(|out| html::write(run, out));
    strict::page(&page, |ids, link| match link.strip_prefix('#') {
        Some(id) => ids.contains(id),
        None => strict::is_file(link),
    });
    assert!(page.len() < LONGEST_PAGE, "{} bytes", page.len());

    let xml = bytes(|out| junit::write(report, out));
    let counts = strict::junit(&xml);
    for text in ["]]>", "</script", "<img"] {
        assert!(!xml.contains(text), "{text} in {xml}");
    }
    assert!(xml.len() < LONGEST_PAGE, "{} bytes", xml.len());
    let tests = counts.get("tests").copied().unwrap_or_default();
    assert!(tests >= report.scenarios.len());

    strict::cucumber(&bytes(|out| cucumber_json::write(report, out)));
    strict::messages(&bytes(|out| messages::write(run, out)));
    summarised(run);
    reproduced(run);
    listed(report);

    shown(width, |terminal| {
        terminal.started(
            &report.target,
            report.scenarios.len(),
            report.requirements.len(),
        );
        if let Some(shard) = &report.shard {
            terminal.shard(shard);
        }
        for scenario in &report.scenarios {
            terminal.scenario_finished(scenario);
        }
        terminal.repetition_started(2, 20);
        terminal.repetition_finished(report);
        terminal.finished(run, Some(Path::new("target/report")));
        terminal.note(&report.suite_version);
    });
}

fn summarised(run: &Run) {
    let text = summary::text(run);
    assert!(text.len() < LONGEST_SUMMARY, "{} bytes", text.len());
    let headings = strict::markdown(&text);
    let parts = [
        "Failed",
        "Flaky",
        "The list of known failures is out of date",
        "Known failures",
    ];
    for (at, (level, heading)) in headings.iter().enumerate() {
        match at {
            0 => assert_eq!(*level, HeadingLevel::H2),
            _ => assert!(
                *level == HeadingLevel::H3 && parts.contains(&heading.as_str()),
                "{heading:?} in\n{text}"
            ),
        }
    }
}

fn reproduced(run: &Run) {
    for it in reproduction::of(run) {
        let headings = strict::markdown(&it.issue);
        let of = |wanted| {
            let all = headings.iter().filter(move |(level, _)| *level == wanted);
            all.map(|(_, heading)| heading.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(HeadingLevel::H1).len(), 1, "{}", it.issue);
        assert_eq!(
            of(HeadingLevel::H2),
            [
                "Environment",
                "Steps",
                "Rule",
                "Expected",
                "Observed",
                "To reproduce it"
            ],
            "{}",
            it.issue
        );
        assert_eq!(
            of(HeadingLevel::H1).len() + of(HeadingLevel::H2).len(),
            headings.len()
        );
        if let Ok(script) = &it.script {
            strict::visible(script);
        }
    }
}

/// A list of known failures is TOML, with an entry for each that it says it has.
fn listed(report: &RunReport) {
    let text = bytes(|out| known::write(report, out));
    strict::visible(&text);
    let table: toml::Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let entries = table
        .get("known_failure")
        .map_or(&[][..], |it| it.as_array().map_or(&[][..], Vec::as_slice));
    assert_eq!(entries.len(), known::count(report), "{text}");
    assert_eq!(table.len(), usize::from(!entries.is_empty()), "{text}");
    let unlisted = report.requirements.iter();
    let unlisted = unlisted.filter(|it| it.verdict == Verdict::Failed && !it.known_failure);
    for it in unlisted {
        let named = |entry: &toml::Value| entry["id"].as_str() == Some(&it.id);
        assert!(entries.iter().any(named), "{text}");
    }
}

/// In every format, with and without colours.
fn shown(width: usize, say: impl Fn(&mut Terminal<Vec<u8>>)) {
    for format in [Format::Terminal, Format::Quiet] {
        let [plain, coloured] = [ColorChoice::Never, ColorChoice::AlwaysAnsi].map(|color| {
            let look = Look {
                format,
                color,
                width: Some(width),
            };
            let mut terminal = Terminal::new(Vec::new(), look);
            say(&mut terminal);
            String::from_utf8(terminal.into_inner()).expect("text")
        });
        // The narrowest that it knows.
        strict::plain(&plain, width.max(40));
        strict::coloured(&coloured, &plain);
    }
}

fn bytes(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}
