//! Two replicas of one AgentOS, which share the events of their runs over a Redis: what that takes, and
//! whether it is there.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::target::Error;

/// What a replica shares with the others.
#[derive(Clone, Debug)]
pub struct Shares {
    /// The port of the Redis, on 127.0.0.1.
    pub redis: u16,
    /// Whether this replica starts it, and takes it along when it ends.
    pub starts_redis: bool,
    /// The SQLite file.
    pub db: PathBuf,
}

impl Shares {
    /// Tells the app.
    pub fn tell(&self, command: &mut Command) {
        command.args(["--redis", &self.redis.to_string()]);
        if self.starts_redis {
            command.arg("--starts-redis");
        }
    }
}

/// Asks an environment, without the seconds that importing all of agno takes: `queue` of `AgentOS`
/// stands in this package (agno 3.1.10).
const CAN_SHARE: &str = "\
import importlib.util as util
print(*(util.find_spec(name) is not None for name in ('agno.job_queue', 'redis')))";

/// Why this release has no replicas here, in one sentence; nothing where it can have some.
///
/// # Errors
///
/// [`Error::Setup`] where its Python cannot be run.
pub async fn alone(python: &Path, release: &str) -> Result<Option<String>, Error> {
    let problem = |error: String| Error::Setup(format!("run {}: {error}", python.display()));
    let mut asked = Command::new(python);
    asked.args(["-c", CAN_SHARE]).stdin(Stdio::null());
    let asked = asked.kill_on_drop(true).output().await;
    let asked = asked.map_err(|error| problem(error.to_string()))?;
    let said = String::from_utf8_lossy(&asked.stdout);
    let there = match said.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["False", _] => return Ok(Some(cannot_share(release))),
        ["True", "False"] => {
            return Ok(Some(format!(
                "agno {release}: the Python package `redis` is not installed beside it"
            )));
        }
        ["True", "True"] => is_there("redis-server").await,
        _ => {
            return Err(problem(
                String::from_utf8_lossy(&asked.stderr).trim().to_owned(),
            ));
        }
    };
    Ok((!there).then(|| NO_REDIS.to_owned()))
}

const NO_REDIS: &str = "redis-server is not installed; on Debian: apt-get install redis-server";

fn cannot_share(release: &str) -> String {
    format!("agno {release} cannot share runs between replicas: it has no `queue`")
}

/// Whether there is a program of this name that tells its version.
async fn is_there(program: &str) -> bool {
    let mut asked = Command::new(program);
    asked.arg("--version").kill_on_drop(true);
    asked
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    asked.status().await.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// What is said where the environment answers this.
    async fn said(answer: &str) -> Result<Option<String>, Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let python = folder.path().join("python");
        std::fs::write(&python, format!("#!/bin/sh\n{answer}\n")).expect("written");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&python, mode).expect("executable");
        alone(&python, "2.9.0").await
    }

    #[tokio::test]
    async fn what_is_missing_is_said() {
        let reason = said("echo False False").await.expect("an answer");
        assert_eq!(reason, Some(cannot_share("2.9.0")));
        let reason = said("echo True False").await.expect("an answer");
        assert!(reason.is_some_and(|reason| reason.contains("`redis`")));
        let error = said("echo no such option >&2; exit 2").await;
        let error = error.expect_err("no answer").to_string();
        assert!(error.contains("no such option"), "{error}");
    }

    #[tokio::test]
    async fn a_program_is_there_or_not() {
        assert!(is_there("cargo").await);
        assert!(!is_there("no-such-program-5d1c").await);
    }
}
