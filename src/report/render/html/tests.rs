//! What is computed before anything is drawn. `tests/records/reports/html.rs` looks at whole pages.

use std::sync::Arc;
use std::time::Duration;

use crate::check::Finding;
use crate::protocol::Decoder;
use crate::report::model::run::{
    RequirementReport, Run, RunReport, ScenarioFinding, TargetKind, TargetReport, Verdict,
};
use crate::report::render::html::arrival;
use crate::report::render::html::arrival::Arrival;
use crate::report::render::html::format;
use crate::report::render::html::harm;
use crate::report::render::html::strip::{cells, sentence};
use crate::report::view::cause;
use crate::trace::Trace;
use crate::transcript::{Disconnect, EntryKind, Transcript};

/// Ada starts a run, sees 0 to 2, is cut off, and returns with that; then `after` comes.
fn returned(after: &[&str]) -> Transcript {
    let mut transcript = Transcript::new();
    let mut decoder = Decoder::new();
    let ada = "Ada".into();
    let mut at = Duration::ZERO;
    let mut push = |connection, what| {
        at += Duration::from_millis(10);
        transcript.push(at, &ada, connection, what);
    };
    let mut connection = 1;
    let sent = |text: &str| EntryKind::sent(text);
    push(1, EntryKind::Opened);
    push(
        1,
        sent(r#"{"action":"start-workflow","workflow_id":"w","session_id":"s"}"#),
    );
    for text in ["0", "1", "2"].iter().chain(["return"].iter()).chain(after) {
        let what = match *text {
            "return" => {
                push(1, EntryKind::Disconnected(Disconnect::Reset));
                connection = 2;
                push(connection, EntryKind::Opened);
                sent(r#"{"action":"reconnect","run_id":"r","last_event_index":2}"#)
            }
            "silence" => EntryKind::TimedOut {
                waiting_for: "the ending".to_owned(),
                after: Duration::from_secs(1),
            },
            text => {
                let text = match text.strip_prefix('!').unwrap_or(text).parse::<u64>() {
                    Ok(index) => format!(
                        r#"{{"event":"RunContent","event_index":{index},"run_id":"r","session_id":"s","content":"{}"}}"#,
                        text.len()
                    ),
                    Err(_) => text.to_owned(),
                };
                EntryKind::received(&text, &mut decoder)
            }
        };
        push(connection, what);
    }
    transcript
}

const CATCH_UP: &str =
    r#"{"event":"catch_up","run_id":"r","missed_events":3,"current_event_count":6}"#;
const SUBSCRIBED: &str = r#"{"event":"subscribed","run_id":"r","current_event_count":6}"#;
const REPLAY: &str = r#"{"event":"replay","run_id":"r","status":"COMPLETED","total_events":6}"#;

fn arrived(after: &[&str]) -> String {
    let transcript = returned(after);
    let trace = Trace::of(&transcript);
    let run = arrival::run_of(&trace, &[]).expect("a run");
    let arrivals = arrival::of(&trace, run);
    assert_eq!(arrivals.rows.len(), 1);
    sentence(&arrivals.rows[0].1)
}

#[test]
fn each_event_is_marked_by_how_it_arrived() {
    let whole = [CATCH_UP, "3", "4", "5", SUBSCRIBED, "6"];
    assert_eq!(arrived(&whole), "0–2 live, 3–5 caught up, 6 live");
    let gap = [CATCH_UP, "3", "5", SUBSCRIBED, "6"];
    assert_eq!(
        arrived(&gap),
        "0–2 live, 3 caught up, 4 missing, 5 caught up, 6 live"
    );
    let seam = [CATCH_UP, "3", "4", SUBSCRIBED, "6"];
    assert_eq!(arrived(&seam), "0–2 live, 3–4 caught up, 5 missing, 6 live");
    let twice = [CATCH_UP, "3", "4", "5", SUBSCRIBED, "5", "6"];
    assert_eq!(arrived(&twice), "0–2 live, 3–4 caught up, 5 twice, 6 live");
    let again = [CATCH_UP, "3", "1", "4", SUBSCRIBED];
    assert!(arrived(&again).contains("1 twice"), "{}", arrived(&again));
    let swapped = [CATCH_UP, "4", "3", "5", SUBSCRIBED];
    assert_eq!(arrived(&swapped), "0–2 live, 3 out of order, 4–5 caught up");
    let changed = [REPLAY, "!0", "!1", "!2"];
    assert_eq!(arrived(&changed), "0–2 changed");
}

#[test]
fn what_was_not_due_is_not_missing() {
    // The viewer left before anything came.
    assert_eq!(arrived(&[]), "0–2 live");
    // The catch-up was still under way.
    assert_eq!(arrived(&[CATCH_UP, "3"]), "0–2 live, 3 caught up");
    // A replay shows the whole run again.
    let replay = [REPLAY, "3", "4", "5"];
    assert!(
        arrived(&replay).contains("0–2 missing"),
        "{}",
        arrived(&replay)
    );
}

/// What is said under the verdict where CATCHUP-3 fails, and its finding rests on the last message.
fn harm_of(after: &[&str]) -> String {
    let transcript = returned(after);
    let last = transcript.entries().last().expect("an entry").number;
    let mut requirement = RequirementReport::blank("CATCHUP-3");
    requirement.verdict = Verdict::Failed;
    requirement.findings.push(ScenarioFinding {
        scenario: "s".to_owned(),
        finding: Finding {
            expected: "another".to_owned(),
            observed: "this".to_owned(),
            evidence: vec![last],
        },
    });
    let mut report = RunReport::blank(TargetReport {
        kind: TargetKind::Url,
        url: "ws://localhost".to_owned(),
        server: "unknown".to_owned(),
        http_url: None,
        wires: Vec::new(),
        faults: Vec::new(),
    });
    report.requirements.push(requirement);
    let run = Run {
        report,
        transcripts: [("s".to_owned(), Arc::new(transcript))].into(),
    };
    harm::of(&run, &cause::of(&run)).expect("a sentence")
}

#[test]
fn the_harm_is_counted_and_where_nothing_can_be_counted_it_is_that_of_the_catalogue() {
    let gap = [CATCH_UP, "3", "5", SUBSCRIBED, "6"];
    assert_eq!(harm_of(&gap), "A viewer who reconnects loses one event.");
    let twice = [CATCH_UP, "3", "4", "5", SUBSCRIBED, "5", "6"];
    assert_eq!(
        harm_of(&twice),
        "A viewer who reconnects gets one event twice."
    );
    let both = [CATCH_UP, "4", "3", SUBSCRIBED, "7"];
    assert_eq!(
        harm_of(&both),
        "A viewer who reconnects loses 2 events and gets one event out of order."
    );
    // What came live before is not lost where the replay leaves it out.
    let replay = [REPLAY, "3", "5"];
    assert_eq!(
        harm_of(&replay),
        "A viewer who returns to a finished run loses one event."
    );
    let whole = [CATCH_UP, "3", "4", "5", SUBSCRIBED, "6"];
    assert_eq!(
        harm_of(&whole),
        "A viewer who reconnects loses missed events, or gets some twice or out of order."
    );
}

#[test]
fn long_rows_are_binned_and_no_bad_event_is_hidden() {
    let mut row = vec![Arrival::Live; 5_000];
    row[2_345] = Arrival::Missing;
    let few = cells(&row);
    assert_eq!(few.len(), 3);
    assert_eq!((few[1].from, few[1].to), (2_345, 2_345));
    for (at, arrival) in row.iter_mut().enumerate() {
        if at % 7 == 0 {
            *arrival = Arrival::Twice;
        }
    }
    row[2_345] = Arrival::Missing;
    let many = cells(&row);
    assert!(many.len() <= 120, "{}", many.len());
    assert!(many.iter().all(|cell| cell.arrival.is_bad()));
    let of = many.iter().find(|it| (it.from..=it.to).contains(&2_345));
    assert_eq!(
        of.map(|it| (it.arrival, it.number)),
        Some((Arrival::Missing, 1))
    );
    assert_eq!(
        many.iter().map(|it| it.to - it.from + 1).sum::<u64>(),
        5_000
    );
    assert!(sentence(&row).contains("1 missing"), "{}", sentence(&row));
}

#[test]
fn numbers_are_said_as_people_say_them() {
    assert_eq!(format::thousands(1_234_567), "1,234,567");
    assert_eq!(format::thousands(999), "999");
    assert_eq!(format::lasted(Duration::from_micros(850)), "0.00085 s");
    assert_eq!(format::lasted(Duration::from_millis(12)), "0.012 s");
    assert_eq!(format::lasted(Duration::from_millis(3_250)), "3.25 s");
}

/// The relative luminance of `#rrggbb` (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("hexadecimal");
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[test]
fn every_text_stands_out_from_what_is_behind_it() {
    const PAIRS: &[(&str, &[&str])] = &[
        ("ink", &["page", "card", "mark"]),
        ("dim", &["page", "card", "mark"]),
        ("link", &["page", "card", "mark"]),
        ("good", &["page", "good-soft"]),
        ("bad", &["page", "card", "bad-soft"]),
        ("unsure", &["page", "card", "unsure-soft"]),
        ("none", &["none-soft"]),
        ("box-ink", &["live", "caught", "replayed"]),
        ("bad-ink", &["missing", "twice", "order", "changed"]),
    ];
    let style = include_str!("style.css");
    let schemes: Vec<&str> = style.split(":root {").skip(1).collect();
    assert_eq!(schemes.len(), 2, "light and dark");
    for scheme in schemes {
        let colour = |name: &str| {
            let (_, after) = scheme.split_once(&format!("--{name}: ")).expect(name);
            luminance(&after[..7])
        };
        for (text, backs) in PAIRS {
            for back in *backs {
                let (one, other) = (colour(text), colour(back));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                assert!(contrast >= 4.5, "{text} on {back}: {contrast:.2}");
            }
        }
    }
}
