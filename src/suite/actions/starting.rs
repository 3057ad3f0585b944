//! Connecting, and starting runs.

use std::sync::Arc;

use super::shared::{self, is_answered, start_of};
use crate::client::{ViewerError, timer};
use crate::plan::{QUIET, Workflow};
use crate::protocol::{Action, Part};
use crate::suite::params::Payload;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World, the_suite};
use crate::transcript::EntryKind;

impl World {
    /// Opens a connection, is greeted, and authenticates where the server asks for it.
    pub async fn connect(&mut self, name: &str) -> Result<(), StepError> {
        Ok(self.viewer(name).connect().await?)
    }

    /// Sends something that is not about the present run.
    pub async fn send(&mut self, name: &str, action: Action) -> Result<(), StepError> {
        self.viewer(name).say(action).await?;
        Ok(())
    }

    /// Starts a run, and waits for its first event. With `breakpoint`, the run stops after the event of
    /// this index, where the target can do so.
    pub async fn start(
        &mut self,
        name: &str,
        part: Part,
        breakpoint: Option<u64>,
    ) -> Result<CurrentRun, StepError> {
        let workflow = self.workflow(part)?;
        self.start_workflow(name, part, &workflow, breakpoint).await
    }

    /// Starts a run that repeats this text. Otherwise as [`World::start`].
    pub async fn start_repeating(
        &mut self,
        name: &str,
        payload: Payload,
        breakpoint: Option<u64>,
    ) -> Result<CurrentRun, StepError> {
        let workflow = Workflow {
            message: payload.text().into_owned().into(),
            ..self.workflow(Part::Echoing)?
        };
        let part = Part::Echoing;
        self.start_workflow(name, part, &workflow, breakpoint).await
    }

    async fn start_workflow(
        &mut self,
        name: &str,
        part: Part,
        workflow: &Workflow,
        breakpoint: Option<u64>,
    ) -> Result<CurrentRun, StepError> {
        let session = self.new_session(part, workflow, breakpoint)?;
        self.start_in(name, workflow, session, breakpoint).await
    }

    /// Starts a run of this workflow in this session, whose breakpoint is set.
    pub(super) async fn start_in(
        &mut self,
        name: &str,
        workflow: &Workflow,
        session: Arc<str>,
        breakpoint: Option<u64>,
    ) -> Result<CurrentRun, StepError> {
        if !self.viewer(name).is_here() {
            self.connect(name).await?;
        }
        let known = self.known_runs();
        let started = shared::start(self.viewer(name), workflow, &session, &known).await;
        let run = self.first_started(name, workflow, started).await?;
        let breakpoint = self.environment.breakpoints.as_ref().and(breakpoint);
        let run = CurrentRun { breakpoint, ..run };
        self.begin(run.clone());
        Ok(run)
    }

    /// Notes how the first start of a run went. Where it was refused, and the server is well otherwise, so will be
    /// all others.
    async fn first_started(
        &mut self,
        name: &str,
        workflow: &Workflow,
        started: Result<CurrentRun, ViewerError>,
    ) -> Result<CurrentRun, StepError> {
        let casting = &self.environment.casting;
        let long = casting.get(&Part::Long);
        let of_all = long.is_none_or(|long| long.workflow_id == workflow.workflow_id);
        let Some(first) = self.environment.first_start.clone() else {
            return Ok(started?);
        };
        match started {
            Ok(run) => {
                first.taken();
                Ok(run)
            }
            Err(error) => {
                let refused = of_all && matches!(error, ViewerError::Refused { .. });
                // Over HTTP a refusal is an answer by itself.
                let over_http = self.viewer(name).is_over_http();
                if refused && (over_http || is_answered(self.viewer(name)).await) {
                    first.refused(&error.to_string());
                }
                Err(error.into())
            }
        }
    }

    /// The ids of the runs that were started already.
    pub(super) fn known_runs(&self) -> Vec<Arc<str>> {
        self.runs
            .iter()
            .map(|run| Arc::clone(&run.run_id))
            .collect()
    }

    /// A session for a run of this workflow, with its breakpoint set; the record says what it is for.
    pub(super) fn new_session(
        &self,
        part: Part,
        workflow: &Workflow,
        breakpoint: Option<u64>,
    ) -> Result<Arc<str>, StepError> {
        self.note_retention(part)?;
        let session: Arc<str> = self.environment.new_session().into();
        if let (Some(breakpoints), Some(after)) = (&self.environment.breakpoints, breakpoint) {
            breakpoints.set(&session, after);
        }
        self.note_part(part, workflow);
        Ok(session)
    }

    /// Notes in the record how many events of such a run the target keeps, where that is not all of them.
    pub(super) fn note_retention(&self, part: Part) -> Result<(), StepError> {
        let keeps = match part {
            Part::Endless => Some(self.retention()?),
            // The bundled server drops events of endless runs alone.
            Part::Talkative if self.environment.breakpoints.is_none() => {
                self.environment.abilities.retention
            }
            _ => None,
        };
        if part == Part::Quiet {
            let lasts = self.environment.abilities.quiet.unwrap_or(QUIET);
            self.note(EntryKind::Quiet(lasts));
        }
        if let Some(events) = keeps {
            self.note(EntryKind::Retention { events });
        }
        Ok(())
    }

    /// Notes in the record which part the workflow plays.
    pub(super) fn note_part(&self, part: Part, workflow: &Workflow) {
        let workflow_id = workflow.workflow_id.clone();
        self.note(EntryKind::Part { workflow_id, part });
    }

    /// Notes something of the suite's own in the record.
    pub(super) fn note(&self, what: EntryKind) {
        self.recorder.record(&the_suite(), 0, what);
    }

    /// Starts a run that stops before its first event.
    pub async fn start_before_the_first(
        &mut self,
        name: &str,
        part: Part,
    ) -> Result<(), StepError> {
        let Some(breakpoints) = self.environment.breakpoints.clone() else {
            return Err(StepError::NotApplicable(
                "the target cannot stop a run before its first event, as only the bundled server can"
                    .to_owned(),
            ));
        };
        let workflow = self.workflow(part)?;
        let session = self.new_session(part, &workflow, None)?;
        breakpoints.set_before_first(&session);
        self.connect(name).await?;
        self.send(name, start_of(&workflow, &session)).await?;
        let limit = self.environment.plan.timing.step;
        let stopped = timer::within(limit, breakpoints.reached_before_first(&session)).await;
        let run_id = breakpoints.run_of(&session);
        let (Ok(Ok(())), Some(run_id)) = (stopped, run_id) else {
            return Err(StepError::Inconclusive(
                "the run did not stop before its first event".to_owned(),
            ));
        };
        self.begin(CurrentRun {
            run_id: run_id.into(),
            session_id: session,
            workflow_id: workflow.workflow_id,
            breakpoint: Some(0),
        });
        Ok(())
    }
}
