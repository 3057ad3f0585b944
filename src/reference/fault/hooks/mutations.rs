//! Small lies about messages that are about to be sent.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::reference::model::event::Event;
use crate::reference::model::outgoing::Outgoing;

/// The field of the control message of this name, if there is one.
pub(crate) fn field<'a>(says: &'a [Outgoing], name: &str, field: &str) -> Option<&'a Value> {
    says.iter().find_map(|say| match say {
        Outgoing::Control(value) if say.is(name) => value.get(field),
        _ => None,
    })
}

/// Changes one field of the control messages of this name.
pub(crate) fn alter_control(
    says: &mut [Outgoing],
    name: &str,
    field: &str,
    change: impl Fn(&Value) -> Value,
) {
    for say in says.iter_mut().filter(|say| say.is(name)) {
        if let Outgoing::Control(value) = say {
            value[field] = change(&value[field]);
        }
    }
}

/// Adds one to a number in the control messages of this name.
pub(crate) fn count_up(says: &mut [Outgoing], name: &str, field: &str) {
    alter_control(says, name, field, |count| {
        json!(count.as_u64().unwrap_or(0) + 1)
    });
}

/// Changes one field of an event; what is no event, or lacks the field, stays as it is.
pub(crate) fn alter(say: &mut Outgoing, field: &str, change: impl Fn(&Value) -> Value) {
    let (Outgoing::Wrapped(event) | Outgoing::Plain(event)) = say else {
        return;
    };
    if let Some(value) = event.field(field) {
        *event = Arc::new(Event::altered(event, field, change(value)));
    }
}

/// Changes the content of the last event that has any.
pub(crate) fn alter_content(says: &mut [Outgoing]) {
    let last = says.iter_mut().rfind(|say| {
        say.event()
            .is_some_and(|event| event.field("content").is_some())
    });
    if let Some(say) = last {
        alter(say, "content", |_| json!("something else was said"));
    }
}

/// Whether it is an event with a line break in its content.
pub(crate) fn has_newline(say: &Outgoing) -> bool {
    say.event()
        .and_then(|event| event.field("content"))
        .and_then(Value::as_str)
        .is_some_and(|content| content.contains('\n'))
}
