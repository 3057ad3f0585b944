//! What a fault of the bundled server breaks over each wire.

use crate::check::over_http;
use crate::check::over_http::over_http;
use crate::check::over_websocket::not_over_websocket;
use crate::reference::Fault;
use crate::reference::fault::OverHttp;

/// The ids of the requirements that fail with this fault where viewers speak over HTTP, or over the WebSocket: none
/// where it does not show there.
#[must_use]
pub fn broken(fault: Fault, is_over_http: bool) -> Vec<&'static str> {
    let ids = match (is_over_http, fault.over_http()) {
        (true, OverHttp::These(ids)) => ids,
        (true, OverHttp::Nothing(_)) => &[],
        _ => fault.breaks(),
    };
    let applies = |id: &&str| match is_over_http {
        true => reason(id).is_none(),
        false => not_over_websocket(id).is_none(),
    };
    ids.iter().copied().filter(applies).collect()
}

/// Why this fault does not show over HTTP; `None` where it does.
#[must_use]
pub fn hidden_over_http(fault: Fault) -> Option<&'static str> {
    match fault.over_http() {
        OverHttp::Nothing(reason) => Some(reason),
        _ if broken(fault, true).is_empty() => fault.breaks().iter().find_map(|id| reason(id)),
        _ => None,
    }
}

/// Why the requirement of this id does not apply over HTTP.
fn reason(id: &str) -> Option<&'static str> {
    match over_http(id) {
        over_http::OverHttp::NotApplicable(reason) => Some(reason),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_shows_over_one_of_the_wires() {
        for fault in Fault::ALL {
            let anywhere = [false, true].map(|over_http| broken(*fault, over_http));
            assert!(anywhere.iter().any(|ids| !ids.is_empty()), "{fault}");
        }
    }

    #[test]
    fn what_the_table_says_of_http_applies_there_and_is_not_what_follows_anyway() {
        for fault in Fault::ALL {
            let mut anyway: Vec<&str> = fault.breaks().to_vec();
            anyway.retain(|id| reason(id).is_none());
            anyway.sort_unstable();
            let mut ids = match fault.over_http() {
                OverHttp::Same => continue,
                OverHttp::Nothing(_) => Vec::new(),
                OverHttp::These(ids) => ids.to_vec(),
            };
            assert!(ids.iter().all(|id| reason(id).is_none()), "{fault}");
            ids.sort_unstable();
            assert_ne!(ids, anyway, "{fault}: the same follows from the other list");
        }
    }

    #[test]
    fn what_breaks_nothing_over_http_says_why() {
        for fault in Fault::ALL {
            let hidden = broken(*fault, true).is_empty();
            assert_eq!(hidden, hidden_over_http(*fault).is_some(), "{fault}");
        }
    }
}
