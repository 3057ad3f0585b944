//! Scenarios of the reader's own: `--features` runs them besides the built-in ones, and mistakes are told with their
//! lines.

use std::fs;

use tempfile::TempDir;

use crate::common::call::{Judged, call, command, judged};

const OWN: &str = "\
Feature: Our viewers

  Scenario: Ada closes the lid
    Given Ada has watched a long run for 20 events
    And Ada lost the connection while the run went on
    When Ada returns with their position
    Then the missed events start right after Ada's position and ascend one by one

  @START-2
  Scenario: Ben watches
    When Ben watches a long run to its end
    Then its events are numbered one by one from 0
";

const NAME: &str = "Ada closes the lid";

/// A folder with one feature file of this text.
fn features(text: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("own.feature"), text).expect("written");
    folder
}

async fn run(folder: &TempDir, more: &[&str]) -> Judged {
    let path = folder.path().display().to_string();
    judged(command(
        &[&["run", "--features", &path, "--step-timeout=2s"], more].concat(),
    ))
    .await
}

#[tokio::test]
async fn an_own_scenario_counts_under_its_own_name() {
    let folder = features(OWN);
    let sound = run(&folder, &["--only-own"]).await;
    assert_eq!(sound.outcome.code, Some(0), "{:?}", sound.outcome);
    assert_eq!(sound.with("passed"), ["START-2", NAME]);
    let totals = &sound.report["totals"];
    assert_eq!(totals["must"]["passed"], 1);
    assert_eq!(totals["own"]["passed"], 1);
    sound
        .outcome
        .printed(&["the one MUST requirement passed and 1 of 1 own scenario passed"]);

    let faulty = run(&folder, &["--only-own", "--fault=catch-up-drop"]).await;
    assert_eq!(faulty.outcome.code, Some(1), "{:?}", faulty.outcome);
    assert_eq!(faulty.with("failed"), [NAME]);
    faulty.outcome.printed(&[
        "FAILED Ada closes the lid (own scenario)",
        "judged by CATCHUP-3, as its `Then`s say",
        "1 of 1 own scenario (Ada closes the lid), exit code 1.",
    ]);
    assert!(faulty.file("junit.xml").contains("type=\"own scenario\""));
    assert!(
        faulty
            .file("summary.md")
            .contains("| own scenarios | 0 | 1 |")
    );
    assert!(faulty.file("report.html").contains("own scenario"));
    let stored = faulty.folder.path().display().to_string();
    let again = call(&["judge", &stored]).await;
    assert_eq!(again.code, Some(1), "{again:?}");
    again.printed(&["FAILED Ada closes the lid (own scenario)"]);
    assert!(!again.stdout.contains("no longer found"), "{again:?}");
}

#[tokio::test]
async fn own_scenarios_are_run_besides_the_built_in_ones() {
    let folder = features(OWN);
    let seen = run(&folder, &["GREETING-1", "the lid"]).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
    assert_eq!(seen.with("passed"), ["GREETING-1", NAME]);
}

#[tokio::test]
async fn an_own_scenario_can_be_a_known_failure() {
    let folder = features(OWN);
    let list = folder.path().join("known.toml");
    let entry = format!("[[known_failure]]\nid = \"{NAME}\"\nreason = \"it is known\"\n");
    fs::write(&list, entry).expect("written");
    let known = format!("--known-failures={}", list.display());
    let more = ["--only-own", "--fault=catch-up-drop", &known];
    let seen = run(&folder, &more).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
    seen.outcome
        .printed(&["known failures aside: Ada closes the lid"]);
}

#[tokio::test]
async fn a_scenario_that_its_target_cannot_play_is_no_pass() {
    let folder = features(
        "Feature: Own\n  Scenario: Nobody returns\n    Given Ada has connected\n    Then the missed events start \
         right after Ada's position and ascend one by one\n",
    );
    let seen = run(&folder, &["--only-own"]).await;
    assert_eq!(seen.outcome.code, Some(3), "{:?}", seen.outcome);
    assert_eq!(seen.with("inconclusive"), ["Nobody returns"]);
    seen.outcome
        .printed(&["Inconclusive", "1 of 1 own scenario could not be tested ("]);
}

#[tokio::test]
async fn mistakes_are_told_with_file_line_and_what_comes_nearest() {
    for (text, said) in [
        (
            OWN.replace("returns with their", "retruns with their"),
            &[
                "own.feature:6: undefined step \"When Ada retruns with their position\"; the nearest:",
                "When {viewer} returns {position}",
            ][..],
        ),
        (
            OWN.replace("START-2", "START-22"),
            &["own.feature:9: unknown requirement @START-22; the nearest: START-2"],
        ),
        (
            OWN.replace("Scenario: Ben", "Scenraio: Ben"),
            &["own.feature:10: \"Scenraio: Ben watches\": is `Scenario:` meant?"],
        ),
        (
            OWN.replace("Feature: Our", "Our"),
            &["own.feature:1: no Gherkin Our viewers ^ a feature begins with `Feature:`"],
        ),
        (
            OWN.replace("    Then the missed", "    # the missed"),
            &["own.feature:3: \"Ada closes the lid\" would be judged by nothing"],
        ),
    ] {
        let folder = features(&text);
        let path = folder.path().display().to_string();
        let came = call(&["run", "--features", &path]).await;
        came.refused(&[&["failed to read your features:", path.as_str()], said].concat());
        assert_eq!(came.stdout, "", "{came:?}");
    }
    call(&["run", "--only-own"]).await.refused(&["--features"]);
}

#[tokio::test]
async fn the_list_of_steps_explains_parameters() {
    call(&["list", "steps"]).await.printed(&[
        "Then a pong comes back (GREETING-2)",
        "{viewer} a name with a capital letter: Ada, Ben, Cleo",
        "{int} a whole number: 20",
        "{part} which kind of run: what its workflow does: long | short |",
    ]);
}

#[tokio::test]
async fn a_failure_is_shown_at_the_then_that_declares_it() {
    let name = "^The connection drops after 20 events$";
    for (fault, step) in [
        (
            "subscribed-twice",
            "Ada is subscribed once, between the missed events and the live ones",
        ),
        (
            "live-repeat-after-subscribed",
            "the run goes on live to its ending, without a gap or a repeat",
        ),
    ] {
        let arguments = ["run", "--name", name, "--step-timeout=2s", "--fault", fault];
        let judged = judged(command(&arguments)).await;
        let steps = judged.report["scenarios"][0]["steps"]
            .as_array()
            .expect("steps");
        let failed: Vec<&str> = steps
            .iter()
            .filter(|step| step["outcome"] == "failed")
            .filter_map(|step| step["text"].as_str())
            .collect();
        assert_eq!(failed, [step], "{fault}");
    }
}
