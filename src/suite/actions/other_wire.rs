//! Speaking over another wire than the viewers of the scenario usually do, and following a run over both.

use std::sync::Arc;

use crate::client::{Server, ViewerError};
use crate::protocol::{Component, RunRequest};
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::{NO_HTTP_ADDRESS, World};
use crate::transcript::EntryKind;

/// Why agents and teams are on one wire.
const WORKFLOWS: &str = "the WebSocket serves workflows alone";

impl World {
    /// Connects to the same server over the other wire, asks for the run, and waits until that is answered and what was
    /// missed has come.
    pub async fn return_over_the_other_wire(
        &mut self,
        name: &str,
        position: PositionArg,
    ) -> Result<(), StepError> {
        let was_over_http = self.viewer(name).is_over_http();
        let server = self.over_the_other_wire(was_over_http)?;
        self.viewer(name).turn_to(server);
        match self.viewer(name).connect().await {
            // That a server has no WebSocket is no matter of this suite.
            Err(ViewerError::NotConnected(error)) if was_over_http => {
                let text = format!("the server's WebSocket cannot be reached: {error}");
                return Err(StepError::NotApplicable(text));
            }
            connected => connected?,
        }
        self.ask_again(name, position).await
    }

    fn over_the_other_wire(&self, is_over_http: bool) -> Result<Server, StepError> {
        match (is_over_http, self.environment.plan.wire.component()) {
            (false, _) => self.over_http(),
            (true, Component::Workflow) => {
                Ok(Server::WebSocket(Arc::clone(&self.environment.address)))
            }
            (true, _) => Err(StepError::NotApplicable(WORKFLOWS.to_owned())),
        }
    }

    /// From here on the viewer speaks over HTTP.
    pub fn speak_over_http(&mut self, name: &str) -> Result<(), StepError> {
        if self.viewer(name).is_over_http() {
            return Ok(());
        }
        let server = self.over_http()?;
        self.viewer(name).turn_to(server);
        self.recorder
            .record(&name.into(), 0, EntryKind::SpeaksOverHttp);
        Ok(())
    }

    /// Where a viewer connects to who speaks over HTTP.
    fn over_http(&self) -> Result<Server, StepError> {
        let over_http = self.environment.server_over_http();
        over_http.ok_or_else(|| StepError::NotApplicable(NO_HTTP_ADDRESS.to_owned()))
    }

    /// Asks the server how the run is, beside any stream.
    pub async fn ask_for_the_status(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let (site, ask) =
            self.about_the_run(name, &run, RunRequest::State((&*run.run_id).into()))?;
        let answer = self.viewer(name).ask(&site, &ask).await;
        let what = "say how a run is";
        self.accepted(what, &site, &ask, answer).await.map(drop)
    }
}
