//! One run split over several jobs: `--shard I/N`, and `merge`, which merges their reports.

use std::collections::BTreeSet;
use std::fs;

use crate::common::call::{Judged, call, command, judged};
use pretty_assertions::assert_eq;
use serde_json::Value;
use tempfile::TempDir;

/// One missed event is lost: CATCHUP-2 fails, in scenarios of other rules, too.
const LOSSY: &[&str] = &[
    "run",
    "--require=CATCHUP-1",
    "--require=CATCHUP-2",
    "--require=CATCHUP-7",
    "--fault=catch-up-drop",
];
const SOUND: &[&str] = &["run", "--require", "CATCHUP", "--require", "GREETING"];

const CATCHUP_2: &str = "[[known_failure]]\nid = \"CATCHUP-2\"\nreason = \"r\"\n";
const GREETING_1: &str = "[[known_failure]]\nid = \"GREETING-1\"\nreason = \"r\"\n";

fn list(folder: &TempDir, text: &str) -> String {
    let path = folder.path().join("known.toml");
    fs::write(&path, text).expect("written");
    path.display().to_string()
}

async fn shard(run: &[&str], number: usize, of: usize) -> Judged {
    let shard = format!("{number}/{of}");
    judged(command(&[run, &["--shard", &shard]].concat())).await
}

async fn shards(run: &[&str], of: usize) -> Vec<Judged> {
    let mut all = Vec::new();
    for number in 1..=of {
        all.push(shard(run, number, of).await);
    }
    all
}

fn dir(of: &Judged) -> String {
    of.folder.path().display().to_string()
}

/// Named in reverse: their order does not matter.
fn asked<'a>(dirs: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let dirs = dirs.iter().rev().map(String::as_str);
    ["merge"]
        .into_iter()
        .chain(dirs)
        .chain(more.iter().copied())
        .collect()
}

async fn merge(shards: &[Judged], more: &[&str]) -> Judged {
    let dirs: Vec<_> = shards.iter().map(dir).collect();
    judged(command(&asked(&dirs, more))).await
}

fn each(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// What two runs of the same selection must have in common: everything but times and random values on the
/// wire.
fn outcome(of: &Judged) -> Value {
    let report = &of.report;
    let scenarios = each(&report["scenarios"]).iter().map(|it| {
        let said = |name: &str| it[name].clone();
        [
            "id",
            "verdict",
            "line",
            "requirements",
            "transcript",
            "tags",
        ]
        .map(said)
    });
    let requirements = each(&report["requirements"]).iter().map(|it| {
        let places = each(&it["findings"])
            .iter()
            .map(|it| it["scenario"].to_string());
        let said = |name: &str| it[name].clone();
        let all = [
            "id",
            "verdict",
            "level",
            "title",
            "known_failure",
            "reason",
            "scenarios",
            "unselected",
        ];
        // How often it happens in one scenario depends on when the viewers connected.
        (all.map(said), places.collect::<BTreeSet<_>>())
    });
    let said = |name: &str| report[name].clone();
    let whole = [
        "verdict",
        "exit_code",
        "totals",
        "interrupted",
        "suite_errors",
        "strict",
        "known_failures",
        "features",
    ];
    serde_json::json!([
        whole.map(said),
        scenarios.collect::<Vec<_>>(),
        requirements.collect::<Vec<_>>(),
    ])
}

#[tokio::test]
async fn merged_shards_are_the_whole_run() {
    for (run, numbers) in [(SOUND, [1, 2, 3]), (LOSSY, [2, 3, 7])] {
        let whole = judged(command(run)).await;
        for of in numbers {
            let shards = shards(run, of).await;
            let merged = merge(&shards, &[]).await;
            assert_eq!(outcome(&merged), outcome(&whole), "{run:?} in {of}");
            assert_eq!(each(&merged.report["merged"]["shards"]).len(), of);
            // A run fails if one of its shards does.
            let codes = shards.iter().map(|it| it.outcome.code);
            assert_eq!(codes.max().expect("one"), whole.outcome.code);
            let names = |of: &Judged| {
                let all = of.files().into_iter();
                let all = all.map(|(path, _)| path.replace(&dir(of), ""));
                all.collect::<BTreeSet<_>>()
            };
            assert_eq!(names(&merged), names(&whole));
            let again = TempDir::new().expect("a folder");
            let again = again.path().display().to_string();
            let from = dir(&merged);
            let came = call(&["judge", &from, "--report-dir", &again]).await;
            assert_eq!(came.code, whole.outcome.code, "{came:?}");
            came.printed(&["No verdict changed."]);
            assert_eq!(
                fs::read_to_string(format!("{again}/report.json")).expect("there"),
                merged.file("report.json")
            );
            let came = call(&["diff", &dir(&whole), &from]).await;
            assert_eq!(came.code, Some(0), "{came:?}");
            came.printed(&["No regression."]);
        }
    }
}

#[tokio::test]
async fn a_whole_suite_in_shards_is_the_whole_suite() {
    let whole = judged(command(&["run"])).await;
    let merged = merge(&shards(&["run"], 3).await, &[]).await;
    assert_eq!(whole.outcome.code, Some(0), "{:?}", whole.outcome);
    assert_eq!(outcome(&merged), outcome(&whole));
}

#[tokio::test]
async fn a_shard_says_which_it_is() {
    let seen = shard(SOUND, 2, 3).await;
    assert_eq!(seen.report["shard"]["number"], 2);
    assert_eq!(seen.report["shard"]["of"], 3);
    seen.outcome
        .printed(&["shard 2 of 3, which share", "(shard 2 of 3): all"]);
    assert!(seen.file("summary.md").contains("(shard 2 of 3): "));
    assert!(seen.file("report.html").contains("(shard 2 of 3): "));
    assert!(
        seen.file("junit.xml")
            .contains("reconnect-acceptance (shard 2 of 3)")
    );
    // Again, with the environment variable.
    let mut command = command(SOUND);
    command.env("RECONNECT_ACCEPTANCE_SHARD", "1+1/3");
    assert_eq!(outcome(&judged(command).await), outcome(&seen));
    let merged = merge(&shards(SOUND, 2).await, &[]).await;
    merged.outcome.printed(&["(2 shards): "]);
    assert!(merged.file("summary.md").contains("Passed (2 shards): "));
    assert!(merged.file("report.html").contains("2 of 2 side by side"));
}

#[tokio::test]
async fn a_shard_without_scenarios_is_no_error() {
    let run = &["run", "--require", "CATCHUP-2"];
    // No server is needed: there is none.
    let dead = &[
        "run",
        "--require",
        "CATCHUP-2",
        "--url",
        "ws://127.0.0.1:1/",
    ];
    let idle = shard(dead, 40, 40).await;
    assert_eq!(idle.outcome.code, Some(0), "{:?}", idle.outcome);
    idle.outcome.printed(&[
        "Passed (shard 40 of 40): no scenario was assigned to this shard, exit code 0.",
    ]);
    // Shards without scenarios do not change the merged run.
    let whole = judged(command(run)).await;
    let of = each(&whole.report["scenarios"]).len() + 2;
    let merged = merge(&shards(run, of).await, &[]).await;
    assert_eq!(outcome(&merged), outcome(&whole));
}

#[tokio::test]
async fn a_missing_shard_never_passes() {
    let mut shards = shards(SOUND, 3).await;
    let gone = shards.remove(1);
    let merged = merge(&shards, &[]).await;
    assert_eq!(merged.outcome.code, Some(3), "{:?}", merged.outcome);
    merged.outcome.printed(&[
        "(2 of 3 shards): ",
        "cut short: without shard 2 of 3, and so without",
        "some scenarios of its rule are missing: shard 2 of 3 is not there",
    ]);
    // A requirement with a scenario there is inconclusive, even if it has other scenarios.
    for requirement in each(&gone.report["requirements"]) {
        let id = &requirement["id"];
        let told = each(&merged.report["requirements"]).iter();
        let told = told
            .clone()
            .find(|it| it["id"] == *id)
            .expect("it is there");
        assert_eq!(told["verdict"], "inconclusive", "{id}");
    }
    let came = call(&["judge", &dir(&merged)]).await;
    assert_eq!(came.code, Some(3), "{came:?}");
    came.printed(&["No verdict changed."]);
    // What failed stays failed.
    let lossy = self::shards(LOSSY, 3).await;
    let failed: Vec<_> = lossy
        .into_iter()
        .filter(|it| it.outcome.code == Some(1))
        .collect();
    let merged = merge(&failed[..1], &[]).await;
    assert_eq!(merged.outcome.code, Some(1), "{:?}", merged.outcome);
}

#[tokio::test]
async fn known_failures_are_those_of_the_whole() {
    let folder = TempDir::new().expect("a folder");
    let known = list(&folder, CATCHUP_2);
    let with = [LOSSY, &["--known-failures", &known]].concat();
    let whole = judged(command(&with)).await;
    let all = shards(&with, 3).await;
    for shard in &all {
        assert_eq!(shard.outcome.code, Some(0), "{:?}", shard.outcome);
    }
    let merged = merge(&all, &[]).await;
    assert_eq!(merged.outcome.code, Some(0), "{:?}", merged.outcome);
    assert_eq!(outcome(&merged), outcome(&whole));
    // A list that is named applies, here one that is out of date.
    let plain = shards(LOSSY, 3).await;
    let given = merge(&plain, &["--known-failures", &known]).await;
    assert_eq!(given.outcome.code, Some(0), "{:?}", given.outcome);
    let stale = list(&folder, &format!("{CATCHUP_2}{GREETING_1}"));
    let run = [SOUND, &["--known-failures", &stale]].concat();
    let all = shards(&run, 3).await;
    for shard in &all {
        // Some of the scenarios are not enough to be out of date.
        assert_eq!(shard.outcome.code, Some(0), "{:?}", shard.outcome);
    }
    let merged = merge(&all, &[]).await;
    assert_eq!(merged.outcome.code, Some(4), "{:?}", merged.outcome);
    merged
        .outcome
        .printed(&["STALE GREETING-1 passed: delete lines 4 to 6"]);
    // With different lists it is unclear which one applies.
    let plain = shard(SOUND, 2, 3).await;
    let mixed = [dir(&all[0]), dir(&plain)];
    let came = call(&asked(&mixed, &[])).await;
    came.refused(&["different lists of known failures", "--known-failures"]);
    let came = call(&asked(&mixed, &["--known-failures", &known])).await;
    assert_eq!(came.code, Some(3), "shard 3 is missing: {came:?}");
}

#[tokio::test]
async fn an_unreachable_server_is_reported_by_each_shard() {
    let dead = &[
        "run",
        "--url",
        "ws://127.0.0.1:1/",
        "--require",
        "CATCHUP-2",
    ];
    let merged = merge(&shards(dead, 2).await, &[]).await;
    assert_eq!(merged.outcome.code, Some(3), "{:?}", merged.outcome);
    let ids: Vec<_> = each(&merged.report["scenarios"])
        .iter()
        .map(|it| it["id"].as_str())
        .collect();
    for id in ["first contact of shard 1", "first contact of shard 2"] {
        assert!(ids.contains(&Some(id)), "{ids:?}");
    }
    assert_eq!(call(&["judge", &dir(&merged)]).await.code, Some(3));
}

#[tokio::test]
async fn shards_that_cannot_be_are_refused() {
    for (text, said) in [
        ("0/4", "counted from 1: 1/4 is the first"),
        ("5/4", "there is no shard 5 of 4"),
        ("1/0", "at least one shard"),
        ("a/b", "write it like 2/4"),
        ("2", "write it like 2/4"),
        ("", "write it like 2/4"),
        ("-1/4", "write it like 2/4"),
        ("4+1/4", "there is no shard 5 of 4"),
        ("18446744073709551615+1/4", "write it like 2/4"),
        ("1/1001", "at most 1000 shards"),
        ("1/99999999999999999999", "write it like 2/4"),
    ] {
        let option = format!("--shard={text}");
        let came = call(&[SOUND, &[&option]].concat()).await;
        came.refused(&[said]);
        assert_eq!(came.stdout, "");
    }
    call(&["run", "--durations", "."])
        .await
        .refused(&["--shard"]);
    call(&["run", "--shard", "1/2", "--durations", "/no/such/run"])
        .await
        .refused(&["/no/such/run/report.json"]);
    call(&["merge"]).await.refused(&["<DIR>"]);
}

#[tokio::test]
async fn a_run_of_ones_own_balances() {
    let whole = judged(command(SOUND)).await;
    // One scenario takes as long as all others together.
    let mut report = whole.report.clone();
    let long = report["scenarios"][2]["id"].clone();
    for scenario in report["scenarios"].as_array_mut().expect("a list") {
        let is_long = scenario["id"] == long;
        scenario["duration_ms"] = if is_long { 1_000_000 } else { 1 }.into();
    }
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("report.json"), report.to_string()).expect("written");
    let from = folder.path().display().to_string();
    let own = [SOUND, &["--durations", &from]].concat();
    let all = shards(&own, 2).await;
    assert_eq!(each(&all[0].report["scenarios"]).len(), 1);
    assert_eq!(all[0].report["scenarios"][0]["id"], long);
    assert_eq!(outcome(&merge(&all, &[]).await), outcome(&whole));
    // Shards that were balanced by different runs cannot be merged.
    let other = shard(SOUND, 1, 2).await;
    let came = call(&["merge", &dir(&other), &dir(&all[1])]).await;
    came.refused(&["--durations must name the same run for every shard"]);
}

#[tokio::test]
async fn runs_that_are_not_shards_of_one_are_refused() {
    let all = shards(SOUND, 2).await;
    let (one, two) = (dir(&all[0]), dir(&all[1]));
    let into = TempDir::new().expect("a folder");
    let out = into.path().join("merged");
    let refused = async |dirs: &[&str], said: &str| {
        let out = out.display().to_string();
        let all = [&["merge"], dirs, &["--report-dir", &out]].concat();
        let came = call(&all).await;
        came.refused(&[said]);
        assert_eq!(came.stdout, "", "{came:?}");
        assert!(!came.stderr.contains('\u{1b}'), "{came:?}");
        assert!(!fs::exists(&out).expect("known"), "nothing is written");
    };
    refused(&[&one, &one], "both are shard 1").await;
    refused(&["/no/such/run", &one], "/no/such/run/report.json").await;
    let whole = judged(command(SOUND)).await;
    refused(&[&one, &dir(&whole)], "it was not made with --shard").await;
    refused(&[&one, &dir(&shard(SOUND, 2, 3).await)], "2 there, 3 here").await;
    let hooks = [SOUND, &["--fault", "catch-up-drop"]].concat();
    refused(
        &[&one, &dir(&shard(&hooks, 2, 2).await)],
        "faults of the server differ",
    )
    .await;
    let strict = [SOUND, &["--strict"]].concat();
    refused(
        &[&one, &dir(&shard(&strict, 2, 2).await)],
        "--strict differs",
    )
    .await;
    let other = ["run", "--require", "CATCHUP"];
    refused(
        &[&one, &dir(&shard(&other, 2, 2).await)],
        "the selection differs",
    )
    .await;
    call(&["merge", &one, &two, "--report-dir", &two])
        .await
        .refused(&["which stays as it is"]);

    // Reports that were changed.
    let path = all[1].folder.path().join("report.json");
    let change = |change: &dyn Fn(&mut Value)| {
        let mut changed = all[1].report.clone();
        change(&mut changed);
        fs::write(&path, changed.to_string()).expect("written");
    };
    change(&|it| it["suite_version"] = "9\u{1b}[31m".into());
    refused(&[&one, &two], "the suite differs").await;
    change(&|it| it["schema_version"] = 1.into());
    refused(&[&one, &two], "schema version 1 is not 2").await;
    change(&|it| it["target"]["server"] = "agno 3\u{202e}".into());
    refused(&[&one, &two], "the server differs").await;
    change(&|it| it["started_at"] = "yesterday".into());
    refused(&[&one, &two], "is not a time").await;
    change(&|it| it["shard"]["number"] = 0.into());
    refused(&[&two, &one], "there is no shard 0 of 2").await;
    change(&|it| it["shard"]["of"] = u64::MAX.into());
    refused(&[&two], "there is no shard 2 of 18446744073709551615").await;
    change(&|it| {
        let all = it["scenarios"].as_array_mut().expect("a list");
        all.pop();
    });
    refused(&[&one, &two], "must name the same run for every shard").await;
    change(&|it| {
        it["scenarios"][0] = all[0].report["scenarios"][0].clone();
        it["scenarios"][0]["transcript"] = Value::Null;
    });
    refused(&[&one, &two], "is in both").await;
    change(&|it| it["shard"]["requirements"]["NEWER-1"] = 1.into());
    refused(&[&one, &two], "the selection differs").await;
    refused(&[&two], "NEWER-1").await;
    change(&|it| it["started_at"] = all[1].report["started_at"].clone());
    let came = call(&["merge", &one, &two]).await;
    assert_eq!(came.code, Some(0), "as it was: {came:?}");
}

#[tokio::test]
async fn what_failed_or_was_inconclusive_is_run_again() {
    let ids = |of: &Judged| -> Vec<Value> {
        let all = each(&of.report["scenarios"]).iter();
        all.map(|it| it["id"].clone()).collect()
    };
    let lossy = judged(command(LOSSY)).await;
    let file = lossy.folder.path().join("report.json");
    let file = file.display().to_string();
    // Also if its own rule passed, and another one failed in it.
    let shown = each(&lossy.report["scenarios"]).iter();
    let shown = shown.filter(|it| it["verdict"] != "passed" || it["findings"] != Value::Null);
    let shown: Vec<_> = shown.map(|it| it["id"].clone()).collect();
    let again = judged(command(&["run", "--rerun", &file])).await;
    assert_eq!(ids(&again), shown);
    assert_eq!(again.outcome.code, Some(0), "{:?}", again.outcome);
    // The rest of the selection applies as well, and can be sharded.
    let file = dir(&lossy);
    let some = ["run", "--rerun", &file, "--require", "CATCHUP-2"];
    let some = shards(&some, 2).await;
    assert!(ids(&some[0]).len() + ids(&some[1]).len() < shown.len());
    assert_eq!(merge(&some, &[]).await.outcome.code, Some(0));
    // The scenarios of a missing shard are run again.
    let two = shards(SOUND, 2).await;
    let part = merge(&two[..1], &[]).await;
    let again = judged(command(&[SOUND, &["--rerun", &dir(&part)]].concat())).await;
    assert_eq!(ids(&again), ids(&two[1]));
    // Nothing is left to run.
    let came = call(&["run", "--rerun", &dir(&again)]).await;
    came.refused(&["select scenarios: --rerun", "with 0 failed or inconclusive"]);
    for path in ["/no/such/report.json", "/no/such", "/dev/null"] {
        let came = call(&["run", "--rerun", path]).await;
        came.refused(&[path]);
    }
}

#[tokio::test]
async fn facts_about_the_shards_are_in_the_merged_run() {
    let mut all = shards(SOUND, 2).await;
    let mut tell = |number: usize, facts: &[(&str, Value)]| {
        let of = &mut all[number - 1];
        for (name, value) in facts {
            of.report[*name] = value.clone();
        }
        let path = of.folder.path().join("report.json");
        fs::write(path, of.report.to_string()).expect("written");
    };
    // As text, these two would be sorted the other way round.
    tell(
        1,
        &[
            ("started_at", "2026-01-01T00:00:00.5Z".into()),
            ("duration_ms", 7000.into()),
        ],
    );
    tell(
        2,
        &[
            ("started_at", "2026-01-01T00:00:00Z".into()),
            ("duration_ms", 5000.into()),
            ("interrupted", "Ctrl-C ended it".into()),
        ],
    );
    let merged = merge(&all, &[]).await;
    assert_eq!(merged.outcome.code, Some(3), "{:?}", merged.outcome);
    assert_eq!(merged.report["started_at"], "2026-01-01T00:00:00Z");
    assert_eq!(merged.report["duration_ms"], 7000);
    assert_eq!(merged.report["interrupted"], "shard 2: Ctrl-C ended it");
    let of = &mut all[0];
    of.report["suite_errors"] = Value::Array(vec!["a hook failed".into()]);
    let path = of.folder.path().join("report.json");
    fs::write(path, of.report.to_string()).expect("written");
    let merged = merge(&all, &[]).await;
    assert_eq!(merged.outcome.code, Some(70), "{:?}", merged.outcome);
    assert_eq!(merged.report["suite_errors"][0], "shard 1: a hook failed");
    let came = call(&["judge", &dir(&merged)]).await;
    assert_eq!(came.code, Some(70), "{came:?}");
}
