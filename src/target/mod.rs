//! What is under test, and what it can do.
//!
//! - [`variant`]: the same server in another configuration: guarded, with users, as a replica
//! - [`mod@file`]: the target file (TOML)
//! - `places`: in which lines of a target file its keys are
//! - [`admin`]: what an administrator can do to a server and a viewer cannot
//! - [`url`]: a server that somebody else runs, by its URL
//! - [`bundled`]: the bundled reference server, which has breakpoints
//! - [`judged_client`]: no server, but a client
//! - [`agentos`]: a released AgentOS that the suite installs and starts

pub mod admin;
pub mod agentos;
pub mod bundled;
pub mod file;
pub mod judged_client;
mod places;
pub mod url;
pub mod variant;

use std::sync::Arc;

use async_trait::async_trait;

use crate::plan::{Abilities, Casting, Endpoint};
use crate::protocol::Component;
pub use crate::reference::{Breakpoints, Fault};
use admin::{Forget, KillReplica, Restart};
pub use places::Places;
pub use variant::{Variant, VariantServer, Variants};

/// A server to test. A run starts it, asks where it is, and stops it.
#[async_trait]
pub trait Target: Send + Sync {
    /// Makes it ready for connections.
    ///
    /// # Errors
    ///
    /// [`Error`] where that fails.
    async fn start(&mut self) -> Result<(), Error>;

    /// Ends everything that [`Target::start`] began, and removes its temporary files.
    async fn stop(&mut self);

    /// Where to connect. Known once it is started.
    fn endpoint(&self) -> &Endpoint;

    /// Which of its workflows plays which part.
    fn casting(&self) -> &Casting;

    /// Which of its components of this kind plays which part.
    fn casting_of(&self, _component: Component) -> Casting {
        self.casting().clone()
    }

    /// What it can do besides taking connections. Known once it is started.
    fn abilities(&self) -> Abilities {
        Abilities::default()
    }

    /// Called before [`Target::start`] with the variants that the scenarios need; others need not be
    /// started. Without this call all of them are.
    fn will_use(&mut self, _variants: &[Variant]) {}

    /// Its variants. Known once it is started.
    fn variants(&self) -> Variants {
        Variants::new()
    }

    /// The target as reports show it.
    fn describe(&self) -> Description;

    /// Sets breakpoints on its runs, where it has them.
    fn breakpoints(&self) -> Option<Breakpoints> {
        None
    }

    /// Another server of the same kind that shares nothing with it, not started yet, where one is
    /// cheap to have. A scenario that would disturb others runs on such a server.
    fn spare(&self) -> Option<Box<dyn Target>> {
        None
    }

    /// Where its target file says what, if it has one.
    fn places(&self) -> Places {
        Places::default()
    }

    /// Restarts it, where that is possible. Known once it is started.
    fn restart(&self) -> Option<Arc<dyn Restart>> {
        None
    }

    /// Kills its other replica, where that is possible. Known once it is started.
    fn kill_replica(&self) -> Option<Arc<dyn KillReplica>> {
        None
    }

    /// Makes it drop finished runs from its memory, where that is possible. Known once it is started.
    fn forget(&self) -> Option<Arc<dyn Forget>> {
        None
    }
}

/// A target as reports show it.
#[derive(Clone, Debug)]
pub struct Description {
    /// Where the server came from.
    pub kind: Kind,
    /// `agno 3.1.10`, `reference` or `unknown`.
    pub server: String,
    /// The names of its active faults.
    pub faults: Vec<String>,
}

/// Where a server came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A server that somebody else runs, by its URL.
    Url,
    /// The bundled reference server.
    Reference,
    /// A released AgentOS, started by the suite.
    Agentos,
    /// No server: a client.
    Client,
}

/// Why a target could not be started. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine lacks something, or an option is wrong: exit code 2.
    #[error("{0}")]
    Setup(String),
    /// The server was not ready: exit code 3.
    #[error("{0}")]
    NotReady(String),
}
