//! Runs that are cancelled, that wait for a person, and that are started over HTTP.

use std::time::Duration;

use reconnect_acceptance::client::http::{Answer, Ask, Site};
use reconnect_acceptance::client::tls;
use reconnect_acceptance::protocol::{Route, RunRequest, route};
use reconnect_acceptance::reference::Server;
use serde_json::{Value, json};

use super::client::{Client, LONG, PATIENCE, in_time, quick, span};

pub(super) const PAUSING: &str = "pausing-workflow";

pub(super) fn site(server: &Server) -> Site {
    let tls = tls::config(None, false).expect("no certificates");
    Site::new(&server.http_url(), tls, Vec::new(), PATIENCE).expect("an address")
}

pub(super) fn post(route: &Route<'_>, form: &[(&str, &str)]) -> Ask {
    Ask {
        method: hyper::Method::POST,
        path: route.path(),
        form: form
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        token: None,
    }
}

async fn cancel(server: &Server, workflow_id: &str, run_id: &str) -> Answer {
    let route = Route::of_workflow(workflow_id, RunRequest::Cancel(run_id.into()));
    let answer = site(server).ask(&post(&route, &[])).await;
    answer.expect("an answer")
}

#[tokio::test]
async fn a_held_run_is_cancelled_where_it_stands() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    breakpoints.set("s", 10);
    let mut ada = Client::connect(&server).await;
    ada.start(LONG, "s").await;
    assert_eq!(ada.events(11).await, span(0, 11));
    let run_id = breakpoints.run_of("s").expect("a run");
    let mut ben = Client::connect(&server).await;
    assert_eq!(
        ben.come_back(&run_id, json!(10)).await["event"],
        "subscribed"
    );

    let answer = cancel(&server, LONG, &run_id).await;
    assert_eq!((answer.status, &*answer.text), (200, "{}"));
    for viewer in [&mut ada, &mut ben] {
        for (index, name) in [
            (11, "RunCancelled"),
            (12, "RunCompleted"),
            (13, "WorkflowCancelled"),
            (14, "WorkflowCompleted"),
        ] {
            let event = viewer.hear().await;
            assert_eq!(
                (&event["event"], &event["event_index"]),
                (&json!(name), &json!(index))
            );
        }
    }
    in_time(breakpoints.ended("s")).await;
    let replay = ada.come_back(&run_id, Value::Null).await;
    assert_eq!(
        (&replay["status"], &replay["total_events"]),
        (&json!("CANCELLED"), &json!(15))
    );
    assert_eq!(ada.events(15).await, span(0, 15));
    // Again, or an unknown run: nothing happens, and that is no refusal.
    assert_eq!(cancel(&server, LONG, &run_id).await.status, 200);
    assert_eq!(cancel(&server, LONG, "nope").await.status, 200);
    assert_eq!(cancel(&server, "nope", &run_id).await.status, 404);
}

fn go_on(run_id: &str, step_requirements: &Value) -> Value {
    json!({"action": "continue-workflow", "workflow_id": PAUSING, "run_id": run_id,
        "session_id": "s", "step_requirements": step_requirements})
}

/// A client whose run has paused, the run's id, its index of the pause, and what it asks.
pub(super) async fn paused(server: &Server) -> (Client, String, u64, Value) {
    let mut ada = Client::connect(server).await;
    ada.start(PAUSING, "s").await;
    loop {
        let event = ada.hear().await;
        if event["event"] == "WorkflowPaused" {
            let run_id = event["run_id"].as_str().expect("an id").to_owned();
            let index = event["event_index"].as_u64().expect("an index");
            return (ada, run_id, index, event["step_requirements"].clone());
        }
    }
}

#[tokio::test]
async fn a_paused_run_waits_for_a_yes_and_goes_on_for_everybody() {
    let server = quick(&[]).await;
    let (mut ada, run_id, pause, mut asked) = paused(&server).await;
    let mut ben = Client::connect(&server).await;
    for position in [Value::Null, json!(3), json!(pause)] {
        let replay = ben.come_back(&run_id, position).await;
        assert_eq!(replay["status"], "PAUSED");
        assert_eq!(ben.events(pause + 1).await, span(0, pause + 1));
    }
    for (refused, why) in [
        (
            json!({"action": "continue-workflow"}),
            "workflow_id is required",
        ),
        (go_on("nope", &asked), "Run nope not found"),
        (go_on(&run_id, &json!([{}])), "Invalid step_requirements"),
        (
            go_on(&run_id, &asked),
            "unresolved step requirements: ['Publish']",
        ),
        (go_on(&run_id, &json!([])), "unresolved step requirements"),
    ] {
        let error = ben.ask(refused).await;
        assert!(
            error["error"].as_str().expect("why").contains(why),
            "{error}"
        );
    }

    asked[0]["confirmed"] = json!(true);
    let continued = ben.ask(go_on(&run_id, &asked)).await;
    assert_eq!(continued["event"], "StepContinued");
    assert_eq!(continued["event_index"], pause + 1);
    let mut index = pause + 1;
    loop {
        let event = ben.hear().await;
        index += 1;
        assert_eq!(event["event_index"], index);
        if event["event"] == "WorkflowCompleted" {
            break;
        }
    }
    // Ada has stayed, and sees it go on, too.
    let seen = ada.events(index - pause).await;
    assert_eq!(seen, span(pause + 1, index + 1));
    let replay = ada.come_back(&run_id, json!(pause)).await;
    assert_eq!(replay["status"], "COMPLETED");
    assert_eq!(ada.events(index + 1).await, span(0, index + 1));
    let error = ada.ask(go_on(&run_id, &asked)).await;
    assert_eq!(error["error"], "Run is not paused (status=COMPLETED)");
}

#[tokio::test]
async fn a_no_leaves_the_step_out() {
    let server = quick(&[]).await;
    let (mut ada, run_id, pause, mut asked) = paused(&server).await;
    asked[0]["confirmed"] = json!(false);
    let ending = ada.ask(go_on(&run_id, &asked)).await;
    assert_eq!(ending["event"], "WorkflowCompleted");
    assert_eq!(ending["event_index"], pause + 1);
}

#[tokio::test]
async fn a_run_of_a_plain_request_is_told_to_its_client_and_outlives_it() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    let site = site(&server);
    let route = Route::of_workflow(LONG, RunRequest::Start);
    breakpoints.set("s", 10);
    let ask = post(&route, &[("message", "hello"), ("session_id", "s")]);
    let (first, stream) = site.begin(&ask).await.expect("an answer");
    assert_eq!(first.status, 200);
    assert!(
        first.text.starts_with("event: WorkflowStarted\ndata: {"),
        "{first:?}"
    );
    let run_id = breakpoints.run_of("s").expect("a run");
    assert_eq!(route::run_of_answer(&first.text).as_deref(), Some(&*run_id));
    in_time(breakpoints.reached("s", 10))
        .await
        .expect("stopped");
    drop(stream.expect("it goes on"));
    in_time(breakpoints.departed("s", 1)).await;

    let mut ben = Client::connect(&server).await;
    assert_eq!(
        ben.come_back(&run_id, json!(10)).await["event"],
        "subscribed"
    );
    breakpoints.clear("s");
    assert_eq!(ben.events(49).await, span(11, 60));

    // A whole stream ends with its run.
    let short = Route::of_workflow("short-workflow", RunRequest::Start);
    let whole = in_time(site.ask(&post(&short, &[("message", "go")])))
        .await
        .expect("an answer");
    assert_eq!(whole.text.matches("\ndata: ").count(), 10);
    let (started, stream) = site
        .begin(&post(
            &short,
            &[
                ("message", "go"),
                ("stream", "false"),
                ("background", "true"),
            ],
        ))
        .await
        .expect("an answer");
    assert_eq!(started.status, 202);
    assert!(stream.is_none() && route::run_of_answer(&started.text).is_some());
    let unknown = Route::of_workflow("nope", RunRequest::Start);
    let (refused, _) = site.begin(&post(&unknown, &[])).await.expect("an answer");
    assert_eq!(refused.status, 404);
}

#[tokio::test]
async fn a_stream_is_given_up_where_no_event_comes() {
    let server = quick(&[]).await;
    server.breakpoints().set_before_first("s");
    let tls = tls::config(None, false).expect("no certificates");
    let limit = Duration::from_millis(200);
    let site = Site::new(&server.http_url(), tls, Vec::new(), limit).expect("an address");
    let route = Route::of_workflow(LONG, RunRequest::Start);
    let form = [("message", "go"), ("session_id", "s")];
    let error = site.begin(&post(&route, &form)).await;
    let error = error.expect_err("nothing comes");
    assert!(error.contains("no answer within 200ms"), "{error}");
}
