//! What people see.

use std::io::{self, Write};
use std::path::Path;

use anstream::ColorChoice;
use reconnect_acceptance::report::model::run::Run;
use reconnect_acceptance::report::render::summary;
use reconnect_acceptance::report::render::terminal::{Format, Look, Terminal};
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
    expect("green_quiet", &plain(&fixture::green(), Format::Quiet));
}

#[test]
fn a_red_run_shows_what_was_done_expected_and_observed() {
    expect("red", &plain(&fixture::red(), Format::Terminal));
    expect("red_quiet", &plain(&fixture::red(), Format::Quiet));
}

#[test]
fn requirements_that_fail_in_the_same_messages_are_one_block() {
    let run = fixture::one_cause();
    expect("one_cause", &plain(&run, Format::Terminal));
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
    for format in [Format::Terminal, Format::Quiet] {
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
fn a_level_that_does_not_count_and_a_known_failure_are_marked() {
    let mut run = fixture::red();
    for requirement in &mut run.report.requirements {
        requirement.known_failure = requirement.id == "CATCHUP-2";
    }
    let text = plain(&run, Format::Terminal);
    assert!(text.contains("known failure\n"), "{text}");
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
