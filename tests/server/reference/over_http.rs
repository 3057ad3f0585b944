//! The bundled server over HTTP: runs that are resumed and continued there, and what each stream says.

use reconnect_acceptance::client::http::{Answer, Ask};
use reconnect_acceptance::protocol::component::decide;
use reconnect_acceptance::protocol::{Component, EventStream, Route, RunRequest, framing};
use reconnect_acceptance::reference::{Config, Server};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::client::{Client, LONG, in_time, quick, server, span, standing};
use super::stops::{PAUSING, paused, post, site};

/// What a whole stream says, message by message.
fn messages(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut stream = EventStream::new(answer.text.len());
    stream.feed(answer.text.as_bytes()).expect("short blocks");
    assert_eq!(stream.rest(), b"", "it ends with a whole event");
    std::iter::from_fn(|| stream.next_block())
        .map(|block| {
            let block = String::from_utf8(block).expect("UTF-8");
            let message: Value = serde_json::from_str(&framing::unwrap(&block).1).expect("JSON");
            assert_eq!(framing::label(&block), message["event"].as_str(), "{block}");
            message
        })
        .collect()
}

/// The indices of the events among these.
fn indices(messages: &[Value]) -> Vec<u64> {
    let indices = messages.iter().map(|it| it["event_index"].as_u64());
    indices.flatten().collect()
}

fn resume<'r>(workflow_id: &'r str, run_id: &'r str) -> Route<'r> {
    Route::of_workflow(workflow_id, RunRequest::Resume(run_id.into()))
}

/// The answer to a viewer who returns over HTTP to a run of the long workflow.
async fn come_back(server: &Server, run_id: &str, position: &str) -> Answer {
    let form = [("last_event_index", position)];
    let ask = post(&resume(LONG, run_id), &form);
    in_time(site(server).ask(&ask)).await.expect("an answer")
}

/// The id of a run of the long workflow that has ended.
async fn finished(server: &Server) -> String {
    let mut ada = Client::connect(server).await;
    ada.start(LONG, "s").await;
    assert_eq!(ada.events(60).await, span(0, 60));
    server.breakpoints().run_of("s").expect("a run")
}

#[tokio::test]
async fn who_returns_to_a_run_under_way_misses_nothing() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    let (_ada, run_id) = standing(&server, "s", 19).await;
    let (answer, ()) = tokio::join!(come_back(&server, &run_id, "9"), async {
        in_time(breakpoints.returned("s", 1)).await;
        breakpoints.clear("s");
    });
    let messages = messages(&answer);
    assert_eq!(
        messages[0],
        json!({"event": "catch_up", "run_id": run_id, "status": "running", "missed_events": 10,
            "current_event_count": 20, "message": "Catching up on 10 missed events."})
    );
    assert_eq!(messages[11]["event"], "subscribed");
    assert_eq!(indices(&messages), span(10, 60));
    // The stream ended with the run.
    assert_eq!(messages[messages.len() - 1]["event"], "WorkflowCompleted");
}

#[tokio::test]
async fn of_a_finished_run_only_what_comes_after_the_position_is_replayed() {
    let server = quick(&[]).await;
    let run_id = finished(&server).await;
    for (position, first, requested) in [("", 0, -1), ("0", 1, 0), ("40", 41, 40), ("59", 60, 59)] {
        let messages = messages(&come_back(&server, &run_id, position).await);
        assert_eq!(
            messages[0],
            json!({"event": "replay", "run_id": run_id, "status": "COMPLETED",
                "total_events": 60 - first, "total_buffered": 60,
                "last_event_index_requested": requested,
                "message": "Run COMPLETED. Replaying all events."})
        );
        assert_eq!(indices(&messages), span(first, 60));
        assert_eq!(messages.len() as u64, 61 - first, "and nothing else");
    }
}

#[tokio::test]
async fn what_cannot_be_resumed_is_refused() {
    let server = quick(&[]).await;
    let run_id = finished(&server).await;
    for position in ["abc", "-1", "1.5", "true", "null", "99999999999999999999"] {
        let answer = come_back(&server, &run_id, position).await;
        assert_eq!(answer.status, 422, "{position}");
    }
    let unknown = come_back(&server, "nope", "3").await;
    assert_eq!(
        messages(&unknown),
        [json!({"event": "error", "error": "Run nope not found in buffer or database"})]
    );
    let ask = post(&resume("nope", &run_id), &[]);
    let unknown = site(&server).ask(&ask).await.expect("an answer");
    assert_eq!(unknown.status, 404);

    let (_ada, run_id) = standing(&server, "under way", 5).await;
    let beyond = messages(&come_back(&server, &run_id, "6").await);
    assert_eq!((beyond.len(), &beyond[0]["event"]), (1, &json!("error")));
}

#[tokio::test]
async fn a_stream_ends_with_a_pause_and_another_one_brings_the_rest() {
    let server = quick(&[]).await;
    let site = site(&server);
    let start = Route::of_workflow(PAUSING, RunRequest::Start);
    let started = post(&start, &[("message", "go"), ("session_id", "s")]);
    let started = site.ask(&started).await;
    let before = messages(&started.expect("an answer"));
    let pause = &before[before.len() - 1];
    assert_eq!(pause["event"], "WorkflowPaused");
    let run_id = server.breakpoints().run_of("s").expect("a run");

    let mut look = post(
        &Route::of_workflow(PAUSING, RunRequest::State(run_id.as_str().into())),
        &[],
    );
    look.method = hyper::Method::GET;
    let state = site.ask(&look).await.expect("an answer");
    let state: Value = serde_json::from_str(&state.text).expect("JSON");
    assert_eq!(
        (&state["status"], &state["step_requirements"]),
        (&json!("PAUSED"), &pause["step_requirements"])
    );
    let replay = site.ask(&post(&resume(PAUSING, &run_id), &[])).await;
    let replay = messages(&replay.expect("an answer"));
    assert_eq!(replay[0]["status"], "PAUSED");
    assert_eq!(replay[1..], before);

    let go_on = Route::of_workflow(PAUSING, RunRequest::Continue(run_id.as_str().into()));
    for (form, status) in [
        (&[("step_requirements", "[]"), ("session_id", "s")][..], 409),
        (&[("session_id", "s")], 400),
    ] {
        let refused = site.ask(&post(&go_on, form)).await.expect("an answer");
        assert_eq!(refused.status, status);
    }
    let mut answers = pause["step_requirements"].clone();
    answers[0]["confirmed"] = json!(true);
    let form = [
        ("step_requirements", &*answers.to_string()),
        ("session_id", "s"),
    ];
    let rest = site.ask(&post(&go_on, &form)).await.expect("an answer");
    let rest = messages(&rest);
    assert_eq!(rest[rest.len() - 1]["event"], "WorkflowCompleted");
    let all = before.len() as u64 + rest.len() as u64;
    assert_eq!(indices(&rest), span(before.len() as u64, all));
    let again = site.ask(&post(&go_on, &form)).await.expect("an answer");
    assert_eq!(again.status, 409);
    // What was asked and answered over the WebSocket is the same run.
    let (_ada, run_id, at, _) = paused(&server).await;
    let watched = site.ask(&post(&resume(PAUSING, &run_id), &[])).await;
    let watched = messages(&watched.expect("an answer"));
    assert_eq!(indices(&watched), span(0, at + 1));
}

#[tokio::test]
async fn agents_and_teams_are_started_left_continued_and_resumed_alike() {
    let server = quick(&[]).await;
    let site = site(&server);
    for component in Component::ALL {
        let id = format!("pausing-{}", component.word());
        let session = format!("session of the {}", component.word());
        let route = |request| Route {
            component,
            id: id.as_str().into(),
            request,
        };
        let form = [("message", "go"), ("session_id", &session)];
        let start = post(&route(RunRequest::Start), &form);
        let before = messages(&site.ask(&start).await.expect("an answer"));
        let pause = &before[before.len() - 1];
        let ends = |name: &str| format!("{}{name}", component.prefix());
        assert_eq!(pause["event"], ends("Paused"));
        let run_id = server.breakpoints().run_of(&session).expect("a run");
        assert_eq!(before[0]["run_id"], run_id);

        let question = component.question();
        let mut answers = pause[question.list].clone();
        decide(&mut answers[0], true);
        let answers = answers.to_string();
        let go_on = route(RunRequest::Continue(run_id.as_str().into()));
        let form = [(question.list, &*answers), ("session_id", &session)];
        let rest = site.ask(&post(&go_on, &form)).await.expect("an answer");
        let rest = messages(&rest);
        assert_eq!(rest[rest.len() - 1]["event"], ends("Completed"));

        let resume = route(RunRequest::Resume(run_id.as_str().into()));
        let form = [("last_event_index", "4")];
        let replay = site.ask(&post(&resume, &form)).await.expect("an answer");
        let replay = messages(&replay);
        let all = [before, rest].concat();
        assert_eq!(replay[0]["status"], "COMPLETED");
        assert_eq!(replay[1..], all[5..], "{id}");
        assert_eq!(indices(&all), span(0, all.len() as u64));
    }
    // What is no agent is not found among the agents.
    let unknown = Route {
        component: Component::Agent,
        id: PAUSING.into(),
        request: RunRequest::Start,
    };
    let unknown = site.ask(&post(&unknown, &[])).await.expect("an answer");
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn any_text_arrives_as_it_was_on_one_line() {
    const TEXT: &str = "é\u{2028}\u{2029}\u{85}\r\n\ndata: x\u{0}\u{feff}😀\"";
    let server = quick(&[]).await;
    let start = Route::of_workflow("short-workflow", RunRequest::Start);
    let form = [("message", TEXT), ("session_id", "s")];
    let answer = site(&server).ask(&post(&start, &form)).await;
    let answer = answer.expect("an answer");
    assert!(
        answer
            .text
            .contains("é\u{2028}\u{2029}\u{85}\\r\\n\\ndata: x\\u0000")
    );
    assert!(
        answer.text.contains("\ndata: {\"content\":\"é"),
        "{}",
        answer.text
    );
    assert_eq!(messages(&answer)[3]["content"], TEXT);
}

#[tokio::test]
async fn each_request_needs_the_token_and_a_run_its_owner() {
    let users = [("token of Ada", "Ada"), ("token of Ben", "Ben")];
    let config = Config {
        users: users
            .map(|(token, name)| (token.to_owned(), name.to_owned()))
            .into(),
        ..Config::default()
    };
    let server = server(config).await;
    let site = site(&server);
    let asks = |route: &Route<'_>, token: Option<&str>| {
        let form = [("message", "go"), ("session_id", "s"), ("stream", "false")];
        let mut ask = post(route, &form);
        ask.token = token.map(SecretString::from);
        ask
    };
    let start = Route::of_workflow(LONG, RunRequest::Start);
    let started = asks(&start, Some(users[0].0));
    assert_eq!(site.ask(&started).await.expect("an answer").status, 202);
    let run_id = server.breakpoints().run_of("s").expect("a run");
    for (token, status) in [(None, 401), (Some("wrong"), 401), (Some(users[1].0), 404)] {
        let ask = asks(&resume(LONG, &run_id), token);
        let answer = in_time(site.ask(&ask)).await.expect("an answer");
        assert_eq!(answer.status, status, "{token:?}");
    }
    let own = asks(&resume(LONG, &run_id), Some(users[0].0));
    let own = in_time(site.ask(&own)).await.expect("an answer");
    assert_eq!(indices(&messages(&own)), span(0, 60));
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_starts_nothing() {
    let server = quick(&[]).await;
    let site = site(&server);
    let start = Route::of_workflow(LONG, RunRequest::Start);
    let run_id = finished(&server).await;
    let get = |path: String| Ask {
        method: hyper::Method::GET,
        path,
        form: Vec::new(),
        token: None,
    };
    for (ask, status) in [
        (post(&start, &[]), 422),
        (post(&start, &[("message", ""), ("session_id", "t")]), 422),
        (get(resume(LONG, &run_id).path()), 405),
        (get(start.path()), 405),
        (get("/nothing".to_owned()), 404),
    ] {
        let answer = in_time(site.ask(&ask)).await.expect("an answer");
        assert_eq!(answer.status, status, "{ask:?}");
    }
    assert_eq!(server.breakpoints().run_of("t"), None);
}
