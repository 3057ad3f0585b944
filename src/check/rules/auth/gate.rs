//! Whether the door is shut that the greeting, or HTTP, shows as shut.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::auth::unauthenticated::{Fate, before_any_token};
use crate::trace::{Story, Visit};
use crate::transcript::{Entry, What};

/// Whether the viewer of this visit had authenticated on an earlier one.
fn is_known(story: &Story<'_>, visit: &Visit<'_>) -> bool {
    let earlier = |other: &&Visit<'_>| other.viewer == visit.viewer && other.number < visit.number;
    let mut earlier = story.visits.iter().filter(earlier);
    earlier.any(|visit| visit.guarded() == Some(true) && visit.authenticated().is_some())
}

pub(crate) fn strangers(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for visit in &story.visits {
        if visit.guarded() == Some(true) && !is_known(story, visit) {
            shut(visit, &mut ledger);
        }
    }
    ledger.judgement("no stranger came to a server whose greeting asks for a token")
}

pub(crate) fn returning(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for visit in story.visits.iter().filter(|visit| is_known(story, visit)) {
        match visit.guarded() {
            Some(true) => shut(visit, &mut ledger),
            Some(false) => {
                if let Some(greeting) = visit.heard().next() {
                    ledger.broken(
                        "a greeting that asks for a token, as on the viewer's connection before",
                        "a greeting that asks for none",
                        [greeting.number],
                    );
                }
            }
            None => {}
        }
    }
    ledger.judgement("nobody who had authenticated came back")
}

/// Notes whether everything that was asked for before authentication was answered by
/// `auth_required` alone.
fn shut(visit: &Visit<'_>, ledger: &mut Ledger) {
    let requests = before_any_token(visit);
    if requests.is_empty() {
        ledger.untold(format!(
            "{} asked for nothing before authenticating",
            visit.viewer
        ));
    }
    for request in requests {
        match request.fate {
            Fate::Barred => ledger.holds(),
            Fate::Effect(entry) | Fate::Other(entry) | Fate::Vain(entry) => ledger.broken(
                "`auth_required`, and nothing else, before `authenticate`",
                describe::entry(entry),
                [request.entry.number, entry.number],
            ),
            Fate::Open => ledger.untold(describe::unanswered(visit, request.entry.number)),
        }
    }
}

/// The path whose refusal shows that a token is asked for.
const ASKED: &str = "/workflows";

pub(crate) fn as_over_http(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let Some(refusal) = refusal(story) else {
        return ledger.judgement("over HTTP nobody was refused for want of a token");
    };
    for visit in story.visits.iter().filter(|visit| visit.opened()) {
        for request in before_any_token(visit) {
            match request.fate {
                Fate::Effect(entry) => ledger.broken(
                    "`auth_required`, since the server asks for a token over HTTP",
                    describe::entry(entry),
                    [refusal.number, request.entry.number, entry.number],
                ),
                Fate::Barred => ledger.holds(),
                // It asked when it greeted.
                Fate::Other(_) | Fate::Vain(_) if visit.guarded() == Some(true) => ledger.holds(),
                Fate::Other(entry) | Fate::Vain(entry) => ledger.untold(format!(
                    "{} came without a token, and got {}",
                    visit.viewer,
                    describe::entry(entry)
                )),
                Fate::Open => ledger.untold(describe::unanswered(visit, request.entry.number)),
            }
        }
    }
    ledger.judgement("nobody asked for anything on a WebSocket without a token")
}

/// The first answer over HTTP that refused a request without a token.
fn refusal<'t>(story: &Story<'t>) -> Option<&'t Entry> {
    let entries = story.transcript.entries();
    entries.iter().enumerate().find_map(|(at, asked)| {
        let What::Asked {
            method,
            path,
            with_token: false,
        } = &asked.what
        else {
            return None;
        };
        if method != "GET" || path != ASKED {
            return None;
        }
        let answer = entries
            .skip(at + 1)
            .iter()
            .find(|entry| entry.visit == 0 && entry.viewer == asked.viewer)?;
        matches!(
            answer.what,
            What::Answered {
                status: 401 | 403,
                ..
            }
        )
        .then_some(answer)
    })
}
