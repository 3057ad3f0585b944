//! The virtual environment of a release, reused while it is up to date.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::process::Command;

use super::locks;
use super::pins::Pins;
use crate::target::Error;
use crate::target::agentos::process_group::ProcessGroup;

/// The oldest Python that the locks support.
const OLDEST_PYTHON: (u32, u32) = (3, 10);

/// Runs a Python module for as long as its stdin is open.
const WATCHED: &str = include_str!("watched.py");

/// The file in an environment that says what was installed; written last, so that an interrupted
/// installation is started again.
const RECEIPT: &str = "reconnect-acceptance.txt";

/// The file in an environment that pip installs from.
const LOCK: &str = "requirements.txt";

/// Pip's error for a file with another hash than in the lock.
const WRONG_HASH: &str = "DO NOT MATCH THE HASHES";

/// Creates or finds the environment of a release; returns the path of its Python.
///
/// # Errors
///
/// [`Error::Setup`] if there is no `python3` with `venv`, or the release cannot be installed; with the
/// last lines of pip's output.
pub async fn environment(
    home: &Path,
    release: &str,
    pins: &Pins,
    progress: &(dyn Fn(&str) + Send + Sync),
) -> Result<PathBuf, Error> {
    let packages = pins.packages(release)?;
    let lock = locks::of(release);
    let receipt = lock.map_or_else(|| packages.join("\n"), str::to_owned);
    let folder = home.join("venv").join(release);
    let python = folder.join("bin").join("python");
    if std::fs::read_to_string(folder.join(RECEIPT)).is_ok_and(|text| text == receipt)
        && python.exists()
    {
        progress(&format!("agno {release}: using {}", folder.display()));
        return Ok(python);
    }
    progress(&format!(
        "agno {release}: creating a virtual environment in {}",
        folder.display()
    ));
    bare(&folder).await?;
    let mut pip = module(&python, &["pip", "install", "--quiet"]);
    pip.args(["--disable-pip-version-check", "--no-input"]);
    let what = match lock {
        Some(lock) => {
            let file = folder.join(LOCK);
            write(&file, lock)?;
            // A wheel is only unpacked; building a source package would run its code.
            pip.args([
                "--require-hashes",
                "--only-binary",
                ":all:",
                "--requirement",
            ]);
            pip.arg(file);
            format!("agno[os]=={release} and its dependencies, checked by hash,")
        }
        None => {
            pip.args(&packages);
            format!(
                "{} without checking hashes (there is no lock for this release)",
                packages.join(" ")
            )
        }
    };
    progress(&format!(
        "agno {release}: installing {what} with pip, which takes about 30 seconds"
    ));
    let installed = output(&mut pip).await?;
    if !installed.status.success() {
        return Err(Error::Setup(format!(
            "install {} from PyPI: {}",
            packages.join(" "),
            last_lines(&installed)
        )));
    }
    write(&folder.join(RECEIPT), &receipt)?;
    Ok(python)
}

/// Creates or finds the environment for requests to the package index, which has only pip; returns the
/// path of its Python.
///
/// # Errors
///
/// [`Error::Setup`] if there is no `python3` with `venv`.
pub(super) async fn index_environment(home: &Path) -> Result<PathBuf, Error> {
    const EMPTY: &str = "pip alone";
    // No release has this name.
    let folder = home.join("venv").join("index");
    let python = folder.join("bin").join("python");
    let receipt = folder.join(RECEIPT);
    if std::fs::read_to_string(&receipt).is_ok_and(|text| text == EMPTY) && python.exists() {
        return Ok(python);
    }
    bare(&folder).await?;
    write(&receipt, EMPTY)?;
    Ok(python)
}

fn write(file: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(file, text)
        .map_err(|error| Error::Setup(format!("write {}: {error}", file.display())))
}

/// Creates a new environment with only pip in it.
async fn bare(folder: &Path) -> Result<(), Error> {
    check_python().await?;
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| {
            Error::Setup(format!(
                "remove the unfinished environment {}: {error}",
                folder.display()
            ))
        })?;
    }
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).map_err(|error| {
            Error::Setup(format!("create the folder {}: {error}", parent.display()))
        })?;
    }
    let made = output(module(Path::new("python3"), &["venv"]).arg(folder)).await?;
    if made.status.success() {
        return Ok(());
    }
    Err(Error::Setup(format!(
        "create a virtual environment: {}; on Debian: apt-get install python3-venv",
        last_lines(&made)
    )))
}

async fn check_python() -> Result<(), Error> {
    const ADVICE: &str =
        "install Python 3.10 or later with venv (on Debian: apt-get install python3 python3-venv)";
    let asked = Command::new("python3")
        .args(["-c", "import sys; print(*sys.version_info[:2])"])
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| Error::Setup(format!("run python3: {error}; {ADVICE}")))?;
    let text = String::from_utf8_lossy(&asked.stdout);
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) >= OLDEST_PYTHON => Ok(()),
        _ => Err(Error::Setup(format!(
            "use python3: its version is {:?}; {ADVICE}",
            text.trim()
        ))),
    }
}

/// The command that runs a module of this Python, like `python -m`, but ends with the suite. The first
/// argument is the module.
pub(super) fn module(python: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(python);
    command.args(["-c", WATCHED]).args(arguments);
    command
}

pub(super) async fn output(command: &mut Command) -> Result<Output, Error> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = async { ProcessGroup::start(command)?.output().await }.await;
    ended
        .map_err(|error| Error::Setup(format!("run {:?}: {error}", command.as_std().get_program())))
}

/// The last lines of a program's error output.
pub(super) fn last_lines(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let mut lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.retain(|line| !line.is_empty());
    // Pip prints every accepted hash first, and only then the one that it got.
    if let Some(first) = lines.iter().rposition(|line| line.contains(WRONG_HASH)) {
        let last = lines.iter().rposition(|line| line.starts_with("Got"));
        let shown = [Some(first), Some(first + 1), last];
        let shown = shown.into_iter().flatten().filter_map(|at| lines.get(at));
        return shown.copied().collect::<Vec<_>>().join(" / ");
    }
    match lines.len() {
        0 => output.status.to_string(),
        count => lines[count.saturating_sub(3)..].join(" / "),
    }
}
