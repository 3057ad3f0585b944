//! What a viewer does at each control message, and its requests.

use secrecy::ExposeSecret;

use super::{Do, Follower, Phase};
use crate::protocol::{Action, Control, Outcome};
use crate::watch::defect::Defect;
use crate::watch::shown::State;

impl Follower {
    pub(super) fn control(&mut self, control: &Control) {
        if self.names.is_of_another(control.run_id()) {
            return;
        }
        if control.run_id().is_some() {
            self.progress.count_message();
        }
        match control {
            Control::Connected { requires_auth } if self.phase == Phase::Greeting => {
                match requires_auth {
                    Some(true) => self.authenticate(),
                    _ => self.request(),
                }
            }
            Control::Authenticated if self.phase == Phase::Authenticating => self.request(),
            Control::AuthError if self.has(Defect::TokenAgain) => {
                self.leave("the token was refused".to_owned());
            }
            Control::AuthError => self.refused("the server does not accept the token"),
            Control::AuthRequired => self.token_wanted(),
            Control::Error { error } => self.error(error.as_deref().unwrap_or_default()),
            Control::Queued { run_id } => {
                self.names.learn_run(run_id.as_ref());
                self.note("queued: the run begins when the server takes it".to_owned());
            }
            Control::CatchUp { missed_events, .. } => {
                self.phase = Phase::CatchingUp;
                self.state(State::CatchingUp(*missed_events));
            }
            Control::Subscribed { .. } => {
                self.pass_over();
                self.progress.commit();
                self.phase = Phase::Live;
                self.settle();
            }
            Control::Replay {
                status,
                total_events,
                ..
            } => self.replay(status.as_deref(), *total_events),
            Control::Connected { .. }
            | Control::Authenticated
            | Control::Pong
            | Control::Other { .. } => {}
        }
    }

    /// Asks for the run.
    pub(super) fn request(&mut self) {
        let position = self.progress.named(&self.defects);
        let back = self.names.back(position, &self.defects);
        let start = self.names.start();
        let restarts = self.has(Defect::RestartsRun);
        if let Some(start) = start.filter(|_| back.is_none() || restarts) {
            self.phase = Phase::Started;
            self.todo.push(Do::Say(start));
        }
        if let Some(back) = back {
            self.phase = Phase::Returning;
            self.todo.push(Do::Say(back));
        }
    }

    fn authenticate(&mut self) {
        let (_, before) = self.shown_token;
        if before && self.has(Defect::NoReauth) {
            return self.request();
        }
        let Some(token) = &self.token else {
            return self.refused("the server asks for a token, and none was given");
        };
        let token = Some(token.expose_secret().to_owned());
        self.shown_token = (true, true);
        self.phase = Phase::Authenticating;
        self.todo.push(Do::Say(Action::Authenticate { token }));
    }

    /// A request was refused because no token was shown, or because it has expired.
    fn token_wanted(&mut self) {
        let (here, before) = self.shown_token;
        match () {
            () if before && self.has(Defect::NoReauth) => {}
            () if here => self.refused("the server asks for the token again: it may have expired"),
            () => self.authenticate(),
        }
    }

    /// It answers the request that has no answer yet. Where there is none, it changes nothing.
    fn error(&mut self, text: &str) {
        match self.phase {
            Phase::Started | Phase::Returning if self.has(Defect::IgnoresError) => {
                self.leave("nothing came".to_owned());
            }
            Phase::Started | Phase::Returning => self.refused(text),
            _ => self.note(format!("error: {text}")),
        }
    }

    /// The run is not under way. Its events come again from 0, and those that were shown are known.
    fn replay(&mut self, status: Option<&str>, total: Option<u64>) {
        let outcome = status.and_then(Outcome::of);
        let blind = self.has(Defect::BlindToFailure) && outcome == Some(Outcome::Failed);
        self.phase = Phase::Replaying(total, outcome.filter(|_| !blind));
        let missed = total.map(|total| total.saturating_sub(self.progress.next()));
        if missed != Some(0) {
            self.state(State::CatchingUp(missed));
        }
        if total == Some(0) {
            self.replay_is_over();
        }
    }
}
