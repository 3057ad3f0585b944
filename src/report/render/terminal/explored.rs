//! What is printed while and after random plans are played.

use anstream::stream::{AsLockedWrite, RawStream};

use super::paint::hanging;
use super::{Format, Terminal};
use crate::report::model::run::TargetReport;
use crate::report::text::escape::escape_visible;

impl<W: RawStream + AsLockedWrite> Terminal<W> {
    /// Says what is under test and what will be tried; `trials` is how many plans, if that is known.
    pub fn exploring(&mut self, target: &TargetReport, todo: &str, trials: Option<u64>) {
        let trials = trials.and_then(|it| usize::try_from(it).ok());
        self.progress.trials(trials.unwrap_or(0));
        if !self.is_brief() {
            let text = self.head(target, todo);
            self.print(&text);
        }
    }

    /// So many plans have been played, and so many requirements have failed in any of them.
    pub fn trial_finished(&mut self, trials: u64, failed: usize) {
        let trials = usize::try_from(trials).unwrap_or(usize::MAX);
        self.progress.trial_finished(trials, failed);
    }

    /// What the trials showed, one sentence each.
    pub fn explored(&mut self, said: &[String]) {
        if self.is_brief() {
            return;
        }
        let sentences: Vec<_> = said.iter().map(|it| escape_visible(it, 4000)).collect();
        let text: String = sentences
            .iter()
            .map(|it| hanging("", it, self.width))
            .collect();
        self.print(&text);
    }

    /// A scenario to paste into a feature file.
    pub fn pasted(&mut self, scenario: &str) {
        if self.format == Format::Json {
            return;
        }
        let lines: Vec<_> = scenario
            .lines()
            .map(|it| escape_visible(it, 4000))
            .collect();
        self.print(&format!("\n{}\n", lines.join("\n")));
    }
}
