//! The text of an issue for the server's maintainers.

use std::fmt::Write;

use crate::protocol::Wire;
use crate::report::model::run::TargetKind;
use crate::report::render::reproduction::script::{decides, package};
use crate::report::render::reproduction::{About, WhyNot, file_name};
use crate::report::text::escape::escape_visible;
use crate::report::text::format::said;
use crate::report::text::markdown::{code, fenced, prose};

/// Longer sentences are cut, in characters.
const LONGEST: usize = 600;
/// Messages that the finding rests on.
const MOST_MESSAGES: usize = 12;

/// The whole text. Writing to a string cannot fail.
pub(crate) fn text(about: &About<'_>, script: Result<&str, WhyNot>) -> String {
    let requirement = about.requirement;
    let finding = &about.finding.finding;
    let mut out = String::new();
    let title = prose(&requirement.title, LONGEST);
    let _ = writeln!(out, "# {}: {title}\n", requirement.id);
    environment(&mut out, about);
    steps(&mut out, about);
    let _ = writeln!(
        out,
        "## Rule\n\n{} ({}): {title}\n",
        requirement.id, requirement.level
    );
    let _ = writeln!(
        out,
        "## Expected\n\n{}\n",
        prose(&finding.expected, LONGEST)
    );
    let _ = writeln!(
        out,
        "## Observed\n\n{}\n",
        prose(&finding.observed, LONGEST)
    );
    messages(&mut out, about);
    out += "## To reproduce it\n\n";
    match script {
        Ok(script) => {
            let id = file_name(&requirement.id);
            let package = package(script);
            let decision = match decides(Wire::part(&requirement.id).0) {
                true => {
                    "ends with exit code 1 if the problem is reproduced, and with 0 if it is not"
                }
                false => {
                    "ends with exit code 2: it cannot decide, so compare what comes with what is expected above"
                }
            };
            let _ = writeln!(
                out,
                "`pip install {package}`, then `python3 {id}.py [URL]`. The script shows every message that is \
                 sent (`->`) and received (`<-`), and {decision}.\n\n<details><summary>The script</summary>\n\n{}\n\n</details>",
                fenced("python", script)
            );
        }
        Err(why) => {
            let _ = writeln!(
                out,
                "By hand, in the steps above. There is no script for it: {why}."
            );
        }
    }
    out
}

fn environment(out: &mut String, about: &About<'_>) {
    let target = about.target;
    let report = &about.run.report;
    let _ = writeln!(
        out,
        "## Environment\n\n- server: {}\n- seen by: reconnect-acceptance {}, {}",
        code(&target.server_and_wires(), LONGEST),
        code(&report.suite_version, LONGEST),
        code(&report.started_at, LONGEST)
    );
    let started = match target.kind {
        TargetKind::Url => format!("it was running at {}", code(&target.url, LONGEST)),
        TargetKind::Client => code(
            &format!("reconnect-acceptance client {}", target.as_arguments()),
            LONGEST,
        ),
        TargetKind::Agentos => format!(
            "{}, which installs and starts it",
            code(
                &format!(
                    "reconnect-acceptance agentos {}{}",
                    target.release(),
                    target.options(about.scenario.map_or("", |it| &it.id))
                ),
                LONGEST
            )
        ),
        TargetKind::Reference => {
            let mut command = "reconnect-acceptance serve".to_owned();
            for fault in &target.faults {
                command += " --fault ";
                command += fault;
            }
            code(&(command + " --pace 100ms"), LONGEST)
        }
    };
    let _ = writeln!(out, "- how it was started: {started}\n");
}

fn steps(out: &mut String, about: &About<'_>) {
    out.push_str("## Steps\n\n");
    let Some(scenario) = about.scenario else {
        let _ = writeln!(out, "{}\n", prose(&about.finding.scenario, LONGEST));
        return;
    };
    let place = format!("{} › {}", scenario.feature, scenario.name_and_row());
    let _ = writeln!(out, "{}:\n", prose(&place, LONGEST));
    for step in &scenario.steps {
        let step = format!("{} {}", step.keyword.trim(), step.text);
        let _ = writeln!(out, "1. {}", prose(&step, LONGEST));
    }
    out.push('\n');
}

fn messages(out: &mut String, about: &About<'_>) {
    let evidence = &about.finding.finding.evidence;
    let Some(transcript) = about.transcript.filter(|_| !evidence.is_empty()) else {
        return;
    };
    let lines: Vec<String> = evidence
        .iter()
        .take(MOST_MESSAGES)
        .filter_map(|number| transcript.entry(*number))
        .map(|entry| {
            let at = entry.at().as_secs_f64();
            let viewer = escape_visible(&entry.viewer, 40);
            format!(
                "{at:.3} s {viewer} {} {}",
                entry.connection,
                said(&entry.what)
            )
        })
        .collect();
    let _ = writeln!(
        out,
        "The messages that show it (`→` sent, `←` came):\n\n{}",
        fenced("text", &lines.join("\n"))
    );
    if let Some(more @ 1..) = evidence.len().checked_sub(MOST_MESSAGES) {
        let _ = writeln!(out, "and {more} more\n");
    }
}
