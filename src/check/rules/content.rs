//! CONTENT: what is said arrives as it was, can be read, and can be delivered again.

use std::collections::{BTreeMap, HashMap};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::payload;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{readings, unanswered};
use crate::protocol::{Action, Body, Ending, Part, json};
use crate::trace::{Delivery, Trace};
use crate::transcript::Entry;

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "CONTENT-1",
        level: Level::Must,
        sentence: "Any text in an event's content arrives unchanged: newlines, `data: `, quotes, control characters, emoji.",
        why: "Agents write code, tables and emoji. A text that is changed on its way misrepresents what was said.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"start-workflow\", \"message\": \"one\\ntwo\", …}
← {\"event\": \"RunContent\", \"content\": \"one\\ntwo\", …}",
        bad: "\
→ {\"action\": \"start-workflow\", \"message\": \"one\\ntwo\", …}
← {\"event\": \"RunContent\", \"content\": \"one two\", …}",
        check: check!(as_it_was),
    },
    Requirement {
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
        check: check!(strict),
    },
    Requirement {
        id: "CONTENT-3",
        level: Level::Must,
        sentence: "What is delivered live can be delivered again: no kind of content breaks catching up or the replay.",
        why: "What was on the screen a minute ago must not be gone after a reload, only because of its content.",
        source: "users of any resumable stream",
        good: "\
← event 3 (\"one\\ntwo\")
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 2}
← {\"event\": \"catch_up\", …}
← event 3 (\"one\\ntwo\")
← event 4",
        bad: "\
← event 3 (\"one\\ntwo\")
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 2}
← {\"event\": \"catch_up\", …}
← event 4                                          3 is missing",
        check: check!(again),
    },
];

/// Whether a text holds what needs care on the wire: anything but plain ASCII.
fn is_hard(text: &str) -> bool {
    text.contains(|letter: char| {
        letter.is_control() || !letter.is_ascii() || "\"\\".contains(letter)
    }) || text.contains("data: ")
}

/// Whether a message carries what needs care on the wire.
fn carries_hard(entry: &Entry) -> bool {
    let defect = entry
        .message()
        .is_some_and(|message| message.defect.is_some());
    let json = payload::text(entry);
    defect || json.contains('\\') || !json.is_ascii() || json.contains("data: ")
}

fn as_it_was(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for start in &trace.starts {
        let (Some(Action::Start { message, .. }), Some(run)) = (start.request.action(), start.run)
        else {
            continue;
        };
        let Some(told) = message.as_str().filter(|told| is_hard(told)) else {
            continue;
        };
        let said = |entry: &Entry| {
            json::parse(&payload::text(entry))
                .ok()
                .and_then(|(value, _)| Some(value.get("content")?.as_str()?.to_owned()))
        };
        let hard = || trace.deliveries_of(run).filter(|d| carries_hard(d.entry));
        if hard().any(|delivery| said(delivery.entry).is_some_and(|it| it.contains(told))) {
            collector.passed();
            continue;
        }
        let ending = trace.run(run).and_then(|run| run.ending);
        let whole =
            ending.filter(|(_, ending)| *ending == Ending::Completed && is_whole(trace, run));
        match whole {
            _ if trace.part_of(run) != Some(Part::Echoing) => collector.inconclusive(
                "the run did not repeat what it was told: name a workflow that does, [parts.echoing]",
            ),
            None => collector.inconclusive("the run was not seen as a whole"),
            Some((ending, _)) => {
                // What comes closest: the same letters, whatever stands between them.
                let letters = |text: &str| -> String {
                    text.chars().filter(char::is_ascii_alphanumeric).collect()
                };
                let wanted = letters(told);
                let near = trace.deliveries_of(run).find_map(|delivery| {
                    let said = said(delivery.entry)?;
                    letters(&said).contains(&wanted).then_some((delivery.entry, said))
                });
                let (entry, observed) = match near {
                    Some((entry, said)) => (
                        entry,
                        format!("{} with the content {}", describe::entry(entry), describe::quoted(&said)),
                    ),
                    None => (ending, "no event that repeats it".to_owned()),
                };
                collector.failed(
                    format!("an event with the content {}", describe::quoted(told)),
                    observed,
                    [start.request.number, entry.number],
                );
            }
        }
    }
    collector.check_verdict("no run was told anything but plain text")
}

/// Whether every event of the run, from the first to the ending, was delivered to somebody.
fn is_whole(trace: &Trace<'_>, run: &str) -> bool {
    let events = first_of_each(trace.deliveries_of(run));
    let index = |it: Option<&&Delivery<'_>>| it.and_then(|it| it.index());
    match (index(events.first()), index(events.last())) {
        // No two of them have the same index.
        (Some(first), Some(last)) => first <= 1 && last - first < events.len() as u64,
        _ => false,
    }
}

/// Of deliveries that have an index the first one of each, in the order of the indices.
fn first_of_each<'s, 't>(
    deliveries: impl Iterator<Item = &'s Delivery<'t>>,
) -> Vec<&'s Delivery<'t>> {
    let mut first: Vec<_> = deliveries.filter(|it| it.index().is_some()).collect();
    first.sort_by_key(|it| it.index());
    first.dedup_by_key(|it| it.index());
    first
}

/// Each of these with the one among the others that has the same index, if any; both in the order of
/// their indices.
fn beside<'s, 't>(
    these: &[&'s Delivery<'t>],
    others: &[&'s Delivery<'t>],
) -> impl Iterator<Item = (&'s Delivery<'t>, Option<&'s Delivery<'t>>)> {
    let mut others = others.iter().copied().peekable();
    these.iter().copied().map(move |it| {
        while others.next_if(|other| other.index() < it.index()).is_some() {}
        let same = others.peek().filter(|other| other.index() == it.index());
        (it, same.copied())
    })
}

fn again(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // By run: each event's first delivery.
    let mut known: HashMap<&str, Vec<&Delivery<'_>>> = HashMap::new();
    for (view, precondition) in readings(trace) {
        let from = match precondition {
            Precondition::UnderWay => view.next,
            Precondition::Finished(_) => 0,
            Precondition::NoRun | Precondition::Elsewhere(_) => continue,
        };
        // Of each event the last delivery.
        let came = first_of_each(view.deliveries.iter().rev());
        let Some(last) = came.last().and_then(|last| last.index()) else {
            collector.inconclusive(unanswered(&view));
            continue;
        };
        let events = known
            .entry(view.run)
            .or_insert_with(|| first_of_each(trace.deliveries_of(view.run)));
        let mut lost = beside(events, &came)
            .filter(|(_, again)| again.is_none())
            .filter_map(|(event, _)| Some((event.index()?, event.entry)))
            .filter(|(index, _)| (from..=last.max(from)).contains(index));
        match lost.next() {
            None => {
                let twice = beside(&came, events).any(|(it, first)| {
                    first.is_some_and(|first| first.entry.number < it.entry.number)
                        && carries_hard(it.entry)
                });
                if twice {
                    collector.passed();
                } else {
                    collector.inconclusive("nothing but plain text was delivered twice");
                }
            }
            // Where plain events are lost as well, it is not for what they say.
            Some((index, first)) if carries_hard(first) && lost.all(|(_, e)| carries_hard(e)) => {
                let after = came.iter().find(|it| it.index() > Some(index));
                let after = after.map(|it| it.entry.number);
                collector.failed(
                    format!("event {index} again, which says more than plain text"),
                    format!("event {last} without it"),
                    [first.number, view.ret.request.number]
                        .into_iter()
                        .chain(after),
                );
            }
            Some(_) => collector.inconclusive(format!(
                "{} did not get plain events again, either",
                view.viewer()
            )),
        }
    }
    collector.check_verdict("no viewer returned to a run that had said anything but plain text")
}

fn strict(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // By visit: the first offending message, what is wrong with it, and how many more there are.
    let mut wrong: BTreeMap<usize, (u32, String, usize)> = BTreeMap::new();
    for (place, connection) in trace.connections.iter().enumerate() {
        for entry in connection.heard() {
            let Some(message) = entry.message() else {
                continue;
            };
            let fault = match (&message.defect, &message.body) {
                (Some(defect), _) => format!("{defect}, in {}", describe::entry(entry)),
                // A parser's limit on nesting is not the server's fault.
                (None, Body::Unintelligible(reason))
                    if reason.starts_with("not JSON") && !reason.contains("recursion") =>
                {
                    describe::shown(reason)
                }
                _ => {
                    collector.passed();
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
        collector.failed(
            "strict JSON",
            format!("{observed}{}", describe::more(more)),
            [number],
        );
    }
    collector.check_verdict("no message came: is the server up, and is the URL right?")
}
