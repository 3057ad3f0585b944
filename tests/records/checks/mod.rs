//! The checks: each id sees a record in which it holds, one in which it is broken, and one that tells
//! nothing; and conforming servers are never accused.

mod access_over_http;
mod authenticating;
mod both_wires;
mod breaking_off;
mod cancelling;
mod clients;
mod clients_over_http;
mod conforming;
mod content;
mod explored;
mod http_runs;
mod large;
mod malformed;
mod missing;
mod nested;
mod over_http;
mod owners;
mod pauses;
mod pausing;
mod positions;
mod quiet;
mod refusing;
mod replaying;
mod replicas;
mod retention;
mod returning;
mod several_runs;
mod slow_consumers;
mod soundness;
mod starting;
mod streams;
mod subscriptions;
mod tokens;
mod unusual;
mod watching;
mod widened;

use std::collections::HashSet;

use crate::support::{failed, judge};
use reconnect_acceptance::check::{CheckVerdict, registry};
use reconnect_acceptance::transcript::Transcript;

/// What a record shows of a requirement.
pub enum Shows {
    /// The requirement holds, and nothing is broken.
    Passed(&'static str),
    /// Just these are broken; the first is what the record is about.
    Breaks(&'static [&'static str]),
    /// Nothing can be told of the requirement; a piece of the reason. Nothing is broken.
    Nothing(&'static str, &'static str),
}
use Shows::{Breaks, Nothing, Passed};

/// A title, what the record shows, and the record.
pub type Case = (&'static str, Shows, fn() -> Transcript);

fn cases() -> impl Iterator<Item = &'static Case> {
    [
        access_over_http::CASES,
        authenticating::CASES,
        both_wires::CASES,
        breaking_off::CASES,
        starting::CASES,
        streams::CASES,
        returning::CASES,
        replaying::CASES,
        cancelling::CASES,
        pausing::CASES,
        pauses::CASES,
        http_runs::CASES,
        content::CASES,
        explored::CASES,
        malformed::CASES,
        missing::CASES,
        nested::CASES,
        retention::CASES,
        over_http::CASES,
        owners::CASES,
        positions::CASES,
        quiet::CASES,
        refusing::CASES,
        replicas::CASES,
        soundness::CASES,
        several_runs::CASES,
        slow_consumers::CASES,
        tokens::CASES,
        unusual::CASES,
        watching::CASES,
        widened::CASES,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn every_record_shows_what_it_should() {
    let mut wrong = Vec::new();
    for (title, shows, record) in cases() {
        let record = record();
        let found = failed(&record);
        let problem = match shows {
            Passed(id) => {
                let judged = judge(id, &record);
                (judged != CheckVerdict::Passed || !found.is_empty())
                    .then(|| format!("{id} should hold: {judged:?}; broken: {found:?}"))
            }
            Breaks(ids) => {
                let mut expected: Vec<_> = ids.to_vec();
                let mut sorted = found.clone();
                expected.sort_unstable();
                sorted.sort_unstable();
                (expected != sorted).then(|| format!("{ids:?} should be broken, not {found:?}"))
            }
            Nothing(id, piece) => {
                let judged = judge(id, &record);
                let inconclusive =
                    matches!(&judged, CheckVerdict::Inconclusive(reason) if reason.contains(piece));
                (!inconclusive || !found.is_empty()).then(|| {
                    format!("{id} should be inconclusive, {piece:?}: {judged:?}; broken: {found:?}")
                })
            }
        };
        if let Some(problem) = problem {
            wrong.push(format!("{title}: {problem}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_requirement_sees_all_three_judgements() {
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    for (_, shows, _) in cases() {
        match shows {
            Passed(id) => seen.insert((id, "passed")),
            Breaks(ids) => seen.insert((ids[0], "failed")),
            Nothing(id, _) => seen.insert((id, "inconclusive")),
        };
    }
    for requirement in registry::all() {
        for check_verdict in ["passed", "failed", "inconclusive"] {
            assert!(
                seen.contains(&(requirement.id, check_verdict)),
                "no record for {} {check_verdict}",
                requirement.id
            );
        }
    }
}

#[test]
fn every_finding_is_short_and_shows_its_evidence() {
    for (title, _, record) in cases() {
        let record = record();
        for id in failed(&record) {
            let CheckVerdict::Failed(findings) = judge(id, &record) else {
                continue;
            };
            for finding in findings {
                let numbers = &finding.evidence;
                assert!((1..=8).contains(&numbers.len()), "{title}: {finding:?}");
                assert!(numbers.iter().all(|number| record.entry(*number).is_some()));
                assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
                for text in [&finding.expected, &finding.observed] {
                    assert!((1..300).contains(&text.chars().count()), "{title}: {text}");
                    assert!(!text.contains(char::is_control), "{title}: {text}");
                }
            }
        }
    }
}

#[test]
fn the_catalogue_is_whole() {
    let mut ids = HashSet::new();
    for requirement in registry::all() {
        let id = requirement.id;
        assert!(ids.insert(id), "{id} twice");
        let (family, number) = id.split_once('-').expect("FAMILY-NUMBER");
        assert!(family.chars().all(|c| c.is_ascii_uppercase()), "{id}");
        assert!(number.parse::<u32>().is_ok(), "{id}");
        assert!(
            requirement.sentence.ends_with(['.', ')']) && requirement.sentence.contains('.'),
            "{id}"
        );
        for text in [requirement.why, requirement.source] {
            assert!(!text.is_empty() && text.trim() == text, "{id}");
        }
        // In the words of somebody who has not read the protocol.
        let harm = requirement.harm;
        assert!(harm.ends_with('.') && harm.len() <= 120, "{id}: {harm}");
        assert!(harm.starts_with(char::is_uppercase), "{id}: {harm}");
        assert!(!harm.contains(['`', '_', '{']), "{id}: {harm}");
        for exchange in [requirement.good, requirement.bad] {
            let lines = exchange.lines().count();
            assert!((2..=8).contains(&lines), "{id}: {lines} lines");
            let starts = ['→', '←', '(', '…'];
            assert!(
                exchange.lines().all(|line| line.starts_with(starts)),
                "{id}"
            );
            assert!(
                exchange.lines().all(|line| line.chars().count() <= 110),
                "{id}"
            );
        }
        assert_ne!(requirement.good, requirement.bad, "{id}");
    }
    let expected = [
        ("GREETING", 2),
        ("AUTH", 5),
        ("START", 8),
        ("SESSION", 1),
        ("CATCHUP", 8),
        ("HISTORY", 3),
        ("REPLAY", 5),
        ("FAILING", 2),
        ("CANCEL", 3),
        ("PAUSE", 4),
        ("HTTP", 1),
        ("STREAM", 5),
        ("CONTINUE", 2),
        ("BOTH", 2),
        ("IDENTITY", 3),
        ("POSITION", 5),
        ("REFUSAL", 3),
        ("RETENTION", 3),
        ("RESTART", 3),
        ("REPLICA", 3),
        ("MALFORMED", 2),
        ("OWNER", 3),
        ("LIVENESS", 2),
        ("CLOSE", 1),
    ];
    for (family, count) in expected {
        for number in 1..=count {
            assert!(
                ids.contains(&*format!("{family}-{number}")),
                "{family}-{number}"
            );
        }
    }
    assert!(ids.contains("CONTENT-1") && ids.contains("CONTENT-3"));
    assert!(ids.contains("CONTENT-2") && ids.contains("VIEWERS-5"));
    assert!(ids.contains("VIEWERS-8") && ids.contains("VIEWERS-9"));
}
