//! The binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(reconnect_acceptance::cli::main(std::env::args_os()))
}
