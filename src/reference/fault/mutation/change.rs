//! What a mutation makes of a message.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::protocol::framing;
use crate::reference::fault::mutation::{Change, Extra, Moment};
use crate::reference::model::event::Event;
use crate::reference::model::outgoing::{self, Outgoing};

impl Change {
    /// Changes the message at this place of the list.
    pub(super) fn apply(self, at: usize, moment: &Moment<'_>, messages: &mut Vec<Outgoing>) {
        match self {
            Self::Drop => drop(messages.remove(at)),
            Self::LeaveOut => {
                messages.remove(at);
                count_anew(messages);
            }
            Self::Truncate => messages.truncate(at),
            Self::Double => messages.insert(at, messages[at].clone()),
            Self::Again => messages.push(messages[at].clone()),
            Self::Swap => {
                if next_event(messages, at).is_some() {
                    messages.swap(at, at + 1);
                }
            }
            Self::Move(to) => {
                let message = messages.remove(at);
                messages.insert(to, message);
            }
            Self::Join => join(messages, at),
            Self::Cut => cut(messages, at),
            Self::Label(name) => {
                if let Some(event) = messages[at].event() {
                    messages[at] = Outgoing::Text(framing::wrap_sse(name, event.text()));
                }
            }
            Self::Set(field, text) => messages[at].alter(field, &|_| Some(json!(text))),
            Self::Deny(field) => messages[at].alter(field, &|_| Some(json!(false))),
            Self::Number(field, number) => messages[at].alter(field, &|_| Some(json!(number))),
            Self::Add(field, more) => messages[at].alter(field, &|number| {
                Some(json!(number.as_u64().unwrap_or(0) + more))
            }),
            Self::Remove(field) => messages[at].alter(field, &|_| None),
            Self::Renumber => {
                // The announcement stands before the events.
                let index = moment.first_index() + at as u64 - 1;
                messages[at].alter("event_index", &|_| Some(json!(index)));
            }
            Self::Scribble(more) => messages[at].replace_event(&|event| event.scribbled(more)),
            Self::Mark => messages[at].replace_event(&Event::marked),
            Self::Before(extra) => extra.insert(at, moment, messages),
            Self::Instead(extra) => {
                messages.remove(at);
                extra.insert(at, moment, messages);
            }
            Self::After(extra) => extra.insert(at + 1, moment, messages),
        }
    }
}

impl Extra {
    fn insert(self, at: usize, moment: &Moment<'_>, messages: &mut Vec<Outgoing>) {
        let run = moment.of.map(|(run, _)| run);
        let message = match (self, run) {
            (Self::Queued, _) => Some(Outgoing::Control(
                json!({"event": "queued", "run_id": "refused-run"}),
            )),
            (Self::Hello, _) => Some(Outgoing::Control(json!({"event": "hello"}))),
            (Self::Close(code), _) => Some(Outgoing::Close(code)),
            (Self::Cut, _) => Some(Outgoing::Cut),
            (Self::EmptyCatchUp, Some(run)) => {
                let announced = outgoing::catch_up(&run.id, 0, run.count());
                Some(Outgoing::Control(announced))
            }
            (Self::Subscribed, Some(run)) => Some(Outgoing::Control(outgoing::subscribed(
                &run.id,
                run.count(),
            ))),
            (Self::EventBefore, Some(run)) => {
                let before = run.events.iter().nth_back(1);
                before.map(|event| Outgoing::Wrapped(Arc::clone(event)))
            }
            (_, None) => None,
        };
        if let Some(message) = message {
            messages.insert(at, message);
        }
    }
}

fn next_event(messages: &[Outgoing], at: usize) -> Option<&Arc<Event>> {
    messages.get(at + 1).and_then(Outgoing::event)
}

/// Corrects the number of events in the announcement.
fn count_anew(messages: &mut [Outgoing]) {
    let events = messages.iter().filter(|it| it.event().is_some()).count();
    for (name, field) in [("catch_up", "missed_events"), ("replay", "total_events")] {
        for message in messages.iter_mut().filter(|it| it.is(name)) {
            message.alter(field, &|_: &Value| Some(json!(events)));
        }
    }
}

fn join(messages: &mut Vec<Outgoing>, at: usize) {
    if next_event(messages, at).is_some() {
        let both = messages.drain(at..=at + 1);
        let texts: Vec<String> = both.filter_map(|message| message.text()).collect();
        messages.insert(at, Outgoing::Text(texts.join("\n")));
    }
}

fn cut(messages: &mut Vec<Outgoing>, at: usize) {
    if let Some(mut text) = messages[at].text() {
        // What is on the wire is ASCII.
        let rest = text.split_off(text.len() / 2);
        messages[at] = Outgoing::Text(text);
        messages.insert(at + 1, Outgoing::Text(rest));
    }
}
