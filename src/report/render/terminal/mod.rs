//! What people see while the suite runs, and at its end. The only place that prints.
//!
//! Colour alone says nothing, text from a server is always escaped, and a closed pipe (`| head`) is no
//! error.

mod explored;
mod failed;
mod features;
mod matrix;
mod paint;
mod pretty;
mod progress;
mod repeat;
mod summary;
mod table;

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};

use self::failed::Detail;
use self::paint::{BOLD, DIM, hanging, mark, paint};
use self::progress::Progress;
use crate::report::combine::matrix::Matrix;
use crate::report::combine::rejudge::Change;
use crate::report::model::run::{
    Run, RunReport, ScenarioReport, ShardReport, TargetKind, TargetReport, Verdict,
};
use crate::report::text::escape::{columns, escape_visible, shorten};
use crate::report::text::format::{count, seconds};
use crate::report::view::headline;

/// How much is printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Format {
    /// One line per feature, each cause of failures, and the verdict.
    #[default]
    Terminal,
    /// One line per scenario, then every requirement, each failure in full, and the verdict.
    Verbose,
    /// Every feature, rule, scenario and step, then as `Terminal`.
    Pretty,
    /// One line per failed requirement, and the verdict.
    Quiet,
    /// `report.json` alone.
    Json,
}

/// How it looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How much is printed.
    pub format: Format,
    /// `Auto` looks at the stream, `NO_COLOR` and their like.
    pub color: ColorChoice,
    /// How many columns there are; `None` asks `COLUMNS` and the terminal, and takes 80 where there is none.
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
    /// Whether lines are cut at the width: a reader of a file has no width.
    cuts: bool,
    progress: Progress,
    /// The reader is gone.
    closed: bool,
    /// The reason that was printed last, so that it is not repeated.
    reason: String,
    /// What a person is asked to do for each scenario.
    asks: Option<String>,
}

impl<W: RawStream + AsLockedWrite> Terminal<W> {
    /// Prints to `out`. Colours come through as `look.color` says.
    #[must_use]
    pub fn new(out: W, look: Look) -> Self {
        let is_terminal = out.is_terminal();
        let width = look.width.or_else(|| known_width(is_terminal));
        let is_shown = !matches!(look.format, Format::Quiet | Format::Json);
        Self {
            out: AutoStream::new(out, look.color),
            format: look.format,
            width: width.unwrap_or(WIDTH).clamp(*WIDTHS.start(), *WIDTHS.end()),
            cuts: width.is_some(),
            progress: Progress::new(is_terminal && is_shown),
            closed: false,
            reason: String::new(),
            asks: None,
        }
    }

    /// The stream, with all that was printed.
    #[must_use]
    pub fn into_inner(self) -> W {
        self.out.into_inner()
    }

    /// Says which of several runs this is, before anything else.
    pub fn shard(&mut self, shard: &ShardReport) {
        if !self.is_brief() {
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
        self.progress.begin(scenarios);
        if self.is_brief() {
            return;
        }
        let todo = format!(
            "{} for {}",
            count(scenarios, "scenario"),
            count(requirements, "requirement")
        );
        let text = self.head(target, &todo);
        self.print(&text);
    }

    /// What is under test, and what there is to do.
    fn head(&self, target: &TargetReport, todo: &str) -> String {
        let width = self.width;
        let server = match (target.kind, target.server.as_str()) {
            (TargetKind::Reference | TargetKind::Client, _) | (_, "unknown" | "") => target.over(),
            (_, server) => {
                let over = Some(target.over()).filter(|over| !over.is_empty());
                let over = over.map_or_else(String::new, |over| format!(", {over}"));
                escape_visible(server, width) + &over
            }
        };
        let url = escape_visible(&target.url, width);
        let head = format!("{url}  {server}");
        let first = headline::self_test_of(target);
        let mut text = first.map_or_else(String::new, |it| format!("{}\n", paint(BOLD, it)));
        text += &hanging("", head.trim_end(), width).replacen(&url, &paint(BOLD, &url), 1);
        if !target.faults.is_empty() {
            let word = if target.faults.len() == 1 {
                "fault"
            } else {
                "faults"
            };
            let faults = escape_visible(&target.faults.join(", "), 4 * width);
            text += &hanging("", &format!("with the {word} {faults}"), width);
        }
        text + &format!("{}\n\n", paint(DIM, todo))
    }

    /// How long each scenario may be expected to take, by id, in milliseconds; so many run at once.
    pub fn expect(&mut self, expected: Vec<(String, u64)>, at_once: usize) {
        self.progress.expect(expected, at_once);
    }

    /// So much time has passed since the run began: shows how far it is.
    pub fn tick(&mut self, elapsed: Duration) {
        let width = if self.cuts { self.width } else { WIDTH };
        let line = self.progress.tick(elapsed, width);
        if let Some(line) = line.filter(|_| !self.is_brief()) {
            let line = escape_visible(&line, 4 * self.width);
            self.print(&format!("{}\n", paint(DIM, &line)));
        }
    }

    /// A scenario begins.
    pub fn scenario_started(&mut self, scenario: &ScenarioReport) {
        self.progress.started(scenario);
        if let Some(asks) = &self.asks {
            self.note(&format!("{asks}: {}", scenario.name_and_row()));
        }
    }

    /// For each scenario that begins, a person is asked to do this.
    pub fn asks_for(&mut self, what: String) {
        self.asks = Some(what);
    }

    /// A scenario is over: in the verbose form one line for it, and why where it did not pass.
    pub fn scenario_finished(&mut self, scenario: &ScenarioReport) {
        self.progress.finished(scenario);
        if self.format != Format::Verbose || self.progress.repeats().is_some() {
            return;
        }
        let took = seconds(scenario.duration_ms);
        let room = self.width - 2 - 2 - columns(&took);
        let whose = match scenario.requirements.as_slice() {
            [] => format!("{} ›", scenario.feature),
            [first, _, _, others @ ..] => format!("{first} and {} more", others.len() + 2),
            ids => ids.join(", "),
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
        self.progress.repetition(number, of);
    }

    /// One line for the repetition, and what did not pass in it where that differs from the one before.
    pub fn repetition_finished(&mut self, report: &RunReport) {
        let Some((number, of)) = self.progress.repeats().filter(|_| !self.is_brief()) else {
            return;
        };
        let mut text = repeat::line(report, number, of, self.width);
        let differs = repeat::not_passed(report);
        if differs != self.reason {
            text += &hanging("    ", &differs, self.width);
        }
        self.reason = differs;
        self.print(&text);
    }

    /// What failed, what is inconclusive, and the verdict; before these, as much as the format says.
    pub fn finished(&mut self, run: &Run, report_dir: Option<&Path>) {
        self.progress.end();
        let (report, width) = (&run.report, self.width);
        let cut = self.cuts.then_some(width);
        let diagnosis = summary::diagnosis(report, width);
        let known = summary::known(report, width);
        let verdict = summary::verdict(report, width);
        let text = match self.format {
            Format::Json => json(report),
            Format::Quiet => format!(
                "{diagnosis}{}{}{known}{verdict}",
                failed::lines(run, width),
                repeat::lines(report, width),
            ),
            Format::Terminal if summary::has_one_reason(report) => {
                let narrow = repeat::narrow(report, width);
                format!("{verdict}{narrow}{}", summary::place(report_dir))
            }
            Format::Terminal | Format::Pretty => format!(
                "{diagnosis}{}{}{}{}{known}\n{verdict}{}{}",
                match self.format {
                    Format::Pretty => pretty::of(report, width),
                    _ if report.repetitions.is_some() => table::of(report, width),
                    _ => features::of(report, cut),
                },
                repeat::flaky(report, width),
                failed::blocks(run, width, Detail::Causes),
                summary::inconclusive(report, width),
                repeat::narrow(report, width),
                summary::counts(report, report_dir, width)
            ),
            Format::Verbose => format!(
                "\n{diagnosis}{}{}{}{}\n{known}{verdict}{}{}",
                table::of(report, width),
                repeat::flaky(report, width),
                failed::blocks(run, width, Detail::Everything),
                summary::inconclusive(report, width),
                repeat::time_limits(report, width),
                summary::counts(report, report_dir, width)
            ),
        };
        self.print(&text);
    }

    /// Prints a note about the run that is in none of its reports, such as where a file was written.
    pub fn note(&mut self, text: &str) {
        if self.format == Format::Json {
            return;
        }
        let text = escape_visible(text, 4 * self.width);
        self.print(&hanging("", &text, self.width));
    }

    /// All scenarios are over, and so many that a client says are not for it are tried once more.
    pub fn probed(&mut self, scenarios: usize) {
        if !self.is_brief() {
            let scenarios = count(scenarios, "scenario");
            self.note(&format!(
                "Trying what the client says is not for it: {scenarios} once more, without a name"
            ));
        }
    }

    /// The verdicts that changed since the run was judged before.
    pub fn changed(&mut self, changes: &[Change], suite_version: &str) {
        if self.format != Format::Json {
            self.print(&summary::changed(changes, suite_version, self.width));
        }
    }

    /// The releases beside each other.
    pub fn matrix(&mut self, several: &Matrix, report_dir: Option<&Path>) {
        let text = if self.is_brief() {
            String::new()
        } else {
            matrix::of(several, self.width)
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

    /// Whether only results are printed.
    fn is_brief(&self) -> bool {
        matches!(self.format, Format::Quiet | Format::Json)
    }

    /// Prints whole lines. After the first error nothing is printed any more: the reader is gone, and
    /// that is no reason to stop the run.
    fn print(&mut self, text: &str) {
        if self.closed || text.is_empty() {
            return;
        }
        let out = &mut self.out;
        let written = self.progress.aside(|| {
            out.write_all(text.as_bytes())?;
            out.flush()
        });
        self.closed = written.is_err();
    }
}

/// The width that the environment asks for, or that of the terminal, in columns; `None` where there is neither.
#[must_use]
pub fn known_width(is_terminal: bool) -> Option<usize> {
    let variable = std::env::var("COLUMNS").ok();
    let asked = variable.and_then(|it| it.trim().parse().ok());
    asked.or_else(|| {
        let size = is_terminal.then(terminal_size::terminal_size);
        size.flatten().map(|(width, _)| usize::from(width.0))
    })
}

/// `report.json`, as it is written into the report folder.
fn json(report: &RunReport) -> String {
    let mut text = Vec::new();
    match crate::report::render::json::write(report, &mut text) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) => format!("{{\"error\": {:?}}}\n", error.to_string()),
    }
}
