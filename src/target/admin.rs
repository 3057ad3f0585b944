//! What an administrator can do to a server and a viewer cannot.

use std::fmt;
use std::process::Stdio;

use async_trait::async_trait;
use tokio::process::Command;

/// A server that can be restarted.
#[async_trait]
pub trait Restart: fmt::Debug + Send + Sync {
    /// Stops the server and starts it again at the same address with the same data; returns when it is
    /// ready. It has no time limit of its own.
    ///
    /// # Errors
    ///
    /// Why it is not ready, as a sentence.
    async fn restart(&self) -> Result<(), String>;
}

/// A server that can be made to drop finished runs from its memory.
#[async_trait]
pub trait Forget: fmt::Debug + Send + Sync {
    /// Drops the finished run with this id (the workflow's run id) from the server's memory, as it would
    /// itself later; its storage is not changed. It has no time limit of its own.
    ///
    /// # Errors
    ///
    /// Why it was not dropped, as a sentence.
    async fn forget(&self, run_id: &str) -> Result<(), String>;
}

/// A restart by the command in the target file, run by `sh -c`. Its output is discarded: a server that it
/// leaves in the background must not keep a pipe of ours open.
pub struct ByCommand(String);

impl ByCommand {
    /// Restarts with this command, which returns when the server is ready.
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
    async fn the_error_does_not_show_the_command() {
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
