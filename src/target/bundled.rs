//! The bundled reference server as a target: on a free port of this machine, in this process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::TcpListener;

use super::operator::{Forget, Restart};
use super::{Description, Error, Kind, Stage, Target};
use crate::plan::{Abilities, Casting, Endpoint, LONG_MESSAGE, LONG_WORKFLOW, Workflow};
use crate::protocol::Part;
use crate::reference::script::KEPT;
use crate::reference::{Config, Fault, Server};

/// The bundled reference server, with the faults that it is asked for.
pub struct BundledTarget {
    pace: Option<Duration>,
    faults: Vec<Fault>,
    endpoint: Endpoint,
    casting: Casting,
    server: Option<Running>,
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
        }
    }

    /// With this time between two events of a run.
    #[must_use]
    pub fn pace(mut self, pace: Duration) -> Self {
        self.pace = Some(pace);
        self
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
    ]
    .into()
}

#[async_trait]
impl Target for BundledTarget {
    async fn start(&mut self) -> Result<(), Error> {
        let not_ready = |error: std::io::Error| {
            Error::NotReady(format!(
                "start the bundled server on a free port of 127.0.0.1: {error}"
            ))
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(not_ready)?;
        let mut config = Config {
            faults: self.faults.clone(),
            ..Config::default()
        };
        if let Some(pace) = self.pace {
            config.pace = pace;
        }
        let server = Server::start(config, listener).map_err(not_ready)?;
        self.endpoint.url = server.url();
        self.server = Some(Running(Arc::new(server)));
        Ok(())
    }

    async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.0.stop().await;
        }
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

    fn stage(&self) -> Option<Stage> {
        self.server.as_ref().map(|server| server.0.stage())
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
