//! Somebody's server, by URL.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Description, Door, Doors, Error, Kind, Target};
use crate::plan::{Abilities, Casting, Endpoint};
use crate::target::admin::{ByCommand, Restart};

/// A server that somebody else runs. It is never asked for anything special.
#[derive(Debug)]
pub struct UrlTarget {
    endpoint: Endpoint,
    casting: Casting,
    abilities: Abilities,
    doors: Doors,
}

impl UrlTarget {
    /// The server at this endpoint, with these workflows and abilities.
    ///
    /// Where the endpoint has a token, the server itself is the guarded door.
    #[must_use]
    pub fn new(endpoint: Endpoint, casting: Casting, abilities: Abilities) -> Self {
        let itself = endpoint.token.as_ref().map(|_| Door {
            endpoint: endpoint.clone(),
            http_url: abilities.http_url.clone(),
            breakpoints: None,
        });
        Self {
            endpoint,
            casting,
            abilities,
            doors: Doors {
                guarded: itself,
                ..Doors::default()
            },
        }
    }

    /// With further doors; those that are not named stay as they were.
    #[must_use]
    pub fn doors(mut self, doors: Doors) -> Self {
        self.doors = Doors {
            guarded: doors.guarded.or(self.doors.guarded),
            ..doors
        };
        self
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

    fn doors(&self) -> Doors {
        self.doors.clone()
    }

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Url,
            server: "unknown".to_owned(),
            faults: Vec::new(),
        }
    }
}
