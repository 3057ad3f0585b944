//! Which requests all come to the same end: every start, every return, every return of a second viewer.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::{Action, Control, Position};
use crate::report::model::run::Diagnosis;
use crate::report::verdict::diagnosis::Transcripts;
use crate::transcript::{DEAD_LINE, Entry, EntryKind, Transcript};

/// So many requests, in so many scenarios, are no coincidence.
const REQUESTS: usize = 4;
const SCENARIOS: usize = 3;

/// What became of a request, as far as its first answer says.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum End {
    Answered,
    Closed(Option<u16>),
    Cut,
    Silence,
    Refused,
}

impl End {
    fn words(self) -> Option<String> {
        match self {
            Self::Answered => None,
            Self::Closed(Some(code)) => Some(format!(
                "was answered by the end of its connection, with code {code}"
            )),
            Self::Closed(None) => Some("was answered by the end of its connection".to_owned()),
            Self::Cut => Some(
                "was followed by the end of its connection, without an answer or a close frame"
                    .to_owned(),
            ),
            Self::Silence => Some("got no answer".to_owned()),
            Self::Refused => Some("was refused".to_owned()),
        }
    }
}

/// A request, and what became of it.
struct Request<'s> {
    scenario: &'s str,
    kind: Kind,
    end: End,
}

/// What was asked for, and by whom.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Start,
    Continue,
    Return {
        by_the_starter: bool,
        with_a_position: bool,
    },
}

type Is = fn(Kind) -> bool;

/// The groups of requests, the widest first.
const GROUPS: [(&str, Is); 7] = [
    ("every start of a run", |it| it == Kind::Start),
    ("every return to a run", |it| {
        matches!(it, Kind::Return { .. })
    }),
    ("every return of a second viewer", |it| {
        matches!(
            it,
            Kind::Return {
                by_the_starter: false,
                ..
            }
        )
    }),
    ("every return of the viewer who started the run", |it| {
        matches!(
            it,
            Kind::Return {
                by_the_starter: true,
                ..
            }
        )
    }),
    ("every return with a position", |it| {
        matches!(
            it,
            Kind::Return {
                with_a_position: true,
                ..
            }
        )
    }),
    ("every return without a position", |it| {
        matches!(
            it,
            Kind::Return {
                with_a_position: false,
                ..
            }
        )
    }),
    ("every continuation of a paused run", |it| {
        it == Kind::Continue
    }),
];

pub(super) fn same_end(transcripts: &Transcripts, open: &BTreeSet<&str>) -> Option<Diagnosis> {
    let all: Vec<Request<'_>> = transcripts
        .iter()
        .flat_map(|(scenario, transcript)| requests(scenario, transcript))
        .collect();
    GROUPS.iter().find_map(|(name, is)| {
        let group: Vec<_> = all.iter().filter(|it| is(it.kind)).collect();
        let mut ends: BTreeMap<End, usize> = BTreeMap::new();
        for it in &group {
            *ends.entry(it.end).or_default() += 1;
        }
        let (end, number) = ends.into_iter().max_by_key(|(_, number)| *number)?;
        // The run ends with the server's own words then.
        if group
            .iter()
            .all(|it| it.kind == Kind::Start && it.end == End::Refused)
        {
            return None;
        }
        let words = end.words()?;
        let alike = group.iter().filter(|it| it.end == end);
        let scenarios: BTreeSet<&str> = alike
            .map(|it| it.scenario)
            .filter(|it| open.contains(it))
            .collect();
        let is_rule = number == group.len() && number >= REQUESTS && scenarios.len() >= SCENARIOS;
        is_rule.then(|| Diagnosis {
            sentence: format!("{name} ({number} of {}) {words}", group.len()),
            scenarios: scenarios.into_iter().map(str::to_owned).collect(),
        })
    })
}

fn requests<'s>(scenario: &'s str, transcript: &Transcript) -> Vec<Request<'s>> {
    let mut requests: Vec<Request<'s>> = Vec::new();
    // By connection: the request that waits for its answer.
    let mut waiting: BTreeMap<(&str, u32), Kind> = BTreeMap::new();
    // By session: who started its run.
    let mut starters: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in transcript.entries() {
        let key = (&*entry.viewer, entry.connection);
        if let Some(action) = entry.action() {
            if let Action::Start {
                session_id: Some(session),
                ..
            } = action
            {
                starters.entry(session).or_insert(&*entry.viewer);
            }
            if let Some(kind) = kind(action, &entry.viewer, &starters) {
                waiting.insert(key, kind);
            }
            continue;
        }
        if matches!(entry.what, EntryKind::Disconnected(_)) {
            waiting.remove(&key);
        } else if let Some(end) = end(entry)
            && let Some(kind) = waiting.remove(&key)
        {
            requests.push(Request {
                scenario,
                kind,
                end,
            });
        }
    }
    requests
}

/// The kind of a request of the protocol as it should be; what is asked for on purpose in a wrong way is none.
fn kind(action: &Action, viewer: &str, starters: &BTreeMap<&str, &str>) -> Option<Kind> {
    match action {
        Action::Start {
            workflow_id: Some(_),
            session_id: Some(_),
            ..
        } => Some(Kind::Start),
        Action::Continue {
            run_id: Some(_), ..
        } => Some(Kind::Continue),
        Action::Reconnect {
            run_id: Some(_),
            position,
            session_id: Some(session),
            ..
        } => {
            let starter = starters.get(session.as_str())?;
            let with_a_position = match position {
                Position::At(_) => true,
                Position::Null | Position::Absent => false,
                Position::Odd(_) => return None,
            };
            Some(Kind::Return {
                by_the_starter: *starter == viewer,
                with_a_position,
            })
        }
        _ => None,
    }
}

fn end(entry: &Entry) -> Option<End> {
    match &entry.what {
        EntryKind::Received { message, .. } => Some(match message.control() {
            Some(Control::Error { .. }) => End::Refused,
            Some(Control::Connected { .. } | Control::Authenticated | Control::Pong) => {
                return None;
            }
            _ => End::Answered,
        }),
        // Over HTTP.
        EntryKind::Refused { message, .. } => Some(match message.control() {
            Some(_) => End::Refused,
            None => End::Answered,
        }),
        EntryKind::StreamEnded { .. } => Some(End::Closed(None)),
        EntryKind::ReceivedBinary(_) => Some(End::Answered),
        EntryKind::CloseReceived { code, .. } => Some(End::Closed(*code)),
        // The suite itself hung up.
        EntryKind::Ended(Some(reason)) if reason.starts_with(DEAD_LINE) => Some(End::Silence),
        EntryKind::Ended(_) => Some(End::Cut),
        EntryKind::TimedOut { .. } => Some(End::Silence),
        _ => None,
    }
}
