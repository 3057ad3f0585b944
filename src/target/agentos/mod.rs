//! A released AgentOS that the suite installs from PyPI, starts, and stops.
//!
//! - [`pins`]: what must be installed beside which release
//! - [`guard`]: what it asks of its viewers
//! - [`install`]: a virtual environment for a release, reused when release and pins match
//! - [`launch`]: the server process, its readiness and its log
//!
//! The served app is `app.py`: real `agno` code, a model that needs no key, and workflows that play
//! the parts.

pub mod about;
pub mod guard;
pub mod install;
pub mod launch;
pub mod pins;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::Mutex;

use super::operator::{Forget, Restart};
use super::{Description, Door, Doors, Error, Kind, Target, Users, Which};
use crate::plan::{Abilities, Casting, Endpoint};
use about::About;
use guard::Guard;
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
    http_url: Option<String>,
    about: About,
    process: Option<Served>,
    /// Which further servers are started beside it.
    wanted: Vec<Which>,
    doors: Doors,
    further: Vec<Process>,
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
            wanted: Which::ALL.to_vec(),
            doors: Doors::default(),
            further: Vec::new(),
        }
    }

    /// Starts a server with this guard, where it is wanted.
    async fn launch(
        &self,
        python: &Path,
        port: u16,
        guard: Option<&Guard>,
    ) -> Result<Option<Process>, Error> {
        let Some(guard) = guard else { return Ok(None) };
        let process = Process::start(
            &self.home,
            &self.release,
            python,
            (port, guard),
            self.ready_within,
            &self.say,
        );
        process.await.map(Some)
    }

    fn wants(&self, which: Which) -> bool {
        self.wanted.contains(&which)
    }
}

/// The door to this server, with this token.
fn door(process: &Process, token: SecretString) -> Door {
    Door {
        endpoint: Endpoint {
            url: process.url(),
            token: Some(token),
            ..Endpoint::default()
        },
        http_url: Some(process.http_url()),
        stage: None,
    }
}

/// The door to a server that knows two users.
fn users(process: &Process, release: &str, secret: &SecretString, about: &About) -> Users {
    let now = jiff::Timestamp::now().as_second();
    Users {
        door: door(process, guard::token(secret, "one-user", now)),
        other: guard::token(secret, "another-user", now),
        mixed: (!about.keeps_users_apart)
            .then(|| format!("agno {release} cannot keep users apart: it has no `user_isolation`")),
    }
}

#[async_trait]
impl Target for AgentosTarget {
    async fn start(&mut self) -> Result<(), Error> {
        let pins = pins::Pins::embedded()?;
        let python = install::environment(&self.home, &self.release, &pins, &self.say).await?;
        let key = self.wants(Which::Guarded).then(Guard::key).transpose()?;
        let secret = self.wants(Which::Users).then(Guard::users).transpose()?;
        // All at once: each takes some seconds, and most of them it waits.
        let [one, two, three] = launch::free_ports()?;
        let (process, guarded, knowing) = tokio::try_join!(
            self.launch(&python, one, Some(&Guard::Open)),
            self.launch(&python, two, key.as_ref()),
            self.launch(&python, three, secret.as_ref()),
        )?;
        if let Some(process) = process {
            self.about = About::read(&process.about())?;
            self.casting = self.about.cast(&super::bundled::casting());
            self.endpoint.url = process.url();
            self.http_url = Some(process.http_url());
            self.process = Some(Served(Arc::new(Mutex::new(Some(process)))));
        }
        if let (Some(Guard::Key(key)), Some(process)) = (key, guarded) {
            self.doors.guarded = Some(door(&process, key));
            self.further.push(process);
        }
        if let (Some(Guard::Users(secret)), Some(process)) = (secret, knowing) {
            self.doors.users = Some(users(&process, &self.release, &secret, &self.about));
            self.further.push(process);
        }
        Ok(())
    }

    async fn stop(&mut self) {
        let mut all: Vec<Process> = self.further.drain(..).collect();
        if let Some(served) = self.process.take() {
            all.extend(served.0.lock().await.take());
        }
        futures::future::join_all(all.into_iter().map(Process::stop)).await;
    }

    fn will_use(&mut self, doors: &[Which]) {
        self.wanted = doors.to_vec();
    }

    fn doors(&self) -> Doors {
        self.doors.clone()
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
