//! Somebody's server, by URL.

use std::sync::Arc;

use async_trait::async_trait;

use super::operator::{ByCommand, Restart};
use super::{Description, Error, Kind, Target};
use crate::plan::{Abilities, Casting, Endpoint};

/// A server that somebody else runs. It is never asked for anything special.
#[derive(Debug)]
pub struct UrlTarget {
    endpoint: Endpoint,
    casting: Casting,
    abilities: Abilities,
}

impl UrlTarget {
    /// The server at this endpoint, with these workflows and abilities.
    #[must_use]
    pub fn new(endpoint: Endpoint, casting: Casting, abilities: Abilities) -> Self {
        Self {
            endpoint,
            casting,
            abilities,
        }
    }
}

#[async_trait]
impl Target for UrlTarget {
    async fn start(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn stop(&mut self) {}

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn casting(&self) -> &Casting {
        &self.casting
    }

    fn abilities(&self) -> Abilities {
        self.abilities.clone()
    }

    fn restart(&self) -> Option<Arc<dyn Restart>> {
        let command = self.abilities.restart.clone()?;
        Some(Arc::new(ByCommand::new(command)))
    }

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Url,
            server: "unknown".to_owned(),
            faults: Vec::new(),
        }
    }
}
