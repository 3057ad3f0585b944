//! Why nothing can be run, with the names that come nearest to what was asked for.

use crate::plan::Selection;
use crate::report::model::run::ScenarioReport;
use crate::suite::features;
use crate::suite::nearest::closest;
use crate::suite::selection::thorough::is_thorough;

/// Why nothing can be run.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// The features cannot be read.
    #[error(transparent)]
    Features(#[from] features::Error),
    /// The reader's own features have mistakes.
    #[error("read your features:\n  {}", .0.join("\n  "))]
    Mistakes(Vec<String>),
    /// The tag expression cannot be read.
    #[error(
        "read the tag expression {expression:?}: {reason}; an example: \"@CATCHUP-2 or @should\""
    )]
    Tags {
        /// What was given.
        expression: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing is selected.
    #[error("select scenarios: {wanted} matches none of {of}{}", suggestion(.nearest))]
    Nothing {
        /// What was asked for.
        wanted: String,
        /// How many there are to choose from.
        of: String,
        /// What comes nearest.
        nearest: Vec<String>,
    },
}

fn suggestion(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("; the nearest: {}", names.join(", "))
}

/// The error for a selection that matches none of these.
pub(super) fn nothing(selection: &Selection, all: &[ScenarioReport]) -> SelectionError {
    let mut wanted = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    if let Some(tags) = &selection.tags {
        wanted.push(format!("--tags {tags:?}"));
        words.extend(
            tags.split(|c: char| c.is_whitespace() || "()".contains(c))
                .map(str::to_owned),
        );
        known.extend(
            all.iter()
                .flat_map(|report| &report.tags)
                .map(|tag| format!("@{tag}")),
        );
    }
    if let Some(name) = &selection.name {
        wanted.push(format!("--name {:?}", name.as_str()));
        words.push(name.as_str().to_owned());
        known.extend(all.iter().map(|report| report.name.clone()));
    }
    wanted.extend(selection.what.iter().map(|it| format!("{it:?}")));
    for prefix in &selection.require {
        wanted.push(format!("--require {prefix:?}"));
        words.push(prefix.clone());
        known.extend(all.iter().flat_map(|report| report.requirements.clone()));
    }
    if let Some(again) = &selection.rerun {
        let number = again.scenarios.len();
        wanted.push(format!(
            "--rerun {:?}, with {number} failed or inconclusive,",
            again.file
        ));
    }
    known.sort();
    known.dedup();
    let (thorough, usual) = all.iter().partition::<Vec<_>, _>(|it| is_thorough(it));
    let of = match thorough.len() {
        0 => format!("{} scenarios", all.len()),
        more if selection.thorough => format!("{} scenarios", usual.len() + more),
        more => format!("{} scenarios (--thorough adds {more} more)", usual.len()),
    };
    SelectionError::Nothing {
        wanted: wanted.join(" with "),
        of,
        nearest: closest(&words, &known),
    }
}

/// The error for words that mean none of these.
pub(super) fn unknown(words: &str, all: &[ScenarioReport]) -> SelectionError {
    let ids = all.iter().flat_map(|report| report.requirements.clone());
    let names = all.iter().map(|report| report.name.clone());
    let mut known: Vec<String> = ids.chain(names).collect();
    known.sort();
    known.dedup();
    SelectionError::Nothing {
        wanted: format!("{words:?}"),
        of: format!("{} scenarios and their requirements", all.len()),
        nearest: closest(&[words.to_owned()], &known),
    }
}
