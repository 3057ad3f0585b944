//! No server at all: a client that is judged. Each scenario starts a bundled server for it.

use async_trait::async_trait;
use secrecy::SecretString;

use super::{Description, Error, Kind, Target};
use crate::plan::{Casting, Endpoint};

/// A client, as reports name it. Nothing is started for all scenarios together.
pub struct ClientTarget {
    name: String,
    endpoint: Endpoint,
    casting: Casting,
}

impl ClientTarget {
    /// The client that reports name like this, and its token.
    #[must_use]
    pub fn new(name: String, token: Option<SecretString>) -> Self {
        Self {
            name,
            endpoint: Endpoint {
                // Nobody connects to it.
                url: "ws://127.0.0.1/workflows/ws".to_owned(),
                // So that it is masked.
                token,
                ..Endpoint::default()
            },
            casting: Casting::new(),
        }
    }
}

#[async_trait]
impl Target for ClientTarget {
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

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Client,
            server: self.name.clone(),
            faults: Vec::new(),
        }
    }
}
