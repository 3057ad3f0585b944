//! The target file: TOML that says where a server is and which of its workflows plays which part.
//!
//! - `address`: whether two URLs are one server's
//! - `complaint`: what is wrong with a file, in words

mod address;
mod complaint;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::plan::{Casting, Workflow};
use crate::protocol::{Component, Part};
use crate::target::places::Places;
pub(crate) use complaint::of_toml;

/// A target file. Tokens are in the environment: the file only names the variables.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: BTreeMap<String, SecretString>,
    /// The server's HTTP address.
    pub http_url: Option<String>,
    /// The `ws://` or `wss://` URL of another replica, which has the same runs; token and headers are
    /// those of the server.
    pub replica: Option<String>,
    /// A command that restarts the server and returns when it is ready.
    pub restart: Option<String>,
    /// A command that kills the server behind `replica`, as a crash does.
    pub kill_replica: Option<String>,
    /// How many events of a run the server keeps, if known.
    #[schemars(range(min = 1))]
    pub retention: Option<u64>,
    /// How long after its end the server drops a finished run from its memory, if known: `30m`.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>", extend("examples" = ["30m"]))]
    pub forgets_after: Option<Duration>,
    /// Another server of the same kind that asks for a token. Without it, the server itself is used if
    /// `token_env` is named.
    pub guarded: Option<GuardedEntry>,
    /// Two users of the server, or of another server of the same kind, which keeps users apart.
    pub users: Option<UsersEntry>,
    /// How to get a token that soon expires.
    pub expiring: Option<ExpiringEntry>,
    /// Two tokens of a server that gives permissions for single workflows.
    pub permissions: Option<PermissionsEntry>,
    /// Which workflow plays which part.
    #[serde(default)]
    #[schemars(schema_with = "parts_schema")]
    pub parts: BTreeMap<String, PartEntry>,
    /// Which agent plays which part; agents are judged over HTTP.
    #[serde(default)]
    #[schemars(schema_with = "others_schema")]
    pub agents: BTreeMap<String, OtherEntry>,
    /// Which team plays which part; teams are judged over HTTP.
    #[serde(default)]
    #[schemars(schema_with = "others_schema")]
    pub teams: BTreeMap<String, OtherEntry>,
    /// In which line each key is.
    #[serde(skip)]
    pub places: Places,
}

/// The entry of a server that asks for a token.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
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
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct UsersEntry {
    /// Its `ws://` or `wss://` URL; by default that of the file.
    pub url: Option<String>,
    /// Its HTTP address; that of the file if there is no URL either.
    pub http_url: Option<String>,
    /// The environment variables that hold the tokens of two users.
    #[schemars(length(equal = 2))]
    pub token_envs: Vec<String>,
}

/// The entry of tokens that soon expire.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ExpiringEntry {
    /// The `ws://` or `wss://` URL of the server; by default that of the file.
    pub url: Option<String>,
    /// A command that prints a new token.
    pub token_command: String,
    /// How long after that it has certainly expired: `5s`.
    #[serde(deserialize_with = "some_duration")]
    #[schemars(with = "String", extend("examples" = ["5s"]))]
    pub valid_for: Duration,
}

/// The entry of a server that gives permissions for single workflows.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PermissionsEntry {
    /// Its `ws://` or `wss://` URL; by default that of the file.
    pub url: Option<String>,
    /// The environment variables that hold two tokens: the first is for every workflow, the second for
    /// that of the part `short` alone.
    #[schemars(length(equal = 2))]
    pub token_envs: Vec<String>,
}

/// The entry of one part.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PartEntry {
    /// The workflow's id.
    pub workflow_id: String,
    /// The message that the workflow is started with; any TOML value.
    #[serde(default)]
    pub message: Option<Value>,
}

/// The entry of a part that an agent or a team plays.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct OtherEntry {
    /// The id of the agent or team.
    pub id: String,
    /// The message that it is started with; any TOML value.
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
        let mut file = Self::parse(&text).map_err(|reason| Error::Shape {
            path: path.to_owned(),
            reason,
        })?;
        file.places = Places::of(path.display().to_string(), &text);
        Ok(file)
    }

    /// Reads the text of a target file.
    ///
    /// # Errors
    ///
    /// What is wrong, and in which line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut file: Self =
            toml::from_str(text).map_err(|error| complaint::of_toml(text, &error))?;
        file.places = Places::of(String::new(), text);
        let wrong = |key: &str, wrong: &str| Err(complaint::of_key(&file.places, key, wrong));
        let tables = [("parts", file.parts.keys().collect::<Vec<_>>())];
        let others = [("agents", &file.agents), ("teams", &file.teams)];
        let others = others.map(|(table, all)| (table, all.keys().collect()));
        for (table, names) in tables.into_iter().chain(others) {
            if let Some(name) = names.into_iter().find(|name| Part::of(name).is_none()) {
                return Err(complaint::of_part(&file.places, table, name));
            }
        }
        match file.users.as_ref().map(|users| users.token_envs.as_slice()) {
            None => {}
            Some([one, other]) if one != other => {}
            Some(_) => {
                return wrong(
                    "[users] token_envs",
                    "must name two variables, with the tokens of two users",
                );
            }
        }
        if file.retention == Some(0) {
            return wrong("retention", "must be a whole number of events, from 1");
        }
        if file.restart.as_ref().is_some_and(|it| it.trim().is_empty()) {
            return wrong("restart", "must be a command, and is empty");
        }
        if file
            .replica
            .as_ref()
            .is_some_and(|it| address::is_same(it, &file.url))
        {
            return wrong(
                "replica",
                "leads to the server of `url`, so nothing would be tested: it must be another replica, which has \
                 the same runs; without one leave it out",
            );
        }
        Ok(file)
    }

    /// The workflow of each part.
    #[must_use]
    pub fn casting(&self) -> BTreeMap<Part, Workflow> {
        let entries = self.parts.iter();
        cast(entries.map(|(name, it)| (name, &it.workflow_id, &it.message)))
    }

    /// The agent and the team of each part, where it names some.
    #[must_use]
    pub fn others(&self) -> BTreeMap<Component, Casting> {
        let kinds = [
            (Component::Agent, &self.agents),
            (Component::Team, &self.teams),
        ];
        let casting = |all: &BTreeMap<String, OtherEntry>| {
            cast(all.iter().map(|(name, it)| (name, &it.id, &it.message)))
        };
        let named = kinds.into_iter().filter(|(_, all)| !all.is_empty());
        named.map(|(kind, all)| (kind, casting(all))).collect()
    }
}

/// Who plays which part, by the names of the parts, the ids and the messages.
fn cast<'e>(entries: impl Iterator<Item = (&'e String, &'e String, &'e Option<Value>)>) -> Casting {
    let entries = entries.filter_map(|(name, id, message)| {
        let workflow = Workflow {
            workflow_id: id.clone(),
            message: message.clone().unwrap_or_else(|| Value::from("")),
        };
        Some((Part::of(name)?, workflow))
    });
    entries.collect()
}

/// A table with an entry for each part, and no other.
fn parts_schema(generator: &mut SchemaGenerator) -> Schema {
    by_part::<PartEntry>(generator)
}

/// The same, of agents or teams.
fn others_schema(generator: &mut SchemaGenerator) -> Schema {
    by_part::<OtherEntry>(generator)
}

fn by_part<E: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let entry = generator.subschema_for::<E>();
    // Each part has an entry of its own in the schema of the names, with its description.
    let names = Part::json_schema(generator);
    let names = names.get("oneOf").and_then(Value::as_array);
    let entries = names.into_iter().flatten().filter_map(|part| {
        let mut entry = entry.clone();
        entry.insert("description".to_owned(), part.get("description")?.clone());
        Some((part.get("const")?.as_str()?.to_owned(), entry.to_value()))
    });
    json_schema!({
        "type": "object",
        "properties": entries.collect::<serde_json::Map<_, _>>(),
        "additionalProperties": false,
    })
}

/// A duration such as `30m` or `1h 5s`.
pub(crate) fn duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    some_duration(deserializer).map(Some)
}

fn some_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text)
        .map_err(|_| serde::de::Error::custom("not a duration; an example: \"30m\""))
}

#[cfg(test)]
mod tests;
