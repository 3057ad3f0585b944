//! The checks of clients: each id sees a record in which it holds, one in which it is broken, and one that tells
//! nothing. Everything is seen from the client: what it "gets" is what the server has written.

use std::time::Duration;

use reconnect_acceptance::check::{CheckVerdict, registry};
use reconnect_acceptance::protocol::Position::{At, Null, Odd};
use reconnect_acceptance::protocol::{Action, Position, Side};
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{
    ClientEntry, Cut, Disconnect, EntryKind, Transcript, TurnedAway,
};
use serde_json::json;

use crate::support::{Record, Run, judge};

const ADA: &str = "Ada";

fn entry(entry: ClientEntry) -> EntryKind {
    EntryKind::Client(Box::new(entry))
}

fn run() -> Run {
    Run::new("r", 60)
}

fn tells(r: &mut Record, what: ClientEntry) {
    r.tells(ADA, entry(what));
}

/// Ada has started a run, and was sent so many of its events.
fn watching(run: &Run, events: u64) -> Record {
    let mut r = Record::new();
    r.note(ADA, 0, entry(ClientEntry::Started("viewer".to_owned())));
    r.opens(ADA).starts(ADA, Some("w"), &run.session);
    r.first(ADA, run, 0..events);
    r
}

/// The connection is cut like this once Ada has read everything.
fn cut(r: &mut Record, how: Cut) {
    tells(r, ClientEntry::Settled(Duration::from_millis(500)));
    tells(r, ClientEntry::Cut(how));
    match how {
        Cut::Dead => {}
        Cut::Close(code) => drop(r.closed_with(ADA, code)),
        Cut::Reset | Cut::MidMessage | Cut::EndOfStream => drop(r.ends(ADA)),
    }
}

fn back(r: &mut Record, position: Position) {
    r.opens(ADA).says(
        ADA,
        Action::Reconnect {
            run_id: Some("r".to_owned()),
            position,
            workflow_id: Some("w".to_owned()),
            session_id: Some(run().session),
        },
    );
}

fn exits(r: &mut Record, code: i32) {
    let last_line = String::new();
    let code = Some(code);
    r.note(ADA, 0, entry(ClientEntry::Exited { code, last_line }));
}

fn shows(r: &mut Record, events: impl IntoIterator<Item = u64>) {
    for event_index in events {
        let run = "r".to_owned();
        r.note(ADA, 0, entry(ClientEntry::Shown { run, event_index }));
    }
}

fn state(r: &mut Record, state: &str, status: Option<&str>) {
    let (state, status) = (state.to_owned(), status.map(str::to_owned));
    r.note(ADA, 0, entry(ClientEntry::State { state, status }));
}

/// Cut like this, and back with this position.
fn loss(how: Cut, position: Position) -> Record {
    let mut r = watching(&run(), 20);
    cut(&mut r, how);
    back(&mut r, position);
    r
}

/// Cut like this, and not back.
fn no_return(how: Cut) -> Record {
    let mut r = watching(&run(), 20);
    cut(&mut r, how);
    r.gives_up(ADA);
    r
}

/// Two losses, with these positions after them; control messages come in between.
fn two_losses(one: Position, other: Position) -> Record {
    let mut r = loss(Cut::Reset, one);
    let run = run();
    r.catch_up(ADA, "r", 6, 26).events(ADA, &run, 20..26);
    r.subscribed(ADA, "r", 26).events(ADA, &run, 26..30);
    cut(&mut r, Cut::Reset);
    back(&mut r, other);
    r
}

fn three_losses(last: Position) -> Record {
    let mut r = two_losses(At(19), At(29));
    r.subscribed(ADA, "r", 30).events(ADA, &run(), 30..35);
    cut(&mut r, Cut::Reset);
    back(&mut r, last);
    r
}

fn while_catching_up(position: Position) -> Record {
    let mut r = loss(Cut::Reset, At(19));
    r.catch_up(ADA, "r", 14, 34).events(ADA, &run(), 20..25);
    cut(&mut r, Cut::Reset);
    back(&mut r, position);
    r
}

fn new_event(position: Position) -> Record {
    let mut r = watching(&run(), 19);
    let event = run().own_event(19, "CriticReviewed");
    r.gets(ADA, &event);
    cut(&mut r, Cut::Reset);
    back(&mut r, position);
    r
}

fn unreadable(position: Position) -> Record {
    let mut r = cut_after_unreadable();
    back(&mut r, position);
    r
}

fn cut_after_unreadable() -> Record {
    let mut r = watching(&run(), 20);
    r.gets(ADA, "{\"event\": NaN,").first(ADA, &run(), 20..25);
    cut(&mut r, Cut::Reset);
    r
}

/// The run has ended, and the server closes.
fn ended() -> Record {
    let run = Run::new("r", 10);
    let mut r = watching(&run, 10);
    cut(&mut r, Cut::Close(1000));
    r.watches(ADA);
    r
}

fn guarded(first: Action) -> Record {
    let mut r = Record::new();
    r.note(ADA, 0, entry(ClientEntry::Started("viewer".to_owned())));
    let token = || Action::Authenticate {
        token: Some("[secret]".to_owned()),
    };
    let greeting = json!({"event": "connected", "requires_auth": true}).to_string();
    r.connects(ADA).gets(ADA, &greeting).says(ADA, token());
    r.gets(ADA, &json!({"event": "authenticated"}).to_string());
    r.starts(ADA, Some("w"), &run().session)
        .first(ADA, &run(), 0..20);
    cut(&mut r, Cut::Reset);
    r.connects(ADA).gets(ADA, &greeting).says(ADA, first);
    r
}

fn token() -> Action {
    Action::Authenticate {
        token: Some("[secret]".to_owned()),
    }
}

/// The token is refused so often.
fn refused_token(times: usize) -> Record {
    let mut r = guarded(token());
    for _ in 0..times {
        r.gets(ADA, &json!({"event": "auth_error"}).to_string());
        r.says(ADA, token());
    }
    r.watches(ADA);
    r
}

fn asked(with_token: bool) -> Record {
    let mut r = guarded(token());
    let path = "/workflows/ws".to_owned();
    tells(&mut r, ClientEntry::Asked { path, with_token });
    r
}

/// Tries that are turned away after these pauses, in milliseconds.
fn turned_away(pauses: &[u64]) -> Record {
    let mut r = watching(&run(), 20);
    cut(&mut r, Cut::Reset);
    for pause in pauses {
        // Each entry of a record comes 50 ms after the one before.
        for _ in 0..pause / 50 {
            r.note(ADA, 0, entry(ClientEntry::Outage(Duration::ZERO)));
        }
        let how = ClientEntry::TurnedAway(TurnedAway::Status(503));
        r.begins_another(ADA).tells(ADA, entry(how));
    }
    r
}

fn outage(said: &str) -> Record {
    let mut r = watching(&run(), 20);
    cut(&mut r, Cut::Reset);
    state(&mut r, said, None);
    tells(&mut r, ClientEntry::TurnedAway(TurnedAway::Closed));
    r.note(ADA, 0, entry(ClientEntry::Outage(Duration::from_secs(15))));
    r
}

fn refused(times: usize) -> Record {
    let mut r = watching(&run(), 20);
    cut(&mut r, Cut::Reset);
    for _ in 0..times {
        back(&mut r, At(19));
        r.error(ADA);
    }
    r.watches(ADA);
    r
}

/// An event is left out after the return.
fn gap() -> Record {
    let mut r = loss(Cut::Reset, At(19));
    r.catch_up(ADA, "r", 6, 26).events(ADA, &run(), 20..22);
    r.events(ADA, &run(), 23..26);
    r
}

/// Watched to this end.
fn to_the_end(run: &Run) -> Record {
    watching(run, run.events)
}

/// The run ends while Ada is away, and all comes again.
fn missed_end() -> Record {
    let mut r = loss(Cut::Reset, At(19));
    r.replay(ADA, "r", "COMPLETED", 60)
        .events(ADA, &run(), 0..60);
    r
}

fn happened(r: &mut Record) {
    let (run_id, status) = ("r".to_owned(), "COMPLETED".to_owned());
    let events = 60;
    let was = ClientEntry::RunWas {
        run_id,
        events,
        status,
    };
    r.note(ADA, 0, entry(was));
}

fn swapped() -> Record {
    let mut r = watching(&run(), 20);
    r.first(ADA, &run(), 21..22).first(ADA, &run(), 20..21);
    r
}

fn strange() -> Record {
    let mut r = watching(&run(), 20);
    r.first(ADA, &Run::new("q", 60), 30..31);
    r
}

fn with(mut r: Record, more: impl FnOnce(&mut Record)) -> Transcript {
    more(&mut r);
    r.done()
}

type Three = (&'static str, Transcript, Transcript, Transcript);

/// For each requirement: a record in which it passes, one in which it fails, and one that is inconclusive.
#[rustfmt::skip]
fn records() -> Vec<Three> {
    let still = || watching(&run(), 20).done();
    let failing = || to_the_end(&Run::failing("r", 10));
    let cancelled = || to_the_end(&Run::cancelled("r", 10));
    let paused = || to_the_end(&Run::paused("r", 10));
    let silent = || loss(Cut::Reset, At(19));
    vec![
        ("LISTEN-1", two_losses(At(19), At(29)).done(), loss(Cut::Reset, Null).done(), loss(Cut::Reset, At(19)).done()),
        ("LISTEN-2", two_losses(At(19), At(29)).done(), two_losses(At(19), At(31)).done(), loss(Cut::Reset, At(19)).done()),
        ("LISTEN-3", new_event(At(19)).done(), new_event(At(18)).done(), loss(Cut::Reset, At(19)).done()),
        ("LISTEN-4", unreadable(At(24)).done(), unreadable(At(19)).done(), loss(Cut::Reset, At(19)).done()),
        ("RETURN-1", loss(Cut::Reset, At(19)).done(), no_return(Cut::MidMessage).done(), no_return(Cut::Close(1000)).done()),
        ("RETURN-2", loss(Cut::Close(1001), At(19)).done(), no_return(Cut::Close(1012)).done(), no_return(Cut::Reset).done()),
        ("RETURN-3", loss(Cut::Dead, At(19)).done(), no_return(Cut::Dead).done(), no_return(Cut::Reset).done()),
        ("RETURN-4", loss(Cut::Reset, At(19)).done(),
            restarted(Cut::Reset).done(), no_return(Cut::Reset).done()),
        ("RETURN-5", ended().done(), with(ended(), |r| back(r, At(9))), still()),
        ("RETURN-6",
            with(watching(&run(), 20), |r| { cut(r, Cut::Dead); r.leaves(ADA, Disconnect::Reset); back(r, At(19)); r.watches(ADA); }),
            with(loss(Cut::Dead, At(19)), |r| { r.watches(ADA); }), no_return(Cut::Dead).done()),
        ("NAME-1", loss(Cut::Reset, At(19)).done(),
            with(watching(&run(), 20), |r| { cut(r, Cut::Reset); r.opens(ADA).returns(ADA, Some("agent of r"), At(19)); }), still()),
        ("NAME-2", loss(Cut::Reset, At(19)).done(),
            with(watching(&run(), 20), |r| { cut(r, Cut::Reset); r.opens(ADA).returns_by_the_run_alone(ADA, "r"); }), still()),
        ("POSITION-1", loss(Cut::Reset, Null).done(), loss(Cut::Reset, At(20)).done(), still()),
        ("POSITION-2", loss(Cut::Reset, At(19)).done(), loss(Cut::Reset, At(18)).done(),
            with(watching(&run(), 20), |r| { tells(r, ClientEntry::Cut(Cut::Reset)); back(r, At(12)); })),
        ("POSITION-3", three_losses(At(34)).done(), three_losses(At(29)).done(), loss(Cut::Reset, At(19)).done()),
        ("POSITION-4", while_catching_up(At(24)).done(), while_catching_up(At(19)).done(), loss(Cut::Reset, At(19)).done()),
        ("POSITION-5", loss(Cut::Reset, At(19)).done(), loss(Cut::Reset, Odd(json!("19"))).done(), still()),
        ("AUTH-1", guarded(token()).done(), guarded(Action::Ping).done(), still()),
        ("AUTH-2", refused_token(1).done(), refused_token(4).done(), still()),
        ("AUTH-3", asked(false).done(), asked(true).done(), still()),
        ("BACKOFF-1", turned_away(&[500, 1000, 2000, 4000]).done(), turned_away(&[0; 6]).done(), still()),
        ("BACKOFF-2", turned_away(&[500, 1000, 2000, 4000, 8000]).done(), turned_away(&[1000; 6]).done(), turned_away(&[500, 1000]).done()),
        ("BACKOFF-3", with(outage("away"), |r| back(r, At(19))), with(outage("away"), |r| exits(r, 0)), still()),
        ("ANSWER-1", with(refused(1), |r| state(r, "refused", None)), refused(4).done(), refused(1).done()),
        ("ANSWER-2", with(silent(), |r| back(r, At(19))), with(silent(), |r| { r.gives_up(ADA); }), still()),
        ("ANSWER-3", with(gap(), |r| back(r, At(21))), with(gap(), |r| { r.watches(ADA); }), still()),
        ("ENDING-1", with(failing(), |r| state(r, "ended", Some("failed"))),
            with(failing(), |r| { state(r, "live", None); r.gives_up(ADA); }), with(failing(), |r| { shows(r, 0..10); r.gives_up(ADA); })),
        ("ENDING-2", with(missed_end(), |r| exits(r, 0)),
            with(missed_end(), |r| { state(r, "live", None); r.gives_up(ADA); }), with(missed_end(), |r| { shows(r, 0..60); r.gives_up(ADA); })),
        ("ENDING-3", with(cancelled(), |r| state(r, "ended", Some("cancelled"))),
            with(cancelled(), |r| state(r, "ended", Some("completed"))), with(cancelled(), |r| exits(r, 0))),
        ("ENDING-4", with(paused(), |r| state(r, "paused", None)),
            with(paused(), |r| state(r, "ended", Some("completed"))), with(paused(), |r| exits(r, 0))),
        ("SHOWN-1", with(missed_end(), |r| { shows(r, 0..60); exits(r, 0); }),
            with(missed_end(), |r| { shows(r, 0..20); shows(r, 0..60); }), with(missed_end(), |r| exits(r, 0))),
        ("SHOWN-2", with(swapped(), |r| { shows(r, 0..22); exits(r, 0); }),
            with(swapped(), |r| shows(r, (0..20).chain([21, 20]))), with(swapped(), |r| exits(r, 0))),
        ("SHOWN-3", with(missed_end(), |r| { shows(r, 0..60); happened(r); }),
            with(missed_end(), |r| { shows(r, (0..20).chain(26..60)); happened(r); }), with(missed_end(), happened)),
        ("SHOWN-4", with(strange(), |r| { shows(r, 0..20); exits(r, 0); }),
            with(strange(), |r| shows(r, (0..20).chain([30]))), with(strange(), |r| exits(r, 0))),
        ("SHOWN-5", outage("away").done(), outage("live").done(), still()),
    ]
}

#[test]
fn each_requirement_of_clients_passes_fails_and_is_inconclusive() {
    let records = records();
    let ids: Vec<String> = registry::of(Side::Client)
        .map(|it| it.id.replace("CLIENT-", ""))
        .collect();
    let mut missing = ids.clone();
    missing.retain(|id| !records.iter().any(|(of, ..)| of == id));
    assert_eq!(missing, Vec::<String>::new(), "no records for these");
    let mut wrong = Vec::new();
    for (id, passes, fails, open) in &records {
        let id = format!("CLIENT-{id}");
        let word = |record| match judge(&id, record) {
            CheckVerdict::Passed => "passed".to_owned(),
            CheckVerdict::Failed(findings) => {
                for it in &findings {
                    assert!((1..=8).contains(&it.evidence.len()), "{id}: {it:?}");
                }
                "failed".to_owned()
            }
            CheckVerdict::Inconclusive(reason) => format!("inconclusive: {reason}"),
        };
        let all = [word(passes), word(fails), word(open)];
        if all[0] != "passed" || all[1] != "failed" || !all[2].starts_with("inconclusive") {
            wrong.push(format!("{id}: {all:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A loss after which Ada starts the run again instead of returning to it.
fn restarted(cut_as: Cut) -> Record {
    let mut r = watching(&run(), 20);
    cut(&mut r, cut_as);
    r.opens(ADA).starts(ADA, Some("w"), "s");
    r
}

#[test]
fn who_starts_again_has_not_come_back() {
    for (id, how) in [
        ("CLIENT-RETURN-1", Cut::Reset),
        ("CLIENT-RETURN-2", Cut::Close(1001)),
        ("CLIENT-RETURN-3", Cut::Dead),
    ] {
        let verdict = judge(id, &restarted(how).done());
        assert!(
            matches!(&verdict, CheckVerdict::Inconclusive(why) if why.contains("CLIENT-RETURN-4")),
            "{id}: {verdict:?}"
        );
    }
    let after_an_outage = with(outage("away"), |r| {
        r.opens(ADA).starts(ADA, Some("w"), "s");
    });
    let verdict = judge("CLIENT-BACKOFF-3", &after_an_outage);
    assert!(
        matches!(verdict, CheckVerdict::Inconclusive(_)),
        "{verdict:?}"
    );
}

/// Nobody sees who comes to a closed port, so who gives up there may have tried as well as anybody.
#[test]
fn who_gives_up_at_a_closed_port_has_not_come_back_after_the_outage_and_no_more_is_said() {
    let mut r = watching(&run(), 20);
    cut(&mut r, Cut::Reset);
    exits(&mut r, 1);
    r.note(ADA, 0, entry(ClientEntry::Outage(Duration::from_secs(15))));
    let transcript = r.done();
    let verdict = judge("CLIENT-BACKOFF-3", &transcript);
    assert!(matches!(verdict, CheckVerdict::Failed(_)), "{verdict:?}");
    for id in ["CLIENT-RETURN-1", "CLIENT-BACKOFF-1", "CLIENT-BACKOFF-2"] {
        let verdict = judge(id, &transcript);
        assert!(
            matches!(verdict, CheckVerdict::Inconclusive(_)),
            "{id}: {verdict:?}"
        );
    }
}

#[test]
fn what_becomes_of_a_client_after_a_loss_is_no_matter_of_the_message_before() {
    let judged =
        |more: fn(&mut Record)| judge("CLIENT-LISTEN-4", &with(cut_after_unreadable(), more));
    let verdict = judged(|r| exits(r, 1));
    assert!(
        matches!(&verdict, CheckVerdict::Inconclusive(why) if why.contains("CLIENT-RETURN-1")),
        "{verdict:?}"
    );
    let verdict = judged(|r| {
        shows(r, 20..25);
        exits(r, 1);
    });
    assert_eq!(verdict, CheckVerdict::Passed);
}

#[test]
fn who_asks_for_an_event_that_never_came_has_not_lost_their_position() {
    let judged = |missing: u64| {
        let mut r = loss(Cut::Reset, At(19));
        let run = run();
        r.catch_up(ADA, "r", 6, 26).events(ADA, &run, 20..missing);
        r.events(ADA, &run, missing + 1..26)
            .subscribed(ADA, "r", 26);
        cut(&mut r, Cut::Reset);
        back(&mut r, At(21));
        judge("CLIENT-POSITION-2", &r.done())
    };
    let asked = judged(22);
    // The first loss shows the position; the second nothing.
    assert_eq!(asked, CheckVerdict::Passed);
    let lost = judged(24);
    assert!(matches!(lost, CheckVerdict::Failed(_)), "{lost:?}");
}

#[test]
fn who_was_let_in_between_two_outages_begins_with_short_pauses_again() {
    let mut r = turned_away(&[500, 1000]);
    back(&mut r, At(19));
    cut(&mut r, Cut::Reset);
    for _ in 0..3 {
        let how = ClientEntry::TurnedAway(TurnedAway::Status(503));
        r.begins_another(ADA).tells(ADA, entry(how));
    }
    let verdict = judge("CLIENT-BACKOFF-2", &r.done());
    assert!(
        matches!(verdict, CheckVerdict::Inconclusive(_)),
        "{verdict:?}"
    );
}

#[test]
fn who_ends_with_the_run_went_on_after_what_they_could_not_read() {
    let judged = |more: fn(&mut Record)| {
        let mut r = watching(&run(), 20);
        r.gets(ADA, "{\"event\": NaN,").first(ADA, &run(), 20..60);
        judge("CLIENT-LISTEN-4", &with(r, more))
    };
    let verdict = judged(|r| {
        shows(r, 0..60);
        exits(r, 0);
    });
    assert_eq!(verdict, CheckVerdict::Passed);
    let verdict = judged(|r| exits(r, 0));
    assert!(
        matches!(verdict, CheckVerdict::Inconclusive(_)),
        "{verdict:?}"
    );
}

#[test]
fn what_a_server_keeps_back_is_not_held_against_the_client() {
    let judged = |more: fn(&mut Record)| {
        let mut r = loss(Cut::Reset, At(19));
        shows(&mut r, 0..20);
        judge(
            "CLIENT-SHOWN-3",
            &with(r, |r| {
                more(r);
                happened(r);
            }),
        )
    };
    let silent = judged(|_| ());
    let broken_off = judged(|r| {
        r.catch_up(ADA, "r", 6, 26).events(ADA, &run(), 20..23);
    });
    for verdict in [silent, broken_off] {
        assert!(
            matches!(&verdict, CheckVerdict::Inconclusive(why) if why.contains("last return")),
            "{verdict:?}"
        );
    }
    let told = judged(|r| {
        r.catch_up(ADA, "r", 40, 60).events(ADA, &run(), 20..60);
    });
    assert!(matches!(told, CheckVerdict::Failed(_)), "{told:?}");
}

#[test]
fn leaving_tells_of_a_refusal_only_with_another_exit_code_than_a_run_that_completes() {
    let judged = |more: fn(&mut Record)| judge("CLIENT-ANSWER-1", &with(refused(1), more));
    assert_eq!(judged(|r| exits(r, 1)), CheckVerdict::Passed);
    for open in [
        judged(|r| exits(r, 0)),
        // It says nothing of states.
        judged(|r| shows(r, 0..20)),
    ] {
        assert!(matches!(open, CheckVerdict::Inconclusive(_)), "{open:?}");
    }
    let ended = judged(|r| {
        state(r, "ended", Some("completed"));
        exits(r, 0);
    });
    assert!(matches!(ended, CheckVerdict::Failed(_)), "{ended:?}");
}

#[test]
fn a_client_that_tells_of_events_alone_tells_nothing_of_states() {
    for (id, mut r) in [
        ("CLIENT-ENDING-3", to_the_end(&Run::cancelled("r", 10))),
        ("CLIENT-ENDING-4", to_the_end(&Run::paused("r", 10))),
    ] {
        shows(&mut r, 0..10);
        r.gives_up(ADA);
        let verdict = judge(id, &r.done());
        assert!(
            matches!(verdict, CheckVerdict::Inconclusive(_)),
            "{id}: {verdict:?}"
        );
    }
}

#[test]
fn a_record_about_a_client_is_judged_by_the_rules_for_clients_alone() {
    let record = loss(Cut::Reset, At(19)).done();
    let verdicts = registry::judge(&Trace::of(&record));
    assert_eq!(verdicts.len(), registry::of(Side::Client).count());
    assert!(verdicts.iter().all(|(id, _)| id.starts_with("CLIENT-")));
}

#[test]
fn a_client_that_was_started_and_did_nothing_passes_nothing() {
    let mut r = Record::new();
    r.note(ADA, 0, entry(ClientEntry::Started("true".to_owned())));
    exits(&mut r, 0);
    let record = r.done();
    for (id, verdict) in registry::judge(&Trace::of(&record)) {
        assert!(
            matches!(verdict, CheckVerdict::Inconclusive(_)),
            "{id}: {verdict:?}"
        );
    }
}

#[test]
fn the_catalogue_of_clients_is_whole() {
    for requirement in registry::of(Side::Client) {
        let id = requirement.id;
        let harm = requirement.harm;
        assert!(requirement.sentence.ends_with('.'), "{id}");
        assert!(harm.ends_with('.') && harm.len() <= 120, "{id}: {harm}");
        assert!(!harm.contains(['`', '_', '{']), "{id}: {harm}");
        for exchange in [requirement.good, requirement.bad] {
            assert!((1..=8).contains(&exchange.lines().count()), "{id}");
            let starts = ['→', '←', '('];
            assert!(exchange.lines().all(|it| it.starts_with(starts)), "{id}");
        }
    }
}
