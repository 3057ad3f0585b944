//! OWNER: to whom a run is shown.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::http_requests::{HttpRequest, http_requests, refused_without_token};
use crate::check::shared::return_view::{is_error, unanswered, views};
use crate::protocol::{Control, RunRequest, framing};
use crate::trace::{Connection, Earlier, Trace};
use crate::transcript::{Entry, EntryKind};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "OWNER-1",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A run is not shown to a viewer who names another session or workflow.",
        why: "Run ids get into logs, links and screenshots. A viewer who mixes up sessions would be shown somebody else's work.",
        harm: "A viewer who names another session or workflow is shown the run all the same.",
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
        since: "0.1.0",
        sentence: "Where users are kept apart, another user's run looks like one that does not exist.",
        why: "Even that a run exists is nobody else's business. An answer in other words reveals it to everybody who tries ids.",
        harm: "A user can find out that somebody else's run exists.",
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
    Requirement {
        id: "OWNER-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "Where permissions are given for single workflows, a run can only be followed with the permission for its workflow.",
        why: "A person who may not run the payroll may not read along while it runs, either. A return is another way to the same events.",
        harm: "A viewer can follow runs of a workflow without permission for it.",
        source: "agno's scopes (`workflows:ID:run`); users of any resumable stream",
        good: "\
(Ben's token is for another workflow than that of r)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"Access denied\"}",
        bad: "\
(Ben's token is for another workflow than that of r)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"run_id\": \"r\", \"missed_events\": 20, …}",
        check: check!(permitted),
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

fn permitted(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // The viewers who were refused a run of a workflow: so they have no permission for it.
    let mut refused: HashSet<(&str, &str)> = HashSet::new();
    for start in trace.starts().filter(|it| it.run.is_none()) {
        let viewer = trace.connection(start.connection).viewer;
        if let (Some(workflow), Some(_)) = (start.workflow_id(), start.refusal()) {
            refused.insert((viewer, workflow));
        }
    }
    for view in views(trace) {
        let start = trace.start_of(view.run).and_then(|it| it.workflow_id());
        let Some(workflow) = start.filter(|_| trace.is_not_permitted(view.run, view.viewer()))
        else {
            continue;
        };
        if view.connection.authenticated().is_none()
            || !refused.contains(&(view.viewer(), workflow))
        {
            collector.inconclusive(format!(
                "{} was not refused a run of that workflow, so nothing shows that a permission is needed",
                view.viewer()
            ));
            continue;
        }
        let mut heard = view.ret.heard();
        match heard.find(|entry| shows(entry) || subscribes(entry)) {
            Some(entry) => collector.failed(
                "a refusal, because the viewer has no permission for the run's workflow",
                describe::entry(entry),
                [view.ret.request.number, entry.number],
            ),
            None if view.ret.refusal().is_some() => collector.passed(),
            None => collector.inconclusive(unanswered(&view)),
        }
    }
    collector.check_verdict("no viewer asked for a run that they have no permission for")
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
        if let Some(connection) = connections.iter().find(|it| !is_asked(trace, it)) {
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
    let requests = http_requests(trace);
    changed(trace, &requests, &mut collector);
    collector.check_verdict("no viewer asked for the run of another user")
}

/// Whether the viewer had to show the token that tells who they are. Over HTTP it goes with every request, whether or
/// not the server asks for it.
fn is_asked(trace: &Trace<'_>, connection: &Connection<'_>) -> bool {
    let asks = !connection.is_over_http() || refused_without_token(trace).is_some();
    asks && connection.authenticated().is_some()
}

/// Notes whether another user could change a run: let it continue after a pause, or cancel it.
fn changed(trace: &Trace<'_>, requests: &[HttpRequest<'_>], collector: &mut Collector) {
    for it in trace.continuations() {
        let viewer = trace.connection(it.connection).viewer;
        let Some(run) = it.run.filter(|run| trace.is_of_another_user(run, viewer)) else {
            continue;
        };
        let authenticated = |place: usize| is_asked(trace, trace.connection(place));
        let start = trace.start_of(run).map(|start| start.connection);
        if ![Some(it.connection), start]
            .into_iter()
            .flatten()
            .all(authenticated)
        {
            collector.inconclusive(format!(
                "the server did not ask {viewer} for a token, so it does not keep users apart"
            ));
            continue;
        }
        let request = it.request.number;
        let highest = trace.highest_before(run, request);
        let further = trace.deliveries_of(run).rev();
        let further = further.take_while(|it| it.entry.number > request).last();
        // The run's own user can let it go on as well.
        let mut others = trace.continuations_after(run, request);
        let owner = |viewer: &str| !trace.is_of_another_user(run, viewer);
        let allowed = others.find(|it| owner(trace.connection(it.connection).viewer));
        let further = further.filter(|it| {
            it.index() > highest
                && allowed.is_none_or(|allowed| it.entry.number < allowed.request.number)
        });
        match (further, it.refusal()) {
            (Some(further), _) => collector.failed(
                "`error`, and a run that stays paused",
                describe::entry(further.entry),
                [request, further.entry.number],
            ),
            (None, Some(refusal)) if is_error(refusal) => collector.passed(),
            (None, _) => collector.inconclusive(format!("{viewer} was not refused the run")),
        }
    }
    for it in requests {
        let RunRequest::Cancel(run_id) = &it.route.request else {
            continue;
        };
        if !trace.is_of_another_user(run_id, &it.request.viewer) {
            continue;
        }
        let request = it.request.number;
        let run = trace.run(run_id);
        let cancelled = run.and_then(|run| run.cancelled);
        let ended = run.and_then(|run| run.ending).map(|(ending, _)| ending);
        match (cancelled, ended) {
            (Some(cancelled), _) if cancelled.number > request => collector.failed(
                "a run that no other user can cancel",
                describe::entry(cancelled),
                [request, it.answer.number, cancelled.number],
            ),
            (None, Some(ended)) if ended.number > it.answer.number => collector.passed(),
            _ => collector
                .inconclusive("the run did not come to its end after another user's cancel"),
        }
    }
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

/// The fields of a message, with nothing where the run's id stands; of a refusal over HTTP the status, too.
fn fields(entry: &Entry, run: &str) -> Map<String, Value> {
    let (text, status) = match &entry.what {
        EntryKind::Received { text, .. } => (framing::unwrap(&text.read()).1.into_owned(), None),
        EntryKind::Refused { text, status, .. } => (text.to_string(), Some(*status)),
        _ => return Map::new(),
    };
    let text = without(&text, run);
    let mut fields = match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => fields,
        _ => [(String::new(), Value::from(text))].into_iter().collect(),
    };
    if let Some(status) = status {
        fields.insert(STATUS.to_owned(), Value::from(status));
    }
    fields
}

/// The name for the status of a refusal over HTTP, among the fields of its body.
const STATUS: &str = " status";

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
