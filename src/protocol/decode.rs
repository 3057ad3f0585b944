//! From the text of a frame to a [`Message`].
//!
//! Only the envelope is read (the few fields that tell what a message is); everything else is passed
//! over and stays in the text. Hostile text cannot make it panic or recurse.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::envelope::{Envelope, Loose};
use super::flat;
use super::framing::{self, Framing};
use super::json::{self, Defect};
use super::message::{About, Body, COMMENT, Control, Event, Index, Message};

/// Decodes frames, and shares the names and ids that are repeated.
#[derive(Debug, Default)]
pub struct Decoder {
    words: HashSet<Arc<str>>,
    /// The names and ids of the latest events: most often the next one has the same.
    latest: VecDeque<Arc<About>>,
}

/// More different words than any run has; beyond that, each word costs an allocation.
const SHARED_WORDS: usize = 1024;

/// So many agents can take turns without a new allocation for each event.
const LATEST: usize = 16;

impl Decoder {
    /// A decoder that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes the text of one frame. Never fails: what cannot be read is
    /// [`Body::Unintelligible`], with the reason.
    pub fn decode(&mut self, frame: &str) -> Message {
        if framing::is_comment(frame) {
            let name = self.word(COMMENT);
            return Message {
                framing: Framing::Sse,
                defect: None,
                body: Body::Control(Box::new(Control::Other { name })),
            };
        }
        let (framing, json) = framing::unwrap(frame);
        let (body, defect) = self.body(&json);
        Message {
            framing,
            defect,
            body,
        }
    }

    fn body(&mut self, json: &str) -> (Body, Option<Defect>) {
        if let Some(json) = json::without_mark(json) {
            return (self.body(json).0, Some(Defect::ByteOrderMark));
        }
        if let Some(flat) = flat::read(json) {
            let defect = flat.has_units.then(|| json::lone_surrogate(json));
            return (self.classify(flat.envelope), defect.flatten());
        }
        // Serde takes a list for the fields in their order.
        let is_object = json
            .trim_start_matches([' ', '\t', '\r', '\n'])
            .starts_with('{');
        if is_object && let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(json) {
            return (self.classify(envelope), json::lone_surrogate(json));
        }
        // Lone surrogates in a field of the envelope, bare NaN, repeated fields: read it whole.
        match json::parse(json) {
            Ok((Value::Object(fields), defect)) => {
                let text = Value::Object(fields).to_string();
                match serde_json::from_str::<Envelope<'_>>(&text) {
                    Ok(envelope) => (self.classify(envelope), defect),
                    Err(error) => (Body::Unintelligible(error.to_string()), defect),
                }
            }
            Ok((_, defect)) => (Body::Unintelligible("not a JSON object".into()), defect),
            Err(error) => (Body::Unintelligible(format!("not JSON: {error}")), None),
        }
    }

    fn classify(&mut self, envelope: Envelope<'_>) -> Body {
        let Some(name) = envelope.event.0 else {
            return Body::Unintelligible("no text field `event`".into());
        };
        let short = |text: Loose<'_>| text.0.map(|t| t.into_owned().into_boxed_str());
        let control = match &*name {
            "connected" => Control::Connected {
                requires_auth: envelope.requires_auth.0,
            },
            "authenticated" => Control::Authenticated,
            "auth_error" => Control::AuthError,
            "auth_required" => Control::AuthRequired,
            "pong" => Control::Pong,
            "error" => Control::Error {
                error: short(envelope.error),
            },
            "queued" => Control::Queued {
                run_id: self.share(envelope.run_id),
            },
            "catch_up" => Control::CatchUp {
                run_id: self.share(envelope.run_id),
                status: short(envelope.status),
                missed_events: envelope.missed_events.at(),
                current_event_count: envelope.current_event_count.at(),
            },
            "subscribed" => Control::Subscribed {
                run_id: self.share(envelope.run_id),
                status: short(envelope.status),
                current_event_count: envelope.current_event_count.at(),
            },
            "replay" => Control::Replay {
                run_id: self.share(envelope.run_id),
                status: short(envelope.status),
                total_events: envelope.total_events.at(),
            },
            _ if envelope.event_index == Index::Missing && !is_event_name(&name) => {
                Control::Other {
                    name: self.word(&name),
                }
            }
            _ => {
                let ids = [
                    envelope.run_id.0,
                    envelope.workflow_run_id.0,
                    envelope.parent_run_id.0,
                    envelope.session_id.0,
                ];
                return Body::Event(Event {
                    about: self.about(&name, &ids, envelope.nested_depth.at() >= Some(1)),
                    index: envelope.event_index,
                });
            }
        };
        Body::Control(Box::new(control))
    }

    fn share(&mut self, text: Loose<'_>) -> Option<Arc<str>> {
        text.0.map(|word| self.word(&word))
    }

    /// The shared name and ids of an event: its `run_id`, `workflow_run_id`, `parent_run_id` and `session_id`.
    fn about(&mut self, name: &str, ids: &[Option<Cow<'_, str>>; 4], nested: bool) -> Arc<About> {
        let is_same = |known: &&Arc<About>| {
            let known_ids = [
                &known.run_id,
                &known.workflow_run_id,
                &known.parent_run_id,
                &known.session_id,
            ];
            *known.name == *name
                && known.nested == nested
                && known_ids
                    .iter()
                    .zip(ids)
                    .all(|(a, b)| a.as_deref() == b.as_deref())
        };
        if let Some(known) = self.latest.iter().find(is_same) {
            return Arc::clone(known);
        }
        let mut id = |place: usize| ids[place].as_deref().map(|id| self.word(id));
        let about = Arc::new(About {
            run_id: id(0),
            workflow_run_id: id(1),
            parent_run_id: id(2),
            session_id: id(3),
            name: self.word(name),
            nested,
            pauses: false,
            given_to: None,
        });
        self.latest.truncate(LATEST - 1);
        self.latest.push_front(Arc::clone(&about));
        about
    }

    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = word.into();
        if self.words.len() < SHARED_WORDS {
            self.words.insert(Arc::clone(&shared));
        }
        shared
    }
}

/// Names that only events have: one of them without an index is an event that lacks it, not an
/// unknown control message. The families are those seen on the wire of agno 2.3.16 to 3.1.10.
#[must_use]
pub fn is_event_name(name: &str) -> bool {
    [
        "Workflow",
        "Step",
        "Run",
        "ModelRequest",
        "ParallelExecution",
        "LoopExecution",
        "LoopIteration",
        "ConditionExecution",
        "RouterExecution",
        "ToolCall",
        "Team",
    ]
    .iter()
    .any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::message::Ending;

    fn decode(frame: &str) -> Message {
        Decoder::new().decode(frame)
    }

    #[test]
    fn a_control_message_is_read_with_its_fields() {
        let message = decode(
            r#"{"event": "catch_up", "run_id": "r", "status": "running", "missed_events": 2,
                "current_event_count": 4, "message": "Catching up on 2 missed events.", "new": {}}"#,
        );
        assert_eq!(
            message.control(),
            Some(&Control::CatchUp {
                run_id: Some("r".into()),
                status: Some("running".into()),
                missed_events: Some(2),
                current_event_count: Some(4),
            })
        );
    }

    #[test]
    fn an_sse_event_is_read_without_its_content() {
        let frame = "event: RunContent\ndata: {\"event\": \"RunContent\", \"run_id\": \"agent\", \
                     \"workflow_run_id\": \"w\", \"content\": \"a\\ndata: {\", \"event_index\": 4}\n\n";
        let message = decode(frame);
        assert_eq!(message.framing, Framing::Sse);
        let event = message.event().expect("an event");
        assert_eq!(event.index, Index::At(4));
        assert_eq!(event.run().map(|r| &**r), Some("w"));
    }

    #[test]
    fn what_ends_inside_a_run_does_not_end_it() {
        let ending = |fields: &str| {
            let json = format!(r#"{{"event": "WorkflowCompleted", "event_index": 9{fields}}}"#);
            let message = decode(&json);
            message.event().expect("an event").ending()
        };
        for own in [
            "",
            r#", "run_id": "r""#,
            r#", "run_id": "r", "nested_depth": 0"#,
            r#", "run_id": "r", "workflow_run_id": "r""#,
        ] {
            assert_eq!(ending(own), Some(Ending::Completed), "{own}");
        }
        for inner in [
            r#", "run_id": "i", "nested_depth": 1"#,
            r#", "run_id": "i", "nested_depth": 2, "workflow_run_id": "r""#,
            r#", "run_id": "i", "workflow_run_id": "r""#,
        ] {
            assert_eq!(ending(inner), None, "{inner}");
        }
    }

    #[test]
    fn fields_of_another_type_are_taken_as_absent() {
        let message =
            decode(r#"{"event": "replay", "total_events": "9", "status": [[]], "run_id": 7}"#);
        assert_eq!(
            message.control(),
            Some(&Control::Replay {
                run_id: None,
                status: None,
                total_events: None
            })
        );
        for (json, index) in [
            ("-1", "-1"),
            ("1.5", "1.5"),
            ("\"3\"", "\"3\""),
            ("null", "null"),
        ] {
            let message = decode(&format!(r#"{{"event": "x", "event_index": {json}}}"#));
            let event = message.event().expect("an event");
            assert_eq!(event.index, Index::from(index));
        }
    }

    #[test]
    fn an_unknown_name_is_a_control_message_unless_it_is_an_event_without_an_index() {
        assert_eq!(decode(r#"{"event": "weather"}"#).name(), "weather");
        assert!(decode(r#"{"event": "weather"}"#).control().is_some());
        let event = decode(r#"{"event": "RunContent", "run_id": "r"}"#);
        assert_eq!(event.event().map(|e| e.index.clone()), Some(Index::Missing));
    }

    #[test]
    fn what_strict_json_refuses_is_named_and_read() {
        let message = decode(r#"{"event": "StepOutput", "event_index": 3, "content": NaN}"#);
        assert_eq!(message.defect, Some(Defect::NonFinite(53)));
        assert_eq!(message.event().and_then(|e| e.index.at()), Some(3));
        let message = decode(r#"{"event": "StepOutput", "event_index": 3, "content": "\ud800"}"#);
        assert!(matches!(message.defect, Some(Defect::LoneSurrogate(_))));
        assert_eq!(message.event().and_then(|e| e.index.at()), Some(3));
        let message = decode(r#"{"event": "\ud800x", "event_index": 3}"#);
        assert_eq!(message.name(), "\\ud800x");
    }

    #[test]
    fn a_byte_order_mark_is_named_and_read_past() {
        for frame in [
            "\u{feff}{\"event\": \"StepOutput\", \"event_index\": 3}",
            "event: StepOutput\ndata: \u{feff}{\"event\": \"StepOutput\", \"event_index\": 3}\n\n",
        ] {
            let message = decode(frame);
            assert_eq!(message.defect, Some(Defect::ByteOrderMark), "{frame:?}");
            assert_eq!(message.event().and_then(|e| e.index.at()), Some(3));
        }
        let message = decode("\u{feff}[1]");
        assert!(matches!(message.body, Body::Unintelligible(_)));
        // A stream of server-sent events may begin with one (HTML standard, section 9.2.5).
        let message = decode("\u{feff}data: {\"event\": \"pong\"}\n\n");
        assert_eq!(message.defect, None);
    }

    #[test]
    fn what_is_no_message_says_why() {
        for frame in [
            "",
            "hello",
            "[1]",
            r#"["pong"]"#,
            "data: [\"RunContent\", 3, \"r\"]\n\n",
            "{}",
            r#"{"event": 5}"#,
            "null",
            "data: x\n\n",
        ] {
            assert!(
                matches!(decode(frame).body, Body::Unintelligible(_)),
                "{frame:?}"
            );
        }
    }

    #[test]
    fn deep_nesting_is_taken_without_recursion() {
        let deep = format!(
            r#"{{"event": "RunContent", "event_index": 1, "content": {}{}}}"#,
            "[".repeat(200_000),
            "]".repeat(200_000)
        );
        let _ = decode(&deep);
        let _ = decode(&format!(r#"{{"event_index": {}"#, "[".repeat(200_000)));
    }

    proptest! {
        #[test]
        fn any_text_is_taken_without_a_panic(text in "\\PC*|(\\{\"event\":)?[\\[\\]{}\":,a-z0-9\\\\u]*") {
            let _ = decode(&text);
        }
    }
}
