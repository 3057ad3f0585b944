//! Authentication, and what is done with requests.

use std::sync::PoisonError;

use crate::protocol::{Action, RunRequest};
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
    /// Whether a token that is wrong, or missing, is taken for the right one, where these are right and
    /// so many were refused before.
    pub fn accepts_token<'t>(
        &self,
        token: Option<&str>,
        mut right: impl Iterator<Item = &'t str>,
        refused: u32,
    ) -> bool {
        let Some(token) = token else {
            return self.has(Fault::AuthMissingToken);
        };
        let (half, changed) = (
            self.has(Fault::AuthHalfToken),
            self.has(Fault::AuthChangedToken),
        );
        self.has(Fault::AuthAnyToken)
            || self.has(Fault::AuthThirdTry) && refused >= 2
            || self.has(Fault::AuthUnsignedToken) && is_unsigned(token)
            || (half || changed)
                && right.any(|right| {
                    half && right.starts_with(token) && 2 * token.len() >= right.len()
                        || changed
                            && signature(token).is_some()
                            && signature(token) == signature(right)
                })
    }

    /// Whether an action is obeyed without authentication.
    pub fn accepts_unauthenticated(&self, action: &Action) -> bool {
        self.has(Fault::AuthHttpOnly)
            || self.has(Fault::AuthNotNeeded)
            || match action {
                Action::Ping => self.has(Fault::AuthPingOpen),
                Action::Continue { .. } => self.has(Fault::AuthContinueOpen),
                Action::Reconnect { session_id, .. } => {
                    self.has(Fault::AuthReturnOpen)
                        || session_id.as_ref().is_some_and(|it| self.remembers(it))
                }
                _ => false,
            }
    }

    /// Whether a token that has expired is asked for again.
    pub fn asks_again(&self) -> bool {
        !self.has(Fault::AuthExpiryIgnored)
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

    /// Whether a request over HTTP is obeyed that comes without the right token.
    pub fn accepts_unauthenticated_request(&self, request: &RunRequest<'_>) -> bool {
        self.has(Fault::AuthNotNeeded)
            || match request {
                RunRequest::Continue(_) => self.has(Fault::AuthContinueOpen),
                RunRequest::Resume(_) => self.has(Fault::AuthReturnOpen),
                RunRequest::Start | RunRequest::Cancel(_) | RunRequest::State(_) => false,
            }
    }

    /// Whether a request over HTTP that cannot be read gets no answer.
    pub fn is_silent_on_malformed(&self) -> bool {
        self.has(Fault::MalformedSilent)
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

/// The last of the three parts of a token in the form of a JWT.
fn signature(token: &str) -> Option<&str> {
    let mut parts = token.split('.');
    let last = parts.nth(2)?;
    (parts.next().is_none() && !last.is_empty()).then_some(last)
}

/// Whether a token in the form of a JWT has an empty signature.
fn is_unsigned(token: &str) -> bool {
    token.ends_with('.') && token.matches('.').count() == 2
}
