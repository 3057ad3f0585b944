//! Calling the binary, and the outcome.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::in_time;

/// The path of the binary: the one that cargo built for the tests, or the one that `SUITE` names.
pub fn binary() -> OsString {
    let built = env!("CARGO_BIN_EXE_reconnect-acceptance");
    std::env::var_os("SUITE").unwrap_or_else(|| built.into())
}

/// The binary with these arguments, without the variables that the tests' own environment has for it. It is killed
/// when the test ends. Where the arguments say nothing of wires, it judges workflows over the WebSocket alone.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = clean(Command::new(binary()));
    let says = |option: &str| arguments.iter().any(|it| it.starts_with(option));
    if !["--url", "--over", "--component"].into_iter().any(says) {
        command.env(OVER, "websocket");
    }
    command.args(arguments);
    command
}

/// The variable that says over what is judged.
pub const OVER: &str = "RECONNECT_ACCEPTANCE_OVER";

/// A command that starts the binary, without the variables that the tests' own environment has for it.
pub fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("RECONNECT_ACCEPTANCE")
            || name.starts_with("CLICOLOR")
            || name.to_ascii_uppercase().ends_with("_PROXY")
        {
            command.env_remove(&*name);
        }
    }
    command
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The outcome of a call.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it printed to stderr.
    pub stderr: String,
}

/// Calls the binary, and waits for its end.
pub async fn call(arguments: &[&str]) -> Outcome {
    outcome(command(arguments)).await
}

/// Runs a command to its end.
pub async fn outcome(command: Command) -> Outcome {
    let test = std::thread::current().name().unwrap_or("?").to_owned();
    outcome_of(&test, command).await
}

/// Runs a command to its end. If `CASES` names a file, a line is appended there: exit code, seconds and case.
pub async fn outcome_of(case: &str, mut command: Command) -> Outcome {
    let began = Instant::now();
    let output = in_time(command.output()).await.expect("an output");
    if let Some(path) = std::env::var_os("CASES") {
        let code = output
            .status
            .code()
            .map_or("-".to_owned(), |it| it.to_string());
        let line = format!("{code}\t{:.2}\t{case}\n", began.elapsed().as_secs_f64());
        let file = OpenOptions::new().append(true).create(true).open(path);
        let noted = file.and_then(|mut file| file.write_all(line.as_bytes()));
        noted.expect("a case is noted");
    }
    let outcome = Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
    };
    assert!(
        !outcome.stderr.contains("panicked"),
        "no panic: {}",
        outcome.stderr
    );
    outcome
}

/// The text on one line, since lines may be wrapped anywhere.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Outcome {
    /// Checks for exit code 2 and these texts on stderr.
    #[track_caller]
    pub fn refused(&self, texts: &[&str]) {
        assert_eq!(self.code, Some(2), "{self:?}");
        self.complained(texts);
    }

    #[track_caller]
    pub fn complained(&self, texts: &[&str]) {
        let said = flat(&self.stderr);
        for text in texts {
            assert!(said.contains(text), "{text:?} is not in {said:?}");
        }
    }

    #[track_caller]
    pub fn printed(&self, texts: &[&str]) {
        let said = flat(&self.stdout);
        for text in texts {
            assert!(said.contains(text), "{text:?} is not in {said:?}");
        }
    }
}

/// A run of the suite with a report folder.
pub struct Judged {
    pub outcome: Outcome,
    pub report: Value,
    pub folder: TempDir,
}

/// The options of a run with short time limits.
pub const HASTY: &[&str] = &[
    "--step-timeout=500ms",
    "--quiet=50ms",
    "--away=50ms",
    "--concurrency=64",
];

/// Judges the server at this URL.
pub async fn judge(url: &str, more: &[&str]) -> Judged {
    let said = |option: &str| {
        let name = option.split('=').next();
        more.iter().any(|other| other.split('=').next() == name)
    };
    let hasty = HASTY.iter().copied().filter(|option| !said(option));
    let arguments: Vec<_> = ["run", "--url", url]
        .into_iter()
        .chain(hasty)
        .chain(more.iter().copied())
        .collect();
    judged(command(&arguments)).await
}

/// Runs this command with a report folder, which must be complete afterwards.
pub async fn judged(mut command: Command) -> Judged {
    let folder = TempDir::new().expect("a folder");
    command.arg("--report-dir").arg(folder.path());
    let outcome = outcome(command).await;
    Judged::read(outcome, folder)
}

impl Judged {
    pub fn read(outcome: Outcome, folder: TempDir) -> Self {
        let text = fs::read_to_string(folder.path().join("report.json"))
            .unwrap_or_else(|error| panic!("no report.json: {error}; {outcome:?}"));
        let report: Value = serde_json::from_str(&text).expect("JSON");
        let judged = Self {
            outcome,
            report,
            folder,
        };
        judged.is_sound();
        judged
    }

    /// Checks what is true of every run: the exit code is that of the report, `junit.xml` is well-formed, and no
    /// invisible character reaches the terminal.
    fn is_sound(&self) {
        assert_eq!(
            self.outcome.code.map(Value::from),
            Some(self.report["exit_code"].clone()),
            "{:?}",
            self.outcome
        );
        well_formed(&self.folder.path().join("junit.xml"));
        serde_json::from_str::<Value>(&self.file("cucumber.json")).expect("JSON");
        if let Some(bad) = self.outcome.stdout.chars().find(|c| is_invisible(*c)) {
            panic!("{bad:?} reaches the terminal: {:?}", self.outcome.stdout);
        }
    }

    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect(name)
    }

    /// Every file of the report folder, with its path.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into();
                    files.push((path.display().to_string(), text));
                }
            }
        }
        files
    }

    fn verdicts(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.report["requirements"].as_array().expect("a list");
        all.iter().map(|it| {
            let text = |name: &str| it[name].as_str().expect("a text");
            (text("id"), text("verdict"))
        })
    }

    /// The requirements of this verdict.
    pub fn with(&self, verdict: &str) -> Vec<&str> {
        self.verdicts()
            .filter(|(_, of)| *of == verdict)
            .map(|(id, _)| id)
            .collect()
    }

    /// Checks that nothing passed or failed, for this reason.
    #[track_caller]
    pub fn inconclusive(&self, reason: &str) {
        assert_eq!(self.outcome.code, Some(3), "{:?}", self.outcome);
        assert_eq!(self.report["verdict"], "inconclusive");
        assert_eq!(self.with("failed"), [""; 0]);
        self.outcome.printed(&[reason]);
        assert_eq!(self.with("passed"), [""; 0], "nothing passed");
    }

    /// Checks that these requirements failed (others may have), and that nothing passed but `passed`.
    #[track_caller]
    pub fn failed(&self, ids: &[&str], passed: &[&str]) {
        assert_eq!(self.outcome.code, Some(1), "{:?}", self.outcome);
        assert_eq!(self.report["verdict"], "failed");
        let failed = self.with("failed");
        for id in ids {
            assert!(failed.contains(id), "{id} is not among {failed:?}");
        }
        let surplus: Vec<_> = self
            .with("passed")
            .into_iter()
            .filter(|id| !passed.contains(id))
            .collect();
        assert_eq!(surplus, [""; 0], "nothing else passed");
    }
}

/// Reads the file to its end as XML.
#[track_caller]
pub fn well_formed(path: &Path) {
    use quick_xml::XmlVersion;
    use quick_xml::events::Event;
    let text = fs::read_to_string(path).expect("a file");
    let mut reader = quick_xml::Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_i32;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) => {
                depth += 1;
                for attribute in start.attributes() {
                    attribute
                        .expect("an attribute")
                        .normalized_value(XmlVersion::Explicit1_0)
                        .expect("text");
                }
            }
            Event::Empty(empty) => {
                for attribute in empty.attributes() {
                    attribute
                        .expect("an attribute")
                        .normalized_value(XmlVersion::Explicit1_0)
                        .expect("text");
                }
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "every element is closed");
    let forbidden = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    assert!(!text.contains(forbidden), "XML 1.0 has no such characters");
}

/// Control characters, and those that change the direction of writing.
fn is_invisible(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
