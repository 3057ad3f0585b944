//! `completions` and `man`: what a shell and `man` know about the command line.

use std::io::Write;
use std::path::Path;

use clap::Command;
use clap_complete::Shell;

use crate::cli::error::UsageError;
use crate::exit;

const NAME: &str = "reconnect-acceptance";

/// Prints the completions of this shell; returns the exit code.
///
/// # Errors
///
/// None: a closed pipe is no error.
pub fn completions(shell: Shell, mut command: Command) -> Result<u8, UsageError> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, NAME, &mut text);
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(&text).and_then(|()| out.flush());
    Ok(exit::OK)
}

/// Writes a manual page for each sub-command into this folder; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] if the folder cannot be written.
pub fn manual(dir: &Path, command: Command) -> Result<u8, UsageError> {
    let failed = |error: std::io::Error| {
        UsageError::Failed(format!(
            "write the manual into {}: {error}; name a folder that exists and can be written",
            dir.display()
        ))
    };
    clap_mangen::generate_to(command, dir).map_err(failed)?;
    Ok(exit::OK)
}
