//! Many viewers who leave and return three times, in several numbers.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use crate::SUITE;
use crate::numbers::cell;
use crate::plot::{Line, Panel};
use crate::process::{self, Cost, Watch};

/// The scenario of the crowd.
const SCENARIO: &str = "The viewers of several runs leave and return together, again and again";

/// How many viewers there are without `--viewers`: the baseline.
const USUAL: usize = 12;

/// What one number of viewers cost.
struct Sample {
    viewers: usize,
    cost: Cost,
    /// Of the server, where it is a process of its own.
    server: Option<Cost>,
    seen: Seen,
}

/// What its transcripts show.
#[derive(Default)]
struct Seen {
    /// Messages received.
    messages: usize,
    /// From the first connection of each return to its last `subscribed` or ending, summed up.
    returning: Duration,
}

/// Why there is no number.
struct NotMeasured {
    viewers: usize,
    reason: String,
}

type Measured = Result<Sample, NotMeasured>;

/// The section of the report, and the panels of its plot. `pace` is the time between two events where
/// the server is a process of its own, which has no breakpoints: the run of some 60 events has to outlast
/// the viewers.
pub fn section(sizes: &[usize], pace: Duration, folder: &Path) -> (String, Vec<Panel>) {
    let sizes: Vec<usize> = [USUAL].iter().chain(sizes).copied().collect();
    let within: Vec<Measured> = sizes.iter().map(|it| in_process(*it, folder)).collect();
    let apart: Vec<Measured> = sizes.iter().map(|it| beside(*it, pace, folder)).collect();
    let mut text = format!(
        "## Many viewers who leave and return\n\n\
         `reconnect-acceptance run --viewers N --name \"{SCENARIO}\" --report-dir DIR`: N viewers of four runs \
         lose the connection, and return all at once, three times. *Returning* is the time from the first \
         connection to the last viewer who has caught up, of all four returns together; a *message* is one that \
         a viewer received. Memory is the most that was resident (`VmHWM`), for each viewer after taking off \
         what the suite takes for {USUAL}; open files are the most that were counted at once.\n\n\
         The bundled server in the same process, so that both ends of each connection count:\n\n"
    );
    text.push_str(&table(&within, |it| &it.cost));
    let pace = humantime::format_duration(pace);
    let _ = writeln!(
        text,
        "\nThe bundled server in a process of its own (`serve --pace {pace}`, then `run --url … --away 200ms`). \
         There are no breakpoints there, so the whole takes as long as the runs do. The suite:\n"
    );
    text.push_str(&table(&apart, |it| &it.cost));
    text.push_str("\nThe server:\n\n");
    text.push_str(&table(&apart, |it| it.server.as_ref().unwrap_or(&it.cost)));
    text.push_str(
        "\n![Time, processor, memory and open files over the number of viewers](benchmarks.svg)\n",
    );
    (text, panels(&within, &apart))
}

fn table(all: &[Measured], of: fn(&Sample) -> &Cost) -> String {
    let mut text = String::from(
        "| viewers | whole, s | returning, s | messages | CPU, s | CPU a message, µs | peak, MiB | \
         a viewer, KiB | open files | a viewer |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    let usual = all.iter().flatten().find(|it| it.viewers == USUAL);
    let usual = usual.map(|it| *of(it)).unwrap_or_default();
    for one in all {
        let it = match one {
            Ok(it) => it,
            Err(not) => {
                let _ = writeln!(
                    text,
                    "| {} | not measured: {} |{}",
                    not.viewers,
                    not.reason,
                    " |".repeat(8)
                );
                continue;
            }
        };
        let cost = of(it);
        let more = (it.viewers - USUAL) as f64;
        let each = |most: Option<u64>, usual: Option<u64>| {
            let (most, usual) = most.zip(usual)?;
            (more > 0.0).then(|| most.saturating_sub(usual) as f64 / more)
        };
        let files = |cost: &Cost| cost.files.map(|it| it as u64);
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.2} | {} | {} | {} | {} | {} | {} | {} |",
            it.viewers,
            it.cost.wall.as_secs_f64(),
            it.seen.returning.as_secs_f64(),
            it.seen.messages,
            cell(cost.cpu, |it| format!("{:.2}", it.as_secs_f64())),
            cell(a_message(it, cost), |it| format!("{it:.1}")),
            cell(cost.peak, |it| format!("{}", it >> 10)),
            cell(each(cost.peak, usual.peak), |it| format!("{it:.0}")),
            cell(cost.files, |it| it.to_string()),
            cell(each(files(cost), files(&usual)), |it| format!("{it:.2}")),
        );
    }
    text
}

/// Microseconds of processor time.
fn a_message(it: &Sample, cost: &Cost) -> Option<f64> {
    let cpu = cost.cpu?.as_secs_f64();
    (it.seen.messages > 0).then(|| cpu * 1e6 / it.seen.messages as f64)
}

fn panels(within: &[Measured], apart: &[Measured]) -> Vec<Panel> {
    type Part = fn(&Sample) -> Option<f64>;
    let line = |name, all: &[Measured], part: Part| Line {
        name,
        points: all
            .iter()
            .flatten()
            .filter_map(|it| Some((it.viewers as f64, part(it)?)))
            .collect(),
    };
    let panel = |title: &str, parts: [Part; 2]| Panel {
        title: title.to_owned(),
        lines: vec![
            line("suite and server in one process", within, parts[0]),
            line("the suite alone", apart, parts[0]),
            line("the server alone", apart, parts[1]),
        ],
    };
    let mut time = panel(
        "Returning, all four times together (s)",
        [|it| Some(it.seen.returning.as_secs_f64()), |_| None],
    );
    time.lines.pop();
    let memory: [Part; 2] = [
        |it| it.cost.peak.map(|it| it as f64 / 1024.0),
        |it| {
            it.server
                .and_then(|it| it.peak)
                .map(|it| it as f64 / 1024.0)
        },
    ];
    vec![
        time,
        panel(
            "Processor time (s)",
            [
                |it| it.cost.cpu.map(|it| it.as_secs_f64()),
                |it| it.server.and_then(|it| it.cpu).map(|it| it.as_secs_f64()),
            ],
        ),
        panel("Memory at the most, VmHWM (MiB)", memory),
        panel(
            "Open files at the most",
            [
                |it| it.cost.files.map(|it| it as f64),
                |it| it.server.and_then(|it| it.files).map(|it| it as f64),
            ],
        ),
    ]
}

/// The suite with the bundled server inside.
fn in_process(viewers: usize, folder: &Path) -> Measured {
    let folder = folder.join(format!("viewers-{viewers}"));
    let outcome = process::run(&mut suite(viewers, &folder), None);
    let (status, cost) = outcome.expect("the suite runs");
    measured(viewers, status.code(), cost, None, &folder)
}

/// The suite against a bundled server in a process of its own.
fn beside(viewers: usize, pace: Duration, folder: &Path) -> Measured {
    let folder = folder.join(format!("viewers-apart-{viewers}"));
    let mut server = Serving::start(pace);
    let mut command = suite(viewers, &folder);
    command.args(["--url", &server.url, "--away", "200ms"]);
    let outcome = process::run(&mut command, Some(&mut server.watch));
    let (status, cost) = outcome.expect("the suite runs");
    let of_server = server.watch.cost;
    drop(server);
    measured(viewers, status.code(), cost, Some(of_server), &folder)
}

fn suite(viewers: usize, folder: &Path) -> Command {
    let mut command = Command::new(SUITE);
    command.args([
        "run",
        "--over",
        "websocket",
        "--viewers",
        &viewers.to_string(),
        "--name",
    ]);
    command.arg(format!("^{SCENARIO}$"));
    command.args(["--step-timeout", "60s", "--report-dir"]);
    command.arg(folder);
    command
}

fn measured(
    viewers: usize,
    code: Option<i32>,
    cost: Cost,
    server: Option<Cost>,
    folder: &Path,
) -> Measured {
    let not = |reason: &str| NotMeasured {
        viewers,
        reason: reason.to_owned(),
    };
    match code {
        Some(0) => {}
        // It checks first whether the machine allows it.
        Some(2) => return Err(not("the machine does not allow so many open files")),
        Some(code) => return Err(not(&format!("exit code {code}"))),
        None => return Err(not("killed")),
    }
    let seen = seen(folder).ok_or_else(|| not("there is no transcript"))?;
    let _ = fs::remove_dir_all(folder);
    Ok(Sample {
        viewers,
        cost,
        server,
        seen,
    })
}

/// A line of a transcript.
#[derive(Deserialize)]
struct Entry {
    at_us: u64,
    viewer: String,
    connection: u32,
    #[serde(default)]
    received: Option<String>,
}

/// Reads the transcripts.
fn seen(folder: &Path) -> Option<Seen> {
    let files = fs::read_dir(folder.join("transcripts")).ok()?;
    let mut seen = Seen::default();
    // For each return: the first entry, and the last one that says that a viewer has caught up.
    let mut comings: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for file in files {
        let lines = BufReader::new(File::open(file.ok()?.path()).ok()?).lines();
        for line in lines.skip(1) {
            let entry: Entry = serde_json::from_str(&line.ok()?).ok()?;
            let is_viewer = entry.viewer.starts_with("Viewer ");
            if let Some(text) = &entry.received {
                seen.messages += 1;
                if is_viewer && text.contains("\"event\": \"subscribed\"") {
                    let coming = comings.entry(entry.connection).or_insert((entry.at_us, 0));
                    coming.1 = coming.1.max(entry.at_us);
                }
            } else if is_viewer {
                comings.entry(entry.connection).or_insert((entry.at_us, 0));
            }
        }
    }
    let spans = comings.values().map(|(from, to)| to.saturating_sub(*from));
    seen.returning = Duration::from_micros(spans.sum());
    (seen.messages > 0).then_some(seen)
}

/// A bundled server in a process of its own, until this is dropped.
struct Serving {
    child: Child,
    url: String,
    watch: Watch,
}

impl Serving {
    fn start(pace: Duration) -> Self {
        let pace = humantime::format_duration(pace).to_string();
        let mut child = Command::new(SUITE)
            .args(["serve", "--bind", "127.0.0.1:0", "--pace", &pace])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut url = String::new();
        let out = child.stdout.as_mut().expect("its output");
        BufReader::new(out).read_line(&mut url).expect("its URL");
        Self {
            url: url.trim().to_owned(),
            watch: Watch::new(&child),
            child,
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
