//! Time to a verdict: of one scenario, and of the whole suite.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use crate::numbers::{median, ms};
use crate::{SUITE, process};

/// The scenario that everything began with.
const FLAGSHIP: &str = "The connection drops in the middle of the run";
const REQUIREMENT: &str = "CATCHUP-2";

/// Where the time of one run of the flagship scenario went.
struct Verdict {
    wall: Duration,
    run: Duration,
    away: Duration,
    connecting: Duration,
    answer: Duration,
}

impl Verdict {
    /// What the suite adds to the server's own time.
    fn added(&self) -> Duration {
        self.wall.saturating_sub(self.run + self.away)
    }

    /// What of it is neither connecting nor the answer.
    fn rest(&self) -> Duration {
        self.added().saturating_sub(self.connecting + self.answer)
    }
}

/// A line of a transcript.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    at_us: u64,
    #[serde(default)]
    sent: Option<String>,
    #[serde(default)]
    received: Option<String>,
    #[serde(default)]
    disconnected: Option<String>,
    #[serde(default)]
    breakpoint_reached: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Report {
    scenarios: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    requirements: Vec<String>,
    duration_ms: u64,
    transcript: Option<String>,
}

/// The section of the report; `times` runs of each.
pub fn section(times: usize, folder: &Path) -> String {
    let verdicts: Vec<Verdict> = (0..times).map(|_| flagship(folder)).collect();
    let of = |part: fn(&Verdict) -> Duration| median(verdicts.iter().map(part));
    let mut text = format!(
        "## Time to a verdict\n\n\
         `reconnect-acceptance run --over websocket --require {REQUIREMENT} --name \"^{FLAGSHIP}$\" --report-dir DIR`, on the \
         bundled server; the median of {times} runs, each a process of its own.\n\n\
         | | ms |\n|---|---:|\n"
    );
    type Row = (&'static str, fn(&Verdict) -> Duration);
    let rows: [Row; 7] = [
        ("the process, from its start to its exit code", |it| it.wall),
        (
            "run time: from `start-workflow` to the last event that Ada waits for",
            |it| it.run,
        ),
        (
            "away time: from the loss of the connection to the last event that she misses",
            |it| it.away,
        ),
        ("**what the suite adds: the rest**", Verdict::added),
        (
            "· of it connecting: both dials, upgrades and greetings",
            |it| it.connecting,
        ),
        (
            "· of it the answer: from `reconnect` to `subscribed`",
            |it| it.answer,
        ),
        (
            "· of it everything else: starting the process and the bundled server, the first contact, the goodbye, \
          judging, writing the reports",
            Verdict::rest,
        ),
    ];
    for (name, part) in rows {
        let _ = writeln!(text, "| {name} | {} |", ms(of(part)));
    }
    text.push_str("\nAim: what the suite adds stays below 50 ms.\n\n");
    text.push_str(&whole(times, folder));
    text
}

/// Runs it once, and reads from its own record where the time went.
fn flagship(folder: &Path) -> Verdict {
    let mut command = Command::new(SUITE);
    command.args([
        "run",
        "--over",
        "websocket",
        "--require",
        REQUIREMENT,
        "--name",
    ]);
    command.arg(format!("^{FLAGSHIP}$"));
    command.arg("--report-dir").arg(folder);
    let (status, wall) = process::time(&mut command).expect("the suite runs");
    assert!(status.success(), "the bundled server conforms: {status}");
    let report = report(folder);
    let [scenario] = report.scenarios.as_slice() else {
        panic!("one scenario, not {}", report.scenarios.len());
    };
    let file = folder.join(scenario.transcript.as_ref().expect("a transcript"));
    let lines = fs::read_to_string(file).expect("a transcript");
    let lines: Vec<Line> = lines
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).expect("an entry"))
        .collect();
    let at = |place: usize| Duration::from_micros(lines[place].at_us);
    let find = |from: usize, is: &dyn Fn(&Line) -> bool| {
        let found = lines[from..].iter().position(is);
        from + found.expect("an entry of that kind")
    };
    let says =
        |text: &Option<String>, word: &str| text.as_ref().is_some_and(|it| it.contains(word));
    let started = find(0, &|line| says(&line.sent, "\"start-workflow\""));
    let left = find(started, &|line| line.disconnected.is_some());
    let last = lines[..left]
        .iter()
        .rposition(|line| line.received.is_some());
    let last = last.expect("an event");
    let held = find(left, &|line| line.breakpoint_reached.is_some());
    let asked = find(held, &|line| says(&line.sent, "\"reconnect\""));
    let subscribed = find(asked, &|line| says(&line.received, "\"subscribed\""));
    Verdict {
        wall,
        run: at(last).saturating_sub(at(started)),
        away: at(held).saturating_sub(at(left)),
        connecting: at(started) + at(asked).saturating_sub(at(held)),
        answer: at(subscribed).saturating_sub(at(asked)),
    }
}

/// The whole suite beside its longest scenario.
fn whole(times: usize, folder: &Path) -> String {
    let mut text = String::from(
        "`reconnect-acceptance run --report-dir DIR`: everything, on the bundled server, on two cores.\n\n\
         | | the process, s | its longest scenario, s | longer by |\n|---|---:|---:|---:|\n",
    );
    let mut longest = Vec::new();
    let mut all = Vec::new();
    for number in 1..=times.min(5) {
        let mut command = on_two_cores();
        command.args(["run", "--report-dir"]).arg(folder);
        let (status, wall) = process::time(&mut command).expect("the suite runs");
        assert!(status.success(), "the bundled server conforms: {status}");
        let mut scenarios = report(folder).scenarios;
        scenarios.sort_by_key(|it| std::cmp::Reverse(it.duration_ms));
        let most = Duration::from_millis(scenarios[0].duration_ms);
        let _ = writeln!(
            text,
            "| run {number} | {:.2} | {:.2} | {:.0} % |",
            wall.as_secs_f64(),
            most.as_secs_f64(),
            longer(wall, most)
        );
        all.push((wall, most));
        longest = scenarios;
    }
    all.sort_by(|one, other| longer(one.0, one.1).total_cmp(&longer(other.0, other.1)));
    let (wall, most) = all[all.len() / 2];
    let _ = writeln!(
        text,
        "| **the middle one** | {:.2} | {:.2} | **{:.0} %** |\n\n\
         Aim: 15 % at the most. The longest scenarios of the last run:\n\n\
         | s | requirement | scenario |\n|---:|---|---|",
        wall.as_secs_f64(),
        most.as_secs_f64(),
        longer(wall, most)
    );
    for it in longest.iter().take(6) {
        let seconds = Duration::from_millis(it.duration_ms).as_secs_f64();
        let _ = writeln!(
            text,
            "| {seconds:.2} | {} | {} |",
            it.requirements.join(", "),
            it.name
        );
    }
    text
}

fn longer(wall: Duration, most: Duration) -> f64 {
    (wall.as_secs_f64() / most.as_secs_f64() - 1.0) * 100.0
}

/// The suite, kept to two cores where there are more and `taskset` is there.
fn on_two_cores() -> Command {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    if cores <= 2 {
        return Command::new(SUITE);
    }
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "0,1", SUITE]);
    command
}

fn report(folder: &Path) -> Report {
    let text = fs::read_to_string(folder.join("report.json")).expect("a report");
    serde_json::from_str(&text).expect("a report")
}
