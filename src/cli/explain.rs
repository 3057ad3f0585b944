//! `explain`: what a requirement asks for, why, and what breaks it.

use std::io::{self, Write};

use super::UsageError;
use super::args::ExplainArgs;
use crate::check::{Requirement, registry};
use crate::exit;
use crate::plan::Selection;
use crate::reference::Fault;
use crate::suite::{Scenarios, selection};

/// Explains; gives the exit code.
///
/// # Errors
///
/// [`UsageError`] for an id that the catalogue does not have, with the nearest.
pub fn explain(args: &ExplainArgs) -> Result<u8, UsageError> {
    let id = args.id.trim_start_matches('@').to_uppercase();
    let Some(requirement) = registry::find(&id) else {
        let ids: Vec<String> = registry::all()
            .map(|requirement| requirement.id.to_owned())
            .collect();
        return Err(UsageError(format!(
            "find the requirement {:?}: the nearest are {}; `list requirements` shows all",
            args.id,
            selection::closest(&[id], &ids).join(", ")
        )));
    };
    let scenarios = Scenarios::select(&Selection {
        tags: Some(format!("@{}", requirement.id)),
        ..Selection::default()
    })
    .map_err(|error| UsageError::of(&error))?;
    // A reader that is gone (`| head`) wants no more.
    let _ = print(requirement, &scenarios);
    Ok(exit::OK)
}

fn print(requirement: &Requirement, scenarios: &Scenarios) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(
        out,
        "{} ({})\n{}\n",
        requirement.id, requirement.level, requirement.sentence
    )?;
    writeln!(out, "Why it matters\n  {}\n", requirement.why)?;
    writeln!(out, "Source\n  {}\n", requirement.source)?;
    writeln!(out, "An exchange that keeps it")?;
    indented(&mut out, requirement.good)?;
    writeln!(out, "\nAn exchange that breaks it")?;
    indented(&mut out, requirement.bad)?;
    writeln!(out, "\nScenarios")?;
    for report in &scenarios.reports {
        writeln!(out, "  {} › {}", report.path, report.name_and_row())?;
    }
    writeln!(out, "\nFaults of the bundled server that break it")?;
    for fault in Fault::ALL
        .iter()
        .filter(|fault| fault.breaks().contains(&requirement.id))
    {
        writeln!(out, "  {:<32} {}", fault.name(), fault.sentence())?;
    }
    out.flush()
}

fn indented(out: &mut impl Write, text: &str) -> io::Result<()> {
    text.lines()
        .try_for_each(|line| writeln!(out, "  {}", line.trim()))
}
