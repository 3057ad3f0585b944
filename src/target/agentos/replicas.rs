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
    let problem = |error: &str| Error::Setup(format!("run {}: {error}", python.display()));
    let mut asked = Command::new(python);
    asked.args(["-c", CAN_SHARE]).stdin(Stdio::null());
    let asked = asked.kill_on_drop(true).output().await;
    let asked = asked.map_err(|error| problem(&error.to_string()))?;
    let said = String::from_utf8_lossy(&asked.stdout);
    let Some(lack) = lack(&said, release) else {
        let errors = String::from_utf8_lossy(&asked.stderr);
        return Err(problem(errors.trim()));
    };
    match lack {
        Some(reason) => Ok(Some(reason)),
        None if is_there("redis-server").await => Ok(None),
        None => Ok(Some(NO_REDIS.to_owned())),
    }
}

const NO_REDIS: &str = "redis-server is not installed; on Debian: apt-get install redis-server";

/// What an environment that says this lacks; `None` where it says something else.
fn lack(said: &str, release: &str) -> Option<Option<String>> {
    match *said.split_whitespace().collect::<Vec<_>>() {
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
    use super::*;

    #[test]
    fn what_an_environment_lacks_is_said() {
        let lack = |said| lack(said, "2.9.0");
        assert_eq!(lack("True True\n"), Some(None));
        for (said, words) in [
            ("False True\n", "agno 2.9.0 cannot share runs"),
            ("False False\n", "agno 2.9.0 cannot share runs"),
            ("True False\n", "`redis` is not installed"),
        ] {
            let reason = lack(said).flatten().unwrap_or_default();
            assert!(reason.contains(words), "{said:?}: {reason}");
        }
        for nothing in ["", "True", "no such option -c", "True True True"] {
            assert_eq!(lack(nothing), None, "{nothing:?}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_asked_is_an_error() {
        let error = alone(Path::new("/no/such/python"), "3.1.10").await;
        let error = error.expect_err("no answer").to_string();
        assert!(error.contains("/no/such/python"), "{error}");
        // It answers something else.
        let error = alone(Path::new("/bin/echo"), "3.1.10").await;
        assert!(matches!(error, Err(Error::Setup(_))), "{error:?}");
    }

    #[tokio::test]
    async fn a_program_is_there_or_not() {
        assert!(is_there("cargo").await);
        assert!(!is_there("no-such-program-5d1c").await);
    }
}
