//! A server that somebody else runs, by its URL.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Description, Error, Kind, Places, Target, Variant, VariantServer, Variants};
use crate::plan::{Abilities, Casting, Endpoint};
use crate::protocol::Component;
use crate::target::admin::{ByCommand, KillReplica, Restart};

/// A server that somebody else runs. No test fixtures are needed on it.
#[derive(Debug)]
pub struct UrlTarget {
    endpoint: Endpoint,
    casting: Casting,
    /// The agents and teams of its target file, if it has one.
    others: Option<BTreeMap<Component, Casting>>,
    abilities: Abilities,
    variants: Variants,
    places: Places,
}

impl UrlTarget {
    /// The server at this endpoint, with these workflows and abilities.
    ///
    /// Where the endpoint has a token, the server itself is the guarded variant.
    #[must_use]
    pub fn new(endpoint: Endpoint, casting: Casting, abilities: Abilities) -> Self {
        let itself = endpoint.token.as_ref().map(|_| VariantServer {
            endpoint: endpoint.clone(),
            http_url: abilities.http_url.clone(),
            ..VariantServer::default()
        });
        let guarded = itself.map(|it| (Variant::Guarded, Ok(it)));
        Self {
            endpoint,
            casting,
            others: None,
            abilities,
            variants: guarded.into_iter().collect(),
            places: Places::default(),
        }
    }

    /// Says in which lines of its target file all that is.
    #[must_use]
    pub fn with_places(mut self, places: Places) -> Self {
        self.places = places;
        self
    }

    /// Says which agents and teams its target file names, which part each plays.
    #[must_use]
    pub fn with_others(mut self, others: Option<BTreeMap<Component, Casting>>) -> Self {
        self.others = others;
        self
    }

    /// What its target file names besides workflows; `None` where there is no file.
    #[must_use]
    pub fn components(&self) -> Option<Vec<Component>> {
        let others = self.others.as_ref()?;
        Some(others.keys().copied().collect())
    }

    /// Says where the server answers over HTTP.
    #[must_use]
    pub fn with_http_url(mut self, http_url: Option<String>) -> Self {
        self.abilities.http_url = http_url;
        self
    }

    /// Adds variants; each replaces the one that was there before.
    #[must_use]
    pub fn with_variants(mut self, variants: Variants) -> Self {
        self.variants.extend(variants);
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

    fn casting_of(&self, component: Component) -> Casting {
        let others = self.others.as_ref().and_then(|all| all.get(&component));
        others.unwrap_or(&self.casting).clone()
    }

    fn abilities(&self) -> Abilities {
        self.abilities.clone()
    }

    fn places(&self) -> Places {
        self.places.clone()
    }

    fn restart(&self) -> Option<Arc<dyn Restart>> {
        let command = self.abilities.restart.clone()?;
        Some(Arc::new(ByCommand::new(command)))
    }

    fn kill_replica(&self) -> Option<Arc<dyn KillReplica>> {
        let command = self.abilities.kill_replica.clone()?;
        Some(Arc::new(ByCommand::new(command)))
    }

    fn variants(&self) -> Variants {
        self.variants.clone()
    }

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Url,
            server: "unknown".to_owned(),
            faults: Vec::new(),
        }
    }
}
