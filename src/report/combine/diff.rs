//! Two runs compared: what regressed, what is fixed, newly inconclusive or slower.

use crate::report::model::run::{Outcomes, RequirementReport, RunReport, Verdict};
use crate::report::text::escape::escape_visible;
use crate::report::text::format::{finding, seconds};

/// How much longer a scenario must take to count as slower: so many times, and by so much.
const TIMES: u64 = 2;
const AT_LEAST_MS: u64 = 500;

/// The longest sentence that is shown whole, in columns.
const LONGEST: usize = 400;

/// What is different in a newer run. Ids and texts are as the reports have them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Failed now, and not before; it counts. Any of these is a regression.
    pub regressed: Vec<Row>,
    /// Failed now, and not before; it does not count: a SHOULD without `--strict`, a known failure,
    /// or newer than `--as-of`.
    pub newly_failed_uncounted: Vec<Row>,
    /// Failed now, and not judged before.
    pub failed_and_new: Vec<Row>,
    /// Repetitions differ now, and did not before; it failed in some, passed before, and counts. Any of
    /// these is a regression.
    pub newly_flaky: Vec<Row>,
    /// Repetitions differ now, and did not before; it is none of those above.
    pub newly_flaky_uncounted: Vec<Row>,
    /// Failed before, and passed now.
    pub fixed: Vec<Row>,
    /// Not inconclusive before, and inconclusive now.
    pub newly_inconclusive: Vec<Row>,
    /// Judged before, and not now.
    pub gone: Vec<Row>,
    /// Scenarios that take longer, the slowest first.
    pub slower: Vec<Slower>,
    /// What makes the two hard to compare, one sentence each.
    pub notes: Vec<String>,
}

/// A requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// The verdict in the older run, if it is there.
    pub from: Option<Verdict>,
    /// The verdict in the newer run, if it is there.
    pub to: Option<Verdict>,
    /// What was seen, or why it is inconclusive.
    pub why: String,
}

/// A scenario that takes longer.
#[derive(Clone, Debug, PartialEq)]
pub struct Slower {
    /// Its id.
    pub scenario: String,
    /// In the older run, in milliseconds.
    pub from_ms: u64,
    /// In the newer run, in milliseconds.
    pub to_ms: u64,
}

impl Comparison {
    /// Whether something that counts regressed.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        !self.regressed.is_empty() || !self.newly_flaky.is_empty()
    }

    /// Compares the reports of two runs.
    #[must_use]
    pub fn of(old: &RunReport, new: &RunReport) -> Self {
        let mut comparison = Self {
            notes: notes(old, new),
            ..Self::default()
        };
        for now in &new.requirements {
            let before = old.requirements.iter().find(|it| it.id == now.id);
            comparison.place(before, now, new.strict);
        }
        for before in &old.requirements {
            if !new.requirements.iter().any(|it| it.id == before.id) {
                comparison.gone.push(Row {
                    id: before.id.clone(),
                    from: Some(before.verdict),
                    to: None,
                    why: "it was not selected, or its suite does not have it".to_owned(),
                });
            }
        }
        comparison.slower = slower(old, new);
        comparison
    }

    fn place(&mut self, before: Option<&RequirementReport>, now: &RequirementReport, strict: bool) {
        let from = before.map(|it| it.verdict);
        let flaky = now.flaky && before.is_some_and(|it| !it.flaky);
        let list = match (from, now.verdict) {
            (Some(from), Verdict::Failed)
                if flaky && from != Verdict::Failed && now.counts(strict) =>
            {
                &mut self.newly_flaky
            }
            (Some(_), _) if flaky => &mut self.newly_flaky_uncounted,
            (Some(Verdict::Failed), Verdict::Failed) => return,
            (None, Verdict::Failed) => &mut self.failed_and_new,
            (_, Verdict::Failed) if now.counts(strict) => &mut self.regressed,
            (_, Verdict::Failed) => &mut self.newly_failed_uncounted,
            (Some(Verdict::Failed), Verdict::Passed) => &mut self.fixed,
            (Some(Verdict::Inconclusive), Verdict::Inconclusive) => return,
            (_, Verdict::Inconclusive) => &mut self.newly_inconclusive,
            _ => return,
        };
        list.push(Row {
            id: now.id.clone(),
            from,
            to: Some(now.verdict),
            why: why(before, now),
        });
    }

    /// What is different, for people: a line each, visible characters and newlines only.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let show = |text: &str| escape_visible(text, LONGEST);
        for note in &self.notes {
            out += &format!("note: {}\n", show(note));
        }
        for (title, rows) in [
            ("REGRESSED", &self.regressed),
            (
                "NEWLY FAILED, which does not count",
                &self.newly_failed_uncounted,
            ),
            ("FAILED, and not judged before", &self.failed_and_new),
            ("NEWLY FLAKY", &self.newly_flaky),
            (
                "NEWLY FLAKY, which does not count",
                &self.newly_flaky_uncounted,
            ),
            ("FIXED", &self.fixed),
            ("NEWLY INCONCLUSIVE", &self.newly_inconclusive),
            ("NOT JUDGED ANY MORE", &self.gone),
        ] {
            if rows.is_empty() {
                continue;
            }
            out += &format!("{title}\n");
            for row in rows {
                let word = |verdict: Option<Verdict>| verdict.map_or("not judged", Verdict::words);
                let (from, to) = (word(row.from), word(row.to));
                out += &format!("  {}  {from} → {to}: {}\n", show(&row.id), show(&row.why));
            }
        }
        if !self.slower.is_empty() {
            out += "SLOWER\n";
            for it in &self.slower {
                out += &format!(
                    "  {} → {}  {}\n",
                    seconds(it.from_ms),
                    seconds(it.to_ms),
                    show(&it.scenario)
                );
            }
        }
        out += &self.sentence();
        out.push('\n');
        out
    }

    fn sentence(&self) -> String {
        let flaky = match self.newly_flaky.len() {
            0 => "",
            _ => " or became flaky",
        };
        match self.regressed.len() + self.newly_flaky.len() {
            0 => "No regression.".to_owned(),
            1 => format!("Regression: one requirement regressed{flaky}."),
            more => format!("Regression: {more} requirements regressed{flaky}."),
        }
    }
}

fn why(before: Option<&RequirementReport>, now: &RequirementReport) -> String {
    let seen = |it: &RequirementReport| {
        let first = it.findings.first().map(|it| &it.finding);
        first.map(finding)
    };
    let said = match now.verdict {
        Verdict::Failed => seen(now),
        Verdict::Passed => before
            .and_then(seen)
            .map(|seen| format!("no longer seen: {seen}")),
        Verdict::Inconclusive | Verdict::NotApplicable => now.reason.clone(),
    };
    let said = said.unwrap_or_else(|| "no reason given".to_owned());
    let words = |it: &RequirementReport| it.outcomes.as_ref().map(Outcomes::words);
    let then = before.filter(|it| it.flaky).and_then(words);
    let then = then.map(|it| format!(" (it was flaky: {it})"));
    match now.outcomes.as_ref().filter(|_| now.flaky) {
        Some(of) if !said.contains(&of.words()) => format!("{}: {said}", of.words()),
        _ => format!("{said}{}", then.unwrap_or_default()),
    }
}

fn slower(old: &RunReport, new: &RunReport) -> Vec<Slower> {
    let mut slower: Vec<_> = new
        .scenarios
        .iter()
        .filter_map(|now| {
            let before = old.scenario(&now.id)?;
            // An inconclusive one has only waited.
            let finished = |verdict| matches!(verdict, Verdict::Passed | Verdict::Failed);
            let (from_ms, to_ms) = (before.duration_ms, now.duration_ms);
            let much = to_ms >= from_ms.saturating_mul(TIMES)
                && to_ms.saturating_sub(from_ms) >= AT_LEAST_MS;
            (much && finished(before.verdict) && finished(now.verdict)).then(|| Slower {
                scenario: now.id.clone(),
                from_ms,
                to_ms,
            })
        })
        .collect();
    slower.sort_by_key(|it| std::cmp::Reverse(it.to_ms - it.from_ms));
    slower
}

fn notes(old: &RunReport, new: &RunReport) -> Vec<String> {
    let mut notes = Vec::new();
    let mut differ = |what: &str, from: &str, to: &str| {
        if from != to {
            notes.push(format!("{what}: {from}, then {to}"));
        }
    };
    differ("the suite differs", &old.suite_version, &new.suite_version);
    differ(
        "the server differs",
        &old.target.server_and_wires(),
        &new.target.server_and_wires(),
    );
    let times = |it: &RunReport| it.repetitions.map_or(1, |of| of.finished).to_string();
    differ("finished repetitions differ", &times(old), &times(new));
    let given = |is: bool| if is { "with" } else { "without" };
    let as_of = |it: &RunReport| it.as_of.clone().unwrap_or_else(|| given(false).to_owned());
    differ("--strict differs", given(old.strict), given(new.strict));
    let all = |it: &RunReport| given(it.require_all);
    differ("--require-all differs", all(old), all(new));
    differ("--as-of differs", &as_of(old), &as_of(new));
    for (which, report) in [("older", old), ("newer", new)] {
        if let Some(reason) = &report.interrupted {
            notes.push(format!("the {which} run was cut short: {reason}"));
        }
        if let Some(error) = report.suite_errors.first() {
            notes.push(format!(
                "in the {which} run the suite itself failed: {error}"
            ));
        }
    }
    notes
}
