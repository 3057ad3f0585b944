//! The bundled server and its variants, behind proxies.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reconnect_acceptance::plan::{Abilities, Casting, Endpoint};
use reconnect_acceptance::protocol::Part;
use reconnect_acceptance::reference::Fault;
use reconnect_acceptance::target::admin::{Forget, Restart};
use reconnect_acceptance::target::bundled::BundledTarget;
use reconnect_acceptance::target::{
    Breakpoints, Description, Error, Kind, Target, Variant, Variants,
};

use super::proxy::{Log, Proxy, Weather};

/// The bundled server behind an unreliable network.
pub struct Behind {
    inside: BundledTarget,
    weather: Weather,
    /// Whether it has breakpoints; otherwise it is a server known only by its URL.
    held: bool,
    casting: Casting,
    proxies: Vec<Proxy>,
    endpoint: Endpoint,
    http_url: Option<String>,
    variants: Variants,
    /// The URL of the proxy before each server, by the server's own.
    urls: BTreeMap<String, String>,
    pub log: Log,
}

impl Behind {
    /// One with breakpoints.
    pub fn held(faults: Vec<Fault>, weather: Weather) -> Self {
        let inside = BundledTarget::new(faults);
        Self {
            casting: inside.casting().clone(),
            inside,
            weather,
            held: true,
            proxies: Vec::new(),
            endpoint: Endpoint::default(),
            http_url: None,
            variants: Variants::new(),
            urls: BTreeMap::new(),
            log: Log::new(),
        }
    }

    /// One that is known only by its URL, with this time between two events of a run. Runs of more than a
    /// thousand events take too long then.
    pub fn by_url(faults: Vec<Fault>, weather: Weather, pace: Duration) -> Self {
        let mut behind = Self::held(faults, weather);
        behind.inside = behind.inside.pace(pace);
        behind.held = false;
        behind.casting.remove(&Part::Endless);
        behind.casting.remove(&Part::Talkative);
        behind
    }

    /// The URL of the proxy before this server; one for each server.
    async fn through_a_proxy(&mut self, url: &mut String) {
        if let Some(known) = self.urls.get(url) {
            url.clone_from(known);
            return;
        }
        let host = url.trim_start_matches("ws://");
        let host = host.split('/').next().unwrap_or_default();
        let behind: SocketAddr = host.parse().expect("an address");
        let door = self.proxies.len() as u64;
        let proxy = Proxy::in_front_of(behind, self.weather, door, self.log.clone()).await;
        let own = std::mem::replace(url, proxy.url());
        self.urls.insert(own, proxy.url());
        self.proxies.push(proxy);
    }
}

/// Where the server of this WebSocket answers over HTTP.
fn http(url: &str) -> String {
    let host = url.trim_start_matches("ws://");
    format!("http://{}", host.split('/').next().unwrap_or_default())
}

#[async_trait]
impl Target for Behind {
    async fn start(&mut self) -> Result<(), Error> {
        self.inside.start().await?;
        let mut endpoint = self.inside.endpoint().clone();
        self.through_a_proxy(&mut endpoint.url).await;
        self.http_url = Some(http(&endpoint.url));
        let mut variants = self.inside.variants();
        for server in variants.values_mut().flatten() {
            self.through_a_proxy(&mut server.endpoint.url).await;
            if let Some(other) = &mut server.other {
                self.through_a_proxy(&mut other.url).await;
            }
            server.http_url = Some(http(&server.endpoint.url));
            if !self.held {
                server.breakpoints = None;
            }
        }
        self.endpoint = endpoint;
        self.variants = variants;
        Ok(())
    }

    async fn stop(&mut self) {
        self.proxies.clear();
        self.inside.stop().await;
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn casting(&self) -> &Casting {
        &self.casting
    }

    fn will_use(&mut self, variants: &[Variant]) {
        self.inside.will_use(variants);
    }

    fn variants(&self) -> Variants {
        self.variants.clone()
    }

    fn describe(&self) -> Description {
        Description {
            kind: Kind::Url,
            server: "behind a proxy".to_owned(),
            ..self.inside.describe()
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            http_url: self.http_url.clone(),
            ..self.inside.abilities()
        }
    }

    fn breakpoints(&self) -> Option<Breakpoints> {
        self.inside.breakpoints().filter(|_| self.held)
    }

    fn restart(&self) -> Option<Arc<dyn Restart>> {
        self.inside.restart()
    }

    fn forget(&self) -> Option<Arc<dyn Forget>> {
        self.inside.forget()
    }
}
