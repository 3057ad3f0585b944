//! What is asked beside the WebSocket, of the bundled server.

use std::time::Duration;

use reconnect_acceptance::client::http::{Answer, Ask, Site};
use reconnect_acceptance::client::tls;
use reconnect_acceptance::reference::{Config, Server};
use secrecy::SecretString;
use serde_json::Value;
use tokio::net::TcpListener;

async fn server(token: Option<&str>) -> (Server, Site) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let config = Config {
        token: token.map(str::to_owned),
        ..Config::default()
    };
    let server = Server::start(config, listener).expect("a server");
    let tls = tls::config(None, false).expect("no certificates");
    let site = Site::new(&server.http_url(), tls, Vec::new(), Duration::from_secs(10));
    (server, site.expect("an address"))
}

async fn get(site: &Site, path: &str, token: Option<&str>) -> Answer {
    let ask = Ask {
        method: hyper::Method::GET,
        path: path.to_owned(),
        form: Vec::new(),
        token: token.map(SecretString::from),
    };
    site.ask(&ask).await.expect("an answer")
}

#[tokio::test]
async fn the_workflows_are_listed() {
    let (_server, site) = server(None).await;
    let answer = get(&site, "/workflows", None).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text.contains("content-creation-workflow"),
        "{answer:?}"
    );
    assert_eq!(get(&site, "/nothing", None).await.status, 404);
    assert_eq!(get(&site, "/workflows/ws", None).await.status, 426);
}

#[tokio::test]
async fn a_token_is_wanted_where_one_is_needed() {
    let (_server, site) = server(Some("right")).await;
    assert_eq!(get(&site, "/workflows", None).await.status, 401);
    assert_eq!(get(&site, "/workflows", Some("wrong")).await.status, 401);
    assert_eq!(get(&site, "/workflows", Some("right")).await.status, 200);
}

async fn server_with_users() -> (Server, Site) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let users = [("one", "Ada"), ("other", "Ben")];
    let config = Config {
        users: users
            .map(|(token, name)| (token.into(), name.into()))
            .into(),
        ..Config::default()
    };
    let server = Server::start(config, listener).expect("a server");
    let tls = tls::config(None, false).expect("no certificates");
    let site = Site::new(&server.http_url(), tls, Vec::new(), Duration::from_secs(10));
    (server, site.expect("an address"))
}

#[tokio::test]
async fn every_user_has_a_token() {
    let (_server, site) = server_with_users().await;
    for (token, status) in [
        (None, 401),
        (Some("x"), 401),
        (Some("one"), 200),
        (Some("other"), 200),
    ] {
        assert_eq!(
            get(&site, "/workflows", token).await.status,
            status,
            "{token:?}"
        );
    }
}

#[tokio::test]
async fn nobody_can_cancel_another_users_run() {
    let (_server, site) = server_with_users().await;
    let post = async |path: String, token: &str, form: &[(&str, &str)]| {
        let form = form
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let ask = Ask {
            method: hyper::Method::POST,
            path,
            form: form.collect(),
            token: Some(SecretString::from(token)),
        };
        site.ask(&ask).await.expect("an answer")
    };
    let long = "/workflows/content-creation-workflow/runs";
    let form = [("message", "go"), ("stream", "false")];
    let started = post(long.to_owned(), "one", &form).await;
    let started: Value = serde_json::from_str(&started.text).expect("JSON");
    let run_id = started["run_id"].as_str().expect("an id");
    let cancel = format!("{long}/{run_id}/cancel");
    let another = post(cancel.clone(), "other", &[]).await;
    let unknown = post(format!("{long}/nobody/cancel"), "other", &[]).await;
    assert_eq!((another.status, unknown.status), (404, 404));
    assert_eq!(another.text, unknown.text);
    assert_eq!(post(cancel, "one", &[]).await.status, 200);
}

#[tokio::test]
async fn a_server_that_is_gone_does_not_answer() {
    let (server, site) = server(None).await;
    server.stop().await;
    let ask = Ask {
        method: hyper::Method::GET,
        path: "/workflows".to_owned(),
        form: Vec::new(),
        token: None,
    };
    let error = site.ask(&ask).await.expect_err("nobody there");
    assert!(error.contains("connection refused"), "{error}");
}
