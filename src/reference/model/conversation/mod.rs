//! What one connection may ask for, and what that means. No sockets.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::protocol::{Action, Component, RunRequest};
use crate::reference::fault::hooks::{Faults, OnMalformed};
use crate::reference::fault::mutation::Moment;
use crate::reference::model::outgoing::{self, Outgoing};
use crate::reference::model::request::{ContinueRequest, ReturnRequest};
use crate::reference::play::Play;

/// The state of one connection: whether it has authenticated, and whether it is listened to.
pub struct Conversation {
    rules: Arc<Rules>,
    authenticated: bool,
    user: Option<String>,
    /// When its token expires, if it does.
    expires: Option<Instant>,
    /// The workflows that its token is for, where permissions are given for single ones.
    permitted: Option<Vec<String>>,
    /// Whether it came to the other replica.
    replica: bool,
    deaf: bool,
    /// How many tokens were refused. Only faults look at it.
    refused_tokens: u32,
}

/// What every connection of a server has in common. Contains tokens, so it is not `Debug`.
#[derive(Default)]
pub struct Rules {
    /// The token that opens a connection, where one is needed.
    pub token: Option<String>,
    /// The tokens of the users that it knows, and each one's name, where it keeps users apart.
    pub users: BTreeMap<String, String>,
    /// By token: the ids of the workflows that it is for, where permissions are given for single ones.
    pub permissions: BTreeMap<String, Vec<String>>,
    /// By token: how long after it was first shown it expires.
    pub issued: Mutex<HashMap<String, Duration>>,
    /// The ids of the workflows that can be started.
    pub workflows: Vec<String>,
    /// How a client that is judged is treated: it may start any workflow.
    pub play: Option<Arc<Play>>,
    /// The server's faults.
    pub faults: Faults,
}

/// What follows from an action.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// The connection is sent these messages, or nothing.
    Send(Vec<Outgoing>),
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
    Return(ReturnRequest),
    /// The viewer lets a paused run go on.
    Continue(ContinueRequest),
    /// The fault for a message that cannot be read strikes.
    Malformed(OnMalformed),
}

impl Rules {
    /// Whether a connection needs a token.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.token.is_some() || !self.users.is_empty() || !self.permissions.is_empty()
    }

    /// A new token, which expires so long after it was first shown.
    pub fn issue(&self, valid_for: Duration) -> String {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let token = format!("token-that-expires-{}", issued.len() + 1);
        issued.insert(token.clone(), valid_for);
        token
    }

    /// How long after it was first shown this token expires, where it does.
    fn valid_for(&self, token: &str) -> Option<Duration> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.get(token).copied()
    }

    /// Whether a fault lets this request over HTTP in, which comes with a wrong token, or none.
    #[must_use]
    pub fn lets_in_over_http(&self, given: Option<&str>, request: &RunRequest<'_>) -> bool {
        let faults = &self.faults;
        faults.accepts_unauthenticated_request(request)
            || given.is_some_and(|it| faults.accepts_token(Some(it), self.right_tokens(), 0))
    }

    /// The tokens of the server, and of its users.
    fn right_tokens(&self) -> impl Iterator<Item = &str> {
        let all = self.token.iter().chain(self.users.keys());
        all.map(String::as_str)
    }

    /// Whether this token opens a connection.
    #[must_use]
    pub fn admits(&self, token: &str) -> bool {
        if self.play.as_ref().is_some_and(|play| !play.takes_tokens()) {
            return false;
        }
        !self.is_guarded()
            || self.token.as_deref() == Some(token)
            || self.users.contains_key(token)
            || self.permissions.contains_key(token)
            || self.valid_for(token).is_some()
    }
}

impl Conversation {
    /// A connection that has sent nothing yet.
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            authenticated: false,
            user: None,
            expires: None,
            permitted: None,
            replica: false,
            deaf: false,
            refused_tokens: 0,
        }
    }

    /// One that came to the other replica, or not.
    #[must_use]
    pub fn at_replica(mut self, replica: bool) -> Self {
        self.replica = replica;
        self
    }

    /// What a new connection is sent, in order.
    #[must_use]
    pub fn greeting(&self) -> Vec<Outgoing> {
        let connected = outgoing::connected(self.rules.is_guarded());
        self.sent(vec![connected], false)
    }

    /// What follows from an action, on a connection that is `watching` a run or none. Binary
    /// messages and texts that are no known action are [`Action::Other`].
    pub fn hear(&mut self, action: Action, watching: bool) -> Effect {
        if self.deaf {
            return Effect::Send(Vec::new());
        }
        self.obey(action)
            .unwrap_or_else(|answer| Effect::Send(self.sent(answer, watching)))
    }

    /// What an action brings about; the error is an answer in its place.
    fn obey(&mut self, action: Action) -> Result<Effect, Vec<Value>> {
        let rules = &self.rules;
        let expired = self.expires.is_some_and(|at| at <= Instant::now());
        if expired && rules.faults.asks_again() {
            self.authenticated = false;
        }
        let open = self.authenticated || !rules.is_guarded();
        match action {
            Action::Authenticate { token } => Err(self.authenticate(token.as_deref())),
            action if !open && !rules.faults.accepts_unauthenticated(&action) => {
                Err(vec![outgoing::auth_required()])
            }
            Action::Ping => Err(vec![outgoing::pong()]),
            Action::Start {
                workflow_id,
                message,
                session_id,
            } => self.start(workflow_id, message, session_id),
            Action::Reconnect {
                run_id,
                position,
                workflow_id,
                session_id,
            } => Ok(Effect::Return(ReturnRequest {
                run_id: named(run_id, "run_id is required")?,
                position,
                workflow_id,
                session_id,
                user: self.user.clone(),
                permitted: self.permitted.clone(),
                at_replica: self.replica,
                over_http: false,
            })),
            Action::Continue {
                workflow_id,
                run_id,
                session_id,
                step_requirements,
            } => Ok(Effect::Continue(ContinueRequest {
                component: Component::Workflow,
                workflow_id: named(workflow_id, "workflow_id is required")?,
                run_id: named(run_id, "run_id is required")?,
                session_id: named(session_id, "No session_id provided")?,
                user: self.user.clone(),
                answers: step_requirements,
                over_http: false,
                streams: true,
            })),
            Action::Other(_) => match rules.faults.on_malformed() {
                Some(fault) => Ok(Effect::Malformed(fault)),
                None => Err(refusal(
                    "a message must be a JSON object with a known action",
                )),
            },
        }
    }

    /// Notes that something was refused on the connection.
    pub fn refused(&mut self) {
        self.deaf = !self.rules.faults.listens_after_refusal();
    }

    /// The user whose token was sent, where users are kept apart.
    #[must_use]
    pub fn user(&self) -> Option<&String> {
        self.user.as_ref()
    }

    /// A wrong token after the right one leaves the connection authenticated, as on agno 3.1.10.
    fn authenticate(&mut self, token: Option<&str>) -> Vec<Value> {
        let rules = &self.rules;
        // As there, a text without a character is no token.
        let token = token.filter(|token| !token.is_empty());
        let right = token.is_some_and(|token| rules.admits(token));
        let all = rules.right_tokens();
        if !right && !rules.faults.accepts_token(token, all, self.refused_tokens) {
            self.refused_tokens += 1;
            return vec![outgoing::auth_error(match token {
                Some(_) => "Invalid token",
                None => "Token is required",
            })];
        }
        self.authenticated = true;
        self.user = token.and_then(|token| rules.users.get(token)).cloned();
        self.permitted = token
            .and_then(|token| rules.permissions.get(token))
            .cloned();
        let valid_for = token.and_then(|token| rules.valid_for(token));
        self.expires = valid_for.map(|valid_for| Instant::now() + valid_for);
        let mut answer = vec![outgoing::authenticated()];
        answer.extend(self.user.as_deref().map(outgoing::authenticated_as));
        answer
    }

    fn start(
        &self,
        workflow_id: Option<String>,
        message: Value,
        session_id: Option<String>,
    ) -> Result<Effect, Vec<Value>> {
        let wanted = named(workflow_id, "workflow_id is required")?;
        let Rules {
            workflows, faults, ..
        } = &*self.rules;
        faults.on_start(session_id.as_ref());
        if self.rules.play.is_some() {
            return Ok(Effect::Start {
                workflow_id: wanted,
                message,
                session_id,
            });
        }
        let known = workflows.iter().find(|id| **id == wanted);
        let known = known.or_else(|| faults.instead_of_unknown_workflow(workflows));
        let known = known.ok_or_else(|| refusal(&format!("Workflow {wanted} not found")))?;
        let permitted = self.permitted.as_ref();
        if permitted.is_some_and(|permitted| !permitted.contains(known)) {
            return Err(refusal("Access denied: no permission for this workflow"));
        }
        Ok(Effect::Start {
            workflow_id: known.clone(),
            message,
            session_id,
        })
    }

    /// Control messages as they are sent.
    fn sent(&self, values: Vec<Value>, watching: bool) -> Vec<Outgoing> {
        let mut messages = values.into_iter().map(Outgoing::Control).collect();
        let moment = Moment::control(watching);
        self.rules.faults.mutate(&moment, &mut messages);
        messages
    }
}

fn refusal(text: &str) -> Vec<Value> {
    vec![outgoing::error(text)]
}

/// An id that the client must name; the refusal where it does not.
fn named(id: Option<String>, text: &str) -> Result<String, Vec<Value>> {
    id.ok_or_else(|| refusal(text))
}

#[cfg(test)]
mod tests;
