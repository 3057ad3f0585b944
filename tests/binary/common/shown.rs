//! What a viewer says that it shows: lines of JSON on stdout.

use serde_json::Value;

use super::call::Outcome;

/// The lines of JSON.
pub fn lines(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

pub fn indices(lines: &[Value]) -> Vec<u64> {
    let shown = lines.iter().filter_map(|line| line.get("shown"));
    shown
        .map(|it| it["event_index"].as_u64().expect("an index"))
        .collect()
}

pub fn states(lines: &[Value]) -> Vec<&str> {
    let states = lines.iter().filter_map(|line| line["state"].as_str());
    states.collect()
}

/// Checks that a run of so many events was shown once, in order and to its end, and whether the viewer was away.
#[track_caller]
pub fn shown_whole(case: &str, outcome: &Outcome, events: u64, away: bool) {
    assert_eq!(outcome.code, Some(0), "{case}: {outcome:?}");
    let lines = lines(outcome);
    let all: Vec<u64> = (0..events).collect();
    assert_eq!(indices(&lines), all, "{case}");
    let states = states(&lines);
    assert_eq!(states.last(), Some(&"ended"), "{case}: {states:?}");
    assert_eq!(states.contains(&"away"), away, "{case}: {states:?}");
}
