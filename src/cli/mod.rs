//! The command line: what is asked for, and the exit code that answers it.
//!
//! - `args`: subcommands and options
//! - `run`: the suite, against a URL, a target file or the bundled server
//! - `repeat`: the suite, many times against one target
//! - `agentos`: the suite, against released AgentOS servers; `bundled_lists`: what these are known to
//!   break
//! - `serve`: the bundled server alone
//! - `judge`, `diff`: stored runs, without any server
//! - `merge`: the shards of a run, put together
//! - `publish`: what becomes of a finished run
//! - `former`: what a run is told by a former one
//! - `list`, `explain`: the documentation that the binary carries
//! - `doctor`: one line a precondition
//! - `signals`: Ctrl-C and SIGTERM

mod agentos;
mod args;
mod doctor;
mod explain;
mod finish;
mod judge;
mod known_agentos;
mod limits;
mod list;
mod merge;
mod previous_run;
mod repeat;
mod run;
mod serve;
mod signals;

use std::ffi::OsString;
use std::io::Write;

use clap::{CommandFactory, Parser};

use crate::exit;
use crate::report::text::escape::escape_whole;

pub use args::{Cli, Command};

/// Why a command cannot do what it is asked: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(String);

impl UsageError {
    fn of(error: &impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// Reads the command line, does what it says, and gives the exit code.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(with_subcommand(arguments.into_iter().collect())) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                exit::USAGE
            } else {
                exit::OK
            };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("start the runtime: {error}"), exit::SUITE),
    };
    let outcome = runtime.block_on(async {
        signals::outlive_large_files();
        match cli.command {
            Command::Run(args) => run::run(*args).await,
            Command::Agentos(args) => agentos::agentos(*args).await,
            Command::Serve(args) => serve::serve(args).await,
            Command::Judge(args) => judge::judge(&args),
            Command::Merge(args) => merge::merge(&args),
            Command::Diff(args) => judge::diff(&args),
            Command::List(args) => list::list(&args),
            Command::Explain(args) => explain::explain(&args),
            Command::Doctor(args) => doctor::doctor(args).await,
        }
    });
    // Tasks of viewers and servers that are left must not keep the process.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(error) => complain(&error.to_string(), exit::USAGE),
    }
}

/// The options of `run`, for a caller that has no command line: `cargo test --test acceptance`.
#[must_use]
pub fn main_of_tests() -> u8 {
    main([
        OsString::from("reconnect-acceptance"),
        OsString::from("run"),
    ])
}

/// A call without a subcommand means `run`.
fn with_subcommand(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let bare = match arguments.get(1).and_then(|argument| argument.to_str()) {
        None => true,
        Some("-h" | "--help" | "-V" | "--version") => false,
        Some(first) => first.starts_with('-'),
    };
    if bare {
        let at = 1.min(arguments.len());
        arguments.insert(at, "run".into());
    }
    arguments
}

fn complain(error: &str, code: u8) -> u8 {
    let mut out = anstream::stderr().lock();
    // It may quote a file that somebody else wrote.
    let lines: Vec<_> = error.lines().map(escape_whole).collect();
    let error = lines.join("\n");
    let _ = writeln!(out, "reconnect-acceptance: failed to {error}");
    code
}

/// The command line as clap knows it, for tests and documentation.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn a_call_without_a_subcommand_means_run() {
        let words = |line: &str| -> Vec<OsString> { line.split(' ').map(OsString::from).collect() };
        assert_eq!(with_subcommand(words("ra")), words("ra run"));
        assert_eq!(
            with_subcommand(words("ra --url ws://h")),
            words("ra run --url ws://h")
        );
        assert_eq!(with_subcommand(words("ra --help")), words("ra --help"));
        assert_eq!(
            with_subcommand(words("ra list faults")),
            words("ra list faults")
        );
    }
}
