//! What `src/protocol` and the recordings know of the wire. A new variant or field of a type does not compile
//! here until it is named.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use reconnect_acceptance::protocol::{
    About, Action, Control, Ending, Event, Outcome, Position, framing, json,
};
use serde_json::{Value, json};

use crate::wire::{received, recordings, sent};

/// The fields of each message, by its name.
pub type Messages = BTreeMap<String, BTreeSet<String>>;

/// Everything that a page about the protocol has to agree with.
#[derive(Clone, Debug)]
pub struct Known {
    pub actions: Messages,
    pub controls: Messages,
    /// The fields of an event's envelope.
    pub envelope: BTreeSet<String>,
    pub endings: Vec<String>,
    pub outcomes: Vec<Outcome>,
    pub frames: Vec<Frame>,
}

/// The numbers of a release.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Release(Vec<u32>);

impl Release {
    /// Reads it; `None` where it is not made of numbers and dots.
    pub fn of(text: &str) -> Option<Self> {
        let numbers = text.split('.').map(|it| it.parse().ok());
        numbers.collect::<Option<_>>().map(Self)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

/// A recorded frame.
#[derive(Clone, Debug)]
pub struct Frame {
    pub release: Release,
    /// `action` for a client's, `event` for a server's.
    pub key: &'static str,
    pub value: Value,
}

impl Known {
    /// What there is today.
    pub fn today() -> Self {
        Self {
            actions: actions(),
            controls: controls(),
            envelope: envelope(),
            endings: endings(),
            outcomes: outcomes(),
            frames: frames(),
        }
    }
}

impl Frame {
    /// The `action` or `event`.
    pub fn name(&self) -> &str {
        self.value[self.key].as_str().unwrap_or_default()
    }

    pub fn is_event(&self) -> bool {
        self.value.get("event_index").is_some()
    }
}

fn frames() -> Vec<Frame> {
    let mut all = Vec::new();
    for recording in recordings() {
        let of = |key, texts: Vec<&str>| -> Vec<Frame> {
            let values = texts.into_iter().filter_map(|text| {
                let (_, text) = framing::unwrap(text);
                let (value, _) = json::parse(&text).ok()?;
                value.is_object().then_some(value)
            });
            let release = Release::of(&recording.release).expect("a release");
            values
                .map(|value| Frame {
                    release: release.clone(),
                    key,
                    value,
                })
                .collect()
        };
        all.extend(of("action", sent(&recording).collect()));
        all.extend(of("event", received(&recording).collect()));
    }
    all
}

fn actions() -> Messages {
    let text = || Some("x".to_owned());
    let all = [
        Action::Authenticate { token: text() },
        Action::Ping,
        Action::Start {
            workflow_id: text(),
            message: json!("x"),
            session_id: text(),
        },
        Action::Reconnect {
            run_id: text(),
            position: Position::At(0),
            workflow_id: text(),
            session_id: text(),
        },
        Action::Continue {
            workflow_id: text(),
            run_id: text(),
            session_id: text(),
            step_requirements: json!([]),
        },
    ];
    all.iter()
        .map(|action| {
            match action {
                Action::Authenticate { .. }
                | Action::Ping
                | Action::Start { .. }
                | Action::Reconnect { .. }
                | Action::Continue { .. }
                | Action::Other(_) => {}
            }
            let fields: BTreeMap<String, Value> =
                serde_json::from_str(&action.to_text()).expect("an object");
            let name = fields["action"].as_str().expect("a name").to_owned();
            (name, fields.into_keys().collect())
        })
        .collect()
}

fn controls() -> Messages {
    let all = [
        Control::Connected {
            requires_auth: None,
        },
        Control::Authenticated,
        Control::AuthError,
        Control::AuthRequired,
        Control::Pong,
        Control::Error { error: None },
        Control::Queued { run_id: None },
        Control::CatchUp {
            run_id: None,
            status: None,
            missed_events: None,
            current_event_count: None,
        },
        Control::Subscribed {
            run_id: None,
            status: None,
            current_event_count: None,
        },
        Control::Replay {
            run_id: None,
            status: None,
            total_events: None,
        },
    ];
    let fields = |control: &Control| -> &'static [&'static str] {
        match control {
            Control::Connected { requires_auth: _ } => &["requires_auth"],
            Control::Authenticated
            | Control::AuthError
            | Control::AuthRequired
            | Control::Pong
            | Control::Other { name: _ } => &[],
            Control::Error { error: _ } => &["error"],
            Control::Queued { run_id: _ } => &["run_id"],
            Control::CatchUp {
                run_id: _,
                status: _,
                missed_events: _,
                current_event_count: _,
            } => &["run_id", "status", "missed_events", "current_event_count"],
            Control::Subscribed {
                run_id: _,
                status: _,
                current_event_count: _,
            } => &["run_id", "status", "current_event_count"],
            Control::Replay {
                run_id: _,
                status: _,
                total_events: _,
            } => &["run_id", "status", "total_events"],
        }
    };
    all.iter()
        .map(|control| {
            let named = fields(control).iter().chain(&["event"]);
            (
                control.name().to_owned(),
                named.map(|it| (*it).to_owned()).collect(),
            )
        })
        .collect()
}

fn envelope() -> BTreeSet<String> {
    let of = |event: &Event| {
        let Event { index: _, about } = event;
        let About {
            name: _,
            run_id: _,
            workflow_run_id: _,
            // Of a team's members, over HTTP: the other page.
            parent_run_id: _,
            session_id: _,
            nested: _,
            // Not fields of the message: the record knows them.
            pauses: _,
            given_to: _,
        } = &**about;
        [
            "event_index",
            "event",
            "run_id",
            "workflow_run_id",
            "session_id",
            "nested_depth",
        ]
    };
    let about = About {
        name: "x".into(),
        run_id: None,
        workflow_run_id: None,
        parent_run_id: None,
        session_id: None,
        nested: false,
        pauses: false,
        given_to: None,
    };
    let event = Event {
        index: 0.to_string().as_str().into(),
        about: about.into(),
    };
    of(&event).map(str::to_owned).into()
}

fn endings() -> Vec<String> {
    let all = [
        ("WorkflowCompleted", Ending::Completed),
        ("WorkflowError", Ending::Failed),
        ("WorkflowCancelled", Ending::Cancelled),
        ("WorkflowPaused", Ending::Paused),
    ];
    let named = all.map(|(name, ending)| {
        match ending {
            Ending::Completed | Ending::Failed | Ending::Cancelled | Ending::Paused => {}
        }
        assert_eq!(Ending::of(name), Some(ending));
        name.to_owned()
    });
    named.into()
}

fn outcomes() -> Vec<Outcome> {
    let all = [
        Outcome::Running,
        Outcome::Completed,
        Outcome::Failed,
        Outcome::Cancelled,
        Outcome::Paused,
    ];
    for outcome in all {
        match outcome {
            Outcome::Running
            | Outcome::Completed
            | Outcome::Failed
            | Outcome::Cancelled
            | Outcome::Paused => {}
        }
    }
    all.into()
}
