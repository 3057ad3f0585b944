//! What people see while the suite runs, and at its end. The only place that prints.
//!
//! Colour alone says nothing, text from a server is always escaped, and a closed pipe (`| head`) is no
//! error.

mod failed;
mod matrix;
mod paint;
mod repeat;
mod summary;
mod table;

use std::io::Write;
use std::path::Path;

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};

use self::paint::{BOLD, DIM, hanging, mark, paint};
use crate::report::combine::matrix::Matrix;
use crate::report::combine::rejudge::Change;
use crate::report::model::run::{
    Run, RunReport, ScenarioReport, ShardReport, TargetKind, TargetReport, Verdict,
};
use crate::report::text::escape::{columns, escape_visible, shorten};
use crate::report::text::format::{count, seconds};

/// How much is printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Format {
    /// One line per scenario, then every requirement, each failure in full, and the verdict.
    #[default]
    Terminal,
    /// One line per failed requirement, and the verdict.
    Quiet,
}

/// How it looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How much is printed.
    pub format: Format,
    /// `Auto` looks at the stream, `NO_COLOR` and their like.
    pub color: ColorChoice,
    /// How many columns there are; `None` asks the terminal, and takes 80 where there is none.
    pub width: Option<usize>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            format: Format::Terminal,
            color: ColorChoice::Auto,
            width: None,
        }
    }
}

/// Where the width is not known.
const WIDTH: usize = 80;
/// How wide an id is at least.
const LABEL: usize = 11;
/// Lines that are longer than this are hard to read, shorter ones hard to fill.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=110;

/// Prints the progress of a run, and its result.
pub struct Terminal<W: RawStream + AsLockedWrite> {
    out: AutoStream<W>,
    format: Format,
    width: usize,
    /// Whether a line may be written over.
    live: bool,
    /// How wide the line is that is to be written over next.
    progress: usize,
    /// The reader is gone.
    closed: bool,
    scenarios: usize,
    finished: usize,
    failed: usize,
    /// The repetition that is under way, from 1, and how many there are to be.
    repetition: Option<(usize, usize)>,
    /// The reason that was printed last, so that it is not repeated.
    reason: String,
}

impl<W: RawStream + AsLockedWrite> Terminal<W> {
    /// Prints to `out`. Colours come through as `look.color` says.
    #[must_use]
    pub fn new(out: W, look: Look) -> Self {
        let is_terminal = out.is_terminal();
        let width = look.width.or_else(|| {
            let size = is_terminal.then(terminal_size::terminal_size);
            size.flatten().map(|(width, _)| usize::from(width.0))
        });
        Self {
            out: AutoStream::new(out, look.color),
            format: look.format,
            width: width.unwrap_or(WIDTH).clamp(*WIDTHS.start(), *WIDTHS.end()),
            live: is_terminal && look.format == Format::Terminal,
            progress: 0,
            closed: false,
            scenarios: 0,
            finished: 0,
            failed: 0,
            repetition: None,
            reason: String::new(),
        }
    }

    /// The stream, with all that was printed.
    #[must_use]
    pub fn into_inner(self) -> W {
        self.out.into_inner()
    }

    /// Says which of several runs this is, before anything else.
    pub fn shard(&mut self, shard: &ShardReport) {
        if self.format == Format::Terminal {
            let ShardReport {
                number,
                of,
                scenarios,
                ..
            } = shard;
            let scenarios = count(*scenarios, "scenario");
            let text = format!("shard {number} of {of}, which share {scenarios}");
            self.print(&hanging("", &text, self.width));
        }
    }

    /// Says what is under test and how much there is to do.
    pub fn started(&mut self, target: &TargetReport, scenarios: usize, requirements: usize) {
        self.scenarios = scenarios;
        if self.format == Format::Quiet {
            return;
        }
        let width = self.width;
        let server = match (target.kind, target.server.as_str()) {
            (TargetKind::Reference, _) => "the bundled reference server".to_owned(),
            (_, "unknown" | "") => String::new(),
            (_, server) => escape_visible(server, width),
        };
        let url = escape_visible(&target.url, width);
        let head = format!("{url}  {server}");
        let mut text = hanging("", head.trim_end(), width).replacen(&url, &paint(BOLD, &url), 1);
        if !target.faults.is_empty() {
            let word = if target.faults.len() == 1 {
                "fault"
            } else {
                "faults"
            };
            let faults = escape_visible(&target.faults.join(", "), 4 * width);
            text += &hanging("", &format!("with the {word} {faults}"), width);
        }
        let todo = format!(
            "{} for {}",
            count(scenarios, "scenario"),
            count(requirements, "requirement")
        );
        text += &format!("{}\n\n", paint(DIM, &todo));
        self.print(&text);
    }

    /// One line for the scenario, and why where it did not pass.
    pub fn scenario_finished(&mut self, scenario: &ScenarioReport) {
        self.finished += 1;
        self.failed += usize::from(scenario.verdict == Verdict::Failed);
        if self.format == Format::Quiet {
            return;
        }
        if self.repetition.is_some() {
            return self.print("");
        }
        let took = seconds(scenario.duration_ms);
        let room = self.width - 2 - 2 - columns(&took);
        let whose = if scenario.requirements.is_empty() {
            format!("{} ›", scenario.feature)
        } else {
            scenario.requirements.join(", ")
        };
        let whose = shorten(&whose, room * 2 / 5);
        let label = LABEL.max(columns(&whose)) + 1;
        let name = shorten(scenario.name_and_row(), room - label);
        let mut text = format!(
            "{} {}{:before$}{name}{:after$}{}\n",
            mark(scenario.verdict),
            paint(DIM, &whose),
            "",
            "",
            paint(DIM, &took),
            before = label - columns(&whose),
            after = room - label - columns(&name) + 2,
        );
        if let Some(why) = self.why(scenario) {
            text += &format!("    {}\n", shorten(&why, self.width - 4));
        }
        self.print(&text);
    }

    /// A repetition begins, counted from 1. Its scenarios get no line each.
    pub fn repetition_started(&mut self, number: usize, of: usize) {
        self.repetition = Some((number, of));
        self.finished = 0;
        self.failed = 0;
        self.print("");
    }

    /// One line for the repetition, and what did not pass in it where that differs from the one before.
    pub fn repetition_finished(&mut self, report: &RunReport) {
        let Some((number, of)) = self.repetition else {
            return;
        };
        // Nothing is under way any more.
        self.finished = self.scenarios;
        if self.format == Format::Quiet {
            return;
        }
        let mut text = repeat::line(report, number, of, self.width);
        let differs = repeat::not_passed(report);
        if differs != self.reason {
            text += &hanging("    ", &differs, self.width);
        }
        self.reason = differs;
        self.print(&text);
    }

    /// The requirements, what failed, what is inconclusive, and the verdict.
    pub fn finished(&mut self, run: &Run, report_dir: Option<&Path>) {
        let text = match self.format {
            Format::Quiet => format!(
                "{}{}{}{}",
                failed::lines(run, self.width),
                repeat::lines(&run.report, self.width),
                summary::known(&run.report, self.width),
                summary::verdict(&run.report, self.width)
            ),
            Format::Terminal => format!(
                "\n{}{}{}{}\n{}{}{}{}",
                table::of(&run.report, self.width),
                repeat::flaky(&run.report, self.width),
                failed::blocks(run, self.width),
                summary::inconclusive(&run.report, self.width),
                summary::known(&run.report, self.width),
                summary::verdict(&run.report, self.width),
                repeat::time_limits(&run.report, self.width),
                summary::counts(&run.report, report_dir, self.width)
            ),
        };
        self.scenarios = 0;
        self.print(&text);
    }

    /// Prints a note about the run that is in none of its reports, such as where a file was written.
    pub fn note(&mut self, text: &str) {
        let text = escape_visible(text, 4 * self.width);
        self.print(&hanging("", &text, self.width));
    }

    /// The verdicts that changed since the run was judged before.
    pub fn changed(&mut self, changes: &[Change], suite_version: &str) {
        let text = summary::changed(changes, suite_version, self.width);
        self.print(&text);
    }

    /// The releases beside each other.
    pub fn matrix(&mut self, several: &Matrix, report_dir: Option<&Path>) {
        let text = match self.format {
            Format::Terminal => matrix::of(several, self.width),
            Format::Quiet => String::new(),
        };
        let text = text + &matrix::verdict(several, report_dir, self.width);
        self.print(&text);
    }

    /// Why it did not pass, or what else was found.
    fn why(&mut self, scenario: &ScenarioReport) -> Option<String> {
        let word = scenario.verdict.words();
        match scenario.verdict {
            Verdict::Inconclusive | Verdict::NotApplicable => {
                let reason = scenario.reason.clone().unwrap_or_default();
                // An unreachable server is named once, not for every scenario.
                if reason == self.reason {
                    return None;
                }
                let why = format!("{word}: {reason}");
                self.reason = reason;
                Some(why)
            }
            Verdict::Passed if scenario.findings.is_empty() => scenario.reason.clone(),
            Verdict::Failed | Verdict::Passed => {
                let own = |id: &String| scenario.requirements.contains(id);
                let first = scenario.findings.iter();
                let first = first.min_by_key(|it| !own(&it.requirement))?;
                let also = if own(&first.requirement) { "" } else { "but " };
                let why = format!(
                    "{also}{} failed: observed {}",
                    first.requirement, first.finding.observed
                );
                self.reason.clear();
                Some(why)
            }
        }
    }

    /// Prints whole lines. After the first error nothing is printed any more: the reader is gone, and
    /// that is no reason to stop the run.
    fn print(&mut self, text: &str) {
        if self.closed {
            return;
        }
        let mut whole = String::new();
        if self.progress > 0 {
            whole += &format!("\r{:width$}\r", "", width = self.progress);
            self.progress = 0;
        }
        whole += text;
        if self.live && self.finished < self.scenarios {
            let mut line = match self.repetition {
                Some((number, of)) => format!("repetition {number} of {of}: "),
                None => String::new(),
            };
            line += &format!("{} of {} scenarios", self.finished, self.scenarios);
            if self.failed > 0 {
                line += &format!(", {} failed", self.failed);
            }
            self.progress = columns(&line);
            whole += &line;
        }
        let written = self.out.write_all(whole.as_bytes());
        self.closed = written.and_then(|()| self.out.flush()).is_err();
    }
}
