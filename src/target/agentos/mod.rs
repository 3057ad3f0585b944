//! A released AgentOS that the suite installs from PyPI, starts, and stops.
//!
//! - [`pins`]: what must be installed beside which release
//! - [`install`]: a virtual environment for a release, reused when release and pins match
//! - [`launch`]: the server process, its readiness and its log
//!
//! The served app is `app.py`: real `agno` code, a model that needs no key, and workflows that play
//! the parts.

pub mod about;
pub mod install;
pub mod launch;
pub mod pins;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::operator::{Forget, Restart};
use super::{Description, Error, Kind, Target};
use crate::plan::{Abilities, Casting, Endpoint};
use about::About;
use launch::Process;

/// The app that is served, as it stands beside this module.
const APP: &str = include_str!("app.py");

/// A released AgentOS on a free port of this machine.
pub struct AgentosTarget {
    release: String,
    home: PathBuf,
    ready_within: Duration,
    say: Box<dyn Fn(&str) + Send + Sync>,
    endpoint: Endpoint,
    casting: Casting,
    about: About,
    http_url: Option<String>,
    process: Option<Served>,
}

/// The process while it runs.
#[derive(Clone, Debug)]
struct Served(Arc<Mutex<Option<Process>>>);

/// What is said of a process that is no more.
const STOPPED: &str = "the server was stopped";

#[async_trait]
impl Restart for Served {
    async fn restart(&self) -> Result<(), String> {
        match self.0.lock().await.as_mut() {
            Some(process) => process.restart().await.map_err(|error| error.to_string()),
            None => Err(STOPPED.to_owned()),
        }
    }
}

#[async_trait]
impl Forget for Served {
    async fn forget(&self, run_id: &str) -> Result<(), String> {
        match self.0.lock().await.as_mut() {
            Some(process) => process.forget(run_id).await,
            None => Err(STOPPED.to_owned()),
        }
    }
}

impl AgentosTarget {
    /// The release of this number.
    ///
    /// Virtual environments, databases and logs are kept below `home`. The server must be ready
    /// `ready_within` this time. `say` is told of progress, a line at a time.
    #[must_use]
    pub fn new(
        release: &str,
        home: PathBuf,
        ready_within: Duration,
        say: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self {
            release: release.to_owned(),
            home,
            ready_within,
            say: Box::new(say),
            endpoint: Endpoint::default(),
            casting: Casting::new(),
            about: About::default(),
            http_url: None,
            process: None,
        }
    }
}

#[async_trait]
impl Target for AgentosTarget {
    async fn start(&mut self) -> Result<(), Error> {
        let pins = pins::Pins::embedded()?;
        let python = install::environment(&self.home, &self.release, &pins, &self.say).await?;
        let process = Process::start(
            &self.home,
            &self.release,
            &python,
            self.ready_within,
            &self.say,
        )
        .await?;
        self.about = About::read(&process.about())?;
        self.casting = self.about.cast(&super::bundled::casting());
        self.endpoint.url = process.url();
        self.http_url = Some(process.http_url());
        self.process = Some(Served(Arc::new(Mutex::new(Some(process)))));
        Ok(())
    }

    async fn stop(&mut self) {
        if let Some(served) = self.process.take()
            && let Some(process) = served.0.lock().await.take()
        {
            process.stop().await;
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
            http_url: self.http_url.clone(),
            retention: Some(launch::KEEPS),
            lacks: self.about.lacks(&self.release),
            ..Abilities::default()
        }
    }

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Agentos,
            server: format!("agno {}", self.release),
            faults: Vec::new(),
        }
    }

    fn restart(&self) -> Option<Arc<dyn Restart>> {
        let served = self.process.clone()?;
        Some(Arc::new(served))
    }

    fn forget(&self) -> Option<Arc<dyn Forget>> {
        let served = self.process.clone()?;
        Some(Arc::new(served))
    }
}
