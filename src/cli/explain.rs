//! `explain`: what a requirement asks for, why, what breaks it, and where it lives in the source.

use std::io::{self, IsTerminal, Write};

use super::args::ExplainArgs;
use crate::check::over_http::{OverHttp, not_about, over_http};
use crate::check::over_websocket::not_over_websocket;
use crate::check::{Requirement, registry};
use crate::cli::error::UsageError;
use crate::cli::faults::broken;
use crate::exit;
use crate::plan::Selection;
use crate::protocol::{Component, Side};
use crate::reference::Fault;
use crate::reference::fault::TABLE;
use crate::report::text::escape::wrap;
use crate::suite::sources::Sources;
use crate::suite::{Scenarios, selection};

/// Explains a requirement; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] for an unknown id, with the nearest ones.
pub fn explain(args: &ExplainArgs) -> Result<u8, UsageError> {
    let id = args.id.trim_start_matches('@').to_uppercase();
    let Some(requirement) = registry::find(&id) else {
        let ids: Vec<String> = registry::both()
            .map(|requirement| requirement.id.to_owned())
            .collect();
        return Err(UsageError::Wrong(format!(
            "unknown requirement {:?}; the nearest: {}; `list requirements` shows all",
            args.id,
            selection::closest(&[id], &ids).join(", ")
        )));
    };
    let scenarios = scenarios(requirement)?;
    // A closed pipe (`| head`) is no error.
    let page = page(requirement, &scenarios, terminal_width());
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(page.as_bytes()).and_then(|()| out.flush());
    Ok(exit::OK)
}

fn scenarios(requirement: &Requirement) -> Result<Scenarios, UsageError> {
    Scenarios::select(&Selection {
        thorough: true,
        tags: Some(format!("@{}", requirement.id)),
        side: requirement.side(),
        ..Selection::default()
    })
    .map_err(|error| UsageError::of(&error))
}

fn page(requirement: &Requirement, scenarios: &Scenarios, width: Option<usize>) -> String {
    let mut page = Page::new(width);
    let Requirement {
        id, level, since, ..
    } = requirement;
    page.line("", &format!("{id} ({level}), since version {since}"));
    page.line("", requirement.sentence);
    page.head("Why it matters");
    page.line("  ", requirement.why);
    page.head("Source");
    page.line("  ", requirement.source);
    page.head("Over HTTP");
    page.line(
        "  ",
        match over_http(requirement.id) {
            OverHttp::Same => "As above.",
            OverHttp::Adapted(sentence) => sentence,
            OverHttp::NotApplicable(reason) => reason,
        },
    );
    for component in Component::ALL {
        if let Some(reason) = not_about(component, requirement.id) {
            let kinds = component.segment();
            page.line("  ", &format!("Not applicable to {kinds}: {reason}."));
        }
    }
    if let Some(reason) = not_over_websocket(requirement.id) {
        page.head("Over the WebSocket");
        page.line("  ", reason);
    }
    page.head("An exchange that follows it");
    page.exchange(requirement.good);
    page.head("An exchange that breaks it");
    page.exchange(requirement.bad);
    page.head("Scenarios");
    for report in &scenarios.reports {
        page.line(
            "  ",
            &format!(
                "{} › {}{}",
                report.path,
                report.name_and_row(),
                selection::note(report)
            ),
        );
    }
    if requirement.side() == Side::Server {
        faults(&mut page, requirement);
    }
    page.head("Where it lives");
    sources(&mut page, requirement, scenarios);
    page.text
}

fn faults(page: &mut Page, requirement: &Requirement) {
    page.head("Faults of the bundled server that break it");
    let faults = Fault::ALL.iter();
    let faults = faults.filter(|fault| breaks(**fault, requirement.id));
    let widest = faults.clone().map(|fault| fault.name().len()).max();
    let widest = widest.unwrap_or_default();
    for fault in faults {
        page.line(&format!("  {:<widest$}  ", fault.name()), fault.sentence());
    }
}

/// Whether a fault breaks the requirement of this id over one of the wires.
fn breaks(fault: Fault, id: &str) -> bool {
    [false, true]
        .into_iter()
        .any(|over_http| broken(fault, over_http).contains(&id))
}

/// Every file that one opens to change the requirement.
fn sources(page: &mut Page, requirement: &Requirement, scenarios: &Scenarios) {
    let check = &requirement.check;
    let sources = Sources::of(scenarios);
    for (path, line) in &sources.rules {
        page.line("  rule    ", &format!("{path}:{line}"));
    }
    page.line("  text    ", check.requirement_file());
    page.line(
        "  check   ",
        &format!("{}, fn {}", check.file(), check.function()),
    );
    if requirement.side() == Side::Server {
        page.line("  faults  ", &format!("{TABLE}, each by its name"));
    }
    for (at, (path, lines)) in sources.steps.iter().enumerate() {
        let first = if at == 0 { "  steps   " } else { "          " };
        page.line(first, path);
        for (line, phrase) in lines {
            page.line(&format!("      {line:>6}  "), phrase);
        }
    }
}

/// The columns of the terminal; `None` where the output goes elsewhere (`| grep`).
fn terminal_width() -> Option<usize> {
    let is_terminal = io::stdout().is_terminal();
    let size = is_terminal.then(terminal_size::terminal_size).flatten();
    size.map(|(width, _)| usize::from(width.0).clamp(40, 100))
}

/// What is printed; lines are wrapped where a width is known.
struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn new(width: Option<usize>) -> Self {
        Self {
            text: String::new(),
            width: width.unwrap_or(usize::MAX),
        }
    }

    fn head(&mut self, title: &str) {
        self.text += &format!("\n{title}\n");
    }

    /// An exchange of messages, whose remarks keep their columns.
    fn exchange(&mut self, text: &str) {
        for line in text.lines() {
            self.text += &format!("  {}\n", line.trim());
        }
    }

    /// A text after `first`; the lines that follow begin in the same column.
    fn line(&mut self, first: &str, text: &str) {
        let room = self.width - first.len();
        let indent = " ".repeat(first.len());
        for (at, line) in wrap(text, room).iter().enumerate() {
            let before = if at == 0 { first } else { indent.as_str() };
            self.text += &format!("{before}{line}\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn lines_of(path: &str) -> Vec<String> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
        text.lines().map(str::to_owned).collect()
    }

    fn has(lines: &[String], text: &str) -> bool {
        lines.iter().any(|line| line.contains(text))
    }

    /// The lines of the page that begin with this word, without it.
    fn after<'p>(page: &'p str, word: &str) -> Vec<&'p str> {
        let (_, page) = page.split_once("\nWhere it lives\n").expect("the section");
        let all = page.lines().filter_map(|line| {
            let (first, rest) = line.trim().split_once(' ')?;
            (first == word).then_some(rest.trim())
        });
        all.collect()
    }

    #[test]
    fn every_place_that_is_named_is_in_the_tree() {
        for requirement in registry::all() {
            let id = requirement.id;
            let page = page(requirement, &scenarios(requirement).expect("some"), None);
            let rules = after(&page, "rule");
            assert!(!rules.is_empty(), "{id}");
            for rule in rules {
                let (path, line) = rule.split_once(':').expect("a line");
                let line: usize = line.parse().expect("a number");
                let feature = lines_of(path);
                assert!(
                    feature[line - 1].trim().starts_with("Rule: "),
                    "{id}: {rule}"
                );
                let tag = format!("@{id}");
                let mut tags = feature[line - 2].split_whitespace();
                assert!(tags.any(|it| it == tag), "{id}: {rule}");
            }
            let [text] = after(&page, "text")[..] else {
                panic!("{id}: one text");
            };
            assert!(has(&lines_of(text), &format!("\"{id}\"")), "{id}: {text}");
            let [check] = after(&page, "check")[..] else {
                panic!("{id}: one check");
            };
            let (path, function) = check.split_once(", fn ").expect("a function");
            assert!(
                has(&lines_of(path), &format!("fn {function}(")),
                "{id}: {check}"
            );
            let [faults] = after(&page, "faults")[..] else {
                panic!("{id}: one table");
            };
            let (path, _) = faults.split_once(',').expect("a remark");
            let table = lines_of(path);
            for fault in Fault::ALL.iter().filter(|it| breaks(**it, id)) {
                assert!(
                    has(&table, &format!("\"{}\"", fault.name())),
                    "{id}: {fault}"
                );
            }
            assert!(
                has(&table, &format!("\"{id}\"")),
                "{id}: no fault breaks it"
            );
        }
    }

    #[test]
    fn every_step_is_where_it_is_said_to_be() {
        for requirement in registry::all() {
            let id = requirement.id;
            let sources = Sources::of(&scenarios(requirement).expect("some"));
            assert!(!sources.steps.is_empty(), "{id}");
            for (path, steps) in sources.steps {
                let file = lines_of(path);
                for (line, phrase) in steps {
                    let step = file[line as usize - 1].trim_start();
                    let keyword = phrase.split(' ').next().unwrap_or_default().to_lowercase();
                    let begin = format!("{keyword}!(");
                    assert!(step.starts_with(&begin), "{id}: {path}:{line}: {phrase}");
                }
            }
        }
    }

    #[test]
    fn a_narrow_terminal_gets_narrow_lines() {
        let requirement = registry::find("CATCHUP-2").expect("a requirement");
        let page = page(
            requirement,
            &scenarios(requirement).expect("some"),
            Some(80),
        );
        let exchange = |line: &&str| line.starts_with("  →") || line.starts_with("  ←");
        for line in page.lines().filter(|line| !exchange(line)) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
