//! The list of known failures: what it takes, what it refuses and where, and that it is read again as
//! it was written.

use jiff::civil::{Date, date};

use crate::check::Finding;
use crate::exit;
use crate::report::model::run::{
    ScenarioFinding, ScenarioReport, ShardReport, TargetKind, TargetReport,
};
use crate::report::verdict::known::file::{Names, Problems, parse};
use crate::report::verdict::known::*;

const TODAY: Date = date(2026, 11, 23);

fn read(text: &str) -> Result<Vec<KnownFailure>, Problems> {
    let requirements = ["CATCHUP-2", "RESTART-1", "SEAM-1"].map(str::to_owned);
    let scenarios = [
        "features/a.feature › rule › one",
        "features/a.feature › rule › two",
    ];
    let scenarios = scenarios.map(str::to_owned);
    let names = Names {
        requirements: &requirements,
        scenarios: &scenarios,
    };
    parse(text, names, TODAY)
}

#[track_caller]
fn refused(text: &str, problems: &[(usize, &str)]) {
    let Problems(came) = read(text).expect_err("refused");
    assert_eq!(came.len(), problems.len(), "{came:?}");
    for (came, (line, said)) in came.iter().zip(problems) {
        assert_eq!(came.line, *line, "{came:?}");
        assert!(came.what.contains(said), "{said:?} is not in {came:?}");
    }
}

#[test]
fn an_entry_says_what_it_can_say() {
    let text = r#"
# a comment
[[known_failure]]
id = "RESTART-1"
reason = " not found after a restart "

[[known_failure]]
id = "CATCHUP-2"
scenario = "features/a.feature › rule › two"
release = ">=2.3.17, <3.2"
reason = """
over
two lines"""
link = "https://example.org/1"
until = 2026-11-23
sometimes = true
# the end
"#;
    let entries = read(text).expect("a list");
    assert_eq!(entries[0].id, "RESTART-1");
    assert_eq!(entries[0].reason, "not found after a restart");
    assert_eq!(entries[0].lines, (3, 5));
    assert_eq!(entries[0].place(), "lines 3 to 5");
    let second = &entries[1];
    assert_eq!(second.lines, (7, 16));
    assert_eq!(second.until.as_deref(), Some("2026-11-23"));
    assert!(second.sometimes && second.release.is_some() && second.scenario.is_some());
    assert_eq!(
        second.why(),
        "over\ntwo lines (https://example.org/1, until 2026-11-23)"
    );
    assert_eq!(read("").expect("an empty list"), []);
    let quoted = "[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\nuntil = \"2027-01-01\"\n";
    assert_eq!(
        read(quoted).expect("a list")[0].until.as_deref(),
        Some("2027-01-01")
    );
    let inline = "known_failure = [\n  {id = \"SEAM-1\", reason = \"r\"},\n  {id = \"RESTART-1\", reason = \"r\"},\n]\n";
    let entries = read(inline).expect("a list");
    assert_eq!((entries[0].lines, entries[1].lines), ((2, 2), (3, 3)));
}

#[test]
fn an_entry_may_name_several_wires() {
    let text = "[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\nwire = \"agent · http || workflow · websocket\"\n";
    let entries = read(text).expect("a list");
    let ids: Vec<_> = entries.iter().map(|it| &*it.id).collect();
    assert_eq!(ids, ["SEAM-1 · agent · http", "SEAM-1"]);
    assert!(entries.iter().all(|it| it.lines == (1, 4)));
    refused(
        &text.replace("agent · http", "agents"),
        &[(
            4,
            "there is no wire \"agents\": name one of \"workflow · websocket\"",
        )],
    );
    refused(
        &text.replace("SEAM-1", "SEAM-1 · team · http"),
        &[(4, "the id names a wire already")],
    );
    let twice = format!("{text}[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\n");
    refused(&twice, &[(5, "SEAM-1 is listed in lines 1 to 4 already")]);
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    refused(
        "known_failure",
        &[(1, "an entry is a table [[known_failure]]")],
    );
    refused(
        "[[known_failures]]\nid = 1\n",
        &[(1, "unknown field `known_failures`")],
    );
    refused(
        "\n[[known_failure]]\nid = \"SEAM-1\"\nraeson = \"r\"\n",
        &[(4, "unknown field `raeson`")],
    );
    refused(
        "[[known_failure]]\nid = 7\nreason = \"r\"\n",
        &[(2, "expected a string")],
    );
    refused(
        "[[known_failure]]\nid = \"CATCHUP-22\"\nreason = \"r\"\n",
        &[(
            2,
            "there is no requirement \"CATCHUP-22\"; the nearest is \"CATCHUP-2\"",
        )],
    );
    refused(
        "[[known_failure]]\nid = \"SEAM-1\"\n",
        &[(1, "SEAM-1 has no reason: add `reason = \"…\"`")],
    );
    refused(
        "[[known_failure]]\nid = \"SEAM-1\"\nreason = \" \"\n",
        &[(3, "SEAM-1 has no reason")],
    );
    refused(
        "[[known_failure]]\nreason = \"r\"\n",
        &[(1, "the entry has no id: add `id = \"…\"`")],
    );
    refused("\n[[known_failure]]\n", &[(2, "no id"), (2, "no reason")]);
    refused(
        "[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\nuntil = 2026-11-22\n",
        &[(
            4,
            "the day 2026-11-22 is over: check whether SEAM-1 still fails, then give a later `until` or delete lines 1 to 4",
        )],
    );
    for day in ["2026-11-24T10:00:00Z", "\"soon\"", "10:00:00", "7"] {
        refused(
            &format!("[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\nuntil = {day}\n"),
            &[(4, "`until` is a day")],
        );
    }
    refused(
        "[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\nlink = \"javascript:alert(1)\"\n",
        &[(4, "is no URL")],
    );
    refused(
        "[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\nrelease = \"new\"\n",
        &[(4, "the release \"new\" is no range")],
    );
    refused(
        "[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\nscenario = \"features/a.feature › rule › on\"\n",
        &[(4, "the nearest is \"features/a.feature › rule › one\"")],
    );
    refused(
        "[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\n[[known_failure]]\nid = \"SEAM-1\"\nreason = \"s\"\n",
        &[(4, "SEAM-1 is listed in lines 1 to 3 already")],
    );
    // Everything at once, and nothing that turns the terminal over.
    refused(
        "[[known_failure]]\nid = \"X\\u001b[31m\"\nuntil = 2020-01-01\n",
        &[(1, "no reason"), (2, "\"X␛[31m\""), (3, "is over")],
    );
}

#[test]
fn a_release_is_within_its_range_or_not() {
    let about = |range: &str, server: &str| {
        let entry = KnownFailure {
            release: Some(range.to_owned()),
            ..entry("SEAM-1")
        };
        is_about(&entry, release::of(server).as_ref())
    };
    for (range, server, within) in [
        (">=2.3.17, <3.2", "agno 3.1.10", true),
        (">=2.3.17, <3.2", "agno 3.2.0", false),
        (">=2.3.17, <3.2", "agno 2.3.9", false),
        ("3.1.10", "agno 3.1.10", true),
        ("3.1.10", "agno 3.1.11", false),
        ("2.4", "agno 2.4.7", true),
        ("2.4", "agno 2.5.0", false),
        (">=3.2.0", "agno 3.2.0rc1", true),
        ("*", "unknown", false),
        ("*", "reference", false),
    ] {
        assert_eq!(about(range, server), within, "{range} {server}");
    }
}

fn entry(id: &str) -> KnownFailure {
    KnownFailure {
        id: id.to_owned(),
        scenario: None,
        release: None,
        reason: "known".to_owned(),
        link: None,
        until: None,
        sometimes: false,
        lines: (1, 3),
        standing: Standing::Inconclusive,
    }
}

fn list(entries: Vec<KnownFailure>) -> KnownFailures {
    KnownFailures {
        file: "known.toml".to_owned(),
        entries,
    }
}

/// CATCHUP-2 fails in two scenarios, RESTART-1 passes, SEAM-1 is inconclusive.
fn report() -> RunReport {
    let finding = |scenario: &str| ScenarioFinding {
        scenario: scenario.to_owned(),
        finding: Finding {
            expected: "2 events".to_owned(),
            observed: "\"1\" event,\nand \\ that is 'all' \u{7f}\u{202e}".to_owned(),
            evidence: vec![3],
        },
    };
    let requirement = |id: &str, verdict, findings| RequirementReport {
        title: "It must be so.".to_owned(),
        verdict,
        findings,
        ..RequirementReport::blank(id)
    };
    let scenario = |id: &str, verdict| ScenarioReport {
        verdict,
        ..ScenarioReport::blank(id)
    };
    let mut report = RunReport {
        suite_version: "0.0.0".to_owned(),
        started_at: "2026-11-23T00:00:00Z".to_owned(),
        requirements: vec![
            requirement(
                "CATCHUP-2",
                Verdict::Failed,
                vec![finding("one"), finding("two")],
            ),
            requirement("RESTART-1", Verdict::Passed, Vec::new()),
            requirement("SEAM-1", Verdict::Inconclusive, Vec::new()),
        ],
        scenarios: vec![
            scenario("one", Verdict::Failed),
            scenario("two", Verdict::Failed),
            scenario("three", Verdict::Passed),
        ],
        ..RunReport::blank(TargetReport {
            kind: TargetKind::Agentos,
            url: "ws://h".to_owned(),
            server: "agno 3.1.10\n[[evil]]".to_owned(),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        })
    };
    report.target.server = "agno 3.1.10".to_owned();
    report
}

#[track_caller]
fn applied(entries: Vec<KnownFailure>, standings: &[Standing], code: u8) -> RunReport {
    let mut report = report();
    apply(&mut report, list(entries));
    let of = report.known_failures.as_ref().expect("a list");
    let came: Vec<_> = of.entries.iter().map(|it| it.standing).collect();
    assert_eq!(came, standings);
    assert_eq!(report.exit_code(), code);
    report
}

fn in_scenario(id: &str, scenario: &str) -> KnownFailure {
    KnownFailure {
        scenario: Some(scenario.to_owned()),
        ..entry(id)
    }
}

#[test]
fn what_is_listed_and_fails_does_not_count() {
    let report = applied(
        vec![entry("CATCHUP-2")],
        &[Standing::Failed],
        exit::INCONCLUSIVE,
    );
    assert!(report.requirements[0].known_failure);
    // Each of its places must be listed.
    let one = in_scenario("CATCHUP-2", "one");
    let two = in_scenario("CATCHUP-2", "two");
    let report = applied(vec![one.clone()], &[Standing::Failed], exit::FAILED);
    assert!(!report.requirements[0].known_failure);
    applied(vec![one, two], &[Standing::Failed; 2], exit::INCONCLUSIVE);
    // An entry for another release does not apply.
    let other = KnownFailure {
        release: Some("<3".to_owned()),
        ..entry("CATCHUP-2")
    };
    applied(vec![other], &[Standing::OtherRelease], exit::FAILED);
}

#[test]
fn what_is_listed_and_passes_is_stale() {
    let all = vec![entry("CATCHUP-2"), entry("RESTART-1"), entry("SEAM-1")];
    let standings = [Standing::Failed, Standing::Passed, Standing::Inconclusive];
    // Stale comes before inconclusive, failed before stale.
    let report = applied(all.clone(), &standings, exit::STALE);
    let list = report.known_failures.as_ref().expect("a list");
    let advice: Vec<_> = list.stale().map(|it| it.advice(&list.file)).collect();
    assert_eq!(
        advice,
        [
            "RESTART-1 passed: delete lines 1 to 3 of known.toml, or limit it to the releases where it fails (`release = \"<…\"`)"
        ]
    );
    applied(all[1..].to_vec(), &standings[1..], exit::FAILED);
    let three = in_scenario("CATCHUP-2", "three");
    let four = in_scenario("CATCHUP-2", "four");
    applied(
        vec![entry("CATCHUP-2"), three, four],
        &[Standing::Failed, Standing::Passed, Standing::Inconclusive],
        exit::STALE,
    );
    // A race may pass.
    let race = KnownFailure {
        sometimes: true,
        ..entry("RESTART-1")
    };
    applied(
        vec![entry("CATCHUP-2"), race],
        &[Standing::Failed, Standing::Passed],
        exit::INCONCLUSIVE,
    );
}

#[test]
fn a_part_of_the_scenarios_makes_nothing_stale() {
    let mut report = report();
    report.requirements[1].unselected = 2;
    apply(
        &mut report,
        list(vec![entry("CATCHUP-2"), entry("RESTART-1")]),
    );
    let of = report.known_failures.as_ref().expect("a list");
    assert_eq!(of.entries[1].standing, Standing::Inconclusive);
    assert_eq!(report.exit_code(), exit::INCONCLUSIVE);
}

#[test]
fn a_shard_makes_nothing_stale_that_another_one_may_show() {
    let mut report = report();
    report.shard = Some(ShardReport {
        number: 1,
        of: 2,
        scenarios: 5,
        requirements: std::collections::BTreeMap::new(),
    });
    let whole = vec![entry("CATCHUP-2"), entry("RESTART-1")];
    apply(&mut report, list(whole.clone()));
    let of = report.known_failures.as_ref().expect("a list");
    assert_eq!(of.entries[1].standing, Standing::Inconclusive);
    // A scenario is in one shard only.
    let three = in_scenario("CATCHUP-2", "three");
    apply(&mut report, list(vec![entry("CATCHUP-2"), three]));
    assert_eq!(report.exit_code(), exit::STALE);
    report.shard.as_mut().expect("a shard").of = 1;
    apply(&mut report, list(whole));
    assert_eq!(report.exit_code(), exit::STALE);
}

#[test]
fn a_written_list_is_read_and_covers_all_failures() {
    let mut first = report();
    first.target.server = "evil\n[[known_failure]]\u{1b}".to_owned();
    assert_eq!(count(&first), 1);
    let mut text = Vec::new();
    write(&first, &mut text).expect("written");
    let text = String::from_utf8(text).expect("text");
    let entries = read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(entries.len(), 1);
    assert!(
        entries[0]
            .reason
            .starts_with("expected 2 events, observed \"1\" event")
    );
    let mut again = report();
    apply(&mut again, list(entries));
    assert_eq!(again.exit_code(), exit::INCONCLUSIVE);
    // What is known stays with its reason, what is stale goes.
    let kept = KnownFailure {
        link: Some("https://h".to_owned()),
        until: Some("2027-01-01".to_owned()),
        sometimes: true,
        ..entry("CATCHUP-2")
    };
    let mut again = report();
    apply(&mut again, list(vec![kept.clone(), entry("RESTART-1")]));
    let mut text = Vec::new();
    write(&again, &mut text).expect("written");
    let mut entries = read(&String::from_utf8(text).expect("text")).expect("a list");
    assert_eq!((entries.len(), count(&again)), (1, 1));
    let lines = entries[0].lines;
    entries[0].standing = Standing::Failed;
    assert_eq!(
        entries[0],
        KnownFailure {
            lines,
            standing: Standing::Failed,
            ..kept
        }
    );
}

#[test]
fn a_range_may_name_several_releases() {
    let of = |range: &str, release: &str| {
        let version = release::of(release).expect("a version");
        release::range(range).is_ok_and(|range| range.matches(&version))
    };
    for release in ["agno 2.3.17", "agno 2.4.0"] {
        assert!(of("2.3.17 || 2.4.0", release), "{release}");
    }
    assert!(of("<2.1, >=2.0 || 3.1", "agno 2.0.7") && of("<2.1, >=2.0 || 3.1", "agno 3.1.4"));
    assert!(!of("2.3.17 || 2.4.0", "agno 2.3.18"));
    assert!(release::range("2.3.17 ||").is_err() && release::range("||").is_err());
}

#[test]
fn a_list_of_several_releases_covers_each_on_its_own() {
    let run = |release: &str, entries: &[KnownFailure]| {
        let mut report = report();
        report.target.server = format!("agno {release}");
        if !entries.is_empty() {
            apply(&mut report, list(entries.to_vec()));
        }
        report
    };
    let written = |runs: &[(&str, &RunReport)]| {
        let mut text = Vec::new();
        let number = write_several(runs, &mut text).expect("written");
        let text = String::from_utf8(text).expect("text");
        let entries = read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(entries.len(), number);
        let each = entries.into_iter().map(|it| (it.id, it.release));
        each.collect::<Vec<_>>()
    };
    let on = |id: &str, release: &str| (id.to_owned(), Some(release.to_owned()));
    let (old, new) = (run("2.4.0", &[]), run("3.1.10", &[]));
    let both = [("2.4.0", &old), ("3.1.10", &new)];
    let expected = [on("CATCHUP-2", "2.4.0"), on("CATCHUP-2", "3.1.10")];
    assert_eq!(written(&both), expected);
    // What they were judged with stays as it is; where it is stale, it is narrowed.
    let known = [entry("CATCHUP-2")];
    let (old, mut new) = (run("2.4.0", &known), run("3.1.10", &known));
    let kept = [("CATCHUP-2".to_owned(), None)];
    assert_eq!(written(&[("2.4.0", &old), ("3.1.10", &new)]), kept);
    new.requirements[0].verdict = Verdict::Passed;
    apply(&mut new, list(known.to_vec()));
    let narrowed = [on("CATCHUP-2", "2.4.0")];
    assert_eq!(written(&[("2.4.0", &old), ("3.1.10", &new)]), narrowed);
}

#[test]
fn a_long_list_is_read_in_no_time() {
    let entry = |at: usize| {
        format!("[[known_failure]]\nid = \"SEAM-1\"\nreason = \"r\"\nrelease = \"1.{at}\"\n")
    };
    let text: String = (0..20_000).map(entry).collect();
    let entries = read(&text).expect("a list");
    assert_eq!(entries[19_999].lines, (79_997, 80_000));
    let twice = format!("{text}{}", entry(7));
    refused(&twice, &[(80_001, "lines 29 to 32 already")]);
}

#[test]
fn a_stored_day_that_is_none_stays_within_its_quotes() {
    for until in ["x\n[[known_failure]]", "20270101", "2027-01-01T10:00:00"] {
        let odd = KnownFailure {
            until: Some(until.to_owned()),
            ..entry("CATCHUP-2")
        };
        let mut again = report();
        apply(&mut again, list(vec![odd]));
        let mut text = Vec::new();
        write(&again, &mut text).expect("written");
        let text = String::from_utf8(text).expect("text");
        let table: toml::Table = text.parse().expect("TOML");
        let listed = table["known_failure"].as_array().expect("entries");
        assert_eq!(listed.len(), 1, "{text}");
    }
}
