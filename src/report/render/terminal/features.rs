//! One line per feature, and one for each of its requirements that did not pass.

use crate::check::Level;
use crate::protocol::Wire;
use crate::report::model::run::{Counts, RequirementReport, RunReport, Verdict};
use crate::report::render::terminal::paint::{DIM, paint, style, style_of};
use crate::report::render::terminal::table;
use crate::report::text::escape::{columns, escape_visible, shorten};
use crate::report::view::{grouped, ids};

/// The longest name of a feature, in columns.
const LONGEST_NAME: usize = 44;

/// The table. `width` is where lines are cut; `None` cuts none.
pub(crate) fn of(report: &RunReport, width: Option<usize>) -> String {
    let features = grouped(&report.requirements, |it| feature(report, it));
    let names = features.iter().map(|it| shorten(it.0, LONGEST_NAME));
    let counts = features.iter().map(|it| counts(&it.1));
    let cells: Vec<_> = names.zip(counts.map(|it| (it.words(), it))).collect();
    let longest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
    let name_width = longest(&mut cells.iter().map(|it| columns(&it.0)));
    let words_width = longest(&mut cells.iter().map(|it| columns(&it.1.0)));
    let mut out = String::new();
    for ((_, requirements), (name, (words, counts))) in features.iter().zip(&cells) {
        let worst = WORST_FIRST.into_iter().find(|it| counts.of(*it) > 0);
        let worst = worst.unwrap_or(Verdict::NotApplicable);
        let (name_gap, words_gap) = (
            name_width - columns(name) + 2,
            words_width - columns(words) + 2,
        );
        let ids = family(requirements);
        let line = format!("{name}{:name_gap$}{words}{:words_gap$}{ids}", "", "");
        let line = cut(&line, width, 2);
        out += &format!("{} {line}\n", paint(style(worst), worst.sign()));
        for same in over_all_wires(requirements) {
            out += &not_passed(&same, report.strict, width);
        }
    }
    out
}

/// Which verdict of its requirements marks a feature.
const WORST_FIRST: [Verdict; 4] = [
    Verdict::Failed,
    Verdict::Inconclusive,
    Verdict::Passed,
    Verdict::NotApplicable,
];

fn counts(requirements: &[&RequirementReport]) -> Counts {
    let mut counts = Counts::default();
    for requirement in requirements {
        *counts.of_mut(requirement.verdict) += 1;
    }
    counts
}

/// Each requirement, over all wires where it has the same verdict together.
fn over_all_wires<'r>(requirements: &[&'r RequirementReport]) -> Vec<Vec<&'r RequirementReport>> {
    let mut together: Vec<Vec<&RequirementReport>> = Vec::new();
    let of = |it: &RequirementReport| {
        let plain = Wire::part(&it.id).0.to_owned();
        (
            plain,
            it.verdict,
            it.known_failure,
            it.not_scored,
            it.title.clone(),
        )
    };
    for requirement in requirements {
        let same = |known: &&mut Vec<&RequirementReport>| {
            known.first().is_some_and(|it| of(it) == of(requirement))
        };
        match together.iter_mut().find(same) {
            Some(known) => known.push(requirement),
            None => together.push(vec![*requirement]),
        }
    }
    together
}

/// The line of a requirement that failed or is inconclusive, over each of these wires; nothing for others.
fn not_passed(same: &[&RequirementReport], strict: bool, width: Option<usize>) -> String {
    let Some(requirement) = same.first() else {
        return String::new();
    };
    if matches!(
        requirement.verdict,
        Verdict::Passed | Verdict::NotApplicable
    ) {
        return String::new();
    }
    let word = table::word(requirement);
    let level = match requirement.level {
        _ if requirement.own => "(own scenario)",
        Level::Must => "MUST",
        Level::Should => "should",
        Level::May => "may",
    };
    let all = same.iter().map(|it| escape_visible(&it.id, LONGEST_NAME));
    let all: Vec<String> = all.collect();
    let id = ids::text(&all, usize::MAX);
    let text = format!("{id} {level} {word}: {}", requirement.title);
    let sign = paint(style_of(requirement, strict), requirement.verdict.sign());
    format!("    {sign} {}\n", paint(DIM, &cut(&text, width, 6)))
}

fn cut(text: &str, width: Option<usize>, indent: usize) -> String {
    match width {
        Some(width) => shorten(text, width.saturating_sub(indent)),
        None => shorten(text, usize::MAX),
    }
}

/// The feature that a requirement's own scenarios are in.
fn feature<'r>(report: &'r RunReport, requirement: &'r RequirementReport) -> &'r str {
    let all = requirement.scenarios.iter();
    let all: Vec<_> = all.filter_map(|id| report.scenario(id)).collect();
    // A rule with several requirements stands before the rule of each.
    let own = all.iter().find(|it| it.rule == requirement.title);
    let own = own.or(all.first());
    own.map_or("Found by the scenarios of others", |it| &it.feature)
}

/// `CATCHUP-1 to 7`, `RESTART-1, -2`, `CONTENT-1`.
fn family(requirements: &[&RequirementReport]) -> String {
    let ids = requirements.iter().map(|it| Wire::part(&it.id).0);
    let mut ids: Vec<_> = ids.collect();
    // Over several wires each is named once.
    ids.dedup();
    let numbers: Option<Vec<(&str, usize)>> = ids
        .iter()
        .map(|id| {
            let (word, number) = id.rsplit_once('-')?;
            Some((word, number.parse().ok()?))
        })
        .collect();
    let Some(numbers) = numbers else {
        return ids.join(", ");
    };
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(&(word, first)) = numbers.get(at) {
        let row = numbers[at..].iter().enumerate();
        let row =
            row.take_while(|(place, it)| it.0 == word && it.1.checked_sub(first) == Some(*place));
        let row = row.count().max(1);
        let is_new = at == 0 || numbers[at - 1].0 != word;
        let head = if is_new { word } else { "" };
        parts.push(match row {
            1 => format!("{head}-{first}"),
            2 => format!("{head}-{first}, -{}", first + 1),
            _ => format!("{head}-{first} to {}", first + row - 1),
        });
        at += row;
    }
    parts.join(", ")
}
