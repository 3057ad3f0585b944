//! What a run is asked to do: which scenarios, against which address, with how much patience.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;
use secrecy::SecretString;
use serde_json::Value;

use crate::protocol::Part;

/// What a run is asked to do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Which scenarios.
    pub selection: Selection,
    /// With how much patience, and how many at once.
    pub timing: Timing,
    /// How much of what could be tried without end.
    pub size: Size,
    /// Whether SHOULD counts like MUST.
    pub strict: bool,
    /// Whether the first broken requirement ends the run.
    pub fail_fast: bool,
    /// What may be broken without ending it.
    pub excused: Vec<Excused>,
}

/// A requirement that may be broken.
#[derive(Clone, Debug, PartialEq)]
pub struct Excused {
    /// Its id.
    pub requirement: String,
    /// The id of the only scenario where it may; in any where there is none.
    pub scenario: Option<String>,
}

impl Excused {
    /// Whether this requirement may be broken in this scenario.
    #[must_use]
    pub fn excuses(&self, requirement: &str, scenario: &str) -> bool {
        self.requirement == requirement && self.scenario.as_deref().is_none_or(|it| it == scenario)
    }
}

/// Which scenarios to run. What is empty selects everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// A Gherkin tag expression: `@CATCHUP-2 or @should`.
    pub tags: Option<String>,
    /// A pattern that a scenario's name must match.
    pub name: Option<Regex>,
    /// Beginnings of requirement ids.
    pub require: Vec<String>,
    /// A folder of feature files to take instead of the embedded ones.
    pub features: Option<PathBuf>,
    /// Only what a former run showed as broken or untold.
    pub rerun: Option<Rerun>,
    /// Of all that, the scenarios that fall to one of several shards.
    pub shard: Option<Shard>,
}

/// What a former run leaves to be run again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rerun {
    /// Its report, as it was named.
    pub file: String,
    /// The ids of the scenarios that it shows as broken or untold.
    pub scenarios: BTreeSet<String>,
    /// The ids of all its scenarios.
    pub seen: BTreeSet<String>,
    /// The ids of requirements with scenarios that it does not have: those of a shard that was missing.
    pub missing: BTreeSet<String>,
}

impl Rerun {
    /// Whether this scenario is to be run again.
    #[must_use]
    pub fn takes(&self, scenario: &str, requirements: &[String]) -> bool {
        let is_missing = || requirements.iter().any(|id| self.missing.contains(id));
        self.scenarios.contains(scenario) || (!self.seen.contains(scenario) && is_missing())
    }
}

/// One of several runs that share the scenarios of a selection among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard {
    /// Which one, counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// How long scenarios took, in milliseconds by their id; those that the suite carries where there
    /// are none.
    pub durations: Option<BTreeMap<String, u64>>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a viewer stays away from a server that cannot be held.
    pub away: Duration,
    /// How long silence must last to count as "nothing more comes".
    pub quiet: Duration,
    /// How long nothing may arrive before a viewer who waits gives up.
    pub step: Duration,
    /// How long one scenario may take.
    pub scenario: Duration,
    /// How long the whole run may take.
    pub deadline: Duration,
    /// How many scenarios run at once; from 1.
    pub concurrency: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            away: Duration::from_secs(1),
            quiet: Duration::from_millis(500),
            step: Duration::from_secs(10),
            scenario: Duration::from_secs(120),
            deadline: Duration::from_secs(15 * 60),
            concurrency: 8,
        }
    }
}

/// How much is tried of what could be tried without end.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many viewers come and go together.
    pub viewers: usize,
    /// After how many events connections are cut on a server that cannot be held.
    pub cuts: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            viewers: 12,
            cuts: 6,
        }
    }
}

/// Where a server is, and what a connection to it needs.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// Its `ws://` or `wss://` URL.
    pub url: String,
    /// The bearer token for `authenticate`.
    pub token: Option<SecretString>,
    /// Certificate authorities (PEM) to trust besides the machine's own.
    pub ca_file: Option<PathBuf>,
    /// Headers for the upgrade; every value is treated as a secret.
    pub headers: Vec<(String, SecretString)>,
}

/// What a server can do besides being connected to. What it lacks makes requirements *not
/// applicable*.
#[derive(Clone, Debug, Default)]
pub struct Abilities {
    /// The HTTP address where its runs are cancelled: `http://localhost:7777`.
    pub http_url: Option<String>,
    /// How many events of a run it keeps.
    pub retention: Option<u64>,
    /// How long after its end it drops a finished run from its memory.
    pub forgets_after: Option<Duration>,
    /// A command that restarts it, and returns when it is back.
    pub restart: Option<String>,
    /// Why no workflow of it plays a part, where it says so itself.
    pub lacks: BTreeMap<Part, String>,
}

/// Which workflow plays which part.
pub type Casting = BTreeMap<Part, Workflow>;

/// A workflow of the server, and what it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    /// Its id.
    pub workflow_id: String,
    /// The message of `start-workflow`.
    pub message: Value,
}

impl Workflow {
    /// The workflow of this id, told this text.
    #[must_use]
    pub fn new(workflow_id: &str, message: &str) -> Self {
        Self {
            workflow_id: workflow_id.to_owned(),
            message: Value::from(message),
        }
    }
}

/// What plays the `long` part where nobody says otherwise: the workflow of the agno cookbook's
/// reconnect script, and what the script tells it.
pub const LONG_WORKFLOW: &str = "content-creation-workflow";
/// See [`LONG_WORKFLOW`].
pub const LONG_MESSAGE: &str = "Research and create content plan for AI agents";

/// A URL as reports show it: without user name, password, the values of its query, and its fragment.
#[must_use]
pub fn shown_url(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (base, query) = match url.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (url, None),
    };
    let base = match base.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}{path}")
        }
        None => base.to_owned(),
    };
    match query {
        None => base,
        Some(query) => {
            // What has no name may be a secret by itself.
            let shown = |pair: &str| match pair.split_once('=') {
                Some((name, _)) => format!("{name}=…"),
                None => "…".to_owned(),
            };
            let names: Vec<String> = query.split('&').map(shown).collect();
            format!("{base}?{}", names.join("&"))
        }
    }
}

/// What a parameter of a query is called that holds a secret, or ends in.
const SECRET: &[&str] = &[
    "token",
    "key",
    "secret",
    "password",
    "passwd",
    "auth",
    "authorization",
    "jwt",
    "signature",
    "sig",
    "code",
    "ticket",
    "credential",
    "credentials",
];

/// The secrets in the query of a URL: the values of parameters with such names (`token`, `api_key`), and
/// what has no name.
pub fn secrets_in(url: &str) -> impl Iterator<Item = SecretString> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| {
        let Some((name, value)) = pair.split_once('=') else {
            return Some(SecretString::from(pair));
        };
        let name = name.to_ascii_lowercase();
        let mut words = SECRET.iter();
        words
            .any(|word| name.ends_with(word))
            .then(|| SecretString::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_holds_no_secret() {
        assert_eq!(
            shown_url("wss://me:pw@host:1/a/b?token=t&x"),
            "wss://host:1/a/b?token=…&…"
        );
        assert_eq!(shown_url("ws://h"), "ws://h");
        assert_eq!(shown_url("nonsense"), "nonsense");
    }

    #[test]
    fn the_secrets_of_a_url_are_told_by_their_names() {
        use secrecy::ExposeSecret;
        let url = "ws://h/?workflow=w&access_token=one&API-KEY=two&three&mode=fast";
        let secrets: Vec<_> = secrets_in(url).collect();
        let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(secrets, ["one", "two", "three"]);
        assert_eq!(
            secrets_in("ws://h").count(),
            1,
            "an empty one, which is none"
        );
    }
}
