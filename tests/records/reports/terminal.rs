//! What people see.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use anstream::ColorChoice;
use reconnect_acceptance::report::model::run::Run;
use reconnect_acceptance::report::render::terminal::{Format, Look, Terminal};
use reconnect_acceptance::report::render::{json, summary};
use reconnect_acceptance::report::text::escape::{columns, is_invisible};

use super::{expect, fixture};

fn shown(run: &Run, format: Format, color: ColorChoice, width: usize) -> String {
    let look = Look {
        format,
        color,
        width: Some(width),
    };
    let mut terminal = Terminal::new(Vec::new(), look);
    let report = &run.report;
    terminal.started(
        &report.target,
        report.scenarios.len(),
        report.requirements.len(),
    );
    for scenario in &report.scenarios {
        terminal.scenario_finished(scenario);
    }
    terminal.finished(run, Some(Path::new("target/report")));
    String::from_utf8(terminal.into_inner()).expect("text")
}

fn plain(run: &Run, format: Format) -> String {
    shown(run, format, ColorChoice::Never, 80)
}

#[test]
fn a_green_run_is_a_short_read() {
    expect("green", &plain(&fixture::green(), Format::Terminal));
    expect("green_verbose", &plain(&fixture::green(), Format::Verbose));
    expect("green_pretty", &plain(&fixture::green(), Format::Pretty));
    expect("green_quiet", &plain(&fixture::green(), Format::Quiet));
}

#[test]
fn a_red_run_shows_what_was_done_expected_and_observed() {
    expect("red", &plain(&fixture::red(), Format::Terminal));
    expect("red_verbose", &plain(&fixture::red(), Format::Verbose));
    expect("red_pretty", &plain(&fixture::red(), Format::Pretty));
    expect("red_quiet", &plain(&fixture::red(), Format::Quiet));
}

#[test]
fn requirements_that_fail_in_the_same_messages_are_one_block() {
    let run = fixture::one_cause();
    expect("one_cause", &plain(&run, Format::Terminal));
    expect("one_cause_verbose", &plain(&run, Format::Verbose));
    expect("one_cause_quiet", &plain(&run, Format::Quiet));
    expect("one_cause_summary", &summary::text(&run));
}

#[test]
fn an_unreachable_server_is_named_once() {
    let shown = plain(&fixture::unreachable(), Format::Terminal);
    expect("unreachable", &shown);
    expect(
        "unreachable_quiet",
        &plain(&fixture::unreachable(), Format::Quiet),
    );
}

#[test]
fn hostile_text_is_shown_escaped() {
    expect("hostile", &plain(&fixture::hostile(), Format::Terminal));
    for format in [
        Format::Terminal,
        Format::Verbose,
        Format::Pretty,
        Format::Quiet,
    ] {
        for width in [40, 80, 200] {
            let text = shown(&fixture::hostile(), format, ColorChoice::Never, width);
            let odd = |c: char| c != '\n' && is_invisible(c);
            assert!(!text.contains(odd), "{text:?}");
            for line in text.lines() {
                assert!(columns(line) <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn colours_say_nothing_that_words_do_not() {
    for run in [fixture::green(), fixture::red(), fixture::unreachable()] {
        let coloured = shown(&run, Format::Terminal, ColorChoice::AlwaysAnsi, 80);
        assert!(coloured.contains("\x1b["));
        let stripped = anstream::adapter::strip_str(&coloured).to_string();
        assert_eq!(stripped, plain(&run, Format::Terminal));
    }
}

#[test]
fn json_is_the_report_and_nothing_else() {
    let text = plain(&fixture::red(), Format::Json);
    let read = json::read(text.as_bytes()).expect("a report");
    assert_eq!(read.verdict(), fixture::red().report.verdict());
}

#[test]
fn an_unreachable_server_takes_three_sentences() {
    let text = plain(&fixture::unreachable(), Format::Terminal);
    let paragraphs: Vec<_> = text.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 2, "{text}");
    assert!(text.lines().count() <= 6, "{text}");
}

#[test]
fn a_file_gets_lines_that_are_not_cut() {
    let mut run = fixture::red();
    let long = "a sentence ".repeat(20);
    run.report.requirements[0].title.clone_from(&long);
    let look = Look {
        format: Format::Terminal,
        color: ColorChoice::Never,
        width: None,
    };
    let mut terminal = Terminal::new(Vec::new(), look);
    terminal.finished(&run, None);
    let text = String::from_utf8(terminal.into_inner()).expect("text");
    assert!(text.contains(long.trim_end()), "{text}");
    assert!(!plain(&run, Format::Terminal).contains(long.trim_end()));
}

#[test]
fn a_long_run_says_now_and_then_how_far_it_is() {
    let run = fixture::red();
    let look = Look {
        format: Format::Terminal,
        color: ColorChoice::Never,
        width: Some(80),
    };
    let mut terminal = Terminal::new(Vec::new(), look);
    let scenarios = &run.report.scenarios;
    terminal.started(&run.report.target, scenarios.len(), 7);
    let expected = scenarios.iter().map(|it| (it.id.clone(), 10_000));
    terminal.expect(expected.collect(), 2);
    for (seconds, scenario) in (1..).map(|it| it * 10).zip(scenarios.iter().take(6)) {
        terminal.scenario_started(scenario);
        terminal.tick(Duration::from_secs(seconds));
        terminal.scenario_finished(scenario);
    }
    let text = String::from_utf8(terminal.into_inner()).expect("text");
    let lines: Vec<_> = text.lines().filter(|it| it.contains(" of 8")).collect();
    let expected = [
        "2 of 8 scenarios, 1 inconclusive, 30.0 s, about 1 min 30 s left",
        "5 of 8 scenarios, 1 failed (CATCHUP-2), 1 inconclusive, 1 min 0 s, about 36.0 s left",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_level_that_does_not_count_and_a_known_failure_are_marked() {
    let mut run = fixture::red();
    for requirement in &mut run.report.requirements {
        requirement.known_failure = requirement.id == "CATCHUP-2";
    }
    let table = plain(&run, Format::Verbose);
    assert!(table.contains("known failure\n"), "{table}");
    let text = plain(&run, Format::Terminal);
    assert!(text.contains("CATCHUP-2 MUST known failure:"), "{text}");
    assert!(
        text.contains("FAILED CATCHUP-2 (MUST, known failure)"),
        "{text}"
    );
    let at = |what: &str| text.find(what).expect(what);
    assert!(at("FAILED GREETING-1") < at("FAILED CATCHUP-7"));
    assert!(at("FAILED CATCHUP-7") < at("FAILED CATCHUP-2"));
}

#[test]
fn a_run_that_was_cut_short_says_so() {
    let mut about = fixture::about();
    about.interrupted = Some("Ctrl-C".to_owned());
    let run = fixture::run(about, fixture::judged());
    let text = plain(&run, Format::Quiet).replace('\n', " ");
    assert!(text.contains("The run was cut short: Ctrl-C"), "{text}");
    assert!(text.contains("exit code 3"), "{text}");
}

/// Takes some bytes, then refuses as a closed pipe does.
struct Pipe {
    left: usize,
    refused: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            self.refused
                .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let taken = bytes.len().min(self.left);
        self.left -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_who_leaves_stops_the_printing_and_nothing_else() {
    let refused = std::sync::Arc::default();
    let pipe = Pipe {
        left: 100,
        refused: std::sync::Arc::clone(&refused),
    };
    let run = fixture::red();
    let out: Box<dyn Write + Send> = Box::new(pipe);
    let mut terminal = Terminal::new(out, Look::default());
    terminal.started(&run.report.target, 8, 7);
    for scenario in &run.report.scenarios {
        terminal.scenario_finished(scenario);
    }
    terminal.finished(&run, None);
    assert_eq!(refused.load(std::sync::atomic::Ordering::Relaxed), 1);
}
