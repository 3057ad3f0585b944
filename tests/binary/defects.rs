//! The judge of clients, judged: the exemplary viewer passes everything, and with each of its defects fails exactly
//! the requirements of that defect's line.

use std::collections::BTreeSet;

use reconnect_acceptance::check::registry;
use reconnect_acceptance::watch::Defect;
use serde_json::Value;

use crate::common::call::{binary, command, outcome_of};

/// How many of the defects `cargo test` tries.
const SAMPLE: usize = 8;

/// The requirements of a client that fail with this defect; without one, those of the exemplary viewer.
async fn failed(defect: Option<Defect>) -> BTreeSet<String> {
    let mut judging = command(&[
        "client",
        "--token-env",
        "DEFECTS_TOKEN",
        "--format",
        "json",
        "--",
    ]);
    judging.env("DEFECTS_TOKEN", "right-token");
    judging
        .arg(binary())
        .args(["watch", "--json", "--url", "{url}"]);
    if let Some(defect) = defect {
        judging.args(["--defect", defect.name()]);
    }
    let name = defect.map_or("no defect", Defect::name);
    let came = outcome_of(name, judging).await;
    let report: Value = serde_json::from_str(&came.stdout)
        .unwrap_or_else(|error| panic!("{name}: {error}: {came:?}"));
    let all = report["requirements"].as_array().expect("a list").iter();
    all.filter(|it| it["verdict"] == "failed")
        .map(|it| it["id"].as_str().expect("an id").to_owned())
        .collect()
}

async fn fails_exactly(defects: impl Iterator<Item = Defect>) {
    let mut wrong = Vec::new();
    for defect in defects {
        let failed = failed(Some(defect)).await;
        let expected = defect.breaks().iter().map(|id| (*id).to_owned()).collect();
        if failed != expected {
            wrong.push(format!("{}: {failed:?}, not {expected:?}", defect.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_requirement_that_a_defect_names_is_in_the_catalogue() {
    for defect in Defect::ALL {
        for id in defect.breaks() {
            assert!(registry::find(id).is_some(), "{}: {id}", defect.name());
        }
    }
}

#[tokio::test]
async fn the_exemplary_viewer_fails_nothing() {
    assert_eq!(failed(None).await, BTreeSet::new());
}

#[tokio::test]
async fn some_defects_fail_exactly_what_their_lines_say() {
    fails_exactly(Defect::ALL.iter().copied().step_by(SAMPLE)).await;
}

#[tokio::test]
#[ignore = "takes some minutes: `cargo test --release --test binary defects -- --ignored`"]
async fn every_defect_fails_exactly_what_its_line_says() {
    fails_exactly(Defect::ALL.iter().copied()).await;
}
