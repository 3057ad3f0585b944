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
        faults: Faults::new(faults),
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

/// The names of the control messages that are sent.
fn said(effect: Effect) -> String {
    match effect {
        Effect::Send(messages) => {
            let names = messages.iter().map(|message| match message {
                Outgoing::Control(value) => value["event"].as_str().unwrap_or_default(),
                other => panic!("no control message: {other:?}"),
            });
            names.collect::<Vec<_>>().join(", ")
        }
        other => format!("{other:?}"),
    }
}

fn greeting(talk: &Conversation) -> Vec<Value> {
    let messages = talk.greeting().into_iter();
    let values = messages.filter_map(|message| match message {
        Outgoing::Control(value) => Some(value),
        _ => None,
    });
    values.collect()
}

#[test]
fn without_a_token_everything_is_open() {
    let mut talk = conversation(None);
    assert_eq!(greeting(&talk)[0]["requires_auth"], json!(false));
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
fn without_a_token_the_answer_is_to_authenticate() {
    let mut talk = conversation(Some("right"));
    assert_eq!(greeting(&talk)[0]["requires_auth"], json!(true));
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
    assert_eq!(greeting(&talk)[0]["requires_auth"], json!(true));
    assert_eq!(
        said(talk.hear(authenticate(Some("x")), false)),
        "auth_error"
    );
    assert_eq!(said(talk.hear(Action::Ping, false)), "auth_required");
    let both = said(talk.hear(authenticate(Some("t2")), false));
    assert_eq!(both, "authenticated, authenticated");
    assert_eq!(talk.user().map(String::as_str), Some("Ben"));
    match talk.hear(come_back(Some("r")), false) {
        Effect::Return(request) => assert_eq!(request.user.as_deref(), Some("Ben")),
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
fn each_fault_of_a_conversation_is_visible() {
    let table: &[(Fault, Option<&str>, Action, &str)] = &[
        (Fault::NoPong, None, Action::Ping, ""),
        (Fault::UnknownWorkflowSilent, None, start(Some("x")), ""),
        (Fault::MalformedSilent, None, Action::Other("x".into()), ""),
        (
            Fault::MalformedCutsOff,
            None,
            Action::Other("x".into()),
            "Malformed(Drop)",
        ),
        (
            Fault::MalformedStopsRuns,
            None,
            Action::Other("x".into()),
            "Malformed(StopAll)",
        ),
        (Fault::NoRunIdSilent, None, come_back(None), ""),
        (Fault::AuthNotNeeded, Some("t"), Action::Ping, "pong"),
        (Fault::AuthSilent, Some("t"), Action::Ping, ""),
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
            "",
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
    assert_eq!(said(talk.hear(Action::Ping, true)), "");
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
    let mut other = Conversation::new(Arc::clone(&talk.rules));
    assert_eq!(said(other.hear(again.clone(), false)), "auth_required");
    talk.hear(authenticate(Some("t")), false);
    talk.hear(begin, false);
    assert!(matches!(other.hear(again, false), Effect::Return(_)));
    assert_eq!(
        said(other.hear(come_back(Some("r")), false)),
        "auth_required"
    );
    let mut talk = with(None, &[Fault::DeafAfterRefusal]);
    talk.refused();
    assert_eq!(said(talk.hear(Action::Ping, false)), "");
}

#[test]
fn each_fault_of_the_greeting_is_visible() {
    let hello = greeting(&with(None, &[Fault::GreetingAfterHello]));
    assert_eq!((hello.len(), &hello[0]["event"]), (2, &json!("hello")));
    let open = greeting(&with(Some("t"), &[Fault::AuthHttpOnly]));
    assert_eq!(open[0]["requires_auth"], json!(false));
    let bare = greeting(&with(None, &[Fault::GreetingWithoutRequiresAuth]));
    assert_eq!(bare[0].get("requires_auth"), None);
}
