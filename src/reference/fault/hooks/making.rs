//! The events of a run, before they happen.

use serde_json::{Map, Value, json};

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faulty;
use crate::reference::model::event::{Draft, Event};
use crate::reference::model::run::{Run, Status};

/// A run of fewer events is short.
const SHORT: usize = 15;

impl Faulty {
    /// All that will happen in a run.
    pub fn on_script(&self, drafts: &mut Vec<Draft>) {
        if self.has(Fault::StartedMissing) {
            drafts.remove(0);
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

    /// The index of a run's next event. `shared` is how many events the runs of its starter's
    /// connection have had.
    pub fn index(&self, run: &Run, shared: u64) -> u64 {
        if self.has(Fault::RunsShareIndices) {
            return shared;
        }
        if let Some(index) = self.stuck_at(run) {
            return index;
        }
        let first = u64::from(self.has(Fault::StartAtOne));
        let index = self.index_after_pause(run, first + run.count() as u64);
        match self.has(Fault::CountWrapsAtThousand) {
            true => index % 1000,
            false => index,
        }
    }

    /// An event that happens, as it goes into the buffer.
    pub fn on_event(&self, event: Event) -> Event {
        if !event.last_word {
            return event;
        }
        if self.has(Fault::ContentNan) {
            return event.scribbled(r#", "confidence": NaN"#);
        }
        if self.has(Fault::ContentMarked) {
            return event.marked();
        }
        if self.has(Fault::ContentSurrogate) {
            return event.scribbled(r#", "reasoning_content": "cut \ud83d""#);
        }
        event
    }

    /// Whether a run stands still while nobody watches it.
    pub fn waits_for_viewers(&self) -> bool {
        self.has(Fault::UnwatchedPauses)
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
