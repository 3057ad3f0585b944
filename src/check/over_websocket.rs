//! Which requirements bind over HTTP alone, and which compare both wires.

const STREAMS: &str = "it is about the streams of HTTP";
const CONTINUED: &str = "it is about runs that go on over HTTP; over the WebSocket, PAUSE-2 and REPLAY-1 judge the same";

/// Why the requirement of this id does not bind a server whose viewers speak over its WebSocket; `None` where it does.
#[must_use]
pub fn not_over_websocket(id: &str) -> Option<&'static str> {
    match id {
        "STREAM-1" | "STREAM-2" | "STREAM-3" | "STREAM-4" | "STREAM-5" => Some(STREAMS),
        "CONTINUE-1" | "CONTINUE-2" => Some(CONTINUED),
        _ => None,
    }
}

/// Whether the requirement of this id compares both wires, so that a server which has one alone is not asked.
#[must_use]
pub fn needs_both(id: &str) -> bool {
    matches!(id, "BOTH-1" | "BOTH-2")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::registry;

    #[test]
    fn whole_families_bind_over_http_alone() {
        let ids = registry::all().map(|it| it.id);
        let some: Vec<&str> = ids.filter(|id| not_over_websocket(id).is_some()).collect();
        assert_eq!(some.len(), 7, "{some:?}");
        let of_http = |id: &&str| id.starts_with("STREAM-") || id.starts_with("CONTINUE-");
        assert!(some.iter().all(of_http), "{some:?}");
    }
}
