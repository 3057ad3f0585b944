//! The command line: sub-commands, and the exit code of each.
//!
//! - `args`: sub-commands and options
//! - `run`: the suite, against a URL, a target file or the bundled server
//! - `wires`: over which wires it runs; `jobs`: what it does over each
//! - `repeat`: the suite, several times against one target
//! - `agentos`: the suite, against released AgentOS servers; `known_agentos`: their known failures
//! - `explore`: random plans, against any of these
//! - `serve`: the bundled server alone
//! - `judge`, `diff`: stored runs, without a server
//! - `merge`: merges the shards of a run
//! - `finish`: known failures, reports and exit code of a finished run
//! - `previous_run`: the options that read the report of a previous run
//! - `list`, `explain`: the documentation in the binary, with `faults`: what each breaks; `schema`: the forms of its files, as JSON Schema
//! - `shell`: completions and manual pages
//! - `several`: several releases or clients, one after the other, in a matrix
//! - `judged_client`: the suite, against a client, or with `clients_file` against several
//! - `init`: writes a target file from what a server shows by itself
//! - `doctor`: checks a server for what a run needs
//! - `progress`: what is shown while a run goes on
//! - `watch`: follows a run, as the exemplary viewer
//! - `limits`: the limit of open files; `signals`: Ctrl-C and SIGTERM

mod agentos;
mod args;
mod clients_file;
mod doctor;
mod error;
mod explain;
mod explore;
pub mod faults;
mod finish;
mod init;
mod jobs;
mod judge;
mod judged_client;
pub mod known_agentos;
mod limits;
mod list;
mod merge;
mod new_file;
mod previous_run;
mod progress;
mod repeat;
mod run;
pub mod schema;
mod serve;
mod several;
mod shell;
mod signals;
mod watch;
mod wires;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};

use crate::exit;

use error::{complain, failed_to};

pub use args::{Cli, Command};
pub use error::UsageError;

/// Carries out the command line; returns the exit code.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = with_subcommand(arguments.into_iter().collect());
    let matches = command().try_get_matches_from(arguments);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
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
        Err(error) => return failed_to(&format!("start the runtime: {error}"), exit::SUITE),
    };
    let outcome = runtime.block_on(async {
        signals::survive_large_files();
        match cli.command {
            Command::Run(args) => run::run(*args).await,
            Command::Client(args) => judged_client::client(*args).await,
            Command::Agentos(args) => agentos::agentos(*args).await,
            Command::Explore(args) => explore::explore(*args).await,
            Command::Serve(args) => serve::serve(args).await,
            Command::Watch(args) => watch::watch(*args).await,
            Command::Judge(args) => judge::judge(&args),
            Command::Merge(args) => merge::merge(&args),
            Command::Diff(args) => judge::diff(&args),
            Command::List(args) => list::list(&args),
            Command::Explain(args) => explain::explain(&args),
            Command::Init(args) => init::init(args).await,
            Command::Doctor(args) => doctor::doctor(args).await,
            Command::Completions(args) => shell::completions(args.shell, command()),
            Command::Man(args) => shell::manual(&args.dir, command()),
        }
    });
    // Tasks of viewers and servers that still run must not keep the process alive.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(error) => complain(&error.to_string(), exit::USAGE),
    }
}

/// Runs `run` without options, for a caller without a command line: `cargo test --test acceptance`. Where no variable
/// says what to judge, that is the bundled server over its WebSocket: it is a build without optimization, and the other
/// wires have tests of their own.
#[must_use]
pub fn main_of_tests() -> u8 {
    let says = |what: &str| std::env::var_os(format!("RECONNECT_ACCEPTANCE_{what}")).is_some();
    let chosen = ["URL", "TARGET", "OVER", "COMPONENT"].into_iter().any(says);
    let over: &[&str] = if chosen {
        &[]
    } else {
        &["--over", "websocket"]
    };
    let arguments = ["reconnect-acceptance", "run"].iter().chain(over);
    main(arguments.map(OsString::from))
}

/// Adds `run` to a call without a sub-command.
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

/// The command line as clap's description, for tests and documentation.
#[must_use]
pub fn command() -> clap::Command {
    // The environment may hold secrets: help shows the names of variables and not their values.
    let cli = Cli::command().mut_subcommands(|it| it.mut_args(|arg| arg.hide_env_values(true)));
    // What there is only for servers.
    cli.mut_subcommand("client", |client| {
        client.mut_args(|arg| {
            let only_servers = ["over", "component", "away", "viewers", "cuts"];
            let hide = only_servers.contains(&arg.get_id().as_str());
            if hide { arg.hide(true) } else { arg }
        })
    })
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
