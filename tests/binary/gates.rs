//! What CI uses: known failures, stored runs judged again and compared, the summary of a job.

use std::fs;
use std::path::Path;

use crate::common::call::{Judged, call, command, judged, outcome};
use serde_json::Value;
use tempfile::TempDir;

/// One missed event is lost: CATCHUP-2 fails.
const LOSSY: &[&str] = &["run", "--require", "CATCHUP-2", "--fault", "catch-up-drop"];
const SOUND: &[&str] = &["run", "--require", "CATCHUP-2"];

fn list(folder: &TempDir, text: &str) -> String {
    let path = folder.path().join("known.toml");
    fs::write(&path, text).expect("written");
    path.display().to_string()
}

async fn run(arguments: &[&str], more: &[&str]) -> Judged {
    judged(command(&[arguments, more].concat())).await
}

const CATCHUP_2: &str = "# why\n[[known_failure]]\nid = \"CATCHUP-2\"\nreason = \"the ring is too small\"\nlink = \"https://example.org/7\"\n";

#[tokio::test]
async fn a_listed_failure_passes() {
    let folder = TempDir::new().expect("a folder");
    let known = list(&folder, CATCHUP_2);
    let seen = run(LOSSY, &["--known-failures", &known]).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
    seen.outcome.printed(&[
        "known failures aside: CATCHUP-2",
        "Known the ring is too small (https://example.org/7)",
    ]);
    assert_eq!(seen.report["requirements"][0]["known_failure"], true);
    assert_eq!(
        seen.report["known_failures"]["entries"][0]["standing"],
        "failed"
    );
    let junit = seen.file("junit.xml");
    assert!(junit.contains("failures=\"0\"") && junit.contains("known failure: CATCHUP-2"));
    assert!(
        junit.contains("CATCHUP-2: the ring is too small"),
        "{junit}"
    );
    let summary = seen.file("summary.md");
    assert!(summary.contains("### Known failures") && !summary.contains("### Failed"));
}

#[tokio::test]
async fn a_known_failure_does_not_end_a_run_that_fails_fast() {
    let folder = TempDir::new().expect("a folder");
    let known = list(&folder, CATCHUP_2);
    let fast = ["--fail-fast", "--known-failures", &known];
    let seen = run(LOSSY, &fast).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
    assert_eq!(seen.report["interrupted"], Value::Null);
}

#[tokio::test]
async fn a_listed_failure_that_passes_is_stale() {
    let folder = TempDir::new().expect("a folder");
    let known = list(&folder, CATCHUP_2);
    let seen = run(SOUND, &["--known-failures", &known]).await;
    assert_eq!(seen.outcome.code, Some(4), "{:?}", seen.outcome);
    seen.outcome.printed(&[
        "STALE CATCHUP-2 passed: delete lines 2 to 5 of ",
        "but the list of known failures is out of date, exit code 4.",
    ]);
    assert!(seen.file("junit.xml").contains("type=\"stale\""));
    assert!(seen.file("summary.md").contains("delete lines 2 to 5"));
    // Some of its scenarios are not enough to say so.
    let part = ["--name", "middle", "--known-failures", &known];
    let seen = run(SOUND, &part).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
    // An entry for certain releases does not apply to a server of unknown release.
    let known = list(&folder, &format!("{CATCHUP_2}release = \"<3\"\n"));
    let seen = run(LOSSY, &["--known-failures", &known]).await;
    assert_eq!(seen.outcome.code, Some(1), "{:?}", seen.outcome);
    seen.outcome.printed(&["1 about other releases"]);
}

#[tokio::test]
async fn a_list_that_cannot_be_used_says_where() {
    let folder = TempDir::new().expect("a folder");
    for (text, said) in [
        (
            "[[known_failure]]\nid = \"CATCHUP-22\"\nreason = \"r\"\n",
            "line 2: there is no requirement \"CATCHUP-22\"; the nearest is \"CATCHUP-2\"",
        ),
        (
            "[[known_failure]]\nid = \"CATCHUP-2\"\n",
            "line 1: CATCHUP-2 has no reason",
        ),
        (
            "[[known_failure]]\nid = \"CATCHUP-2\"\nreason = \"r\"\nuntil = 2020-02-02\n",
            "line 4: the day 2020-02-02 is over",
        ),
        ("known\u{1b}[31m", "line 1: "),
    ] {
        let known = list(&folder, text);
        let came = call(&[SOUND, &["--known-failures", &known]].concat()).await;
        came.refused(&[said, &known]);
        assert_eq!(came.stdout, "");
        assert!(!came.stderr.contains('\u{1b}'), "{came:?}");
    }
    for path in ["/no/such/list.toml", folder.path().to_str().expect("text")] {
        let came = call(&[SOUND, &["--known-failures", path]].concat()).await;
        came.refused(&["read the known failures", path]);
    }
    let bytes = folder.path().join("bytes.toml");
    fs::write(&bytes, [0xff, 0xfe]).expect("written");
    let bytes = bytes.display().to_string();
    call(&[SOUND, &["--known-failures", &bytes]].concat())
        .await
        .refused(&["valid UTF-8"]);
}

#[tokio::test]
async fn a_list_is_written_from_a_run_and_never_over_another() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("new.toml");
    let known = path.display().to_string();
    let seen = run(LOSSY, &["--write-known-failures", &known]).await;
    assert_eq!(seen.outcome.code, Some(1), "{:?}", seen.outcome);
    seen.outcome.printed(&["Known failures: 1 written to"]);
    let text = fs::read_to_string(&path).expect("written");
    assert!(
        text.contains("id = \"CATCHUP-2\"") && text.contains("reason = "),
        "{text}"
    );
    let seen = run(LOSSY, &["--known-failures", &known]).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
    let came = call(&[LOSSY, &["--write-known-failures", &known]].concat()).await;
    came.refused(&["nothing is overwritten", &known]);
    assert_eq!(fs::read_to_string(&path).expect("there"), text);
    let came = call(&[LOSSY, &["--write-known-failures", "/no/such/known.toml"]].concat()).await;
    came.refused(&["there is no folder /no/such"]);
}

/// Every file of a report folder, by its name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("within")
                    .display()
                    .to_string();
                all.push((name, fs::read(&path).expect("a file")));
            }
        }
    }
    all.sort();
    all
}

#[tokio::test]
async fn a_stored_run_is_judged_again_byte_for_byte() {
    let folder = TempDir::new().expect("a folder");
    let known = list(&folder, CATCHUP_2);
    let cases: &[&[&str]] = &[
        SOUND,
        LOSSY,
        &[
            "run",
            "--require",
            "CATCHUP-2",
            "--fault",
            "catch-up-drop",
            "--known-failures",
            &known,
        ],
        &[
            "run",
            "--require",
            "CATCHUP",
            "--require",
            "GREETING",
            "--require",
            "AUTH",
        ],
        &[
            "run",
            "--require",
            "POSITION",
            "--fault",
            "catch-up-drop",
            "--strict",
        ],
        &["run", "--url", "ws://127.0.0.1:1/", "--require", "GREETING"],
        &[
            "run",
            "--fault",
            "catch-up-drop",
            "--fail-fast",
            "--require",
            "CATCHUP",
        ],
    ];
    for arguments in cases {
        let stored = run(arguments, &[]).await;
        let again = TempDir::new().expect("a folder");
        let dir = stored.folder.path().display().to_string();
        let mut asked = command(&["judge", &dir]);
        asked.arg("--report-dir").arg(again.path());
        let came = outcome(asked).await;
        assert_eq!(came.code, stored.outcome.code, "{arguments:?} {came:?}");
        came.printed(&["No verdict changed."]);
        let (before, after) = (files(stored.folder.path()), files(again.path()));
        for ((name, before), (other, after)) in before.iter().zip(&after) {
            assert_eq!(name, other);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(text(before), text(after), "{name} of {arguments:?}");
        }
        assert_eq!(before.len(), after.len());
    }
}

#[tokio::test]
async fn a_newer_suite_says_what_changed() {
    let stored = run(LOSSY, &[]).await;
    let path = stored.folder.path().join("report.json");
    let dir = stored.folder.path().display().to_string();
    // An older suite that did not find the failure.
    let mut report = stored.report.clone();
    report["suite_version"] = "0.0.1".into();
    report["requirements"][0]["verdict"] = "passed".into();
    report["requirements"][0]["findings"] = Value::Array(Vec::new());
    fs::write(&path, report.to_string()).expect("written");
    let came = call(&["judge", &dir]).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    came.printed(&[
        "CHANGED: 1 verdict (suite 0.0.1 judged it before, this is",
        "CATCHUP-2 passed → failed: expected",
    ]);
    // One that found a failure where there is none.
    let stored = run(SOUND, &[]).await;
    let path = stored.folder.path().join("report.json");
    let dir = stored.folder.path().display().to_string();
    let mut report = stored.report.clone();
    report["requirements"][0]["verdict"] = "failed".into();
    fs::write(&path, report.to_string()).expect("written");
    let came = call(&["judge", &dir]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["CATCHUP-2 failed → passed: no longer found by this suite"]);
}

#[tokio::test]
async fn a_stored_run_is_judged_with_another_list() {
    let folder = TempDir::new().expect("a folder");
    let known = list(&folder, CATCHUP_2);
    let stored = run(LOSSY, &[]).await;
    let dir = stored.folder.path().display().to_string();
    let came = call(&["judge", &dir, "--known-failures", &known]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    let new = folder.path().join("new.toml").display().to_string();
    let came = call(&["judge", &dir, "--write-known-failures", &new]).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    let came = call(&["judge", &dir, "--known-failures", &new]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
}

#[tokio::test]
async fn folders_that_cannot_be_read_are_named() {
    let stored = run(SOUND, &[]).await;
    let dir = stored.folder.path().display().to_string();
    let report = stored.folder.path().join("report.json");
    let record = stored.report["scenarios"][0]["transcript"]
        .as_str()
        .expect("a name");
    let record = stored.folder.path().join(record);
    let whole = fs::read(&record).expect("a transcript");
    let refused = async |said: &str| {
        let came = call(&["judge", &dir]).await;
        came.refused(&[said, &dir]);
        assert_eq!(came.stdout, "", "{came:?}");
        assert!(!came.stderr.contains('\u{1b}'), "{came:?}");
    };
    call(&["judge", "/no/such/run"])
        .await
        .refused(&["/no/such/run/report.json"]);
    call(&["diff", "/no/such/run", &dir])
        .await
        .refused(&["/no/such/run/report.json"]);
    call(&["judge", &dir, "--report-dir", &dir])
        .await
        .refused(&["which stays as it is"]);
    assert_eq!(fs::read(&record).expect("there"), whole);
    let text = String::from_utf8(whole.clone()).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let swapped = [lines[0], lines[2], lines[1]].join("\n");
    for (content, said) in [
        ("", "the file is empty"),
        (
            "{\"transcript\":9,\"scenario\":\"s\"}\n",
            "version 9 is not 2",
        ),
        (
            "{\"transcript\":2,\"scenario\":\"s\"}\nnonsense\u{1b}\n",
            "line 2",
        ),
        (&text[..text.len() - 20], "line "),
        (&swapped, "entry 2 is where entry 1 belongs"),
    ] {
        fs::write(&record, content).expect("written");
        refused(said).await;
    }
    fs::remove_file(&record).expect("removed");
    refused("No such file").await;
    fs::create_dir(&record).expect("a folder");
    refused("it is no file").await;
    fs::remove_dir(&record).expect("removed");
    fs::write(&record, &whole).expect("written");
    let change = |change: &dyn Fn(&mut Value)| {
        let mut changed = stored.report.clone();
        change(&mut changed);
        fs::write(&report, changed.to_string()).expect("written");
    };
    change(&|it| it["schema_version"] = 1.into());
    refused("schema version 1 is not 2").await;
    change(&|it| it["requirements"][0]["id"] = "NEWER-1".into());
    refused("NEWER-1").await;
    change(&|it| it["scenarios"][0]["transcript"] = "../../etc/passwd".into());
    refused("it must be `transcripts/`").await;
    change(&|it| {
        let first = it["scenarios"][0].clone();
        it["scenarios"].as_array_mut().expect("a list").push(first);
    });
    refused("another scenario has this id").await;
    fs::write(&report, "[".repeat(100_000)).expect("written");
    refused("read the report").await;
    fs::write(&report, "").expect("written");
    refused("read the report").await;
}

#[tokio::test]
async fn two_runs_are_compared() {
    let (sound, lossy) = (run(SOUND, &[]).await, run(LOSSY, &[]).await);
    let path = |it: &Judged| it.folder.path().display().to_string();
    let came = call(&["diff", &path(&sound), &path(&lossy)]).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    came.printed(&[
        "REGRESSED CATCHUP-2 passed → failed: expected",
        "Regression: one",
    ]);
    let came = call(&["diff", &path(&lossy), &path(&sound)]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["FIXED CATCHUP-2 failed → passed", "No regression."]);
    let came = call(&["diff", &path(&lossy), &path(&lossy)]).await;
    assert_eq!(
        (came.code, came.stdout.as_str()),
        (Some(0), "No regression.\n")
    );
    let dead = run(
        &[
            "run",
            "--url",
            "ws://127.0.0.1:1/",
            "--require",
            "CATCHUP-2",
        ],
        &[],
    )
    .await;
    let came = call(&["diff", &path(&sound), &path(&dead)]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["NEWLY INCONCLUSIVE CATCHUP-2 passed → inconclusive: "]);
    // A run that takes longer.
    let mut slow = sound.report.clone();
    slow["scenarios"][0]["duration_ms"] = 60_000.into();
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("report.json"), slow.to_string()).expect("written");
    let came = call(&["diff", &path(&sound), &folder.path().display().to_string()]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["SLOWER", "→ 1 min 0 s features/"]);
}

#[tokio::test]
async fn the_summary_is_appended_to_that_of_the_job() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("summary.md");
    fs::write(&path, "before\n").expect("written");
    let mut asked = command(LOSSY);
    asked.env("GITHUB_STEP_SUMMARY", &path);
    let seen = judged(asked).await;
    let text = fs::read_to_string(&path).expect("there");
    assert_eq!(text, format!("before\n{}\n", seen.file("summary.md")));
    let mut asked = command(SOUND);
    asked.env("GITHUB_STEP_SUMMARY", "/no/such/summary.md");
    let came = outcome(asked).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.complained(&["append the summary to /no/such/summary.md"]);
}
