//! Random plans against servers that conform, which nothing may accuse, and against every planted fault.

#![expect(clippy::print_stderr, reason = "a table is for people")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use reconnect_acceptance::explore::gherkin;
use reconnect_acceptance::explore::shrink::Effort;
use reconnect_acceptance::explore::trials::{Explored, Extent, Settings, explore};
use reconnect_acceptance::plan::{Plan, Size, Timing};
use reconnect_acceptance::reference::Fault;
use reconnect_acceptance::reference::fault::OverHttp;
use reconnect_acceptance::target::Target;
use reconnect_acceptance::target::bundled::BundledTarget;

use crate::fail;

/// The seeds of these tests.
const SEED: u64 = 2026;

/// How many connections a plan has open at once.
const VIEWERS: usize = 4;

/// How many trials there are: on the bundled server, behind the unreliable network, and on each server that
/// takes a liberty.
const TRIALS: u64 = 2_000;
pub const TRIALS_OF_A_LIBERTY: u64 = 200;

/// How many there are of each in a test that is always run.
pub const FEW: u64 = 25;

/// How many plans a fault may take to be found, and how many of a hundred faults must be.
const FOR_A_FAULT: u64 = 500;
const FOUND: usize = 80;

/// How many faults are looked for at once.
const FAULTS_AT_ONCE: usize = 3;

/// How much is explored, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Extents {
    pub seed: u64,
    pub trials: u64,
    pub step: Duration,
    pub quiet: Duration,
    /// Whether each viewer may speak over HTTP.
    pub mixed: bool,
}

/// Plays so many trials against a target, and gives what they showed.
pub async fn explored(target: &mut dyn Target, extents: Extents) -> Explored {
    target.start().await.expect("a server");
    let settings = Settings {
        seed: extents.seed,
        extent: Extent::Trials(extents.trials),
        together: 6,
        effort: Some(Effort {
            plays: 120,
            tries: 2,
        }),
        known: BTreeSet::new(),
        first_only: false,
    };
    let plan = plan(extents);
    let mut nothing = |_: &_| ();
    let never = std::future::pending();
    let explored = explore(&settings, &plan, target, &mut nothing, never).await;
    target.stop().await;
    explored.expect("a target that can be used")
}

fn plan(extents: Extents) -> Plan {
    Plan {
        timing: Timing {
            step: extents.step,
            quiet: extents.quiet,
            away: Duration::from_millis(50),
            ..Timing::default()
        },
        size: Size {
            viewers: VIEWERS,
            ..Size::default()
        },
        mixed: extents.mixed,
        ..Plan::default()
    }
}

/// All that went wrong: what failed, and in which plan.
pub fn wrong(explored: &Explored) -> String {
    let harvest = &explored.harvest;
    let mut wrong = String::new();
    for reason in explored.unreachable.iter().chain(&harvest.suite_errors) {
        let _ = writeln!(wrong, "{reason}");
    }
    for found in &harvest.found {
        let _ = writeln!(wrong, "{:?} failed (again: {})", found.ids, found.again);
        let _ = writeln!(wrong, "{}", gherkin::scenario(&found.played.plan));
        for (id, check_verdict) in &found.played.judged.check_verdicts {
            if found.ids.contains(id) {
                let _ = writeln!(wrong, "{id}: {check_verdict:?}");
            }
        }
    }
    wrong
}

fn bundled(faults: Vec<Fault>) -> BundledTarget {
    BundledTarget::new(faults).pace(Duration::ZERO)
}

pub const CALM: Extents = Extents {
    seed: SEED,
    trials: TRIALS,
    step: Duration::from_secs(5),
    quiet: Duration::from_millis(30),
    mixed: false,
};

async fn the_bundled_server_fails_nothing(trials: u64) {
    let extents = Extents {
        trials,
        mixed: true,
        ..CALM
    };
    let explored = explored(&mut bundled(Vec::new()), extents).await;
    let wrong = wrong(&explored);
    if !wrong.is_empty() || explored.harvest.trials != trials {
        fail(&wrong);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_plans_on_the_bundled_server() {
    the_bundled_server_fails_nothing(2 * FEW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute: cargo test --release --test proxy exploring -- --ignored --nocapture"]
async fn many_plans_on_the_bundled_server() {
    the_bundled_server_fails_nothing(TRIALS).await;
}

/// The requirements that fail with this fault over either wire.
fn broken(fault: Fault) -> BTreeSet<&'static str> {
    let over_http = match fault.over_http() {
        OverHttp::These(ids) => ids,
        OverHttp::Same | OverHttp::Nothing(_) => &[],
    };
    fault.breaks().iter().chain(over_http).copied().collect()
}

/// The requirements of this fault's line that exploring finds failed, and how many trials that took.
async fn finds(fault: Fault) -> (BTreeSet<&'static str>, u64) {
    let mut target = bundled(vec![fault]);
    target.start().await.expect("a server");
    let settings = Settings {
        seed: SEED,
        extent: Extent::Trials(FOR_A_FAULT),
        together: 4,
        effort: None,
        known: BTreeSet::new(),
        first_only: false,
    };
    let plan = plan(Extents {
        // A fault is often a silence, which has to be waited for.
        step: Duration::from_millis(700),
        quiet: Duration::from_millis(15),
        mixed: true,
        ..CALM
    });
    let (enough, mut is_enough) = tokio::sync::watch::channel(false);
    let mut progress = |harvest: &reconnect_acceptance::explore::harvest::Harvest| {
        if broken(fault)
            .iter()
            .any(|id| harvest.failed.contains_key(id))
        {
            enough.send_replace(true);
        }
    };
    let stop = async move {
        let _ = is_enough.wait_for(|enough| *enough).await;
        "it was found".to_owned()
    };
    let explored = explore(&settings, &plan, &target, &mut progress, stop).await;
    target.stop().await;
    let harvest = explored.expect("a target that can be used").harvest;
    let breaks = broken(fault);
    let found = harvest.failed.keys().copied();
    (
        found.filter(|id| breaks.contains(id)).collect(),
        harvest.trials,
    )
}

/// Prints which faults exploring finds without any scenario, and fails where those are too few.
#[test]
#[ignore = "minutes: cargo test --release --test proxy exploring -- --ignored --nocapture"]
fn exploring_finds_most_planted_faults() {
    let queue = Mutex::new(Fault::ALL.iter().copied());
    let table = Mutex::new(Vec::new());
    let work = || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        loop {
            let Some(fault) = queue.lock().expect("a queue").next() else {
                return;
            };
            let (ids, trials) = runtime.block_on(finds(fault));
            table.lock().expect("a table").push((fault, ids, trials));
        }
    };
    thread::scope(|scope| {
        for _ in 0..FAULTS_AT_ONCE {
            scope.spawn(work);
        }
    });
    let mut table = table.into_inner().expect("a table");
    table.sort_by_key(|(fault, ..)| *fault);
    for (fault, ids, trials) in &table {
        let ids: Vec<&str> = ids.iter().copied().collect();
        eprintln!("{fault:<34} {trials:>4} trials  {}", ids.join(" "));
    }
    let found = table.iter().filter(|(_, ids, _)| !ids.is_empty()).count();
    eprintln!("{found} of {} faults were found", table.len());
    if found * 100 < table.len() * FOUND {
        fail("exploring finds too few of the planted faults");
    }
}
