//! The bundled server behind proxies: every door of it.

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
    Breakpoints, Description, Door, Doors, Error, Kind, Target, Which,
};

use super::proxy::{Log, Proxy, Weather};

/// The bundled server, as it is reached through a network that has its moods.
pub struct Behind {
    inside: BundledTarget,
    weather: Weather,
    /// Whether its runs can be held; else it is somebody's server, known by its URL alone.
    held: bool,
    casting: Casting,
    proxies: Vec<Proxy>,
    endpoint: Endpoint,
    http_url: Option<String>,
    doors: Doors,
    pub log: Log,
}

impl Behind {
    /// One whose runs can be held.
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
            doors: Doors::default(),
            log: Log::new(),
        }
    }

    /// One that is known by its URL alone, with this time between two events of a run. Runs of more than a
    /// thousand events take too long then.
    pub fn by_url(faults: Vec<Fault>, weather: Weather, pace: Duration) -> Self {
        let mut behind = Self::held(faults, weather);
        behind.inside = behind.inside.pace(pace);
        behind.held = false;
        behind.casting.remove(&Part::Endless);
        behind.casting.remove(&Part::Talkative);
        behind
    }

    /// The same way to the server, through a proxy.
    async fn through_a_proxy(&mut self, url: &mut String) {
        let host = url.trim_start_matches("ws://");
        let host = host.split('/').next().unwrap_or_default();
        let behind: SocketAddr = host.parse().expect("an address");
        let door = self.proxies.len() as u64;
        let proxy = Proxy::in_front_of(behind, self.weather, door, self.log.clone()).await;
        *url = proxy.url();
        self.proxies.push(proxy);
    }

    /// Likewise for a door, over HTTP as well.
    async fn door(&mut self, door: &mut Door) {
        self.through_a_proxy(&mut door.endpoint.url).await;
        door.http_url = door.http_url.as_ref().map(|_| http(&door.endpoint.url));
        if !self.held {
            door.breakpoints = None;
        }
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
        let mut doors = self.inside.doors();
        if let Some(guarded) = &mut doors.guarded {
            self.door(guarded).await;
        }
        if let Some(users) = &mut doors.users {
            self.door(&mut users.door).await;
        }
        if let Some(replicas) = &mut doors.replicas {
            replicas.door.endpoint.url.clone_from(&endpoint.url);
            replicas.door.http_url.clone_from(&self.http_url);
            if !self.held {
                replicas.door.breakpoints = None;
            }
            self.through_a_proxy(&mut replicas.other).await;
        }
        self.endpoint = endpoint;
        self.doors = doors;
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

    fn will_use(&mut self, doors: &[Which]) {
        self.inside.will_use(doors);
    }

    fn doors(&self) -> Doors {
        self.doors.clone()
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
