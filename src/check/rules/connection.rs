//! LIVENESS and CLOSE: the connection itself.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::trace::{Story, Visit};
use crate::transcript::{Entry, Leaving, What};

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "CLOSE-1",
        level: Level::Should,
        sentence: "The server answers a closing handshake with one of its own.",
        why: "A connection that is not closed properly lingers, and enough of them bring a server down.",
        source: "RFC 6455, section 7",
        good: "\
→ close frame, 1000
← close frame, 1000
(the server closes the TCP connection)",
        bad: "\
→ close frame, 1000
(the connection breaks off without a close frame)",
        check: close,
    },
    Requirement {
        id: "LIVENESS-1",
        level: Level::Must,
        sentence: "No request is met by endless silence: an answer or a close comes within the time limit.",
        why: "A person can act on an error. They can't act on a spinner.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", …}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
(nothing, for longer than the time limit)",
        check: no_silence,
    },
];

fn no_silence(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for visit in &story.visits {
        silences_on(visit, &mut ledger);
    }
    ledger.judgement("nothing was asked for, or nobody waited for the answer")
}

fn silences_on(visit: &Visit<'_>, ledger: &mut Ledger) {
    let mut open: Option<&Entry> = None;
    let mut vain: Option<(&Entry, &Entry)> = None;
    let mut further = 0;
    for &entry in &visit.entries {
        match &entry.what {
            // What is no request of the protocol is a matter of MALFORMED-1.
            What::Sent { .. } if !entry.is_malformed() => open = Some(entry),
            What::Received { .. } | What::ReceivedBinary(_) if open.take().is_some() => {
                ledger.holds();
            }
            What::CloseReceived { .. } => open = None,
            What::Ended(_) => {
                if let Some(request) = open.take() {
                    ledger.untold(describe::unanswered(visit, request.number));
                }
            }
            What::GaveUp { .. } => match (open.take(), vain) {
                (Some(request), None) => vain = Some((request, entry)),
                (Some(_), Some(_)) => further += 1,
                (None, _) => {}
            },
            _ => {}
        }
    }
    if let Some((request, silence)) = vain {
        ledger.broken(
            "an answer or a close",
            format!("{}{}", describe::entry(silence), describe::more(further)),
            [request.number, silence.number],
        );
    }
}

/// Whether a wait in vain after the viewer had left was no silence: messages came until late in it, so that
/// what was waited for may have been on its way behind them, on a slow line.
fn is_behind(visit: &Visit<'_>, end: &Entry) -> bool {
    let What::GaveUp { after, .. } = &end.what else {
        return false;
    };
    let late = end.at().saturating_sub(*after / 2);
    visit
        .afterwards
        .iter()
        .any(|entry| entry.number < end.number && entry.at() > late && entry.message().is_some())
}

fn close(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for visit in &story.visits {
        let leaving = visit
            .left()
            .filter(|left| matches!(left.what, What::Left(Leaving::Politely)));
        let Some(leaving) = leaving.filter(|_| visit.lost().is_none()) else {
            continue;
        };
        let end = visit.afterwards.iter().copied().find(|entry| {
            matches!(
                entry.what,
                What::CloseReceived { .. } | What::Ended(_) | What::GaveUp { .. }
            )
        });
        match end {
            Some(entry) if matches!(entry.what, What::CloseReceived { .. }) => {
                if visit.heard().next().is_some() {
                    ledger.holds();
                }
            }
            Some(entry) if is_behind(visit, entry) => ledger.untold(format!(
                "messages still came to {} when the suite hung up, and the server's close frame may have been \
                 behind them",
                visit.viewer
            )),
            Some(entry) => ledger.broken(
                "a close frame in answer to the closing handshake",
                describe::entry(entry),
                [leaving.number, entry.number],
            ),
            None => ledger.untold(format!(
                "nobody saw what came after {} had left",
                visit.viewer
            )),
        }
    }
    ledger.judgement("no viewer left with a closing handshake")
}
