//! OWNER: to whom a run is shown.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::return_view::{Reading, barred, is_error, readings, unanswered};
use crate::protocol::{Control, framing};
use crate::trace::{Earlier, Story};
use crate::transcript::{Entry, What};

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "OWNER-1",
        level: Level::Should,
        sentence: "A run is not shown to a viewer who names another session or workflow.",
        why: "A run id alone gets into logs, links and screenshots. Whoever mixes up sessions would be shown somebody else's work.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"session_id\": \"another\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"Run r not found in buffer or database\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"session_id\": \"another\", \"last_event_index\": null}
← {\"event\": \"replay\", \"run_id\": \"r\", \"total_events\": 10, …}
← event 0",
        check: not_shown,
    },
    Requirement {
        id: "OWNER-2",
        level: Level::Must,
        sentence: "Where users are kept apart, another user's run looks like one that does not exist.",
        why: "Even that a run exists is nobody else's business. An answer in other words tells it to everybody who tries ids.",
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
        check: looks_unknown,
    },
];

fn not_shown(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for (reading, _) in readings(story) {
        if !reading.names_another() || reading.ret.earlier != Earlier::Nothing {
            continue;
        }
        if reading.visit.barred().is_some() {
            ledger.untold(barred(reading.viewer()));
            continue;
        }
        let mut heard = reading.ret.heard();
        let shown = heard.find(|entry| shows(entry) || subscribes(entry));
        match shown {
            Some(entry) => ledger.broken(
                "`error`, as for a run that does not exist",
                describe::entry(entry),
                [reading.ret.request.number, entry.number],
            ),
            None if reading.answer().is_some_and(is_error) => ledger.holds(),
            None => ledger.untold(unanswered(&reading)),
        }
    }
    ledger.judgement("no viewer named another session or workflow than the run's")
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

fn looks_unknown(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let all: Vec<Reading<'_, '_>> = readings(story).map(|(reading, _)| reading).collect();
    for reading in &all {
        let Some(start) = story.start_of(reading.run) else {
            continue;
        };
        let starter = story.visit(start.visit).viewer;
        if !reading.is_anothers(starter) || reading.ret.earlier != Earlier::Nothing {
            continue;
        }
        if reading.visit.barred().is_some() {
            ledger.untold(barred(reading.viewer()));
            continue;
        }
        let visits = [reading.visit, story.visit(start.visit)];
        if let Some(visit) = visits.iter().find(|it| it.authenticated().is_none()) {
            ledger.untold(format!(
                "the server asked {} for no token, so it knows no users",
                visit.viewer
            ));
            continue;
        }
        let request = reading.ret.request.number;
        // A server that subscribes to anything does so here, too: a matter of REFUSAL-1.
        let mut heard = reading.ret.heard();
        if let Some(entry) = heard.find(|entry| shows(entry)) {
            ledger.broken(
                "`error`, as for a run that does not exist",
                describe::entry(entry),
                [request, entry.number],
            );
            continue;
        }
        let looks = Looks::of_unknown(&all, reading);
        match (reading.answer().or(reading.gave_up()), looks) {
            (None, _) => ledger.untold(unanswered(reading)),
            (_, None) => ledger.untold(format!(
                "{} was not refused a run that does not exist, so there is nothing to compare with",
                reading.viewer()
            )),
            (Some(entry), Some(looks)) if looks.fit(entry, reading.run) => ledger.holds(),
            (Some(entry), Some(looks)) => ledger.broken(
                format!(
                    "the same as for a run that does not exist, {}",
                    describe::entry(looks.entry)
                ),
                describe::entry(entry),
                [looks.entry.number, request, entry.number],
            ),
        }
    }
    ledger.judgement("nobody asked for the run of another user")
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
    /// From the answers to everybody who came as the same user and asked for runs that nobody has.
    fn of_unknown(all: &[Reading<'_, 't>], about: &Reading<'_, '_>) -> Option<Self> {
        let mut looks: Option<Self> = None;
        for reading in all {
            let story = reading.story;
            let same_user = story.user_of(reading.viewer()) == story.user_of(about.viewer());
            let unknown = !reading.run.is_empty() && story.run(reading.run).is_none();
            let refusal = reading.answer().filter(|answer| is_error(answer));
            let Some(entry) = refusal.filter(|_| same_user && unknown) else {
                continue;
            };
            let fields = fields(entry, reading.run);
            match &mut looks {
                None => {
                    looks = Some(Self {
                        entry,
                        common: fields,
                        own: BTreeSet::new(),
                    });
                }
                Some(looks) => {
                    let different = looks.different(&fields);
                    looks.own.extend(different);
                }
            }
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
    let What::Received { text, .. } = &entry.what else {
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
