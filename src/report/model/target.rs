//! What was under test, as reports say it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::protocol::Wire;

/// What was under test.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct TargetReport {
    /// Where the server came from.
    pub kind: TargetKind,
    /// Its URL, without user name, password and query values; of a client, the command
    /// line, or `--listen` with the address and what made it start a run.
    pub url: String,
    /// Where several wires were judged: the address that viewers over HTTP used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_url: Option<String>,
    /// `agno 3.1.10`, `reference` or `unknown`.
    pub server: String,
    /// What viewers ran, and how they spoke with the server: `workflow · websocket`, `agent · http`. Empty where
    /// that was workflows over the WebSocket alone. Where there are several, the ids of requirements and
    /// scenarios name theirs: `CATCHUP-3 · agent · http`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wires: Vec<String>,
    /// The faults that were switched on; only the bundled server has some.
    pub faults: Vec<String>,
}

/// Where the server under test came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// Somebody's server, by URL.
    Url,
    /// The bundled reference server.
    Reference,
    /// A released AgentOS that the suite started.
    Agentos,
    /// No server: a client, by its command line, or one that was waited for.
    Client,
}

/// What [`TargetReport::wires`] names where viewers spoke over this wire alone.
#[must_use]
pub fn only(wire: Wire) -> Vec<String> {
    match wire {
        Wire::WebSocket => Vec::new(),
        Wire::Http(_) => vec![wire.name().to_owned()],
    }
}

impl TargetReport {
    /// What viewers ran, and how they spoke with the server. What a stored report says and nobody knows is left
    /// out; there is always one.
    #[must_use]
    pub fn wires(&self) -> Vec<Wire> {
        let named: Vec<Wire> = self.wires.iter().filter_map(|it| Wire::of(it)).collect();
        if named.is_empty() {
            return vec![Wire::WebSocket];
        }
        named
    }

    /// An id of the report without the wire, and the wire that it names, or the only one that there was.
    #[must_use]
    pub fn part<'i>(&self, id: &'i str) -> (&'i str, Wire) {
        let (id, named) = Wire::part(id);
        let wire = named.or_else(|| self.wires().first().copied());
        (id, wire.unwrap_or_default())
    }

    /// Whether ids name the wire that they are about.
    #[must_use]
    pub fn has_several_wires(&self) -> bool {
        self.wires().len() > 1
    }

    /// `agents and teams over HTTP`; empty where it was workflows over the WebSocket alone.
    #[must_use]
    pub fn over(&self) -> String {
        let kinds: Vec<&str> = self
            .wires()
            .into_iter()
            .filter(|wire| *wire != Wire::WebSocket)
            .map(|wire| wire.component().segment())
            .collect();
        let over_http = match kinds.as_slice() {
            [] => return String::new(),
            [one] => format!("{one} over HTTP"),
            [others @ .., last] => format!("{} and {last} over HTTP", others.join(", ")),
        };
        match self.wires().contains(&Wire::WebSocket) {
            true => format!("workflows over the WebSocket; {over_http}"),
            false => over_http,
        }
    }

    /// The server's name, and what was judged of it where that was not workflows over the WebSocket alone.
    #[must_use]
    pub fn server_and_wires(&self) -> String {
        match self.over() {
            over if over.is_empty() => self.server.clone(),
            over => format!("{}, {over}", self.server),
        }
    }

    /// The options that ask for the wire of this id again, each after a space; none where it is judged without.
    #[must_use]
    pub fn options(&self, id: &str) -> String {
        let one_wire = matches!(self.kind, TargetKind::Url | TargetKind::Client);
        let by_default = self.wires.is_empty() && one_wire;
        match self.part(id).1 {
            Wire::WebSocket if by_default => String::new(),
            Wire::WebSocket => " --over websocket".to_owned(),
            Wire::Http(component) => format!(" --over http --component {}", component.word()),
        }
    }

    /// What comes last where `client` is called for it.
    #[must_use]
    pub fn as_arguments(&self) -> String {
        match self.url.starts_with("--listen ") {
            true => self.url.clone(),
            false => format!("-- {}", self.url),
        }
    }

    /// The release in its name: `3.1.10`.
    #[must_use]
    pub fn release(&self) -> &str {
        self.server.rsplit(' ').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(wires: &[Wire]) -> TargetReport {
        TargetReport {
            kind: TargetKind::Agentos,
            url: String::new(),
            server: "agno 3.1.10".to_owned(),
            http_url: None,
            wires: wires.iter().map(|it| it.name().to_owned()).collect(),
            faults: Vec::new(),
        }
    }

    #[test]
    fn a_server_is_named_with_what_was_judged_of_it() {
        let [websocket, workflows, agents, teams] = Wire::ALL;
        let name = |wires: &[Wire]| target(wires).server_and_wires();
        assert_eq!(name(&[]), "agno 3.1.10");
        assert_eq!(name(&[agents]), "agno 3.1.10, agents over HTTP");
        assert_eq!(
            name(&[websocket, workflows, agents, teams]),
            "agno 3.1.10, workflows over the WebSocket; workflows, agents and teams over HTTP"
        );
        assert_eq!(target(&[]).release(), "3.1.10");
    }

    #[test]
    fn an_id_names_its_wire_or_is_about_the_only_one() {
        let [websocket, _, agents, teams] = Wire::ALL;
        assert_eq!(target(&[]).part("CATCHUP-3"), ("CATCHUP-3", websocket));
        assert_eq!(target(&[agents]).part("CATCHUP-3"), ("CATCHUP-3", agents));
        let id = teams.id("CATCHUP-3");
        assert_eq!(target(&[agents, teams]).part(&id), ("CATCHUP-3", teams));
    }
}
