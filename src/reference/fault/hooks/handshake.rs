//! Greeting, ping, authentication, refusals.

use serde_json::{Value, json};

use crate::protocol::Action;
use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faulty;
use crate::reference::model::outgoing;

impl Faulty {
    /// The first messages on a connection.
    pub fn on_greeting(&self, mut connected: Value) -> Vec<Value> {
        if self.has(Fault::GreetingWithoutRequiresAuth)
            && let Some(fields) = connected.as_object_mut()
        {
            fields.remove("requires_auth");
        }
        if self.has(Fault::GreetingAfterHello) {
            return vec![json!({"event": "hello"}), connected];
        }
        vec![connected]
    }

    /// Whether a ping is answered on a connection that watches a run, or none.
    pub fn answers_ping(&self, watching: bool) -> bool {
        !(self.has(Fault::NoPong) || watching && self.has(Fault::NoPongWhileStreaming))
    }

    /// Whether a wrong token is as good as the right one.
    pub fn takes_any_token(&self) -> bool {
        self.has(Fault::AuthAnyToken)
    }

    /// Whether the token that HTTP asks for is asked for on the WebSocket, too.
    pub fn guards_websocket(&self) -> bool {
        !self.has(Fault::AuthHttpOnly)
    }

    /// The answer to `authenticate` without a token, where that opens the connection.
    pub fn instead_of_missing_token(&self) -> Option<Value> {
        self.has(Fault::AuthMissingToken)
            .then(outgoing::authenticated)
    }

    /// Whether a wrong token is refused aloud.
    pub fn answers_wrong_token(&self) -> bool {
        !self.has(Fault::AuthErrorSilent)
    }

    /// Whether who names the session of a run needs no token to return to it.
    pub fn remembers_sessions(&self) -> bool {
        self.has(Fault::AuthSessionRemembered)
    }

    /// Whether an action is obeyed without authentication.
    pub fn obeys_strangers(&self, action: &Action) -> bool {
        let returning = matches!(action, Action::Reconnect { .. });
        !self.guards_websocket()
            || self.has(Fault::AuthNotNeeded)
            || returning && self.has(Fault::AuthReturnOpen)
            || *action == Action::Ping && self.has(Fault::AuthPingOpen)
    }

    /// Whether a stranger is told that a token is needed.
    pub fn answers_strangers(&self) -> bool {
        !self.has(Fault::AuthSilent)
    }

    /// The workflow that runs where `wanted` is unknown.
    pub fn instead_of_unknown<'a>(&self, known: &'a [String]) -> Option<&'a String> {
        let wanted = self.has(Fault::UnknownWorkflowStarts);
        known.last().filter(|_| wanted).map(|last| {
            let short = known.iter().find(|id| id.starts_with("short"));
            short.unwrap_or(last)
        })
    }

    /// Whether an unknown workflow is refused aloud.
    pub fn answers_unknown_workflow(&self) -> bool {
        !self.has(Fault::UnknownWorkflowSilent)
    }

    /// Whether a return without a run id is refused aloud.
    pub fn answers_missing_run_id(&self) -> bool {
        !self.has(Fault::NoRunIdSilent)
    }

    /// The answer to a return to a run that does not exist.
    pub fn on_unknown_run(&self, run_id: &str, refusal: Value) -> Option<Value> {
        if self.has(Fault::UnknownRunSilent) {
            None
        } else if self.has(Fault::UnknownRunSubscribed) {
            Some(outgoing::subscribed(run_id, 0))
        } else {
            Some(refusal)
        }
    }

    /// Whether a connection is still listened to after a refusal.
    pub fn listens_after_refusal(&self) -> bool {
        !self.has(Fault::DeafAfterRefusal)
    }

    /// Whether what cannot be read is refused aloud.
    pub fn answers_malformed(&self) -> bool {
        !self.has(Fault::MalformedSilent)
    }

    /// Whether what cannot be read cuts the connection off.
    pub fn hangs_up_on_malformed(&self) -> bool {
        self.has(Fault::MalformedCutsOff)
    }

    /// Whether what cannot be read stops every run.
    pub fn stops_all_on_malformed(&self) -> bool {
        self.has(Fault::MalformedStopsRuns)
    }

    /// Whether a closing handshake is answered.
    pub fn answers_close(&self) -> bool {
        !self.has(Fault::NoCloseHandshake)
    }
}
