//! An unreliable network between viewer and server: whatever TCP allows a proxy to do to the connections,
//! the suite fails no conforming server for it, and passes no faulty one.
//!
//! Every trial is a function of its seed. `CHAOS_SEED=17 cargo test --test proxy chaos` runs one again and
//! prints all about it; `CHAOS_SCHEDULES` is how many there are, `CHAOS_BASE` the first seed.
//!
//! - [`dice`]: reproducible random numbers
//! - [`schedule`]: what is done to a connection
//! - [`pipe`], [`proxy`]: do it
//! - [`frames`]: what no network can do, as the proof that a fault shows through the proxy
//! - [`target`]: the bundled server behind such proxies
//! - [`trial`]: one seed
//! - [`excused`]: which requirements a network can make look failed
//! - [`table`]: the verdicts, counted
//! - [`exploring`]: random plans through such networks

#![expect(
    clippy::print_stderr,
    reason = "a table, and what is known of a seed, are for people"
)]

mod dice;
mod excused;
mod exploring;
mod frames;
mod pipe;
mod proxy;
mod schedule;
mod table;
mod target;
mod trial;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;

use reconnect_acceptance::exit;
use reconnect_acceptance::reference::Fault;
use reconnect_acceptance::report::model::run::Verdict;
use tokio::sync::OnceCell;

use crate::fail;
use excused::excuses;
use proxy::Weather;
use schedule::Kind;
use table::Table;
use trial::{Outcome, Server, Trial};

/// How many trials run at once. Each waits most of the time.
const TOGETHER: usize = 12;

/// The seeds that `cargo test` plays: each kind of disturbance, by URL and with breakpoints.
const SAMPLE: std::ops::Range<u64> = 0..17;

/// Seeds that once failed (1 is in the sample: tungstenite takes an upgrade that comes byte by byte for an attack). 1369 and
/// 1377: so much was split on so many connections that a busy machine took longer than any limit.
/// 1021, 1231, 1245 and 1447: a run with a breakpoint at its ending was taken for one under way where the replay was cut.
const REGRESSIONS: &[u64] = &[1021, 1231, 1245, 1369, 1377, 1447];

/// How many schedules the long run has, and with which seed it begins.
const SCHEDULES: u64 = 500;
const BASE: u64 = 1_000;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text:?}")),
    )
}

/// The results of all trials so far.
#[derive(Default)]
struct Results {
    failures: Vec<String>,
    conforming: Table,
    faulty: Table,
}

/// Which faults show in which requirement without any disturbance, each determined once.
type Shown = Mutex<HashMap<(Fault, &'static str), Arc<OnceCell<bool>>>>;

/// Runs these seeds, against the conforming server and a faulty one each.
fn play(seeds: &[u64]) -> Results {
    // Suites that run side by side put each other's hooks back; theirs say nothing, either.
    std::panic::set_hook(Box::new(|_| ()));
    let queue = Mutex::new(seeds.iter().copied());
    let results = Mutex::new(Results::default());
    let shown = Shown::default();
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        loop {
            let Some(seed) = queue.lock().expect("a queue").next() else {
                return;
            };
            runtime.block_on(async {
                conforms(seed, &results).await;
                is_faulty(seed, &shown, &results).await;
            });
        }
    };
    thread::scope(|scope| {
        for _ in 0..TOGETHER.min(seeds.len()) {
            scope.spawn(work);
        }
    });
    results.into_inner().expect("results")
}

/// A conforming server fails nothing, whatever the network does.
async fn conforms(seed: u64, results: &Mutex<Results>) {
    let trial = Trial::of(seed, Server::Conforming);
    let outcome = trial.play(false).await;
    let mut wrong = Vec::new();
    let failed = outcome.failed();
    for id in failed.iter().filter(|id| !excuses(id, trial.kind)) {
        wrong.push(format!("{id} failed"));
    }
    match &outcome.report {
        None => wrong.push("it did not end in time".to_owned()),
        Some(it) if !matches!(it.exit_code(), exit::OK | exit::INCONCLUSIVE) => {
            wrong.push(format!("exit code {}", it.exit_code()));
        }
        Some(it) if trial.kind.is_mild() && trial.held && it.exit_code() != exit::OK => {
            wrong.push(format!("inconclusive: {}", outcome.reasons()));
        }
        Some(_) => {}
    }
    let verdicts = outcome.verdicts();
    let mut results = results.lock().expect("results");
    let verdicts = verdicts.into_values();
    results.conforming.note(trial.kind, trial.held, verdicts);
    results.fail(&trial, &wrong, &outcome);
}

/// A fault that shows without disturbance never passes, and never fails another requirement.
async fn is_faulty(seed: u64, shown: &Shown, results: &Mutex<Results>) {
    let trial = Trial::of(seed, Server::Faulty);
    let (Some(fault), Some(id)) = (trial.fault, trial.ids.first().copied()) else {
        // What it breaks shows over HTTP alone.
        return;
    };
    let cell = {
        let mut shown = shown.lock().expect("what is shown");
        Arc::clone(shown.entry((fault, id)).or_default())
    };
    // Some faults show in the scenarios of other rules alone.
    let shows = cell.get_or_init(|| async { trial.play(true).await.failed().contains(id) });
    if !*shows.await {
        return;
    }
    let outcome = trial.play(false).await;
    let mut wrong = Vec::new();
    for other in outcome.failed() {
        if !fault.breaks().contains(&&*other) && !excuses(&other, trial.kind) {
            wrong.push(format!(
                "{other} failed, although {fault} does not break it"
            ));
        }
    }
    let verdicts = outcome.verdicts();
    if verdicts.get(id) == Some(&Verdict::Passed) {
        wrong.push(format!("{id} passed, although {fault} breaks it"));
    }
    if outcome.report.is_none() {
        wrong.push("it did not end in time".to_owned());
    }
    let mut results = results.lock().expect("results");
    let verdicts = verdicts.into_values();
    results.faulty.note(trial.kind, trial.held, verdicts);
    results.fail(&trial, &wrong, &outcome);
}

impl Results {
    fn fail(&mut self, trial: &Trial, wrong: &[String], outcome: &Outcome) {
        let chosen = number("CHAOS_SEED").is_some();
        if wrong.is_empty() && !chosen {
            return;
        }
        let trace = format!(
            "CHAOS_SEED={}: {}\n{trial:?}\n{}",
            trial.seed,
            wrong.join("; "),
            outcome.trace()
        );
        eprintln!("{trace}");
        if !wrong.is_empty() {
            self.failures
                .push(format!("CHAOS_SEED={}: {}", trial.seed, wrong.join("; ")));
        }
    }

    /// Prints the results, and fails where something is wrong.
    fn conclude(self) {
        eprintln!("the conforming server\n{}", self.conforming);
        eprintln!("faulty servers\n{}", self.faulty);
        for failure in &self.failures {
            eprintln!("{failure}");
        }
        if !self.failures.is_empty() {
            fail(&format!(
                "{} trials went wrong; see above",
                self.failures.len()
            ));
        }
    }
}

#[test]
fn some_schedules() {
    let seeds: Vec<u64> = match number("CHAOS_SEED") {
        Some(seed) => vec![seed],
        None => SAMPLE.chain(REGRESSIONS.iter().copied()).collect(),
    };
    play(&seeds).conclude();
}

#[test]
#[ignore = "minutes: cargo test --release --test proxy chaos -- --ignored --nocapture"]
fn many_schedules() {
    let base = number("CHAOS_BASE").unwrap_or(BASE);
    let count = number("CHAOS_SCHEDULES").unwrap_or(SCHEDULES);
    let seeds: Vec<u64> = (base..base + count).collect();
    let results = play(&seeds);
    let (held, by_url) = (
        results.conforming.mild(true),
        results.conforming.mild(false),
    );
    let faulty = results.faulty.mild(true);
    results.conclude();
    assert_eq!(
        held.inconclusive, 0,
        "mild disturbances leave nothing inconclusive: {held:?}"
    );
    assert!(by_url.inconclusive * 10 <= by_url.passed, "{by_url:?}");
    assert!(faulty.inconclusive * 10 <= faulty.failed, "{faulty:?}");
}

#[test]
fn a_schedule_is_a_function_of_its_seed() {
    let step = std::time::Duration::from_secs(1);
    for kind in Kind::ALL {
        let of = |seed| -> Vec<_> {
            let all = (0..20).map(|at| schedule::Schedule::of(seed, kind, 0, at, step));
            all.collect()
        };
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }
}

/// What no network can do shows through the proxy: one whole frame is gone.
#[test]
fn a_lost_frame_is_found() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let trial = Trial {
        seed: 0,
        kind: Kind::Delay,
        fault: None,
        ids: vec!["START-2", "CATCHUP-3"],
        held: true,
    };
    let lost = Weather {
        seed: 0,
        kind: None,
        step: std::time::Duration::from_secs(2),
        // The greeting is the first.
        lost: Some(4),
    };
    let outcome = runtime.block_on(trial.through(lost));
    let whole = runtime.block_on(trial.through(Weather { lost: None, ..lost }));
    let failed = outcome.failed();
    let found = ["START-2", "CATCHUP-3"]
        .iter()
        .all(|id| failed.contains(*id));
    if !found || !whole.failed().is_empty() {
        eprintln!("with a frame lost\n{}", outcome.trace());
        eprintln!("with none\n{}", whole.trace());
        fail(&format!(
            "a lost frame fails {failed:?}, none {:?}",
            whole.failed()
        ));
    }
}
