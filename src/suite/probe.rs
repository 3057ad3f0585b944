//! What a client says is not for it (exit code 77) is tried once more, with the scenario's name hidden from it. A client
//! that plays it then, and passes, goes by the name and not by what it can do: that is noted, and changes no verdict.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cucumber::gherkin::Feature;

use super::environment::Environment;
use super::runner::{self, Runnable};
use super::selection::{Scenarios, only, place_of};
use super::writer::{Moment, Progress, RunState};
use crate::client::timer;
use crate::client_mode::NOT_APPLICABLE;
use crate::plan::Plan;
use crate::report::model::run::{ScenarioReport, Verdict};
use crate::report::verdict::of_run::{Judged, of_scenario};
use crate::transcript::ClientEntry;

/// The scenarios of a run, as they were before it.
pub(super) struct Again {
    features: Vec<Feature>,
    reports: Vec<ScenarioReport>,
}

/// A scenario to try once more, for all that the client left out for the same reason.
#[derive(Debug, PartialEq)]
pub(super) struct Probe {
    /// Its place in the selection.
    place: usize,
    /// The last line that the client wrote to stderr.
    reason: String,
    /// How many scenarios the client left out for this reason.
    scenarios: usize,
}

/// The first scenario of each reason for which the client left some out.
pub(super) fn needed(state: &RunState) -> Vec<Probe> {
    let mut probes: Vec<Probe> = Vec::new();
    for (place, judged) in state.judged() {
        let Some(reason) = refusal(judged) else {
            continue;
        };
        if of_scenario(judged).verdict != Verdict::NotApplicable {
            continue;
        }
        match probes.iter_mut().find(|it| it.reason == reason) {
            Some(known) => known.scenarios += 1,
            None => probes.push(Probe {
                place,
                reason: reason.to_owned(),
                scenarios: 1,
            }),
        }
    }
    probes
}

/// Why the client ended with exit code 77, if it did.
fn refusal(judged: &Judged) -> Option<&str> {
    let entries = judged.transcript.as_ref()?.entries().iter();
    entries.rev().find_map(|entry| match entry.of_client()? {
        ClientEntry::Exited { code, last_line } if *code == Some(NOT_APPLICABLE) => {
            Some(last_line.as_str())
        }
        _ => None,
    })
}

impl Again {
    /// Keeps the scenarios; `None` where no client is started for each of them.
    pub(super) fn of(plan: &Plan, scenarios: &Scenarios) -> Option<Self> {
        let client = plan.client.as_ref()?;
        client.listen.is_none().then(|| Self {
            features: scenarios.features.clone(),
            reports: scenarios.reports.clone(),
        })
    }

    /// Runs these side by side, for as long as the deadline of the run leaves. Gives a sentence for each that the client
    /// passed, and the reason where the run was cut short meanwhile.
    pub(super) async fn probe(
        self,
        probes: Vec<Probe>,
        environment: &Environment,
        progress: &mut Progress<'_>,
        left: Duration,
        stop: impl Future<Output = String>,
    ) -> (Vec<String>, Option<String>) {
        if probes.is_empty() {
            return (Vec::new(), None);
        }
        progress(Moment::Probed(probes.len()));
        let mut environment = Environment {
            records: Arc::default(),
            hides_names: true,
            ..environment.clone()
        };
        environment.plan.fail_fast = false;
        let features = only(self.features, |scenario| {
            place_of(scenario).is_some_and(|place| probes.iter().any(|it| it.place == place))
        });
        let expected = vec![0; self.reports.len()];
        let state = Arc::new(Mutex::new(RunState::new(self.reports)));
        let mut cut = None;
        let over = async {
            tokio::select! {
                // Biased: the run has been judged, and is not cut short by its deadline here.
                biased;
                () = timer::away(left) => {}
                reason = stop => cut = Some(reason),
            }
            String::new()
        };
        let runnable = Runnable::new(features, expected);
        let silent = Box::new(|_: Moment<'_>| ());
        runner::drive(runnable, &Arc::new(environment), &state, silent, over).await;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = state.judged().filter_map(|(place, judged)| {
            let probe = probes.iter().find(|it| it.place == place)?;
            let scenario = of_scenario(judged);
            let passed = scenario.verdict == Verdict::Passed && refusal(judged).is_none();
            passed.then(|| note(probe, &scenario))
        });
        (passed.collect(), cut)
    }
}

/// What a reader is told of a scenario that the client passed.
fn note(probe: &Probe, scenario: &ScenarioReport) -> String {
    let said = match probe.reason.as_str() {
        "" => "gives no reason".to_owned(),
        reason => format!("says \"{reason}\""),
    };
    let ids = scenario.requirements.join(", ");
    let name = scenario.name_and_row();
    let without = "when it was not told the scenario's name";
    match probe.scenarios {
        1 => format!(
            "the client {said} (exit code 77) in the scenario \"{name}\" ({ids}), but passed it {without}"
        ),
        number => format!(
            "the client {said} (exit code 77) in {number} scenarios, but passed one of them, \"{name}\" ({ids}), \
             {without}"
        ),
    }
}
