//! CONTENT: what is said can be read.

use std::collections::BTreeMap;

use super::catalogue::{Level, Requirement};
use super::finding::Judgement;
use super::ledger::Ledger;
use super::words;
use crate::protocol::Body;
use crate::transcript::Story;

pub(super) const FAMILY: &[Requirement] = &[Requirement {
    id: "CONTENT-2",
    level: Level::Should,
    sentence: "Every message is strict JSON (RFC 8259): no `NaN`, no lone surrogate.",
    why: "A browser's `JSON.parse` throws on such a message, and the whole event is lost.",
    source: "RFC 8259",
    good: "\
← {\"event\": \"StepOutput\", \"event_index\": 3, \"content\": null}
← {\"event\": \"StepOutput\", \"event_index\": 4, \"content\": \"\\ud83d\\ude00\"}",
    bad: "\
← {\"event\": \"StepOutput\", \"event_index\": 3, \"content\": NaN}
← {\"event\": \"StepOutput\", \"event_index\": 4, \"content\": \"\\ud83d\"}",
    check: strict,
}];

fn strict(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    // By visit: the first offending message, what is wrong with it, and how many more there are.
    let mut wrong: BTreeMap<usize, (u32, String, usize)> = BTreeMap::new();
    for (place, visit) in story.visits.iter().enumerate() {
        for entry in visit.heard() {
            let Some(message) = entry.message() else {
                continue;
            };
            let fault = match (&message.defect, &message.body) {
                (Some(defect), _) => format!("{defect}, in {}", words::entry(entry)),
                // A parser's limit on nesting is not the server's fault.
                (None, Body::Unintelligible(reason))
                    if reason.starts_with("not JSON") && !reason.contains("recursion") =>
                {
                    words::shown(reason)
                }
                _ => {
                    ledger.holds();
                    continue;
                }
            };
            wrong
                .entry(place)
                .and_modify(|(_, _, more)| *more += 1)
                .or_insert((entry.number, fault, 0));
        }
    }
    for (number, observed, more) in wrong.into_values() {
        ledger.broken(
            "strict JSON",
            format!("{observed}{}", words::more(more)),
            [number],
        );
    }
    ledger.judgement("no message came: is the server up, and is the URL right?")
}
