//! The report of what the suite costs: time to a verdict, throughput of one viewer, many viewers. Markdown
//! with a plot; every ratio is against a baseline of the same run.
//!
//! `cargo bench --locked --bench report -- --out target/benchmarks` writes `benchmarks.md` and `benchmarks.svg`
//! there. Nothing asserts a time. With `--test`, as `cargo bench -- --test` hands it on, everything is
//! tried once with small numbers, and nothing is written.

#![expect(clippy::print_stdout, reason = "it shows what it found")]

#[path = "../support/frames.rs"]
mod frames;
#[path = "../support/loops.rs"]
mod loops;
#[path = "../support/server.rs"]
mod server;

mod machine;
mod many_viewers;
mod numbers;
mod plot;
mod process;
mod throughput;
mod throughput_over_http;
mod verdict;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// The binary that is measured.
const SUITE: &str = env!("CARGO_BIN_EXE_reconnect-acceptance");

#[derive(Parser)]
struct Options {
    /// Where benchmarks.md and benchmarks.svg go
    #[arg(long, value_name = "DIR", default_value = "target/benchmarks")]
    out: PathBuf,
    /// Only this part, shown and not written
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// How many viewers leave and return
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', default_values_t = [1000, 5000, 10_000])]
    viewers: Vec<usize>,
    /// Tries everything once with small numbers, and writes nothing
    #[arg(long)]
    test: bool,
    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
    /// Names of benchmarks, which cargo hands on to all of them
    #[arg(hide = true)]
    filters: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Part {
    Verdict,
    Throughput,
    Crowd,
}

fn main() {
    let options = Options::parse();
    let filters = &options.filters;
    if !filters.is_empty() && !filters.iter().any(|it| "report".contains(it.as_str())) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let machine = machine::Machine::now();
    let wanted = |part| options.only.is_none_or(|only| only == part);
    let mut sections = Vec::new();
    let mut panels = Vec::new();
    if wanted(Part::Verdict) {
        let times = if options.test { 1 } else { 21 };
        sections.push(verdict::section(times, &folder.path().join("verdict")));
    }
    if wanted(Part::Throughput) {
        let (rounds, events) = if options.test {
            (1, 2_000)
        } else {
            (9, 200_000)
        };
        sections.push(throughput::section(rounds, events));
        sections.push(throughput_over_http::section(rounds, events));
    }
    if wanted(Part::Crowd) {
        let sizes = if options.test {
            &[24][..]
        } else {
            &options.viewers
        };
        let pace = Duration::from_millis(if options.test { 10 } else { 600 });
        let (section, drawn) = many_viewers::section(sizes, pace, folder.path());
        sections.push(section);
        panels = drawn;
    }
    let text = format!(
        "{}\n{}\n{}",
        include_str!("head.md"),
        machine.table(),
        sections.join("\n")
    );
    println!("{text}");
    let drawing = folder.path().join("benchmarks.svg");
    plot::draw(&drawing, &panels).expect("a plot");
    if options.test || options.only.is_some() {
        return;
    }
    std::fs::create_dir_all(&options.out).expect("a folder for the report");
    std::fs::write(options.out.join("benchmarks.md"), text).expect("the report is written");
    std::fs::copy(drawing, options.out.join("benchmarks.svg")).expect("the plot is written");
}
