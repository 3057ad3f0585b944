//! One seed: what is tried, through which network, and the verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::lenient_servers::binds;
use reconnect_acceptance::check::registry;
use reconnect_acceptance::plan::{Plan, Selection, Timing};
use reconnect_acceptance::reference::Fault;
use reconnect_acceptance::report::model::run::{RunReport, Verdict};
use reconnect_acceptance::suite::{self, Scenarios};
use reconnect_acceptance::target::Target;
use reconnect_acceptance::transcript::{Transcript, jsonl};

use super::dice::Dice;
use super::proxy::Weather;
use super::schedule::Kind;
use super::target::Behind;

/// How many requirements a trial of the conforming server is about.
const AT_ONCE: usize = 3;

/// One trial in so many is of a server that is known by its URL alone.
const BY_URL: u64 = 5;

/// The time between two events of such a server: runs last for about a second.
const PACE: Duration = Duration::from_millis(20);

/// Longer than any working suite takes.
const BOUND: Duration = Duration::from_secs(240);

/// Which server is tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Server {
    Conforming,
    /// One with a fault.
    Faulty,
}

/// What is tried.
#[derive(Clone, Debug)]
pub struct Trial {
    pub seed: u64,
    pub kind: Kind,
    pub fault: Option<Fault>,
    /// The requirements that it is about.
    pub ids: Vec<&'static str>,
    /// Whether the server has breakpoints.
    pub held: bool,
}

impl Trial {
    /// What this seed tries: a function of nothing else. The kinds of disturbance take turns, and for each of
    /// them the requirements, or the faults, do.
    pub fn of(seed: u64, server: Server) -> Self {
        let kinds = Kind::ALL.len() as u64;
        let kind = Kind::ALL[place(seed, Kind::ALL.len())];
        let round = seed / kinds;
        // Each kind begins at another one.
        let turn = round + (seed % kinds) * 11;
        let (fault, ids) = match server {
            Server::Conforming => {
                // The proxy is between the server and its WebSocket.
                let all = registry::all().map(|it| it.id);
                let all: Vec<_> = all.filter(|id| binds(id)).collect();
                let first = place(turn.wrapping_mul(AT_ONCE as u64), all.len());
                let ids = all.iter().cycle().skip(first).take(AT_ONCE);
                (None, ids.copied().collect())
            }
            Server::Faulty => {
                let all = Fault::ALL.iter().filter(|it| !it.breaks().is_empty());
                let all: Vec<Fault> = all.copied().collect();
                let fault = all[place(turn.wrapping_mul(7), all.len())];
                // Viewers over HTTP have no ping to try a line with that stands still.
                let own = fault.breaks().iter().copied().filter(|id| binds(id));
                let own: Vec<&'static str> = own.collect();
                let id = (!own.is_empty()).then(|| Dice::of(&[seed, 0xfa]).one_of(&own));
                (Some(fault), Vec::from_iter(id))
            }
        };
        Self {
            seed,
            kind,
            fault,
            ids,
            held: fault.is_some() || round % BY_URL != 1,
        }
    }

    /// How long the suite waits for anything.
    fn step(&self, calm: bool) -> Duration {
        match (self.kind, self.fault) {
            // Longer than any mild disturbance, on a busy machine as well.
            (kind, None) if kind.is_mild() || calm => Duration::from_secs(5),
            // A fault is often a silence, which has to be waited for.
            (kind, Some(_)) if kind.is_mild() || calm => Duration::from_secs(2),
            // Shorter than some of the disturbances.
            _ => Duration::from_millis(1200),
        }
    }

    /// Runs it. Where it is calm, nothing is done to the connections.
    pub async fn play(&self, calm: bool) -> Outcome {
        let weather = Weather {
            seed: self.seed,
            kind: (!calm).then_some(self.kind),
            step: self.step(calm),
            lost: None,
        };
        self.through(weather).await
    }

    /// Runs it through this network.
    pub async fn through(&self, weather: Weather) -> Outcome {
        let plan = Plan {
            selection: Selection {
                require: self.ids.iter().map(|id| (*id).to_owned()).collect(),
                ..Selection::default()
            },
            timing: Timing {
                step: weather.step,
                away: Duration::from_millis(150),
                quiet: Duration::from_millis(300),
                scenario: Duration::from_secs(100),
                concurrency: 16,
                ..Timing::default()
            },
            ..Plan::default()
        };
        let scenarios = Scenarios::select(&plan.selection).expect("scenarios");
        let faults: Vec<Fault> = self.fault.into_iter().collect();
        let mut target = match self.held {
            true => Behind::held(faults, weather),
            false => Behind::by_url(faults, weather, PACE),
        };
        target.will_use(&scenarios.variants());
        target.start().await.expect("a server");
        let never = std::future::pending();
        let run = suite::run(&plan, &target, scenarios, Box::new(|_| ()), never);
        let run = tokio::time::timeout(BOUND, run).await;
        target.stop().await;
        let log = target.log.text();
        match run {
            Ok(run) => {
                let run = run.expect("a plan that can be run");
                Outcome {
                    report: Some(run.report),
                    transcripts: run.transcripts,
                    log,
                }
            }
            Err(_) => Outcome {
                report: None,
                transcripts: BTreeMap::new(),
                log,
            },
        }
    }
}

fn place(number: u64, of: usize) -> usize {
    usize::try_from(number % of as u64).expect("a place")
}

/// The result of a trial.
pub struct Outcome {
    /// None where it did not end in time.
    pub report: Option<RunReport>,
    transcripts: BTreeMap<String, Arc<Transcript>>,
    log: String,
}

impl Outcome {
    /// The verdict on each requirement that the trial is about.
    pub fn verdicts(&self) -> BTreeMap<String, Verdict> {
        let requirements = self.report.iter().flat_map(|it| &it.requirements);
        requirements.map(|it| (it.id.clone(), it.verdict)).collect()
    }

    /// Everything that failed, whatever the trial is about.
    pub fn failed(&self) -> BTreeSet<String> {
        let report = self.report.iter();
        let scenarios = report.clone().flat_map(|it| &it.scenarios);
        let found = scenarios.flat_map(|it| &it.findings);
        let requirements = report.flat_map(|it| &it.requirements);
        let failed = requirements.filter(|it| it.verdict == Verdict::Failed);
        let failed = failed.map(|it| it.id.clone());
        found
            .map(|it| it.requirement.clone())
            .chain(failed)
            .collect()
    }

    /// Why these were inconclusive.
    pub fn reasons(&self) -> String {
        let mut out = String::new();
        let scenarios = self.report.iter().flat_map(|it| &it.scenarios);
        for it in scenarios.filter(|it| it.verdict == Verdict::Inconclusive) {
            let reason = it.reason.as_deref().unwrap_or("no reason");
            let _ = writeln!(out, "{}: {reason}", it.id);
        }
        out
    }

    /// All that is known about it.
    pub fn trace(&self) -> String {
        let mut out = format!("what the proxy did:\n{}", self.log);
        let Some(report) = &self.report else {
            return out + "the run did not end in time\n";
        };
        let _ = writeln!(
            out,
            "exit code {}; {:?}",
            report.exit_code(),
            report.suite_errors
        );
        for it in &report.scenarios {
            let _ = writeln!(out, "{}: {:?} {:?}", it.id, it.verdict, it.reason);
            for it in &it.findings {
                let finding = &it.finding;
                let _ = writeln!(
                    out,
                    "    {}: expected {}; observed {}; evidence {:?}",
                    it.requirement, finding.expected, finding.observed, finding.evidence
                );
            }
        }
        for (scenario, transcript) in &self.transcripts {
            let known = report.scenarios.iter().find(|it| it.id == *scenario);
            if known.is_some_and(|it| it.verdict == Verdict::Passed && it.findings.is_empty()) {
                continue;
            }
            let mut lines = Vec::new();
            jsonl::write(transcript, scenario, &mut lines).expect("a record");
            out.push_str(&String::from_utf8_lossy(&lines));
        }
        out
    }
}
