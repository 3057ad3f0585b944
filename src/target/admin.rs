//! What the people who run a server can do to it, and its viewers cannot.

use std::fmt;
use std::process::Stdio;

use async_trait::async_trait;
use tokio::process::Command;

/// A server that can be restarted.
#[async_trait]
pub trait Restart: fmt::Debug + Send + Sync {
    /// Stops the server and starts it again at the same address, over the same data; returns once it
    /// is back. Takes as long as it takes: put a limit around it.
    ///
    /// # Errors
    ///
    /// Why it is not back, as a sentence.
    async fn restart(&self) -> Result<(), String>;
}

/// A server that can be made to drop finished runs from its memory.
#[async_trait]
pub trait Forget: fmt::Debug + Send + Sync {
    /// Drops the finished run with this id (the workflow's run id) from the server's memory, as it
    /// would do by itself some day; what it has stored stays. Put a limit around it.
    ///
    /// # Errors
    ///
    /// Why it is not dropped, as a sentence.
    async fn forget(&self, run_id: &str) -> Result<(), String>;
}

/// A restart by a command of the target file, run by `sh -c`. What it prints goes nowhere: a server
/// that it leaves in the background must not keep anything of ours open.
pub struct ByCommand(String);

impl ByCommand {
    /// The command, which returns when the server is back.
    #[must_use]
    pub fn new(command: String) -> Self {
        Self(command)
    }
}

// By hand: a command may hold a secret.
impl fmt::Debug for ByCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByCommand")
    }
}

#[async_trait]
impl Restart for ByCommand {
    async fn restart(&self) -> Result<(), String> {
        let ended = Command::new("sh")
            .args(["-c", &self.0])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await;
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!(
                "the command that restarts the server (restart in the target file) ended with {status}"
            )),
            Err(error) => Err(format!(
                "the command that restarts the server (restart in the target file) cannot be run: {error}"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_that_fails_is_told_without_its_words() {
        let restart = |command: &str| ByCommand::new(command.to_owned());
        assert_eq!(restart("true").restart().await, Ok(()));
        let failed = restart("echo canary; exit 7").restart().await;
        let reason = failed.expect_err("it failed");
        assert!(
            reason.contains('7') && !reason.contains("canary"),
            "{reason}"
        );
        assert!(!format!("{:?}", restart("canary")).contains("canary"));
    }

    #[tokio::test]
    async fn a_server_that_stays_in_the_background_does_not_keep_the_command() {
        let restart = ByCommand::new("sleep 30 & true".to_owned());
        assert_eq!(restart.restart().await, Ok(()));
    }
}
