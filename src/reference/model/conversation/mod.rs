//! What one connection may ask for, and what that means. No sockets.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::protocol::Action;
use crate::reference::fault::hooks::Faulty;
use crate::reference::model::outgoing;
use crate::reference::model::pause::Going;
use crate::reference::model::runs::Wish;

/// One connection's side of the talk: whether it has authenticated, and whether it is listened to.
pub struct Conversation {
    rules: Arc<Rules>,
    authenticated: bool,
    user: Option<String>,
    /// Whether it came to the other replica.
    replica: bool,
    deaf: bool,
}

/// What holds for every connection of a server. Holds tokens, so it is not `Debug`.
#[derive(Default)]
pub struct Rules {
    /// The token that opens a connection, where one is needed.
    pub token: Option<String>,
    /// The tokens of the users that it knows, and each one's name, where it keeps users apart.
    pub users: BTreeMap<String, String>,
    /// The ids of the workflows that can be started.
    pub workflows: Vec<String>,
    /// The server's faults.
    pub hooks: Faulty,
    /// The sessions of those who have shown a token; kept only for the fault that needs no other.
    pub sessions: Mutex<HashSet<String>>,
}

/// What follows from an action.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// The connection is told this.
    Outgoing(Value),
    /// The connection is told both, one after the other.
    SayBoth([Value; 2]),
    /// A run of a known workflow starts.
    Start {
        /// The workflow.
        workflow_id: String,
        /// What the workflow is told: any JSON.
        message: Value,
        /// The session that the client names.
        session_id: Option<String>,
    },
    /// The viewer returns to a run.
    Return(Wish),
    /// The viewer lets a paused run go on.
    Continue(Going),
    /// Nothing at all.
    Nothing,
    /// The connection is dropped without a close frame. Only faults do so.
    HangUp,
    /// Every run is stopped. Only faults do so.
    StopAll,
}

impl Rules {
    /// Whether a connection needs a token.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.token.is_some() || !self.users.is_empty()
    }

    /// Whether this token opens a connection.
    #[must_use]
    pub fn admits(&self, token: &str) -> bool {
        !self.is_guarded() || self.token.as_deref() == Some(token) || self.users.contains_key(token)
    }
}

impl Conversation {
    /// A connection that has said nothing yet.
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            authenticated: false,
            user: None,
            replica: false,
            deaf: false,
        }
    }

    /// One that came to the other replica, or not.
    #[must_use]
    pub fn at_replica(mut self, replica: bool) -> Self {
        self.replica = replica;
        self
    }

    /// What a new connection is told, in order.
    #[must_use]
    pub fn greeting(&self) -> Vec<Value> {
        let asks = self.rules.is_guarded() && self.rules.hooks.guards_websocket();
        let connected = outgoing::connected(asks);
        self.rules.hooks.on_greeting(connected)
    }

    /// What follows from an action, on a connection that is `watching` a run or none. Binary
    /// messages and texts that are no known action are [`Action::Other`].
    pub fn hear(&mut self, action: Action, watching: bool) -> Effect {
        if self.deaf {
            return Effect::Nothing;
        }
        if let Action::Authenticate { token } = action {
            return self.authenticate(token.as_deref());
        }
        let hooks = &self.rules.hooks;
        if !self.is_open() && !hooks.obeys_strangers(&action) && !self.remembers(&action) {
            return say_if(hooks.answers_strangers(), outgoing::auth_required());
        }
        match action {
            Action::Authenticate { .. } => Effect::Nothing,
            Action::Ping => say_if(hooks.answers_ping(watching), outgoing::pong()),
            Action::Start {
                workflow_id,
                message,
                session_id,
            } => self.start(workflow_id, message, session_id),
            Action::Reconnect { run_id: None, .. } => say_if(
                hooks.answers_missing_run_id(),
                outgoing::error("run_id is required"),
            ),
            Action::Reconnect {
                run_id: Some(run_id),
                position,
                workflow_id,
                session_id,
            } => Effect::Return(Wish {
                run_id,
                position,
                workflow_id,
                session_id,
                user: self.user.clone(),
                at_replica: self.replica,
            }),
            Action::Continue {
                workflow_id,
                run_id,
                session_id,
                step_requirements,
            } => match (workflow_id, run_id, session_id) {
                (None, ..) => Effect::Outgoing(outgoing::error("workflow_id is required")),
                (_, None, _) => Effect::Outgoing(outgoing::error("run_id is required")),
                (_, _, None) => Effect::Outgoing(outgoing::error("No session_id provided")),
                (Some(workflow_id), Some(run_id), Some(session_id)) => Effect::Continue(Going {
                    run_id,
                    workflow_id,
                    session_id,
                    user: self.user.clone(),
                    step_requirements,
                }),
            },
            Action::Other(_) => self.malformed(),
        }
    }

    /// Takes note that something was refused on the connection.
    pub fn refused(&mut self) {
        self.deaf = !self.rules.hooks.listens_after_refusal();
    }

    /// The user whose token has come, where users are kept apart.
    #[must_use]
    pub fn user(&self) -> Option<&String> {
        self.user.as_ref()
    }

    /// Whether the action names a session that needs no token any more. Only a fault remembers any.
    fn remembers(&self, action: &Action) -> bool {
        let Action::Reconnect {
            session_id: Some(session),
            ..
        } = action
        else {
            return false;
        };
        let sessions = self.rules.sessions.lock();
        let sessions = sessions.unwrap_or_else(PoisonError::into_inner);
        sessions.contains(session)
    }

    fn is_open(&self) -> bool {
        self.authenticated || !self.rules.is_guarded()
    }

    /// A wrong token after the right one leaves the connection authenticated, as on agno 3.1.10.
    fn authenticate(&mut self, token: Option<&str>) -> Effect {
        let rules = &self.rules;
        // As there, a text without a character is no token.
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return match rules.hooks.instead_of_missing_token() {
                None => Effect::Outgoing(outgoing::auth_error("Token is required")),
                Some(answer) => {
                    self.authenticated = true;
                    Effect::Outgoing(answer)
                }
            };
        };
        if !rules.admits(token) && !rules.hooks.takes_any_token() {
            let aloud = rules.hooks.answers_wrong_token();
            return say_if(aloud, outgoing::auth_error("Invalid token"));
        }
        self.authenticated = true;
        self.user = rules.users.get(token).cloned();
        match &self.user {
            None => Effect::Outgoing(outgoing::authenticated()),
            Some(user) => {
                Effect::SayBoth([outgoing::authenticated(), outgoing::authenticated_as(user)])
            }
        }
    }

    fn start(
        &self,
        workflow_id: Option<String>,
        message: Value,
        session_id: Option<String>,
    ) -> Effect {
        let Some(wanted) = workflow_id else {
            return Effect::Outgoing(outgoing::error("workflow_id is required"));
        };
        let Rules {
            workflows,
            hooks,
            sessions,
            ..
        } = &*self.rules;
        if hooks.remembers_sessions() {
            let mut sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.extend(session_id.clone());
        }
        let known = workflows.iter().find(|id| **id == wanted);
        match known.or_else(|| hooks.instead_of_unknown(workflows)) {
            Some(workflow_id) => Effect::Start {
                workflow_id: workflow_id.clone(),
                message,
                session_id,
            },
            None => say_if(
                hooks.answers_unknown_workflow(),
                outgoing::error(&format!("Workflow {wanted} not found")),
            ),
        }
    }

    fn malformed(&self) -> Effect {
        let hooks = &self.rules.hooks;
        if hooks.hangs_up_on_malformed() {
            Effect::HangUp
        } else if hooks.stops_all_on_malformed() {
            Effect::StopAll
        } else {
            let refusal = "a message must be a JSON object with a known action";
            say_if(hooks.answers_malformed(), outgoing::error(refusal))
        }
    }
}

fn say_if(aloud: bool, value: Value) -> Effect {
    if aloud {
        Effect::Outgoing(value)
    } else {
        Effect::Nothing
    }
}

#[cfg(test)]
mod tests;
