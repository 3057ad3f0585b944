//! The list of known failures: it is read to entries that name what there is, and that are read again as
//! they are written; or everything that is wrong is said with its line.

use arbitrary::{Result, Unstructured};
use jiff::civil::{Date, date};
use reconnect_acceptance::check::registry;
use reconnect_acceptance::report::model::run::{KnownFailures, RunReport};
use reconnect_acceptance::report::text::escape::{columns, is_invisible};
use reconnect_acceptance::report::verdict::known;
use reconnect_acceptance::report::verdict::known::KnownFailure;
use reconnect_acceptance::report::verdict::known::file::{
    Names, Problems, parse, parse_inconclusive,
};

use crate::recipe::{model, one_of, seldom, text};

/// The day on which the lists are read.
const TODAY: Date = date(2026, 11, 23);
const SCENARIOS: &[&str] = &[
    "features/a.feature › rule › one",
    "features/a.feature › rule › two",
];
/// More columns than any sentence about an entry needs.
const LONGEST: usize = 2_000;

/// TOML, or a recipe of it.
pub fn known_failures(bytes: &[u8]) {
    match crate::recipe_in(bytes) {
        None => read(crate::text(bytes)),
        Some(mut recipe) => {
            if let Ok(text) = file(&mut recipe) {
                read(&text);
            }
        }
    }
}

fn read(text: &str) {
    let requirements: Vec<String> = registry::all().map(|it| it.id.to_owned()).collect();
    let scenarios: Vec<String> = SCENARIOS.iter().map(|it| (*it).to_owned()).collect();
    let names = Names {
        requirements: &requirements,
        scenarios: &scenarios,
    };
    let lines = text.split('\n').count();
    let entries = match parse(text, names, TODAY) {
        Ok(entries) => entries,
        Err(problems) => return helpful(&problems, lines),
    };
    for it in &entries {
        assert!(requirements.contains(&it.id), "{it:?}");
        let of = it.scenario.as_ref();
        assert!(of.is_none_or(|of| scenarios.contains(of)), "{it:?}");
        assert!(!it.reason.trim().is_empty(), "{it:?}");
        let (first, last) = it.lines;
        assert!(1 <= first && first <= last && last <= lines, "{it:?}");
        if let Some(day) = &it.until {
            let day: Date = day.parse().expect("a day");
            assert!(day >= TODAY, "{it:?} is over");
        }
    }
    written(&entries, names);
    // The same entries under the other heading. A text may hold the heading, too.
    let inconclusive = text.replace("known_failure", "inconclusive");
    if let Err(problems) = parse_inconclusive(&inconclusive, names, TODAY) {
        helpful(&problems, lines);
    }
}

/// What a run writes is what it was judged with.
fn written(entries: &[KnownFailure], names: Names<'_>) {
    let list = KnownFailures {
        file: "known.toml".to_owned(),
        entries: entries.to_vec(),
    };
    let report = RunReport {
        known_failures: Some(list),
        ..model::blank()
    };
    let mut bytes = Vec::new();
    known::write(&report, &mut bytes).expect("a vector takes all");
    assert_eq!(known::count(&report), entries.len());
    again(entries, &bytes, names);
    // Entries that were not stale stay as they are for several releases, too.
    let mut bytes = Vec::new();
    let runs = [("2.4.0", &report), ("3.1.10", &report)];
    let number = known::write_several(&runs, &mut bytes).expect("a vector takes all");
    assert_eq!(number, entries.len());
    again(entries, &bytes, names);
}

fn again(entries: &[KnownFailure], bytes: &[u8], names: Names<'_>) {
    let text = std::str::from_utf8(bytes).expect("text");
    let again = parse(text, names, TODAY);
    let again = again.unwrap_or_else(|problems| panic!("{problems}\n---\n{text}"));
    let without_lines = |all: &[KnownFailure]| -> Vec<KnownFailure> {
        let all = all.iter().cloned();
        all.map(|it| KnownFailure {
            lines: (0, 0),
            ..it
        })
        .collect()
    };
    assert_eq!(without_lines(&again), without_lines(entries), "{text}");
}

/// Each problem has a line that there is, in their order, and a sentence that is fit for a terminal.
fn helpful(problems: &Problems, lines: usize) {
    assert!(!problems.0.is_empty(), "refused without a reason");
    assert!(problems.0.is_sorted_by_key(|it| it.line), "{problems}");
    for it in &problems.0 {
        assert!((1..=lines).contains(&it.line), "{it:?} of {lines} lines");
        assert!(!it.what.trim().is_empty(), "{it:?}");
        assert!(columns(&it.what) <= LONGEST, "{it:?}");
        let odd = it.what.chars().find(|c| is_invisible(*c));
        assert_eq!(odd, None, "{it:?}");
    }
}

/// A list whose entries are right more often than not.
fn file(u: &mut Unstructured<'_>) -> Result<String> {
    let ids: Vec<&str> = registry::all().map(|it| it.id).collect();
    let mut out = String::new();
    for _ in 0..u.int_in_range(0..=6_u8)? {
        out += "[[known_failure]]\n";
        let id = match seldom(u, 8)? {
            true => text(u)?,
            false => one_of(u, &ids)?.to_owned(),
        };
        put(&mut out, "id", id);
        if u.arbitrary()? {
            put(&mut out, "scenario", one_of(u, SCENARIOS)?.to_owned());
        }
        if u.arbitrary()? {
            let range = match u.arbitrary()? {
                true => one_of(u, RANGES)?.to_owned(),
                false => text(u)?,
            };
            put(&mut out, "release", range);
        }
        put(&mut out, "reason", format!("{}x", text(u)?));
        if u.arbitrary()? {
            put(&mut out, "link", format!("https://{}", text(u)?));
        }
        if u.arbitrary()? {
            out += &format!("until = {}\n", one_of(u, DAYS)?);
        }
        if u.arbitrary()? {
            out += &format!("sometimes = {}\n", u.arbitrary::<bool>()?);
        }
    }
    Ok(out)
}

const RANGES: &[&str] = &[
    "3.1.10",
    ">=2.3.17, <3.2",
    "2.4.0 || 2.6.22",
    "2.4",
    "*",
    "||",
    ">=1.0.0-rc.1",
    "~1.2 , ^3",
];

const DAYS: &[&str] = &[
    "2026-12-31",
    "\"2026-12-31\"",
    "9999-12-31",
    "\"9999-12-31\"",
    "2026-11-22",
    "2026-12-31T10:00:00",
    "\"20261231\"",
    "\"2026-12-31T10:00:00Z\"",
    "\"2026-12-31[u-ca=japanese]\"",
    "2026-02-30",
    "1",
];

fn put(out: &mut String, name: &str, value: String) {
    *out += &format!("{name} = {}\n", toml::Value::String(value));
}
