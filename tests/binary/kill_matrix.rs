//! The proof that each check can fail: the suite against every fault of the bundled server. Exactly the
//! requirements in the fault's row of the table must fail: none missing, none in addition.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use reconnect_acceptance::check::{Level, registry};
use reconnect_acceptance::cli::faults::broken;
use reconnect_acceptance::reference::Fault;
use serde_json::Value;

/// How many suites run at once. Each waits most of the time.
const AT_ONCE: usize = 12;

/// Of so many faults, one is tried where not all of them are.
const SAMPLE: usize = 8;

/// How viewers speak with the server: the arguments of a run.
type Wire = &'static [&'static str];

const WEBSOCKET: Wire = &["--over", "websocket"];
const HTTP: Wire = &["--over", "http", "--component", "workflow"];

/// The verdicts of the suite on the bundled server with this fault: which requirements failed, the exit
/// code, and which scenarios were inconclusive.
fn failed_with(fault: Option<Fault>, wire: Wire) -> (BTreeSet<String>, i32, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(crate::common::call::binary());
    command
        .args(["run", "--format", "quiet", "--report-dir"])
        .arg(folder.path())
        .args(wire);
    // A fault is often a silence, which has to be waited for; without one, a busy machine may be slow.
    if let Some(fault) = fault {
        command.args(["--fault", fault.name(), "--step-timeout", "2s"]);
    }
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RECONNECT_ACCEPTANCE_"))
    {
        command.env_remove(name);
    }
    let output = command.output().expect("the suite runs");
    let code = output.status.code().expect("an exit code");
    let report = std::fs::read(folder.path().join("report.json")).unwrap_or_else(|error| {
        panic!(
            "{fault:?}: {error}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    let failed = report["requirements"]
        .as_array()
        .expect("requirements")
        .iter()
        .filter(|requirement| requirement["verdict"] == "failed")
        .map(|requirement| requirement["id"].as_str().expect("an id").to_owned())
        .collect();
    let scenarios = report["scenarios"].as_array().expect("scenarios").iter();
    let inconclusive = scenarios
        .filter(|scenario| scenario["verdict"] == "inconclusive")
        .map(|scenario| format!("{}: {}", scenario["id"], scenario["reason"]))
        .collect();
    (failed, code, inconclusive)
}

/// Which requirements the table names for this wire.
fn table(fault: Fault, wire: Wire) -> BTreeSet<String> {
    let ids = broken(fault, wire == HTTP).into_iter();
    ids.map(str::to_owned).collect()
}

#[test]
fn the_conforming_server_passes() {
    for wire in [WEBSOCKET, HTTP] {
        assert_eq!(failed_with(None, wire), (BTreeSet::new(), 0, Vec::new()));
    }
}

/// Where the verdicts with these faults differ from the table: one line per fault.
fn deviations(faults: impl Iterator<Item = Fault> + Send, wire: Wire) -> Vec<String> {
    let queue = Mutex::new(faults);
    let wrong = Mutex::new(Vec::new());
    let judge = || {
        loop {
            let Some(fault) = queue.lock().expect("a queue").next() else {
                return;
            };
            let (failed, code, _) = failed_with(Some(fault), wire);
            let expected = table(fault, wire);
            let binds = |id: &String| registry::find(id).is_some_and(|it| it.level == Level::Must);
            let fails = failed.iter().any(binds);
            if failed != expected || (code == 1) != fails {
                let missed: Vec<_> = expected.difference(&failed).collect();
                let additional: Vec<_> = failed.difference(&expected).collect();
                wrong.lock().expect("a list").push(format!(
                    "{fault}: not failed {missed:?}, failed in addition {additional:?}, exit code {code}"
                ));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(judge);
        }
    });
    wrong.into_inner().expect("a list")
}

#[test]
fn some_faults_break_exactly_what_the_table_says() {
    let wrong = deviations(Fault::ALL.iter().copied().step_by(SAMPLE), WEBSOCKET);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "minutes without optimization: cargo test --release --test binary kill_matrix -- --ignored"]
fn every_fault_breaks_exactly_what_the_table_says() {
    let wrong = deviations(Fault::ALL.iter().copied(), WEBSOCKET);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "minutes without optimization: cargo test --release --test binary kill_matrix -- --ignored"]
fn every_fault_breaks_exactly_what_the_table_says_over_http() {
    let wrong = deviations(Fault::ALL.iter().copied(), HTTP);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_requirement_fails_with_a_fault_that_makes_few_others_fail() {
    let mut fewest: BTreeMap<&str, usize> = BTreeMap::new();
    let all = Fault::ALL.iter();
    for ids in all.flat_map(|fault| [broken(*fault, false), broken(*fault, true)]) {
        let others = ids.len().saturating_sub(1);
        for id in ids {
            fewest
                .entry(id)
                .and_modify(|known| *known = others.min(*known))
                .or_insert(others);
        }
    }
    for requirement in registry::all() {
        let others = fewest.get(requirement.id);
        assert!(
            others.is_some_and(|others| *others <= 3),
            "{}: the sharpest fault breaks {others:?} others",
            requirement.id
        );
    }
}
