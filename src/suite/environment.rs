//! Builds what all scenarios of a run share, for a target and for each of its variants.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use crate::client::http::{Place, Site};
use crate::client::{
    Address, Patience, Proxies, Recorder, Redactor, Server, Viewer, dial, header, http, tls,
};
use crate::client_mode::EarlierRuns;
use crate::plan::{Abilities, Casting, Endpoint, Plan, http_url_of, secrets_in};
use crate::protocol::Wire;
use crate::suite::altered::all_wrong;
use crate::suite::first_start::FirstStart;
use crate::target::admin::{Forget, Issue, KillReplica, Restart};
use crate::target::{Breakpoints, Kind, Places, Target, Variant, VariantServer};

/// Why a target cannot be used as it is named: usage or configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL cannot be used.
    #[error(transparent)]
    Address(#[from] dial::AddressError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] tls::Error),
    /// The HTTP address cannot be used.
    #[error(transparent)]
    Site(#[from] http::SiteError),
    /// A header cannot be sent.
    #[error(transparent)]
    Header(#[from] header::Error),
}

/// What all scenarios of a run share that use the same variant of the target.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What the run is asked to do.
    pub plan: Plan,
    /// Where the server is.
    pub address: Arc<Address>,
    /// Where the server answers over HTTP, where that is known.
    pub site: Option<Arc<Site>>,
    /// The token for `authenticate`.
    pub token: Option<SecretString>,
    /// Which workflow plays which part.
    pub casting: Casting,
    /// What the target can do, as it declares.
    pub abilities: Abilities,
    /// The handle to stop runs after an exact event, where the target has one.
    pub breakpoints: Option<Breakpoints>,
    /// The handle to restart the server, where the target has one.
    pub restart: Option<Arc<dyn Restart>>,
    /// The handle to kill the other replica, where the target has one.
    pub kill_replica: Option<Arc<dyn KillReplica>>,
    /// Gives tokens that soon expire, where the variant is for that.
    pub issuer: Option<Arc<dyn Issue>>,
    /// The handle to make the server drop runs from its memory, where the target has one.
    pub forget: Option<Arc<dyn Forget>>,
    /// What must never be recorded.
    pub redactor: Arc<Redactor>,
    /// The record of each scenario, by its place in the selection.
    pub records: Arc<Mutex<HashMap<usize, Arc<Recorder>>>>,
    /// What the suite itself did wrong.
    pub faults: Arc<Mutex<Vec<String>>>,
    /// What the target file says and the server does not do: a sentence for each key.
    pub misconfigured: Arc<Mutex<BTreeMap<String, String>>>,
    /// Whether the server has started a run yet; only where somebody chose the workflows.
    pub first_start: Option<Arc<FirstStart>>,
    /// Where the target file says what.
    pub places: Places,
    /// Where a client is judged that is not started for each scenario: the runs of the scenarios before.
    pub earlier_runs: EarlierRuns,
    /// Whether a client that is judged is not told the names of the scenarios.
    pub hides_names: bool,
    /// Distinguishes this run's sessions from those of every other.
    pub mark: String,
    /// Counts the sessions.
    pub sessions: Arc<AtomicU64>,
    /// Of the target itself: the environment of each variant, or why there is none.
    pub variants: BTreeMap<Variant, Result<Arc<Environment>, String>>,
    /// Of a variant: that of the second viewer, who is another user or uses the other replica.
    pub other: Option<Arc<Environment>>,
}

impl Environment {
    /// How long viewers wait.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience {
            silence: self.plan.timing.step,
            quiet: self.plan.timing.quiet,
        }
    }

    /// A session id that was never used before.
    #[must_use]
    pub fn new_session(&self) -> String {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed);
        format!("reconnect-acceptance-{}-{number}", self.mark)
    }

    /// Where viewers connect to.
    #[must_use]
    pub fn server(&self) -> Server {
        let over_http = match self.plan.wire {
            Wire::Http(_) => self.server_over_http(),
            Wire::WebSocket => None,
        };
        over_http.unwrap_or_else(|| Server::WebSocket(Arc::clone(&self.address)))
    }

    /// Where viewers connect to who speak over HTTP, where that is known.
    #[must_use]
    pub fn server_over_http(&self) -> Option<Server> {
        let site = self.site.as_ref()?;
        Some(Server::Http(Place {
            site: Arc::clone(site),
            component: self.plan.wire.component(),
            // Every request of a scenario names its workflow, but where it is to name none.
            id: String::new(),
        }))
    }

    /// A viewer who has not connected yet.
    #[must_use]
    pub fn new_viewer(&self, name: &str, recorder: &Arc<Recorder>) -> Viewer {
        self.new_viewer_with(self.token.clone(), name, recorder)
    }

    /// Likewise, with this token, or none.
    #[must_use]
    pub fn new_viewer_with(
        &self,
        token: Option<SecretString>,
        name: &str,
        recorder: &Arc<Recorder>,
    ) -> Viewer {
        Viewer::new(
            name,
            self.server(),
            token,
            Arc::clone(recorder),
            self.patience(),
        )
    }
}

/// What all scenarios of a run against this target share.
///
/// # Errors
///
/// [`Error`] where an address, the certificates or a header cannot be used.
pub fn environment_of(plan: &Plan, target: &dyn Target) -> Result<Environment, Error> {
    let abilities = target.abilities();
    let itself = VariantServer {
        endpoint: target.endpoint().clone(),
        http_url: abilities.http_url.clone(),
        breakpoints: target.breakpoints(),
        other: None,
        issuer: None,
    };
    let mut variants = target.variants();
    let servers = || std::iter::once(&itself).chain(variants.values().flatten());
    let endpoints: Vec<&Endpoint> = servers().flat_map(VariantServer::endpoints).collect();
    // A wrong header is named before anything else that may be wrong.
    for endpoint in &endpoints {
        headers_of(endpoint)?;
    }
    let mut urls = endpoints
        .iter()
        .map(|it| &it.url)
        .chain(servers().filter_map(|it| it.http_url.as_ref()));
    let secure = urls.any(|url| url.starts_with("wss:") || url.starts_with("https:"));
    let tls = tls::config(itself.endpoint.ca_file.as_deref(), secure)?;
    let proxies = Proxies::of_environment();
    let redactor = Arc::new(redactor(&endpoints, proxies.secrets()));
    let (records, faults, misconfigured) = (Arc::default(), Arc::default(), Arc::default());
    let places = target.places();
    let first_start = (target.describe().kind == Kind::Url).then(Arc::default);
    let sessions = Arc::new(AtomicU64::new(1));
    let mark = mark();
    let limit = plan.timing.step;
    let build = |server: &VariantServer| -> Result<Environment, Error> {
        let endpoint = &server.endpoint;
        let headers = headers_of(endpoint)?;
        let speaks_http = plan.mixed || plan.wire != Wire::WebSocket;
        let derived = speaks_http.then(|| http_url_of(&endpoint.url)).flatten();
        let site = match server.http_url.as_deref().or(derived.as_deref()) {
            Some(url) => {
                let site = Site::new(url, Arc::clone(&tls), headers.clone(), limit)?;
                Some(Arc::new(site.through(&proxies)?))
            }
            None => None,
        };
        let address = Address::new(&endpoint.url, Arc::clone(&tls), headers, limit)?;
        let address = address.through(&proxies)?;
        Ok(Environment {
            plan: plan.clone(),
            address: Arc::new(address),
            site,
            token: endpoint.token.clone(),
            casting: target.casting_of(plan.wire.component()),
            abilities: abilities.clone(),
            breakpoints: server.breakpoints.clone(),
            restart: target.restart(),
            forget: target.forget(),
            kill_replica: target.kill_replica(),
            issuer: server.issuer.clone(),
            redactor: Arc::clone(&redactor),
            records: Arc::clone(&records),
            faults: Arc::clone(&faults),
            misconfigured: Arc::clone(&misconfigured),
            places: places.clone(),
            first_start: None,
            earlier_runs: EarlierRuns::default(),
            hides_names: false,
            mark: mark.clone(),
            sessions: Arc::clone(&sessions),
            variants: BTreeMap::new(),
            other: None,
        })
    };
    let mut environment = build(&itself)?;
    environment.first_start = first_start;
    for variant in Variant::ALL {
        let missing = || Err(variant.missing().to_owned());
        let built = match variants.remove(&variant).unwrap_or_else(missing) {
            Ok(server) => {
                let mut built = build(&server)?;
                if let Some(endpoint) = server.other {
                    let http_url = server.http_url.and_then(|_| http_url_of(&endpoint.url));
                    let other = VariantServer {
                        endpoint,
                        http_url,
                        ..VariantServer::default()
                    };
                    built.other = Some(Arc::new(build(&other)?));
                }
                Ok(Arc::new(built))
            }
            Err(reason) => Err(reason),
        };
        environment.variants.insert(variant, built);
    }
    Ok(environment)
}

fn headers_of(endpoint: &Endpoint) -> Result<Vec<(HeaderName, HeaderValue)>, header::Error> {
    let headers = endpoint.headers.iter();
    headers
        .map(|(name, value)| header::parse(name, value))
        .collect()
}

/// Masks every secret of these endpoints and these others, and the wrong tokens that are made from the right ones.
fn redactor(endpoints: &[&Endpoint], others: Vec<SecretString>) -> Redactor {
    let tokens = endpoints.iter().filter_map(|it| it.token.as_ref());
    let forged: Vec<SecretString> = tokens.clone().flat_map(all_wrong).collect();
    let headers = endpoints.iter().flat_map(|it| &it.headers);
    let secrets = tokens
        .chain(&forged)
        .chain(headers.map(|(_, value)| value))
        .cloned()
        .chain(endpoints.iter().flat_map(|it| secrets_in(&it.url)))
        .chain(others)
        .filter(|secret| !secret.expose_secret().is_empty());
    Redactor::new(secrets.collect::<Vec<_>>()).wrong(forged)
}

/// A word that no other run has: the time and the process, so that sessions never meet.
fn mark() -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    format!("{:x}-{:x}", now.as_nanos(), std::process::id())
}
