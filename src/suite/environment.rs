//! Builds what all scenarios of a run share, for a target and for each of its variants.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use super::actions;
use super::world::Environment;
use crate::client::http::Site;
use crate::client::{Address, Redactor, dial, header, http, tls};
use crate::plan::{Endpoint, Plan, secrets_in};
use crate::target::{Target, Variant, VariantServer};

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
    let redactor = Arc::new(redactor(&endpoints));
    let (records, faults) = (Arc::default(), Arc::default());
    let sessions = Arc::new(AtomicU64::new(1));
    let mark = mark();
    let limit = plan.timing.step;
    let build = |server: &VariantServer| -> Result<Environment, Error> {
        let endpoint = &server.endpoint;
        let headers = headers_of(endpoint)?;
        let site = server.http_url.as_deref();
        let site = site.map(|url| Site::new(url, Arc::clone(&tls), headers.clone(), limit));
        let site = site.transpose()?.map(Arc::new);
        let address = Address::new(&endpoint.url, Arc::clone(&tls), headers, limit)?;
        Ok(Environment {
            plan: plan.clone(),
            address: Arc::new(address),
            site,
            token: endpoint.token.clone(),
            casting: target.casting().clone(),
            abilities: abilities.clone(),
            breakpoints: server.breakpoints.clone(),
            restart: target.restart(),
            forget: target.forget(),
            redactor: Arc::clone(&redactor),
            records: Arc::clone(&records),
            faults: Arc::clone(&faults),
            mark: mark.clone(),
            sessions: Arc::clone(&sessions),
            variants: BTreeMap::new(),
            other: None,
        })
    };
    let mut environment = build(&itself)?;
    for variant in Variant::ALL {
        let missing = || Err(variant.missing().to_owned());
        let built = match variants.remove(&variant).unwrap_or_else(missing) {
            Ok(server) => {
                let mut built = build(&server)?;
                if let Some(endpoint) = server.other {
                    let other = VariantServer {
                        endpoint,
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

/// Masks every secret of these endpoints, and the wrong tokens that are made from the right ones.
fn redactor(endpoints: &[&Endpoint]) -> Redactor {
    let tokens = endpoints.iter().filter_map(|it| it.token.as_ref());
    let forged: Vec<SecretString> = tokens.clone().map(actions::forged).collect();
    let headers = endpoints.iter().flat_map(|it| &it.headers);
    let secrets = tokens
        .chain(&forged)
        .chain(headers.map(|(_, value)| value))
        .cloned()
        .chain(endpoints.iter().flat_map(|it| secrets_in(&it.url)))
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
