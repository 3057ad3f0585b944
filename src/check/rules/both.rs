//! BOTH: a run is the same over the WebSocket and over HTTP.

use std::collections::BTreeMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::http_requests::http_requests;
use crate::check::shared::payload;
use crate::check::shared::return_view::views;
use crate::protocol::{Outcome, RunRequest};
use crate::trace::{Delivery, Trace};
use crate::transcript::Entry;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "BOTH-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A run is the same over both wires: same indices, same events, live, missed and replayed.",
        why: "One person watches in a browser over the WebSocket, another on a phone over HTTP. Both speak of the same run, and a position from one must be right on the other.",
        harm: "Two viewers may see different runs, depending on how their programs connect.",
        source: "agno's `os/event_streams`, which both wires read",
        good: "\
← event 7 (RunContent, \"Hello\")                    to Ada, over the WebSocket
← event 7 (RunContent, \"Hello\")                    to Ben, over HTTP",
        bad: "\
← event 7 (RunContent, \"Hello\")                    to Ada, over the WebSocket
← event 7 (StepStarted)                            to Ben, over HTTP",
        check: check!(same_run),
    },
    Requirement {
        id: "BOTH-2",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A run's status is the same over both wires and over `GET`.",
        why: "A list of runs, a page and a script each ask in another way. They must not disagree on whether a run has failed.",
        harm: "Two programs may disagree on how a run ended.",
        source: "users of any resumable stream",
        good: "\
← {\"event\": \"replay\", \"status\": \"COMPLETED\", …}    over the WebSocket
← {\"event\": \"replay\", \"status\": \"COMPLETED\", …}    over HTTP
→ GET /workflows/w/runs/r
← {\"status\": \"COMPLETED\", …}",
        bad: "\
← {\"event\": \"replay\", \"status\": \"COMPLETED\", …}    over the WebSocket
← {\"event\": \"replay\", \"status\": \"ERROR\", …}        over HTTP
→ GET /workflows/w/runs/r
← {\"status\": \"COMPLETED\", …}",
        check: check!(same_status),
    },
];

/// Why a record of one wire shows nothing.
const ONE_WIRE: &str = "no run was followed over both wires";

/// How an event was told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    WebSocket,
    Http,
    /// By the answer to a `GET`.
    Asked,
}

impl Told {
    fn over_http(over_http: bool) -> Self {
        match over_http {
            true => Self::Http,
            false => Self::WebSocket,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::WebSocket => "over the WebSocket",
            Self::Http => "over HTTP",
            Self::Asked => "by `GET`",
        }
    }
}

/// By index: the first delivery of each event.
type Events<'s, 't> = BTreeMap<u64, &'s Delivery<'t>>;

fn same_run(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut runs: BTreeMap<&str, [Events<'_, '_>; 2]> = BTreeMap::new();
    for delivery in &trace.deliveries {
        let (Some(run), Some(index)) = (delivery.event().run(), delivery.index()) else {
            continue;
        };
        let over_http = trace.connection(delivery.connection()).is_over_http();
        let wires = runs.entry(run).or_default();
        wires[usize::from(over_http)]
            .entry(index)
            .or_insert(delivery);
    }
    for [websocket, http] in runs.values() {
        if !websocket.is_empty() && !http.is_empty() {
            compare(websocket, http, &mut collector);
        }
    }
    collector.check_verdict(ONE_WIRE)
}

fn compare(websocket: &Events<'_, '_>, http: &Events<'_, '_>, collector: &mut Collector) {
    let both = websocket.iter();
    let mut both = both.filter_map(|(index, one)| Some((*one, *http.get(index)?)));
    let differs = |(one, other): &(&Delivery<'_>, &Delivery<'_>)| {
        let difference = payload::difference(one.entry, other.entry)?;
        let fields = difference.identity();
        (!fields.is_empty()).then_some(fields)
    };
    if let Some(((one, other), fields)) = both.find_map(|pair| Some((pair, differs(&pair)?))) {
        let expected = format!(
            "{} over HTTP, as over the WebSocket",
            describe::entry(one.entry)
        );
        return collector.failed(
            expected,
            format!(
                "{}: {} differs",
                describe::entry(other.entry),
                fields.join(", ")
            ),
            [one.entry.number, other.entry.number],
        );
    }
    let end = |events: &Events<'_, '_>| events.values().any(|it| it.is_final());
    if !(end(websocket) && end(http)) {
        return collector.inconclusive("nobody saw the run end over both wires");
    }
    // Which events a viewer owed is a matter of CATCHUP, HISTORY and REPLAY; here all that one of them got counts.
    let shared = websocket
        .keys()
        .filter(|index| http.contains_key(index))
        .count();
    match shared {
        0 | 1 => collector.inconclusive("the two wires told different parts of the run"),
        _ => collector.passed(),
    }
}

/// A status that was told about a run.
struct Status<'t> {
    told: Told,
    outcome: Outcome,
    entry: &'t Entry,
}

fn same_status(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // By run, and by whether it waited for a person.
    let mut runs: BTreeMap<(String, bool), Vec<Status<'_>>> = BTreeMap::new();
    for view in views(trace) {
        let Some(said) = view.replay.filter(|_| view.connection.barred().is_none()) else {
            continue;
        };
        let Some(outcome) = said.status.and_then(Outcome::of) else {
            continue;
        };
        let request = view.ret.request.number;
        let over = trace.ending_before(view.run, request).is_some();
        // Where nobody has seen the run pause, the replay is the first to say so.
        let says_paused = outcome == Outcome::Paused && !over;
        let paused = says_paused || trace.is_paused(view.run, request);
        let run = (view.run.to_owned(), paused);
        runs.entry(run).or_default().push(Status {
            told: Told::over_http(view.connection.is_over_http()),
            outcome,
            entry: said.entry,
        });
    }
    let mut cut = false;
    for it in http_requests(trace).iter().filter(|it| it.done()) {
        let RunRequest::State(run) = &it.route.request else {
            continue;
        };
        let status = it.run_status();
        cut |= status.is_none();
        let Some(outcome) = status.and_then(Outcome::of) else {
            continue;
        };
        let asked = it.request.number;
        let paused = trace.is_paused(run, asked);
        if paused || trace.ending_before(run, asked).is_some() {
            let run = (run.to_string(), paused);
            runs.entry(run).or_default().push(Status {
                told: Told::Asked,
                outcome,
                entry: it.answer,
            });
        }
    }
    for told in runs.values() {
        judge(told, cut, &mut collector);
    }
    collector.check_verdict(ONE_WIRE)
}

/// Compares the first status of each kind: two of one kind that differ are a matter of REPLAY-3 and REPLICA-2.
fn judge(told: &[Status<'_>], cut: bool, collector: &mut Collector) {
    let all = [Told::WebSocket, Told::Http, Told::Asked];
    let first = all.map(|kind| told.iter().find(|it| it.told == kind));
    let mut some = first.iter().flatten();
    if let Some(one) = some.next()
        && let Some(other) = some.find(|it| it.outcome != one.outcome)
    {
        return collector.failed(
            format!("the same status as {}: {}", one.told.word(), one.outcome),
            format!("{} {}", other.outcome, other.told.word()),
            [one.entry.number, other.entry.number],
        );
    }
    let lacks = all.into_iter().zip(first).find(|(_, it)| it.is_none());
    match lacks.map(|(kind, _)| kind) {
        None => collector.passed(),
        Some(Told::Asked) if cut => {
            collector.inconclusive("the beginning of the answer to `GET` has no status");
        }
        Some(kind) => {
            collector.inconclusive(format!("nobody was told the run's status {}", kind.word()));
        }
    }
}
