//! What is under test, and what it can do.
//!
//! - [`doors`]: further servers of the same kind, which ask for a token or are replicas of each other
//! - [`mod@file`]: the target file (TOML)
//! - [`operator`]: what those who run a server can do to it
//! - [`url`]: somebody's server, by URL
//! - [`bundled`]: the bundled reference server, which can be held
//! - [`agentos`]: a released AgentOS that the suite installs and starts

pub mod admin;
pub mod agentos;
pub mod bundled;
pub mod file;
pub mod url;
pub mod variant;

use std::sync::Arc;

use async_trait::async_trait;

use crate::plan::{Abilities, Casting, Endpoint};
pub use crate::reference::Breakpoints;
use admin::{Forget, Restart};
pub use variant::{Door, Doors, Replicas, Users, Which};

/// Something to test. A run starts it, asks it where it is, and stops it.
#[async_trait]
pub trait Target: Send + Sync {
    /// Gets it ready to be connected to.
    ///
    /// # Errors
    ///
    /// [`Error`] where it cannot be had.
    async fn start(&mut self) -> Result<(), Error>;

    /// Ends what [`Target::start`] began. Leaves nothing behind.
    async fn stop(&mut self);

    /// Where it is. Known once it is started.
    fn endpoint(&self) -> &Endpoint;

    /// Which of its workflows plays which part.
    fn casting(&self) -> &Casting;

    /// What it can do besides being connected to. Known once it is started.
    fn abilities(&self) -> Abilities {
        Abilities::default()
    }

    /// Told before [`Target::start`] which further doors will be gone through; others need not be
    /// opened. Who is told nothing opens all.
    fn will_use(&mut self, _doors: &[Which]) {}

    /// Its further doors. Known once it is started.
    fn doors(&self) -> Doors {
        Doors::default()
    }

    /// What reports say about it.
    fn describe(&self) -> Description;

    /// The handle to hold its runs at an exact event, where it has one.
    fn breakpoints(&self) -> Option<Breakpoints> {
        None
    }

    /// Another server of the same kind that has nothing in common with it, not started yet, where one
    /// is cheap to have. A scenario that others would feel is played on such a one.
    fn spare(&self) -> Option<Box<dyn Target>> {
        None
    }

    /// The handle to restart it, where there is one. Known once it is started.
    fn restart(&self) -> Option<Arc<dyn Restart>> {
        None
    }

    /// The handle to make it drop finished runs from its memory, where there is one. Known once it is
    /// started.
    fn forget(&self) -> Option<Arc<dyn Forget>> {
        None
    }
}

/// What reports say about a target.
#[derive(Clone, Debug)]
pub struct Description {
    /// Where the server came from.
    pub kind: Kind,
    /// `agno 3.1.10`, `reference` or `unknown`.
    pub server: String,
    /// The names of the faults that are switched on.
    pub faults: Vec<String>,
}

/// Where a server came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Somebody's server, by URL.
    Url,
    /// The bundled reference server.
    Reference,
    /// A released AgentOS that the suite started.
    Agentos,
}

/// Why a target cannot be had. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine lacks something, or what was asked for is wrong: exit code 2.
    #[error("{0}")]
    Setup(String),
    /// It did not come up: exit code 3.
    #[error("{0}")]
    NotReady(String),
}
