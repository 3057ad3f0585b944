//! What a report folder must be after every run, whatever happened to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use reconnect_acceptance::plan::Selection;
use reconnect_acceptance::suite::Scenarios;
use reconnect_acceptance::transcript::jsonl;
use serde_json::Value;

use super::call::{Outcome, call, well_formed};

/// The ids of the scenarios of these requirements.
pub fn planned(require: &[&str]) -> BTreeSet<String> {
    let selection = Selection {
        require: require.iter().map(|id| (*id).to_owned()).collect(),
        ..Selection::default()
    };
    let selected = Scenarios::select(&selection).expect("scenarios");
    selected.reports.into_iter().map(|it| it.id).collect()
}

/// The folder holds every report of a run of these requirements that ended so, each whole and in
/// accord with the others, and nothing besides; it is judged again, with the same verdicts. Gives
/// `report.json`.
#[track_caller]
pub fn read_complete(dir: &Path, outcome: &Outcome, require: &[&str]) -> Value {
    let text = |name: &str| {
        fs::read_to_string(dir.join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}: {outcome:?}"))
    };
    let report: Value = serde_json::from_str(&text("report.json")).expect("JSON");
    assert_eq!(
        outcome.code.map(Value::from).as_ref(),
        Some(&report["exit_code"])
    );
    let scenarios = report["scenarios"].as_array().expect("a list");
    let reported: BTreeSet<String> = scenarios
        .iter()
        .map(|it| it["id"].as_str().expect("an id").to_owned())
        .filter(|id| id != "first contact")
        .collect();
    assert_eq!(reported, planned(require), "every scenario is reported");
    well_formed(&dir.join("junit.xml"));
    let cases = text("junit.xml").matches("<testcase ").count();
    assert!(cases >= scenarios.len(), "{cases} of {}", scenarios.len());
    let features: Value = serde_json::from_str(&text("cucumber.json")).expect("JSON");
    assert!(features.as_array().is_some_and(|it| !it.is_empty()));
    let messages: Vec<Value> = text("messages.ndjson")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(
        messages
            .last()
            .is_some_and(|it| it["testRunFinished"].is_object())
    );
    let page = text("report.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    assert!(!text("summary.md").is_empty());

    let named: BTreeSet<&str> = scenarios
        .iter()
        .filter_map(|it| it["transcript"].as_str())
        .collect();
    for name in &named {
        let file = File::open(dir.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        jsonl::read(BufReader::new(file)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let there = fs::read_dir(dir.join("transcripts")).expect("transcripts");
    assert_eq!(there.count(), named.len(), "no transcript of another run");
    nothing_left_behind(dir);
    report
}

/// `judge` tells the same of this folder.
pub async fn judged_again(dir: &Path, report: &Value) {
    let again = tempfile::TempDir::new().expect("a folder");
    let (from, to) = (
        dir.display().to_string(),
        again.path().display().to_string(),
    );
    let came = call(&["judge", &from, "--report-dir", &to]).await;
    assert_eq!(
        came.code.map(Value::from).as_ref(),
        Some(&report["exit_code"]),
        "{came:?}"
    );
    let text = fs::read_to_string(again.path().join("report.json")).expect("a report");
    let second: Value = serde_json::from_str(&text).expect("JSON");
    let verdicts = |report: &Value| -> Vec<Value> {
        let all = report["requirements"].as_array().expect("a list").iter();
        all.map(|it| serde_json::json!([it["id"], it["verdict"]]))
            .collect()
    };
    assert_eq!(verdicts(&second), verdicts(report));
}

/// Nothing temporary is there.
#[track_caller]
pub fn nothing_left_behind(dir: &Path) {
    let left: Vec<String> = contents(dir)
        .into_keys()
        .filter(|name| name.split('/').any(|part| part.starts_with('.')) || name.ends_with(".tmp"))
        .collect();
    assert_eq!(left, [""; 0], "nothing temporary stays");
}

/// Every file below a folder (by its path within it) with what it holds, and every empty folder.
pub fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path
                .strip_prefix(dir)
                .expect("within")
                .display()
                .to_string();
            if path.is_dir() {
                all.insert(name + "/", Vec::new());
                folders.push(path);
            } else {
                all.insert(name, fs::read(&path).unwrap_or_default());
            }
        }
    }
    all
}

/// The text of all transcripts.
pub fn transcripts(dir: &Path) -> String {
    let all = contents(&dir.join("transcripts"));
    all.into_values()
        .map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
        .collect()
}
