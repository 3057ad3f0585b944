//! One viewer over HTTP at full speed, beside a loop around hyper alone, and around httpx.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use crate::loops;
use crate::numbers::median;
use crate::server;
use crate::throughput::{PYTHON, python_loop, speed};

const SCRIPT: &str = include_str!("loop_over_http.py");

/// What was measured in one round, every loop once.
struct Round {
    bare: Duration,
    viewer: Duration,
    python: Option<Duration>,
}

/// The section of the report; so many rounds over a run of so many events.
pub fn section(rounds: usize, events: usize) -> String {
    let texts = loops::texts(events);
    let many = texts.len();
    let server = server::serve_over_http(server::as_an_answer(&texts));
    let url = format!("http://{server}{}", loops::RESUME);
    let runtime = loops::runtime();
    let python = std::env::var(PYTHON).ok().filter(|it| !it.is_empty());
    let mut said = String::new();
    let rounds: Vec<Round> = (0..rounds)
        .map(|_| {
            let bare = loops::bare_over_http(&runtime, server, |data| drop(black_box(data)));
            let viewer = loops::viewer(&runtime, loops::over_http(server), events).0;
            let python = python.as_deref().map(|python| {
                let (took, about) = python_loop(python, SCRIPT, "httpx", &[&url]);
                said = about;
                took
            });
            Round {
                bare,
                viewer,
                python,
            }
        })
        .collect();
    let of = |part: fn(&Round) -> Duration| median(rounds.iter().map(part));
    let (bare, viewer) = (of(|it| it.bare), of(|it| it.viewer));
    let mut text = format!(
        "## Throughput of one viewer over HTTP\n\n\
         The same {many} messages as the events of one answer, each in a chunk of its own, as uvicorn sends them. The \
         median of {} rounds.\n\n\
         | | messages a second | ns each | of the bare loop | of the Python loop |\n|---|---:|---:|---:|---:|\n",
        rounds.len()
    );
    let slow = rounds.iter().all(|it| it.python.is_some());
    let slow = slow.then(|| of(|it| it.python.unwrap_or_default()));
    for (name, took) in [
        ("hyper, the chunks dropped", bare),
        ("a viewer of the suite: received, decoded, recorded", viewer),
    ] {
        let beside = slow.map_or_else(
            || "–".to_owned(),
            |slow| format!("{:.1} ×", slow.as_secs_f64() / took.as_secs_f64()),
        );
        let _ = writeln!(text, "| {name} | {} | {beside} |", speed(took, many, bare));
    }
    let _ = match slow {
        Some(slow) => writeln!(
            text,
            "| the Python loop, every event parsed and kept ({said}) | {} | 1 |",
            speed(slow, many, bare)
        ),
        None => writeln!(
            text,
            "| the Python loop | not measured: `{PYTHON}` names no Python with `httpx` | – | – | – |"
        ),
    };
    text
}
