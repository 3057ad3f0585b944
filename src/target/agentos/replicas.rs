//! Two replicas of one AgentOS, which share the events of their runs over a Redis: what they need, and
//! whether this machine has it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::target::Error;

/// What a replica shares with the others.
#[derive(Clone, Debug)]
pub struct Shares {
    /// The port of the Redis, on 127.0.0.1.
    pub redis: u16,
    /// Whether this replica starts the Redis, and ends it with itself.
    pub starts_redis: bool,
    /// The SQLite file.
    pub db: PathBuf,
}

impl Shares {
    /// Adds the options of the app.
    pub fn add_to(&self, command: &mut Command) {
        command.args(["--redis", &self.redis.to_string()]);
        if self.starts_redis {
            command.arg("--starts-redis");
        }
    }
}

/// Prints what an environment has, without importing all of agno, which takes seconds: `queue` of
/// `AgentOS` is in this package (agno 3.1.10).
const CAN_SHARE: &str = "\
import importlib.util as util
print(*(util.find_spec(name) is not None for name in ('agno.job_queue', 'redis')))";

/// Why this release cannot have replicas here, in one sentence; `None` if it can.
///
/// # Errors
///
/// [`Error::Setup`] if its Python cannot be run.
pub async fn unavailable(python: &Path, release: &str) -> Result<Option<String>, Error> {
    let problem = |error: &str| Error::Setup(format!("run {}: {error}", python.display()));
    let mut command = Command::new(python);
    command.args(["-c", CAN_SHARE]).stdin(Stdio::null());
    let output = command.kill_on_drop(true).output().await;
    let output = output.map_err(|error| problem(&error.to_string()))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let Some(missing) = missing(&printed, release) else {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(problem(errors.trim()));
    };
    match missing {
        Some(reason) => Ok(Some(reason)),
        None if is_installed("redis-server").await => Ok(None),
        None => Ok(Some(NO_REDIS.to_owned())),
    }
}

const NO_REDIS: &str = "redis-server is not installed; on Debian: apt-get install redis-server";

/// What an environment that printed this lacks; `None` if it printed anything else.
fn missing(printed: &str, release: &str) -> Option<Option<String>> {
    match *printed.split_whitespace().collect::<Vec<_>>() {
        ["False", _] => Some(Some(format!(
            "agno {release} cannot share runs between replicas: it has no `queue`"
        ))),
        ["True", "False"] => Some(Some(format!(
            "the Python package `redis` is not installed beside agno {release}"
        ))),
        ["True", "True"] => Some(None),
        _ => None,
    }
}

/// Whether a program of this name prints its version.
async fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_environment_lacks_is_named() {
        let missing = |printed| missing(printed, "2.9.0");
        assert_eq!(missing("True True\n"), Some(None));
        for (said, words) in [
            ("False True\n", "agno 2.9.0 cannot share runs"),
            ("False False\n", "agno 2.9.0 cannot share runs"),
            ("True False\n", "`redis` is not installed"),
        ] {
            let reason = missing(said).flatten().unwrap_or_default();
            assert!(reason.contains(words), "{said:?}: {reason}");
        }
        for nothing in ["", "True", "no such option -c", "True True True"] {
            assert_eq!(missing(nothing), None, "{nothing:?}");
        }
    }

    #[tokio::test]
    async fn a_python_that_cannot_be_run_is_an_error() {
        let error = unavailable(Path::new("/no/such/python"), "3.1.10").await;
        let error = error.expect_err("no answer").to_string();
        assert!(error.contains("/no/such/python"), "{error}");
        // It prints something else.
        let error = unavailable(Path::new("/bin/echo"), "3.1.10").await;
        assert!(matches!(error, Err(Error::Setup(_))), "{error:?}");
    }

    #[tokio::test]
    async fn a_program_is_installed_or_not() {
        assert!(is_installed("cargo").await);
        assert!(!is_installed("no-such-program-5d1c").await);
    }
}
