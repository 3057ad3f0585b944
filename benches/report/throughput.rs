//! One viewer at full speed, beside the loops that do less and the loop that does it in Python.

use std::fmt::Write;
use std::hint::black_box;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reconnect_acceptance::check::{CheckVerdict, Requirement, registry};
use reconnect_acceptance::protocol::Decoder;
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::Transcript;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::loops;
use crate::numbers::{each, median};
use crate::server;

/// The variable that names a Python with `websockets`.
pub const PYTHON: &str = "BENCHMARK_PYTHON";

const SCRIPT: &str = include_str!("loop.py");

/// What was measured in one round, every loop once.
struct Round {
    bare: Duration,
    value: Duration,
    viewer: Duration,
    decoding: Duration,
    trace: Duration,
    judging: Duration,
    checks: Vec<(&'static str, Duration)>,
    python: Option<Duration>,
}

impl Round {
    fn checking(&self) -> Duration {
        self.checks.iter().map(|(_, took)| *took).sum()
    }

    fn judged(&self) -> Duration {
        self.viewer + self.judging
    }
}

/// The section of the report; so many rounds over a run of so many events.
pub fn section(rounds: usize, events: usize) -> String {
    let texts = loops::texts(events);
    let many = texts.len();
    let bytes = texts.iter().map(String::len).sum::<usize>() / many;
    let server = server::serve(server::on_the_wire(&texts));
    let runtime = loops::runtime();
    let python = std::env::var(PYTHON).ok().filter(|it| !it.is_empty());
    let mut said = String::new();
    let rounds: Vec<Round> = (0..rounds)
        .map(|_| {
            let bare = loops::bare(&runtime, server, many, |text| drop(black_box(text)));
            let value = loops::bare(&runtime, server, many, |text: Utf8Bytes| {
                black_box(serde_json::from_str::<Value>(&text).expect("JSON"));
            });
            let (viewer, recorder) = loops::viewer(&runtime, loops::over_websocket(server), events);
            let began = Instant::now();
            let record = Arc::new(recorder.snapshot());
            black_box(registry::judge(&Trace::of(&record)));
            let judging = began.elapsed();
            let (trace, checks) = each_check(&record);
            drop((record, recorder));
            let python = python.as_deref().map(|python| {
                let (took, about) = in_python(python, server);
                said = about;
                took
            });
            Round {
                bare,
                value,
                viewer,
                decoding: decode(&texts),
                trace,
                judging,
                checks,
                python,
            }
        })
        .collect();
    let text = rows(&rounds, many, bytes, &said);
    text + &by_elimination(&rounds, many)
}

/// How long it takes to structure the record as a trace, and each check to judge it.
fn each_check(record: &Transcript) -> (Duration, Vec<(&'static str, Duration)>) {
    let began = Instant::now();
    let trace = Trace::of(record);
    let traced = began.elapsed();
    let check = |requirement: &Requirement| {
        let began = Instant::now();
        let check_verdict = black_box((requirement.check)(&trace));
        let id = requirement.id;
        assert!(
            !matches!(check_verdict, CheckVerdict::Failed(_)),
            "{id}: {check_verdict:?}"
        );
        (id, began.elapsed())
    };
    (traced, registry::all().map(check).collect())
}

fn decode(texts: &[String]) -> Duration {
    let mut decoder = Decoder::new();
    let began = Instant::now();
    for text in texts {
        black_box(decoder.decode(text));
    }
    began.elapsed()
}

/// The loop in Python, which measures itself; and what it is.
fn in_python(python: &str, server: SocketAddr) -> (Duration, String) {
    let url = format!("ws://{server}/workflows/ws");
    let request = loops::reconnect().to_text();
    python_loop(python, SCRIPT, "websockets", &[&url, &request])
}

/// A loop in Python with this package, which measures itself; and what it is.
pub fn python_loop(
    python: &str,
    script: &str,
    package: &str,
    arguments: &[&str],
) -> (Duration, String) {
    let output = Command::new(python)
        .args(["-c", script])
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{PYTHON} names {python}, which does not run: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "the loop in Python failed: {complaint}"
    );
    let said = String::from_utf8_lossy(&output.stdout);
    let mut words = said.split_whitespace();
    let took = words.next().and_then(|it| it.parse().ok());
    let took = Duration::from_secs_f64(took.expect("seconds"));
    let about: Vec<&str> = words.skip(2).collect();
    let [version, python] = about.as_slice() else {
        panic!("two versions, not {about:?}");
    };
    (took, format!("{package} {version}, Python {python}"))
}

fn rows(rounds: &[Round], many: usize, bytes: usize, python: &str) -> String {
    let of = |part: fn(&Round) -> Duration| median(rounds.iter().map(part));
    let python = PythonLoop {
        took: median_of_all(rounds.iter().map(|it| it.python)),
        package: "websockets",
        said: python,
    };
    let mut text = format!(
        "## Throughput of one viewer\n\n\
         {many} messages, {bytes} bytes each on average, as a real AgentOS (3.1.10) sends them, at full speed \
         from another thread of the same process. The median of {} rounds; in each of them every loop takes \
         its turn.\n\n",
        rounds.len()
    );
    type Row = (&'static str, fn(&Round) -> Duration);
    let rows: [Row; 4] = [
        ("tokio-tungstenite, the texts dropped", |it| it.bare),
        ("tokio-tungstenite and `serde_json::Value`", |it| it.value),
        ("a viewer of the suite: received, decoded, recorded", |it| {
            it.viewer
        }),
        ("the same, and judged by every check", Round::judged),
    ];
    text += &table(many, &rows.map(|(name, part)| (name, of(part))), &python);
    text.push_str("\nAim: a million messages a second, and eight times the Python loop.\n\n");
    text
}

/// The loop in Python that the others are compared with.
pub struct PythonLoop<'p> {
    /// How long it took; `None` where it was not measured.
    pub took: Option<Duration>,
    /// What it needs.
    pub package: &'p str,
    /// The versions of that and of Python.
    pub said: &'p str,
}

/// The median, where all were measured.
pub fn median_of_all(all: impl Iterator<Item = Option<Duration>>) -> Option<Duration> {
    let all: Option<Vec<Duration>> = all.collect();
    all.map(|all| median(all.into_iter()))
}

/// How long each of these loops took for so many messages, the bare one first.
pub fn table(many: usize, rows: &[(&str, Duration)], python: &PythonLoop<'_>) -> String {
    let bare = rows.first().map(|it| it.1).unwrap_or_default();
    let mut text = "| | messages a second | ns each | of the bare loop | of the Python loop |\n\
                    |---|---:|---:|---:|---:|\n"
        .to_owned();
    for (name, took) in rows {
        let beside = python.took.map_or_else(
            || "–".to_owned(),
            |slow| format!("{:.1} ×", slow.as_secs_f64() / took.as_secs_f64()),
        );
        let _ = writeln!(text, "| {name} | {} | {beside} |", speed(*took, many, bare));
    }
    let PythonLoop { package, said, .. } = python;
    let _ = match python.took {
        Some(took) => writeln!(
            text,
            "| the Python loop, every event parsed and kept ({said}) | {} | 1 |",
            speed(took, many, bare)
        ),
        None => writeln!(
            text,
            "| the Python loop | not measured: `{PYTHON}` names no Python with `{package}` | – | – | – |"
        ),
    };
    text
}

fn speed(took: Duration, many: usize, bare: Duration) -> String {
    let a_second = many as f64 / took.as_secs_f64();
    let part = bare.as_secs_f64() / took.as_secs_f64();
    format!(
        "{:.0} K | {:.0} | {:.0} %",
        a_second / 1e3,
        each(took, many),
        part * 100.0
    )
}

/// Where the time of the viewer goes.
fn by_elimination(rounds: &[Round], many: usize) -> String {
    let of = |part: fn(&Round) -> Duration| each(median(rounds.iter().map(part)), many);
    let (bare, decoding) = (of(|it| it.bare), of(|it| it.decoding));
    let recording = of(|it| it.viewer) - bare - decoding;
    let mut text = format!(
        "Where the time goes, by elimination (each row alone, so they need not add up exactly):\n\n\
         | | ns a message |\n|---|---:|\n\
         | the socket: system calls, frames, UTF-8 | {bare:.0} |\n\
         | the decoder | {decoding:.0} |\n\
         | masking, keeping the text, the transcript, waking those who wait: the rest of the viewer | {recording:.0} |\n\
         | the trace of the transcript | {:.0} |\n\
         | a copy of the transcript, its trace, and all checks, as the suite judges it | {:.0} |\n\
         | all checks, one after the other | {:.0} |\n",
        of(|it| it.trace),
        of(|it| it.judging),
        of(Round::checking),
    );
    let mut checks: Vec<(&str, f64)> = (0..rounds[0].checks.len())
        .map(|at| {
            let took = median(rounds.iter().map(|round| round.checks[at].1));
            (rounds[0].checks[at].0, each(took, many))
        })
        .collect();
    checks.sort_by(|one, other| other.1.total_cmp(&one.1));
    for (id, took) in checks.iter().take(5) {
        let _ = writeln!(text, "| · {id} | {took:.0} |");
    }
    text
}
