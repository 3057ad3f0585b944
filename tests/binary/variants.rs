//! Target variants: servers that ask for a token, keep users apart, or are replicas; named in a target file,
//! and of the bundled server.

use std::fs;

use crate::common::call::{Judged, command, judged};
use crate::common::host::{quick, reference};
use reconnect_acceptance::reference::{Config, Server};
use reconnect_acceptance::target::bundled;
use tempfile::TempDir;

/// The variables that hold the tokens, and the tokens.
const TOKENS: [(&str, &str); 3] = [
    ("VARIANTS_TESTS_KEY", "canary-key-71c0"),
    ("VARIANTS_TESTS_ADA", "canary-ada-1f9b"),
    ("VARIANTS_TESTS_BEN", "canary-ben-a24e"),
];

const WHAT: &[&str] = &[
    "--require=AUTH",
    "--require=OWNER-2",
    "--step-timeout=30s",
    "--quiet=100ms",
    "--away=0s",
];

/// Judges the target of a file with these lines, with a slow `long` workflow.
async fn judge(target: &str) -> Judged {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("target.toml");
    let parts = "[parts.long]\nworkflow_id = \"content-creation-workflow\"\n\
        [parts.short]\nworkflow_id = \"short-workflow\"\n";
    fs::write(&file, format!("{target}\n{parts}")).expect("written");
    let file = file.display().to_string();
    let mut asked = command(&[&["run", "--target", &file], WHAT].concat());
    asked.envs(TOKENS);
    judged(asked).await
}

/// A server so slow that a run is still under way when its viewer returns.
async fn server(token: Option<&str>, users: &[(&str, &str)], faults: &[&str]) -> Server {
    let named = |(token, name): &(&str, &str)| ((*token).to_owned(), (*name).to_owned());
    reference(Config {
        token: token.map(str::to_owned),
        users: users.iter().map(named).collect(),
        faults: faults
            .iter()
            .map(|it| it.parse().expect("a fault"))
            .collect(),
        pace: std::time::Duration::from_millis(20),
        ..quick()
    })
    .await
}

/// Neither the output nor any file of the reports has one of these.
fn never_printed(judged: &Judged, secrets: &[&str]) {
    let outputs = [
        ("stdout".to_owned(), judged.outcome.stdout.clone()),
        ("stderr".to_owned(), judged.outcome.stderr.clone()),
    ];
    for (name, text) in outputs.into_iter().chain(judged.files()) {
        for secret in secrets {
            // Without the last letters: a forged token must not be printed, either.
            let most = &secret[..secret.len() - 5];
            assert!(!text.contains(most), "{name} shows {secret}");
        }
    }
}

/// Judges a server by the requirements about replicas; its other replica is in the target file if `named`.
async fn judge_replicas(faults: &[&str], named: bool) -> Judged {
    let server = server(None, &[], faults).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let replica = server.open_replica(listener.expect("a port"));
    let replica = replica.expect("a replica");
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("target.toml");
    let named = named.then(|| format!("replica = \"{replica}\"\n"));
    let text = format!(
        "url = \"{}\"\n{}[parts.long]\nworkflow_id = \"content-creation-workflow\"\n\
         [parts.short]\nworkflow_id = \"short-workflow\"\n",
        server.url(),
        named.unwrap_or_default()
    );
    fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    judged(command(&[
        "run",
        "--target",
        &file,
        "--require=REPLICA",
        "--step-timeout=10s",
        "--quiet=300ms",
        "--away=100ms",
    ]))
    .await
}

#[tokio::test]
async fn the_replica_of_a_target_file_is_used() {
    let ids = ["REPLICA-1", "REPLICA-2"];
    let whole = judge_replicas(&[], true).await;
    assert_eq!(whole.outcome.code, Some(0), "{:?}", whole.outcome);
    assert_eq!(whole.with("passed"), ids);
    let apart = judge_replicas(&["replica-knows-own-runs"], true).await;
    assert_eq!(apart.outcome.code, Some(1), "{:?}", apart.outcome);
    assert_eq!(apart.with("failed"), ids);
    apart
        .outcome
        .printed(&["connects to another replica of the server"]);
    let alone = judge_replicas(&[], false).await;
    // None of them names a way to kill the replica.
    assert_eq!(whole.with("not_applicable"), ["REPLICA-3"]);
    let all = ["REPLICA-1", "REPLICA-2", "REPLICA-3"];
    assert_eq!(alone.with("not_applicable"), all);
    alone.outcome.printed(&[
        "the target names no other replica of the server; use a target file with replica",
    ]);
}

const USERS: &[(&str, &str)] = &[("canary-ada-1f9b", "Ada"), ("canary-ben-a24e", "Ben")];
const ALL: [&str; 5] = ["AUTH-1", "AUTH-2", "AUTH-3", "AUTH-4", "OWNER-2"];

#[tokio::test]
async fn the_variants_of_a_target_file_are_used() {
    let open = server(None, &[], &[]).await;
    let guarded = server(Some("canary-key-71c0"), &[], &[]).await;
    let users = server(None, USERS, &[]).await;
    let judged = judge(&format!(
        "url = \"{}\"\nhttp_url = \"{}\"\n\
         [guarded]\nurl = \"{}\"\nhttp_url = \"{}\"\ntoken_env = \"VARIANTS_TESTS_KEY\"\n\
         [users]\nurl = \"{}\"\nhttp_url = \"{}\"\n\
         token_envs = [\"VARIANTS_TESTS_ADA\", \"VARIANTS_TESTS_BEN\"]\n",
        open.url(),
        open.http_url(),
        guarded.url(),
        guarded.http_url(),
        users.url(),
        users.http_url(),
    ))
    .await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
    assert_eq!(judged.with("passed"), ALL);
    never_printed(&judged, &TOKENS.map(|(_, token)| token));
}

#[tokio::test]
async fn a_server_with_users_is_its_own_variant() {
    for (faults, failed) in [(&[][..], &[][..]), (&["other-user-told"], &["OWNER-2"])] {
        let users = server(None, USERS, faults).await;
        let judged = judge(&format!(
            "url = \"{}\"\nhttp_url = \"{}\"\ntoken_env = \"VARIANTS_TESTS_ADA\"\n\
             [users]\ntoken_envs = [\"VARIANTS_TESTS_ADA\", \"VARIANTS_TESTS_BEN\"]\n",
            users.url(),
            users.http_url(),
        ))
        .await;
        assert_eq!(judged.with("failed"), failed, "{:?}", judged.outcome);
        assert_eq!(judged.with("passed").len() + failed.len(), ALL.len());
        never_printed(&judged, &["canary-ada-1f9b", "canary-ben-a24e"]);
    }
}

#[tokio::test]
async fn what_a_target_lacks_is_not_applicable_with_advice() {
    let open = server(None, &[], &[]).await;
    let judged = judge(&format!("url = \"{}\"\n", open.url())).await;
    let lacking = ["AUTH-1", "AUTH-2", "AUTH-3", "AUTH-4", "AUTH-5", "OWNER-2"];
    assert_eq!(judged.with("not_applicable"), lacking);
    judged.outcome.printed(&[
        "the target names no server that asks for a token; use --token-env, or in a target file",
        "the target names no two users of a server that keeps users apart; use a target file with [users] token_envs",
    ]);
    // A token that the server does not ask for.
    let judged = judge(&format!(
        "url = \"{}\"\nhttp_url = \"{}\"\ntoken_env = \"VARIANTS_TESTS_KEY\"\n",
        open.url(),
        open.http_url()
    ))
    .await;
    assert_eq!(judged.with("failed"), [""; 0]);
    assert!(judged.with("not_applicable").contains(&"AUTH-1"));
    judged
        .outcome
        .printed(&["the server's greeting asks for no token"]);
}

#[tokio::test]
async fn a_websocket_without_a_token_beside_guarded_http_is_found() {
    let half = server(Some("canary-key-71c0"), &[], &["auth-http-only"]).await;
    let judged = judge(&format!(
        "url = \"{}\"\nhttp_url = \"{}\"\n",
        half.url(),
        half.http_url()
    ))
    .await;
    assert_eq!(judged.outcome.code, Some(1), "{:?}", judged.outcome);
    assert_eq!(judged.with("failed"), ["AUTH-4"]);
    judged.outcome.printed(&["HTTP 401", "WorkflowStarted"]);
}

#[tokio::test]
async fn the_tokens_of_the_bundled_variants_are_never_printed() {
    let judged = judged(command(&[&["run"], WHAT].concat())).await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
    let users = bundled::USERS.map(|(token, _)| token);
    never_printed(&judged, &[bundled::TOKEN, users[0], users[1]]);
    let sent = judged.files().into_iter();
    let sent: Vec<String> = sent.map(|(_, text)| text).collect();
    for masked in ["[secret]", "wrong-token"] {
        let pair = format!("\\\"token\\\":\\\"{masked}\\\"");
        assert!(sent.iter().any(|text| text.contains(&pair)), "{pair}");
    }
}
