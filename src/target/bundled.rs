//! The bundled reference server as a target: on a free port of this machine, in this process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::{Breakpoints, Description, Error, Kind, Target, Variant, VariantServer, Variants};
use crate::plan::{Abilities, Casting, Endpoint, LONG_MESSAGE, LONG_WORKFLOW, Workflow};
use crate::protocol::{Component, Part};
use crate::reference::model::script::{KEPT, RESTS, Script};
use crate::reference::{Config, Fault, Server};
use crate::target::admin::{Forget, Issue, KillReplica, Restart};

/// The token that its guarded variant asks for.
pub const TOKEN: &str = "token-of-the-guarded-server-5d1c";
/// The tokens of the two users of its variant with users, and their names. They have the form of a JWT, so
/// that wrong ones can be made of them; the bundled server compares them as they are.
pub const USERS: [(&str, &str); 2] = [
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ0aGUgZmlyc3QgdXNlciIsImF1ZCI6InRoZSBidW5kbGVkIHNlcnZlciIsImV4cCI6NDEwMjQ0NDgwMH0.Tfo3LsZZ5YXA5Qwrj63ZwvgYyL0opcnAECY6QKFxONM",
        "the first user",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ0aGUgc2Vjb25kIHVzZXIiLCJhdWQiOiJ0aGUgYnVuZGxlZCBzZXJ2ZXIiLCJleHAiOjQxMDI0NDQ4MDB9.ojWTCSdw_EMLYF6NdJyG8iEpzsD5qhvo9L1f0UlQFrw",
        "the second user",
    ),
];

/// The tokens of its variant with permissions: for everything, and for what has the part `short` alone.
const PERMISSIONS: [&str; 2] = [
    "token-for-every-workflow-1b92",
    "token-for-the-short-workflow-6ef0",
];

/// How often its streams over HTTP say something while nothing happens, and what it declares: late is not too late.
const COMMENTS: Duration = Duration::from_millis(250);
const LONGEST_SILENCE: Duration = Duration::from_secs(3);

/// How long after it was first shown a token of its variant with expiring tokens is valid.
const VALID_FOR: Duration = Duration::from_millis(50);

/// The bundled reference server, with the faults that were chosen.
pub struct BundledTarget {
    pace: Option<Duration>,
    faults: Vec<Fault>,
    endpoint: Endpoint,
    casting: Casting,
    server: Option<Running>,
    /// The servers of its variants, but for the replica: that is the server itself.
    further: Vec<Arc<Server>>,
    variants: Variants,
    /// Which variants are started.
    wanted: Vec<Variant>,
}

/// The server while it runs.
#[derive(Clone)]
struct Running(Arc<Server>);

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Running({})", self.0.addr())
    }
}

#[async_trait]
impl Restart for Running {
    async fn restart(&self) -> Result<(), String> {
        let restarted = self.0.restart().await;
        restarted.map_err(|error| format!("the bundled server could not be restarted: {error}"))
    }
}

#[async_trait]
impl KillReplica for Running {
    async fn kill_replica(&self) -> Result<(), String> {
        match self.0.kill_replica() {
            true => Ok(()),
            false => Err("the bundled server has no other replica".to_owned()),
        }
    }
}

#[async_trait]
impl Issue for Running {
    async fn issue(&self) -> Result<(SecretString, Duration), String> {
        let token = self.0.issue(VALID_FOR);
        Ok((SecretString::from(token), VALID_FOR))
    }
}

#[async_trait]
impl Forget for Running {
    async fn forget(&self, run_id: &str) -> Result<(), String> {
        if self.0.forget(run_id) {
            Ok(())
        } else {
            Err(format!("the bundled server has no finished run {run_id:?}"))
        }
    }
}

impl BundledTarget {
    /// The server with these faults; without any it conforms.
    #[must_use]
    pub fn new(faults: Vec<Fault>) -> Self {
        Self {
            pace: None,
            faults,
            endpoint: Endpoint::default(),
            casting: {
                let mut casting = casting();
                let echoing = Workflow::new(LONG_WORKFLOW, LONG_MESSAGE);
                casting.insert(Part::Echoing, echoing);
                casting
            },
            server: None,
            further: Vec::new(),
            variants: Variants::new(),
            wanted: Variant::ALL.to_vec(),
        }
    }

    /// Sets the time between two events of a run.
    #[must_use]
    pub fn pace(mut self, pace: Duration) -> Self {
        self.pace = Some(pace);
        self
    }

    /// Starts a server on a free port, with this configuration and the target's faults and pace.
    async fn serve(&self, own: Config) -> Result<Server, Error> {
        let listener = listener().await.map_err(not_ready)?;
        let mut config = Config {
            faults: self.faults.clone(),
            comments: Some(COMMENTS),
            ..own
        };
        if let Some(pace) = self.pace {
            config.pace = pace;
        }
        Server::start(config, listener).map_err(not_ready)
    }

    /// Starts a server of its own for a variant.
    async fn serve_variant(&mut self, config: Config, token: &str) -> Result<VariantServer, Error> {
        let server = Arc::new(self.serve(config).await?);
        let mut variant = variant(&server, Some(token));
        variant.issuer = Some(Arc::new(Running(Arc::clone(&server))));
        self.further.push(server);
        Ok(variant)
    }
}

async fn listener() -> std::io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await
}

fn not_ready(error: std::io::Error) -> Error {
    Error::NotReady(format!(
        "start the bundled server on a free port of 127.0.0.1: {error}"
    ))
}

/// How a variant that this server provides is reached, with this token.
fn variant(server: &Server, token: Option<&str>) -> VariantServer {
    VariantServer {
        endpoint: Endpoint {
            url: server.url(),
            token: token.map(SecretString::from),
            ..Endpoint::default()
        },
        http_url: Some(server.http_url()),
        breakpoints: Some(server.breakpoints()),
        other: None,
        issuer: None,
    }
}

/// The workflow of the bundled server for each part.
#[must_use]
pub fn casting() -> Casting {
    [
        (Part::Long, Workflow::new(LONG_WORKFLOW, LONG_MESSAGE)),
        (Part::Short, Workflow::new("short-workflow", "")),
        (Part::Failing, Workflow::new("failing-workflow", "")),
        (Part::Pausing, Workflow::new("pausing-workflow", "")),
        (Part::Endless, Workflow::new("endless-workflow", "")),
        (Part::Talkative, Workflow::new("talkative-workflow", "")),
        (Part::Quiet, Workflow::new("quiet-workflow", "")),
        (Part::Nested, Workflow::new("nested-workflow", "")),
    ]
    .into()
}

#[async_trait]
impl Target for BundledTarget {
    async fn start(&mut self) -> Result<(), Error> {
        let server = self.serve(Config::default()).await?;
        self.endpoint.url = server.url();
        let wants = |variant| self.wanted.contains(&variant);
        let wants_users = wants(Variant::Users) || wants(Variant::IsolatedUsers);
        let wants_guarded = wants(Variant::Guarded) || wants(Variant::Expiring);
        let wants_permissions = wants(Variant::Permissions);
        if wants(Variant::Replica) {
            let replica = listener().await.map_err(not_ready)?;
            let url = server.open_replica(replica).map_err(not_ready)?;
            let mut one = variant(&server, None);
            one.other = Some(Endpoint {
                url,
                ..Endpoint::default()
            });
            self.variants.insert(Variant::Replica, Ok(one));
        }
        self.server = Some(Running(Arc::new(server)));
        if wants_guarded {
            let config = Config {
                token: Some(TOKEN.to_owned()),
                ..Config::default()
            };
            let guarded = self.serve_variant(config, TOKEN).await?;
            self.variants.insert(Variant::Guarded, Ok(guarded.clone()));
            self.variants.insert(Variant::Expiring, Ok(guarded));
        }
        if wants_permissions {
            let [all, single] = PERMISSIONS;
            let every: Vec<String> = Script::all().into_iter().map(|it| it.id).collect();
            let short = every.iter().filter(|id| id.starts_with("short-"));
            let short = short.cloned().collect();
            let config = Config {
                permissions: [(all.to_owned(), every), (single.to_owned(), short)].into(),
                ..Config::default()
            };
            let mut permissions = self.serve_variant(config, all).await?;
            permissions.other = Some(Endpoint {
                token: Some(SecretString::from(single)),
                ..permissions.endpoint.clone()
            });
            self.variants.insert(Variant::Permissions, Ok(permissions));
        }
        if wants_users {
            let users = USERS.map(|(token, name)| (token.to_owned(), name.to_owned()));
            let config = Config {
                users: users.into(),
                ..Config::default()
            };
            let [(first, _), (second, _)] = USERS;
            let mut users = self.serve_variant(config, first).await?;
            users.other = Some(Endpoint {
                token: Some(SecretString::from(second)),
                ..users.endpoint.clone()
            });
            self.variants.insert(Variant::Users, Ok(users.clone()));
            self.variants.insert(Variant::IsolatedUsers, Ok(users));
        }
        Ok(())
    }

    async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.0.stop().await;
        }
        for server in self.further.drain(..) {
            server.stop().await;
        }
    }

    fn will_use(&mut self, variants: &[Variant]) {
        self.wanted = variants.to_vec();
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn casting(&self) -> &Casting {
        &self.casting
    }

    fn casting_of(&self, component: Component) -> Casting {
        if component == Component::Workflow {
            return self.casting.clone();
        }
        let parts = [Part::Long, Part::Short, Part::Failing, Part::Pausing];
        let of = |part: Part| Workflow::new(&format!("{part}-{}", component.word()), "");
        parts.map(|part| (part, of(part))).into()
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            http_url: self.server.as_ref().map(|server| server.0.http_url()),
            retention: Some(KEPT as u64),
            // Events that come late shorten what a viewer sees of it.
            quiet: Some(RESTS / 2),
            longest_silence: Some(LONGEST_SILENCE),
            ..Abilities::default()
        }
    }

    fn variants(&self) -> Variants {
        self.variants.clone()
    }

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Reference,
            server: "reference".to_owned(),
            faults: self
                .faults
                .iter()
                .map(|fault| fault.name().to_owned())
                .collect(),
        }
    }

    fn breakpoints(&self) -> Option<Breakpoints> {
        self.server.as_ref().map(|server| server.0.breakpoints())
    }

    fn spare(&self) -> Option<Box<dyn Target>> {
        let mut spare = Self::new(self.faults.clone());
        spare.pace = self.pace;
        spare.casting.clone_from(&self.casting);
        Some(Box::new(spare))
    }

    fn restart(&self) -> Option<Arc<dyn Restart>> {
        let server = self.server.clone()?;
        Some(Arc::new(server))
    }

    fn kill_replica(&self) -> Option<Arc<dyn KillReplica>> {
        let server = self.server.clone()?;
        Some(Arc::new(server))
    }

    fn forget(&self) -> Option<Arc<dyn Forget>> {
        let server = self.server.clone()?;
        Some(Arc::new(server))
    }
}
