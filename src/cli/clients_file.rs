//! The file of `client --clients`: TOML with a table for each of several clients.
//!
//! ```toml
//! [[client]]
//! name = "viewer-py"                       # its column, and its folder of reports
//! command = ["python3", "viewer.py", "{url}"]
//! over = "http"                            # optional, like all that follows: "websocket" or "http"
//! component = "agent"                      # what it runs over HTTP: "workflow", "agent" or "team"
//! token_env = "TOKEN"
//! notice = "60s"
//! known_failures = "viewer-py.toml"        # beside this file
//! ```

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::cli::args::{ComponentKind, Over};
use crate::cli::error::UsageError;
use crate::report::combine::matrix::is_plain;
use crate::report::text::escape::escape_visible;
use crate::target::file::{duration, of_toml};

/// The longest name that an error repeats, in characters.
const LONGEST: usize = 60;

/// The clients to judge.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientsFile {
    /// Its clients, each below `[[client]]`, in the order of the matrix.
    pub client: Vec<ClientEntry>,
}

/// A client to judge.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientEntry {
    /// Its name in the matrix, and of its folder of reports: letters, digits, dots, hyphens and underscores.
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$"))]
    pub name: String,
    /// Its command and the arguments, without a shell; `{url}` in one of them becomes the address of the server, which
    /// comes last where none has it.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// Over which wire it speaks; by default the WebSocket, or HTTP for an agent or a team.
    pub over: Option<Over>,
    /// What it runs over HTTP; by default a workflow.
    pub component: Option<ComponentKind>,
    /// The environment variable with the token that it shows where a server asks for one.
    pub token_env: Option<String>,
    /// Within which time it must have noticed that a line is dead; by default what `--notice` says.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>", extend("examples" = ["60s"]))]
    pub notice: Option<Duration>,
    /// Its list of known failures; a relative path begins at the folder of this file.
    pub known_failures: Option<PathBuf>,
}

/// Reads the file.
///
/// # Errors
///
/// [`UsageError`] with the file, and what is wrong in which line.
pub fn read(path: &Path) -> Result<Vec<ClientEntry>, UsageError> {
    let wrong = |why: String| {
        let path = path.display();
        UsageError::Failed(format!("read the clients {path}: {why}"))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut clients = parse(&text).map_err(wrong)?;
    for client in &mut clients {
        if let Some(list) = &mut client.known_failures {
            *list = folder.join(&*list);
        }
    }
    Ok(clients)
}

fn parse(text: &str) -> Result<Vec<ClientEntry>, String> {
    let file: ClientsFile = toml::from_str(text).map_err(|error| of_toml(text, &error))?;
    if file.client.is_empty() {
        return Err("it has no clients; each begins with [[client]]".to_owned());
    }
    let mut names = HashSet::new();
    for client in &file.client {
        let name = escape_visible(&client.name, LONGEST);
        if !is_plain(&client.name) {
            return Err(format!(
                "a client cannot be called \"{name}\": its reports go into a folder of that name, so it may have \
                 letters, digits, dots, hyphens and underscores, and begins with a letter or digit"
            ));
        }
        // Some file systems do not tell a.B from a.b.
        if !names.insert(client.name.to_lowercase()) {
            return Err(format!("two clients are called \"{name}\""));
        }
        if client.command.first().is_none_or(String::is_empty) {
            return Err(format!(
                "the client \"{name}\" has no command; for example: command = [\"python3\", \"viewer.py\", \"{{url}}\"]"
            ));
        }
    }
    Ok(file.client)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, said: &str) {
        let why = parse(text).expect_err(text);
        assert!(why.contains(said), "{why:?}");
    }

    #[test]
    fn clients_are_read_in_their_order() {
        let text = r#"
            [[client]]
            name = "viewer.py"
            command = ["python3", "viewer.py"]
            [[client]]
            name = "a_2"
            command = ["a"]
            over = "http"
            component = "team"
            token_env = "TOKEN"
            notice = "5s"
            known_failures = "a.toml"
        "#;
        let clients = parse(text).expect("two clients");
        let names: Vec<&str> = clients.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["viewer.py", "a_2"]);
        assert_eq!(clients[0].over, None);
        let other = &clients[1];
        assert_eq!(other.over, Some(Over::Http));
        assert_eq!(other.component, Some(ComponentKind::Team));
        assert_eq!(other.notice, Some(Duration::from_secs(5)));
    }

    #[test]
    fn what_cannot_be_used_is_told_with_what_to_do() {
        refused("", "missing field `client`; for example: [[client]]");
        refused("client = []", "each begins with [[client]]");
        refused(
            "[[client]]\nname = 'a'\ncomand = ['a']",
            "is `command` meant?",
        );
        refused(
            "[[client]]\nname = 'a'\ncommand = 'viewer.py s3cret'",
            "command must be a list of words, not a text",
        );
        let over = "[[client]]\nname = 'a'\ncommand = ['a']\nover = 'sse'";
        refused(over, "line 4: ");
        refused(over, "expected `websocket` or `http`");
        for name in ["../up", "", "a b", ".hidden", "a/b"] {
            let text = format!("[[client]]\nname = '{name}'\ncommand = ['a']");
            refused(&text, "its reports go into a folder of that name");
        }
        refused("[[client]]\nname = 'a'\ncommand = []", "has no command");
        let one = "[[client]]\nname = 'a'\ncommand = ['a']\n";
        refused(
            &format!("{one}{}", one.replace("'a'", "'A'")),
            "two clients are called \"A\"",
        );
        let secret = "[[client]]\nname = 'a'\ncommand = 's3cret'";
        assert!(!parse(secret).expect_err("no list").contains("s3cret"));
    }
}
