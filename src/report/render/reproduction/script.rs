//! The script of a finding: `viewer.py` with the finding's own plan in its marked place, one call a step.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use crate::protocol::component::decided;
use crate::protocol::{InvalidRequest, Wire};
use crate::report::render::reproduction::About;
use crate::report::render::reproduction::act;
use crate::report::render::reproduction::act::{Act, Acts, Goal};
use crate::report::render::reproduction::literal;
use crate::report::text::escape::escape_visible;
use crate::transcript::{Disconnect, ShownToken};

/// A Python program that is complete in itself, with the plan of an example.
const PROGRAM: &str = include_str!("viewer.py");
/// Likewise for viewers over HTTP, without what it has in common with the other one.
const OVER_HTTP: &str = include_str!("http_viewer.py");
/// How the line begins above each part of a program, and above one that both have.
const PART: &str = "# ---- ";
const COMMON: &str = "# ---- Common: ";
/// The line above the plan, as it begins, and the line below it.
const BEGIN: &str = "# ---- The finding:";
const END: &str = "# ---- The end of the finding. ----\n";

/// Longer sentences are cut, in characters.
const LONGEST: usize = 600;

/// The whole script.
pub(crate) fn script(about: &About<'_>, actions: &Acts) -> String {
    let program = match actions.over_http {
        Some(_) => over_http(),
        None => PROGRAM.to_owned(),
    };
    let plan = plan_of(&program).unwrap_or_default();
    program.replacen(plan, &settings(about, actions), 1)
}

/// The program for viewers over HTTP.
pub(crate) fn over_http() -> String {
    let mut program = String::new();
    for line in OVER_HTTP.split_inclusive('\n') {
        program += match line.starts_with(COMMON) {
            true => common(line),
            false => line,
        };
    }
    program
}

/// The part below this line in the program for the WebSocket, with the line.
fn common(line: &str) -> &'static str {
    let Some(at) = PROGRAM.find(line) else {
        return "";
    };
    let part = &PROGRAM[at..];
    let next = part[line.len()..].find(&format!("\n{PART}"));
    next.map_or(part, |next| &part[..=line.len() + next])
}

/// What is between the two marked lines of a script.
pub(crate) fn plan_of(script: &str) -> Option<&str> {
    let (_, rest) = script.split_once(BEGIN)?;
    let (_, rest) = rest.split_once('\n')?;
    Some(rest.split_once(END)?.0)
}

/// The one package that a script needs.
pub(crate) fn package(script: &str) -> &'static str {
    match script.contains("\nimport httpx\n") {
        true => "httpx",
        false => "websockets",
    }
}

/// Whether the script checks this requirement itself.
pub(crate) fn decides(id: &str) -> bool {
    let line = format!("\n    \"{id}\": [");
    [PROGRAM, OVER_HTTP].iter().any(|it| it.contains(&line))
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
    let http_url = about.target.http_url.as_ref();
    let http_url = http_url.filter(|_| actions.over_http.is_some());
    let server = http_url.unwrap_or(&about.target.url);
    for (name, text) in [
        ("REQUIREMENT", Wire::part(&about.requirement.id).0),
        ("RULE", &about.requirement.title),
        ("EXPECTED", &finding.expected),
        ("OBSERVED", &finding.observed),
        ("SERVER", server),
    ] {
        let text = literal::text(&escape_visible(text, LONGEST));
        let _ = writeln!(out, "{name} = {text}");
    }
    if let Some(component) = actions.over_http {
        let _ = writeln!(out, "COMPONENT = {}", literal::text(component.word()));
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
        Act::Post { path, form, token } => format!(
            "{viewer}.post({}, {}{})",
            path_of(path, actions),
            fields(form, actions),
            token.map_or("", shows)
        ),
        Act::Invalid(text) => invalid(text, viewer, actions),
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

/// The token of a request over HTTP, as an argument.
fn shows(token: ShownToken) -> &'static str {
    match token {
        ShownToken::Own => ", token=\"own\"",
        ShownToken::None => ", token=\"none\"",
        ShownToken::Wrong => ", token=\"wrong\"",
    }
}

/// The fields of a form, with the sessions and runs of the moment in the place of those of the record.
fn fields(form: &[(String, String)], actions: &Acts) -> String {
    let fields = form.iter().map(|(name, value)| {
        let list: Option<Value> = serde_json::from_str(value).ok();
        let value = match list {
            Some(list) if says_yes(&list) => "confirmed()".to_owned(),
            _ => special(value, actions).unwrap_or_else(|| literal::text(value)),
        };
        format!("{}: {value}", literal::text(name))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

/// The call that sends what is no request over HTTP.
fn invalid(text: &str, viewer: &str, actions: &Acts) -> String {
    let Some(request) = InvalidRequest::of(text) else {
        return format!("{viewer}.send(\"GET\", \"/\")");
    };
    let mut call = format!(
        "{viewer}.send({}, {}",
        literal::text(request.method),
        path_of(request.path, actions)
    );
    if let Some((content_type, body)) = request.body {
        let (body, content_type) = (literal::text(body), literal::text(content_type));
        let _ = write!(call, ", {body}, {content_type}");
    }
    call + ")"
}

/// What stands for a session or a run of the record.
fn special(text: &str, actions: &Acts) -> Option<String> {
    match actions.session(text) {
        Some(place) => Some(session(actions, place)),
        None => Some(run(actions, actions.run(text)?)),
    }
}

/// A message, with the sessions and runs of the moment in the place of those of the record.
fn message(said: &Value, actions: &Acts) -> String {
    let special = |text: &str| special(text, actions);
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
    all.is_some_and(|all| !all.is_empty() && all.iter().all(|it| decided(it) == Some(true)))
}

/// A path, with the run and the session of the moment.
fn path_of(path: &str, actions: &Acts) -> String {
    let runs = actions.runs.iter();
    let runs = runs.map(|(id, place)| (id, run(actions, *place)));
    let sessions = actions.sessions.iter().enumerate();
    let sessions = sessions.map(|(place, id)| (id, session(actions, place)));
    for (id, now) in runs.chain(sessions) {
        if let Some((before, after)) = path.split_once(id.as_str()) {
            let before = literal::text(before);
            return match after {
                "" => format!("{before} + {now}"),
                after => format!("{before} + {now} + {}", path_of(after, actions)),
            };
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
