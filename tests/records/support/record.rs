//! Records written by hand, line by line.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reconnect_acceptance::protocol::{Action, Decoder, Position, framing};
use reconnect_acceptance::transcript::{Disconnect, EntryKind, Number, Part, Transcript};
use serde_json::json;

pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(10);

/// Writes a transcript line by line. Every entry comes 1 ms after the one before.
#[derive(Default)]
pub struct Record {
    transcript: Transcript,
    decoder: Decoder,
    clock: Duration,
    connections: HashMap<String, u32>,
}

impl Record {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn done(self) -> Transcript {
        self.transcript
    }

    pub fn note(&mut self, viewer: &str, connection: u32, what: EntryKind) -> Number {
        // A viewer does not come back at the very moment of leaving.
        self.clock += Duration::from_millis(match what {
            EntryKind::Opened => 1000,
            _ => 50,
        });
        if let EntryKind::TimedOut { after, .. } | EntryKind::Watched(after) = &what {
            self.clock += *after;
        }
        self.transcript
            .push(self.clock, &Arc::from(viewer), connection, what)
    }

    fn on(&mut self, viewer: &str, what: EntryKind) -> Number {
        let connection = self.connections.get(viewer).copied().unwrap_or(1);
        self.note(viewer, connection, what)
    }

    /// A new connection of this viewer, of which nothing is told yet.
    pub fn begins_another(&mut self, viewer: &str) -> &mut Self {
        *self.connections.entry(viewer.to_owned()).or_default() += 1;
        self
    }

    /// What happens on the present connection of this viewer.
    pub fn tells(&mut self, viewer: &str, what: EntryKind) -> &mut Self {
        self.on(viewer, what);
        self
    }

    /// A new connection of this viewer, without a greeting.
    pub fn connects(&mut self, viewer: &str) -> &mut Self {
        *self.connections.entry(viewer.to_owned()).or_default() += 1;
        self.on(viewer, EntryKind::Opened);
        self
    }

    /// A new connection of this viewer, greeted.
    pub fn opens(&mut self, viewer: &str) -> &mut Self {
        self.connects(viewer);
        self.gets(
            viewer,
            &json!({"event": "connected", "requires_auth": false}).to_string(),
        )
    }

    /// A new connection of this viewer to the other replica, greeted.
    pub fn opens_at_the_other(&mut self, viewer: &str) -> &mut Self {
        let connection = self.connections.get(viewer).copied().unwrap_or(0) + 1;
        self.note(viewer, connection, EntryKind::AtAnotherReplica);
        self.opens(viewer)
    }

    pub fn says(&mut self, viewer: &str, action: Action) -> &mut Self {
        self.on(viewer, EntryKind::sent(action.to_text()));
        self
    }

    /// The viewer comes as this user, from here on.
    pub fn comes_as(&mut self, viewer: &str, user: &str) -> &mut Self {
        let user = user.to_owned();
        self.note(viewer, 0, EntryKind::User { user });
        self
    }

    pub fn pings(&mut self, viewer: &str) -> &mut Self {
        self.says(viewer, Action::Ping)
    }

    pub fn starts(&mut self, viewer: &str, workflow: Option<&str>, session: &str) -> &mut Self {
        self.says(
            viewer,
            Action::Start {
                workflow_id: workflow.map(str::to_owned),
                message: json!("go"),
                session_id: Some(session.to_owned()),
            },
        )
    }

    /// Asks for a run, in its session; the workflow is left out.
    pub fn returns(&mut self, viewer: &str, run: Option<&str>, position: Position) -> &mut Self {
        let session_id = run.map(|run| format!("session of {run}"));
        self.reconnects(viewer, run, position, session_id)
    }

    /// Asks for a run and names nothing else.
    pub fn returns_by_the_run_alone(&mut self, viewer: &str, run: &str) -> &mut Self {
        self.reconnects(viewer, Some(run), Position::Null, None)
    }

    fn reconnects(
        &mut self,
        viewer: &str,
        run: Option<&str>,
        position: Position,
        session_id: Option<String>,
    ) -> &mut Self {
        self.says(
            viewer,
            Action::Reconnect {
                run_id: run.map(str::to_owned),
                position,
                workflow_id: None,
                session_id,
            },
        )
    }

    /// Asks for a run without a position, in its session.
    pub fn asks_for(&mut self, viewer: &str, run: &Run) -> &mut Self {
        self.says(
            viewer,
            Action::Reconnect {
                run_id: Some(run.id.clone()),
                position: Position::Null,
                workflow_id: None,
                session_id: Some(run.session.clone()),
            },
        )
    }

    /// Lets a paused run go on, each requirement answered.
    pub fn continues(&mut self, viewer: &str, run: &Run) -> &mut Self {
        self.says(
            viewer,
            Action::Continue {
                workflow_id: Some("w".to_owned()),
                run_id: Some(run.id.clone()),
                session_id: Some(run.session.clone()),
                step_requirements: json!([{"step_id": "a", "confirmed": true}]),
            },
        )
    }

    /// Asks something over HTTP, which is answered.
    pub fn asks(&mut self, viewer: &str, path: &str, status: u16, text: &str) -> &mut Self {
        let asked = EntryKind::HttpRequest {
            method: "POST".to_owned(),
            path: path.to_owned(),
            with_token: false,
        };
        self.note(viewer, 0, asked);
        let text = text.to_owned();
        self.note(viewer, 0, EntryKind::HttpResponse { status, text });
        self
    }

    /// Cancels a run over HTTP, which is answered with this status.
    pub fn cancels(&mut self, viewer: &str, run: &Run, status: u16) -> &mut Self {
        let path = format!("/workflows/w/runs/{}/cancel", run.id);
        self.asks(viewer, &path, status, "{}")
    }

    /// Starts a run over HTTP.
    pub fn starts_beside(&mut self, viewer: &str, run: &Run) -> &mut Self {
        let first = framing::wrap_sse(run.name(0), &run.event(0));
        self.asks(viewer, "/workflows/w/runs", 200, &first)
    }

    pub fn gets(&mut self, viewer: &str, text: &str) -> &mut Self {
        let what = EntryKind::received(text, &mut self.decoder);
        self.on(viewer, what);
        self
    }

    pub fn pong(&mut self, viewer: &str) -> &mut Self {
        self.gets(viewer, r#"{"event": "pong"}"#)
    }

    pub fn error(&mut self, viewer: &str) -> &mut Self {
        self.gets(viewer, r#"{"event": "error", "error": "no"}"#)
    }

    pub fn catch_up(&mut self, viewer: &str, run: &str, missed: u64, count: u64) -> &mut Self {
        self.gets(
            viewer,
            &json!({"event": "catch_up", "run_id": run, "status": "running",
                    "missed_events": missed, "current_event_count": count})
            .to_string(),
        )
    }

    pub fn subscribed(&mut self, viewer: &str, run: &str, count: u64) -> &mut Self {
        self.gets(
            viewer,
            &json!({"event": "subscribed", "run_id": run, "status": "running",
                    "current_event_count": count})
            .to_string(),
        )
    }

    pub fn replay(&mut self, viewer: &str, run: &str, status: &str, total: u64) -> &mut Self {
        self.gets(
            viewer,
            &json!({"event": "replay", "run_id": run, "status": status, "total_events": total})
                .to_string(),
        )
    }

    pub fn gives_up(&mut self, viewer: &str) -> &mut Self {
        self.on(
            viewer,
            EntryKind::TimedOut {
                waiting_for: "what should come".to_owned(),
                after: GIVEN_UP_AFTER,
            },
        );
        self
    }

    pub fn watches(&mut self, viewer: &str) -> &mut Self {
        self.on(viewer, EntryKind::Watched(Duration::from_secs(2)));
        self
    }

    pub fn stops_reading(&mut self, viewer: &str, too_many: u64) -> &mut Self {
        self.on(viewer, EntryKind::StopsReading { too_many });
        self
    }

    pub fn reads_on(&mut self, viewer: &str) -> &mut Self {
        self.on(viewer, EntryKind::ReadsOn);
        self
    }

    pub fn leaves(&mut self, viewer: &str, disconnect: Disconnect) -> &mut Self {
        self.on(viewer, EntryKind::Disconnected(disconnect));
        self
    }

    /// Gives up although a message has only just come, since it is not what was waited for.
    pub fn gets_and_gives_up(&mut self, viewer: &str, text: &str) -> &mut Self {
        self.clock += GIVEN_UP_AFTER;
        self.gets(viewer, text);
        self.clock -= GIVEN_UP_AFTER;
        self.gives_up(viewer)
    }

    /// Leaves with a closing handshake, which is answered.
    pub fn departs(&mut self, viewer: &str) -> &mut Self {
        self.leaves(viewer, Disconnect::Close);
        self.closed(viewer)
    }

    pub fn closed(&mut self, viewer: &str) -> &mut Self {
        self.closed_with(viewer, 1000)
    }

    /// The server closes with this code.
    pub fn closed_with(&mut self, viewer: &str, code: u16) -> &mut Self {
        let (code, reason) = (Some(code), String::new());
        self.on(viewer, EntryKind::CloseReceived { code, reason });
        self
    }

    pub fn ends(&mut self, viewer: &str) -> &mut Self {
        self.on(
            viewer,
            EntryKind::Ended(Some("connection reset".to_owned())),
        );
        self
    }

    pub fn held(&mut self, session: &str, after: u64) -> &mut Self {
        let session_id = Arc::from(session);
        self.note(
            "the suite",
            0,
            EntryKind::BreakpointReached { session_id, after },
        );
        self
    }

    pub fn released(&mut self, session: &str) -> &mut Self {
        let session_id = Arc::from(session);
        self.note("the suite", 0, EntryKind::BreakpointCleared { session_id });
        self
    }

    pub fn plays(&mut self, workflow: &str, part: Part) -> &mut Self {
        let workflow_id = workflow.to_owned();
        self.note("the suite", 0, EntryKind::Part { workflow_id, part });
        self
    }

    /// Events of a run in the framing of the starting connection.
    pub fn first(&mut self, viewer: &str, run: &Run, range: std::ops::Range<u64>) -> &mut Self {
        for index in range {
            let text = framing::wrap_sse(run.name(index), &run.event(index));
            self.gets(viewer, &text);
        }
        self
    }

    /// Events of a run in the framing of a return.
    pub fn events(&mut self, viewer: &str, run: &Run, range: std::ops::Range<u64>) -> &mut Self {
        for index in range {
            self.gets(viewer, &run.event(index));
        }
        self
    }
}

/// The events of a run, as a server would send them.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: String,
    pub session: String,
    pub events: u64,
    pub ending: &'static str,
    /// Whether the last event but one says that the run was cancelled.
    pub cancelled: bool,
    pub inner: Inner,
}

/// The workflow that is a step of the run's, from its third event to its last but two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Inner {
    No,
    /// Its events name the run as their `workflow_run_id`.
    Named,
    /// Its events name only their own run, as on agno 3.1.10.
    Unnamed,
}

impl Run {
    pub fn new(id: &str, events: u64) -> Self {
        Self {
            id: id.to_owned(),
            session: format!("session of {id}"),
            events,
            ending: "WorkflowCompleted",
            cancelled: false,
            inner: Inner::No,
        }
    }

    /// A run with another workflow inside.
    pub fn nested(id: &str, events: u64, inner: Inner) -> Self {
        Self {
            inner,
            ..Self::new(id, events)
        }
    }

    pub fn failing(id: &str, events: u64) -> Self {
        Self {
            ending: "WorkflowError",
            ..Self::new(id, events)
        }
    }

    /// A run that is cancelled: `WorkflowCancelled` is its last event but one.
    pub fn cancelled(id: &str, events: u64) -> Self {
        Self {
            cancelled: true,
            ..Self::new(id, events)
        }
    }

    /// A run that has paused with its last event so far.
    pub fn paused(id: &str, events: u64) -> Self {
        Self {
            ending: "WorkflowPaused",
            ..Self::new(id, events)
        }
    }

    pub fn status(&self) -> &'static str {
        match self.ending {
            _ if self.cancelled => "CANCELLED",
            "WorkflowPaused" => "PAUSED",
            "WorkflowError" => "ERROR",
            "WorkflowCancelled" => "CANCELLED",
            _ => "COMPLETED",
        }
    }

    /// Whether an event is one of the inner workflow itself.
    fn is_inner(&self, index: u64) -> bool {
        self.inner != Inner::No && (2..self.events.saturating_sub(3)).contains(&index)
    }

    pub fn name(&self, index: u64) -> &'static str {
        match index {
            _ if self.is_inner(index) => match index {
                2 => "WorkflowStarted",
                _ if index + 4 == self.events => "WorkflowCompleted",
                3 => "StepStarted",
                _ => "RunContent",
            },
            0 => "WorkflowStarted",
            _ if index + 1 == self.events => self.ending,
            _ if self.cancelled && index + 2 == self.events => "WorkflowCancelled",
            1 => "StepStarted",
            _ => "RunContent",
        }
    }

    /// An event of the workflow itself, with this name.
    pub fn own_event(&self, index: u64, name: &str) -> String {
        json!({
            "created_at": 1_795_412_441_u64 + index, "event": name, "session_id": self.session,
            "workflow_id": "w", "run_id": self.id, "event_index": index,
        })
        .to_string()
    }

    pub fn event(&self, index: u64) -> String {
        let name = self.name(index);
        let mut event = json!({
            "created_at": 1_795_412_441_u64 + index, "event": name, "session_id": self.session,
            "workflow_id": "w", "content": format!("word {index}"), "event_index": index,
        });
        if name == "RunContent" {
            event["run_id"] = json!(format!("agent of {}", self.id));
            event["workflow_run_id"] = json!(self.id);
        } else {
            event["run_id"] = json!(self.id);
        }
        if self.is_inner(index) {
            event["nested_depth"] = json!(1);
            event["workflow_id"] = json!("inner");
            if name != "RunContent" {
                event["run_id"] = json!(format!("inside {}", self.id));
                if self.inner == Inner::Named {
                    event["workflow_run_id"] = json!(self.id);
                }
            }
        }
        event.to_string()
    }
}
