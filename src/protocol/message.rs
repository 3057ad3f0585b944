//! What the server sends: control messages, and the events of a run.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::framing::Framing;
use super::json::Defect;

/// One decoded message: a text frame, or a server-sent event over HTTP.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// How the JSON was framed.
    pub framing: Framing,
    /// What strict JSON (RFC 8259) refuses in it, if anything; it was read leniently then.
    pub defect: Option<Defect>,
    /// Its content.
    pub body: Body,
}

/// The content of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A message about the connection or a subscription. It has no `event_index`.
    Control(Box<Control>),
    /// One thing that happened in a run.
    Event(Event),
    /// No JSON object with a text field `event`, with the reason.
    Unintelligible(String),
}

/// The control messages of agno 2.3.17 to 3.1.10. Fields that are absent or of another type are `None`.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// The greeting: the first message on a connection.
    Connected {
        /// Whether `authenticate` must come first.
        requires_auth: Option<bool>,
    },
    /// The token was right.
    Authenticated,
    /// The token was wrong, missing or has expired.
    AuthError,
    /// The client sent something else than `authenticate` first.
    AuthRequired,
    /// The answer to `ping`.
    Pong,
    /// A refusal. Its text is no contract.
    Error {
        /// The text for people.
        error: Option<Box<str>>,
    },
    /// agno 3.x with the durable queue: the run waits to be started.
    Queued {
        /// The workflow's run id.
        run_id: Option<Arc<str>>,
    },
    /// Events were missed, and follow.
    CatchUp {
        /// The workflow's run id.
        run_id: Option<Arc<str>>,
        /// The run's status, lower-case `running` on real releases.
        status: Option<Box<str>>,
        /// How many events follow before `subscribed`.
        missed_events: Option<u64>,
        /// How many events the run has had.
        current_event_count: Option<u64>,
    },
    /// What was missed has been sent; live events follow.
    Subscribed {
        /// The workflow's run id.
        run_id: Option<Arc<str>>,
        /// The run's status, lower-case `running` on real releases.
        status: Option<Box<str>>,
        /// How many events the run has had.
        current_event_count: Option<u64>,
    },
    /// The run has finished; all its events follow.
    Replay {
        /// The workflow's run id.
        run_id: Option<Arc<str>>,
        /// How it ended, upper-case on real releases, lower-case in agno-agi/agno #5787.
        status: Option<Box<str>>,
        /// How many events follow.
        total_events: Option<u64>,
    },
    /// A message of a name that this suite does not know, without an index; or [`COMMENT`].
    Other {
        /// Its `event`.
        name: Arc<str>,
    },
}

/// The name of a frame that has only comments of an event stream (HTML standard, section 9.2.6), such as
/// `: keepalive`. They are no message: browsers pass over them.
pub const COMMENT: &str = ": comment";

impl Control {
    /// The protocol's name of the message.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Connected { .. } => "connected",
            Self::Authenticated => "authenticated",
            Self::AuthError => "auth_error",
            Self::AuthRequired => "auth_required",
            Self::Pong => "pong",
            Self::Error { .. } => "error",
            Self::Queued { .. } => "queued",
            Self::CatchUp { .. } => "catch_up",
            Self::Subscribed { .. } => "subscribed",
            Self::Replay { .. } => "replay",
            Self::Other { name } => name,
        }
    }

    /// The run that the message names.
    #[must_use]
    pub fn run_id(&self) -> Option<&Arc<str>> {
        match self {
            Self::Queued { run_id }
            | Self::CatchUp { run_id, .. }
            | Self::Subscribed { run_id, .. }
            | Self::Replay { run_id, .. } => run_id.as_ref(),
            _ => None,
        }
    }
}

/// One event of a run: the envelope. The content stays in the frame's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its `event_index`.
    pub index: Index,
    /// Its name and ids.
    pub about: Arc<About>,
}

/// The name and the ids of an event. A run has few of them and many events, so they are shared.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Its `event`: `WorkflowStarted`, `RunContent`, ...
    pub name: Arc<str>,
    /// Its `run_id`: on nested agent events the agent's, else the workflow's.
    pub run_id: Option<Arc<str>>,
    /// Its `workflow_run_id`: on nested agent events the workflow's run id.
    pub workflow_run_id: Option<Arc<str>>,
    /// Its `parent_run_id`: on the events of a team's members the team's run id.
    pub parent_run_id: Option<Arc<str>>,
    /// Its `session_id`.
    pub session_id: Option<Arc<str>>,
    /// Whether its `nested_depth` is 1 or more: it is of an inner workflow, or of an agent in one.
    pub nested: bool,
    /// Whether it pauses its run although its name is a step's: a workflow's over HTTP, which its record knows.
    pub pauses: bool,
    /// The run that it was given to where it names none that its connection asked for: a record knows
    /// which one that can be, a message alone does not.
    pub given_to: Option<Arc<str>>,
}

impl Deref for Event {
    type Target = About;

    fn deref(&self) -> &About {
        &self.about
    }
}

impl Event {
    /// The run that the event belongs to, a workflow's, a team's or an agent's: the one that it names, or was given to.
    #[must_use]
    pub fn run(&self) -> Option<&Arc<str>> {
        self.given_to.as_ref().or(self.named_run())
    }

    /// Whether it says that a step pauses. A workflow's run over HTTP is paused by it, where the stream ends with it (agno
    /// 2.6.0 to 3.1.10): no `WorkflowPaused` follows there.
    #[must_use]
    pub fn is_pause_of_a_step(&self) -> bool {
        matches!(&*self.name, "StepPaused" | "StepExecutorPaused")
    }

    /// The run that the event itself names: `workflow_run_id` if present, else `parent_run_id`, else `run_id`.
    #[must_use]
    pub fn named_run(&self) -> Option<&Arc<str>> {
        let around = self
            .workflow_run_id
            .as_ref()
            .or(self.parent_run_id.as_ref());
        around.or(self.run_id.as_ref())
    }

    /// Whether it happened inside the run, in the run of another workflow or of an agent: what is the
    /// beginning or the end there is none of this run.
    #[must_use]
    pub fn is_inner(&self) -> bool {
        let other = |id: &Arc<str>| self.run().is_some_and(|run| run != id);
        self.nested || self.run_id.as_ref().is_some_and(other)
    }

    /// The ending of the run that the event is, if it is one.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        let named = match self.pauses {
            true => Some(Ending::Paused),
            false => Ending::of(&self.name),
        };
        let of_workflow = named.filter(|_| !self.is_inner());
        // In a workflow an agent's run is inner, and names the workflow's.
        of_workflow.or_else(|| Ending::of_agent(&self.name).filter(|_| self.is_alone()))
    }

    /// Whether it is of the run that it was asked for as, and of none inside it.
    fn is_alone(&self) -> bool {
        self.run_id.is_some() && self.run() == self.run_id.as_ref() && !self.is_inner()
    }

    /// The ending that the event is, if it is one after which nothing more comes.
    #[must_use]
    pub fn final_ending(&self) -> Option<Ending> {
        self.ending().filter(|ending| ending.is_final())
    }
}

/// An event's `event_index`, counted from 0 for each workflow run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Index {
    /// A whole number from 0.
    At(u64),
    /// Something else than a whole number from 0, as it was sent.
    Odd(Box<Odd>),
    /// No such field.
    #[default]
    Missing,
}

/// The text of an invalid index. It is rare, and events are many: a box keeps [`Index`] small.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Odd(Box<str>);

impl From<&str> for Index {
    /// Something else than a whole number from 0.
    fn from(odd: &str) -> Self {
        Self::Odd(Box::new(Odd(odd.into())))
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Index {
    /// The whole number, if it is one.
    #[must_use]
    pub fn at(&self) -> Option<u64> {
        match self {
            Self::At(index) => Some(*index),
            _ => None,
        }
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(index) => write!(f, "{index}"),
            Self::Odd(text) => write!(f, "{text}"),
            Self::Missing => write!(f, "none"),
        }
    }
}

/// The events that end a run's stream.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ending {
    /// `WorkflowCompleted`, `RunCompleted` or `TeamRunCompleted`. After `WorkflowCancelled` it is only the end of the stream.
    Completed,
    /// `WorkflowError`, `RunError` or `TeamRunError`.
    Failed,
    /// `WorkflowCancelled`, `RunCancelled` or `TeamRunCancelled`.
    Cancelled,
    /// `WorkflowPaused`, `RunPaused` or `TeamRunPaused`: the ending so far; the run can be continued.
    Paused,
}

impl Ending {
    /// The ending that an event of this name is, if it is one.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "WorkflowCompleted" => Self::Completed,
            "WorkflowError" => Self::Failed,
            "WorkflowCancelled" => Self::Cancelled,
            "WorkflowPaused" => Self::Paused,
            _ => return None,
        })
    }

    /// The ending that an event of this name is for the run of an agent or a team, if it is one.
    #[must_use]
    pub fn of_agent(name: &str) -> Option<Self> {
        let name = name.strip_prefix("Team").unwrap_or(name);
        Some(match name {
            "RunCompleted" => Self::Completed,
            "RunError" => Self::Failed,
            "RunCancelled" => Self::Cancelled,
            "RunPaused" => Self::Paused,
            _ => return None,
        })
    }

    /// Whether nothing more comes: everything but a pause.
    #[must_use]
    pub fn is_final(self) -> bool {
        self != Self::Paused
    }

    /// The outcome of a run with this ending.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Completed => Outcome::Completed,
            Self::Failed => Outcome::Failed,
            Self::Cancelled => Outcome::Cancelled,
            Self::Paused => Outcome::Paused,
        }
    }
}

/// The state of a run, as a `status` names it. Case does not matter: `replay` says `COMPLETED` on real
/// releases and `completed` in agno-agi/agno #5787.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// `running` or `pending`.
    Running,
    /// `completed`.
    Completed,
    /// `error` or `failed`.
    Failed,
    /// `cancelled` or `canceled`.
    Cancelled,
    /// `paused`.
    Paused,
}

impl Outcome {
    /// Reads a `status`; `None` for a word that the protocol does not know.
    #[must_use]
    pub fn of(status: &str) -> Option<Self> {
        Some(match status.to_ascii_lowercase().as_str() {
            "running" | "pending" => Self::Running,
            "completed" => Self::Completed,
            "error" | "failed" => Self::Failed,
            "cancelled" | "canceled" => Self::Cancelled,
            "paused" => Self::Paused,
            _ => return None,
        })
    }

    /// Whether the run is over: neither running nor paused.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Running | Self::Paused)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Paused => "paused",
        })
    }
}

impl Message {
    /// What an answer over HTTP says that is no stream of events: an `error`, where its status is one.
    #[must_use]
    pub fn refusal(status: u16, text: &str) -> Self {
        let said = match text {
            "" => format!("HTTP {status}"),
            text => format!("HTTP {status}: {text}"),
        };
        let body = match status {
            401 => Body::Control(Box::new(Control::AuthRequired)),
            400.. => Body::Control(Box::new(Control::Error {
                error: Some(said.into()),
            })),
            _ => Body::Unintelligible(format!("{said}, instead of a stream of events")),
        };
        Self {
            framing: Framing::Plain,
            defect: None,
            body,
        }
    }

    /// The control message, if it is one.
    #[must_use]
    pub fn control(&self) -> Option<&Control> {
        match &self.body {
            Body::Control(control) => Some(control),
            _ => None,
        }
    }

    /// The event, if it is one.
    #[must_use]
    pub fn event(&self) -> Option<&Event> {
        match &self.body {
            Body::Event(event) => Some(event),
            _ => None,
        }
    }

    /// The protocol's name of the message, or `unintelligible`.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.body {
            Body::Control(control) => control.name(),
            Body::Event(event) => &event.name,
            Body::Unintelligible(_) => "unintelligible",
        }
    }
}
