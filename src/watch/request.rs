//! What a viewer asks for: a new run, or its own again.

use std::sync::Arc;

use serde_json::Value;

use crate::protocol::{Action, Event, Position};
use crate::watch::defect::{Defect, Defects};

/// Which run a viewer wants to watch.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// A new one.
    Start {
        /// Of this workflow.
        workflow_id: String,
        /// What the workflow is told.
        message: Value,
        /// The session that it belongs to; the server makes one where it is left out.
        session_id: Option<String>,
    },
    /// One that somebody has started.
    Run {
        /// The workflow's run id.
        run_id: String,
        /// Its workflow, where that is known.
        workflow_id: Option<String>,
        /// Its session, where that is known.
        session_id: Option<String>,
    },
}

/// How the run is named when the viewer returns to it.
#[derive(Debug)]
pub(super) struct Names {
    wanted: Wanted,
    run: Option<Arc<str>>,
    session: Option<String>,
    /// The `run_id` of the latest event, for a defect.
    latest: Option<Arc<str>>,
}

impl Names {
    pub(super) fn new(wanted: Wanted) -> Self {
        let (run, session) = match &wanted {
            Wanted::Start { session_id, .. } => (None, session_id),
            Wanted::Run {
                run_id, session_id, ..
            } => (Some(run_id.as_str().into()), session_id),
        };
        Self {
            run,
            session: session.clone(),
            latest: None,
            wanted,
        }
    }

    /// The workflow's run id, once it is known.
    pub(super) fn run(&self) -> Option<&Arc<str>> {
        self.run.as_ref()
    }

    /// Learns the run's id, unless it is known already.
    pub(super) fn learn_run(&mut self, run: Option<&Arc<str>>) {
        self.run = self.run.take().or(run.cloned());
    }

    /// Learns from an event of the run.
    pub(super) fn learn(&mut self, event: &Event) {
        self.learn_run(event.named_run());
        let session = event.session_id.as_deref().map(str::to_owned);
        self.session = self.session.take().or(session);
        self.latest = event.run_id.clone();
    }

    /// Whether a message that names this run is about another one than the viewer's.
    pub(super) fn is_of_another(&self, run: Option<&Arc<str>>) -> bool {
        run.is_some() && self.run.is_some() && run != self.run.as_ref()
    }

    /// The request for a new run; `None` where the viewer wants one that there is.
    pub(super) fn start(&self) -> Option<Action> {
        match &self.wanted {
            Wanted::Run { .. } => None,
            Wanted::Start {
                workflow_id,
                message,
                session_id,
            } => Some(Action::Start {
                workflow_id: Some(workflow_id.clone()),
                message: message.clone(),
                session_id: session_id.clone(),
            }),
        }
    }

    /// The request for the viewer's run, from this position on; `None` where its id is not known.
    pub(super) fn back(&self, position: Position, defects: &Defects) -> Option<Action> {
        let run = match defects.has(Defect::AgentRunId) {
            true => self.latest.as_ref().or(self.run.as_ref()),
            false => self.run.as_ref(),
        };
        let workflow = match &self.wanted {
            Wanted::Start { workflow_id, .. } => Some(workflow_id.clone()),
            Wanted::Run { workflow_id, .. } => workflow_id.clone(),
        };
        let all = !defects.has(Defect::NamesRunOnly);
        Some(Action::Reconnect {
            run_id: Some(run?.to_string()),
            position,
            workflow_id: workflow.filter(|_| all),
            session_id: self.session.clone().filter(|_| all),
        })
    }
}
