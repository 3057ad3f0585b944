//! What is wrong with a target file, or one of clients, in words: the line, the key, what it must be, an example and a caret.
//!
//! Values are never shown: a token may have been written there by mistake.

use crate::protocol::Part;
use crate::target::places::{Places, line_of};

/// A key, what its value must be, and an example of its line.
const KEYS: &[(&str, &str, &str)] = &[
    (
        "url",
        "a ws:// or wss:// URL",
        r#"url = "ws://localhost:7777/workflows/ws""#,
    ),
    (
        "token_env",
        "the name of an environment variable",
        r#"token_env = "AGENTOS_TOKEN""#,
    ),
    (
        "ca_file",
        "the path of a PEM file",
        r#"ca_file = "company-ca.pem""#,
    ),
    (
        "headers",
        "a table of texts, by header name",
        r#"headers = { "X-Tenant" = "acme" }"#,
    ),
    (
        "http_url",
        "an http:// or https:// URL",
        r#"http_url = "http://localhost:7777""#,
    ),
    (
        "replica",
        "a ws:// or wss:// URL",
        r#"replica = "ws://localhost:7778/workflows/ws""#,
    ),
    (
        "restart",
        "a command for `sh -c`",
        r#"restart = "systemctl restart my-agentos""#,
    ),
    (
        "retention",
        "a whole number of events, from 1",
        "retention = 10000",
    ),
    ("forgets_after", "a duration", r#"forgets_after = "30m""#),
    (
        "kill_replica",
        "a command for `sh -c`",
        r#"kill_replica = "docker kill replica-2""#,
    ),
    (
        "token_command",
        "a command that prints a token",
        r#"token_command = "my-tokens --for 3s""#,
    ),
    ("valid_for", "a duration", r#"valid_for = "5s""#),
    ("expiring", "a table", "[expiring]"),
    ("permissions", "a table", "[permissions]"),
    ("guarded", "a table", "[guarded]"),
    ("users", "a table", "[users]"),
    ("parts", "a table", "[parts.long]"),
    ("agents", "a table", "[agents.long]"),
    ("teams", "a table", "[teams.long]"),
    (
        "id",
        "the id of an agent or a team",
        r#"id = "research-agent""#,
    ),
    (
        "token_envs",
        "a list of two environment variables",
        r#"token_envs = ["TOKEN_OF_ADA", "TOKEN_OF_BEN"]"#,
    ),
    (
        "workflow_id",
        "the id of a workflow",
        r#"workflow_id = "content-creation-workflow""#,
    ),
    ("message", "a TOML value", r#"message = "Research""#),
    // Of the clients that are judged.
    ("client", "a list of tables", "[[client]]"),
    ("name", "a text", r#"name = "viewer-py""#),
    (
        "command",
        "a list of words",
        r#"command = ["python3", "viewer.py", "{url}"]"#,
    ),
    ("over", "websocket or http", r#"over = "http""#),
    (
        "component",
        "workflow, agent or team",
        r#"component = "agent""#,
    ),
    ("notice", "a duration", r#"notice = "60s""#),
    (
        "known_failures",
        "the path of a TOML file",
        r#"known_failures = "viewer-py.toml""#,
    ),
];

fn known(key: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    KEYS.iter().find(|(known, _, _)| *known == key)
}

/// From which likeness on a name is taken for another one.
const ALIKE: f64 = 0.8;

/// What the TOML reader says, as people can use it.
pub(crate) fn of_toml(text: &str, error: &toml::de::Error) -> String {
    let span = error.span().unwrap_or_default();
    let number = line_of(text, &span);
    let line = text.lines().nth(number - 1).unwrap_or_default().trim();
    let message = error.message();
    if let Some(key) = quoted(message, "unknown field `") {
        let shown = shown(line, key);
        return format!("line {number}: {message}{}", unknown(&shown, key, message));
    }
    if let Some(field) = quoted(message, "missing field `") {
        let example = known(field).map_or(field, |(_, _, example)| *example);
        let advice = format!("for example: {example}");
        return match line.starts_with('[') {
            true => format!("line {number}: {message}{}", caret(line, "[", &advice)),
            false => format!("line {number}: {message}; {advice}"),
        };
    }
    let name = match is_about_the_value(message) {
        true => key_of(text, number),
        false => key_of(line, 1),
    };
    match known(name) {
        Some((_, must_be, example)) if is_about_the_value(message) => {
            let not = kind(message).map_or_else(String::new, |kind| format!(", not {kind}"));
            let what = format!("{name} must be {must_be}{not}");
            format!("line {number}: {what}{}", excerpt(name, example))
        }
        _ => {
            let message = without_value(message);
            let shown = match (line, name) {
                ("", _) => String::new(),
                // It may be anything.
                (_, "") => "…".to_owned(),
                (_, name) => format!("{name} = …"),
            };
            let is_part = Part::of(name).is_some() && is_about_the_value(&message);
            let advice = match is_part {
                true => "a part is a table: [parts.NAME] with a workflow_id",
                false => "here",
            };
            let excerpt = match shown.is_empty() {
                true => String::new(),
                false => caret(&shown, "…", advice),
            };
            format!("line {number}: {}{excerpt}", message.trim())
        }
    }
}

/// What is wrong with the name of a part in this table, of those that there are.
pub(super) fn of_part(places: &Places, table: &str, name: &str) -> String {
    let all = Part::ALL.map(Part::word);
    let line = places.line(&format!("[{table}.{name}]"));
    let line = line.map_or_else(String::new, |line| format!("line {line}: "));
    // Only what is an ordinary name is shown as one: it may be anything.
    let shown = format!("[{table}.{}]", name.escape_debug());
    let excerpt = caret(
        &shown,
        &name.escape_debug().to_string(),
        &advice("part", name, all.iter().copied()),
    );
    format!(
        "{line}unknown part {name:?}; the parts are {}{excerpt}",
        all.join(", ")
    )
}

/// The line of a key without its value: a table's own, or the key alone.
fn shown(line: &str, key: &str) -> String {
    let header = line.split('#').next().unwrap_or_default().trim();
    match header.starts_with('[') && header.ends_with(']') && header.contains(key) {
        true => header.to_owned(),
        false => format!("{key} = …"),
    }
}

/// The line of an unknown key, with the one that may be meant; `message` names those that there are.
fn unknown(shown: &str, key: &str, message: &str) -> String {
    let (_, expected) = message.split_once("expected").unwrap_or_default();
    // Between backticks are the names.
    let names = expected.split('`').skip(1).step_by(2);
    caret(shown, key, &advice("key", key, names))
}

fn advice<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let likeness = |it: &&str| strsim::jaro_winkler(it, &name.to_lowercase());
    let best = known.max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match best.filter(|it| likeness(it) >= ALIKE) {
        Some(meant) => format!("no such {what}; is `{meant}` meant?"),
        None => format!("no such {what}"),
    }
}

/// The key whose value is in this line, or begins before it: the last part of a dotted one.
fn key_of(text: &str, number: usize) -> &str {
    let lines: Vec<&str> = text.lines().take(number).collect();
    let set = lines.iter().rev().find_map(|line| {
        let line = line.trim_start();
        if line.starts_with('[') {
            return Some("");
        }
        if line.starts_with('#') {
            return None;
        }
        Some(line.split_once('=')?.0)
    });
    let key = set.unwrap_or_default().rsplit('.').next();
    key.unwrap_or_default().trim().trim_matches('"')
}

/// The line, and a caret below this part of it.
fn caret(line: &str, below: &str, advice: &str) -> String {
    let before = line.find(below).unwrap_or_default();
    let indent = " ".repeat(4 + line[..before].chars().count());
    format!("\n    {line}\n{indent}^ {advice}")
}

/// What is wrong with the value of this key (`[users] token_envs`, `replica`), as a sentence after its place.
pub(super) fn of_key(places: &Places, key: &str, wrong: &str) -> String {
    let name = key.rsplit(' ').next().unwrap_or(key);
    let excerpt = known(name).map_or_else(String::new, |(_, _, example)| excerpt(name, example));
    match places.line(key) {
        Some(line) => format!("line {line}: {key} {wrong}{excerpt}"),
        None => format!("{key} {wrong}{excerpt}"),
    }
}

/// The line with its key, and a caret below the value with an example.
fn excerpt(name: &str, example: &str) -> String {
    caret(
        &format!("{name} = …"),
        "…",
        &format!("for example: {example}"),
    )
}

fn is_about_the_value(message: &str) -> bool {
    [
        "invalid type",
        "invalid value",
        "not a duration",
        "invalid length",
    ]
    .iter()
    .any(|it| message.starts_with(it))
}

/// The word after `before`, up to the next backtick.
fn quoted<'m>(message: &'m str, before: &str) -> Option<&'m str> {
    let (_, rest) = message.split_once(before)?;
    rest.split('`').next()
}

/// What was there instead, without its value.
fn kind(message: &str) -> Option<&'static str> {
    let (_, what) = message.split_once(": ")?;
    let kinds = [
        ("string", "a text"),
        ("integer", "a number"),
        ("floating point", "a number"),
        ("boolean", "true or false"),
        ("sequence", "a list"),
        ("map", "a table"),
    ];
    if message.starts_with("invalid value: integer") {
        return Some("this number");
    }
    let mut all = kinds.into_iter();
    all.find_map(|(begin, kind)| what.starts_with(begin).then_some(kind))
}

/// The message, with the kind of a value instead of the value.
fn without_value(message: &str) -> String {
    for (begin, end, kind) in [
        (": string \"", "\", expected", "a text"),
        (": integer `", "`, expected", "a number"),
        (": floating point `", "`, expected", "a number"),
    ] {
        if let Some(from) = message.find(begin) {
            // If the end is not found, the rest is removed, too.
            let to = message.rfind(end).map_or(message.len(), |to| to + 1);
            return format!("{}: {kind}{}", &message[..from], &message[to..]);
        }
    }
    message.to_owned()
}
