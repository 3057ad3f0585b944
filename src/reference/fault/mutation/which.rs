//! Which messages a mutation changes.

use serde_json::Value;

use crate::protocol::Ending;
use crate::reference::fault::mutation::{Moment, Which};
use crate::reference::model::event::Event;
use crate::reference::model::outgoing::Outgoing;

impl Which {
    /// The places in the list of the messages that it means, in order.
    pub(super) fn places(self, moment: &Moment<'_>, messages: &[Outgoing]) -> Vec<usize> {
        let events: Vec<usize> = (0..messages.len())
            .filter(|at| messages[*at].event().is_some())
            .collect();
        let one = |at: Option<usize>| at.into_iter().collect();
        match self {
            Self::Events => events,
            Self::Nth(number) => one(events.get(number).copied()),
            Self::Middle => one(events.get(events.len().saturating_sub(1) / 2).copied()),
            Self::LastEvent => one(events.last().copied()),
            Self::LastContent => {
                let mut events = events.into_iter();
                one(events.rfind(|at| has_content(&messages[*at])))
            }
            Self::Last => one(messages.len().checked_sub(1)),
            _ => (0..messages.len())
                .filter(|at| self.means(moment, &messages[*at]))
                .collect(),
        }
    }

    /// Whether it means this message, wherever it stands.
    fn means(self, moment: &Moment<'_>, message: &Outgoing) -> bool {
        match self {
            Self::All => return true,
            Self::Message(name) => return message.is(name),
            Self::Refusal(text) => return message.refusal().is_some_and(|it| it.contains(text)),
            _ => {}
        }
        let Some(event) = message.event() else {
            return false;
        };
        match self {
            Self::Index(index) => event.index == index,
            Self::LastWord => event.last_word,
            Self::AfterLastWord => {
                let before = moment.of.and_then(|(run, _)| run.events.iter().nth_back(1));
                before.is_some_and(|before| before.last_word)
            }
            Self::WithNewline => text_of(message, "content").is_some_and(|it| it.contains('\n')),
            Self::BeyondAscii => text_of(message, "content").is_some_and(|it| !it.is_ascii()),
            Self::Named(end) => event.name().ends_with(end),
            Self::Seen => {
                let next = moment.of.and_then(|(_, watcher)| watcher.position.next());
                event.index < next.unwrap_or(0)
            }
            Self::Ending(ending) => !is_inner(event) && Ending::of(event.name()) == Some(ending),
            Self::NoEnding => is_inner(event) || Ending::of(event.name()).is_none(),
            Self::EndOfCancelled => ["reason", "content"].iter().any(|field| {
                text_of(message, field).is_some_and(|text| text.ends_with(" was cancelled"))
            }),
            _ => false,
        }
    }
}

/// Whether it happened in a workflow that is a step of the run's.
fn is_inner(event: &Event) -> bool {
    event.field("nested_depth").is_some()
}

fn has_content(message: &Outgoing) -> bool {
    message
        .event()
        .is_some_and(|it| it.field("content").is_some())
}

/// The text of a field of an event.
fn text_of<'a>(message: &'a Outgoing, field: &str) -> Option<&'a str> {
    message.event()?.field(field).and_then(Value::as_str)
}
