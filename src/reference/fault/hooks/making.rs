//! The events of a run, before they happen.

use serde_json::{Map, Value, json};

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;
use crate::reference::model::event::Draft;
use crate::reference::model::run::{Run, Storage};
use crate::reference::model::status::Status;

/// A run of fewer events is short.
const SHORT: usize = 15;

impl Faults {
    /// All that will happen in a run.
    pub fn on_script(&self, drafts: &mut Vec<Draft>) {
        if self.has(Fault::StartedMissing) {
            drafts.remove(0);
        }
        if self.has(Fault::StartedAgain) {
            let is_step = |it: &Draft| it.fields["event"] == "StepStarted";
            let last = drafts.iter().rposition(is_step).unwrap_or(drafts.len());
            drafts.insert(last, drafts[0].clone());
        }
        if self.has(Fault::NestedRunUnassigned) && drafts.len() < SHORT {
            for draft in drafts.iter_mut().filter(|draft| draft.last_word) {
                draft.fields.remove("workflow_run_id");
            }
        }
        if self.has(Fault::ContentNewlines) {
            for draft in drafts.iter_mut() {
                if let Some(Value::String(text)) = draft.fields.get_mut("content") {
                    *text = text.replace('\n', " ");
                }
            }
        }
        if self.has(Fault::ContentNumbers) {
            for draft in drafts.iter_mut() {
                if let Some(content) = draft.fields.get_mut("content")
                    && let Some(Ok(number)) = content.as_str().map(str::parse::<serde_json::Number>)
                {
                    *content = number.into();
                }
            }
        }
        // What the inner workflow itself sends, and not its agents.
        let is_inner = |draft: &&mut Draft| {
            draft.fields.contains_key("nested_depth") && !draft.fields.contains_key("agent_id")
        };
        for inner in drafts.iter_mut().filter(is_inner) {
            if self.has(Fault::InnerRunUnassigned) {
                inner.fields.remove("workflow_run_id");
            }
            if self.has(Fault::InnerEndingEndsRun) && inner.fields["event"] == "WorkflowCompleted" {
                inner.ends = Some(Status::Completed);
            }
        }
        let Some(ends) = drafts.last().and_then(|ending| ending.ends) else {
            return;
        };
        let unsaid = match ends {
            Status::Completed => self.has(Fault::EndingMissing),
            _ => self.has(Fault::FailingSilent),
        };
        if unsaid && drafts.pop().is_some() {
            if let Some(last) = drafts.last_mut() {
                last.ends = Some(ends);
            }
            return;
        }
        if self.has(Fault::EndingTwice)
            && let Some(again) = drafts.last().cloned()
        {
            follow(drafts, again);
        }
        if self.has(Fault::EventAfterEnding)
            && let Some(ending) = drafts.last().cloned()
        {
            let late = later_than(&ending.fields);
            follow(
                drafts,
                Draft {
                    fields: late,
                    ..ending
                },
            );
        }
    }

    /// Whether the runs that were started on one connection are counted as one.
    pub fn counts_runs_as_one(&self) -> bool {
        self.has(Fault::RunsShareIndices)
    }

    /// The index of a run's next event.
    pub fn index(&self, run: &Run) -> u64 {
        let count = run.count() as u64;
        match run.keeps {
            Some(full) if self.has(Fault::FullIndexStuck) && run.dropped > 0 => full as u64,
            _ if self.has(Fault::StartAtOne) => count + 1,
            _ if self.has(Fault::CountWrapsAtThousand) => count % 1000,
            _ => self.index_after_pause(run, count),
        }
    }

    /// The index of the next event of a run that may have been continued; `index` is the right one.
    fn index_after_pause(&self, run: &Run, index: u64) -> u64 {
        let Some(pause) = run.continued_at else {
            return index;
        };
        let restarted = run.storage == Storage::Restarted;
        if self.has(Fault::ContinueFromZero) || restarted && self.has(Fault::RestartCountsAnew) {
            index - pause as u64
        } else if self.has(Fault::ContinueSkips)
            || restarted && self.has(Fault::RestartSkipsLater) && index > pause as u64
        {
            index + 1
        } else if self.has(Fault::ContinueRepeats) {
            index - 1
        } else {
            index
        }
    }
}

/// Lets `more` follow the ending at once, and end the run in its stead.
fn follow(drafts: &mut Vec<Draft>, more: Draft) {
    if let Some(ending) = drafts.last_mut() {
        ending.ends = None;
    }
    drafts.push(Draft {
        at_once: true,
        ..more
    });
}

fn later_than(ending: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = ending.clone();
    fields.insert("event".into(), json!("StepCompleted"));
    fields
}
