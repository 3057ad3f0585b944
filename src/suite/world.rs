//! What the steps of one scenario share: the environment, the viewers, the current run and the
//! transcript, and nothing else.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, PoisonError};

use crate::client::http::Site;
use crate::client::{Recorder, Viewer};
use crate::client_mode::Session;
use crate::plan::Workflow;
use crate::protocol::{Component, Part};
use crate::suite::environment::Environment;
use crate::suite::step_error::StepError;
use crate::transcript::THE_SUITE;

/// Why nothing can be asked over HTTP.
pub(super) const NO_HTTP_ADDRESS: &str =
    "the target names no HTTP address; a target file can: http_url";

tokio::task_local! {
    /// The environment of the run that the present task carries out. Cucumber makes each world by
    /// itself; this is how the world gets it.
    pub(super) static ENVIRONMENT: Arc<Environment>;
}

/// What the steps of one scenario share.
pub struct World {
    /// The plan and the target.
    pub environment: Arc<Environment>,
    /// The transcript.
    pub recorder: Arc<Recorder>,
    /// The viewers, by name.
    pub viewers: BTreeMap<String, Viewer>,
    /// The run that the scenario is about: the one that was started last.
    pub run: Option<CurrentRun>,
    /// Every run that was started one by one, in order: run 1 is the first.
    pub runs: Vec<CurrentRun>,
    /// The client, where one is judged and has been started.
    pub client: Option<Session>,
    /// The scenario's name, where the client is told it.
    pub name: Option<String>,
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
        Ok(Self::of(ENVIRONMENT.with(Arc::clone)))
    }
}

impl World {
    /// One in which nothing has happened yet.
    #[must_use]
    pub fn of(environment: Arc<Environment>) -> Self {
        Self {
            recorder: Arc::new(Recorder::new(Arc::clone(&environment.redactor))),
            environment,
            viewers: BTreeMap::new(),
            run: None,
            runs: Vec::new(),
            client: None,
            name: None,
        }
    }

    /// From here on the scenario is about this run, which has just been started.
    pub fn begin(&mut self, run: CurrentRun) {
        self.store();
        self.runs.push(run.clone());
        self.run = Some(run);
    }

    /// From here on the scenario is about the run of this number, counted from 1. Gives whether there is
    /// one.
    pub fn turn_to(&mut self, number: u64) -> bool {
        self.store();
        let place = usize::try_from(number).unwrap_or_default().checked_sub(1);
        let run = place.and_then(|place| self.runs.get(place));
        let Some(run) = run.cloned() else {
            return false;
        };
        self.run = Some(run);
        true
    }

    /// Keeps what is known of the present run.
    fn store(&mut self) {
        if let Some(run) = &self.run {
            let mut all = self.runs.iter_mut();
            if let Some(known) = all.find(|it| it.run_id == run.run_id) {
                known.breakpoint = run.breakpoint;
            }
        }
    }

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

    /// Notes what the target file says and the server does not do: a configuration error. The step cannot go on.
    #[must_use]
    pub fn misconfigured(&self, key: &str, what: &str) -> StepError {
        let text = format!("{} {what}", self.environment.places.of_key(key));
        let text = self.recorder.mask(&text).into_owned();
        let noted = self.environment.misconfigured.lock();
        let mut noted = noted.unwrap_or_else(PoisonError::into_inner);
        noted.entry(key.to_owned()).or_insert_with(|| text.clone());
        StepError::Inconclusive(text)
    }

    /// The runs that were started before the present one, in order.
    pub fn earlier_runs(&self) -> impl DoubleEndedIterator<Item = &CurrentRun> {
        let present = self.run.as_ref().map(|run| Arc::clone(&run.run_id));
        let all = self.runs.iter();
        all.filter(move |it| Some(&it.run_id) != present.as_ref())
    }

    /// Where the server answers over HTTP.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the target does not say.
    pub fn site(&self) -> Result<Arc<Site>, StepError> {
        let site = self.environment.site.clone();
        site.ok_or_else(|| StepError::NotApplicable(NO_HTTP_ADDRESS.to_owned()))
    }

    /// The workflow that plays this part.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the target names none.
    pub fn workflow(&self, part: Part) -> Result<Workflow, StepError> {
        self.environment.casting.get(&part).cloned().ok_or_else(|| {
            let component = self.environment.plan.wire.component();
            let lacks = self.environment.abilities.lacks.get(&part);
            let lacks = lacks.filter(|_| component == Component::Workflow);
            let table = match component {
                Component::Workflow => "parts",
                other => other.segment(),
            };
            let kind = component.word();
            StepError::NotApplicable(lacks.cloned().unwrap_or_else(|| format!(
                "the target names no {kind} for the part `{part}`; a target file can: [{table}.{part}]"
            )))
        })
    }
}

/// The name in the record for what no viewer did.
#[must_use]
pub fn the_suite() -> Arc<str> {
    THE_SUITE.into()
}
