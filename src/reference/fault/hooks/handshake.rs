//! Authentication, and what is done with requests.

use std::sync::PoisonError;

use crate::protocol::Action;
use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;

/// What is done with a message that cannot be read, instead of a refusal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnMalformed {
    /// The connection is dropped without a close frame.
    Drop,
    /// Every run is stopped.
    StopAll,
}

impl Faults {
    /// Whether a token that is wrong, or missing, is taken for the right one.
    pub fn accepts_token(&self, token: Option<&str>) -> bool {
        match token {
            Some(_) => self.has(Fault::AuthAnyToken),
            None => self.has(Fault::AuthMissingToken),
        }
    }

    /// Whether an action is obeyed without authentication.
    pub fn accepts_unauthenticated(&self, action: &Action) -> bool {
        self.has(Fault::AuthHttpOnly)
            || self.has(Fault::AuthNotNeeded)
            || match action {
                Action::Ping => self.has(Fault::AuthPingOpen),
                Action::Reconnect { session_id, .. } => {
                    self.has(Fault::AuthReturnOpen)
                        || session_id.as_ref().is_some_and(|it| self.remembers(it))
                }
                _ => false,
            }
    }

    /// Notes the session of a run that is started with a token.
    pub fn on_start(&self, session_id: Option<&String>) {
        if self.has(Fault::AuthSessionRemembered) {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.extend(session_id.cloned());
        }
    }

    fn remembers(&self, session_id: &str) -> bool {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.contains(session_id)
    }

    /// The workflow that is started in the place of an unknown one.
    pub fn instead_of_unknown_workflow<'a>(&self, known: &'a [String]) -> Option<&'a String> {
        let short = known.iter().find(|id| id.starts_with("short"));
        let other = short.or(known.last());
        other.filter(|_| self.has(Fault::UnknownWorkflowStarts))
    }

    /// Whether a connection is still listened to after a refusal.
    pub fn listens_after_refusal(&self) -> bool {
        !self.has(Fault::DeafAfterRefusal)
    }

    /// What is done with a message that cannot be read, instead of a refusal.
    pub fn on_malformed(&self) -> Option<OnMalformed> {
        if self.has(Fault::MalformedCutsOff) {
            Some(OnMalformed::Drop)
        } else {
            self.has(Fault::MalformedStopsRuns)
                .then_some(OnMalformed::StopAll)
        }
    }

    /// Whether a closing handshake is answered.
    pub fn answers_close(&self) -> bool {
        !self.has(Fault::NoCloseHandshake)
    }
}
