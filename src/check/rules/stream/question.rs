//! What a paused run waits for: STREAM-5.

use std::collections::{HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::stream::streams::NO_STREAM;
use crate::check::shared::beginning::{has_items, value_of};
use crate::check::shared::http_requests::http_requests;
use crate::check::shared::payload;
use crate::protocol::{Component, Ending, RunRequest};
use crate::trace::Trace;
use crate::transcript::Entry;

/// A pause that came over HTTP.
struct Pause<'t> {
    entry: &'t Entry,
    component: Component,
    /// Whether one of the events that paused the run says what it waits for.
    told: bool,
}

pub(crate) fn told(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut pauses: HashMap<&str, Pause<'_>> = HashMap::new();
    let mut order = Vec::new();
    for delivery in &trace.deliveries {
        let connection = trace.connection(delivery.connection());
        let event = delivery.event();
        let Some((component, run)) = connection.component().zip(event.run()) else {
            continue;
        };
        if event.ending() != Some(Ending::Paused) {
            continue;
        }
        let told = asks(&payload::text(delivery.entry), component) == Some(true);
        let pause = pauses.entry(run).or_insert_with(|| {
            order.push(&**run);
            Pause {
                entry: delivery.entry,
                component,
                told: false,
            }
        });
        pause.told |= told;
    }
    let mut judged = HashSet::new();
    for it in http_requests(trace) {
        let RunRequest::State(run) = &it.route.request else {
            continue;
        };
        let Some(pause) = pauses.get(&**run) else {
            continue;
        };
        let asked = it.request.number;
        if pause.told || asked < pause.entry.number || !trace.is_paused(run, asked) {
            continue;
        }
        // To another user, the run looks like one that does not exist: OWNER-2.
        if trace.is_of_another_user(run, &it.request.viewer) {
            continue;
        }
        match asks(it.text, pause.component).filter(|_| it.done()) {
            Some(true) => collector.passed(),
            Some(false) if is_cut(it.text) => {
                collector.inconclusive("the run's state is longer than what the suite keeps of it");
            }
            _ => collector.failed(
                format!(
                    "what the run waits for, as `{}`",
                    pause.component.question().list
                ),
                format!(
                    "{} without it, and {}",
                    describe::entry(pause.entry),
                    describe::answered(it.status, it.text)
                ),
                [pause.entry.number, asked, it.answer.number],
            ),
        }
        judged.insert(run.to_string());
    }
    for run in order {
        match pauses.get(run) {
            Some(pause) if pause.told => collector.passed(),
            _ if judged.contains(run) => {}
            _ => collector.inconclusive("nobody asked the server what the paused run waits for"),
        }
    }
    let seen = trace.is_over_http();
    collector.check_verdict(if seen {
        "no viewer saw a run pause"
    } else {
        NO_STREAM
    })
}

/// Whether a text of JSON says what a run of this component waits for; `None` where it is none.
fn asks(text: &str, component: Component) -> Option<bool> {
    let list = component.question().list;
    text.trim_start()
        .starts_with('{')
        .then(|| value_of(text, list).is_some_and(has_items))
}

/// Whether only the beginning of a JSON object was recorded.
fn is_cut(text: &str) -> bool {
    crate::protocol::json::parse(text).is_err()
}
