//! What a run should do: which scenarios, against which server, within which time limits.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::protocol::{Part, Side, Wire};

/// What a run should do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The scenarios.
    pub selection: Selection,
    /// Time limits, and how many scenarios run at once.
    pub timing: Timing,
    /// How many viewers and cuts.
    pub size: Size,
    /// How viewers speak with the server.
    pub wire: Wire,
    /// Whether some viewers speak over HTTP about workflows, beside those over the WebSocket.
    pub mixed: bool,
    /// Whether SHOULD is treated like MUST.
    pub strict: bool,
    /// Whether what is not applicable counts as inconclusive.
    pub require_all: bool,
    /// The version whose requirements are scored; all are where it is left out.
    pub as_of: Option<String>,
    /// Whether the first failed requirement ends the run.
    pub fail_fast: bool,
    /// Known failures, which do not end the run.
    pub known_failures: Vec<KnownFailure>,
    /// The client that is judged, where it is no server.
    pub client: Option<ClientPlan>,
}

impl Plan {
    /// Whom the run judges.
    #[must_use]
    pub fn side(&self) -> Side {
        match self.client {
            Some(_) => Side::Client,
            None => Side::Server,
        }
    }
}

/// A client that is judged, and how.
#[derive(Clone, Debug)]
pub struct ClientPlan {
    /// Its command, and the arguments; `{url}` in one of these becomes the server's address. Where the client is
    /// waited for instead, the command that makes it start a run, or nothing.
    pub program: Vec<String>,
    /// Where a client is waited for that nobody starts: the address of each scenario's server.
    pub listen: Option<SocketAddr>,
    /// The token that guarded servers ask it for; none where the client has none.
    pub token: Option<SecretString>,
    /// Within which time it must have noticed a dead line.
    pub notice: Duration,
    /// How long after it answered a ping it has surely handled what came before.
    pub settle: Duration,
    /// How long an outage lasts.
    pub outage: Duration,
}

impl ClientPlan {
    /// The command with this address in the place of `{url}`, or at its end where that is in no argument; nothing where
    /// there is no command.
    #[must_use]
    pub fn with_url(&self, url: &str) -> Vec<String> {
        let mut program: Vec<String> = self
            .program
            .iter()
            .map(|argument| argument.replace("{url}", url))
            .collect();
        if program == self.program && !program.is_empty() {
            program.push(url.to_owned());
        }
        program
    }

    /// The client as reports name it, without its token: its command, or `--listen 127.0.0.1:7777` and what follows.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.listen, self.program.is_empty()) {
            (None, _) => self.command_line(),
            (Some(address), true) => format!("--listen {address}"),
            (Some(address), false) => format!("--listen {address} -- {}", self.command_line()),
        }
    }

    /// The command as people write it, without its token.
    fn command_line(&self) -> String {
        let word = |word: &String| match word.contains(char::is_whitespace) || word.is_empty() {
            true => format!("'{word}'"),
            false => word.clone(),
        };
        let words: Vec<String> = self.program.iter().map(word).collect();
        let line = words.join(" ");
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        match token.filter(|token| !token.is_empty()) {
            Some(token) => line.replace(token, "[secret]"),
            None => line,
        }
    }
}

/// A requirement that is known to fail.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownFailure {
    /// The requirement's id.
    pub requirement: String,
    /// The id of the scenario in which it fails; `None` for any.
    pub scenario: Option<String>,
}

impl KnownFailure {
    /// Whether it covers a failure of this requirement in this scenario.
    #[must_use]
    pub fn covers(&self, requirement: &str, scenario: &str) -> bool {
        self.requirement == requirement && self.scenario.as_deref().is_none_or(|it| it == scenario)
    }
}

/// Which scenarios to run. An empty field selects everything but whole tables.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Whether whole tables of cases are run, too: the scenarios with the tag `@thorough`.
    pub thorough: bool,
    /// A Gherkin tag expression: `@CATCHUP-2 or @should`.
    pub tags: Option<String>,
    /// A pattern for the names of scenarios.
    pub name: Option<Regex>,
    /// Prefixes of requirement ids.
    pub require: Vec<String>,
    /// Ids, families of ids, and parts of scenarios' names: any of them selects.
    pub what: Vec<String>,
    /// A folder of feature files to use besides the embedded ones.
    pub features: Option<PathBuf>,
    /// Whether the embedded ones are left out.
    pub only_own: bool,
    /// Only what failed or was inconclusive in a previous run.
    pub rerun: Option<Rerun>,
    /// Only the selected scenarios of one of several shards.
    pub shard: Option<Shard>,
    /// Whom the scenarios judge.
    pub side: Side,
}

/// What to run again after a previous run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rerun {
    /// Its report, as named on the command line.
    pub file: String,
    /// The ids of the scenarios that failed or were inconclusive.
    pub scenarios: BTreeSet<String>,
    /// The ids of all its scenarios.
    pub seen: BTreeSet<String>,
    /// The ids of requirements with scenarios that it lacks: those of a missing shard.
    pub missing: BTreeSet<String>,
}

impl Rerun {
    /// Whether this scenario should run again.
    #[must_use]
    pub fn takes(&self, scenario: &str, requirements: &[String]) -> bool {
        let is_missing = || requirements.iter().any(|id| self.missing.contains(id));
        self.scenarios.contains(scenario) || (!self.seen.contains(scenario) && is_missing())
    }
}

/// One of several runs that together run the selected scenarios.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard {
    /// Its number, counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// How long scenarios took, in milliseconds by id; `None` for the recorded durations that come with the
    /// suite.
    pub durations: Option<BTreeMap<String, u64>>,
}

/// Time limits, and how many scenarios run at once.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a viewer stays away from a server without breakpoints.
    pub away: Duration,
    /// How long nothing may arrive before the suite concludes that nothing more will.
    pub quiet: Duration,
    /// How long a waiting viewer goes without a message before it times out.
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

/// How many viewers and cuts.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many viewers connect and disconnect at the same time.
    pub viewers: usize,
    /// After how many different events connections are cut on a server without breakpoints.
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

/// How to connect to a server.
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

/// What a server can do besides taking connections. Requirements that need more are *not applicable*.
#[derive(Clone, Debug, Default)]
pub struct Abilities {
    /// Its HTTP address: `http://localhost:7777`.
    pub http_url: Option<String>,
    /// How many events of a run it keeps.
    pub retention: Option<u64>,
    /// For how long at least the part `quiet` says nothing between two events; [`QUIET`] where it does not
    /// say.
    pub quiet: Option<Duration>,
    /// After how long at the latest its streams over HTTP say something, if only a comment; 30 s where it does not
    /// say.
    pub longest_silence: Option<Duration>,
    /// How long after its end it drops a finished run from its memory.
    pub forgets_after: Option<Duration>,
    /// A command that restarts it, and returns when it is ready.
    pub restart: Option<String>,
    /// A command that kills its other replica, as a crash does.
    pub kill_replica: Option<String>,
    /// Why runs cannot be followed over HTTP, if it says so itself.
    pub not_over_http: Option<String>,
    /// By part: why it has no workflow for it, if it says so itself.
    pub lacks: BTreeMap<Part, String>,
}

/// For how long at least the part `quiet` says nothing between two of its events.
pub const QUIET: Duration = Duration::from_secs(30);

/// The workflow for each part.
pub type Casting = BTreeMap<Part, Workflow>;

/// A workflow of the server, and the message that it is started with.
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    /// Its id.
    pub workflow_id: String,
    /// The message of `start-workflow`.
    pub message: Value,
}

impl Workflow {
    /// The workflow of this id, started with this text.
    #[must_use]
    pub fn new(workflow_id: &str, message: &str) -> Self {
        Self {
            workflow_id: workflow_id.to_owned(),
            message: Value::from(message),
        }
    }
}

/// The default workflow for the part `long`, from the reconnect script of the agno cookbook.
pub const LONG_WORKFLOW: &str = "content-creation-workflow";
/// The message that the script starts [`LONG_WORKFLOW`] with.
pub const LONG_MESSAGE: &str = "Research and create content plan for AI agents";

/// A URL as reports show it: without user name, password, query values, and fragment.
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
            // A value without a name may be a secret.
            let shown = |pair: &str| match pair.split_once('=') {
                Some((name, _)) => format!("{name}=…"),
                None => "…".to_owned(),
            };
            let names: Vec<String> = query.split('&').map(shown).collect();
            format!("{base}?{}", names.join("&"))
        }
    }
}

/// The HTTP address of the server with this WebSocket, if it is at the same host and port.
#[must_use]
pub fn http_url_of(url: &str) -> Option<String> {
    let rest = url.strip_prefix("ws")?;
    let (secure, rest) = match rest.strip_prefix('s') {
        Some(rest) => ("s", rest),
        None => ("", rest),
    };
    let rest = rest.strip_prefix("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    (!authority.is_empty() && !authority.contains('@'))
        .then(|| format!("http{secure}://{authority}"))
}

/// The names of query parameters that hold secrets; other names may end in one of these.
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
/// values without a name.
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
    fn a_client_gets_the_address_and_is_shown_without_its_token() {
        let mut plan = ClientPlan {
            program: ["viewer", "--to={url}", "a b", "--token", "t0ken"]
                .map(str::to_owned)
                .to_vec(),
            listen: None,
            token: Some(SecretString::from("t0ken")),
            notice: Duration::ZERO,
            settle: Duration::ZERO,
            outage: Duration::ZERO,
        };
        assert_eq!(plan.with_url("ws://h")[1], "--to=ws://h");
        assert_eq!(plan.name(), "viewer --to={url} 'a b' --token [secret]");
        plan.program = vec!["viewer".to_owned()];
        assert_eq!(plan.with_url("ws://h"), ["viewer", "ws://h"]);
        plan.listen = Some(([127, 0, 0, 1], 7777).into());
        assert_eq!(plan.name(), "--listen 127.0.0.1:7777 -- viewer");
        plan.program.clear();
        assert_eq!(plan.name(), "--listen 127.0.0.1:7777");
        assert!(plan.with_url("ws://h").is_empty());
    }

    #[test]
    fn a_shown_url_has_no_secret() {
        assert_eq!(
            shown_url("wss://me:pw@host:1/a/b?token=t&x"),
            "wss://host:1/a/b?token=…&…"
        );
        assert_eq!(shown_url("ws://h"), "ws://h");
        assert_eq!(shown_url("nonsense"), "nonsense");
    }

    #[test]
    fn the_secrets_of_a_url_are_known_by_their_names() {
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
