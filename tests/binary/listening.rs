//! `client --listen`: clients that nobody starts for each scenario, such as pages in a browser.
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;

use pretty_assertions::assert_eq;
use reconnect_acceptance::protocol::Action;
use reconnect_acceptance::target::agentos::ports::free_ports;
use reconnect_acceptance::transcript::{ClientEntry, jsonl};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::common::call::{Outcome, binary, call, clean, command, outcome};

/// A port of 127.0.0.1 that nobody else is given meanwhile.
fn address() -> String {
    let [port] = free_ports().expect("a port");
    format!("127.0.0.1:{port}")
}

/// A client that is waited for at this address: the call, and the folder of its report.
fn waiting(address: &str, arguments: &[&str], trigger: &[&str]) -> (Command, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let dir = folder.path().to_str().expect("a path");
    let common = ["client", "--listen", address, "--report-dir", dir];
    let end = if trigger.is_empty() { &[][..] } else { &["--"] };
    (
        command(&[&common, arguments, end, trigger].concat()),
        folder,
    )
}

/// The verdicts on what was looked at, by id without `CLIENT-`.
fn verdicts(folder: &TempDir, came: &Outcome) -> BTreeMap<String, String> {
    let report = std::fs::read(folder.path().join("report.json"));
    let report = report.unwrap_or_else(|error| panic!("{error}: {came:?}"));
    let report: Value = serde_json::from_slice(&report).expect("a report");
    let all = report["requirements"].as_array().expect("requirements");
    let word = |value: &Value| value.as_str().expect("a text").replace("CLIENT-", "");
    all.iter()
        .map(|it| (word(&it["id"]), word(&it["verdict"])))
        .collect()
}

fn passed(ids: &[&str]) -> BTreeMap<String, String> {
    let passed = |id: &&str| ((*id).to_owned(), "passed".to_owned());
    ids.iter().map(passed).collect()
}

/// The exemplary viewer, as a command.
fn viewer() -> Vec<String> {
    let binary = binary().into_string().expect("a path");
    [binary.as_str(), "watch", "--json", "--url", "{url}"]
        .map(str::to_owned)
        .to_vec()
}

const RETURNS: [&str; 3] = ["CLIENT-RETURN-1", "CLIENT-RETURN-4", "CLIENT-NAME-2"];

#[tokio::test]
async fn a_command_lets_the_client_start_its_runs() {
    let viewer = viewer();
    let viewer: Vec<&str> = viewer.iter().map(String::as_str).collect();
    for over in ["websocket", "http"] {
        let arguments = [&RETURNS[..], &["--over", over]].concat();
        let (command, folder) = waiting(&address(), &arguments, &viewer);
        let came = outcome(command).await;
        let expected = passed(&["RETURN-1", "RETURN-4", "NAME-2"]);
        assert_eq!(verdicts(&folder, &came), expected, "{over}: {came:?}");
        assert_eq!(came.code, Some(0), "{came:?}");
    }
}

/// A page outlives its scenario, and comes back to a run of it while the next one is under way.
#[tokio::test]
async fn pages_of_earlier_scenarios_are_not_judged() {
    let viewer = viewer();
    let page = ["sh", "-c", "\"$@\" >/dev/null &", "page"].into_iter();
    let page: Vec<&str> = page.chain(viewer.iter().map(String::as_str)).collect();
    let what = ["CLIENT-NAME", "CLIENT-POSITION-1", "CLIENT-POSITION-3"];
    let (command, folder) = waiting(&address(), &what, &page);
    let came = outcome(command).await;
    let expected = passed(&["NAME-1", "NAME-2", "POSITION-1", "POSITION-3"]);
    assert_eq!(verdicts(&folder, &came), expected, "{came:?}");
    let mut others = 0;
    for record in std::fs::read_dir(folder.path().join("transcripts")).expect("transcripts") {
        let file = File::open(record.expect("a file").path()).expect("a record");
        let record = jsonl::read(BufReader::new(file)).expect("a transcript");
        let own = record
            .entries()
            .into_iter()
            .find_map(|entry| match entry.of_client() {
                Some(ClientEntry::RunWas { run_id, .. }) => Some(run_id),
                _ => None,
            });
        let mut connections = BTreeSet::new();
        for entry in record.entries() {
            connections.insert(entry.connection);
            if let Some(Action::Reconnect { run_id, .. }) = entry.action() {
                assert_eq!(run_id.as_ref(), own, "{entry:?}");
            }
        }
        // What is not recorded was counted.
        let latest = connections.last().copied().unwrap_or_default();
        others += (0..=latest).filter(|it| !connections.contains(it)).count();
    }
    assert!(others > 0, "no page came back: {came:?}");
}

#[tokio::test]
async fn a_person_is_asked_to_let_the_client_start_a_run() {
    let address = address();
    let (command, folder) = waiting(&address, &["CLIENT-RETURN-1"], &[]);
    let url = format!("ws://{address}/workflows/ws");
    let person = async {
        loop {
            let mut page = clean(Command::new(binary()));
            page.args(["watch", "--json", "--url", &url]);
            outcome(page).await;
        }
    };
    let came = tokio::select! {
        came = outcome(command) => came,
        () = person => unreachable!("it never ends"),
    };
    assert_eq!(verdicts(&folder, &came), passed(&["RETURN-1"]), "{came:?}");
    let asked = format!("Let the client start a run at {address}: The connection ");
    assert_eq!(came.stdout.matches(&asked).count(), 3, "{came:?}");
}

#[tokio::test]
async fn nothing_passes_where_no_run_is_started() {
    let limit = ["CLIENT-NAME-2", "--scenario-timeout", "2s"];
    for (trigger, reason) in [
        (&[][..], "no run was started within 1s"),
        (
            &["sh", "-c", "echo no browser >&2; exit 5"],
            "the command that makes the client start a run ended with exit code 5 before the start of a run \
             (no browser)",
        ),
    ] {
        let (command, folder) = waiting(&address(), &limit, trigger);
        let came = outcome(command).await;
        assert_eq!(came.code, Some(3), "{came:?}");
        assert_eq!(verdicts(&folder, &came)["NAME-2"], "inconclusive");
        let said = came.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_said_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("an address").to_string();
    let free = address();
    for (arguments, reason) in [
        (vec!["--listen", &*taken], "nothing can listen at"),
        (vec!["--listen", "127.0.0.1:0"], "names no port"),
        (vec!["--listen", "somewhere"], "invalid"),
        (
            vec!["--listen", &*free, "--concurrency", "4"],
            "leave --concurrency out",
        ),
        (vec!["CLIENT-NAME"], "<CMD>"),
    ] {
        let came = call(&[&["client"], &*arguments].concat()).await;
        assert_eq!(came.code, Some(2), "{came:?}");
        assert!(came.stderr.contains(reason), "{came:?}");
    }
}
