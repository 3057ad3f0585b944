//! A script and an issue for a small record, as they are in `tests/data/reproduction`, and for a
//! hostile one.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use pretty_assertions::assert_eq;

use crate::check::{Level, registry};
use crate::protocol::{Action, Component, Decoder, Form, Position};
use crate::report::model::run::{BySteps, Verdict};
use crate::report::model::run::{
    Run, ScenarioReport, StepOutcome, StepReport, TargetKind, TargetReport,
};
use crate::report::render::reproduction::{WhyNot, of, script};
use crate::report::verdict::of_run;
use crate::report::verdict::of_run::Circumstances;
use crate::transcript::{Disconnect, EntryKind, ShownToken, Transcript};

struct Record(Transcript, Decoder, u64);

impl Record {
    fn new() -> Self {
        Self(Transcript::new(), Decoder::new(), 0)
    }

    fn put(&mut self, connection: u32, what: EntryKind) -> &mut Self {
        self.2 += 100;
        let viewer: Arc<str> = "Ada".into();
        self.0
            .push(Duration::from_millis(self.2), &viewer, connection, what);
        self
    }

    fn sent(&mut self, connection: u32, text: &str) -> &mut Self {
        self.put(connection, EntryKind::sent(text))
    }

    fn came(&mut self, connection: u32, text: &str) -> &mut Self {
        let what = EntryKind::received(text, &mut self.1);
        self.put(connection, what)
    }

    fn event(&mut self, connection: u32, index: u64, name: &str) -> &mut Self {
        self.came(
            connection,
            &format!(r#"{{"event": "{name}", "event_index": {index}, "run_id": "r1", "session_id": "s1"}}"#),
        )
    }
}

/// One of the missed events is never delivered.
fn record(message: &str) -> Transcript {
    let greeting = r#"{"event": "connected", "requires_auth": true}"#;
    let start = serde_json::json!({
        "action": "start-workflow", "workflow_id": "w", "message": message, "session_id": "s1"
    });
    let mut it = Record::new();
    it.put(1, EntryKind::Opened)
        .came(1, greeting)
        .sent(1, r#"{"action": "authenticate", "token": "[secret]"}"#)
        .came(1, r#"{"event": "authenticated"}"#)
        .sent(1, &start.to_string())
        .event(1, 0, "WorkflowStarted")
        .event(1, 1, "RunContent")
        .put(1, EntryKind::Disconnected(Disconnect::Reset))
        .put(2, EntryKind::Opened)
        .came(2, greeting)
        .sent(2, r#"{"action": "authenticate", "token": "[secret]"}"#)
        .came(2, r#"{"event": "authenticated"}"#)
        .sent(2, r#"{"action": "reconnect", "run_id": "r1", "last_event_index": 1, "session_id": "s1"}"#)
        .came(2, r#"{"event": "catch_up", "run_id": "r1", "status": "running", "missed_events": 2, "current_event_count": 4}"#)
        .event(2, 3, "RunContent")
        .came(2, r#"{"event": "subscribed", "run_id": "r1", "status": "running", "current_event_count": 4}"#)
        .event(2, 4, "WorkflowCompleted")
        .put(2, EntryKind::Disconnected(Disconnect::Close));
    it.0.clone()
}

fn run(transcript: Transcript, name: &str) -> Run {
    let requirement = registry::find("CATCHUP-2").expect("a requirement");
    assert_eq!(requirement.level, Level::Must);
    let scenario = ScenarioReport {
        id: format!("features/a.feature › rule › {name}"),
        feature: "Catching up".into(),
        path: "features/a.feature".into(),
        rule: "rule".into(),
        name: name.into(),
        line: 1,
        tags: Vec::new(),
        verdict: Verdict::Passed,
        requirements: vec!["CATCHUP-2".into()],
        judged_by: Vec::new(),
        duration_ms: 1,
        reason: None,
        by_steps: None::<BySteps>,
        steps: vec![StepReport {
            keyword: "Given".into(),
            text: name.into(),
            line: 2,
            outcome: StepOutcome::Passed,
            duration_ms: 1,
            reason: None,
            requirements: Vec::new(),
        }],
        transcript: Some("transcripts/1.jsonl".into()),
        outcomes: None,
        repetition: None,
        time_limits: Vec::new(),
        findings: Vec::new(),
    };
    let about = Circumstances {
        started_at: "2026-11-23T20:00:00Z".into(),
        duration_ms: 1,
        target: TargetReport {
            kind: TargetKind::Url,
            url: "ws://example.org/workflows/ws".into(),
            server: "unknown".into(),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        },
        strict: false,
        interrupted: None,
        suite_errors: Vec::new(),
    };
    let judged = of_run::judge(scenario, Some(Arc::new(transcript)));
    of_run::run(about, vec![judged], &[requirement])
}

fn expect(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/reproduction")
        .join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).expect("write the expected text");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        expected,
        actual,
        "UPDATE_EXPECTED=1 writes {}",
        path.display()
    );
}

#[test]
fn a_script_and_an_issue_are_as_in_the_files() {
    let run = run(record("hello"), "The connection drops");
    let all = of(&run);
    let [it] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(it.id, "CATCHUP-2");
    expect("CATCHUP-2.py", it.script.as_deref().expect("a script"));
    let version = env!("CARGO_PKG_VERSION");
    expect("CATCHUP-2.md", &it.issue.replace(version, "VERSION"));
}

/// A server may close a connection when the viewer's next one is open already.
#[test]
fn an_earlier_connection_that_ends_late_does_not_end_the_next() {
    let script = |transcript: Transcript| {
        let run = run(transcript, "The connection drops");
        of(&run)[0].script.clone().expect("a script")
    };
    let plain = record("hello");
    let (mut late, reason) = (Transcript::new(), String::new());
    for entry in plain.entries() {
        late.push(
            entry.at(),
            &entry.viewer,
            entry.connection,
            entry.what.clone(),
        );
        if matches!(&entry.what, EntryKind::Sent { text, .. } if text.contains("reconnect")) {
            let (code, reason) = (Some(1000), reason.clone());
            let closed = EntryKind::CloseReceived { code, reason };
            late.push(entry.at(), &entry.viewer, 1, closed);
            late.push(entry.at(), &entry.viewer, 1, EntryKind::Ended(None));
        }
    }
    assert_eq!(script(plain), script(late));
}

const NASTY: &str = "\"\"\"\n```\n````\n</script>]]>\u{202e}\u{1b}[31m\\\\\" + __import__('os').abort() + \" <img src=x> @all é😀";

#[test]
fn hostile_texts_stay_texts() {
    let run = run(record(NASTY), NASTY);
    let all = of(&run);
    let [it] = all.as_slice() else {
        panic!("{all:?}");
    };
    let script = it.script.as_deref().expect("a script");
    let plain = |c: char| c == '\n' || (' '..='~').contains(&c);
    assert!(script.chars().all(plain), "{script}");
    // The script is in a fence that is longer than every row of backticks in it.
    let fence = it
        .issue
        .lines()
        .find(|line| line.ends_with("python"))
        .expect("a fence");
    let ticks = fence.trim_end_matches("python");
    assert!(ticks.len() > 4 && !script.contains(ticks));
    assert_eq!(it.issue.matches(&format!("\n{ticks}\n")).count(), 1);
    assert!(!it.issue.contains('\u{202e}') && !it.issue.contains('\u{1b}'));
    is_python(script, Some(NASTY));
}

#[test]
fn every_check_of_the_script_is_that_of_a_requirement() {
    let ids: Vec<&str> = registry::all().map(|it| it.id).collect();
    let by_eye: Vec<&str> = ids
        .iter()
        .copied()
        .filter(|id| !script::decides(id))
        .collect();
    // These need what no message shows: a stopped run, other users, a second server, full buffers.
    assert_eq!(by_eye, BY_EYE);
    let program = include_str!("viewer.py");
    let checks = program.split_once("CHECKS = {").expect("the checks").1;
    let named = checks
        .lines()
        .filter_map(|line| line.strip_prefix("    \"")?.split_once("\": ["));
    let unknown: Vec<&str> = named
        .map(|(id, _)| id)
        .filter(|id| !ids.contains(id))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    is_python(program, None);
}

#[test]
fn the_program_over_http_is_whole() {
    let program = script::over_http();
    is_python(&program, None);
    for part in ["what happened", "the checks", "the verdict"] {
        let part = format!("# ---- Common: {part}. ----\n");
        assert_eq!(program.matches(&part).count(), 1, "{part}");
    }
    for piece in [
        "\nimport httpx\n",
        "\nclass Named:",
        "\nclass Viewer(Named):",
        "\nCHECKS = {",
        "\nCHECKS.update({",
        "\ndef decide(",
        "    sys.exit(main())\n",
    ] {
        assert_eq!(program.matches(piece).count(), 1, "{piece}");
    }
    assert!(!program.contains("websockets"));
}

/// Ada starts an agent's run over HTTP, leaves it, and comes back with her position; one of the missed events is never
/// delivered.
fn record_over_http() -> Transcript {
    comes_back_over_http(|it, back| {
        it.sent(2, back);
    })
}

/// The same, with another way to come back; the request over HTTP is given.
fn comes_back_over_http(way: impl FnOnce(&mut Record, &str)) -> Transcript {
    let shows = || EntryKind::ShowsToken(ShownToken::Own);
    let form = |action: Action| {
        let form = Form::of(&action, Component::Agent, "a").expect("a request");
        form.to_text()
    };
    let start = Action::Start {
        workflow_id: None,
        message: "hello".into(),
        session_id: Some("s1".to_owned()),
    };
    let back = Action::Reconnect {
        run_id: Some("r1".to_owned()),
        position: Position::At(1),
        workflow_id: None,
        session_id: Some("s1".to_owned()),
    };
    let mut it = Record::new();
    it.put(1, shows())
        .sent(1, &form(start))
        .put(1, EntryKind::Opened)
        .event(1, 0, "RunStarted")
        .event(1, 1, "RunContent")
        .put(1, EntryKind::Disconnected(Disconnect::Reset))
        .put(1, EntryKind::Ended(None))
        .put(2, shows());
    way(&mut it, &form(back));
    it.put(2, EntryKind::Opened)
        .came(2, r#"{"event": "catch_up", "run_id": "r1", "status": "running", "missed_events": 2, "current_event_count": 4}"#)
        .event(2, 3, "RunContent")
        .came(2, r#"{"event": "subscribed", "run_id": "r1", "status": "running", "current_event_count": 4}"#)
        .event(2, 4, "RunCompleted")
        .put(2, EntryKind::StreamEnded { unfinished: 0 })
        .put(2, EntryKind::Ended(None));
    it.0.clone()
}

#[test]
fn a_script_over_http_sends_forms() {
    let run = run(record_over_http(), "The connection drops");
    let all = of(&run);
    let [it] = all.as_slice() else {
        panic!("{all:?}");
    };
    let script = it.script.as_deref().expect("a script");
    is_python(script, Some("hello"));
    let plan = it.plan().expect("a plan");
    let (_, plan) = plan.split_once("NEEDS_TOKEN = True\n").expect("a token");
    assert_eq!(
        plan.trim(),
        r#"async def plan():
    session = new_session()
    ada = Viewer("Ada")
    await ada.post("/agents/a/runs", {"message": "hello", "stream": "true", "background": "true", "session_id": session}, token="own")
    await ada.read(1)
    await ada.disconnect("reset")
    await pause(0.3)
    await ada.post("/agents/a/runs/" + run_of(session) + "/resume", {"last_event_index": "1", "session_id": session}, token="own")
    await ada.read("RunCompleted")
    await ada.read()"#
    );
    assert!(it.issue.contains("`pip install httpx`"));
}

#[test]
fn who_comes_back_over_the_other_wire_has_no_script() {
    let transcript = comes_back_over_http(|it, _| {
        it.put(2, EntryKind::Opened)
            .came(2, r#"{"event": "connected"}"#)
            .sent(
                2,
                r#"{"action": "reconnect", "run_id": "r1", "last_event_index": 1}"#,
            );
    });
    let run = run(transcript, "The viewer comes back over the other wire");
    let all = of(&run);
    assert!(!all.is_empty());
    for it in all {
        assert_eq!(it.script.as_deref().err(), Some(&WhyNot::BothWires));
        assert!(it.issue.contains("over the WebSocket and over HTTP"));
    }
}

const BY_EYE: &[&str] = &[
    "AUTH-5",
    "START-8",
    "SESSION-1",
    "CATCHUP-6",
    "CATCHUP-8",
    "HISTORY-3",
    "CANCEL-3",
    "PAUSE-3",
    "PAUSE-4",
    "STREAM-2",
    "STREAM-3",
    "STREAM-4",
    "BOTH-1",
    "BOTH-2",
    "IDENTITY-3",
    "VIEWERS-1",
    "VIEWERS-4",
    "VIEWERS-5",
    "VIEWERS-8",
    "VIEWERS-9",
    "RETENTION-2",
    "RETENTION-3",
    "OWNER-2",
    "OWNER-3",
    "RESTART-3",
    "REPLICA-1",
    "REPLICA-2",
    "REPLICA-3",
    "LIVENESS-2",
];

/// Where the machine has Python: it parses, and the start message is in it as it was.
fn is_python(script: &str, message: Option<&str>) {
    let code = "import ast, os, sys\ntree = ast.parse(os.environ['SCRIPT'])\nwords = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]\nsys.exit('MESSAGE' in os.environ and os.environ['MESSAGE'] not in words)";
    let mut python = Command::new("python3");
    python
        .args(["-c", code])
        .env("SCRIPT", script)
        .env("PYTHONUTF8", "1");
    if let Some(message) = message {
        python.env("MESSAGE", message);
    }
    match python.output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}

#[test]
fn a_secret_is_read_from_the_environment() {
    let run = run(record("hello"), "a");
    let all = of(&run);
    let script = all[0].script.as_deref().expect("a script");
    is_python(script, Some("hello"));
    assert!(script.contains(r#""token": TOKEN"#) && !script.contains("[secret]"));
}

#[test]
fn what_a_script_cannot_do_the_issue_says() {
    let mut transcript = record("hello");
    let viewer: Arc<str> = "Ada".into();
    let mut with = Transcript::new();
    with.push(
        Duration::ZERO,
        &viewer,
        2,
        EntryKind::StopsReading { too_many: 9 },
    );
    for entry in transcript.entries() {
        with.push(
            entry.at(),
            &entry.viewer,
            entry.connection,
            entry.what.clone(),
        );
    }
    transcript = with;
    let run = run(transcript, "a");
    let all = of(&run);
    assert_eq!(all[0].script.as_deref().err(), Some(&WhyNot::StopsReading));
    assert!(
        all[0]
            .issue
            .contains("There is no script for it: a viewer stops reading")
    );
    // The same run without the record.
    let mut run = run;
    run.transcripts.clear();
    assert_eq!(of(&run)[0].script.as_deref().err(), Some(&WhyNot::NoRecord));
}
