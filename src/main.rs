//! The binary. All code is in the library.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(reconnect_acceptance::cli::main(std::env::args_os()))
}
