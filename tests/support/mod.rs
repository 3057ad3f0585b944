//! Hand-made and generated records, for tests and benches of the checks.
//!
//! - [`Record`]: writes a transcript line by line
//! - [`Run`]: the events of a run, as a server would send them
//! - [`Plan`]: a whole conforming scenario; [`Plan::record`] writes it down
//! - [`edited`], [`dropped`], ...: a record with something changed

#![allow(dead_code, reason = "each test and bench uses its own part of it")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reconnect_acceptance::check::{Judgement, catalogue};
use reconnect_acceptance::protocol::action::NO_SUCH;
use reconnect_acceptance::protocol::{Action, Decoder, Position, Text, framing};
use reconnect_acceptance::transcript::{Entry, Leaving, Number, Part, Story, Transcript, What};
use serde_json::json;

pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(10);

/// Writes a transcript line by line. Every entry comes 1 ms after the one before.
#[derive(Default)]
pub struct Record {
    transcript: Transcript,
    decoder: Decoder,
    clock: Duration,
    visits: HashMap<String, u32>,
}

impl Record {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn done(self) -> Transcript {
        self.transcript
    }

    pub fn note(&mut self, viewer: &str, visit: u32, what: What) -> Number {
        self.clock += Duration::from_millis(1);
        if let What::GaveUp { after, .. } | What::Watched(after) = &what {
            self.clock += *after;
        }
        self.transcript
            .push(self.clock, &Arc::from(viewer), visit, what)
    }

    fn on(&mut self, viewer: &str, what: What) -> Number {
        let visit = self.visits.get(viewer).copied().unwrap_or(1);
        self.note(viewer, visit, what)
    }

    /// A new connection of this viewer, without a greeting.
    pub fn connects(&mut self, viewer: &str) -> &mut Self {
        *self.visits.entry(viewer.to_owned()).or_default() += 1;
        self.on(viewer, What::Opened);
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

    pub fn says(&mut self, viewer: &str, action: Action) -> &mut Self {
        let text = action.to_text();
        self.on(viewer, What::Sent { text, action });
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

    pub fn returns(&mut self, viewer: &str, run: Option<&str>, position: Position) -> &mut Self {
        self.says(
            viewer,
            Action::Reconnect {
                run_id: run.map(str::to_owned),
                position,
                workflow_id: None,
                session_id: None,
            },
        )
    }

    pub fn gets(&mut self, viewer: &str, text: &str) -> &mut Self {
        let message = self.decoder.decode(text);
        let text = Text::from(text.to_owned());
        self.on(viewer, What::Received { text, message });
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
            What::GaveUp {
                waiting_for: "what should come".to_owned(),
                after: GIVEN_UP_AFTER,
            },
        );
        self
    }

    pub fn watches(&mut self, viewer: &str) -> &mut Self {
        self.on(viewer, What::Watched(Duration::from_secs(2)));
        self
    }

    pub fn leaves(&mut self, viewer: &str, leaving: Leaving) -> &mut Self {
        self.on(viewer, What::Left(leaving));
        self
    }

    /// Leaves with a closing handshake, which is answered.
    pub fn departs(&mut self, viewer: &str) -> &mut Self {
        self.leaves(viewer, Leaving::Politely);
        self.closed(viewer)
    }

    pub fn closed(&mut self, viewer: &str) -> &mut Self {
        let reason = String::new();
        self.on(
            viewer,
            What::CloseReceived {
                code: Some(1000),
                reason,
            },
        );
        self
    }

    pub fn ends(&mut self, viewer: &str) -> &mut Self {
        self.on(viewer, What::Ended(Some("connection reset".to_owned())));
        self
    }

    pub fn held(&mut self, session: &str, after: u64) -> &mut Self {
        let session_id = Arc::from(session);
        self.note("the suite", 0, What::Held { session_id, after });
        self
    }

    pub fn released(&mut self, session: &str) -> &mut Self {
        let session_id = Arc::from(session);
        self.note("the suite", 0, What::Released { session_id });
        self
    }

    pub fn plays(&mut self, workflow: &str, part: Part) -> &mut Self {
        let workflow_id = workflow.to_owned();
        self.note("the suite", 0, What::Plays { workflow_id, part });
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
}

impl Run {
    pub fn new(id: &str, events: u64) -> Self {
        Self {
            id: id.to_owned(),
            session: format!("session of {id}"),
            events,
            ending: "WorkflowCompleted",
        }
    }

    pub fn failing(id: &str, events: u64) -> Self {
        Self {
            ending: "WorkflowError",
            ..Self::new(id, events)
        }
    }

    pub fn status(&self) -> &'static str {
        match self.ending {
            "WorkflowError" => "ERROR",
            "WorkflowCancelled" => "CANCELLED",
            _ => "COMPLETED",
        }
    }

    pub fn name(&self, index: u64) -> &'static str {
        match index {
            0 => "WorkflowStarted",
            _ if index + 1 == self.events => self.ending,
            1 => "StepStarted",
            _ => "RunContent",
        }
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
        event.to_string()
    }
}

/// One stay of the viewer who comes back.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// How many events of the run happen before the viewer returns.
    pub away: u64,
    /// With which position they return.
    pub position: Returning,
    /// How many live events they watch before they leave again.
    pub watched: u64,
    pub leaving: Leaving,
    /// Whether the target holds the run while the viewer returns.
    pub held: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Returning {
    WithPosition,
    WithNull,
    Without,
}

/// A conforming scenario: Ada starts a run, leaves and returns as often as is planned, and watches to
/// the end; then Ben asks twice for the replay, pings, and is refused.
#[derive(Clone, Debug)]
pub struct Plan {
    pub events: u64,
    pub failing: bool,
    /// How many events Ada sees before she leaves first.
    pub cut: u64,
    pub leaving: Leaving,
    pub stays: Vec<Stay>,
    /// Whether Ada pings while events come.
    pub pings: bool,
}

impl Plan {
    /// Ada sees `cut` events of `events`, misses `away`, and watches to the end.
    pub fn simple(events: u64, cut: u64, away: u64) -> Self {
        Self {
            events,
            failing: false,
            cut,
            leaving: Leaving::Politely,
            stays: vec![Stay {
                away,
                position: Returning::WithPosition,
                watched: events,
                leaving: Leaving::Politely,
                held: false,
            }],
            pings: true,
        }
    }

    pub fn run(&self) -> Run {
        match self.failing {
            true => Run::failing("r", self.events),
            false => Run::new("r", self.events),
        }
    }

    /// The record of a server that keeps every promise.
    pub fn record(&self) -> Transcript {
        let run = self.run();
        let part = if self.failing {
            Part::Failing
        } else {
            Part::Long
        };
        let mut record = Record::new();
        record.plays("w", part).opens("Ada");
        record.starts("Ada", Some("w"), &run.session);
        let mut happened = self.cut.min(run.events);
        if self.pings {
            record.first("Ada", &run, 0..happened / 2).pings("Ada");
            record
                .first("Ada", &run, happened / 2..happened)
                .pong("Ada");
        } else {
            record.first("Ada", &run, 0..happened);
        }
        if happened == run.events {
            record.watches("Ada");
        }
        leave(&mut record, self.leaving);
        let mut seen = happened;
        for stay in &self.stays {
            happened = (happened + stay.away).min(run.events);
            let finished = happened == run.events;
            let held = stay.held && !finished && happened > 0;
            if held {
                record.held(&run.session, happened - 1);
            }
            record.opens("Ada");
            let position = match stay.position {
                Returning::WithPosition if seen > 0 => Position::At(seen - 1),
                Returning::Without => Position::Absent,
                _ => Position::Null,
            };
            let from = position.next().expect("a position");
            record.returns("Ada", Some(&run.id), position);
            if finished {
                record.replay("Ada", &run.id, run.status(), run.events);
                record.events("Ada", &run, 0..run.events);
                record.watches("Ada");
                seen = run.events;
            } else {
                if from < happened {
                    record.catch_up("Ada", &run.id, happened - from, happened);
                    record.events("Ada", &run, from..happened);
                }
                record.subscribed("Ada", &run.id, happened);
                if held {
                    record.released(&run.session);
                }
                let until = (happened + stay.watched).min(run.events);
                record.events("Ada", &run, happened..until);
                (seen, happened) = (until, until);
            }
            leave(&mut record, stay.leaving);
        }
        record.opens("Ben");
        if happened == run.events {
            for position in [Position::At(0), Position::Null] {
                record.returns("Ben", Some(&run.id), position);
                record.replay("Ben", &run.id, run.status(), run.events);
                record.events("Ben", &run, 0..run.events);
            }
        }
        record.pings("Ben").pong("Ben");
        record
            .starts("Ben", Some(&format!("{NO_SUCH}w")), "other")
            .error("Ben");
        record
            .returns("Ben", Some(&format!("{NO_SUCH}r")), Position::At(3))
            .error("Ben");
        record.returns("Ben", None, Position::Null).error("Ben");
        record.pings("Ben").pong("Ben").departs("Ben");
        record.done()
    }
}

fn leave(record: &mut Record, leaving: Leaving) {
    match leaving {
        Leaving::Politely => record.departs("Ada"),
        Leaving::Abruptly => record.leaves("Ada", Leaving::Abruptly),
    };
}

/// The record with its entries changed and numbered anew.
pub fn edited(transcript: &Transcript, edit: impl FnOnce(&mut Vec<Entry>)) -> Transcript {
    let mut entries = transcript.entries().to_vec();
    edit(&mut entries);
    let mut out = Transcript::new();
    for entry in entries {
        out.push(entry.at, &entry.viewer, entry.visit, entry.what);
    }
    out
}

/// The text of a received entry changed.
pub fn retold(transcript: &Transcript, place: usize, tell: impl Fn(&str) -> String) -> Transcript {
    edited(transcript, |entries| {
        if let What::Received { text, .. } = &entries[place].what {
            let text = tell(text);
            entries[place].what = What::Received {
                message: Decoder::new().decode(&text),
                text: Text::from(text),
            };
        }
    })
}

/// The places of all deliveries.
pub fn deliveries(transcript: &Transcript) -> Vec<usize> {
    let entries = transcript.entries().iter().enumerate();
    entries
        .filter(|(_, entry)| entry.message().is_some_and(|m| m.event().is_some()))
        .map(|(place, _)| place)
        .collect()
}

/// What the check of this id says.
pub fn judge(id: &str, transcript: &Transcript) -> Judgement {
    let requirement = catalogue::find(id).unwrap_or_else(|| panic!("no requirement {id}"));
    (requirement.check)(&Story::of(transcript))
}

/// The ids that are broken in a record, in the order of the catalogue.
pub fn broken(transcript: &Transcript) -> Vec<&'static str> {
    let story = Story::of(transcript);
    catalogue::all()
        .filter(|requirement| matches!((requirement.check)(&story), Judgement::Broken(_)))
        .map(|requirement| requirement.id)
        .collect()
}

/// The ids that hold in a record, in the order of the catalogue.
pub fn holding(transcript: &Transcript) -> Vec<&'static str> {
    let story = Story::of(transcript);
    catalogue::all()
        .filter(|requirement| (requirement.check)(&story) == Judgement::Holds)
        .map(|requirement| requirement.id)
        .collect()
}
