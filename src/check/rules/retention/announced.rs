//! What is lost is told: RETENTION-2.
//!
//! The protocol has no word for it, so every honest one counts, between the request and the last
//! event that was kept:
//!
//! - an `error` that refuses, or one beside what is left;
//! - a `catch_up` or `replay` that announces more events than follow, those that are lost included;
//! - a control message, or a further field of one, that gives the first index that is left or the
//!   number of events that are lost, or speaks of it in words ("dropped", "truncated", "gap", ...).
//!
//! That the indices jump is not enough: they only show it to somebody who looks for it.

use serde_json::{Map, Value};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::retention::returns::{NOBODY, each, still_whole};
use crate::check::shared::payload;
use crate::check::shared::return_view::{ReturnView, is_error, unanswered};
use crate::protocol::json;
use crate::trace::Trace;
use crate::transcript::{Entry, Number};

/// The fields that these messages have on every server, and that say nothing of a loss.
const USUAL: &[&str] = &[
    "event",
    "run_id",
    "session_id",
    "workflow_id",
    "status",
    "missed_events",
    "current_event_count",
    "total_events",
    "created_at",
];

/// What words and names have in them that speak of a loss, in lower case.
const WORDS: &[&str] = &[
    "drop",
    "trunc",
    "gap",
    "lost",
    "loss",
    "trim",
    "evict",
    "expire",
    "discard",
    "purge",
    "forgot",
    "unavailable",
    "no longer",
    "incomplete",
    "oldest",
    "earliest",
    "first_available",
];

/// What a viewer was not given.
struct Loss {
    /// The first index that came.
    first: u64,
    /// How many events before it, or instead of others, never came.
    events: u64,
    /// How many did come of those that had happened.
    came: u64,
}

pub(crate) fn loss(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, _, collector| {
        let request = view.ret.request.number;
        if view.ret.controls().any(|(entry, _)| is_error(entry)) {
            return collector.passed();
        }
        if view.answer().is_none() {
            return collector.inconclusive(unanswered(view));
        }
        let Some((loss, shows)) = lost(view) else {
            return collector.inconclusive(still_whole(view));
        };
        if is_told(view, &loss) {
            return collector.passed();
        }
        collector.failed(
            format!(
                "a message that announces the loss of {} that {} asked for",
                describe::events(loss.events),
                view.viewer()
            ),
            format!(
                "{}, and no message that announces the loss",
                describe::entry(shows)
            ),
            [request, shows.number],
        );
    });
    collector.check_verdict(NOBODY)
}

/// What the viewer was not given, and the entry that shows it; `None` where it may have been nothing.
fn lost<'t>(view: &ReturnView<'_, 't>) -> Option<(Loss, &'t Entry)> {
    let from = view.asked_from();
    let (before, live) = view.around_subscribed();
    // A replay has no `subscribed`, so all of it stands before.
    let came = before.len() as u64;
    let first = before.first().or(live.first())?;
    let index = first.index()?;
    let skipped = index.saturating_sub(from);
    let short = view.happened().saturating_sub(from).saturating_sub(came);
    let events = if skipped > 0 { skipped } else { short };
    let loss = Loss {
        first: index,
        events,
        came,
    };
    (events > 0).then_some((loss, first.entry))
}

fn is_told(view: &ReturnView<'_, '_>, loss: &Loss) -> bool {
    let all = loss.came.saturating_add(loss.events);
    let announced = [view.catch_up, view.replay]
        .into_iter()
        .flatten()
        .filter_map(|said| said.announced)
        .any(|announced| announced > loss.came && announced >= all);
    announced || controls(view).any(|entry| speaks_of(entry, loss))
}

/// The control messages from the request to the line between past and present.
fn controls<'t>(view: &ReturnView<'_, 't>) -> impl Iterator<Item = &'t Entry> {
    let until: Number = match view.subscribed.first() {
        Some(subscribed) => subscribed.entry.number,
        None => view.last(),
    };
    let after = view.connection.after(view.ret.request.number);
    after
        .iter()
        .copied()
        .take_while(move |entry| entry.number <= until)
        .filter(|entry| {
            entry
                .message()
                .is_some_and(|message| message.control().is_some())
        })
}

/// Whether a control message speaks of this loss.
fn speaks_of(entry: &Entry, loss: &Loss) -> bool {
    let Ok((Value::Object(fields), _)) = json::parse(&payload::text(entry)) else {
        return false;
    };
    let named = fields
        .get("event")
        .and_then(Value::as_str)
        .is_some_and(speaks);
    named || further(&fields).any(|(name, value)| tells(name, value, loss))
}

fn further(fields: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .filter(|(name, _)| !USUAL.contains(name))
}

fn tells(name: &str, value: &Value, loss: &Loss) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => speaks(name),
        Value::Number(number) => {
            let last = loss.first.saturating_sub(1);
            number.as_u64().is_some_and(|number| {
                number > 0 && ([loss.first, loss.events, last].contains(&number) || speaks(name))
            })
        }
        Value::String(text) => speaks(name) || speaks(text),
        Value::Array(_) | Value::Object(_) => speaks(name),
    }
}

fn speaks(text: &str) -> bool {
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}
