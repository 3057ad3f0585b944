//! Servers that are hostile, or no workflow servers at all: each run ends with a verdict and one clear
//! sentence, within bounds, and nothing passes that was not tested.

use crate::common::call::{HASTY, call, judge};
use crate::common::host::{GREETING, Host, event, hear, listen, say};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

/// What passes for a server that only greets, and answers a close frame.
const GREETS: &[&str] = &["GREETING-1", "CLOSE-1"];

// A WebSocket that belongs to no workflow server.

#[tokio::test]
async fn a_socket_that_says_nothing() {
    let host = Host::saying(&[]).await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive("the server took the connection and said nothing for 500ms");
}

#[tokio::test]
async fn a_socket_that_closes_at_once() {
    let host = Host::websocket(async |mut socket| {
        let _ = socket.close(None).await;
        listen(&mut socket).await;
    })
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(
        "no greeting came: the server closed the connection; is this AgentOS's /workflows/ws",
    );
}

#[tokio::test]
async fn a_socket_that_is_dropped_at_once() {
    let host = Host::websocket(async |socket| drop(socket)).await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive("no greeting came: ");
}

#[tokio::test]
async fn a_socket_that_is_closed_by_a_policy() {
    let host = Host::websocket(async |mut socket| {
        let code = CloseCode::Policy;
        let reason = "who\u{1b}[31m are you?".into();
        let _ = socket.close(Some(CloseFrame { code, reason })).await;
        listen(&mut socket).await;
    })
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive("no greeting came: the server closed the connection with code 1008: who");
}

#[tokio::test]
async fn an_echo() {
    let host = Host::websocket(async |mut socket| {
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() && socket.send(message).await.is_err() {
                return;
            }
        }
    })
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.failed(&["GREETING-1"], &[]);
    judged
        .outcome
        .printed(&["the server sent no greeting within 500ms, though it speaks"]);
}

#[tokio::test]
async fn messages_of_another_kind() {
    for text in [
        r#"{"hello": 1}"#,
        "[1, 2]",
        "7",
        "null",
        "hello",
        "",
        "{",
        r#"{"event": {}}"#,
        r#"{"event": "Connected"}"#,
        "event: connected\n\n",
        "data: \n\n",
    ] {
        let host = Host::saying(&[text]).await;
        let judged = judge(&host.url(), &[]).await;
        judged.failed(&["GREETING-1"], &[]);
        judged.outcome.printed(&[
            "FAILED GREETING-1 (MUST)",
            "the server sent no greeting within 500ms, though it speaks",
        ]);
    }
}

#[tokio::test]
async fn a_binary_greeting() {
    let host = Host::websocket(async |mut socket| {
        let _ = socket
            .send(Message::binary(GREETING.as_bytes().to_vec()))
            .await;
        listen(&mut socket).await;
    })
    .await;
    judge(&host.url(), &[]).await.failed(&["GREETING-1"], &[]);
}

#[tokio::test]
async fn endless_garbage_instead_of_a_greeting() {
    for message in [Message::text("x"), Message::binary(vec![0; 100])] {
        let host = Host::websocket(move |mut socket| {
            let message = message.clone();
            async move { while socket.send(message.clone()).await.is_ok() {} }
        })
        .await;
        let judged = judge(&host.url(), &[]).await;
        judged.failed(&["GREETING-1"], &[]);
        judged
            .outcome
            .printed(&["the server sent no greeting within 500ms, though it speaks"]);
    }
}

#[tokio::test]
async fn a_flood_keeps_nobody_from_leaving() {
    // Thousands of messages a packet: the reader always has one more to take.
    let host = Host::websocket(async |mut socket| {
        let packet = [0x81, 1, b'x'].repeat(40_000);
        while socket.get_mut().write_all(&packet).await.is_ok() {}
    })
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.failed(&["GREETING-1"], &[]);
    let gave_up = |(_, text): &(String, String)| text.contains("the server's close frame");
    assert!(judged.files().iter().any(gave_up), "within its limit");
}

#[tokio::test]
async fn text_that_is_not_utf_8() {
    let host = Host::websocket(async |mut socket| {
        let frame = Frame::message(vec![b'{', 0xff, 0xfe], OpCode::Data(Data::Text), true);
        let _ = socket.send(Message::Frame(frame)).await;
        listen(&mut socket).await;
    })
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive("no greeting came: the server sent a text message that is not UTF-8");
}

#[tokio::test]
async fn frames_that_break_the_protocol() {
    // A reserved operation; a masked frame; a continuation of nothing; a reserved bit.
    for bytes in [
        &[0x83_u8, 0][..],
        &[0x81, 0x80, 1, 2, 3, 4],
        &[0x80, 0],
        &[0xf1, 0],
    ] {
        let bytes = bytes.to_vec();
        let host = Host::websocket(move |mut socket| {
            let bytes = bytes.clone();
            async move {
                let _ = socket.get_mut().write_all(&bytes).await;
                listen(&mut socket).await;
            }
        })
        .await;
        let judged = judge(&host.url(), &[]).await;
        judged.inconclusive("no greeting came: the server broke the WebSocket protocol: ");
    }
}

// Sizes.

fn padded_greeting(length: usize) -> String {
    let bare = r#"{"event": "connected", "requires_auth": false, "p": ""}"#;
    bare.replace("\"\"", &format!("\"{}\"", "x".repeat(length - bare.len())))
}

#[tokio::test]
async fn a_message_beyond_the_limit() {
    let text = padded_greeting((64 << 20) + 1);
    let host = Host::saying(&[&text]).await;
    let judged = judge(&host.url(), &["--step-timeout=60s"]).await;
    judged.inconclusive("no greeting came: the suite hung up: a message of");
    judged.inconclusive("bytes or more came, and 64 MiB is the most that it takes");
}

#[tokio::test]
async fn a_message_beyond_the_limit_in_pieces() {
    let host = Host::websocket(async |mut socket| {
        let piece = "x".repeat(1 << 20);
        let mut kind = Data::Text;
        loop {
            let frame = Frame::message(piece.clone(), OpCode::Data(kind), false);
            if socket.send(Message::Frame(frame)).await.is_err() {
                return;
            }
            kind = Data::Continue;
        }
    })
    .await;
    let judged = judge(&host.url(), &["--step-timeout=60s"]).await;
    judged.inconclusive("no greeting came: the suite hung up: a message of");
}

#[tokio::test]
async fn a_large_message_is_taken() {
    let text = padded_greeting(20_000_000);
    let host = Host::saying(&[&text]).await;
    let judged = judge(
        &host.url(),
        &[
            "--step-timeout=60s",
            "--require=GREETING-1",
            "--concurrency=2",
        ],
    )
    .await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
    assert_eq!(judged.with("passed"), ["GREETING-1"]);
}

#[tokio::test]
async fn deep_nesting() {
    let deep = format!(
        r#"{{"event": "connected", "requires_auth": false, "p": {}{}}}"#,
        "[".repeat(300_000),
        "]".repeat(300_000)
    );
    let host = Host::saying(&[&deep]).await;
    let judged = judge(&host.url(), &["--step-timeout=20s", "--require=GREETING-1"]).await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);

    let event = format!(
        r#"{{"event": "WorkflowStarted", "run_id": "r", "event_index": 0, "p": {}{}}}"#,
        r#"{"a":"#.repeat(20_000) + "1",
        "}".repeat(20_000)
    );
    let unclosed = "[".repeat(60_000);
    let host = Host::answering(move |_| vec![event.clone(), unclosed.clone()]).await;
    let judged = judge(&host.url(), &["--scenario-timeout=5s", "--step-timeout=1s"]).await;
    judged.failed(
        &["REFUSAL-1"],
        &[GREETS, &["START-1", "LIVENESS-1"]].concat(),
    );
}

// After the greeting.

#[tokio::test]
async fn silence_after_the_greeting() {
    let host = Host::saying(&[GREETING]).await;
    let judged = judge(&host.url(), &["--step-timeout=1s"]).await;
    judged.failed(
        &["GREETING-2", "LIVENESS-1", "REFUSAL-1", "REFUSAL-2"],
        GREETS,
    );
}

#[tokio::test]
async fn nobody_reads_after_the_greeting() {
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        std::future::pending().await
    })
    .await;
    let judged = judge(&host.url(), &["--step-timeout=1s"]).await;
    // It cannot be told from a dead connection; only a close frame that is not answered is a finding.
    assert_eq!(judged.outcome.code, Some(3), "{:?}", judged.outcome);
    assert_eq!(judged.with("failed"), ["CLOSE-1"]);
    assert_eq!(judged.with("passed"), ["GREETING-1"]);
    judged.outcome.printed(&["the line is dead"]);
}

#[tokio::test]
async fn a_close_after_each_message() {
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        if hear(&mut socket).await.is_some() {
            let _ = socket.close(None).await;
        }
        listen(&mut socket).await;
    })
    .await;
    let judged = judge(&host.url(), &["--step-timeout=20s"]).await;
    // A close is an answer, so LIVENESS-1 passes.
    judged.failed(
        &["GREETING-2", "REFUSAL-1", "REFUSAL-2"],
        &[GREETS, &["LIVENESS-1"]].concat(),
    );
}

#[tokio::test]
async fn a_connection_that_is_cut_after_each_message() {
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        hear(&mut socket).await;
        let _ = socket.get_ref().set_zero_linger();
    })
    .await;
    let judged = judge(&host.url(), &["--step-timeout=20s"]).await;
    // Any network can do that, so only the rule that is about it has a finding.
    assert_eq!(judged.outcome.code, Some(3), "{:?}", judged.outcome);
    assert_eq!(judged.with("failed"), ["MALFORMED-1"]);
    assert_eq!(judged.with("passed"), ["GREETING-1"]);
    judged
        .outcome
        .printed(&["Ada was waiting for the answer to `ping` when the connection broke"]);
}

#[tokio::test]
async fn endless_garbage_after_the_greeting() {
    let host = Host::websocket(async |socket| {
        let (mut out, mut input) = socket.split();
        let _ = out.send(Message::text(GREETING)).await;
        let talk = async {
            while out
                .send(Message::text(r#"{"event": "weather"}"#))
                .await
                .is_ok()
            {
                tokio::task::yield_now().await;
            }
        };
        let listen = async { while let Some(Ok(_)) = input.next().await {} };
        tokio::select! { () = talk => {}, () = listen => {} }
    })
    .await;
    let more = [
        "--scenario-timeout=2s",
        "--concurrency=8",
        "--require=GREETING",
        "--require=REFUSAL",
    ];
    let judged = judge(&host.url(), &more).await;
    assert_ne!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
    assert_ne!(judged.outcome.code, Some(70), "{:?}", judged.outcome);
    assert!(
        judged.with("passed").iter().all(|id| *id == "GREETING-1"),
        "{:?}",
        judged.with("passed")
    );
}

/// Starts a run and streams these events of it, as a server that knows nothing else.
async fn streaming(indices: &[Value]) -> Host {
    let indices = indices.to_vec();
    Host::answering(move |asked| {
        if asked["action"] != "start-workflow" {
            return Vec::new();
        }
        let session = &asked["session_id"];
        let last = indices.len() - 1;
        indices
            .iter()
            .enumerate()
            .map(|(at, index)| {
                let name = match at {
                    0 => "WorkflowStarted",
                    at if at == last => "WorkflowCompleted",
                    _ => "RunContent",
                };
                let run = format!("run of {}", session.as_str().unwrap_or_default());
                let mut text = event(name, &run, session, index.clone());
                if *index == "absent" {
                    text = text.replace("\"event_index\":\"absent\",", "");
                }
                text
            })
            .collect()
    })
    .await
}

#[tokio::test]
async fn events_without_indices() {
    let host = streaming(&vec![json!("absent"); 30]).await;
    let judged = judge(&host.url(), &["--step-timeout=2s"]).await;
    judged.failed(
        &["START-1", "START-2"],
        &[GREETS, &["START-3", "START-5", "CONTENT-2"]].concat(),
    );
}

#[tokio::test]
async fn huge_and_odd_indices() {
    let odd = [
        json!(u64::MAX),
        json!(u64::MAX - 1),
        json!(i64::MIN),
        json!(-1),
        json!(1e300),
        json!("0"),
        json!(null),
        json!([0]),
        json!({"a": 0}),
        json!(0.5),
        json!(u64::MAX),
        json!(i64::MAX),
    ];
    let host = streaming(&odd).await;
    let judged = judge(&host.url(), &["--step-timeout=2s"]).await;
    judged.failed(
        &["START-1", "START-2"],
        &[GREETS, &["START-3", "START-5", "CONTENT-2"]].concat(),
    );
}

#[tokio::test]
async fn an_index_at_the_end_of_all_numbers() {
    // The run is told to go on right after the largest index that there is.
    let host = Host::answering(|asked| {
        let session = &asked["session_id"];
        let max = json!(u64::MAX);
        match asked["action"].as_str() {
            Some("start-workflow") => {
                let mut events = vec![event("WorkflowStarted", "r", session, 0)];
                events.extend((0..30).map(|_| event("RunContent", "r", session, max.clone())));
                events
            }
            Some("reconnect") => vec![
                json!({"event": "catch_up", "run_id": "r", "status": "running",
                    "missed_events": max, "current_event_count": max})
                .to_string(),
                event("RunContent", "r", session, max.clone()),
                json!({"event": "subscribed", "run_id": "r", "status": "running",
                    "current_event_count": max})
                .to_string(),
                event("RunContent", "r", session, max.clone()),
                json!({"event": "replay", "run_id": "r", "status": "COMPLETED",
                    "total_events": max})
                .to_string(),
                event("WorkflowCompleted", "r", session, max.clone()),
                event("RunContent", "r", session, 0),
            ],
            _ => Vec::new(),
        }
    })
    .await;
    let judged = judge(&host.url(), &["--step-timeout=2s"]).await;
    assert_eq!(judged.outcome.code, Some(1), "{:?}", judged.outcome);
    assert!(judged.with("failed").contains(&"START-2"));
}

const NASTY: &str = "\u{1b}[31mred\u{1b}]0;title\u{7} ]]> <&'\"> \u{202e}rtl\u{202c} \u{2066}x \0 \r\n\u{b} \u{9b}1m \u{feff} \u{fffe} --> {{x}} `x` %s";

#[tokio::test]
async fn error_texts_that_want_to_be_more() {
    let host = Host::answering(|_| {
        vec![json!({"event": "error", "error": NASTY, "run_id": NASTY}).to_string()]
    })
    .await;
    // Every call checks that the reports are sound and the terminal is clean.
    let judged = judge(&host.url(), &["--step-timeout=2s"]).await;
    judged.failed(
        &["GREETING-2"],
        &[
            GREETS,
            &[
                "REFUSAL-1",
                "REFUSAL-2",
                "START-4",
                "LIVENESS-1",
                "CONTENT-2",
            ],
        ]
        .concat(),
    );
    judged.outcome.printed(&["]]>"]);
    let all = call(&[&["doctor", "--url", &host.url()], &HASTY[..1]].concat()).await;
    assert_eq!(all.code, Some(3));
    assert!(
        !all.stdout.chars().any(|c| c.is_control() && c != '\n'),
        "{all:?}"
    );
    all.printed(&["was refused: ", "]]>"]);
}

#[tokio::test]
async fn event_names_and_ids_that_want_to_be_more() {
    let host = Host::answering(|asked| {
        let session = &asked["session_id"];
        vec![
            event("WorkflowStarted", NASTY, session, 0),
            event(NASTY, NASTY, session, NASTY),
            event("WorkflowCompleted", NASTY, &json!(NASTY), 9),
            event(NASTY, NASTY, session, 9),
        ]
    })
    .await;
    let judged = judge(&host.url(), &["--step-timeout=2s"]).await;
    assert_eq!(judged.outcome.code, Some(1), "{:?}", judged.outcome);
    assert!(judged.with("failed").contains(&"START-2"));
}

// What does not end is cut short.

/// Greets, answers `ping`, and streams a run without an end in answer to anything else.
async fn endless() -> Host {
    Host::websocket(async |mut socket| {
        if !say(&mut socket, GREETING).await {
            return;
        }
        let session = loop {
            match hear(&mut socket).await {
                Some(asked) if asked["action"] == "ping" => {
                    say(&mut socket, r#"{"event": "pong"}"#).await;
                }
                Some(asked) => break asked["session_id"].clone(),
                None => return,
            }
        };
        let run = format!("run of {session}");
        let (mut out, mut input) = socket.split();
        let stream = async {
            let mut ticks = tokio::time::interval(std::time::Duration::from_millis(5));
            for index in 0_u64.. {
                ticks.tick().await;
                let name = if index == 0 {
                    "WorkflowStarted"
                } else {
                    "RunContent"
                };
                if out
                    .send(Message::text(event(name, &run, &session, index)))
                    .await
                    .is_err()
                {
                    return;
                }
            }
        };
        let listen = async { while let Some(Ok(_)) = input.next().await {} };
        tokio::select! { () = stream => {}, () = listen => {} }
    })
    .await
}

#[tokio::test]
async fn a_run_without_an_end_is_cut_by_the_scenario_timeout() {
    let host = endless().await;
    let more = [
        "--step-timeout=20s",
        "--scenario-timeout=1s",
        "--require=START-2",
        "--require=START-3",
    ];
    let judged = judge(&host.url(), &more).await;
    judged.inconclusive("the scenario took longer than 1s");
    assert_eq!(judged.report["interrupted"], Value::Null);
}

#[tokio::test]
async fn a_run_without_an_end_is_cut_by_the_deadline() {
    let host = endless().await;
    let more = [
        "--step-timeout=20s",
        "--deadline=1s",
        "--require=START-2",
        "--require=START-3",
    ];
    let judged = judge(&host.url(), &more).await;
    judged.inconclusive("The run was cut short: the run took longer than 1s (--deadline)");
    assert_eq!(
        judged.report["interrupted"],
        "the run took longer than 1s (--deadline)"
    );
}

#[tokio::test]
async fn a_witness_is_not_kept_for_ever() {
    // A viewer who starts a run gets its first event only; one who returns to it gets events without an end.
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        while let Some(asked) = hear(&mut socket).await {
            let session = &asked["session_id"];
            if asked["action"] == "start-workflow" {
                say(&mut socket, &event("WorkflowStarted", "r", session, 0)).await;
                continue;
            }
            while say(&mut socket, &event("RunContent", "r", session, 1)).await {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
    })
    .await;
    let more = [
        "--scenario-timeout=2s",
        "--require=START-2",
        "--require=START-3",
    ];
    let judged = judge(&host.url(), &more).await;
    assert_ne!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
    assert_eq!(
        judged.report["interrupted"],
        Value::Null,
        "it ended by itself"
    );
    assert!(!judged.with("passed").contains(&"START-3"));
}

#[tokio::test]
async fn the_deadline_counts_for_the_first_connection_too() {
    let host = Host::saying(&[]).await;
    let judged = judge(&host.url(), &["--step-timeout=1h", "--deadline=300ms"]).await;
    judged.inconclusive("The run was cut short: the run took longer than 300ms (--deadline)");
}

#[tokio::test]
async fn nothing_is_said_after_a_goodbye_and_nobody_is_blamed_for_it() {
    // The close frame is in one packet with the greeting, and the connection stays open after it.
    let host = Host::websocket(async |mut socket| {
        let length = u8::try_from(GREETING.len()).expect("a short greeting");
        let packet = [&[0x81, length], GREETING.as_bytes(), &[0x88, 0]].concat();
        let _ = socket.get_mut().write_all(&packet).await;
        let mut rest = Vec::new();
        let _ = socket.get_mut().read_to_end(&mut rest).await;
    })
    .await;
    let judged = judge(&host.url(), &["--require=REFUSAL", "--require=GREETING"]).await;
    assert!(judged.with("failed").is_empty(), "{:?}", judged.outcome);
    judged
        .outcome
        .printed(&["Ada could not send: the server closed"]);
    for (name, text) in judged.files() {
        assert!(!text.contains("broke the WebSocket protocol"), "{name}");
    }
}

#[tokio::test]
async fn what_nobody_asked_for_is_no_answer() {
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        while let Some(asked) = hear(&mut socket).await {
            let answer = match asked["action"].as_str() {
                Some("ping") => r#"{"event": "pong"}"#,
                _ => r#"{"event": "error", "error": "there is no such run"}"#,
            };
            say(&mut socket, r#"{"event": "weather"}"#).await;
            // The answer comes by itself, as from a server that looks into its database.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            say(&mut socket, answer).await;
        }
    })
    .await;
    let more = [
        "--step-timeout=30s",
        "--require=REFUSAL-1",
        "--require=REFUSAL-2",
    ];
    let judged = judge(&host.url(), &more).await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
}
