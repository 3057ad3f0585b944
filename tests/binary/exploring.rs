//! `explore`: random plans, their reports, and playing one of them again.

use std::fs;
use std::path::PathBuf;

use crate::common::call::{
    Judged, OVER, Outcome, binary, call, command, judged, outcome, outcome_of,
};
use pretty_assertions::assert_eq;
use tempfile::TempDir;

/// Plans that find a missed event that is lost.
const LOSSY: &[&str] = &[
    "explore",
    "--fault=catch-up-drop",
    "--seed=3",
    "--trials=60",
    "--step-timeout=1s",
];

/// The plans of this ending that a call has stored.
fn stored(of: &Judged, ending: &str) -> Vec<PathBuf> {
    let folder = of.folder.path().join("explored");
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|it| it == ending))
        .collect()
}

#[tokio::test]
async fn a_plan_that_fails_is_shown_stored_and_played_again() {
    let found = judged(command(LOSSY)).await;
    assert_eq!(found.outcome.code, Some(1), "{:?}", found.outcome);
    found.outcome.printed(&[
        "60 trials of seed 3",
        "FAILED CATCHUP-3",
        "Scenario: Trial",
        "When every run comes to its end, and is shown once more",
    ]);
    let features = stored(&found, "feature");
    let texts = features
        .iter()
        .map(|it| fs::read_to_string(it).expect("a feature"));
    assert!(
        texts.clone().any(|it| it.contains("@CATCHUP-3")),
        "{:?}",
        texts.collect::<Vec<_>>()
    );

    let plan = stored(&found, "json").into_iter().find(|path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.contains("catchup-3")
    });
    let plan = plan.expect("a plan").display().to_string();
    let replay = [
        "explore",
        "--trials=3",
        "--step-timeout=1s",
        "--replay",
        &plan,
    ];
    let again = judged(command(&[&replay[..], &["--fault=catch-up-drop"]].concat())).await;
    assert_eq!(again.outcome.code, Some(1), "{:?}", again.outcome);
    again.outcome.printed(&["FAILED CATCHUP-3"]);
    let sound = judged(command(&replay)).await;
    assert_eq!(sound.outcome.code, Some(0), "{:?}", sound.outcome);
}

#[tokio::test]
async fn a_scenario_of_a_plan_can_be_run() {
    let found = judged(command(LOSSY)).await;
    let folder = found.folder.path().join("explored").display().to_string();
    let run = [
        "run",
        "--features",
        &folder,
        "--only-own",
        "--step-timeout=1s",
    ];
    let again = judged(command(&[&run[..], &["--fault=catch-up-drop"]].concat())).await;
    assert_eq!(again.outcome.code, Some(1), "{:?}", again.outcome);
    again.outcome.printed(&["FAILED CATCHUP-3"]);
    let stored = found.folder.path().display().to_string();
    let judged = call(&["judge", &stored]).await;
    assert_eq!(judged.code, Some(1), "{judged:?}");
}

#[tokio::test]
async fn the_bundled_server_passes_and_the_seed_is_printed() {
    let sound = judged(command(&["explore", "--trials=10"])).await;
    assert_eq!(sound.outcome.code, Some(0), "{:?}", sound.outcome);
    sound
        .outcome
        .printed(&["10 trials of seed", "Passed", "10 trials were played"]);
    assert!(!sound.folder.path().join("explored").exists());
}

#[tokio::test]
async fn viewers_of_a_plan_speak_over_both_wires_unless_one_is_named() {
    let mut by_default = command(&["explore", "--trials=2"]);
    by_default.env_remove(OVER);
    let mixed = outcome_of("both wires", by_default).await;
    mixed.printed(&["over the WebSocket and over HTTP"]);
    let named = call(&["explore", "--trials=2", "--over=websocket"]).await;
    assert!(!named.stdout.contains("and over HTTP"), "{named:?}");
    let agents = call(&["explore", "--trials=5", "--over=http", "--component=agent"]).await;
    assert_eq!(agents.code, Some(0), "{agents:?}");
}

#[tokio::test]
async fn what_cannot_be_explored_is_refused() {
    call(&["explore", "agentes", "3.1.10"])
        .await
        .refused(&["is no target", "explore agentos 3.1.10"]);
    call(&["explore", "--replay", "no-such-plan.json"])
        .await
        .refused(&["read the plan no-such-plan.json"]);
    call(&["explore", "--trials=5", "--for=1s"])
        .await
        .refused(&["cannot be used"]);
    call(&["explore", "--bundled-known-failures"])
        .await
        .refused(&["explore agentos 3.1.10"]);
    call(&["explore", "--over=websocket", "--component=agent"])
        .await
        .refused(&["agents and teams are served over HTTP alone"]);
    call(&["explore", "agentos", "2.5.0", "--over=http"])
        .await
        .refused(&["cannot resume runs over HTTP"]);
    let unreachable = call(&[
        "explore",
        "--url=ws://127.0.0.1:9/workflows/ws",
        "--step-timeout=500ms",
    ]);
    let unreachable = unreachable.await;
    assert_eq!(unreachable.code, Some(3), "{unreachable:?}");
}

/// Plans for the exemplary viewer, with this defect or none, over this wire.
async fn explore_client(options: &[&str], defect: Option<&str>, dir: &TempDir) -> Outcome {
    let dir = dir.path().to_str().expect("a path");
    let mut exploring = command(&[&["explore", "--report-dir", dir], options, &["--"]].concat());
    exploring
        .arg(binary())
        .args(["watch", "--json", "--url", "{url}"]);
    if let Some(defect) = defect {
        exploring.args(["--defect", defect]);
    }
    outcome(exploring).await
}

#[tokio::test]
async fn a_good_client_breaks_no_promise_whatever_is_done_to_it() {
    for over in ["--over=websocket", "--over=http"] {
        let dir = TempDir::new().expect("a folder");
        let came = explore_client(&["--seed=1", "--trials=8", over], None, &dir).await;
        assert_eq!(came.code, Some(0), "{came:?}");
        came.printed(&["8 trials of seed 1", "8 trials were played"]);
        assert!(!came.stdout.contains("failed in"), "{came:?}");
        assert!(!dir.path().join("explored").exists());
    }
}

#[tokio::test]
async fn a_schedule_in_which_a_client_fails_is_shortened_and_played_again() {
    let dir = TempDir::new().expect("a folder");
    let options = ["--seed=2", "--trials=12", "--step-timeout=2s"];
    let came = explore_client(&options, Some("clean-is-end"), &dir).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    came.printed(&[
        "FAILED CLIENT-RETURN-2",
        "Scenario: Trial",
        "Ada has broken no promise",
    ]);
    let explored = dir.path().join("explored");
    let plans = fs::read_dir(&explored).expect("a folder");
    let mut plans = plans.map(|it| it.expect("an entry").path());
    let is_meant = |path: &PathBuf| path.to_string_lossy().ends_with("client-return-2.json");
    let plan = plans.find(is_meant).expect("a plan");
    let text = fs::read_to_string(&plan).expect("a plan");
    let stored: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let steps = stored["steps"].as_array().expect("steps").len();
    assert_eq!((steps, &stored["client"]), (2, &true.into()), "{text}");

    let plan = plan.display().to_string();
    let replay = ["--trials=2", "--step-timeout=2s", "--replay", &plan];
    let again = TempDir::new().expect("a folder");
    let came = explore_client(&replay, Some("clean-is-end"), &again).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    let came = explore_client(&replay, None, &again).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    let came = call(&[&["explore"][..], &replay].concat()).await;
    came.refused(&["the plan of --replay tries a client; name its command after --"]);
    let folder = explored.display().to_string();
    let own = [
        "client",
        "--features",
        &folder,
        "--only-own",
        "--step-timeout=2s",
        "--",
    ];
    let mut running = command(&own);
    running.arg(binary()).args([
        "watch",
        "--json",
        "--defect",
        "clean-is-end",
        "--url",
        "{url}",
    ]);
    let came = outcome(running).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    came.printed(&["FAILED CLIENT-RETURN-2"]);
}

#[tokio::test]
async fn why_nothing_could_be_played_is_said() {
    let came = call(&["explore", "--trials=2", "--", "false"]).await;
    assert_eq!(came.code, Some(3), "{came:?}");
    came.printed(&["the client ended with exit code 1 before the start of a run"]);
}
