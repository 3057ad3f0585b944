//! Frames as a real AgentOS sends them.

use serde_json::json;

/// Recorded from agno 3.1.10.
const RECORDED: &str = include_str!("../../tests/data/wire/3.1.10/return-under-way.jsonl");

/// The workflow's run id in the recorded frames.
pub const RUN: &str = "b3c5d38d-cd6d-4343-bdf7-71f0bb7c3673";

/// This many `RunContent` frames with ascending indices from 0.
pub fn run_contents(count: usize) -> Vec<String> {
    let frame = recorded("RunContent");
    (0..count).map(|index| frame.with(index)).collect()
}

/// The events of a run that completes.
pub fn run(length: usize) -> Vec<String> {
    let mut events = run_contents(length);
    events[0] = workflow("WorkflowStarted", 0);
    events[length - 1] = workflow("WorkflowCompleted", length - 1);
    events
}

fn workflow(event: &str, index: usize) -> String {
    json!({"event": event, "run_id": RUN, "session_id": "recorded", "event_index": index})
        .to_string()
}

/// What comes before the events of a finished run of this length.
pub fn replay(length: usize) -> String {
    json!({"event": "replay", "run_id": RUN, "status": "COMPLETED", "total_events": length,
        "message": "Run COMPLETED. Replaying all events."})
    .to_string()
}

/// A recorded frame in three pieces: before its content, before its index, and after it.
struct Recorded([String; 3]);

impl Recorded {
    /// The frame with this index, which its content names too.
    fn with(&self, index: usize) -> String {
        let [head, middle, tail] = &self.0;
        format!("{head}w{index} {middle}{index}{tail}")
    }
}

/// The first recorded plain frame of this event that has the content of a token.
fn recorded(name: &str) -> Recorded {
    let event = format!("\"event\": \"{name}\"");
    let frame = RECORDED
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a recorded line"))
        .filter_map(|line| Some(line["text"].as_str()?.to_owned()))
        .find(|text| text.starts_with('{') && text.contains(&event))
        .expect("a recorded frame");
    let (head, rest) = frame.split_once("\"content\": \"w").expect("a content");
    let (_, rest) = rest.split_once(' ').expect("the content's end");
    let (middle, rest) = rest.split_once("\"event_index\": ").expect("an index");
    let tail = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    Recorded([
        format!("{head}\"content\": \""),
        format!("{middle}\"event_index\": "),
        tail.to_owned(),
    ])
}
