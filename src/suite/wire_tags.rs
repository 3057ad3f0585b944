//! The tags of scenarios that are about one wire alone.

use cucumber::gherkin::Scenario;

use crate::protocol::Wire;

/// The tag of a scenario that only viewers over HTTP can play.
pub(super) const OVER_HTTP: &str = "over-http";
/// Likewise, over the WebSocket.
pub(super) const OVER_WEBSOCKET: &str = "over-websocket";

/// Why a scenario does not apply to how the viewers speak, where a tag says so: others of its rule do.
pub(super) fn is_of_another(scenario: &Scenario, wire: Wire) -> Option<&'static str> {
    let has = |tag: &str| scenario.tags.iter().any(|it| it == tag);
    match wire {
        Wire::WebSocket if has(OVER_HTTP) => Some("it is about the streams of HTTP"),
        Wire::Http(_) if has(OVER_WEBSOCKET) => Some("it is about the WebSocket"),
        _ => None,
    }
}
