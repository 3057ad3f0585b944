use serde_json::json;

use crate::protocol::Position;
use crate::reference::fault::Fault;
use crate::reference::model::conversation::*;

fn conversation(token: Option<&str>) -> Conversation {
    with(token, &[])
}

fn with(token: Option<&str>, faults: &[Fault]) -> Conversation {
    Conversation::new(Arc::new(Rules {
        token: token.map(str::to_owned),
        workflows: vec!["w".into()],
        hooks: Faulty::new(faults),
        ..Rules::default()
    }))
}

fn of_users() -> Conversation {
    let users = [("t1", "Ada"), ("t2", "Ben")];
    Conversation::new(Arc::new(Rules {
        users: users
            .map(|(token, name)| (token.into(), name.into()))
            .into(),
        ..Rules::default()
    }))
}

fn come_back(run_id: Option<&str>) -> Action {
    Action::Reconnect {
        run_id: run_id.map(str::to_owned),
        position: Position::At(1),
        workflow_id: None,
        session_id: None,
    }
}

fn start(workflow_id: Option<&str>) -> Action {
    Action::Start {
        workflow_id: workflow_id.map(str::to_owned),
        message: json!("hello"),
        session_id: None,
    }
}

fn authenticate(token: Option<&str>) -> Action {
    Action::Authenticate {
        token: token.map(str::to_owned),
    }
}

fn said(effect: Effect) -> String {
    match effect {
        Effect::Outgoing(value) => value["event"].as_str().unwrap_or_default().to_owned(),
        Effect::SayBoth(values) => values.map(|value| said(Effect::Outgoing(value))).join(", "),
        other => format!("{other:?}"),
    }
}

#[test]
fn without_a_token_everything_is_open() {
    let mut talk = conversation(None);
    assert_eq!(talk.greeting()[0]["requires_auth"], json!(false));
    assert_eq!(said(talk.hear(Action::Ping, false)), "pong");
    assert!(matches!(
        talk.hear(start(Some("w")), false),
        Effect::Start { .. }
    ));
    assert_eq!(
        said(talk.hear(authenticate(Some("any")), false)),
        "authenticated"
    );
}

#[test]
fn strangers_are_told_to_authenticate() {
    let mut talk = conversation(Some("right"));
    assert_eq!(talk.greeting()[0]["requires_auth"], json!(true));
    for action in [Action::Ping, start(Some("w")), Action::Other("x".into())] {
        assert_eq!(said(talk.hear(action, false)), "auth_required");
    }
    assert_eq!(said(talk.hear(authenticate(None), false)), "auth_error");
    assert_eq!(
        said(talk.hear(authenticate(Some("wrong")), false)),
        "auth_error"
    );
    assert_eq!(said(talk.hear(Action::Ping, false)), "auth_required");
    assert_eq!(
        said(talk.hear(authenticate(Some("right")), false)),
        "authenticated"
    );
    assert_eq!(
        said(talk.hear(authenticate(Some("wrong")), false)),
        "auth_error"
    );
    assert_eq!(said(talk.hear(Action::Ping, false)), "pong");
}

#[test]
fn users_are_known_by_their_tokens() {
    let mut talk = of_users();
    assert_eq!(talk.greeting()[0]["requires_auth"], json!(true));
    assert_eq!(
        said(talk.hear(authenticate(Some("x")), false)),
        "auth_error"
    );
    assert_eq!(said(talk.hear(Action::Ping, false)), "auth_required");
    let both = said(talk.hear(authenticate(Some("t2")), false));
    assert_eq!(both, "authenticated, authenticated");
    assert_eq!(talk.user().map(String::as_str), Some("Ben"));
    match talk.hear(come_back(Some("r")), false) {
        Effect::Return(wish) => assert_eq!(wish.user.as_deref(), Some("Ben")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_done_is_refused() {
    let mut talk = conversation(None);
    for action in [
        start(None),
        start(Some("x")),
        come_back(None),
        Action::Other("{}".into()),
    ] {
        assert_eq!(said(talk.hear(action, false)), "error");
    }
    assert_eq!(said(talk.hear(Action::Ping, false)), "pong");
}

#[test]
fn each_fault_of_talking_is_visible() {
    let table: &[(Fault, Option<&str>, Action, &str)] = &[
        (Fault::NoPong, None, Action::Ping, "Nothing"),
        (
            Fault::UnknownWorkflowSilent,
            None,
            start(Some("x")),
            "Nothing",
        ),
        (
            Fault::MalformedSilent,
            None,
            Action::Other("x".into()),
            "Nothing",
        ),
        (
            Fault::MalformedCutsOff,
            None,
            Action::Other("x".into()),
            "HangUp",
        ),
        (
            Fault::MalformedStopsRuns,
            None,
            Action::Other("x".into()),
            "StopAll",
        ),
        (Fault::NoRunIdSilent, None, come_back(None), "Nothing"),
        (Fault::AuthNotNeeded, Some("t"), Action::Ping, "pong"),
        (Fault::AuthSilent, Some("t"), Action::Ping, "Nothing"),
        (
            Fault::AuthAnyToken,
            Some("t"),
            authenticate(Some("x")),
            "authenticated",
        ),
        (
            Fault::AuthMissingToken,
            Some("t"),
            authenticate(None),
            "authenticated",
        ),
        (
            Fault::AuthMissingToken,
            Some("t"),
            authenticate(Some("x")),
            "auth_error",
        ),
        (
            Fault::AuthErrorSilent,
            Some("t"),
            authenticate(Some("x")),
            "Nothing",
        ),
        (Fault::AuthPingOpen, Some("t"), Action::Ping, "pong"),
        (
            Fault::AuthPingOpen,
            Some("t"),
            start(Some("w")),
            "auth_required",
        ),
        (Fault::AuthHttpOnly, Some("t"), Action::Ping, "pong"),
        (
            Fault::AuthReturnOpen,
            Some("t"),
            Action::Ping,
            "auth_required",
        ),
    ];
    for (fault, token, action, expected) in table {
        let mut talk = with(*token, &[*fault]);
        assert_eq!(said(talk.hear(action.clone(), false)), *expected, "{fault}");
    }
    let mut talk = with(None, &[Fault::NoPongWhileStreaming]);
    assert_eq!(said(talk.hear(Action::Ping, false)), "pong");
    assert_eq!(talk.hear(Action::Ping, true), Effect::Nothing);
    let mut talk = with(None, &[Fault::UnknownWorkflowStarts]);
    assert!(matches!(
        talk.hear(start(Some("x")), false),
        Effect::Start { .. }
    ));
    let mut talk = with(Some("t"), &[Fault::AuthReturnOpen]);
    assert!(matches!(
        talk.hear(come_back(Some("r")), false),
        Effect::Return(_)
    ));
    let mut talk = with(Some("t"), &[Fault::AuthSessionRemembered]);
    let named = |action: &mut Action| match action {
        Action::Start { session_id, .. } | Action::Reconnect { session_id, .. } => {
            *session_id = Some("s".into());
        }
        _ => {}
    };
    let (mut begin, mut again) = (start(Some("w")), come_back(Some("r")));
    named(&mut begin);
    named(&mut again);
    let mut stranger = Conversation::new(Arc::clone(&talk.rules));
    assert_eq!(said(stranger.hear(again.clone(), false)), "auth_required");
    talk.hear(authenticate(Some("t")), false);
    talk.hear(begin, false);
    assert!(matches!(stranger.hear(again, false), Effect::Return(_)));
    assert_eq!(
        said(stranger.hear(come_back(Some("r")), false)),
        "auth_required"
    );
    let mut talk = with(None, &[Fault::DeafAfterRefusal]);
    talk.refused();
    assert_eq!(talk.hear(Action::Ping, false), Effect::Nothing);
}

#[test]
fn each_fault_of_the_greeting_is_visible() {
    let hello = with(None, &[Fault::GreetingAfterHello]).greeting();
    assert_eq!((hello.len(), &hello[0]["event"]), (2, &json!("hello")));
    let open = with(Some("t"), &[Fault::AuthHttpOnly]).greeting();
    assert_eq!(open[0]["requires_auth"], json!(false));
    let bare = with(None, &[Fault::GreetingWithoutRequiresAuth]).greeting();
    assert_eq!(bare[0].get("requires_auth"), None);
}
