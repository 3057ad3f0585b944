//! A virtual environment for a release, reused when release and pins match.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::process::Command;

use super::pins::Pins;
use crate::target::Error;

/// The oldest Python that the releases of agno run on.
const OLDEST_PYTHON: (u32, u32) = (3, 9);

/// The file in an environment that says what was installed; written last, so that an installation
/// that was cut short is made anew.
const RECEIPT: &str = "reconnect-acceptance.txt";

/// Makes or finds the environment of a release; gives its Python.
///
/// # Errors
///
/// [`Error::Setup`] where there is no `python3` with `venv`, and where the release cannot be
/// installed; with pip's last words.
pub async fn environment(
    home: &Path,
    release: &str,
    pins: &Pins,
    say: &(dyn Fn(&str) + Send + Sync),
) -> Result<PathBuf, Error> {
    let packages = pins.packages(release)?;
    let receipt = packages.join("\n");
    let folder = home.join("venv").join(release);
    let python = folder.join("bin").join("python");
    if std::fs::read_to_string(folder.join(RECEIPT)).is_ok_and(|text| text == receipt)
        && python.exists()
    {
        say(&format!("agno {release}: using {}", folder.display()));
        return Ok(python);
    }
    say(&format!(
        "agno {release}: making a virtual environment in {}",
        folder.display()
    ));
    bare(&folder).await?;
    say(&format!(
        "agno {release}: installing {} with pip, which takes some 30 seconds",
        packages.join(" ")
    ));
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]);
    let installed = output(pip.args(&packages)).await?;
    if !installed.status.success() {
        return Err(Error::Setup(format!(
            "install {} from PyPI: {}",
            packages.join(" "),
            last_words(&installed)
        )));
    }
    std::fs::write(folder.join(RECEIPT), receipt).map_err(|error| {
        Error::Setup(format!("write {}: {error}", folder.join(RECEIPT).display()))
    })?;
    Ok(python)
}

/// The environment in which the package index is asked: one with pip and nothing else. Gives its Python.
///
/// # Errors
///
/// [`Error::Setup`] where there is no `python3` with `venv`.
pub(super) async fn asking(home: &Path) -> Result<PathBuf, Error> {
    const EMPTY: &str = "pip alone";
    // No release is called so.
    let folder = home.join("venv").join("index");
    let python = folder.join("bin").join("python");
    let receipt = folder.join(RECEIPT);
    if std::fs::read_to_string(&receipt).is_ok_and(|text| text == EMPTY) && python.exists() {
        return Ok(python);
    }
    bare(&folder).await?;
    std::fs::write(&receipt, EMPTY)
        .map_err(|error| Error::Setup(format!("write {}: {error}", receipt.display())))?;
    Ok(python)
}

/// Makes an environment anew, with pip and nothing else.
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
            Error::Setup(format!("make the folder {}: {error}", parent.display()))
        })?;
    }
    let made = output(Command::new("python3").args(["-m", "venv"]).arg(folder)).await?;
    if made.status.success() {
        return Ok(());
    }
    Err(Error::Setup(format!(
        "make a virtual environment: {}; on Debian: apt-get install python3-venv",
        last_words(&made)
    )))
}

async fn check_python() -> Result<(), Error> {
    const ADVICE: &str =
        "install Python 3.9 or later with venv (on Debian: apt-get install python3 python3-venv)";
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
            "use python3: it says it is version {:?}; {ADVICE}",
            text.trim()
        ))),
    }
}

pub(super) async fn output(command: &mut Command) -> Result<Output, Error> {
    command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| Error::Setup(format!("run {:?}: {error}", command.as_std().get_program())))
}

/// The last lines that a program wrote to its error output.
pub(super) fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    match lines.len() {
        0 => output.status.to_string(),
        count => lines[count.saturating_sub(3)..].join(" / "),
    }
}
