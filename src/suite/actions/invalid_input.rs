//! Invalid positions and invalid messages.
//!
//! Whatever the server does, silence and a close frame included, is in the record, and the checks say
//! what it means. So a wait without success ends no scenario here.

use super::shared::{event_of, in_the_record};
use crate::client::ViewerError;
use crate::protocol::action::NO_SUCH;
use crate::protocol::{
    Action, Component, Control, InvalidRequest, Part, Position, Route, RunRequest,
};
use crate::suite::params::{InvalidMessage, InvalidPosition};
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::{EntryKind, Number};

impl World {
    /// Opens a connection and asks for the run with a position that no viewer can have.
    pub async fn return_with_invalid(
        &mut self,
        name: &str,
        invalid_position: InvalidPosition,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        let last = self.last_index(&run).unwrap_or_default();
        let position = invalid_position.position(last);
        self.connect(name).await?;
        self.ask_for(name, &run, position).await?;
        self.release(&run);
        Ok(())
    }

    /// Asks for the run with the index of its ending, as soon as any viewer gets it, on a connection
    /// that is open already.
    pub async fn return_at_the_ending(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let others = self.others(name);
        let Some(watching) = others.first() else {
            return Err(StepError::Suite("nobody watches the run".to_owned()));
        };
        let index = self
            .viewer(watching)
            .wait(0, "the ending of the run", |entry| {
                let event = event_of(entry, &run.run_id)?;
                event.final_ending().map(|_| event.index.at())
            })
            .await?;
        let position = index.map_or(Position::Null, Position::At);
        self.ask_for(name, &run, position).await?;
        Ok(())
    }

    /// Everybody else who is connected watches the run to its ending.
    pub async fn others_to_the_end(&mut self, name: &str) -> Result<(), StepError> {
        for other in self.others(name) {
            self.to_the_end_if_it_comes(&other).await?;
        }
        Ok(())
    }

    /// Waits until the viewer's last return is refused, or the ending comes.
    pub async fn refused_or_told_the_ending(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let Some((asked, connection)) = self.last_sent(name) else {
            return Ok(());
        };
        let over = self.recorder.look(asked, |entry| {
            let theirs = &*entry.viewer == name && entry.connection == connection;
            (theirs && matches!(entry.what, EntryKind::TimedOut { .. })).then_some(())
        });
        if over.is_some() {
            return Ok(());
        }
        let told =
            self.viewer(name)
                .wait(asked, "word that the run has finished", |entry| match entry
                    .message()?
                    .control()
                {
                    Some(Control::Error { .. } | Control::AuthRequired) => Some(()),
                    Some(_) => None,
                    None => event_of(entry, &run.run_id)?.final_ending().map(|_| ()),
                });
        in_the_record(told.await)
    }

    /// Sends a message that is no request of the protocol, and waits for the refusal or the end of the
    /// connection. Over HTTP, that is a start whose body is no form, or a request by another method.
    pub async fn send_invalid(
        &mut self,
        name: &str,
        invalid_message: InvalidMessage,
    ) -> Result<(), StepError> {
        let over_http = match self.viewer(name).is_over_http() {
            true => {
                let component = self.environment.plan.wire.component();
                let workflow = self.workflow(Part::Long)?;
                Some(over_http(invalid_message, component, &workflow.workflow_id))
            }
            false => None,
        };
        let viewer = self.viewer(name);
        let said = match (over_http, invalid_message.text()) {
            (Some(text), _) => viewer.say(Action::Other(text)).await?,
            (None, Some(text)) => viewer.say(Action::Other(text.to_owned())).await?,
            (None, None) => viewer.say_binary(vec![0, 159, 146, 150, 255]).await?,
        };
        let refused = viewer.wait(said, "`error`, or a close frame", |entry| {
            matches!(
                entry.message()?.control()?,
                Control::Error { .. } | Control::AuthRequired
            )
            .then_some(())
        });
        match refused.await {
            // Here the way in which the connection ends is what the rule is about.
            Err(ViewerError::Cut { .. }) => Ok(()),
            waited => in_the_record(waited),
        }
    }

    /// The entry and the connection of what the viewer sent last.
    fn last_sent(&self, name: &str) -> Option<(Number, u32)> {
        self.recorder.look_back(|entry| {
            let said = &*entry.viewer == name && entry.action().is_some();
            said.then_some((entry.number, entry.connection))
        })
    }

    /// The names of the viewers who are connected, but for this one.
    fn others(&self, name: &str) -> Vec<String> {
        let mut others = self.connected();
        others.retain(|other| other != name);
        others
    }
}

/// The request over HTTP in the place of such a message, as it is written: a start of this component whose body is no
/// form, or a return by a method that its path does not have.
fn over_http(invalid_message: InvalidMessage, component: Component, id: &str) -> String {
    let route = |request| Route::about(component, id, request).path();
    let no_such = || RunRequest::Resume(format!("{NO_SUCH}run").into());
    let (method, path, body) = match (invalid_message, invalid_message.text()) {
        (InvalidMessage::UnknownAction, _) => ("GET", route(no_such()), None),
        (InvalidMessage::NotJson, Some(text)) => {
            ("POST", route(RunRequest::Start), Some(("text/plain", text)))
        }
        (_, Some(text)) => {
            let body = Some(("application/json", text));
            ("POST", route(RunRequest::Start), body)
        }
        (_, None) => {
            let body = Some(("application/octet-stream", "\0\u{1}\u{7f}\u{9f}"));
            ("POST", route(RunRequest::Start), body)
        }
    };
    let path = &path;
    InvalidRequest { method, path, body }.to_text()
}
