//! What failed, grouped by cause: what was done, the requirement, expected, observed, and the messages
//! that show it.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::Wire;
use crate::report::model::run::{RequirementReport, Run, ScenarioFinding, ScenarioReport};
use crate::report::render::terminal::paint::{BOLD, DIM, hanging, paint, style_of};
use crate::report::text::escape::{columns, escape_visible, shorten, wrap};
use crate::report::text::format::{connection, count, finding_within, said};
use crate::report::view::cause;
use crate::report::view::cause::{Cause, Symptom};
use crate::transcript::{Entry, Number};

/// The longest sentence, name or finding that is shown in full, in columns.
const LONGEST: usize = 400;
/// How many messages of one finding are shown.
const MOST_ENTRIES: usize = 8;
/// How many further scenarios are named.
const MOST_SCENARIOS: usize = 8;
const FEW_SCENARIOS: usize = 3;

/// One line for each requirement that failed.
pub(crate) fn lines(run: &Run, width: usize) -> String {
    let mut out = String::new();
    for requirement in cause::requirements(&cause::of(run)) {
        let id = escape_visible(&requirement.id, LONGEST);
        let mut line = format!("✘ {}", heading(&id, requirement));
        if let Some(clearest) = requirement.clearest() {
            line += &format!(": {}", finding_within(&clearest.finding, LONGEST));
        }
        out += &hanging("", &line, width);
    }
    out
}

/// How much is shown of what fails by the same cause.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Detail {
    /// The clearest requirement of each cause in full, the others in a line each.
    Causes,
    /// Every requirement in full.
    Everything,
}

/// A block for each cause of failures.
pub(crate) fn blocks(run: &Run, width: usize, detail: Detail) -> String {
    let causes = cause::of(run);
    let block = |cause: &Cause<'_>| {
        let mut block = Block {
            run,
            width,
            detail,
            out: String::from("\n"),
            scenarios: BTreeSet::new(),
            entries: BTreeSet::new(),
        };
        block.symptom("FAILED", cause, cause.lead(), true);
        for symptom in cause.also() {
            if detail == Detail::Causes {
                block.also(cause, symptom);
                continue;
            }
            let id = &symptom.requirement.id;
            let has_own = causes.iter().any(|it| it.lead().requirement.id == *id);
            block.out.push('\n');
            block.symptom("ALSO FAILED", cause, symptom, !has_own);
        }
        block.out
    };
    causes.iter().map(block).collect()
}

fn heading(id: &str, requirement: &RequirementReport) -> String {
    let known = match requirement {
        it if it.not_scored => ", not scored",
        it if it.known_failure => ", known failure",
        _ => "",
    };
    format!("{id} ({}{known})", requirement.kind())
}

/// The text about one cause, and what it shows already: nothing is shown twice.
struct Block<'r> {
    run: &'r Run,
    width: usize,
    detail: Detail,
    out: String,
    scenarios: BTreeSet<&'r str>,
    entries: BTreeSet<(&'r str, Number)>,
}

impl<'r> Block<'r> {
    /// A requirement that failed. `in_full` adds its further findings; a requirement that leads a cause
    /// of its own has them there.
    fn symptom(&mut self, word: &str, cause: &Cause<'r>, symptom: &Symptom<'r>, in_full: bool) {
        let id = cause.name(symptom.requirement);
        let (requirement, run, width) = (symptom.requirement, self.run, self.width);
        let style = style_of(requirement, run.report.strict);
        for line in wrap(&format!("{word} {}", heading(&id, requirement)), width) {
            self.out += &format!("{}\n", paint(style, &line));
        }
        let show = |text: &str| escape_visible(text, LONGEST);
        self.out += &hanging("  ", &show(&requirement.title), width);
        self.out.push('\n');
        if let Some(&finding) = symptom.findings.first() {
            if let Some(outcomes) = requirement.outcomes.as_ref().filter(|_| requirement.flaky) {
                self.out += &label("Flaky", &outcomes.words(), width);
            }
            let scenario = run.report.scenario(&finding.scenario);
            if let Some(scenario) = scenario
                && self.scenarios.insert(&finding.scenario)
            {
                self.out += &done(scenario, width);
            }
            self.out += &label("Expected", &show(&finding.finding.expected), width);
            self.out += &label("Observed", &show(&finding.finding.observed), width);
            self.evidence(finding, scenario);
            if in_full {
                let most = match self.detail {
                    Detail::Causes => FEW_SCENARIOS,
                    Detail::Everything => MOST_SCENARIOS,
                };
                self.out += &others(run, requirement, finding, width, most);
            }
        }
        if !in_full {
            return;
        }
        let list = run.report.known_failures.iter();
        for entry in list.flat_map(|list| list.of(&requirement.id)) {
            self.out += &label("Known", &show(&entry.why()), width);
        }
        if !requirement.own {
            let (id, _) = Wire::part(&requirement.id);
            let command = format!("reconnect-acceptance explain {}", show(id));
            self.out += &label("Read on", &command, width);
        }
    }

    /// One line for a requirement that fails by the same cause.
    fn also(&mut self, cause: &Cause<'r>, symptom: &Symptom<'r>) {
        let requirement = symptom.requirement;
        let mut text = heading(&cause.name(requirement), requirement);
        if let Some(finding) = symptom.findings.first() {
            text += &format!(": {}", finding_within(&finding.finding, LONGEST));
        }
        let first = label("With it", &text, self.width);
        self.out += &first;
    }

    fn evidence(&mut self, finding: &'r ScenarioFinding, scenario: Option<&ScenarioReport>) {
        let (id, width) = (finding.scenario.as_str(), self.width);
        let is_above = |number: &&Number| self.entries.contains(&(id, **number));
        let (above, numbers): (Vec<&Number>, Vec<&Number>) =
            finding.finding.evidence.iter().partition(is_above);
        let entries: Vec<_> = numbers
            .iter()
            .take(MOST_ENTRIES)
            .filter_map(|number| self.run.evidence(id, **number))
            .collect();
        let above: Vec<_> = above.iter().map(|number| format!("#{number}")).collect();
        if !above.is_empty() {
            let text = format!("{} above", above.join(", "));
            self.out += &label("Seen", &text, width);
        }
        let file = scenario.and_then(|it| it.transcript.as_deref());
        if !entries.is_empty() {
            let text = "on the wire (→ to the server, ← from the server)";
            self.out += &label("Seen", text, width);
            for entry in &entries {
                self.out += &message(entry, width);
                self.entries.insert((id, entry.number));
            }
        }
        let left_out = numbers.len() - entries.len();
        if left_out > 0 || (!entries.is_empty() && file.is_some()) {
            let more = match (left_out, entries.len()) {
                (0, _) => "the full transcript".to_owned(),
                (_, 0) => count(left_out, "message"),
                (left_out, _) => format!("{left_out} more"),
            };
            let place = file.map_or_else(String::new, |file| {
                format!(": {}", escape_visible(file, LONGEST))
            });
            let text = format!("{more}{place}");
            self.out += &hanging(&format!("{:12}", ""), &text, width);
        }
    }
}

fn label(name: &str, text: &str, width: usize) -> String {
    // The label is painted after the lines were cut: colours take no columns.
    let first = format!("  {name:<10}");
    let lines = hanging(&first, text, width);
    lines.replacen(name, &paint(BOLD, name), 1)
}

fn done(scenario: &ScenarioReport, width: usize) -> String {
    let name = escape_visible(
        &format!("{} › {}", scenario.feature, scenario.name_and_row()),
        LONGEST,
    );
    let mut out = label("Scenario", &name, width);
    if let Some(repetition) = scenario.repetition {
        out += &hanging(
            &format!("{:12}", ""),
            &format!("as in repetition {repetition}"),
            width,
        );
    }
    for step in &scenario.steps {
        let note = match step.outcome.words() {
            ("✔", _) => String::new(),
            (sign, words) => format!("  {sign} {words}"),
        };
        let keyword = escape_visible(step.keyword.trim(), 10);
        let text = format!("{}{note}", escape_visible(&step.text, LONGEST));
        out += &hanging(&format!("{:12}{keyword:<5} ", ""), &text, width);
    }
    out
}

fn message(entry: &Entry, width: usize) -> String {
    let viewer = escape_visible(&entry.viewer, 30);
    let seconds = entry.at().as_secs_f64();
    let head = format!(
        "#{:<4} {seconds:>8.3} s  {viewer}{}",
        entry.number,
        connection(entry)
    );
    let text = said(&entry.what);
    let indent = 4;
    // Two spaces and an arrow follow.
    let head = format!("{}  ", shorten(&head, width - indent - 3));
    if indent + columns(&head) + columns(&text) <= width {
        return format!("{:indent$}{}{text}\n", "", paint(DIM, &head));
    }
    let (arrow, text) = text.split_at(text.find(' ').map_or(0, |at| at + 1));
    // What is cut out of the message may be just what matters.
    let event = entry.message().and_then(|message| message.event());
    let room = width.saturating_sub(indent + columns(&head) + columns(arrow));
    let event = event.map_or_else(String::new, |event| {
        let name = escape_visible(&event.name, LONGEST);
        shorten(&format!(" event {} ({name})", event.index), room)
    });
    let mut out = format!(
        "{:indent$}{}{}{event}\n",
        "",
        paint(DIM, &head),
        arrow.trim_end()
    );
    for line in wrap(text, width - 10) {
        out += &format!("{:10}{line}\n", "");
    }
    out
}

/// The further findings, one line for each scenario.
fn others(
    run: &Run,
    requirement: &RequirementReport,
    shown: &ScenarioFinding,
    width: usize,
    most: usize,
) -> String {
    let rest: Vec<_> = requirement
        .findings
        .iter()
        .filter(|it| !std::ptr::eq(*it, shown))
        .collect();
    if rest.is_empty() {
        return String::new();
    }
    let mut order = Vec::new();
    let mut by_scenario: BTreeMap<&str, Vec<&ScenarioFinding>> = BTreeMap::new();
    for finding in rest.iter().copied() {
        let of = by_scenario.entry(&finding.scenario).or_default();
        if of.is_empty() {
            order.push(finding.scenario.as_str());
        }
        of.push(finding);
    }
    let total = format!(
        "{} in {}:",
        count(rest.len(), "further finding"),
        count(order.len(), "scenario")
    );
    let mut out = label("Also", &total, width);
    for id in order.iter().take(most) {
        let findings = &by_scenario[id];
        let name = match run.report.scenario(id) {
            Some(scenario) if *id == shown.scenario => {
                format!("the same scenario, {}", scenario.name_and_row())
            }
            Some(scenario) => scenario.name_and_row().to_owned(),
            None => (*id).to_owned(),
        };
        let times = match findings.len() {
            1 => String::new(),
            times => format!(" ({times} times)"),
        };
        let name = shorten(&name, (width - 12) / 2);
        let line = format!("{name}{times}: {}", findings[0].finding.observed);
        out += &format!("{:12}{}\n", "", shorten(&line, width - 12));
    }
    if let Some(more @ 1..) = order.len().checked_sub(most) {
        out += &format!("{:12}and {} more\n", "", count(more, "scenario"));
    }
    out
}
