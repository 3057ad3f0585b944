//! A check on ourselves: what the bundled server does to a client that nothing is done to keeps the rules for servers.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use reconnect_acceptance::check::{CheckVerdict, registry};
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{ClientEntry, EntryKind, Transcript, jsonl};
use tempfile::TempDir;

use crate::common::call::{binary, command, outcome};

/// The record as if the client were a viewer of the suite's.
///
/// # Panics
///
/// If something was done to the client.
fn as_a_viewers(path: &Path) -> Transcript {
    let file = BufReader::new(File::open(path).expect("a record"));
    let whole = jsonl::read(file).expect("a transcript");
    let mut record = Transcript::default();
    for entry in whole.entries() {
        let disturbed = matches!(
            entry.of_client(),
            Some(ClientEntry::Cut(_) | ClientEntry::TurnedAway(_) | ClientEntry::Outage(_))
        );
        assert!(!disturbed, "{}: {entry:?}", path.display());
        if !matches!(entry.what, EntryKind::Client(_)) {
            record.push(
                entry.at(),
                &entry.viewer,
                entry.connection,
                entry.what.clone(),
            );
        }
    }
    record
}

#[tokio::test]
async fn undisturbed_clients_see_a_server_that_keeps_its_rules() {
    let undisturbed = ["CLIENT-ENDING-1", "CLIENT-ENDING-3", "CLIENT-ENDING-4"];
    for (over, component) in [
        ("websocket", "workflow"),
        ("http", "workflow"),
        ("http", "agent"),
    ] {
        let folder = TempDir::new().expect("a folder");
        let dir = folder.path().to_str().expect("a path");
        let arguments = [
            "client",
            "--over",
            over,
            "--component",
            component,
            "--report-dir",
            dir,
        ];
        let mut judging = command(&[&arguments[..], &undisturbed, &["--"]].concat());
        judging
            .arg(binary())
            .args(["watch", "--json", "--url", "{url}"]);
        let came = outcome(judging).await;
        assert_eq!(came.code, Some(0), "{came:?}");
        let records = std::fs::read_dir(folder.path().join("transcripts")).expect("transcripts");
        let mut passed = BTreeSet::new();
        let mut how_many = 0;
        for record in records {
            let record = as_a_viewers(&record.expect("a file").path());
            for (id, verdict) in registry::judge(&Trace::of(&record)) {
                match verdict {
                    CheckVerdict::Passed => drop(passed.insert(id)),
                    CheckVerdict::Inconclusive(_) => {}
                    CheckVerdict::Failed(findings) => {
                        panic!("{over} {component}: {id}: {findings:?}")
                    }
                }
            }
            how_many += 1;
        }
        assert_eq!(how_many, 4, "{over} {component}");
        for id in ["START-1", "START-2", "START-3", "START-5", "LIVENESS-1"] {
            assert!(
                passed.contains(id),
                "{over} {component}: {id} is not among {passed:?}"
            );
        }
    }
}
