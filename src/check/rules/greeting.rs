//! GREETING: the first words on a connection, and whether it is alive.

use std::collections::VecDeque;

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::return_view;
use crate::protocol::{Action, Control};
use crate::trace::{Story, Visit};
use crate::transcript::{Entry, What};

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "GREETING-1",
        level: Level::Must,
        sentence: "The first message on a connection is `connected`, and says whether authentication is required.",
        why: "A front end that isn't told can't know whether to ask for a token before it asks for anything else, and every first request becomes a guess.",
        source: "the seed script; agno-agi/agno #5787",
        good: "\
(Ada opens a connection)
← {\"event\": \"connected\", \"requires_auth\": false}
→ {\"action\": \"ping\"}",
        bad: "\
(Ada opens a connection)
→ {\"action\": \"ping\"}
← {\"event\": \"pong\"}                            nothing said whether a token is needed",
        check: first_words,
    },
    Requirement {
        id: "GREETING-2",
        level: Level::Should,
        sentence: "`ping` is answered by `pong`, also while a run is streaming.",
        why: "A viewer behind a proxy learns from it that the line is dead, and reconnects before a person notices.",
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
        check: pong,
    },
];

fn first_words(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for visit in story.visits.iter().filter(|visit| visit.opened()) {
        let first =
            visit.entries.iter().copied().find(|entry| {
                matches!(entry.what, What::Received { .. } | What::ReceivedBinary(_))
            });
        let Some(first) = first else {
            ledger.untold(format!(
                "the server accepted {}'s connection but said nothing: is the URL that of the \
                 workflow WebSocket (`/workflows/ws`)?",
                visit.viewer
            ));
            continue;
        };
        let said = first.message().and_then(|message| message.control());
        match said {
            Some(Control::Connected {
                requires_auth: Some(_),
            }) => ledger.holds(),
            Some(Control::Connected {
                requires_auth: None,
            }) => ledger.broken(
                "`connected` with a boolean `requires_auth`",
                "`connected` without one",
                [first.number],
            ),
            _ => ledger.broken(
                "`connected` as the first message",
                describe::entry(first),
                [first.number],
            ),
        }
    }
    ledger.judgement("no connection came about: is the server up, and is the URL right?")
}

fn pong(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for visit in &story.visits {
        match visit.barred() {
            Some(_) => ledger.untold(return_view::barred(visit.viewer)),
            None => pongs_on(visit, &mut ledger),
        }
    }
    ledger.judgement("no viewer sent `ping`")
}

fn pongs_on(visit: &Visit<'_>, ledger: &mut Ledger) {
    let mut open: VecDeque<&Entry> = VecDeque::new();
    let mut answered = false;
    let mut replayed = false;
    for &entry in &visit.entries {
        let control = entry.message().and_then(|message| message.control());
        replayed |= matches!(control, Some(Control::Replay { .. }));
        match &entry.what {
            What::Sent { action, .. } if **action == Action::Ping => open.push_back(entry),
            What::Received { message, .. } if message.control() == Some(&Control::Pong) => {
                answered |= open.pop_front().is_some();
            }
            What::GaveUp { .. }
            | What::Watched(_)
            | What::CloseReceived { .. }
            | What::Ended(_) => {
                let Some(ping) = open.front() else { continue };
                let lost = !matches!(entry.what, What::GaveUp { .. } | What::Watched(_));
                if lost && replayed {
                    // Whether the close came before the ping or after it is a matter of luck.
                    ledger.untold(format!(
                        "the connection of {} was closed after a replay",
                        visit.viewer
                    ));
                } else if lost && visit.malformed().is_some() {
                    ledger.untold(format!(
                        "the connection was closed after a malformed request of {}",
                        visit.viewer
                    ));
                } else if matches!(entry.what, What::Ended(_)) {
                    ledger.untold(describe::unanswered(visit, ping.number));
                } else {
                    ledger.broken(
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
        ledger.holds();
    } else if !open.is_empty() {
        ledger.untold(format!("{} left before `pong` could come", visit.viewer));
    }
}
