//! The bundled reference server as a target: on a free port of this machine, in this process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::{Breakpoints, Description, Door, Doors, Error, Kind, Replicas, Target, Users, Which};
use crate::plan::{Abilities, Casting, Endpoint, LONG_MESSAGE, LONG_WORKFLOW, Workflow};
use crate::protocol::Part;
use crate::reference::model::script::KEPT;
use crate::reference::{Config, Fault, Server};
use crate::target::admin::{Forget, Restart};

/// The token that its guarded door asks for.
pub const TOKEN: &str = "token-of-the-guarded-door-5d1c";
/// The tokens of the two users that its other door keeps apart, and their names.
pub const USERS: [(&str, &str); 2] = [
    ("token-of-the-first-user-8e07", "the first user"),
    ("token-of-the-second-user-c94a", "the second user"),
];

/// The bundled reference server, with the faults that it is asked for.
pub struct BundledTarget {
    pace: Option<Duration>,
    faults: Vec<Fault>,
    endpoint: Endpoint,
    casting: Casting,
    server: Option<Running>,
    guarded: Option<Server>,
    users: Option<Server>,
    /// The URL of the server's other replica.
    replica: Option<String>,
    /// Which further doors are opened.
    wanted: Vec<Which>,
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
        restarted.map_err(|error| format!("the bundled server is not back: {error}"))
    }
}

#[async_trait]
impl Forget for Running {
    async fn forget(&self, run_id: &str) -> Result<(), String> {
        if self.0.forget(run_id) {
            Ok(())
        } else {
            Err("the bundled server has no finished run of that id".to_owned())
        }
    }
}

impl BundledTarget {
    /// The server with these faults; none for a server that conforms.
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
            guarded: None,
            users: None,
            replica: None,
            wanted: Which::ALL.to_vec(),
        }
    }

    /// With this time between two events of a run.
    #[must_use]
    pub fn pace(mut self, pace: Duration) -> Self {
        self.pace = Some(pace);
        self
    }

    /// A server on a free port, with what its configuration has of its own.
    async fn serve(&self, own: Config) -> Result<Server, Error> {
        let listener = listener().await.map_err(not_ready)?;
        let mut config = Config {
            faults: self.faults.clone(),
            ..own
        };
        if let Some(pace) = self.pace {
            config.pace = pace;
        }
        Server::start(config, listener).map_err(not_ready)
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

/// The door to this server, with this token.
fn door(server: &Server, token: Option<&str>) -> Door {
    Door {
        endpoint: Endpoint {
            url: server.url(),
            token: token.map(SecretString::from),
            ..Endpoint::default()
        },
        http_url: Some(server.http_url()),
        breakpoints: Some(server.breakpoints()),
    }
}

/// Which workflow of the bundled server plays which part.
#[must_use]
pub fn casting() -> Casting {
    [
        (Part::Long, Workflow::new(LONG_WORKFLOW, LONG_MESSAGE)),
        (Part::Short, Workflow::new("short-workflow", "")),
        (Part::Failing, Workflow::new("failing-workflow", "")),
        (Part::Pausing, Workflow::new("pausing-workflow", "")),
        (Part::Endless, Workflow::new("endless-workflow", "")),
        (Part::Talkative, Workflow::new("talkative-workflow", "")),
    ]
    .into()
}

#[async_trait]
impl Target for BundledTarget {
    async fn start(&mut self) -> Result<(), Error> {
        let server = self.serve(Config::default()).await?;
        self.endpoint.url = server.url();
        if self.wanted.contains(&Which::Replicas) {
            let replica = listener().await.map_err(not_ready)?;
            self.replica = Some(server.open_replica(replica).map_err(not_ready)?);
        }
        self.server = Some(Running(Arc::new(server)));
        if self.wanted.contains(&Which::Guarded) {
            let guarded = Config {
                token: Some(TOKEN.to_owned()),
                ..Config::default()
            };
            self.guarded = Some(self.serve(guarded).await?);
        }
        if self.wanted.contains(&Which::Users) {
            let users = USERS.map(|(token, name)| (token.to_owned(), name.to_owned()));
            let users = Config {
                users: users.into(),
                ..Config::default()
            };
            self.users = Some(self.serve(users).await?);
        }
        Ok(())
    }

    async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.0.stop().await;
        }
        let further = [&mut self.guarded, &mut self.users];
        for server in further.into_iter().filter_map(Option::take) {
            server.stop().await;
        }
    }

    fn will_use(&mut self, doors: &[Which]) {
        self.wanted = doors.to_vec();
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn casting(&self) -> &Casting {
        &self.casting
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            http_url: self.server.as_ref().map(|server| server.0.http_url()),
            retention: Some(KEPT as u64),
            ..Abilities::default()
        }
    }

    fn doors(&self) -> Doors {
        let [(first, _), (second, _)] = USERS;
        Doors {
            guarded: self.guarded.as_ref().map(|it| door(it, Some(TOKEN))),
            users: self.users.as_ref().map(|server| Users {
                door: door(server, Some(first)),
                other: SecretString::from(second),
                mixed: None,
            }),
            replicas: self.server.as_ref().and_then(|server| {
                Some(Replicas {
                    door: door(&server.0, None),
                    other: self.replica.clone()?,
                })
            }),
            alone: None,
        }
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
        Some(Box::new(spare))
    }

    fn restart(&self) -> Option<Arc<dyn Restart>> {
        let server = self.server.clone()?;
        Some(Arc::new(server))
    }

    fn forget(&self) -> Option<Arc<dyn Forget>> {
        let server = self.server.clone()?;
        Some(Arc::new(server))
    }
}
