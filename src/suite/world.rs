//! What the steps of one scenario share: the environment, the viewers, the current run and the
//! transcript, and nothing else.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use crate::client::http::Site;
use crate::client::{Address, Patience, Recorder, Redactor, Viewer};
use crate::plan::{Abilities, Casting, Plan, Workflow};
use crate::protocol::Part;
use crate::target::admin::{Forget, Restart};
use crate::target::{Breakpoints, Variant};

use crate::suite::step_error::StepError;

tokio::task_local! {
    /// The environment of the run that the present task carries out. Cucumber makes each world by
    /// itself; this is how the world gets it.
    pub(super) static ENVIRONMENT: Arc<Environment>;
}

/// What all scenarios of a run share that use the same variant of the target.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What the run is asked to do.
    pub plan: Plan,
    /// Where the server is.
    pub address: Arc<Address>,
    /// Where the server answers over HTTP, where that is known.
    pub site: Option<Arc<Site>>,
    /// The token for `authenticate`.
    pub token: Option<SecretString>,
    /// Which workflow plays which part.
    pub casting: Casting,
    /// What the target can do, as it declares.
    pub abilities: Abilities,
    /// The handle to stop runs after an exact event, where the target has one.
    pub breakpoints: Option<Breakpoints>,
    /// The handle to restart the server, where the target has one.
    pub restart: Option<Arc<dyn Restart>>,
    /// The handle to make the server drop runs from its memory, where the target has one.
    pub forget: Option<Arc<dyn Forget>>,
    /// What must never be recorded.
    pub redactor: Arc<Redactor>,
    /// The record of each scenario, by its place in the selection.
    pub records: Arc<Mutex<HashMap<usize, Arc<Recorder>>>>,
    /// What the suite itself did wrong.
    pub faults: Arc<Mutex<Vec<String>>>,
    /// Distinguishes this run's sessions from those of every other.
    pub mark: String,
    /// Counts the sessions.
    pub sessions: Arc<AtomicU64>,
    /// Of the target itself: the environment of each variant, or why there is none.
    pub variants: BTreeMap<Variant, Result<Arc<Environment>, String>>,
    /// Of a variant: that of the second viewer, who is another user or uses the other replica.
    pub other: Option<Arc<Environment>>,
}

impl Environment {
    /// How long viewers wait.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience {
            silence: self.plan.timing.step,
            quiet: self.plan.timing.quiet,
        }
    }

    /// A session id that was never used before.
    #[must_use]
    pub fn new_session(&self) -> String {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed);
        format!("reconnect-acceptance-{}-{number}", self.mark)
    }

    /// A viewer who has not connected yet.
    #[must_use]
    pub fn new_viewer(&self, name: &str, recorder: &Arc<Recorder>) -> Viewer {
        self.new_viewer_with(self.token.clone(), name, recorder)
    }

    /// Likewise, with this token, or none.
    #[must_use]
    pub fn new_viewer_with(
        &self,
        token: Option<SecretString>,
        name: &str,
        recorder: &Arc<Recorder>,
    ) -> Viewer {
        Viewer::new(
            name,
            Arc::clone(&self.address),
            token,
            Arc::clone(recorder),
            self.patience(),
        )
    }
}

/// What the steps of one scenario share.
pub struct World {
    /// The plan and the target.
    pub environment: Arc<Environment>,
    /// The transcript.
    pub recorder: Arc<Recorder>,
    /// The viewers, by name.
    pub viewers: BTreeMap<String, Viewer>,
    /// The run that the scenario is about.
    pub run: Option<CurrentRun>,
}

/// The run that a scenario is about.
#[derive(Clone, Debug)]
pub struct CurrentRun {
    /// The workflow's run id.
    pub run_id: Arc<str>,
    /// The session that it was started in.
    pub session_id: Arc<str>,
    /// Its workflow.
    pub workflow_id: String,
    /// The event after which it stops, counted from 0; only where the target can do so.
    pub breakpoint: Option<u64>,
}

// By hand: viewers hold tokens, and cucumber prints worlds.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("viewers", &self.viewers.keys())
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl cucumber::World for World {
    type Error = Infallible;

    async fn new() -> Result<Self, Infallible> {
        let environment = ENVIRONMENT.with(Arc::clone);
        Ok(Self {
            recorder: Arc::new(Recorder::new(Arc::clone(&environment.redactor))),
            environment,
            viewers: BTreeMap::new(),
            run: None,
        })
    }
}

impl World {
    /// Hands the record over to the run, so that nothing of it is lost if the scenario is cut short.
    pub fn register(&self, place: usize) {
        self.environment
            .records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(place, Arc::clone(&self.recorder));
    }

    /// The viewer of this name; new if there was none.
    pub fn viewer(&mut self, name: &str) -> &mut Viewer {
        let (environment, recorder) = (&self.environment, &self.recorder);
        self.viewers
            .entry(name.to_owned())
            .or_insert_with(|| environment.new_viewer(name, recorder))
    }

    /// The run that the scenario is about.
    ///
    /// # Errors
    ///
    /// [`StepError::Suite`] where no step has started one: a fault of the feature.
    pub fn current_run(&self) -> Result<CurrentRun, StepError> {
        self.run
            .clone()
            .ok_or_else(|| StepError::Suite("the scenario has started no run".to_owned()))
    }

    /// Where the server answers over HTTP.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the target does not say.
    pub fn site(&self) -> Result<Arc<Site>, StepError> {
        self.environment.site.clone().ok_or_else(|| {
            StepError::NotApplicable(
                "the target names no HTTP address; a target file can: http_url".to_owned(),
            )
        })
    }

    /// The workflow that plays this part.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the target names none.
    pub fn workflow(&self, part: Part) -> Result<Workflow, StepError> {
        self.environment.casting.get(&part).cloned().ok_or_else(|| {
            let lacks = self.environment.abilities.lacks.get(&part);
            StepError::NotApplicable(lacks.cloned().unwrap_or_else(|| format!(
                "the target names no workflow for the part `{part}`; a target file can: [parts.{part}]"
            )))
        })
    }
}

/// The name in the record for what no viewer did.
#[must_use]
pub fn the_suite() -> Arc<str> {
    "the suite".into()
}
