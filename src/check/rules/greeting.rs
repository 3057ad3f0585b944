//! GREETING: the first words on a connection, and whether it is alive.

use std::collections::VecDeque;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::return_view;
use crate::protocol::message::COMMENT;
use crate::protocol::{Action, Control};
use crate::trace::{Connection, Trace};
use crate::transcript::{Entry, EntryKind};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "GREETING-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "The first message on a connection is `connected`, and says whether authentication is required.",
        why: "Without it a front end cannot know whether to ask for a token first, and every first request becomes a guess.",
        harm: "A viewer who connects is not told first whether a token is needed.",
        source: "the script that this suite grew from; agno-agi/agno #5787",
        good: "\
(Ada opens a connection)
← {\"event\": \"connected\", \"requires_auth\": false}
→ {\"action\": \"ping\"}",
        bad: "\
(Ada opens a connection)
→ {\"action\": \"ping\"}
← {\"event\": \"pong\"}                            no message said whether a token is needed",
        check: check!(first_words),
    },
    Requirement {
        id: "GREETING-2",
        level: Level::Should,
        since: "0.1.0",
        sentence: "`ping` is answered by `pong`, also while a run is streaming.",
        why: "A viewer behind a proxy learns from it that the connection is dead, and reconnects before a person notices.",
        harm: "A viewer's program cannot rely on a ping to notice that the connection is dead.",
        source: "agno-agi/agno #5787",
        good: "\
← {\"event\": \"RunContent\", \"event_index\": 7, …}
→ {\"action\": \"ping\"}
← {\"event\": \"RunContent\", \"event_index\": 8, …}
← {\"event\": \"pong\"}",
        bad: "\
← {\"event\": \"RunContent\", \"event_index\": 7, …}
→ {\"action\": \"ping\"}
← {\"event\": \"RunContent\", \"event_index\": 8, …}
← {\"event\": \"WorkflowCompleted\", \"event_index\": 9, …}   and no pong",
        check: check!(pong),
    },
];

fn first_words(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in trace.websockets().filter(|it| it.opened()) {
        let first = connection
            .entries
            .iter()
            .copied()
            .find(|entry| match &entry.what {
                // A comment is no message.
                EntryKind::Received { message, .. } => message.name() != COMMENT,
                what => matches!(what, EntryKind::ReceivedBinary(_)),
            });
        let Some(first) = first else {
            collector.inconclusive(format!(
                "the server accepted {}'s connection but said nothing: is the URL that of the \
                 workflow WebSocket (`/workflows/ws`)?",
                connection.viewer
            ));
            continue;
        };
        let said = first.message().and_then(|message| message.control());
        match said {
            Some(Control::Connected {
                requires_auth: Some(_),
            }) => collector.passed(),
            Some(Control::Connected {
                requires_auth: None,
            }) => collector.failed(
                "`connected` with a boolean `requires_auth`",
                "`connected` without a boolean `requires_auth`",
                [first.number],
            ),
            _ => collector.failed(
                "`connected` as the first message",
                describe::entry(first),
                [first.number],
            ),
        }
    }
    collector.check_verdict("no connection was opened: is the server up, and is the URL right?")
}

fn pong(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in trace.websockets() {
        match connection.barred() {
            Some(_) => collector.inconclusive(return_view::barred(connection.viewer)),
            None => pongs_on(connection, &mut collector),
        }
    }
    collector.check_verdict("no viewer sent `ping`")
}

fn pongs_on(connection: &Connection<'_>, collector: &mut Collector) {
    let mut open: VecDeque<&Entry> = VecDeque::new();
    let mut answered = false;
    let mut replayed = false;
    for &entry in &connection.entries {
        let control = entry.message().and_then(|message| message.control());
        replayed |= matches!(control, Some(Control::Replay { .. }));
        match &entry.what {
            EntryKind::Sent { action, .. } if **action == Action::Ping => open.push_back(entry),
            EntryKind::Received { message, .. } if message.control() == Some(&Control::Pong) => {
                answered |= open.pop_front().is_some();
            }
            EntryKind::TimedOut { .. }
            | EntryKind::Watched(_)
            | EntryKind::CloseReceived { .. }
            | EntryKind::Ended(_) => {
                let Some(ping) = open.front() else { continue };
                let lost = !matches!(
                    entry.what,
                    EntryKind::TimedOut { .. } | EntryKind::Watched(_)
                );
                if lost && replayed {
                    // Whether the close came before the ping or after it is a matter of luck.
                    collector.inconclusive(format!(
                        "the connection of {} was closed after a replay",
                        connection.viewer
                    ));
                } else if lost && connection.malformed().is_some() {
                    collector.inconclusive(format!(
                        "the connection was closed after a malformed request of {}",
                        connection.viewer
                    ));
                } else if matches!(entry.what, EntryKind::Ended(_))
                    || lost && connection.stopped_reading()
                {
                    collector.inconclusive(describe::unanswered(connection, ping.number));
                } else {
                    collector.failed(
                        "`pong` in answer to `ping`",
                        format!(
                            "{}{}",
                            describe::entry(entry),
                            describe::more(open.len() - 1)
                        ),
                        [ping.number, entry.number],
                    );
                }
                return;
            }
            _ => {}
        }
    }
    if open.is_empty() && answered {
        collector.passed();
    } else if !open.is_empty() {
        collector.inconclusive(describe::gone(connection, "`pong` could come"));
    }
}
