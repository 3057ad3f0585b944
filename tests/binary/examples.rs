//! The viewers of `examples/` against the bundled server, with a bad network in between.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use futures::future::join_all;
use reconnect_acceptance::reference::{Config, Fault};
use tokio::process::Command;

use crate::common::call::{clean, outcome_of};
use crate::common::cuts::{Cut, network};
use crate::common::host::reference;
use crate::common::shown::{lines, shown_whole, states};

/// The viewers, and what starts each: Node, and the Python of `EXAMPLES_PYTHON`, which has `websockets`.
fn viewers() -> Vec<(&'static str, Command)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let python = std::env::var_os("EXAMPLES_PYTHON").unwrap_or_else(|| OsString::from("python3"));
    let mut with_python = clean(Command::new(python));
    with_python.arg(folder.join("viewer.py"));
    let mut with_node = clean(Command::new("node"));
    with_node.arg("--experimental-websocket");
    with_node.arg(folder.join("viewer.mjs"));
    vec![("viewer.py", with_python), ("viewer.mjs", with_node)]
}

async fn shows_everything(name: &str, mut viewer: Command, plan: &[Cut], faults: &[Fault]) {
    let server = reference(Config {
        pace: Duration::from_millis(20),
        faults: faults.to_vec(),
        ..Config::default()
    })
    .await;
    let host = network(server.addr(), plan).await;
    viewer.arg(host.url());
    let case = format!("{name} {plan:?} {faults:?}");
    let came = outcome_of(&case, viewer).await;
    shown_whole(&case, &came, 60, !(plan.is_empty() && faults.is_empty()));
}

#[tokio::test]
#[ignore = "needs Node 20 or later, and Python with websockets (EXAMPLES_PYTHON)"]
async fn the_examples_show_everything_once_and_in_order() {
    let plans: &[(&[Cut], &[Fault])] = &[
        (&[], &[]),
        (
            &[
                Cut::Reset(4_000),
                Cut::Close(8, 1000),
                Cut::MidMessage(2_000),
            ],
            &[],
        ),
        (&[Cut::Close(12, 1012), Cut::Refused, Cut::Unavailable], &[]),
        (&[Cut::Silent(4_000)], &[]),
        (&[], &[Fault::LiveDrop]),
        (&[Cut::End(4_000)], &[Fault::CatchUpDouble]),
    ];
    let trials = plans.iter().flat_map(|(plan, faults)| {
        let viewers = viewers().into_iter();
        viewers.map(move |(name, viewer)| shows_everything(name, viewer, plan, faults))
    });
    join_all(trials).await;
}

#[tokio::test]
#[ignore = "needs Node 20 or later, and Python with websockets (EXAMPLES_PYTHON)"]
async fn the_examples_show_the_token_and_stop_where_they_are_refused() {
    for (token, expected) in [
        (Some("right"), "ended"),
        (Some("wrong"), "refused"),
        (None, "refused"),
    ] {
        for (name, mut viewer) in viewers() {
            let server = reference(Config {
                token: Some("right".to_owned()),
                ..Config::default()
            })
            .await;
            let host = network(server.addr(), &[Cut::Reset(4_000)]).await;
            viewer.arg(host.url());
            if let Some(token) = token {
                viewer.env("RECONNECT_ACCEPTANCE_TOKEN", token);
            }
            let came = outcome_of(name, viewer).await;
            let lines = lines(&came);
            assert_eq!(
                states(&lines).last(),
                Some(&expected),
                "{name} {token:?}: {came:?}"
            );
            assert_eq!(came.code, Some(i32::from(expected != "ended")), "{came:?}");
        }
    }
}
