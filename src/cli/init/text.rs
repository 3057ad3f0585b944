//! The target file as text. What a server said is made visible, and stays within its line.

use std::fmt::Write as _;
use std::path::Path;

use secrecy::ExposeSecret;
use toml::Value;

use super::look::{Found, Workflow, Workflows};
use crate::plan::{LONG_MESSAGE, LONG_WORKFLOW, secrets_in};
use crate::protocol::Part;
use crate::report::text::escape::escape_visible;

/// The longest text of a server that is shown whole, in columns.
const LONGEST: usize = 120;

/// What the command line says.
pub(super) struct Given<'g> {
    pub url: &'g str,
    pub token_env: Option<&'g str>,
    pub ca_file: Option<&'g Path>,
    /// Whether there are headers; their values are secrets.
    pub headers: bool,
}

/// The file.
// Writing to a string cannot fail, in all that follows.
pub(super) fn of(given: &Given<'_>, found: &Found) -> String {
    let mut out = String::from(
        "# target.toml, for: reconnect-acceptance run --target target.toml\n\
         # Written by `reconnect-acceptance init`, from what the server shows by itself. docs/target-file.md explains\n\
         # every key. Without a key, the requirements that need it are not applicable.\n\n",
    );
    server(given, found, &mut out);
    http(found, &mut out);
    out += UNKNOWN;
    parts(found, &mut out);
    out
}

/// What cannot be seen from outside.
const UNKNOWN: &str = "\
# What cannot be seen from outside; take away the # where your server has it.
# restart = \"systemctl restart my-agentos\"   # restarts the server, and ends when it is back
# retention = 10000                          # how many events of a run the server keeps
# forgets_after = \"30m\"                      # when it drops a finished run from its memory
# replica = \"ws://localhost:7778/workflows/ws\"   # another replica of it, which has the same runs
# kill_replica = \"docker kill replica-2\"     # kills the server behind `replica`, as a crash does

# [users]                       # where users are kept apart: the variables that hold two users' tokens
# token_envs = [\"TOKEN_OF_ADA\", \"TOKEN_OF_BEN\"]

# [expiring]                    # a command that prints a token which soon expires
# token_command = \"my-tokens --for 3s\"
# valid_for = \"5s\"

# [permissions]                 # two tokens: for every workflow, and for that of the part `short` alone
# token_envs = [\"FOR_ALL\", \"FOR_SHORT\"]

";

fn server(given: &Given<'_>, found: &Found, out: &mut String) {
    let greeting = match found.asks_for_token {
        Some(true) => "asks for a token",
        Some(false) => "asks for no token",
        None => "does not say whether it asks for a token",
    };
    let _ = writeln!(out, "# The server greets, and {greeting}.");
    let mut secrets = secrets_in(given.url);
    if secrets.any(|it| !it.expose_secret().is_empty()) {
        *out += "# This URL has a secret in it: keep this file to yourself.\n";
    }
    let _ = writeln!(out, "url = {}", quoted(given.url));
    match (given.token_env, found.asks_for_token) {
        (Some(name), _) => {
            let _ = writeln!(
                out,
                "token_env = {}   # the variable that contains the token, never the token",
                quoted(name)
            );
        }
        (None, Some(true)) => {
            *out += "# MISSING: the variable that contains its token. Without one nothing can be tested.\n\
                     # token_env = \"AGENTOS_TOKEN\"\n";
        }
        (None, _) => {
            *out += "# token_env = \"AGENTOS_TOKEN\"   # if it asked for a token: the variable that contains it\n\
                     # [guarded] at the end of the file names another server of the same kind that does.\n";
        }
    }
    if let Some(file) = given.ca_file {
        let _ = writeln!(out, "ca_file = {}", quoted(&file.display().to_string()));
    }
    if given.headers {
        *out += "# The values of --header are secrets, and not written down; the suite takes them here, or by --header.\n\
                 # headers = { \"X-Tenant\" = \"…\" }\n";
    }
    out.push('\n');
}

fn http(found: &Found, out: &mut String) {
    let url = found.http_url.as_deref();
    match (url, &found.workflows) {
        (Some(url), Ok(workflows)) => {
            let _ = writeln!(
                out,
                "# GET /workflows is answered there, by a list of {}.",
                workflows.all
            );
            if let Some(document) = &found.openapi {
                let title = escape_visible(document.title.trim(), LONGEST);
                let _ = writeln!(out, "# Its OpenAPI document, {title:?}:");
                let has = |is| if is { "names" } else { "DOES NOT name" };
                let _ = writeln!(
                    out,
                    "# {} the request that starts a run (HTTP-1),",
                    has(document.starts)
                );
                let _ = writeln!(
                    out,
                    "# {} the request that cancels one (CANCEL-1).",
                    has(document.cancels)
                );
            }
            let _ = writeln!(out, "http_url = {}", quoted(url));
        }
        (url, Err(reason)) => {
            let shown = url.unwrap_or("http://localhost:7777");
            let _ = writeln!(
                out,
                "# MISSING: the server's HTTP address, for starting and cancelling runs over HTTP.\n\
                 # GET /workflows was tried at {}: {}.",
                escape_visible(shown, LONGEST),
                escape_visible(reason, 2 * LONGEST)
            );
            let _ = writeln!(out, "# http_url = \"http://localhost:7777\"");
        }
        (None, Ok(_)) => {}
    }
    out.push('\n');
}

fn parts(found: &Found, out: &mut String) {
    *out += "# Which workflow plays which part. A workflow that does something else makes its requirements inconclusive.\n";
    let none = Workflows::default();
    let workflows = found.workflows.as_ref().unwrap_or(&none);
    if workflows.first.is_empty() {
        *out += "# The server lists no workflows; put in the ids.\n";
    } else {
        *out += "# The server lists these:\n";
    }
    for workflow in &workflows.first {
        let id = escape_visible(&workflow.id, LONGEST);
        let name = escape_visible(&workflow.name, LONGEST);
        let name = match workflow.name == workflow.id || name.is_empty() {
            true => String::new(),
            false => format!("  ({name})"),
        };
        let _ = writeln!(out, "#   {id}{name}");
    }
    if let Some(more @ 1..) = workflows.all.checked_sub(workflows.first.len()) {
        let _ = writeln!(out, "#   and {more} more");
    }
    for part in Part::ALL {
        let _ = writeln!(out, "\n# {}", part.must());
        match (part, long(workflows)) {
            (Part::Long, Some((workflow, why))) => {
                let message = if workflow.id == LONG_WORKFLOW {
                    LONG_MESSAGE
                } else {
                    ""
                };
                let _ = writeln!(
                    out,
                    "[parts.long]   # {why}\nworkflow_id = {}\nmessage = {}",
                    quoted(&workflow.id),
                    quoted(message)
                );
            }
            _ => {
                let named = |it: &&Workflow| it.is_plain() && it.id.contains(part.word());
                let (id, why) = match workflows.first.iter().find(named) {
                    Some(it) => (quoted(&it.id), "   # by its name alone"),
                    None => (quoted("…"), ""),
                };
                let _ = writeln!(out, "# [parts.{part}]\n# workflow_id = {id}{why}");
            }
        }
    }
    *out += "\n# Another server of the same kind that asks for a token, where this one asks for none.\n\
             # [guarded]\n# url = \"ws://localhost:7779/workflows/ws\"\n# token_env = \"SECURITY_KEY\"\n";
}

/// The workflow for the part `long`, where one is no mere guess, and why.
fn long(workflows: &Workflows) -> Option<(&Workflow, &'static str)> {
    let known = workflows.first.iter().find(|it| it.id == LONG_WORKFLOW);
    if let Some(known) = known {
        return Some((known, "what `run --url` takes by itself"));
    }
    match workflows.first.as_slice() {
        [only] if workflows.all == 1 && only.is_plain() => {
            Some((only, "the only workflow: look whether it does that"))
        }
        _ => None,
    }
}

/// What to do with the file.
pub(super) fn afterwards(file: &str, found: &Found) -> String {
    let none = Workflows::default();
    let workflows = found.workflows.as_ref().unwrap_or(&none);
    let mut out = format!("{file} is written.\n");
    if long(workflows).is_none() {
        out += "It names no workflow yet: choose one for [parts.long].\n";
    }
    if found.workflows.is_err() {
        out += "It names no http_url: the file says why.\n";
    }
    let _ = writeln!(
        out,
        "Then: reconnect-acceptance doctor --target {file}\n      reconnect-acceptance run --target {file}"
    );
    out
}

/// A text as a value of TOML.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
