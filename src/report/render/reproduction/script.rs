//! The script of a finding: `viewer.py` with the finding's own plan in its marked place, one call a step.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use crate::report::render::reproduction::About;
use crate::report::render::reproduction::act;
use crate::report::render::reproduction::act::{Act, Acts, Goal};
use crate::report::render::reproduction::literal;
use crate::report::text::escape::escape_visible;
use crate::transcript::Disconnect;

/// A Python program that is complete in itself, with the plan of an example.
const PROGRAM: &str = include_str!("viewer.py");
/// The line above the plan, as it begins, and the line below it.
const BEGIN: &str = "# ---- The finding:";
const END: &str = "# ---- The end of the finding. ----\n";

/// Longer sentences are cut, in characters.
const LONGEST: usize = 600;

/// The whole script.
pub(crate) fn script(about: &About<'_>, actions: &Acts) -> String {
    let plan = plan_of(PROGRAM).unwrap_or_default();
    PROGRAM.replacen(plan, &settings(about, actions), 1)
}

/// What is between the two marked lines of a script.
pub(crate) fn plan_of(script: &str) -> Option<&str> {
    let (_, rest) = script.split_once(BEGIN)?;
    let (_, rest) = rest.split_once('\n')?;
    Some(rest.split_once(END)?.0)
}

/// Whether the script checks this requirement itself.
pub(crate) fn decides(id: &str) -> bool {
    PROGRAM.contains(&format!("\n    \"{id}\": ["))
}

/// What the suite could do, and a script cannot.
const LUCK: &str =
    "# The suite stopped the run at an exact event, which a script cannot do: this may need several
# tries, and a longer time between two events helps.
";

/// The finding and its plan. Writing to a string cannot fail.
fn settings(about: &About<'_>, actions: &Acts) -> String {
    let mut out = String::new();
    let finding = &about.finding.finding;
    for (name, text) in [
        ("REQUIREMENT", about.requirement.id.as_str()),
        ("RULE", &about.requirement.title),
        ("EXPECTED", &finding.expected),
        ("OBSERVED", &finding.observed),
        ("SERVER", &about.target.url),
    ] {
        let text = literal::text(&escape_visible(text, LONGEST));
        let _ = writeln!(out, "{name} = {text}");
    }
    let token = if actions.needs_token() {
        "True"
    } else {
        "False"
    };
    let _ = writeln!(out, "NEEDS_TOKEN = {token}\n\n");
    if actions.luck || actions.tight {
        out += LUCK;
    }
    out += "async def plan():\n";
    for place in 0..actions.sessions.len() {
        let _ = writeln!(out, "    {} = new_session()", session(actions, place));
    }
    let names = names(&actions.viewers);
    for (viewer, name) in actions.viewers.iter().zip(&names) {
        let _ = writeln!(out, "    {name} = Viewer({})", literal::text(viewer));
    }
    for step in &actions.steps {
        let call = call(&step.act, actions, &names[step.viewer]);
        let _ = writeln!(out, "    await {call}");
    }
    out + "\n\n"
}

fn session(actions: &Acts, place: usize) -> String {
    match actions.sessions.len() {
        1 => "session".to_owned(),
        _ => format!("session_{}", place + 1),
    }
}

fn run(actions: &Acts, place: usize) -> String {
    format!("run_of({})", session(actions, place))
}

/// The call that does this, for the viewer with this variable.
fn call(act: &Act, actions: &Acts, viewer: &str) -> String {
    match act {
        Act::Connect => format!("{viewer}.connect()"),
        Act::Outgoing(said) => format!("{viewer}.send({})", message(said, actions)),
        Act::SendText(text) => format!("{viewer}.send({})", literal::text(text)),
        Act::SendBytes(length) => format!("{viewer}.send(bytes({length}))"),
        Act::Read(goal) => format!("{viewer}.read({})", until(goal)),
        Act::Leave(how) => format!("{viewer}.disconnect(\"{}\")", disconnect(*how)),
        Act::AwayFor(events) => format!("pause(events={events})"),
        Act::AwayWhile(time) => format!("pause({:.1})", time.as_secs_f64().max(0.1)),
        Act::Ask {
            method,
            path,
            with_token,
        } => format!(
            "{viewer}.request({}, {}{})",
            literal::text(method),
            path_of(path, actions),
            if *with_token { ", TOKEN" } else { "" }
        ),
        Act::StartOverHttp {
            path,
            session: of,
            with_token,
        } => {
            let place = actions.session(of).unwrap_or_default();
            format!(
                "{viewer}.request(\"POST\", {}, {}, {{\"message\": {}, \"session_id\": {}, \"stream\": \"true\", \"background\": \"true\"}})",
                literal::text(path),
                if *with_token { "TOKEN" } else { "None" },
                literal::text(START_MESSAGE),
                session(actions, place)
            )
        }
        Act::Restart => "restart()".to_owned(),
    }
}

/// The record does not hold the form of a request over HTTP.
const START_MESSAGE: &str = "Research and create content plan for AI agents";

fn until(goal: &Goal) -> String {
    match goal {
        Goal::Index(index) => index.to_string(),
        Goal::Name(name) => literal::text(name),
        Goal::Silence => String::new(),
        Goal::Timeout => "wait=PATIENCE".to_owned(),
    }
}

/// The word of `viewer.py`.
fn disconnect(how: Disconnect) -> &'static str {
    match how {
        Disconnect::Close => "close",
        Disconnect::Reset => "reset",
        Disconnect::Silent => "silent",
        Disconnect::MidMessage => "mid-message",
    }
}

/// A message, with the sessions and runs of the moment in the place of those of the record.
fn message(said: &Value, actions: &Acts) -> String {
    let special = |text: &str| match actions.session(text) {
        Some(place) => Some(session(actions, place)),
        None => Some(run(actions, actions.run(text)?)),
    };
    let Value::Object(fields) = said else {
        return literal::value(said, &special);
    };
    let token = act::is_masked_token(said);
    // The action comes first.
    let (first, others): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| *name == "action");
    let fields: Vec<String> = first
        .into_iter()
        .chain(others)
        .map(|(name, value)| {
            let value = match name.as_str() {
                "token" if token => "TOKEN".to_owned(),
                "step_requirements" if says_yes(value) => "confirmed()".to_owned(),
                _ => literal::value(value, &special),
            };
            format!("{}: {value}", literal::text(name))
        })
        .collect();
    format!("{{{}}}", fields.join(", "))
}

fn says_yes(requirements: &Value) -> bool {
    let all = requirements.as_array();
    all.is_some_and(|all| !all.is_empty() && all.iter().all(|it| it["confirmed"] == true))
}

/// A path, with the run of the moment.
fn path_of(path: &str, actions: &Acts) -> String {
    for (id, place) in &actions.runs {
        if let Some((before, after)) = path.split_once(id.as_str()) {
            let run = run(actions, *place);
            let (before, after) = (literal::text(before), literal::text(after));
            return format!("{before} + {run} + {after}");
        }
    }
    literal::text(path)
}

/// A name for each viewer's variable that nothing else has.
fn names(viewers: &[String]) -> Vec<String> {
    let mut taken: BTreeSet<String> = TAKEN.split(' ').map(str::to_owned).collect();
    let name = |(at, viewer): (usize, &String)| {
        let plain: String = viewer
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .take(24)
            .collect();
        let begins_well = plain.starts_with(|c: char| c.is_ascii_lowercase());
        let mut name = if begins_well {
            plain
        } else {
            format!("viewer_{at}")
        };
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        name
    };
    viewers.iter().enumerate().map(name).collect()
}

/// Words that mean something else in the plan: Python's own, and what it calls.
const TAKEN: &str = "and as assert async await break bytes class continue def del elif else except \
    finally for from global if import in is lambda nonlocal not or pass raise return try while with \
    yield confirmed new_session pause restart run_of session";
