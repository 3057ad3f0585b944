//! The checks of clients over HTTP, where nothing shows what a client had read before its connection broke, but where a
//! clean end of the stream is seen after all that came before it.

use reconnect_acceptance::check::CheckVerdict;
use reconnect_acceptance::protocol::Action;
use reconnect_acceptance::protocol::Component::Workflow;
use reconnect_acceptance::protocol::Position::{self, Absent, At, Odd};
use reconnect_acceptance::transcript::entry::ShownToken;
use reconnect_acceptance::transcript::{ClientEntry, Cut, Disconnect, EntryKind, Transcript};
use serde_json::json;

use super::over_http::{asks, ends, posts};
use crate::support::{Record, Run, judge};

const ADA: &str = "Ada";
const PASSED: &str = "passed";
const FAILED: &str = "failed";
const NOT_READ: &str = "inconclusive: over HTTP nothing shows what had reached Ada before the connection broke; after a clean end of the stream it is known";

fn run() -> Run {
    Run::new("r", 60)
}

fn client(r: &mut Record, entry: ClientEntry) {
    r.tells(ADA, EntryKind::Client(Box::new(entry)));
}

fn starts(r: &mut Record, token: Option<ShownToken>, status: u16) {
    let action = Action::Start {
        workflow_id: Some("w".to_owned()),
        message: json!("go"),
        session_id: Some(run().session),
    };
    asked(r, &action, token, status);
}

/// A request with this token, and its answer.
fn asked(r: &mut Record, action: &Action, token: Option<ShownToken>, status: u16) {
    posts(r, ADA, Workflow, action);
    if let Some(token) = token {
        r.tells(ADA, EntryKind::ShowsToken(token));
    }
    r.tells(ADA, answer(status));
}

fn answer(status: u16) -> EntryKind {
    match status {
        200 => EntryKind::Opened,
        status => EntryKind::refused(status, "no"),
    }
}

fn judged() -> Record {
    let mut r = Record::new();
    let started = ClientEntry::Started("viewer".to_owned());
    r.note(ADA, 0, EntryKind::Client(Box::new(started)));
    r
}

/// Ada has started a run, and was sent so many of its events.
fn watching(events: u64) -> Record {
    let mut r = judged();
    starts(&mut r, None, 200);
    r.first(ADA, &run(), 0..events);
    r
}

fn cut(r: &mut Record, how: Cut) {
    client(r, ClientEntry::Cut(how));
    match how {
        Cut::Dead => {}
        Cut::EndOfStream => ends(r, ADA),
        Cut::Reset | Cut::MidMessage | Cut::Close(_) => {
            r.ends(ADA);
        }
    }
}

fn back(r: &mut Record, position: Position) {
    asks(r, ADA, position);
    r.tells(ADA, EntryKind::Opened);
}

/// Cut like this, and back with this position.
fn loss(how: Cut, position: Position) -> Record {
    let mut r = watching(20);
    cut(&mut r, how);
    back(&mut r, position);
    r
}

fn no_return(how: Cut) -> Record {
    let mut r = watching(20);
    cut(&mut r, how);
    r.gives_up(ADA);
    r
}

/// Cut like this while catching up, and back with this position.
fn while_catching_up(how: Cut, position: Position) -> Record {
    let mut r = loss(how, At(19));
    r.catch_up(ADA, "r", 14, 34).first(ADA, &run(), 20..25);
    cut(&mut r, how);
    back(&mut r, position);
    r
}

/// Three losses like this; the last two returns are with these positions.
fn three_losses(how: Cut, second: u64, third: u64) -> Record {
    let mut r = loss(how, At(19));
    r.catch_up(ADA, "r", 6, 26).first(ADA, &run(), 20..26);
    r.subscribed(ADA, "r", 26).first(ADA, &run(), 26..30);
    cut(&mut r, how);
    back(&mut r, At(second));
    r.subscribed(ADA, "r", 30).first(ADA, &run(), 30..35);
    cut(&mut r, how);
    back(&mut r, At(third));
    r
}

/// The run has ended, and its stream with it.
fn ended() -> Record {
    let mut r = watching(60);
    ends(&mut r, ADA);
    r
}

/// Requests that come with these tokens, after a start with this one whose answer has this status.
fn with_tokens(first: (ShownToken, u16), others: &[(ShownToken, u16)]) -> Record {
    let mut r = judged();
    starts(&mut r, Some(first.0), first.1);
    if first.1 == 200 {
        r.first(ADA, &run(), 0..20);
        cut(&mut r, Cut::Reset);
    }
    for (token, status) in others {
        let action = Action::Reconnect {
            run_id: Some("r".to_owned()),
            position: At(19),
            workflow_id: Some("w".to_owned()),
            session_id: None,
        };
        asked(&mut r, &action, Some(*token), *status);
    }
    r.watches(ADA);
    r
}

fn watched(r: &mut Record) {
    r.watches(ADA);
}

fn with(mut r: Record, more: impl FnOnce(&mut Record)) -> Record {
    more(&mut r);
    r
}

/// A request that is refused by an `error`, after which the stream ends.
fn refused(times: usize) -> Record {
    let mut r = watching(20);
    cut(&mut r, Cut::Reset);
    for _ in 0..times {
        back(&mut r, At(19));
        r.error(ADA);
        ends(&mut r, ADA);
    }
    r.watches(ADA);
    r
}

/// The id of a requirement, a record, and the verdict on it.
fn records() -> Vec<(&'static str, Record, &'static str)> {
    use Cut::{Dead, EndOfStream, MidMessage, Reset};
    use ShownToken::{None as NoToken, Own};
    vec![
        ("POSITION-1", loss(Reset, At(12)), PASSED),
        ("POSITION-1", loss(Reset, At(20)), FAILED),
        ("POSITION-2", loss(Reset, At(19)), PASSED),
        ("POSITION-2", loss(Reset, At(18)), NOT_READ),
        ("POSITION-2", loss(MidMessage, Absent), NOT_READ),
        ("POSITION-2", loss(Reset, At(20)), FAILED),
        ("POSITION-2", loss(EndOfStream, At(19)), PASSED),
        ("POSITION-2", loss(EndOfStream, At(18)), FAILED),
        ("POSITION-2", loss(EndOfStream, Absent), FAILED),
        ("POSITION-3", three_losses(EndOfStream, 29, 34), PASSED),
        ("POSITION-3", three_losses(EndOfStream, 19, 19), FAILED),
        ("POSITION-3", three_losses(Reset, 19, 19), NOT_READ),
        ("POSITION-4", while_catching_up(EndOfStream, At(24)), PASSED),
        ("POSITION-4", while_catching_up(EndOfStream, At(19)), FAILED),
        ("POSITION-4", while_catching_up(Reset, At(24)), PASSED),
        ("POSITION-4", while_catching_up(Reset, At(19)), NOT_READ),
        ("POSITION-5", loss(Reset, Absent), PASSED),
        ("POSITION-5", loss(Reset, Odd(json!("null"))), FAILED),
        ("LISTEN-2", three_losses(EndOfStream, 29, 34), PASSED),
        ("LISTEN-2", three_losses(EndOfStream, 31, 36), FAILED),
        ("RETURN-1", loss(MidMessage, At(19)), PASSED),
        ("RETURN-1", no_return(MidMessage), FAILED),
        ("RETURN-1", no_return(Reset), FAILED),
        ("RETURN-2", loss(EndOfStream, At(19)), PASSED),
        ("RETURN-2", no_return(EndOfStream), FAILED),
        ("RETURN-3", loss(Dead, At(19)), PASSED),
        ("RETURN-3", no_return(Dead), FAILED),
        (
            "RETURN-4",
            with(no_return(EndOfStream), |r| starts(r, None, 200)),
            FAILED,
        ),
        ("RETURN-4", loss(EndOfStream, At(19)), PASSED),
        ("RETURN-5", with(ended(), watched), PASSED),
        ("RETURN-5", with(ended(), |r| back(r, At(59))), FAILED),
        (
            "RETURN-6",
            with(watching(20), |r| {
                cut(r, Dead);
                r.leaves(ADA, Disconnect::Close);
                back(r, At(19));
            }),
            PASSED,
        ),
        ("RETURN-6", with(loss(Dead, At(19)), watched), FAILED),
        ("ANSWER-1", refused(4), FAILED),
        ("AUTH-1", with_tokens((Own, 200), &[(Own, 200)]), PASSED),
        ("AUTH-1", with_tokens((Own, 200), &[(NoToken, 401)]), FAILED),
        // Nobody had told Ada that a token is asked for.
        (
            "AUTH-1",
            with_tokens((NoToken, 401), &[(Own, 200), (Own, 200)]),
            PASSED,
        ),
        (
            "AUTH-1",
            with_tokens((Own, 200), &[]),
            "inconclusive: Ada did not ask twice on a server that asks for a token",
        ),
        ("AUTH-2", with_tokens((Own, 200), &[(Own, 401)]), PASSED),
        ("AUTH-2", with_tokens((Own, 200), &[(Own, 401); 4]), FAILED),
        // Without a token none is refused.
        (
            "AUTH-2",
            with_tokens((Own, 200), &[(NoToken, 401); 4]),
            "inconclusive: no token was refused",
        ),
        ("AUTH-3", with_tokens((Own, 200), &[(Own, 200)]), PASSED),
    ]
}

fn verdict(id: &str, record: &Transcript) -> String {
    match judge(&format!("CLIENT-{id}"), record) {
        CheckVerdict::Passed => PASSED.to_owned(),
        CheckVerdict::Failed(_) => FAILED.to_owned(),
        CheckVerdict::Inconclusive(reason) => format!("inconclusive: {reason}"),
    }
}

#[test]
fn each_loss_over_http_shows_what_is_certain_and_no_more() {
    let mut wrong = Vec::new();
    for (number, (id, record, expected)) in records().into_iter().enumerate() {
        let came = verdict(id, &record.done());
        if came != expected {
            wrong.push(format!("{id}, record {number}: {came}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
