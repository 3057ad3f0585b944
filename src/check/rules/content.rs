//! CONTENT: what is said arrives as it was, can be read, and can be delivered again.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::iter::repeat;

use serde_json::Value;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::broken_off::BrokenOff;
use crate::check::shared::order::first_of_each;
use crate::check::shared::payload;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{unanswered, views};
use crate::protocol::{Action, Body, Ending, Part, json};
use crate::trace::{Delivery, Trace};
use crate::transcript::{Entry, THE_SUITE};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CONTENT-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Any text in an event's content arrives unchanged: newlines, `data: `, quotes, control characters, emoji.",
        why: "Agents write code, tables and emoji. A text that is changed on its way misrepresents what was said.",
        harm: "A viewer may read a text that differs from what was sent.",
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
        since: "0.1.0",
        sentence: "Every message is strict JSON (RFC 8259): no `NaN`, no lone surrogate.",
        why: "A browser's `JSON.parse` throws on such a message, and the whole event is lost.",
        harm: "A viewer's program may be unable to read a message.",
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
        since: "0.1.0",
        sentence: "What is delivered live can be delivered again: no kind of content breaks catching up or the replay.",
        why: "What was on the screen a minute ago must not be gone after a reload, only because of its content.",
        harm: "What was on the screen may be gone after a reload, because of its content.",
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

/// How long a word is that is in no content by chance.
const A_WORD: usize = 4;

/// Why the verdict is inconclusive where not a word of the message comes back.
const MISCAST: &str = "the part `echoing` is miscast: no event of its run has a word of the message; name a workflow that repeats its message as [parts.echoing]";

/// Whether a text contains what needs care on the wire: anything but plain ASCII.
pub(crate) fn is_hard(text: &str) -> bool {
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
    for start in trace.starts() {
        let (Some(Action::Start { message, .. }), Some(run)) = (start.request.action(), start.run)
        else {
            continue;
        };
        let repeats = trace.part_of(run) == Some(Part::Echoing);
        let Some(told) = message.as_str().filter(|told| repeats || is_hard(told)) else {
            continue;
        };
        let said = |entry: &Entry| Some(content(entry)?.as_str()?.to_owned());
        let hard = is_hard(told);
        let may_carry =
            |entry: &Entry| carries_hard(entry) || (!hard && payload::text(entry).contains(told));
        if let Some((entry, content)) = turned(trace, run, told) {
            collector.failed(
                format!(
                    "an event with the text {} as content",
                    describe::quoted(told)
                ),
                format!(
                    "{} with {}, which is no text",
                    describe::entry(entry),
                    describe::shown(&content.to_string())
                ),
                [start.request.number, entry.number],
            );
            continue;
        }
        let mut may = trace.deliveries_of(run).filter(|it| may_carry(it.entry));
        if may.any(|delivery| said(delivery.entry).is_some_and(|it| it.contains(told))) {
            collector.passed();
            continue;
        }
        let ending = trace.run(run).and_then(|run| run.ending);
        let whole =
            ending.filter(|(_, ending)| *ending == Ending::Completed && is_whole(trace, run));
        match whole {
            _ if !repeats => collector.inconclusive(
                "the run did not repeat its message: name a workflow that does as [parts.echoing] in a target file",
            ),
            None => collector.inconclusive("no viewer received the whole run"),
            Some(_) => {
                // What comes closest: the same letters, whatever stands between them.
                let letters = |text: &str| -> String {
                    text.chars().filter(char::is_ascii_alphanumeric).collect()
                };
                let wanted = letters(told);
                let words = || told.split(|letter: char| !letter.is_ascii_alphanumeric());
                let near = |whole: bool| {
                    trace.deliveries_of(run).find_map(|delivery| {
                        let said = said(delivery.entry)?;
                        let is_near = match whole {
                            true => letters(&said).contains(&wanted),
                            false => words().any(|it| it.len() >= A_WORD && said.contains(it)),
                        };
                        is_near.then_some((delivery.entry, said))
                    })
                };
                let Some((entry, said)) = near(true).or_else(|| near(false)) else {
                    collector.inconclusive(MISCAST);
                    continue;
                };
                let observed = format!("{} with the content {}", describe::entry(entry), describe::quoted(&said));
                collector.failed(
                    format!("an event with the content {}", describe::quoted(told)),
                    observed,
                    [start.request.number, entry.number],
                );
            }
        }
    }
    collector.check_verdict("every run was started with plain text only")
}

/// Whether an event has this text in its content.
pub(crate) fn says(entry: &Entry, told: &str) -> bool {
    let content = content(entry);
    content.is_some_and(|it| it.as_str().is_some_and(|it| it.contains(told)))
}

/// The content of an event: text, or anything else that it was turned into.
fn content(entry: &Entry) -> Option<Value> {
    let (value, _) = json::parse(&payload::text(entry)).ok()?;
    Some(value.get("content")?.clone())
}

/// The first event that carries what a reader of JSON makes of this text, instead of the text.
fn turned<'t>(trace: &Trace<'t>, run: &str, told: &str) -> Option<(&'t Entry, Value)> {
    // Most texts are no JSON, and no event has to be read for them.
    let (read, _) = json::parse(told).ok()?;
    trace.deliveries_of(run).find_map(|delivery| {
        let content = content(delivery.entry).filter(|it| *it == read)?;
        Some((delivery.entry, content))
    })
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

/// The first delivery of each event of a run.
struct Events<'s, 't> {
    /// In the order of the indices.
    first: Vec<&'s Delivery<'t>>,
    /// How many of those before each place carry nothing but plain text.
    plain: OnceCell<Vec<u32>>,
}

impl<'s, 't> Events<'s, 't> {
    fn of(trace: &'s Trace<'t>, run: &str) -> Self {
        Self {
            first: first_of_each(trace.deliveries_of(run)),
            plain: OnceCell::new(),
        }
    }

    /// The place of the first one that has this index or a higher one. Looks at `near` first.
    fn place(&self, index: u64, near: usize) -> usize {
        let is_before = |it: &&&Delivery<'_>| it.index() < Some(index);
        let before = near.checked_sub(1).map(|place| &self.first[place]);
        let is_near = before.is_none_or(|it| is_before(&it))
            && !self.first.get(near).is_some_and(|it| is_before(&it));
        match is_near {
            true => near,
            false => self.first.partition_point(|it| is_before(&it)),
        }
    }

    /// Each of these deliveries with the place of the event that has its index.
    fn of_each(
        &self,
        these: &[&'s Delivery<'t>],
    ) -> impl Iterator<Item = (&'s Delivery<'t>, Option<usize>)> {
        let mut near = 0;
        these.iter().copied().map(move |it| {
            let place = self.place(it.index().unwrap_or_default(), near);
            near = place + 1;
            let event = self.first.get(place);
            (
                it,
                event
                    .filter(|event| event.index() == it.index())
                    .map(|_| place),
            )
        })
    }

    /// How many events at these places carry nothing but plain text.
    fn plain(&self, from: usize, to: usize) -> u32 {
        let plain = self.plain.get_or_init(|| {
            let mut count = 0;
            let counts = self.first.iter().map(|it| {
                count += u32::from(!carries_hard(it.entry));
                count
            });
            [0].into_iter().chain(counts).collect()
        });
        plain[to] - plain[from]
    }
}

fn again(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut known: HashMap<&str, Events<'_, '_>> = HashMap::new();
    for view in views(trace) {
        let from = match view.precondition() {
            Precondition::UnderWay => view.next,
            Precondition::Finished(_) => 0,
            Precondition::NoRun | Precondition::Unclear(_) => continue,
        };
        // Of each event the last delivery.
        let came = first_of_each(view.deliveries.iter().rev());
        let Some(last) = came.last().and_then(|last| last.index()) else {
            collector.inconclusive(unanswered(&view));
            continue;
        };
        // Where the server closed, the event that was due next may be why.
        let closed = view.broken_off();
        let due = last.saturating_add(u64::from(closed.is_some()));
        let events = known
            .entry(view.run)
            .or_insert_with(|| Events::of(trace, view.run));
        let (first, to) = (
            events.place(from, 0),
            events.place(due.max(from).saturating_add(1), 0),
        );
        let owed = first..to.max(first);
        let came_at: Vec<usize> = events
            .of_each(&came)
            .filter_map(|(_, place)| place)
            .filter(|place| owed.contains(place))
            .collect();
        let lost = owed
            .clone()
            .zip(came_at.iter().map(Some).chain(repeat(None)));
        let lost = lost.into_iter().find(|(place, came)| *came != Some(place));
        match lost.map(|(place, _)| events.first[place]) {
            None => {
                let twice = events.of_each(&came).any(|(it, place)| {
                    place.is_some_and(|at| events.first[at].entry.number < it.entry.number)
                        && carries_hard(it.entry)
                });
                if !twice {
                    collector.inconclusive("only plain text was delivered twice");
                } else if view.viewer() != THE_SUITE {
                    // The replay that ends a scenario does not show what a viewer of it was given.
                    collector.passed();
                }
            }
            Some(event) => {
                let plain = events.plain(owed.start, owed.end);
                let plain_came = came_at.iter().map(|at| events.plain(*at, at + 1));
                // Where ordinary events are lost as well, it is not because of their content.
                if plain > plain_came.sum::<u32>() {
                    collector.inconclusive(format!(
                        "ordinary events were not redelivered to {} either, so this could not be tested",
                        view.viewer()
                    ));
                    continue;
                }
                let index = event.index();
                let after = came.iter().find(|it| it.index() > index);
                let after = after.map(|it| it.entry.number);
                collector.failed(
                    format!(
                        "event {} again, whose content is more than plain text",
                        index.unwrap_or_default()
                    ),
                    match &closed {
                        Some(closed) => closed.observed(),
                        None => format!("events up to {last}, without it"),
                    },
                    [event.entry.number, view.ret.request.number]
                        .into_iter()
                        .chain(after)
                        .chain(closed.iter().flat_map(BrokenOff::evidence)),
                );
            }
        }
    }
    collector.check_verdict("no viewer returned to a run that had sent more than plain text")
}

fn strict(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // By connection: the first offending message, what is wrong with it, and how many more there are.
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
