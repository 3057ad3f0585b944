//! One viewer over HTTP at full speed, beside a loop around hyper alone, and around httpx.

use std::hint::black_box;
use std::time::Duration;

use crate::loops;
use crate::numbers::median;
use crate::server;
use crate::throughput::{PYTHON, PythonLoop, median_of_all, python_loop, table};

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
    let python = PythonLoop {
        took: median_of_all(rounds.iter().map(|it| it.python)),
        package: "httpx",
        said: &said,
    };
    let rows = [
        ("hyper, the chunks dropped", of(|it| it.bare)),
        (
            "a viewer of the suite: received, decoded, recorded",
            of(|it| it.viewer),
        ),
    ];
    format!(
        "## Throughput of one viewer over HTTP\n\n\
         The same {many} messages as the events of one answer, each in a chunk of its own, as uvicorn sends them. The \
         median of {} rounds.\n\n{}",
        rounds.len(),
        table(many, &rows, &python)
    )
}
