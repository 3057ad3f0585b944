//! Where everything ends in the same way, one sentence says so.

use std::time::Duration;

use reconnect_acceptance::reference::Config;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

use crate::common::call::{command, judged};
use crate::common::host::{Host, quick, reference};

#[tokio::test]
async fn a_wrong_workflow_id_ends_the_run_at_once() {
    let server = reference(quick()).await;
    let url = server.url();
    let seen = judged(command(&[
        "run",
        "--url",
        &url,
        "--workflow-id",
        "no-such-workflow",
    ]))
    .await;
    assert_eq!(seen.outcome.code, Some(3), "{:?}", seen.outcome);
    let words = "the workflow \"no-such-workflow\" was refused: ";
    seen.outcome.printed(&[
        &format!("could not be tested ({words}"),
        &format!("The run was cut short: {words}"),
        "choose another one with --workflow-id or a target file",
    ]);
    assert_eq!(seen.with("passed"), [""; 0]);
    let reasons = seen.report["requirements"]
        .as_array()
        .expect("requirements");
    let others = reasons.iter().filter(|it| {
        let reason = it["reason"].as_str().unwrap_or_default();
        !reason.starts_with(words) && it["verdict"] == "inconclusive"
    });
    assert_eq!(others.count(), 0, "{reasons:?}");
    // One that the server has, as another part, does not end it.
    let seen = judged(command(&["run", "--url", &url, "--require", "GREETING-1"])).await;
    assert_eq!(seen.outcome.code, Some(0), "{:?}", seen.outcome);
}

#[tokio::test]
async fn connections_that_end_at_one_age_are_told_above_all() {
    let server = reference(Config {
        pace: Duration::from_millis(100),
        ..quick()
    })
    .await;
    let address = server.url().replace("ws://", "");
    let address = address.split('/').next().expect("an address").to_owned();
    // A proxy with a time limit for each connection.
    let proxy = Host::tcp(move |mut tcp| {
        let address = address.clone();
        async move {
            if let Ok(mut server) = TcpStream::connect(address).await {
                let both = copy_bidirectional(&mut tcp, &mut server);
                let _ = tokio::time::timeout(Duration::from_millis(2_500), both).await;
            }
        }
    })
    .await;
    let seen = judged(command(&[
        "run",
        "--url",
        &proxy.url(),
        "--require",
        "CATCHUP",
        "--require",
        "HISTORY",
        "--require",
        "START",
    ]))
    .await;
    assert_eq!(seen.outcome.code, Some(3), "{:?}", seen.outcome);
    seen.outcome
        .printed(&["Above all: ", "scenarios each ended 2."]);
    let sentence = seen.report["diagnosis"]["sentence"]
        .as_str()
        .expect("a diagnosis");
    assert!(sentence.contains("such as a time limit of the server or of a proxy before it"));
    for file in ["summary.md", "report.html"] {
        assert!(seen.file(file).contains("Above all"), "{file}");
    }
}
