//! A record: viewers who come, say, hear and leave, with few names, so that what they say is about the
//! same runs.

use std::sync::Arc;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use reconnect_acceptance::protocol::{Action, Decoder, Part, Position, framing};
use reconnect_acceptance::transcript::{Disconnect, EntryKind, ShownToken, Transcript};
use serde_json::{Map, Value, json};

use super::{number, one_of, perhaps, seldom, text};

const RUNS: &[&str] = &["r-1", "r-2", "no-such-run", "</script>\u{202e}", ""];
const SESSIONS: &[&str] = &["s-1", "s-2", "no-such-session", "\u{1b}[2J"];
const WORKFLOWS: &[&str] = &["w-1", "w-2", "no-such-workflow", "]]>"];
const VIEWERS: &[&str] = &["Ada", "Ben", "the suite", "a\u{202e}b", "<b>"];
const CONTROLS: &[&str] = &[
    "connected",
    "authenticated",
    "auth_error",
    "auth_required",
    "pong",
    "error",
    "queued",
    "catch_up",
    "subscribed",
    "replay",
    "weather",
];
const EVENTS: &[&str] = &[
    "WorkflowStarted",
    "StepStarted",
    "RunContent",
    "StepOutput",
    "StepCompleted",
    "WorkflowCompleted",
    "WorkflowError",
    "WorkflowCancelled",
    "WorkflowPaused",
    "StepContinued",
    "<odd>\u{1b}",
];
const STATUSES: &[&str] = &[
    "running",
    "pending",
    "COMPLETED",
    "error",
    "cancelled",
    "paused",
    "none of these",
];

/// The most entries of one that is not repeated.
const MOST: usize = 120;

/// A record.
pub fn transcript(u: &mut Unstructured<'_>) -> Result<Transcript> {
    let mut cast = Cast::default();
    for _ in 0..u.int_in_range(0..=MOST)? {
        if u.is_empty() {
            break;
        }
        cast.act(u)?;
    }
    let mut transcript = Transcript::new();
    // What costs time with the square of the length shows in long ones only.
    let times = if seldom(u, 128)? { 40 } else { 1 };
    let length = cast.actions.last().map_or(Duration::ZERO, |(at, ..)| *at);
    for round in 0..times {
        for (at, viewer, connection, what) in &cast.actions {
            let at = at.saturating_add(length.saturating_mul(round));
            transcript.push(at, viewer, *connection, what.clone());
        }
    }
    Ok(transcript)
}

/// Who has done what so far.
#[derive(Default)]
struct Cast {
    actions: Vec<(Duration, Arc<str>, u32, EntryKind)>,
    connections: [u32; VIEWERS.len()],
    clock: Duration,
    /// The next index of each run.
    next: [u64; RUNS.len()],
    decoder: Decoder,
}

impl Cast {
    fn act(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        // Mostly the first two.
        let who = match u.int_in_range(0..=9_u8)? {
            0..=5 => 0,
            6..=8 => 1,
            _ => u.choose_index(VIEWERS.len())?,
        };
        let what = self.what(u)?;
        if matches!(what, EntryKind::Opened | EntryKind::NotOpened(_)) {
            self.connections[who] = self.connections[who].saturating_add(1);
        }
        self.clock = match u.int_in_range(0..=15_u8)? {
            0..=13 => self.clock + Duration::from_millis(u.int_in_range(0..=700)?),
            14 => self.clock + Duration::from_micros(u.int_in_range(0..=3)?),
            // A clock that was changed by hand.
            _ => Duration::from_micros(number(u)?),
        };
        let connection = match seldom(u, 24)? {
            true => one_of(u, &[0, 1, 2, u32::MAX])?,
            false => self.connections[who],
        };
        let viewer = Arc::from(VIEWERS[who]);
        self.actions.push((self.clock, viewer, connection, what));
        Ok(())
    }

    fn what(&mut self, u: &mut Unstructured<'_>) -> Result<EntryKind> {
        Ok(match u.int_in_range(0..=63_u8)? {
            0..=29 => self.heard(u)?,
            30..=41 => EntryKind::sent(said(u)?),
            42..=45 => EntryKind::Opened,
            46..=48 => EntryKind::Disconnected(one_of(u, &Disconnect::ALL)?),
            49 => EntryKind::NotOpened(text(u)?),
            50 => EntryKind::CloseReceived {
                code: perhaps(u, |u| one_of(u, &[1000, 1001, 1006, 1011, 4001, 0]))?,
                reason: text(u)?,
            },
            51 => EntryKind::Ended(perhaps(u, text)?),
            52 => EntryKind::TimedOut {
                waiting_for: text(u)?,
                after: Duration::from_micros(number(u)?),
            },
            53 => EntryKind::Watched(Duration::from_micros(number(u)?)),
            54 => EntryKind::Part {
                workflow_id: one_of(u, WORKFLOWS)?.to_owned(),
                part: one_of(u, &Part::ALL)?,
            },
            55 => EntryKind::HttpRequest {
                method: one_of(u, &["POST", "GET", "\u{1b}"])?.to_owned(),
                path: path(u)?,
                with_token: u.arbitrary()?,
            },
            56 => EntryKind::HttpResponse {
                status: one_of(u, &[200, 202, 401, 404, 500, 0, u16::MAX])?,
                text: match u.arbitrary()? {
                    true => self.message(u)?,
                    false => text(u)?,
                },
            },
            57 => EntryKind::HttpFailed(text(u)?),
            58 => EntryKind::BreakpointReached {
                session_id: one_of(u, SESSIONS)?.into(),
                after: number(u)?,
            },
            59 => EntryKind::BreakpointCleared {
                session_id: one_of(u, SESSIONS)?.into(),
            },
            60 => match u.int_in_range(0..=3_u8)? {
                0 => EntryKind::Retention { events: number(u)? },
                1 => EntryKind::Restarted,
                2 => EntryKind::RunDropped {
                    run_id: one_of(u, RUNS)?.into(),
                },
                _ => EntryKind::NotTried(text(u)?),
            },
            61 => match u.int_in_range(0..=7_u8)? {
                0 => EntryKind::StopsReading {
                    too_many: number(u)?,
                },
                1 => EntryKind::ReadsOn,
                2 => EntryKind::AtAnotherReplica,
                3 => EntryKind::ReplicaKilled,
                4 => EntryKind::TokenExpired,
                5 => EntryKind::NotPermitted {
                    workflow_id: one_of(u, &["w", "other"])?.to_owned(),
                },
                6 => EntryKind::User {
                    user: one_of(u, &["one", "other", "<i>"])?.to_owned(),
                },
                _ => {
                    let all = [ShownToken::Own, ShownToken::None, ShownToken::Wrong];
                    EntryKind::ShowsToken(one_of(u, &all)?)
                }
            },
            62 => EntryKind::SentBinary(usize::try_from(number(u)?).unwrap_or(usize::MAX)),
            _ => EntryKind::ReceivedBinary(usize::try_from(number(u)?).unwrap_or(usize::MAX)),
        })
    }

    fn heard(&mut self, u: &mut Unstructured<'_>) -> Result<EntryKind> {
        let text = self.message(u)?;
        Ok(EntryKind::received(&text, &mut self.decoder))
    }

    /// What a server says: mostly the next event of the first run.
    fn message(&mut self, u: &mut Unstructured<'_>) -> Result<String> {
        let mut fields = Map::new();
        let run = match u.int_in_range(0..=7_u8)? {
            0..=5 => 0,
            _ => u.choose_index(RUNS.len())?,
        };
        match u.int_in_range(0..=15_u8)? {
            0..=7 => {
                let name = one_of(u, EVENTS)?;
                fields.insert("event".into(), name.into());
                fields.insert("run_id".into(), RUNS[run].into());
                let index = match u.int_in_range(0..=7_u8)? {
                    0..=5 => {
                        let next = self.next[run];
                        self.next[run] = next.saturating_add(1);
                        Some(json!(next))
                    }
                    6 => {
                        self.next[run] = number(u)?;
                        Some(json!(self.next[run]))
                    }
                    _ => perhaps(u, |u| value(u, 0))?,
                };
                if let Some(index) = index {
                    fields.insert("event_index".into(), index);
                }
                if u.arbitrary()? {
                    fields.insert("session_id".into(), one_of(u, SESSIONS)?.into());
                }
                if seldom(u, 4)? {
                    fields.insert("workflow_run_id".into(), one_of(u, RUNS)?.into());
                    fields.insert("run_id".into(), "agent".into());
                }
                if seldom(u, 4)? {
                    fields.insert("content".into(), value(u, 2)?);
                }
                if name == "WorkflowPaused" && u.arbitrary()? {
                    let requirements = json!([{"step_id": "a", "confirmed": null}]);
                    fields.insert("step_requirements".into(), requirements);
                }
            }
            8..=13 => {
                fields.insert("event".into(), one_of(u, CONTROLS)?.into());
                fields.insert("run_id".into(), RUNS[run].into());
                for (name, all) in [("status", STATUSES), ("error", SESSIONS)] {
                    if u.arbitrary()? {
                        fields.insert(name.into(), one_of(u, all)?.into());
                    }
                }
                for name in ["missed_events", "current_event_count", "total_events"] {
                    if u.arbitrary()? {
                        let counted = match u.int_in_range(0..=3_u8)? {
                            0 | 1 => json!(self.next[run]),
                            2 => json!(number(u)?),
                            _ => value(u, 1)?,
                        };
                        fields.insert(name.into(), counted);
                    }
                }
                if u.arbitrary()? {
                    fields.insert("requires_auth".into(), json!(u.arbitrary::<bool>()?));
                }
            }
            14 => return Ok(one_of(u, ODD)?.to_owned()),
            _ => return text(u),
        }
        let json = Value::Object(fields).to_string();
        Ok(match u.int_in_range(0..=3_u8)? {
            0 | 1 => json,
            2 => framing::wrap_sse(one_of(u, EVENTS)?, &json),
            _ => match seldom(u, 4)? {
                true => format!("\u{feff}{json}"),
                false => json,
            },
        })
    }
}

/// Texts that are hardly JSON.
const ODD: &[&str] = &[
    r#"{"event":"StepOutput","event_index":1,"run_id":"r-1","content":NaN}"#,
    r#"{"event":"StepOutput","event_index":1,"run_id":"r-1","content":"\ud800"}"#,
    r#"{"event":"StepOutput","event_index":1e999,"run_id":"r-1"}"#,
    r#"{"event":"StepOutput","event_index":-1,"run_id":"r-1","event":"again"}"#,
    "[1]",
    "{",
    "null",
    "data:",
];

/// What a viewer says.
fn said(u: &mut Unstructured<'_>) -> Result<String> {
    let word = |u: &mut Unstructured<'_>, all: &[&str]| -> Result<Option<String>> {
        Ok(match u.int_in_range(0..=7_u8)? {
            0..=4 => all.first().map(|it| (*it).to_owned()),
            5 | 6 => Some(one_of(u, all)?.to_owned()),
            _ => None,
        })
    };
    let action = match u.int_in_range(0..=15_u8)? {
        0..=3 => Action::Start {
            workflow_id: word(u, WORKFLOWS)?,
            message: value(u, 1)?,
            session_id: word(u, SESSIONS)?,
        },
        4..=10 => Action::Reconnect {
            run_id: word(u, RUNS)?,
            position: match u.int_in_range(0..=7_u8)? {
                0..=4 => Position::At(number(u)?),
                5 => Position::Null,
                6 => Position::Absent,
                _ => Position::Odd(value(u, 1)?),
            },
            workflow_id: word(u, WORKFLOWS)?,
            session_id: word(u, SESSIONS)?,
        },
        11 | 12 => Action::Continue {
            workflow_id: word(u, WORKFLOWS)?,
            run_id: word(u, RUNS)?,
            session_id: word(u, SESSIONS)?,
            step_requirements: value(u, 2)?,
        },
        13 => Action::Ping,
        14 => Action::Authenticate {
            token: perhaps(u, |u| {
                Ok(one_of(u, &["***", "wrong-token", "<"])?.to_owned())
            })?,
        },
        _ => return text(u),
    };
    Ok(action.to_text())
}

fn path(u: &mut Unstructured<'_>) -> Result<String> {
    let (workflow, run) = (one_of(u, WORKFLOWS)?, one_of(u, RUNS)?);
    Ok(match u.int_in_range(0..=2_u8)? {
        0 => format!("/workflows/{workflow}/runs"),
        1 => format!("/workflows/{workflow}/runs/{run}/cancel"),
        _ => text(u)?,
    })
}

/// A JSON value, so many levels deep at most.
fn value(u: &mut Unstructured<'_>, depth: u8) -> Result<Value> {
    let kinds = if depth == 0 { 5 } else { 7 };
    Ok(match u.int_in_range(0..=kinds)? {
        0 => text(u)?.into(),
        1 => number(u)?.into(),
        2 => Value::Null,
        3 => u.arbitrary::<bool>()?.into(),
        4 => u.arbitrary::<i64>()?.into(),
        // Whole halves are written and read exactly.
        5 => (f64::from(u.arbitrary::<i16>()?) / 2.0).into(),
        6 => super::several(u, 3, |u| value(u, depth - 1))?.into(),
        _ => {
            let pairs = super::several(u, 3, |u| Ok((text(u)?, value(u, depth - 1)?)))?;
            Value::Object(pairs.into_iter().collect())
        }
    })
}
