//! IDENTITY: an index names one event, in every delivery.

use std::collections::{BTreeMap, HashMap};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::payload;
use crate::check::shared::payload::Difference;
use crate::protocol::decode::is_event_name;
use crate::protocol::{Framing, framing};
use crate::trace::{Delivery, Trace};
use crate::transcript::{Entry, EntryKind};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "IDENTITY-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "An index names one event: its type, content and ids are the same in every delivery, to every viewer, live, caught up or replayed.",
        why: "The index is how two people, or one person on two days, refer to the same moment.",
        harm: "One event number means different events, depending on when and by whom it is looked at.",
        source: "users of any resumable stream",
        good: "\
← {\"event\": \"RunContent\", \"event_index\": 7, \"content\": \"Hello\", …}    live
(Ada returns)
← {\"event\": \"RunContent\", \"event_index\": 7, \"content\": \"Hello\", …}    replayed",
        bad: "\
← {\"event\": \"RunContent\", \"event_index\": 7, \"content\": \"Hello\", …}    live
(Ada returns)
← {\"event\": \"StepOutput\", \"event_index\": 7, \"content\": \"Bye\", …}      replayed",
        check: check!(identity),
    },
    Requirement {
        id: "IDENTITY-2",
        level: Level::Should,
        since: "0.1.0",
        sentence: "The whole payload of an event is the same in every delivery.",
        why: "What a front end shows of an event must not depend on when a person looked.",
        harm: "An event looks different, depending on when and by whom it is looked at.",
        source: "users of any resumable stream",
        good: "\
← {\"event\": \"RunContent\", \"event_index\": 7, \"content\": \"Hello\", \"created_at\": 1795412441}   live
← {\"event\": \"RunContent\", \"event_index\": 7, \"content\": \"Hello\", \"created_at\": 1795412441}   replayed",
        bad: "\
← {\"event\": \"RunContent\", \"event_index\": 7, \"content\": \"Hello\", \"created_at\": 1795412441}   live
← {\"event\": \"RunContent\", \"event_index\": 7, \"content\": \"Hello\", \"created_at\": 1795412497}   replayed",
        check: check!(payload),
    },
    Requirement {
        id: "IDENTITY-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "Nothing that an event said is missing from a later delivery: text, lists and objects, not measurements (`metrics`, `session_state`, clocks).",
        why: "What was there to read a minute ago, a name, a source, the question to a person, must not be gone after a reload.",
        harm: "Part of what an event said is missing when it is delivered again.",
        source: "users of any resumable stream",
        good: "\
← {\"event\": \"RunContent\", \"event_index\": 7, \"references\": [\"a\", \"b\"], …}    live
← {\"event\": \"RunContent\", \"event_index\": 7, \"references\": [\"a\", \"b\"], …}    replayed",
        bad: "\
← {\"event\": \"RunContent\", \"event_index\": 7, \"references\": [\"a\", \"b\"], …}    live
← {\"event\": \"RunContent\", \"event_index\": 7, \"references\": null, …}          replayed",
        check: check!(nothing_missing),
    },
];

/// The most paths that a finding names.
const NAMED: usize = 8;

fn identity(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    labels(trace, &mut collector);
    judge(trace, Difference::identity, collector)
}

fn payload(trace: &Trace<'_>) -> CheckVerdict {
    judge(trace, Difference::paths, Collector::default())
}

fn nothing_missing(trace: &Trace<'_>) -> CheckVerdict {
    judge(trace, Difference::missing, Collector::default())
}

/// A server-sent event that names itself by another event's name is two events at once: many clients
/// go by that line alone. Any other name, one for all messages say, is the server's own affair.
fn labels(trace: &Trace<'_>, collector: &mut Collector) {
    let mut wrong: BTreeMap<usize, (&Delivery<'_>, String, usize)> = BTreeMap::new();
    for delivery in &trace.deliveries {
        let EntryKind::Received { text, message } = &delivery.entry.what else {
            continue;
        };
        if message.framing != Framing::Sse {
            continue;
        }
        let text = text.read();
        let label = framing::label(&text)
            .filter(|label| *label != &*delivery.event().name && is_event_name(label));
        if let Some(label) = label {
            wrong
                .entry(delivery.connection())
                .and_modify(|(_, _, more)| *more += 1)
                .or_insert_with(|| (delivery, label.to_owned(), 0));
        }
    }
    for (delivery, label, more) in wrong.into_values() {
        collector.failed(
            format!(
                "the name of {} in its `event:` line",
                describe::entry(delivery.entry)
            ),
            format!(
                "the line `event: {}`{}",
                describe::shown(&label),
                describe::more(more)
            ),
            [delivery.entry.number],
        );
    }
}

/// The first delivery of each index of each run.
#[derive(Default)]
struct Firsts<'s, 't> {
    places: HashMap<&'t str, usize>,
    runs: Vec<First<'s, 't>>,
    /// The run that came last, which most often comes again.
    latest: Option<(&'t str, usize)>,
}

/// Those of one run.
#[derive(Default)]
struct First<'s, 't> {
    /// By index, as far as they came one by one from 0, as nearly all do.
    in_order: Vec<&'s Delivery<'t>>,
    /// The others.
    others: HashMap<u64, &'s Delivery<'t>>,
}

impl<'s, 't> Firsts<'s, 't> {
    /// The delivery of this index of the run that was met before; nothing where this one is the first.
    fn meet(
        &mut self,
        run: &'t str,
        index: u64,
        delivery: &'s Delivery<'t>,
    ) -> Option<&'s Delivery<'t>> {
        let place = match self.latest {
            Some((latest, place)) if latest == run => place,
            _ => *self.places.entry(run).or_insert_with(|| {
                self.runs.push(First::default());
                self.runs.len() - 1
            }),
        };
        self.latest = Some((run, place));
        self.runs[place].meet(index, delivery)
    }
}

impl<'s, 't> First<'s, 't> {
    fn meet(&mut self, index: u64, delivery: &'s Delivery<'t>) -> Option<&'s Delivery<'t>> {
        let before = usize::try_from(index).ok();
        let before = before.and_then(|place| self.in_order.get(place));
        let before = before.or_else(|| self.others.get(&index)).copied();
        if before.is_none() {
            if index == self.in_order.len() as u64 {
                self.in_order.push(delivery);
            } else {
                self.others.insert(index, delivery);
            }
        }
        before
    }
}

/// What differs in the deliveries on one connection.
struct Different<'t> {
    first: &'t Entry,
    other: &'t Entry,
    index: u64,
    values: Option<(String, String)>,
    /// The fields or paths that differ, and in how many deliveries.
    fields: BTreeMap<String, usize>,
    deliveries: usize,
}

/// Compares every delivery with the first of the same run and index. Nothing is kept but the place
/// of the first.
fn judge(
    trace: &Trace<'_>,
    fields: fn(&Difference) -> Vec<String>,
    mut collector: Collector,
) -> CheckVerdict {
    let mut firsts = Firsts::default();
    let mut different: BTreeMap<usize, Different<'_>> = BTreeMap::new();
    for delivery in &trace.deliveries {
        let (Some(run), Some(index)) = (delivery.event().run(), delivery.index()) else {
            continue;
        };
        let Some(before) = firsts.meet(run, index, delivery) else {
            continue;
        };
        let difference = payload::difference(before.entry, delivery.entry);
        let names = difference.as_ref().map(fields).unwrap_or_default();
        let (Some(difference), Some(name)) = (difference, names.first()) else {
            collector.passed();
            continue;
        };
        let found = different
            .entry(delivery.connection())
            .or_insert_with(|| Different {
                first: before.entry,
                other: delivery.entry,
                index,
                values: difference.values(name),
                fields: BTreeMap::new(),
                deliveries: 0,
            });
        found.deliveries += 1;
        for name in names {
            // A server that names its fields anew each time must not fill the memory.
            if found.fields.len() < 1024 || found.fields.contains_key(&name) {
                *found.fields.entry(name).or_default() += 1;
            }
        }
    }
    for found in different.into_values() {
        let (expected, observed) = found.said();
        collector.failed(expected, observed, [found.first.number, found.other.number]);
    }
    collector.check_verdict(
        "no event was delivered twice: let a viewer return to the run after its ending",
    )
}

impl Different<'_> {
    fn said(&self) -> (String, String) {
        let mut often: Vec<(&String, &usize)> = self.fields.iter().collect();
        often.sort_by(|one, other| other.1.cmp(one.1));
        let names: Vec<String> = often
            .iter()
            .take(NAMED)
            .map(|(name, count)| match count {
                1 => format!("`{}`", describe::shown(name)),
                _ => format!("`{}` {count} times", describe::shown(name)),
            })
            .collect();
        let further = describe::more(often.len().saturating_sub(NAMED));
        let values = match &self.values {
            Some((one, other)) => format!(": {one} became {other}"),
            None => String::new(),
        };
        let deliveries = match self.deliveries {
            1 => String::new(),
            count => format!("; {count} deliveries on this connection differ"),
        };
        (
            format!("event {} as it was first delivered", self.index),
            format!(
                "a difference in {}{further}{values}{deliveries}",
                names.join(", ")
            ),
        )
    }
}
