//! What a conforming server says is never called broken, and one change to it is always noticed.

use crate::support::{
    Inner, Plan, Returning, Stay, deliveries, edited, failed, holding, judge, retold,
};
use proptest::prelude::*;
use reconnect_acceptance::check::{CheckVerdict, registry};
use reconnect_acceptance::protocol::Decoder;
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{Disconnect, EntryKind, Transcript};

fn disconnect() -> impl Strategy<Value = Disconnect> {
    prop::sample::select(&Disconnect::ALL[..])
}

fn stay() -> impl Strategy<Value = Stay> {
    let position = prop_oneof![
        4 => Just(Returning::WithPosition),
        1 => Just(Returning::WithNull),
        1 => Just(Returning::Without),
    ];
    (0..6_u64, position, 0..12_u64, disconnect(), any::<bool>()).prop_map(
        |(away, position, watched, disconnect, held)| Stay {
            away,
            position,
            watched,
            disconnect,
            held,
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        3..40_u64,
        any::<bool>(),
        1..40_u64,
        disconnect(),
        prop::collection::vec(stay(), 0..6),
        any::<bool>(),
        prop::sample::select(&[Inner::No, Inner::Named, Inner::Unnamed][..]),
    )
        .prop_map(
            |(events, failing, cut, disconnect, stays, pings, inner)| Plan {
                events,
                failing,
                cut,
                disconnect,
                stays,
                pings,
                inner,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_broken_in_a_conforming_record(plan in plan()) {
        let record = plan.record();
        // Events that name only an inner run break that requirement, and no other.
        let found = failed(&record);
        let unnamed = plan.inner == Inner::Unnamed;
        prop_assert!(found.is_empty() || unnamed && found == ["START-5"], "{:?}", found);
        let holding = holding(&record);
        prop_assert!(unnamed || holding.contains(&"START-5"));
        for id in ["GREETING-1", "GREETING-2", "START-1", "START-4", "CONTENT-2",
                   "REFUSAL-1", "REFUSAL-2", "REFUSAL-3", "LIVENESS-1", "CLOSE-1"] {
            prop_assert!(holding.contains(&id), "{} does not hold", id);
        }
        if plan.cut >= plan.events {
            prop_assert!(holding.contains(&"START-2") && holding.contains(&"START-3"));
        }
        // The position of every first return to a run under way.
        let mut happened = plan.cut.min(plan.events);
        let mut seen = happened;
        for stay in &plan.stays {
            happened = (happened + stay.away).min(plan.events);
            if happened == plan.events {
                break;
            }
            let missed = happened - seen;
            let until = (happened + stay.watched).min(plan.events);
            let ids: &[&str] = match stay.position {
                Returning::WithPosition if missed == 0 => &["CATCHUP-6", "CATCHUP-7", "CATCHUP-8"],
                Returning::WithPosition => &["CATCHUP-1", "CATCHUP-2", "CATCHUP-3", "CATCHUP-4",
                    "CATCHUP-7"],
                Returning::WithNull if until > happened => &["HISTORY-1"],
                Returning::Without if until > happened => &["HISTORY-2"],
                _ => &[],
            };
            for id in ids {
                prop_assert!(holding.contains(id), "{} does not hold", id);
            }
            if until == plan.events && stay.position == Returning::WithPosition {
                prop_assert!(holding.contains(&"CATCHUP-5"));
                prop_assert!(!plan.failing || holding.contains(&"FAILING-1"));
            }
            (happened, seen) = (until, until);
        }
        if happened == plan.events {
            for id in ["REPLAY-1", "REPLAY-2", "REPLAY-3", "REPLAY-4", "REPLAY-5", "IDENTITY-1",
                       "IDENTITY-2", "START-3"] {
                prop_assert!(holding.contains(&id), "{} does not hold", id);
            }
            prop_assert!(!plan.failing || holding.contains(&"FAILING-2"));
        }
    }

    /// A record that is cut off anywhere proves nothing against the server.
    #[test]
    fn nothing_is_broken_in_the_beginning_of_a_conforming_record(plan in plan(), at in any::<prop::sample::Index>()) {
        let record = plan.record();
        let length = at.index(record.entries().len() + 1);
        let beginning = edited(&record, |entries| entries.truncate(length));
        let found = failed(&beginning);
        let unnamed = plan.inner == Inner::Unnamed;
        prop_assert!(found.is_empty() || unnamed && found == ["START-5"], "{:?}", found);
    }

    #[test]
    fn any_record_is_judged_without_a_panic(record in garbage()) {
        let trace = Trace::of(&record);
        for requirement in registry::all() {
            let _ = (requirement.check)(&trace);
        }
    }
}

/// Entries of conforming records and hostile ones, in any order, of any viewer.
fn garbage() -> impl Strategy<Value = Transcript> {
    let hostile = prop_oneof![
        Just(String::new()),
        Just("{".repeat(10_000)),
        Just(r#"{"event": "RunContent", "event_index": 18446744073709551615, "run_id": "r"}"#.to_owned()),
        Just(r#"{"event": "catch_up", "run_id": "r", "missed_events": 18446744073709551615, "current_event_count": 0}"#.to_owned()),
        Just(r#"{"event": "replay", "total_events": 18446744073709551615}"#.to_owned()),
        Just(r#"{"event": "subscribed", "current_event_count": 18446744073709551615}"#.to_owned()),
        Just(r#"{"event": "error"}"#.to_owned()),
        Just(r#"{"event": "auth_required"}"#.to_owned()),
        Just(r#"{"event": "RunContent", "event_index": -1, "run_id": ""}"#.to_owned()),
        Just(r#"{"event": "reconnect", "action": "reconnect", "run_id": "r", "last_event_index": 18446744073709551615}"#.to_owned()),
        "\\PC{0,40}",
    ];
    let picks = prop::collection::vec(
        (
            any::<prop::sample::Index>(),
            prop::option::weighted(0.3, hostile),
            0..3_u32,
        ),
        0..80,
    );
    (plan(), picks).prop_map(|(plan, picks)| {
        let record = plan.record();
        edited(&record, |entries| {
            let from = std::mem::take(entries);
            for (pick, hostile, connection) in picks {
                let mut entry = from[pick.index(from.len())].clone();
                entry.connection = connection;
                if let Some(text) = hostile {
                    entry.what = match connection {
                        1 => EntryKind::sent(text),
                        _ => EntryKind::received(&text, &mut Decoder::new()),
                    };
                }
                entries.push(entry);
            }
        })
    })
}

#[test]
fn nothing_holds_where_nothing_came() {
    let record = Plan::simple(12, 4, 3).record();
    let silent = edited(&record, |entries| {
        entries.retain(|entry| !matches!(entry.what, EntryKind::Received { .. }));
    });
    assert_eq!(holding(&silent), Vec::<&str>::new());
    assert_eq!(holding(&Transcript::new()), Vec::<&str>::new());
    assert_eq!(failed(&Transcript::new()), Vec::<&str>::new());
    for requirement in registry::all() {
        let judged = judge(requirement.id, &Transcript::new());
        assert!(
            matches!(&judged, CheckVerdict::Inconclusive(reason) if !reason.is_empty()),
            "{}: {judged:?}",
            requirement.id
        );
    }
}

/// Events 0 to 3 on the starting connection, 4 to 6 missed, 7 to 11 live, and two replays.
fn record() -> (Transcript, Vec<Vec<usize>>) {
    let record = Plan {
        pings: false,
        ..Plan::simple(12, 4, 3)
    }
    .record();
    let mut places = deliveries(&record);
    let mut stretches = Vec::new();
    for length in [4, 3, 5, 12, 12] {
        let rest = places.split_off(length);
        stretches.push(places);
        places = rest;
    }
    assert!(places.is_empty());
    (record, stretches)
}

const RIGHT_IDS: [&str; 5] = ["START-2", "CATCHUP-3", "CATCHUP-5", "REPLAY-1", "REPLAY-1"];

#[test]
fn a_dropped_event_is_noticed() {
    let (record, stretches) = record();
    for (stretch, id) in stretches.iter().zip(RIGHT_IDS) {
        for &place in &stretch[..stretch.len() - 1] {
            let found = failed(&edited(&record, |entries| {
                entries.remove(place);
            }));
            assert!(found.contains(&id), "{place}: {found:?}");
            assert_eq!(found.contains(&"REPLAY-2"), id == "REPLAY-1", "{found:?}");
            assert_eq!(found.contains(&"CATCHUP-2"), id == "CATCHUP-3", "{found:?}");
        }
    }
    let last_missed = *stretches[1].last().expect("an event");
    let found = failed(&edited(&record, |entries| {
        entries.remove(last_missed);
    }));
    assert!(
        found.contains(&"CATCHUP-2") && found.contains(&"CATCHUP-5"),
        "{found:?}"
    );
}

#[test]
fn a_doubled_event_is_noticed() {
    let (record, stretches) = record();
    for (stretch, id) in stretches.iter().zip(RIGHT_IDS) {
        for &place in stretch {
            let found = failed(&edited(&record, |entries| {
                let again = entries[place].clone();
                entries.insert(place, again);
            }));
            assert!(found.contains(&id), "{place}: {found:?}");
            assert!(!found.contains(&"IDENTITY-1"), "{place}: {found:?}");
        }
    }
}

#[test]
fn two_swapped_events_are_noticed() {
    let (record, stretches) = record();
    for (stretch, id) in stretches.iter().zip(RIGHT_IDS) {
        for (at, &one) in stretch.iter().enumerate() {
            for &other in &stretch[at + 1..] {
                let found = failed(&edited(&record, |entries| {
                    let what = entries[one].what.clone();
                    entries[one].what = std::mem::replace(&mut entries[other].what, what);
                }));
                assert!(found.contains(&id), "{one} and {other}: {found:?}");
                assert!(!found.contains(&"CATCHUP-2") && !found.contains(&"REPLAY-2"));
            }
        }
    }
    let all: Vec<usize> = stretches.concat();
    for (at, &one) in all.iter().enumerate() {
        for &other in &all[at + 1..] {
            let index = |place: usize| record.entries()[place].message()?.event()?.index.at();
            let found = failed(&edited(&record, |entries| {
                let what = entries[one].what.clone();
                entries[one].what = std::mem::replace(&mut entries[other].what, what);
            }));
            assert_eq!(
                found.is_empty(),
                index(one) == index(other),
                "{one} and {other}"
            );
        }
    }
}

#[test]
fn a_relabelled_event_is_noticed() {
    let (record, stretches) = record();
    for (stretch, id) in stretches.iter().zip(RIGHT_IDS) {
        for &place in stretch {
            for label in ["0", "5", "99", "-1", "null"] {
                let found = failed(&retold(&record, place, |text| relabelled(text, label)));
                let own = text(&record, place).contains(&format!("\"event_index\":{label},"));
                assert_eq!(found.contains(&id), !own, "{place} as {label}: {found:?}");
                let shared = matches!(label, "0" | "5") && !own;
                assert_eq!(
                    found.contains(&"IDENTITY-1"),
                    shared,
                    "{place} as {label}: {found:?}"
                );
            }
        }
    }
}

#[test]
fn an_altered_content_is_noticed_and_nothing_else() {
    let (record, stretches) = record();
    for &place in stretches.iter().flatten() {
        let found = failed(&retold(&record, place, |text| {
            text.replace("word ", "lie ")
        }));
        assert!(
            found.starts_with(&["IDENTITY-1", "IDENTITY-2"]) || found.starts_with(&["REPLAY-5"])
        );
        assert!(
            found
                .iter()
                .all(|id| ["IDENTITY-1", "IDENTITY-2", "REPLAY-5"].contains(id))
        );
        let found = failed(&retold(&record, place, |text| {
            text.replace("17954", "17955")
        }));
        assert!(
            found.contains(&"IDENTITY-2") && !found.contains(&"IDENTITY-1"),
            "{found:?}"
        );
    }
}

fn text(record: &Transcript, place: usize) -> String {
    match &record.entries()[place].what {
        EntryKind::Received { text, .. } => text.read().to_string(),
        _ => String::new(),
    }
}

fn relabelled(text: &str, label: &str) -> String {
    let from = text.find("\"event_index\":").expect("an index") + "\"event_index\":".len();
    let until = from + text[from..].find(',').expect("a comma");
    format!("{}{label}{}", &text[..from], &text[until..])
}
