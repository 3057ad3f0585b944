//! OWNER: to whom a run is shown.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::return_view::{is_error, unanswered, views};
use crate::protocol::{Control, framing};
use crate::trace::{Earlier, Trace};
use crate::transcript::{Entry, EntryKind};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "OWNER-1",
        level: Level::Should,
        sentence: "A run is not shown to a viewer who names another session or workflow.",
        why: "Run ids get into logs, links and screenshots. A viewer who mixes up sessions would be shown somebody else's work.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"session_id\": \"another\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"Run r not found in buffer or database\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"session_id\": \"another\", \"last_event_index\": null}
← {\"event\": \"replay\", \"run_id\": \"r\", \"total_events\": 10, …}
← event 0",
        check: check!(not_shown),
    },
    Requirement {
        id: "OWNER-2",
        level: Level::Must,
        sentence: "Where users are kept apart, another user's run looks like one that does not exist.",
        why: "Even that a run exists is nobody else's business. An answer in other words reveals it to everybody who tries ids.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"of-nobody\", …}
← {\"event\": \"error\", \"error\": \"Run of-nobody not found\"}
→ {\"action\": \"reconnect\", \"run_id\": \"of-another\", …}
← {\"event\": \"error\", \"error\": \"Run of-another not found\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"of-nobody\", …}
← {\"event\": \"error\", \"error\": \"Run of-nobody not found\"}
→ {\"action\": \"reconnect\", \"run_id\": \"of-another\", …}
← {\"event\": \"error\", \"error\": \"Access denied\"}",
        check: check!(looks_unknown),
    },
];

fn not_shown(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in views(trace) {
        if !view.names_another() || view.earlier != Earlier::Nothing {
            continue;
        }
        if view.is_barred(&mut collector) {
            continue;
        }
        let mut heard = view.ret.heard();
        let shown = heard.find(|entry| shows(entry) || subscribes(entry));
        match shown {
            Some(entry) => collector.failed(
                "`error`, as for a run that does not exist",
                describe::entry(entry),
                [view.ret.request.number, entry.number],
            ),
            None if view.answer().is_some_and(is_error) => collector.passed(),
            None => collector.inconclusive(unanswered(&view)),
        }
    }
    collector.check_verdict("no viewer named another session or workflow than the run's")
}

/// Whether the message shows something of the run.
fn shows(entry: &Entry) -> bool {
    entry
        .message()
        .is_some_and(|message| message.event().is_some())
        || matches!(
            control(entry),
            Some(Control::CatchUp { .. } | Control::Replay { .. })
        )
}

/// Whether the message makes the viewer a watcher of the run.
fn subscribes(entry: &Entry) -> bool {
    matches!(control(entry), Some(Control::Subscribed { .. }))
}

fn control(entry: &Entry) -> Option<&Control> {
    entry.message()?.control()
}

fn looks_unknown(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let looks = Looks::of_unknown(trace);
    for view in views(trace) {
        let Some(start) = trace.start_of(view.run) else {
            continue;
        };
        let starter = trace.connection(start.connection).viewer;
        if !view.is_anothers(starter) || view.earlier != Earlier::Nothing {
            continue;
        }
        if view.is_barred(&mut collector) {
            continue;
        }
        let connections = [view.connection, trace.connection(start.connection)];
        if let Some(connection) = connections.iter().find(|it| it.authenticated().is_none()) {
            collector.inconclusive(format!(
                "the server did not ask {} for a token, so it does not keep users apart",
                connection.viewer
            ));
            continue;
        }
        let request = view.ret.request.number;
        // A server that subscribes to anything does so here, too: a matter of REFUSAL-1.
        let mut heard = view.ret.heard();
        if let Some(entry) = heard.find(|entry| shows(entry)) {
            collector.failed(
                "`error`, as for a run that does not exist",
                describe::entry(entry),
                [request, entry.number],
            );
            continue;
        }
        let looks = looks.get(&trace.user_of(view.viewer()));
        match (view.answer().or(view.timed_out()), looks) {
            (None, _) => collector.inconclusive(unanswered(&view)),
            (_, None) => collector.inconclusive(format!(
                "{} did not ask for a run that does not exist, or was not refused, so there is nothing to \
                 compare with",
                view.viewer()
            )),
            (Some(entry), Some(looks)) if looks.fit(entry, view.run) => collector.passed(),
            (Some(entry), Some(looks)) => collector.failed(
                format!(
                    "the same as for a run that does not exist, {}",
                    describe::entry(looks.entry)
                ),
                describe::entry(entry),
                [looks.entry.number, request, entry.number],
            ),
        }
    }
    collector.check_verdict("no viewer asked for the run of another user")
}

/// What a user is told of runs that do not exist.
struct Looks<'t> {
    /// The first such answer.
    entry: &'t Entry,
    /// What all such answers have in common, the run's id left out.
    common: Map<String, Value>,
    /// The fields that each of them fills in its own way: times, numbers of errors.
    own: BTreeSet<String>,
}

impl<'t> Looks<'t> {
    /// By user, from the answers to everybody who asked for runs that do not exist.
    fn of_unknown(trace: &Trace<'t>) -> HashMap<Option<&'t str>, Self> {
        let mut looks: HashMap<Option<&str>, Self> = HashMap::new();
        for view in views(trace) {
            let unknown = !view.run.is_empty() && trace.run(view.run).is_none();
            let refusal = view.answer().filter(|answer| is_error(answer));
            let Some(entry) = refusal.filter(|_| unknown) else {
                continue;
            };
            let fields = fields(entry, view.run);
            let user = trace.user_of(view.viewer());
            let Some(known) = looks.get_mut(&user) else {
                let first = Self {
                    entry,
                    common: fields,
                    own: BTreeSet::new(),
                };
                looks.insert(user, first);
                continue;
            };
            let different = known.different(&fields);
            known.own.extend(different);
        }
        looks
    }

    /// Whether the answer about this run is one of them.
    fn fit(&self, entry: &Entry, run: &str) -> bool {
        is_error(entry) && self.different(&fields(entry, run)).is_subset(&self.own)
    }

    /// The names of the fields that are not as they are here.
    fn different(&self, fields: &Map<String, Value>) -> BTreeSet<String> {
        let names = self.common.keys().chain(fields.keys());
        names
            .filter(|name| self.common.get(*name) != fields.get(*name))
            .cloned()
            .collect()
    }
}

/// The fields of a message, with nothing where the run's id stands.
fn fields(entry: &Entry, run: &str) -> Map<String, Value> {
    let EntryKind::Received { text, .. } = &entry.what else {
        return Map::new();
    };
    let text = without(&framing::unwrap(&text.read()).1, run);
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => fields,
        _ => [(String::new(), Value::from(text))].into_iter().collect(),
    }
}

/// The text with nothing where the id stands as a word of its own.
fn without(text: &str, id: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices(id) {
        let word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let (before, after) = (&text[..at], &text[at + id.len()..]);
        if !word(before.chars().next_back()) && !word(after.chars().next()) {
            out.push_str(&text[from..at]);
            from = at + id.len();
        }
    }
    out.push_str(&text[from..]);
    out
}
