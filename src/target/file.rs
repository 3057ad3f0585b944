//! The target file: TOML that says where a server is and which of its workflows plays which part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::plan::Workflow;
use crate::protocol::Part;

/// A target file. Tokens are in the environment: the file only names the variables.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetFile {
    /// The `ws://` or `wss://` URL of the server's workflow WebSocket.
    pub url: String,
    /// The environment variable that contains the bearer token.
    pub token_env: Option<String>,
    /// Certificate authorities (PEM) to trust besides the machine's own.
    pub ca_file: Option<PathBuf>,
    /// Headers for the upgrade; every value is treated as a secret.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretString>,
    /// The server's HTTP address.
    pub http_url: Option<String>,
    /// The `ws://` or `wss://` URL of another replica, which has the same runs; token and headers are
    /// those of the server.
    pub replica: Option<String>,
    /// A command that restarts the server and returns when it is ready.
    pub restart: Option<String>,
    /// How many events of a run the server keeps, if known.
    pub retention: Option<u64>,
    /// How long after its end the server drops a finished run from its memory, if known: `30m`.
    #[serde(default, deserialize_with = "duration")]
    pub forgets_after: Option<Duration>,
    /// Another server of the same kind that asks for a token. Without it, the server itself is used if
    /// `token_env` is named.
    pub guarded: Option<GuardedEntry>,
    /// Two users of the server, or of another server of the same kind, which keeps users apart.
    pub users: Option<UsersEntry>,
    /// Which workflow plays which part.
    #[serde(default)]
    pub parts: BTreeMap<String, PartEntry>,
}

/// The entry of a server that asks for a token.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct GuardedEntry {
    /// Its `ws://` or `wss://` URL.
    pub url: String,
    /// Its HTTP address.
    pub http_url: Option<String>,
    /// The environment variable that contains its token.
    pub token_env: String,
}

/// The entry of a server that keeps users apart.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct UsersEntry {
    /// Its `ws://` or `wss://` URL; by default that of the file.
    pub url: Option<String>,
    /// Its HTTP address; that of the file if there is no URL either.
    pub http_url: Option<String>,
    /// The environment variables that hold the tokens of two users.
    pub token_envs: Vec<String>,
}

/// The entry of one part.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PartEntry {
    /// The workflow's id.
    pub workflow_id: String,
    /// The message that the workflow is started with; any TOML value.
    #[serde(default)]
    pub message: Option<Value>,
}

/// Why a target file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read at all.
    #[error("read the target file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not valid TOML, or has unknown or missing fields.
    #[error("read the target file {}: {reason}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is wrong, and in which line.
        reason: String,
    },
}

impl TargetFile {
    /// Reads a target file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::Shape`], with file, line and reason.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|reason| Error::Shape {
            path: path.to_owned(),
            reason,
        })
    }

    /// Reads the text of a target file.
    ///
    /// # Errors
    ///
    /// What is wrong, and in which line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Self = toml::from_str(text).map_err(|error| explain(text, &error))?;
        let known = || Part::ALL.map(Part::word).into_iter();
        for name in file.parts.keys() {
            if !known().any(|word| word == name) {
                return Err(format!(
                    "unknown part {name:?}; the parts are {}",
                    known().collect::<Vec<_>>().join(", ")
                ));
            }
        }
        match file.users.as_ref().map(|users| users.token_envs.as_slice()) {
            None => {}
            Some([one, other]) if one != other => {}
            Some(_) => {
                return Err(
                    "[users] token_envs must name two variables, with the tokens of two users"
                        .to_owned(),
                );
            }
        }
        Ok(file)
    }

    /// The workflow of each part.
    #[must_use]
    pub fn casting(&self) -> BTreeMap<Part, Workflow> {
        self.parts
            .iter()
            .filter_map(|(name, entry)| {
                let workflow = Workflow {
                    workflow_id: entry.workflow_id.clone(),
                    message: entry.message.clone().unwrap_or_else(|| Value::from("")),
                };
                Some((Part::of(name)?, workflow))
            })
            .collect()
    }
}

/// A duration such as `30m` or `1h 5s`.
fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let read = humantime::parse_duration(&text);
    read.map(Some)
        .map_err(|_| serde::de::Error::custom("not a duration; an example: \"30m\""))
}

/// The line number and the error, without text of the line: it may have a token in it by mistake.
fn explain(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map_or(1, |span| {
        let before = text.get(..span.start).unwrap_or(text);
        before.matches('\n').count() + 1
    });
    format!("line {line}: {}", without_value(error.message()).trim())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_readme_is_read() {
        let file = TargetFile::parse(
            r#"
            url = "ws://localhost:7777/workflows/ws"
            token_env = "AGENTOS_TOKEN"
            http_url = "http://localhost:7777"
            replica = "ws://localhost:7779/workflows/ws"
            restart = "systemctl restart my-agentos"
            retention = 10000
            forgets_after = "30m"
            [guarded]
            url = "ws://localhost:7778/workflows/ws"
            token_env = "SECURITY_KEY"
            [users]
            token_envs = ["TOKEN_OF_ADA", "TOKEN_OF_BEN"]
            [parts.long]
            workflow_id = "content-creation-workflow"
            message = "Research"
            [parts.endless]
            workflow_id = "novel"
            "#,
        )
        .expect("read");
        assert_eq!(file.token_env.as_deref(), Some("AGENTOS_TOKEN"));
        let replica = Some("ws://localhost:7779/workflows/ws");
        assert_eq!(file.replica.as_deref(), replica);
        assert_eq!(file.forgets_after, Some(Duration::from_secs(1800)));
        let casting = file.casting();
        assert_eq!(casting.len(), 2);
        let guarded = file.guarded.expect("a guarded server");
        assert_eq!(guarded.token_env, "SECURITY_KEY");
        let users = file.users.expect("users");
        assert_eq!(users.token_envs, ["TOKEN_OF_ADA", "TOKEN_OF_BEN"]);
        assert_eq!(
            casting[&Part::Long],
            Workflow::new("content-creation-workflow", "Research")
        );
    }

    #[test]
    fn errors_name_the_line() {
        let error = TargetFile::parse("url = \"ws://h\"\ntoken = \"t\"\n").expect_err("unknown");
        assert!(
            error.contains("line 2") && error.contains("token"),
            "{error}"
        );
        for text in [
            "url = \"ws://h\"\ntoken = \"canary\"\n",
            "url = \"ws://h\"\nheaders = \"Authorization: canary\"\n",
            "url = \"ws://h\"\nheaders = {a = [\"canary\"]}\n",
            "url = \"ws://h\"\nheaders = {a = \"canary\n",
            "url = \"ws://h\"\ntoken_env = 2718281828\n",
            "url = \"ws://h\"\nheaders = {a = 2718281828.5}\n",
        ] {
            let error = TargetFile::parse(text).expect_err("wrong");
            assert!(
                error.contains("line 2") && !error.contains("canary") && !error.contains("2718"),
                "{error}"
            );
        }
        let error = TargetFile::parse("url = \"ws://h\"\nforgets_after = \"soon\"\n");
        let error = error.expect_err("no duration");
        assert!(error.contains("line 2") && error.contains("30m"), "{error}");
        let error = TargetFile::parse("url = \"ws://h\"\n[parts.lang]\nworkflow_id = \"w\"")
            .expect_err("part");
        assert!(error.contains("lang") && error.contains("long"), "{error}");
        assert!(TargetFile::parse("").is_err());
        for (entry, said) in [
            ("token_envs = [\"ONE\"]", "two variables"),
            ("token_envs = [\"A\", \"A\"]", "two variables"),
            ("token_envs = [\"A\", \"B\", \"C\"]", "two variables"),
            (
                "tokens = [\"canary\", \"canary\"]",
                "unknown field `tokens`",
            ),
        ] {
            let text = format!("url = \"ws://h\"\n[users]\n{entry}\n");
            let error = TargetFile::parse(&text).expect_err("wrong");
            assert!(error.contains(said) && !error.contains("canary"), "{error}");
        }
    }
}
