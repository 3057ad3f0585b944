//! What a connection needs besides a URL: certificates, a token, headers; and what becomes of
//! secrets.

use std::fs;

use crate::common::call::{Judged, Outcome, call, command, judge, judged, outcome};
use crate::common::certificate::Authority;
use crate::common::host::{GREETING, Host, listen, quick, reference, say};
use crate::common::in_time;
use reconnect_acceptance::reference::{Config, Server};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

const CANARY: &str = "canary-4f1c\"\\-secret";
const VARIABLE: &str = "HOSTILE_TESTS_TOKEN";

/// The scenarios that need no pace: connections, greetings and refusals.
const FEW: &[&str] = &[
    "--require=GREETING-1",
    "--require=REFUSAL",
    "--require=CLOSE",
];
/// Time enough on a busy machine; nothing is waited for in vain here.
const PATIENT: &str = "--step-timeout=30s";

/// The binary, with the token in its environment.
fn with_token(arguments: &[&str], token: Option<&str>) -> tokio::process::Command {
    let mut command = command(arguments);
    match token {
        Some(token) => command.env(VARIABLE, token),
        None => command.env_remove(VARIABLE),
    };
    command
}

/// Neither the output nor any file of the reports holds the text, whole or as JSON writes it.
fn never_told(judged: &Judged, secret: &str) {
    let quoted = serde_json::Value::from(secret).to_string();
    let twice = serde_json::Value::from(quoted.trim_matches('"')).to_string();
    let forms = [secret, quoted.trim_matches('"'), twice.trim_matches('"')];
    let outputs = [
        ("stdout".to_owned(), judged.outcome.stdout.clone()),
        ("stderr".to_owned(), judged.outcome.stderr.clone()),
    ];
    for (name, text) in outputs.into_iter().chain(judged.files()) {
        for form in forms {
            assert!(!text.contains(form), "{name} tells the secret");
        }
    }
}

fn all_held(judged: &Judged) {
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
    assert_eq!(judged.with("failed"), [""; 0]);
    assert!(judged.with("passed").contains(&"GREETING-1"));
}

// TLS.

#[tokio::test]
async fn a_private_authority_is_trusted_where_it_is_named() {
    let server = reference(quick()).await;
    let authority = Authority::new();
    let file = authority.file().display().to_string();
    for name in ["127.0.0.1", "localhost"] {
        let host = authority.in_front_of(server.addr(), name).await;
        let url = format!("wss://{name}:{}/workflows/ws", host.addr.port());
        let judged = judge(&url, &[FEW, &[PATIENT, "--ca-file", &file]].concat()).await;
        all_held(&judged);
    }
}

#[tokio::test]
async fn a_file_without_certificates_is_an_error_of_usage() {
    let folder = TempDir::new().expect("a folder");
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "nothing here\n").expect("written");
    let failed = folder.path().join("broken.pem");
    let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(&failed, text).expect("written");
    for (file, said) in [
        (empty, "no certificate in it"),
        (failed, "read certificates from"),
        (folder.path().join("absent.pem"), "read certificates from"),
    ] {
        let file = file.display().to_string();
        let outcome = call(&["run", "--url", "wss://127.0.0.1:1/", "--ca-file", &file]).await;
        outcome.refused(&[said, &file]);
    }
}

#[tokio::test]
async fn a_machine_without_authorities_says_how_to_name_some() {
    let server = reference(quick()).await;
    let authority = Authority::new();
    let host = authority.in_front_of(server.addr(), "127.0.0.1").await;
    let url = host.url().replace("ws://", "wss://");
    let nowhere = TempDir::new().expect("a folder");
    let bare = |arguments: &[&str]| {
        let mut command = command(&[&["run", "--url", &url, PATIENT], FEW, arguments].concat());
        command.env_remove("SSL_CERT_FILE");
        command.env("SSL_CERT_DIR", nowhere.path());
        command
    };
    let outcome = outcome(bare(&[])).await;
    outcome.refused(&[
        "this machine has none",
        "name a PEM file of them with --ca-file",
    ]);
    let file = authority.file().display().to_string();
    all_held(&judged(bare(&["--ca-file", &file])).await);
}

// The token.

async fn guarded(token: &str) -> Server {
    reference(Config {
        token: Some(token.to_owned()),
        ..quick()
    })
    .await
}

async fn judge_with(url: &str, token: Option<&str>, more: &[&str]) -> Judged {
    let arguments = [&["run", "--url", url, PATIENT], FEW, more].concat();
    judged(with_token(&arguments, token)).await
}

#[tokio::test]
async fn the_right_token_opens_and_is_never_told() {
    let server = guarded(CANARY).await;
    let judged = judge_with(&server.url(), Some(CANARY), &["--token-env", VARIABLE]).await;
    all_held(&judged);
    never_told(&judged, CANARY);
    let sent = judged
        .files()
        .into_iter()
        .any(|(_, text)| text.contains("authenticate"));
    assert!(sent, "the transcripts tell that a token was sent");
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_is_never_told() {
    let server = guarded("another one").await;
    let judged = judge_with(&server.url(), Some(CANARY), &["--token-env", VARIABLE]).await;
    judged.inconclusive("the server refused the token that --token-env or the target file names");
    never_told(&judged, CANARY);
}

#[tokio::test]
async fn a_missing_token_is_asked_for() {
    let server = guarded(CANARY).await;
    let judged = judge_with(&server.url(), None, &[]).await;
    judged.inconclusive(
        "the server asks for a token: name the environment variable that contains it with --token-env",
    );
}

#[tokio::test]
async fn a_variable_without_a_token_is_an_error_of_usage() {
    for token in [None, Some(""), Some("  \n")] {
        let arguments = ["run", "--url", "ws://127.0.0.1:1/", "--token-env", VARIABLE];
        let outcome = outcome(with_token(&arguments, token)).await;
        outcome.refused(&["the environment variable HOSTILE_TESTS_TOKEN is not set, or empty"]);
    }
}

#[tokio::test]
async fn a_server_that_tells_the_secrets_on_does_not_get_them_told() {
    // In a message, in the reason of a close, in the answer to the upgrade.
    let text = serde_json::json!({
        "event": "connected", "requires_auth": false, "token": CANARY, "header": CANARY,
    })
    .to_string();
    let talking = Host::saying(&[&text, &format!("{CANARY} {{"), CANARY]).await;
    let closing = Host::websocket(async |mut socket| {
        use tokio_tungstenite::tungstenite::protocol::CloseFrame;
        let code = 1008.into();
        let reason = CANARY.into();
        let _ = socket.close(Some(CloseFrame { code, reason })).await;
        listen(&mut socket).await;
    })
    .await;
    let refusing = Host::answering(|_| {
        vec![serde_json::json!({"event": "error", "error": CANARY}).to_string()]
    })
    .await;
    for host in [talking, closing, refusing] {
        let header = format!("X-Api-Key: {CANARY}");
        let more = [
            "--token-env",
            VARIABLE,
            "--header",
            &header,
            "--step-timeout=1s",
        ];
        let url = host.url();
        let arguments = [&["run", "--url", &url, "--concurrency=64"], &more[..]].concat();
        let judged = judged(with_token(&arguments, Some(CANARY))).await;
        assert_ne!(judged.outcome.code, Some(70), "{:?}", judged.outcome);
        never_told(&judged, CANARY);
        let arguments = [&["doctor", "--url", &url], &more[..]].concat();
        let outcome = outcome(with_token(&arguments, Some(CANARY))).await;
        assert!(!format!("{outcome:?}").contains("canary"), "{outcome:?}");
    }
}

// Headers.

/// A greeting server that hands over the headers of every upgrade.
async fn listening() -> (
    Host,
    tokio::sync::mpsc::UnboundedReceiver<Vec<(String, String)>>,
) {
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let host = Host::tcp(move |tcp| {
        let tell = tell.clone();
        async move {
            #[expect(clippy::result_large_err, reason = "the type is that of tungstenite")]
            let look = |request: &Request, response: Response| {
                let headers = request.headers().iter();
                let headers = headers.map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.to_string(), value)
                });
                let _ = tell.send(headers.collect());
                Ok(response)
            };
            if let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(tcp, look).await {
                say(&mut socket, GREETING).await;
                listen(&mut socket).await;
            }
        }
    })
    .await;
    (host, told)
}

#[tokio::test]
async fn headers_reach_the_server_and_are_never_told() {
    let (host, mut told) = listening().await;
    let judged = judge(
        &host.url(),
        &[
            PATIENT,
            "--require=GREETING-1",
            "--header",
            &format!("Authorization: Bearer {CANARY}"),
            "--header",
            "X-Twice: first-secret",
            "--header",
            "x-twice:second: secret ",
            "--header",
            "Host: elsewhere.example",
            "--header",
            "Origin: https://front.example",
            "--header",
            "X-Empty:",
        ],
    )
    .await;
    all_held(&judged);
    for secret in [CANARY, "first-secret", "second: secret"] {
        never_told(&judged, secret);
    }
    let headers = in_time(told.recv()).await.expect("headers");
    let of = |name: &str| -> Vec<&str> {
        let named = headers.iter().filter(|(of, _)| of == name);
        named.map(|(_, value)| value.as_str()).collect()
    };
    assert_eq!(of("authorization"), [format!("Bearer {CANARY}")]);
    assert_eq!(of("x-twice"), ["first-secret", "second: secret"]);
    assert_eq!(of("host"), ["elsewhere.example"]);
    assert_eq!(of("origin"), ["https://front.example"]);
    assert_eq!(of("x-empty"), [""]);
}

#[tokio::test]
async fn headers_of_a_target_file_reach_the_server() {
    let (host, mut told) = listening().await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("target.toml");
    let text = format!(
        "url = \"{}\"\nheaders = {{X-Key = \"{}\"}}\n[parts.long]\nworkflow_id = \"w\"\n",
        host.url(),
        "canary-of-the-file"
    );
    fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let arguments = ["run", "--target", &file, PATIENT, "--require=GREETING-1"];
    let judged = judged(command(&arguments)).await;
    all_held(&judged);
    never_told(&judged, "canary-of-the-file");
    let headers = in_time(told.recv()).await.expect("headers");
    assert!(headers.contains(&("x-key".to_owned(), "canary-of-the-file".to_owned())));
}

#[tokio::test]
async fn headers_that_cannot_be_sent_are_errors_of_usage() {
    for (header, said) in [
        (
            "X-Key: canary\r\nX-Other: canary",
            "send the header x-key: its value may hold",
        ),
        (
            "X-Key: canary\nX-Other: canary",
            "send the header x-key: its value may hold",
        ),
        (
            "X-Key: canary\u{7f}",
            "send the header x-key: its value may hold",
        ),
        (
            "X-Key: canary ü",
            "send the header x-key: its value may hold",
        ),
        ("X\r\nKey: canary", "looks like 'Name: value'"),
        ("Authorization Bearer canary: x", "looks like 'Name: value'"),
        (": canary", "looks like 'Name: value'"),
        ("canary", "looks like 'Name: value'"),
        ("", "looks like 'Name: value'"),
        (
            "Upgrade: canary",
            "send the header upgrade: the WebSocket handshake sets it",
        ),
        (
            "Sec-WebSocket-Key: canary",
            "the WebSocket handshake sets it by itself",
        ),
    ] {
        for verb in ["run", "doctor"] {
            let outcome = call(&[verb, "--url", "ws://127.0.0.1:1/", "--header", header]).await;
            outcome.refused(&[said]);
            assert!(!outcome.stderr.contains("canary"), "{outcome:?}");
            assert_eq!(outcome.stdout.lines().count(), 0, "{outcome:?}");
        }
    }
}

// URLs.

#[tokio::test]
async fn urls_that_cannot_be_used_are_errors_of_usage() {
    let cases = [
        (
            "http://h/workflows/ws",
            "it must start with ws:// or wss://, not http",
        ),
        (
            "https://h/workflows/ws",
            "it must start with ws:// or wss://, not http",
        ),
        ("ftp://h", "it must start with ws:// or wss://"),
        ("localhost:7777", "it must start with ws:// or wss://"),
        ("localhost", "it must start with ws:// or wss://"),
        ("/workflows/ws", "it must start with ws:// or wss://"),
        ("", "as a WebSocket URL"),
        ("ws://", "it names no host"),
        ("ws:///workflows/ws", "it names no host"),
        ("ws://:7777/", "it names no host"),
        ("ws://h:0/", "its port is no number from 1 to 65535"),
        ("ws://h:65536/", "its port is no number from 1 to 65535"),
        ("ws://h:/", "its port is no number from 1 to 65535"),
        ("ws://h:x/", "as a WebSocket URL"),
        ("ws://h h/", "as a WebSocket URL"),
        ("ws://[::1/", "as a WebSocket URL"),
    ];
    for (url, said) in cases {
        for verb in ["run", "doctor"] {
            let outcome = call(&[verb, "--url", url]).await;
            outcome.refused(&[said, "an example: ws://localhost:7777/workflows/ws"]);
            assert_eq!(outcome.stdout, "", "nothing is run");
        }
    }
}

#[tokio::test]
async fn secrets_in_urls_are_not_told() {
    for url in [
        "ws://me:canary@h/",
        "wss://canary@h:99999/",
        "http://me:canary@h/workflows/ws",
        "me:canary@h",
        "ws://me:ca/nary@h/",
        "ws://me:ca?nary@h/",
        "http://h/workflows/ws?token=canary",
        "ws://h:0/?token=canary&x=canary",
    ] {
        let outcome = call(&["run", "--url", url]).await;
        outcome.refused(&["as a WebSocket URL"]);
        assert!(!outcome.stderr.contains("nary"), "{outcome:?}");
    }
    for url in ["http://me:canary@h/", "http://h/?token=canary"] {
        let outcome = call(&["run", "--url", url]).await;
        outcome.refused(&["read the HTTP address"]);
        assert!(!outcome.stderr.contains("nary"), "{outcome:?}");
    }
    let outcome = call(&["run", "--url", "ws://me:canary@h/"]).await;
    outcome.refused(&["are not taken; use --token-env or --header"]);

    let server = reference(quick()).await;
    let url = format!("{}?token=canary-in-the-query", server.url());
    let judged = judge(&url, &[PATIENT, "--require=GREETING-1"]).await;
    all_held(&judged);
    never_told(&judged, "canary-in-the-query");
    judged.outcome.printed(&["?token=…"]);
}

#[tokio::test]
async fn a_token_on_the_command_line_is_not_repeated() {
    for arguments in [["run", "--token=canary"], ["run", "--header=canary"]] {
        let outcome: Outcome = call(&arguments).await;
        assert_eq!(
            outcome.code,
            Some(if arguments[1].contains("header") {
                0
            } else {
                2
            })
        );
        assert!(!format!("{outcome:?}").contains("canary"), "{outcome:?}");
    }
}
