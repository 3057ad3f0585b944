//! From cucumber's events to the run model: the outcome of each step and, when a scenario is over, the
//! verdicts of the checks on its record.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use cucumber::event::{self, Cucumber, Event, Feature, Rule};
use cucumber::{Writer, cli, gherkin, parser, writer};

use crate::check::registry;
use crate::client::Recorder;
use crate::plan::Timing;
use crate::report::model::run::{Limit, LimitUsage, ScenarioReport, StepOutcome, Verdict};
use crate::report::verdict::of_run::{Judged, judge};
use crate::report::verdict::{as_of, of_run};
use crate::suite::environment::Environment;
use crate::suite::selection::place_of;
use crate::suite::step_error::{StepError, message};
use crate::suite::world::World;
use crate::transcript::Transcript;

/// Something that happened to a scenario.
#[derive(Clone, Copy, Debug)]
pub enum Moment<'m> {
    /// It begins.
    Started(&'m ScenarioReport),
    /// It is over, with its record where there is one.
    Finished(&'m ScenarioReport, Option<&'m Arc<Transcript>>),
    /// All are over, and so many that a client says are not for it are tried once more.
    Probed(usize),
}

/// Called whenever a scenario begins or is over.
pub type Progress<'p> = Box<dyn FnMut(Moment<'_>) + 'p>;

/// What is known of every selected scenario so far.
#[derive(Debug, Default)]
pub struct RunState {
    scenarios: Vec<ScenarioState>,
    /// What the suite itself did wrong.
    pub suite_errors: Vec<String>,
}

#[derive(Debug)]
struct ScenarioState {
    report: ScenarioReport,
    cursor: usize,
    began: Option<Instant>,
    step_began: Option<SystemTime>,
    /// What the suite itself did wrong in it.
    suite_error: Option<String>,
    judged: Option<Judged>,
}

/// The writer that cucumber tells its events.
pub struct ModelWriter<'p> {
    state: Arc<Mutex<RunState>>,
    environment: Arc<Environment>,
    progress: Progress<'p>,
    failed: tokio::sync::watch::Sender<bool>,
}

impl RunState {
    /// Nothing has happened in any of these yet.
    #[must_use]
    pub fn new(reports: Vec<ScenarioReport>) -> Self {
        Self {
            scenarios: reports
                .into_iter()
                .map(|report| ScenarioState {
                    report,
                    cursor: 0,
                    began: None,
                    step_began: None,
                    suite_error: None,
                    judged: None,
                })
                .collect(),
            suite_errors: Vec::new(),
        }
    }

    /// The requirements of a scenario's rule.
    pub fn requirements(&self, place: usize) -> Vec<String> {
        let scenario = self.scenarios.get(place);
        scenario.map_or_else(Vec::new, |it| it.report.requirements.clone())
    }

    /// Finishes a scenario that was not run.
    pub fn settle(
        &mut self,
        place: usize,
        verdict: Verdict,
        reason: &str,
    ) -> Option<ScenarioReport> {
        let state = self.scenarios.get_mut(place)?;
        state.report.verdict = verdict;
        state.report.reason = Some(reason.to_owned());
        let judged = Judged {
            scenario: state.report.clone(),
            check_verdicts: Vec::new(),
            transcript: None,
        };
        let report = of_run::of_scenario(&judged);
        state.judged = Some(judged);
        Some(report)
    }

    /// Every scenario with its verdicts; those that never finished with what was recorded, and this
    /// reason.
    pub fn close(&mut self, environment: &Environment, reason: &str) -> Vec<Judged> {
        let mut all = Vec::with_capacity(self.scenarios.len());
        for (place, state) in self.scenarios.drain(..).enumerate() {
            all.push(state.judged.unwrap_or_else(|| {
                let mut report = state.report;
                report.verdict = Verdict::Inconclusive;
                report.reason = Some(reason.to_owned());
                report.duration_ms = state.began.map_or(0, |began| millis(began.elapsed()));
                report.time_limits = limits_used(environment, place);
                judge(report, record_of(environment, place))
            }));
        }
        all
    }

    /// The scenarios that have finished, each with its place.
    pub fn judged(&self) -> impl Iterator<Item = (usize, &Judged)> {
        let all = self.scenarios.iter().enumerate();
        all.filter_map(|(place, state)| Some((place, state.judged.as_ref()?)))
    }

    /// How many scenarios have not finished.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.scenarios
            .iter()
            .filter(|state| state.judged.is_none())
            .count()
    }
}

impl<'p> ModelWriter<'p> {
    /// Writes into this state, and reports progress.
    #[must_use]
    pub fn new(
        state: Arc<Mutex<RunState>>,
        environment: Arc<Environment>,
        progress: Progress<'p>,
        failed: tokio::sync::watch::Sender<bool>,
    ) -> Self {
        Self {
            state,
            environment,
            progress,
            failed,
        }
    }

    fn scenario(
        &mut self,
        scenario: &gherkin::Scenario,
        event: event::Scenario<World>,
        at: SystemTime,
    ) {
        let Some(place) = place_of(scenario) else {
            return;
        };
        match event {
            event::Scenario::Started => {
                self.change(place, |state| state.began = Some(Instant::now()));
                let of = |it: &ScenarioState| it.report.clone();
                let report = self.lock().scenarios.get(place).map(of);
                if let Some(report) = report {
                    (self.progress)(Moment::Started(&report));
                }
            }
            event::Scenario::Background(_, step) | event::Scenario::Step(_, step) => {
                self.change(place, |state| state.step(step, at));
            }
            event::Scenario::Hook(_, event::Hook::Failed(_, panic)) => {
                let error = format!("{}: a hook failed: {}", scenario.name, message(&*panic));
                self.lock().suite_errors.push(error);
            }
            event::Scenario::Finished => self.finished(place),
            event::Scenario::Hook(..) | event::Scenario::Log(_) => {}
        }
    }

    fn finished(&mut self, place: usize) {
        let time_limits = limits_used(&self.environment, place);
        let transcript = record_of(&self.environment, place);
        let report = {
            let mut run = self.lock();
            let Some(state) = run.scenarios.get_mut(place) else {
                return;
            };
            state.report.duration_ms = state.began.map_or(0, |began| millis(began.elapsed()));
            state.report.time_limits = time_limits;
            state.conclude();
            let suite_error = state.suite_error.take();
            let judged = judge(state.report.clone(), transcript.clone());
            let report = of_run::of_scenario(&judged);
            state.judged = Some(judged);
            run.suite_errors.extend(suite_error);
            report
        };
        if report
            .findings
            .iter()
            .any(|finding| self.counts(&finding.requirement, &report.id))
        {
            self.failed.send_replace(true);
        }
        (self.progress)(Moment::Finished(&report, transcript.as_ref()));
    }

    /// Whether this requirement, which failed in this scenario, makes the run fail.
    fn counts(&self, id: &str, scenario: &str) -> bool {
        let is_selected = |state: &ScenarioState| {
            state
                .report
                .requirements
                .iter()
                .any(|own| own.as_str() == id)
        };
        if !self.lock().scenarios.iter().any(is_selected) {
            return false;
        }
        let plan = &self.environment.plan;
        let strict = plan.strict;
        let as_of = plan.as_of.as_deref();
        if as_of.is_some_and(|as_of| !as_of::is_scored(id, as_of)) {
            return false;
        }
        let mut known = plan.known_failures.iter();
        if known.any(|it| it.covers(id, scenario)) {
            return false;
        }
        // What is no requirement is an own scenario, and counts.
        registry::find(id).is_none_or(|requirement| {
            use crate::check::Level;
            requirement.level == Level::Must || (strict && requirement.level == Level::Should)
        })
    }

    fn change(&self, place: usize, change: impl FnOnce(&mut ScenarioState)) {
        if let Some(state) = self.lock().scenarios.get_mut(place) {
            change(state);
        }
    }

    fn lock(&self) -> MutexGuard<'_, RunState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScenarioState {
    fn step(&mut self, event: event::Step<World>, at: SystemTime) {
        let Some(step) = self.report.steps.get_mut(self.cursor) else {
            return;
        };
        let error = match event {
            event::Step::Started => {
                self.step_began = Some(at);
                return;
            }
            event::Step::Passed(..) => {
                step.outcome = StepOutcome::Passed;
                None
            }
            event::Step::Skipped => {
                Some(StepError::Suite(format!("undefined step: {:?}", step.text)))
            }
            event::Step::Failed(_, _, _, event::StepError::Panic(panic)) => {
                Some(StepError::caught(&*panic))
            }
            event::Step::Failed(_, _, _, error) => Some(StepError::Suite(error.to_string())),
        };
        if let Some(error) = error {
            let (outcome, reason) = match error {
                StepError::Inconclusive(reason) => (StepOutcome::Inconclusive, reason),
                StepError::NotApplicable(reason) => (StepOutcome::NotApplicable, reason),
                StepError::Suite(reason) => {
                    self.suite_error = Some(format!("{}: {reason}", self.report.id));
                    let reason = format!("the suite's own fault: {reason}");
                    (StepOutcome::Skipped, reason)
                }
            };
            step.outcome = outcome;
            step.reason = Some(reason);
        }
        let began = self.step_began.take().unwrap_or(at);
        step.duration_ms = millis(at.duration_since(began).unwrap_or_default());
        self.cursor += 1;
    }

    /// The scenario's verdict as far as its steps tell it: no step judges.
    fn conclude(&mut self) {
        let stopped = self.report.steps.iter().find(|step| step.reason.is_some());
        let (verdict, reason) = match stopped {
            None => (Verdict::Passed, None),
            Some(step) if step.outcome == StepOutcome::NotApplicable => {
                (Verdict::NotApplicable, step.reason.clone())
            }
            Some(step) => (Verdict::Inconclusive, step.reason.clone()),
        };
        self.report.verdict = verdict;
        self.report.reason = reason;
    }
}

impl Writer<World> for ModelWriter<'_> {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, _: &Self::Cli) {
        let (event, at) = match event {
            Ok(event) => {
                let at = event.at;
                (event.into_inner(), at)
            }
            Err(error) => {
                self.lock().suite_errors.push(error.to_string());
                return;
            }
        };
        if let Cucumber::Feature(
            _,
            Feature::Scenario(scenario, event) | Feature::Rule(_, Rule::Scenario(scenario, event)),
        ) = event
        {
            self.scenario(&scenario, event.event, at);
        }
    }
}

impl writer::Normalized for ModelWriter<'_> {}

/// How much of its time limits the scenario at this place used.
fn limits_used(environment: &Environment, place: usize) -> Vec<LimitUsage> {
    let records = environment
        .records
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let recorder = records.get(&place);
    recorder.map_or_else(Vec::new, |it| time_limits(it, &environment.plan.timing))
}

/// How much of these limits was used in a scenario.
#[must_use]
pub fn time_limits(recorder: &Recorder, timing: &Timing) -> Vec<LimitUsage> {
    let time_usage = recorder.time_usage();
    let limit_usage = |limit, allowed, worst, waiting_for| LimitUsage {
        limit,
        allowed_ms: millis(allowed),
        worst_ms: millis(worst),
        scenario: None,
        waiting_for,
        repetition: None,
    };
    let step = time_usage.step.map(|(used, waiting_for)| {
        let used = used.min(timing.step);
        limit_usage(Limit::StepTimeout, timing.step, used, Some(waiting_for))
    });
    let used = time_usage.scenario.min(timing.scenario);
    let scenario = limit_usage(Limit::ScenarioTimeout, timing.scenario, used, None);
    step.into_iter().chain([scenario]).collect()
}

/// Takes the record of the scenario at this place, which is over.
fn record_of(environment: &Environment, place: usize) -> Option<Arc<Transcript>> {
    let mut records = environment
        .records
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    records
        .remove(&place)
        .map(|recorder| Arc::new(recorder.snapshot()))
}

/// A duration in whole milliseconds.
#[must_use]
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
