//! A released AgentOS: installed from PyPI, started and stopped by the suite.
//!
//! - [`pins`]: the extra packages that each release needs
//! - [`guard`]: how its viewers authenticate
//! - [`locks`]: every package that is installed for a tested release, by version and hash
//! - [`process_group`]: a process and all its children, ended together
//! - [`install`]: the virtual environment of a release, reused while it is up to date
//! - [`releases`]: the order of releases, and those in the package index
//! - [`known`]: their known failures, confirmed by hand
//! - [`launch`]: the server process, its readiness and its log
//! - [`about`]: what the served app says about itself
//! - [`replicas`]: what two replicas share, and whether this machine can run them
//!
//! The served app is `app.py`: real `agno` code, a model that needs no API key, and a workflow for each
//! part.

pub mod about;
pub mod guard;
pub mod install;
pub mod known;
pub mod launch;
pub mod locks;
pub mod pins;
pub mod ports;
pub mod process_group;
pub mod releases;
pub mod replicas;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::Mutex;

use super::{Description, Error, Kind, Target, Variant, VariantServer, Variants};
use crate::plan::{Abilities, Casting, Endpoint, Workflow};
use crate::protocol::{Component, Part};
use crate::target::admin::{Forget, Restart};
use about::About;
use guard::Guard;
use launch::{Process, Role};
use replicas::Shares;

/// A released AgentOS on a free port of this machine.
pub struct AgentosTarget {
    release: String,
    home: PathBuf,
    ready_within: Duration,
    progress: Box<dyn Fn(&str) + Send + Sync>,
    endpoint: Endpoint,
    casting: Casting,
    http_url: Option<String>,
    about: About,
    process: Option<Served>,
    /// Which variants are started.
    wanted: Vec<Variant>,
    variants: Variants,
    /// The servers of its variants, but for the replicas.
    further: Vec<Process>,
    /// Two replicas; the second has the database and the Redis of both.
    pair: Vec<Process>,
}

/// The process while it runs.
#[derive(Clone, Debug)]
struct Served(Arc<Mutex<Option<Process>>>);

/// The error about a process that has ended.
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
    /// Virtual environments, databases and logs are kept below `home`. The server must be ready within
    /// `ready_within`. `progress` gets lines about the installation and the start.
    #[must_use]
    pub fn new(
        release: &str,
        home: PathBuf,
        ready_within: Duration,
        progress: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self {
            release: release.to_owned(),
            home,
            ready_within,
            progress: Box::new(progress),
            endpoint: Endpoint::default(),
            casting: Casting::new(),
            about: About::default(),
            http_url: None,
            process: None,
            wanted: Variant::ALL.to_vec(),
            variants: Variants::new(),
            further: Vec::new(),
            pair: Vec::new(),
        }
    }

    /// Starts a server in this role, if there is one.
    async fn launch(&self, python: &Path, role: Option<Role>) -> Result<Option<Process>, Error> {
        let Some(role) = role else { return Ok(None) };
        let process = Process::start(
            &self.home,
            &self.release,
            python,
            role,
            self.ready_within,
            &self.progress,
        );
        process.await.map(Some)
    }

    /// The roles of two replicas on the first two ports, with their Redis on the third; or why there are
    /// none.
    async fn replicas(
        &self,
        python: &Path,
        [one, other, redis]: [u16; 3],
    ) -> Result<Result<[Role; 2], String>, Error> {
        if let Some(reason) = replicas::unavailable(python, &self.release).await? {
            return Ok(Err(reason));
        }
        let db = launch::db(&launch::folder(&self.home, &self.release, one));
        let role = |port: u16| Role {
            port,
            guard: Guard::Open,
            shares: Some(Shares {
                redis,
                starts_redis: port == one,
                db: db.clone(),
            }),
        };
        Ok(Ok([role(one), role(other)]))
    }

    fn wants(&self, variant: Variant) -> bool {
        self.wanted.contains(&variant)
    }

    /// The variants with users on this server; with a reason where it cannot isolate them.
    fn add_users(&mut self, process: &Process, secret: &SecretString) {
        let now = jiff::Timestamp::now().as_second();
        let mut users = variant(process, Some(guard::token(secret, "one-user", now)));
        users.other = Some(Endpoint {
            token: Some(guard::token(secret, "another-user", now)),
            ..users.endpoint.clone()
        });
        let isolated = if self.about.keeps_users_apart {
            Ok(users.clone())
        } else {
            Err(format!(
                "agno {} cannot keep users apart: it has no `user_isolation`",
                self.release
            ))
        };
        let mut permissions = users.clone();
        permissions.other = Some(Endpoint {
            token: Some(guard::token_for_short(secret, "one-user", now)),
            ..users.endpoint.clone()
        });
        let mut expiring = users.clone();
        expiring.issuer = Some(Arc::new(guard::Issuer::new(secret.clone(), "one-user")));
        self.variants.insert(Variant::Permissions, Ok(permissions));
        self.variants.insert(Variant::Expiring, Ok(expiring));
        self.variants.insert(Variant::Users, Ok(users));
        self.variants.insert(Variant::IsolatedUsers, isolated);
    }
}

/// How a variant that this server provides is reached, with this token.
fn variant(process: &Process, token: Option<SecretString>) -> VariantServer {
    VariantServer {
        endpoint: Endpoint {
            url: process.url(),
            token,
            ..Endpoint::default()
        },
        http_url: Some(process.http_url()),
        ..VariantServer::default()
    }
}

/// The workflow of the app for each part.
fn casting() -> Casting {
    let mut casting = super::bundled::casting();
    let echoing = Workflow::new("echoing-workflow", "");
    casting.insert(Part::Echoing, echoing);
    casting
}

#[async_trait]
impl Target for AgentosTarget {
    async fn start(&mut self) -> Result<(), Error> {
        let pins = pins::Pins::embedded()?;
        let python = install::environment(&self.home, &self.release, &pins, &self.progress).await?;
        let key = self.wants(Variant::Guarded).then(Guard::key).transpose()?;
        let with_users = [
            Variant::Users,
            Variant::IsolatedUsers,
            Variant::Expiring,
            Variant::Permissions,
        ];
        let wants_users = with_users.into_iter().any(|it| self.wants(it));
        let secret = wants_users.then(Guard::users).transpose()?;
        let [one, two, three, rest @ ..] = ports::free_ports::<6>()?;
        let pair = match self.wants(Variant::Replica) {
            true => self
                .replicas(&python, rest)
                .await?
                .map(|roles| roles.map(Some)),
            false => Ok([None, None]),
        };
        let [first, second] = pair.unwrap_or_else(|reason| {
            self.variants.insert(Variant::Replica, Err(reason));
            [None, None]
        });
        // All at once: each takes some seconds, mostly of waiting.
        let (process, guarded, with_users, first, second) = tokio::try_join!(
            self.launch(&python, Some(Role::alone(one, Guard::Open))),
            self.launch(&python, key.clone().map(|key| Role::alone(two, key))),
            self.launch(&python, secret.clone().map(|it| Role::alone(three, it))),
            self.launch(&python, first),
            self.launch(&python, second),
        )?;
        if let (Some(first), Some(second)) = (first, second) {
            let mut replica = variant(&first, None);
            replica.other = Some(Endpoint {
                url: second.url(),
                ..Endpoint::default()
            });
            self.variants.insert(Variant::Replica, Ok(replica));
            self.pair = vec![second, first];
        }
        if let Some(process) = process {
            self.about = About::read(&process.about())?;
            self.casting = self.about.cast(&casting());
            self.endpoint.url = process.url();
            self.http_url = Some(process.http_url());
            self.process = Some(Served(Arc::new(Mutex::new(Some(process)))));
        }
        if let (Some(Guard::Key(key)), Some(process)) = (key, guarded) {
            let guarded = variant(&process, Some(key));
            self.variants.insert(Variant::Guarded, Ok(guarded));
            self.further.push(process);
        }
        if let (Some(Guard::Users(secret)), Some(process)) = (secret, with_users) {
            self.add_users(&process, &secret);
            self.further.push(process);
        }
        Ok(())
    }

    async fn stop(&mut self) {
        let mut all: Vec<Process> = self.further.drain(..).collect();
        if let Some(served) = self.process.take() {
            all.extend(served.0.lock().await.take());
        }
        let pair = std::mem::take(&mut self.pair);
        let pair = async {
            for process in pair {
                process.stop().await;
            }
        };
        let all = futures::future::join_all(all.into_iter().map(Process::stop));
        tokio::join!(all, pair);
        launch::sweep(&self.home, &self.release);
    }

    fn will_use(&mut self, variants: &[Variant]) {
        self.wanted = variants.to_vec();
    }

    fn variants(&self) -> Variants {
        self.variants.clone()
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn casting(&self) -> &Casting {
        &self.casting
    }

    fn casting_of(&self, component: Component) -> Casting {
        match component {
            Component::Workflow => self.casting.clone(),
            Component::Agent | Component::Team => self.about.cast_others(component),
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            http_url: self.http_url.clone(),
            retention: Some(launch::KEEPS),
            not_over_http: self.about.agents.is_empty().then(|| {
                let release = &self.release;
                format!("agno {release}: runs cannot be followed over HTTP; later releases can")
            }),
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
