//! What wrong tokens open.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::auth::unauthenticated::{Fate, is_authenticate, requests};
use crate::protocol::action::WRONG_TOKEN;
use crate::protocol::{Action, Control};
use crate::trace::{Story, Visit};
use crate::transcript::{Entry, What};

pub(crate) fn wrong(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for visit in &story.visits {
        if visit.guarded() == Some(true) {
            tried_on(visit, &mut ledger);
        }
    }
    ledger.judgement("nobody tried a wrong token where the greeting asks for one")
}

fn tried_on(visit: &Visit<'_>, ledger: &mut Ledger) {
    let tries: Vec<usize> = (0..visit.entries.len())
        .filter(|at| is_authenticate(visit.entries[*at]))
        .collect();
    for (place, &at) in tries.iter().enumerate() {
        // What a wrong token does after the right one is the server's choice.
        let tried = visit.entries[at];
        if !is_wrong(tried) {
            return;
        }
        let until = tries.get(place + 1).copied();
        let until = until.unwrap_or(visit.entries.len());
        let answer = visit.entries[at + 1..until].iter().copied().find(answers);
        match answer {
            Some(answer) if is(answer, &Control::AuthError) => {
                opened(visit, (at, until), [tried, answer], ledger);
            }
            Some(answer) => ledger.broken(
                "`auth_error` in answer to a wrong token",
                describe::entry(answer),
                [tried.number, answer.number],
            ),
            None => ledger.untold(describe::unanswered(visit, tried.number)),
        }
    }
}

/// Notes whether anything was to be had after a refused token.
fn opened(
    visit: &Visit<'_>,
    (from, until): (usize, usize),
    refused: [&Entry; 2],
    ledger: &mut Ledger,
) {
    let requests = requests(visit, from, until);
    if requests.is_empty() {
        ledger.untold(format!(
            "{} asked for nothing after the wrong token",
            visit.viewer
        ));
    }
    for request in requests {
        match request.fate {
            Fate::Effect(entry) => ledger.broken(
                "nothing but `auth_required` after a wrong token",
                describe::entry(entry),
                refused
                    .map(|entry| entry.number)
                    .into_iter()
                    .chain([request.entry.number, entry.number]),
            ),
            // Whether it was refused in the right words is a matter of AUTH-1.
            Fate::Barred | Fate::Other(_) | Fate::Vain(_) => ledger.holds(),
            Fate::Open => ledger.untold(describe::unanswered(visit, request.entry.number)),
        }
    }
}

/// Whether the entry may answer `authenticate`.
fn answers(entry: &&Entry) -> bool {
    match &entry.what {
        What::Received { message, .. } => !matches!(
            message.control(),
            Some(Control::Connected { .. } | Control::Other { .. })
        ),
        What::ReceivedBinary(_) | What::GaveUp { .. } | What::CloseReceived { .. } => true,
        _ => false,
    }
}

fn is(entry: &Entry, control: &Control) -> bool {
    entry.message().and_then(|message| message.control()) == Some(control)
}

fn is_wrong(entry: &Entry) -> bool {
    match entry.action() {
        Some(Action::Authenticate { token }) => {
            matches!(token.as_deref(), None | Some("" | WRONG_TOKEN))
        }
        _ => false,
    }
}
