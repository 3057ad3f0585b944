//! What is shown while a run goes on: a live area on a terminal, and elsewhere a line now and then.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::model::run::{ScenarioReport, Verdict};
use crate::report::text::escape::{columns, shorten};
use crate::report::text::format::{count, seconds};
use crate::report::view::ids;

/// How long nothing is printed before a line says how far the run is, where no live area can.
const EVERY: Duration = Duration::from_secs(30);
/// The share of the work after which its speed is taken from the run itself, as one in so many.
const EARLY: u64 = 20;
/// How many ids a line names.
const MOST_IDS: usize = 6;

/// How far a run is.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    /// What is counted, and how many of it there are.
    unit: &'static str,
    scenarios: usize,
    finished: usize,
    failed: usize,
    inconclusive: usize,
    /// The ids that failed, in the order in which they did.
    ids: Vec<String>,
    /// The scenarios under way: their id, their name, and when they began.
    running: Vec<(String, String, Duration)>,
    /// How long each scenario may be expected to take, in milliseconds, and how many run at once.
    expected: Vec<(String, u64)>,
    at_once: usize,
    done: u64,
    repetition: Option<(usize, usize)>,
    /// How far it was when the last line was printed, or should have been.
    printed: Duration,
    elapsed: Duration,
}

impl Progress {
    /// Nothing has begun; `live` draws on the terminal.
    pub(crate) fn new(live: bool) -> Self {
        let bar = live.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            unit: "scenario",
            ..Self::default()
        }
    }

    /// A run of so many scenarios begins.
    pub(crate) fn begin(&mut self, scenarios: usize) {
        self.scenarios = scenarios;
    }

    /// So many trials of random plans begin; 0 where only the time is limited.
    pub(crate) fn trials(&mut self, trials: usize) {
        self.unit = "trial";
        self.scenarios = trials;
    }

    /// So many trials are over, and so many requirements have failed in any of them.
    pub(crate) fn trial_finished(&mut self, trials: usize, failed: usize) {
        (self.finished, self.failed) = (trials, failed);
    }

    /// How long each scenario may be expected to take, by id, in milliseconds.
    pub(crate) fn expect(&mut self, expected: Vec<(String, u64)>, at_once: usize) {
        self.expected = expected;
        self.at_once = at_once.max(1);
    }

    /// The repetition that is under way, from 1, and how many there are to be.
    pub(crate) fn repeats(&self) -> Option<(usize, usize)> {
        self.repetition
    }

    /// A repetition begins, counted from 1.
    pub(crate) fn repetition(&mut self, number: usize, of: usize) {
        self.repetition = Some((number, of));
        self.running.clear();
        (self.finished, self.failed, self.inconclusive, self.done) = (0, 0, 0, 0);
    }

    /// A scenario begins.
    pub(crate) fn started(&mut self, scenario: &ScenarioReport) {
        let name = scenario.name_and_row().to_owned();
        self.running.push((scenario.id.clone(), name, self.elapsed));
    }

    /// A scenario is over.
    pub(crate) fn finished(&mut self, scenario: &ScenarioReport) {
        self.finished += 1;
        self.failed += usize::from(scenario.verdict == Verdict::Failed);
        self.inconclusive += usize::from(scenario.verdict == Verdict::Inconclusive);
        for finding in &scenario.findings {
            if !self.ids.contains(&finding.requirement) {
                self.ids.push(finding.requirement.clone());
            }
        }
        self.running.retain(|it| it.0 != scenario.id);
        let expected = self.expected.iter().find(|it| it.0 == scenario.id);
        self.done += expected.map_or(0, |it| it.1);
    }

    /// Nothing is under way any more.
    pub(crate) fn end(&mut self) {
        self.scenarios = 0;
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// So much time has passed since the run began. Returns a line to print, if one is due.
    pub(crate) fn tick(&mut self, elapsed: Duration, width: usize) -> Option<String> {
        self.elapsed = elapsed;
        if self.finished >= self.scenarios {
            return None;
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.area(width.saturating_sub(2)));
            bar.tick();
            return None;
        }
        if elapsed.saturating_sub(self.printed) < EVERY {
            return None;
        }
        self.printed = elapsed;
        Some(self.words(true))
    }

    /// Runs this while the live area is out of the way.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// `40 of 182 scenarios, 2 failed (CATCHUP-2), 12.3 s, about 40.0 s left`.
    fn words(&self, with_ids: bool) -> String {
        let mut words = match self.repetition {
            Some((number, of)) => format!("repetition {number} of {of}: "),
            None => String::new(),
        };
        words += &format!("{} of {}", self.finished, count(self.scenarios, self.unit));
        if self.failed > 0 {
            words += &format!(", {} failed", self.failed);
        }
        if with_ids && !self.ids.is_empty() {
            let shown = ids::text(&self.ids, MOST_IDS);
            words += &format!(" ({})", shorten(&shown, 100));
        }
        if self.inconclusive > 0 {
            words += &format!(", {} inconclusive", self.inconclusive);
        }
        words += &format!(", {}", seconds(millis(self.elapsed)));
        if let Some(left @ 1..) = self.left() {
            words += &format!(", about {} left", seconds(left));
        }
        words
    }

    /// The live area: how far it is, and what takes longest now.
    fn area(&self, width: usize) -> String {
        let mut area = shorten(&self.words(false), width);
        if let Some((_, name, since)) = self.running.first() {
            let others = match self.running.len() {
                1 => String::new(),
                all => format!(", and {} more", all - 1),
            };
            let since = seconds(millis(self.elapsed.saturating_sub(*since)));
            let tail = format!(" ({since}){others}");
            let room = width.saturating_sub(2 + columns(&tail));
            area += &format!("\n  {}{tail}", shorten(name, room));
        }
        area
    }

    /// How long it may still take, in milliseconds; `None` where nothing was expected.
    fn left(&self) -> Option<u64> {
        let all: u64 = self.expected.iter().map(|it| it.1).sum();
        if all == 0 || self.repetition.is_some() {
            return None;
        }
        let elapsed = millis(self.elapsed);
        let at_once = u64::try_from(self.at_once).unwrap_or(1).max(1);
        let rest = all.saturating_sub(self.done);
        if self.done.saturating_mul(EARLY) < all {
            let left = (all / at_once).saturating_sub(elapsed);
            // It takes longer than it did where it was recorded; how much longer nobody knows yet.
            return Some(left).filter(|left| *left >= 1_000);
        }
        let left = u128::from(elapsed) * u128::from(rest) / u128::from(self.done.max(1));
        Some(u64::try_from(left).unwrap_or(u64::MAX))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
