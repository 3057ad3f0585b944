//! What an administrator can do to a server and a viewer cannot.

use std::fmt;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
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

/// A server of which one replica can be killed.
#[async_trait]
pub trait KillReplica: fmt::Debug + Send + Sync {
    /// Kills the other replica as a crash does: its connections break, and so do the runs that it carries
    /// out. It has no time limit of its own.
    ///
    /// # Errors
    ///
    /// Why it is still there, as a sentence.
    async fn kill_replica(&self) -> Result<(), String>;
}

/// A server for which tokens can be had that soon expire.
#[async_trait]
pub trait Issue: fmt::Debug + Send + Sync {
    /// A new token, and how long after it was first shown it has certainly expired. It has no time limit of
    /// its own.
    ///
    /// # Errors
    ///
    /// Why there is none, as a sentence.
    async fn issue(&self) -> Result<(SecretString, Duration), String>;
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
        run(&self.0, "restarts the server (restart in the target file)").await
    }
}

#[async_trait]
impl KillReplica for ByCommand {
    async fn kill_replica(&self) -> Result<(), String> {
        run(
            &self.0,
            "kills the other replica (kill_replica in the target file)",
        )
        .await
    }
}

/// Runs a command of the target file, which does this.
async fn run(command: &str, what: &str) -> Result<(), String> {
    let ended = shell(command).stdout(Stdio::null()).status().await;
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the command that {what} ended with {status}")),
        Err(error) => Err(format!("the command that {what} cannot be run: {error}")),
    }
}

fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    shell
}

/// Tokens that a command in the target file prints, and how long each of them is valid.
pub struct TokensByCommand {
    command: String,
    valid_for: Duration,
}

impl TokensByCommand {
    /// Tokens that this command prints, each certainly expired so long after it was printed.
    #[must_use]
    pub fn new(command: String, valid_for: Duration) -> Self {
        Self { command, valid_for }
    }
}

// By hand: a command may hold a secret.
impl fmt::Debug for TokensByCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokensByCommand")
    }
}

#[async_trait]
impl Issue for TokensByCommand {
    async fn issue(&self) -> Result<(SecretString, Duration), String> {
        const WHAT: &str =
            "the command that prints a token ([expiring] token_command in the target file)";
        let ended = shell(&self.command).output().await;
        let ended = ended.map_err(|error| format!("{WHAT} cannot be run: {error}"))?;
        let printed = String::from_utf8_lossy(&ended.stdout).trim().to_owned();
        if !ended.status.success() || printed.is_empty() {
            return Err(format!(
                "{WHAT} ended with {} and printed no token",
                ended.status
            ));
        }
        Ok((SecretString::from(printed), self.valid_for))
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
    async fn a_token_is_what_the_command_prints() {
        let tokens =
            |command: &str| TokensByCommand::new(command.to_owned(), Duration::from_secs(3));
        let (token, valid_for) = tokens("echo canary").issue().await.expect("a token");
        assert_eq!(secrecy::ExposeSecret::expose_secret(&token), "canary");
        assert_eq!(valid_for, Duration::from_secs(3));
        for command in ["echo canary; exit 7", "true"] {
            let reason = tokens(command).issue().await.expect_err("none");
            assert!(
                reason.contains("no token") && !reason.contains("canary"),
                "{reason}"
            );
        }
        let kill = ByCommand::new("exit 3".to_owned()).kill_replica().await;
        assert!(kill.expect_err("failed").contains("kill_replica"));
    }

    #[tokio::test]
    async fn a_server_that_stays_in_the_background_does_not_keep_the_command() {
        let restart = ByCommand::new("sleep 30 & true".to_owned());
        assert_eq!(restart.restart().await, Ok(()));
    }
}
