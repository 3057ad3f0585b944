//! The file that is written is one that the suite takes, whatever the server says.

use super::look::{Found, OpenApi, Workflows, openapi, workflows};
use super::text::{self, Given};
use crate::client::http::Answer;
use crate::plan::{LONG_MESSAGE, LONG_WORKFLOW, Workflow, http_url_of};
use crate::protocol::Part;
use crate::target::file::TargetFile;

const URL: &str = "ws://localhost:7777/workflows/ws";

fn given() -> Given<'static> {
    Given {
        url: URL,
        token_env: None,
        ca_file: None,
        headers: false,
    }
}

fn listed(json: &str) -> Result<Workflows, String> {
    workflows(&Answer {
        status: 200,
        text: json.to_owned(),
    })
}

fn found(json: &str) -> Found {
    Found {
        asks_for_token: Some(false),
        http_url: Some("http://localhost:7777".to_owned()),
        workflows: listed(json),
        openapi: None,
    }
}

#[test]
fn what_was_found_is_written_and_what_is_missing_is_a_remark() {
    let json = format!(
        r#"[{{"id": "{LONG_WORKFLOW}", "name": "Content"}}, {{"id": "failing-workflow"}}]"#
    );
    let text = text::of(&given(), &found(&json));
    let file = TargetFile::parse(&text).expect(&text);
    assert_eq!(
        (file.url.as_str(), file.http_url.as_deref()),
        (URL, Some("http://localhost:7777"))
    );
    let casting = file.casting();
    assert_eq!(casting.len(), 1, "{text}");
    assert_eq!(
        casting[&Part::Long],
        Workflow::new(LONG_WORKFLOW, LONG_MESSAGE)
    );
    for said in [
        "asks for no token",
        "by a list of 2.",
        "#   content-creation-workflow  (Content)",
        "# [parts.failing]\n# workflow_id = \"failing-workflow\"   # by its name alone",
        "# [parts.pausing]\n# workflow_id = \"…\"",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for part in Part::ALL {
        assert!(text.contains(&format!("[parts.{part}]")), "{part}");
    }
}

#[test]
fn every_remark_with_a_key_can_be_taken_away() {
    let json = format!(r#"[{{"id": "{LONG_WORKFLOW}"}}]"#);
    let text = text::of(&given(), &found(&json));
    let is_setting = |line: &str| line.contains(" = ") || line.starts_with("# [");
    let lines = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if is_setting(line) && !rest.starts_with("[guarded] at") => rest,
        _ => line,
    });
    let all = lines.collect::<Vec<_>>().join("\n");
    let file = TargetFile::parse(&all).expect(&all);
    assert_eq!(file.casting().len(), Part::ALL.len());
    assert!(file.users.is_some() && file.guarded.is_some() && file.kill_replica.is_some());
}

#[test]
fn one_workflow_alone_is_a_guess_and_of_several_strange_ones_none() {
    let one = text::of(&given(), &found(r#"[{"id": "novel"}]"#));
    let file = TargetFile::parse(&one).expect(&one);
    assert_eq!(file.casting()[&Part::Long], Workflow::new("novel", ""));
    assert!(one.contains("the only workflow: look whether it does that"));
    let two = found(r#"[{"id": "novel"}, {"id": "essay"}]"#);
    let text = text::of(&given(), &two);
    assert!(TargetFile::parse(&text).expect(&text).casting().is_empty());
    assert!(text::afterwards("t.toml", &two).contains("choose one for [parts.long]"));
}

#[test]
fn a_hostile_server_stays_within_its_remarks() {
    let hostile = "x\"\n[parts.long]\nworkflow_id = \"evil\"\r\u{1b}[31m\u{202e}'''\u{0}";
    let id = serde_json::to_string(hostile).expect("JSON");
    for json in [
        format!(r#"[{{"id": {id}, "name": {id}}}]"#),
        format!(r#"[{{"id": {id}}}, {{"name": 7}}, 7, null, [[]]]"#),
        format!(r#"[{{"id": "{}"}}]"#, "long".repeat(90_000)),
        format!("[{}]", vec!["{}"; 5_000].join(",")),
    ] {
        let mut found = found(&json);
        found.openapi = Some(OpenApi {
            title: hostile.to_owned(),
            starts: true,
            cancels: false,
        });
        let text = text::of(&given(), &found);
        let file = TargetFile::parse(&text).expect(&text);
        assert!(file.casting().is_empty(), "{text}");
        assert!(text.len() < 20_000, "{}", text.len());
        assert!(
            !text.contains(['\u{1b}', '\u{202e}', '\r', '\u{0}']),
            "{text}"
        );
        found.workflows = Err(hostile.to_owned());
        let text = text::of(&given(), &found);
        let file = TargetFile::parse(&text).expect(&text);
        assert!(
            file.casting().is_empty() && file.http_url.is_none(),
            "{text}"
        );
    }
}

#[test]
fn answers_that_are_no_list_say_why() {
    let of = |status, text: &str| {
        workflows(&Answer {
            status,
            text: text.to_owned(),
        })
    };
    for (answer, said) in [
        (of(404, "[]"), "answered by 404"),
        (of(401, "{}"), "--token-env"),
        (of(200, "<html>"), "no list in JSON"),
        (of(200, "{}"), "no list in JSON"),
    ] {
        let reason = answer.expect_err(said);
        assert!(reason.contains(said), "{reason}");
        let found = Found {
            workflows: Err(reason),
            ..found("[]")
        };
        let text = text::of(&given(), &found);
        assert!(
            text.contains("# MISSING: the server's HTTP address"),
            "{text}"
        );
        assert!(TargetFile::parse(&text).is_ok(), "{text}");
    }
}

#[test]
fn an_openapi_document_says_which_requests_there_are() {
    let of = |text: &str| {
        openapi(&Answer {
            status: 200,
            text: text.to_owned(),
        })
    };
    assert_eq!(of("[]"), None);
    let document = r#"{"info": {"title": "AgentOS", "version": "3.1.10"},
        "paths": {"/workflows/{workflow_id}/runs": {"post": {}}, "/workflows/{a}/runs/{b}/cancel": {"get": {}}}}"#;
    let expected = OpenApi {
        title: "AgentOS 3.1.10".to_owned(),
        starts: true,
        cancels: false,
    };
    assert_eq!(of(document), Some(expected));
}

#[test]
fn the_http_address_is_guessed_from_the_url() {
    for (url, http_url) in [
        (URL, Some("http://localhost:7777")),
        ("wss://h/a/ws?token=t", Some("https://h")),
        ("ws://[::1]:7/ws", Some("http://[::1]:7")),
        ("http://h", None),
        ("ws://", None),
    ] {
        assert_eq!(http_url_of(url).as_deref(), http_url, "{url}");
    }
}

#[test]
fn secrets_are_not_written_and_what_a_guarded_server_needs_is_said() {
    let guarded = Found {
        asks_for_token: Some(true),
        ..found("[]")
    };
    let text = text::of(&given(), &guarded);
    assert!(
        text.contains("# MISSING: the variable that contains its token"),
        "{text}"
    );
    let with = Given {
        url: "ws://h/ws?token=canary",
        token_env: Some("T"),
        headers: true,
        ..given()
    };
    let text = text::of(&with, &guarded);
    let file = TargetFile::parse(&text).expect(&text);
    assert_eq!(file.token_env.as_deref(), Some("T"));
    assert!(
        text.contains("has a secret in it") && file.headers.is_empty(),
        "{text}"
    );
}
