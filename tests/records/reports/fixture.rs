//! Runs made by hand: green, red, unreachable and hostile.

use std::sync::Arc;
use std::time::Duration;

use reconnect_acceptance::check::{Check, CheckVerdict, Finding, Level, Requirement};
use reconnect_acceptance::protocol::Decoder;
use reconnect_acceptance::report::model::run::{
    Run, ScenarioReport, StepOutcome, StepReport, TargetKind, TargetReport, Verdict,
};
use reconnect_acceptance::report::verdict::of_run;
use reconnect_acceptance::report::verdict::of_run::{Circumstances, Judged};
use reconnect_acceptance::transcript::{Disconnect, EntryKind, Transcript};

const fn requirement(id: &'static str, level: Level, sentence: &'static str) -> Requirement {
    Requirement {
        id,
        level,
        since: "0.1.0",
        sentence,
        why: "",
        harm: "",
        source: "",
        good: "",
        bad: "",
        check: Check::new(|_| CheckVerdict::Passed, file!(), "none"),
    }
}

pub static REQUIREMENTS: &[Requirement] = &[
    requirement(
        "GREETING-1",
        Level::Must,
        "The first message on a connection is `connected`, and says whether authentication is required.",
    ),
    requirement(
        "GREETING-2",
        Level::Should,
        "`ping` is answered by `pong`, also while a run is streaming.",
    ),
    requirement(
        "CATCHUP-1",
        Level::Must,
        "A viewer who returns to a run under way after missing events is told so by `catch_up`, before anything else.",
    ),
    requirement(
        "CATCHUP-2",
        Level::Must,
        "Exactly as many missed events follow as `catch_up` announced in `missed_events`.",
    ),
    requirement(
        "CATCHUP-7",
        Level::Should,
        "`status` and `current_event_count` of `catch_up` and `subscribed` agree with the events that are delivered.",
    ),
    requirement(
        "FAILING-1",
        Level::Must,
        "When a run fails, `WorkflowError` reaches the viewer who started it and every viewer who is subscribed.",
    ),
    requirement("SEAM-1", Level::May, "It may be fast."),
];

/// The scenarios of [`REQUIREMENTS`], in their order.
const SCENARIOS: &[(&str, &str, &str, &[&str])] = &[
    (
        "GREETING-1",
        "Saying hello",
        "A viewer connects",
        &["When Ada connects", "Then Ada is greeted"],
    ),
    (
        "GREETING-2",
        "Saying hello",
        "A ping while a run is under way",
        &[
            "Given Ada watches a long run",
            "When Ada pings",
            "Then a pong comes",
        ],
    ),
    (
        "CATCHUP-1",
        "Catching up after a lost connection",
        "The connection drops in the middle of the run",
        CATCHING_UP,
    ),
    (
        "CATCHUP-2",
        "Catching up after a lost connection",
        "The connection drops in the middle of the run",
        CATCHING_UP,
    ),
    (
        "CATCHUP-2",
        "Catching up after a lost connection",
        "The connection drops again and again, each time a little later than before",
        CATCHING_UP,
    ),
    (
        "CATCHUP-7",
        "Catching up after a lost connection",
        "The numbers agree",
        CATCHING_UP,
    ),
    (
        "FAILING-1",
        "Runs that fail",
        "The run fails while Ada watches",
        &["When Ada starts a failing run", "Then Ada sees it fail"],
    ),
    (
        "SEAM-1",
        "Catching up after a lost connection",
        "Quickly",
        CATCHING_UP,
    ),
];

const CATCHING_UP: &[&str] = &[
    "Given Ada has watched a long run for 20 events",
    "And Ada lost the connection while the run went on",
    "When Ada returns with her position",
    "Then exactly that many events follow before she is subscribed",
];

/// What Ada said and heard, with this text in the event that she missed.
pub fn transcript(content: &str) -> Transcript {
    let ada: Arc<str> = "Ada".into();
    let mut transcript = Transcript::new();
    let mut decoder = Decoder::new();
    let mut at = Duration::ZERO;
    let mut push = |connection, what| {
        at += Duration::from_millis(137);
        transcript.push(at, &ada, connection, what);
    };
    let mut received = |text: &str| EntryKind::received(text, &mut decoder);
    push(1, EntryKind::Opened);
    push(
        1,
        received(
            "event: WorkflowStarted\ndata: {\"event\":\"WorkflowStarted\",\"event_index\":0,\"run_id\":\"r-1\"}\n\n",
        ),
    );
    push(1, EntryKind::Disconnected(Disconnect::Reset));
    push(2, EntryKind::Opened);
    let text = r#"{"action":"reconnect","run_id":"r-1","last_event_index":0,"workflow_id":"content-creation-workflow","session_id":"s-1"}"#;
    push(2, EntryKind::sent(text));
    push(
        2,
        received(
            r#"{"event":"catch_up","run_id":"r-1","status":"running","missed_events":2,"current_event_count":3,"message":"Catching up on 2 missed events."}"#,
        ),
    );
    let event = serde_json::json!({
        "event": "RunContent", "event_index": 1, "run_id": "a-1", "workflow_run_id": "r-1",
        "content": content,
    });
    push(2, received(&event.to_string()));
    push(2, received(r#"{"event":"subscribed","run_id":"r-1"}"#));
    push(
        2,
        EntryKind::CloseReceived {
            code: Some(1011),
            reason: content.to_owned(),
        },
    );
    transcript
}

/// Every scenario and every check passed. Change what you need, then [`run`] it.
pub fn judged() -> Vec<Judged> {
    let record = Arc::new(transcript("two"));
    SCENARIOS
        .iter()
        .enumerate()
        .map(|(at, (id, feature, name, steps))| {
            let file = feature.to_lowercase().replace(' ', "_");
            let path = format!("features/{file}.feature");
            let of = REQUIREMENTS.iter().find(|it| it.id == *id).expect("known");
            Judged {
                scenario: ScenarioReport {
                    feature: (*feature).to_owned(),
                    path: path.clone(),
                    rule: of.sentence.to_owned(),
                    name: (*name).to_owned(),
                    line: 10 * (at + 1),
                    tags: vec![(*id).to_owned()],
                    verdict: Verdict::Passed,
                    requirements: vec![(*id).to_owned()],
                    duration_ms: 412 * (at as u64 + 1),
                    steps: steps
                        .iter()
                        .enumerate()
                        .map(|(line, text)| passed(text, 10 * (at + 1) + line + 1))
                        .collect(),
                    transcript: Some(format!("transcripts/{at:02}_{}.jsonl", id.to_lowercase())),
                    ..ScenarioReport::blank(&format!("{path} › {} › {name}", of.sentence))
                },
                check_verdicts: vec![(id, CheckVerdict::Passed)],
                transcript: Some(Arc::clone(&record)),
            }
        })
        .collect()
}

fn passed(text: &str, line: usize) -> StepReport {
    let (keyword, text) = text.split_once(' ').expect("a keyword");
    StepReport {
        keyword: keyword.to_owned(),
        text: text.to_owned(),
        line,
        outcome: StepOutcome::Passed,
        duration_ms: 103,
        reason: None,
        requirements: Vec::new(),
    }
}

/// The first step ends the scenario so; the others are skipped.
pub fn stopped(judged: &mut Judged, outcome: StepOutcome, reason: &str) {
    for (at, step) in judged.scenario.steps.iter_mut().enumerate() {
        if at == 0 {
            step.outcome = outcome;
            step.reason = Some(reason.to_owned());
        } else {
            step.outcome = StepOutcome::Skipped;
        }
    }
    for (_, check_verdict) in &mut judged.check_verdicts {
        *check_verdict = CheckVerdict::Inconclusive("no viewer returned".to_owned());
    }
}

pub fn finding(expected: &str, observed: &str, evidence: &[u32]) -> Finding {
    Finding {
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        evidence: evidence.to_vec(),
    }
}

pub fn about() -> Circumstances {
    Circumstances {
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        duration_ms: 12_345,
        target: TargetReport {
            kind: TargetKind::Url,
            url: "ws://localhost:7777/workflows/ws".to_owned(),
            server: "agno 3.1.10".to_owned(),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        },
        strict: false,
        interrupted: None,
        suite_errors: Vec::new(),
    }
}

pub fn run(about: Circumstances, judged: Vec<Judged>) -> Run {
    let selected: Vec<_> = REQUIREMENTS.iter().collect();
    of_run::run(about, judged, &selected)
}

pub fn green() -> Run {
    run(about(), judged())
}

/// A MUST fails in three places, a SHOULD fails too, and a MUST only in a scenario of another rule; one
/// is inconclusive and one is not applicable.
pub fn red() -> Run {
    let mut judged = judged();
    let too_few = "2 missed events, as `catch_up` announced (#6), before `subscribed`";
    judged[2].check_verdicts.push((
        "CATCHUP-2",
        CheckVerdict::Failed(vec![finding(
            too_few,
            "1 event, then `subscribed`",
            &[5, 6, 7, 8],
        )]),
    ));
    judged[3].check_verdicts = vec![(
        "CATCHUP-2",
        CheckVerdict::Failed(vec![
            finding(too_few, "1 event, then `subscribed` (#8)", &[5, 6, 8]),
            finding(too_few, "none", &[6, 7, 8]),
        ]),
    )];
    judged[5].check_verdicts = vec![
        (
            "CATCHUP-7",
            CheckVerdict::Failed(vec![finding("a `current_event_count` of 3", "none", &[8])]),
        ),
        (
            "GREETING-1",
            CheckVerdict::Failed(vec![finding("`connected` first", "`subscribed`", &[])]),
        ),
    ];
    stopped(
        &mut judged[1],
        StepOutcome::Inconclusive,
        "the run ended after 12 events, before Ada could watch 20: give the part `long` a workflow that lives longer",
    );
    stopped(
        &mut judged[6],
        StepOutcome::NotApplicable,
        "the target has no workflow for the part `failing`",
    );
    let mut about = about();
    about.target.kind = TargetKind::Reference;
    about.target.faults = vec!["drop-one-missed".to_owned()];
    run(about, judged)
}

/// One missed event, which fails two requirements in the same messages.
pub fn one_cause() -> Run {
    let mut judged = judged();
    judged[3].check_verdicts = vec![
        (
            "CATCHUP-2",
            CheckVerdict::Failed(vec![finding("2 missed events", "1 event", &[6, 7, 8])]),
        ),
        (
            "CATCHUP-7",
            CheckVerdict::Failed(vec![finding(
                "a `current_event_count` of 2",
                "3, with 1 event after it",
                &[6, 9],
            )]),
        ),
    ];
    run(about(), judged)
}

pub fn unreachable() -> Run {
    let mut judged = judged();
    for one in &mut judged {
        stopped(
            one,
            StepOutcome::Inconclusive,
            "no connection to localhost:7777: connection refused; is the server running?",
        );
        one.transcript = None;
        one.scenario.transcript = None;
    }
    let mut about = about();
    about.target.server = "unknown".to_owned();
    run(about, judged)
}

pub const HOSTILE: &str = "a\x1b[31mred\x1b]0;title\x07</script>]]>\u{202e}evil\u{2066}\0\u{1}\u{b}\u{9b}31m\r\n\t\u{fffe}\u{feff}\"'&<🎉";

/// Whatever a server, a target file or a feature can say, with a text of 1 MB among it.
pub fn hostile() -> Run {
    let mut judged = judged();
    let long = format!("{HOSTILE}{}{HOSTILE}", "x".repeat(1 << 20));
    let record = Arc::new(transcript(&long));
    for one in &mut judged {
        one.transcript = Some(Arc::clone(&record));
        one.check_verdicts[0].1 = CheckVerdict::Failed(vec![finding(&long, HOSTILE, &[7, 9, 999])]);
    }
    judged[0].scenario.name = long.clone();
    judged[0].scenario.feature = long.clone();
    judged[0].scenario.tags.push(HOSTILE.to_owned());
    judged[0].scenario.steps[0].text = long.clone();
    stopped(&mut judged[1], StepOutcome::Inconclusive, &long);
    stopped(&mut judged[6], StepOutcome::NotApplicable, HOSTILE);
    let mut about = about();
    about.target.url = HOSTILE.to_owned();
    about.target.server = long.clone();
    about.target.faults = vec![long.clone()];
    about.interrupted = Some(long.clone());
    about.suite_errors = vec![HOSTILE.to_owned(), long];
    let mut run = run(about, judged);
    // One sentence would take the place of the reasons, which are hostile as well.
    run.report.diagnosis = None;
    run.report.notes = vec![
        HOSTILE.to_owned(),
        format!("{}{HOSTILE}", "x".repeat(1 << 20)),
    ];
    run
}
