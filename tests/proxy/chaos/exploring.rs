//! Random plans through an unreliable network: it makes no server fail.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::TOGETHER;
use super::excused::excuses;
use super::proxy::Weather;
use super::schedule::Kind;
use super::target::Behind;
use crate::exploring::{Extents, explored, wrong};
use crate::fail;

/// How many trials there are through one network, and how many networks of each kind.
const TRIALS: u64 = 25;
const NETWORKS: u64 = 10;

/// Plays them, and gives all that went wrong.
fn through(kinds: &[Kind], networks: u64, trials: u64) -> String {
    let numbers = 0..networks;
    let all = numbers.flat_map(|number| kinds.iter().map(move |kind| (number, *kind)));
    let queue = Mutex::new(all);
    let results = Mutex::new(String::new());
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        loop {
            let Some((number, kind)) = queue.lock().expect("a queue").next() else {
                return;
            };
            let seed = 5_000 + number;
            // Longer than any mild disturbance, and shorter than some of the others.
            let step = Duration::from_millis(if kind.is_mild() { 5_000 } else { 1_200 });
            let weather = Weather {
                seed,
                kind: Some(kind),
                step,
                lost: None,
            };
            let mut target = Behind::held(Vec::new(), weather);
            let extents = Extents {
                seed,
                trials,
                step,
                quiet: Duration::from_millis(300),
                mixed: false,
            };
            let mut explored = runtime.block_on(explored(&mut target, extents));
            // Whether the first connection comes about is the network's.
            explored.unreachable = None;
            for found in &mut explored.harvest.found {
                found.ids.retain(|id| !excuses(id, kind));
            }
            explored.harvest.found.retain(|found| !found.ids.is_empty());
            let wrong = wrong(&explored);
            if !wrong.is_empty() {
                let mut results = results.lock().expect("results");
                *results += &format!("{kind:?}, seed {seed}\n{wrong}\n{}\n", target.log.text());
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..TOGETHER {
            scope.spawn(work);
        }
    });
    results.into_inner().expect("results")
}

#[test]
fn some_plans_through_every_kind_of_network() {
    let wrong = through(&Kind::ALL, 1, 3);
    if !wrong.is_empty() {
        fail(&wrong);
    }
}

#[test]
#[ignore = "minutes: cargo test --release --test proxy exploring -- --ignored --nocapture"]
fn many_plans_through_every_kind_of_network() {
    let wrong = through(&Kind::ALL, NETWORKS, TRIALS);
    if !wrong.is_empty() {
        fail(&wrong);
    }
}
