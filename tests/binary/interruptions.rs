//! What happens to the suite itself while it runs: signals, a terminal that is gone, a folder that cannot
//! be written, a disk that is full. The verdict is told, the reports are whole, or the former ones stay.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::common::call::{OVER, Outcome, binary, call, clean, command, outcome};
use crate::common::folder::{
    contents, judged_again, nothing_left_behind, read_complete, transcripts,
};
use crate::common::host::{GREETING, Host, event, hear, say};
use crate::common::in_time;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A run of the bundled server that is over soon, and holds.
const GREEN: &[&str] = &["GREETING-1"];
/// One that is over soon, and is broken with the fault `no-pong`.
const RED: &[&str] = &["GREETING-2", "LIVENESS-1"];

/// A run of the bundled server with these requirements, and its exit code.
fn red() -> (Vec<String>, i32) {
    let mut arguments = vec!["run", "--fault=no-pong", "--strict", "--step-timeout=1s"];
    arguments.push("--concurrency=8");
    let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    arguments.extend(RED.iter().map(|id| format!("--require={id}")));
    (arguments, 1)
}

fn green() -> (Vec<String>, i32) {
    let mut arguments = vec!["run".to_owned()];
    arguments.extend(GREEN.iter().map(|id| format!("--require={id}")));
    (arguments, 0)
}

fn asked(arguments: &[String]) -> Command {
    command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The binary, started by a shell that does this with `"$@"`.
fn by_shell(script: &str, arguments: &[String]) -> Command {
    let mut shell = clean(Command::new("sh"));
    shell.env(OVER, "websocket");
    shell
        .args(["-c", script, "sh"])
        .arg(binary())
        .args(arguments);
    shell
}

async fn ended(child: Child) -> Outcome {
    let output = in_time(child.wait_with_output()).await.expect("an end");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

// Signals.

async fn kill(pid: u32, name: &str) -> bool {
    let pid = pid.to_string();
    let mut kill = Command::new("kill");
    kill.args(["-s", name, &pid]).stderr(Stdio::null());
    in_time(kill.status()).await.expect("kill").success()
}

/// Looks until it is so.
async fn until(mut is_so: impl FnMut() -> bool) {
    in_time(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// Whether the process does something of its own at this signal.
#[cfg(target_os = "linux")]
fn catches(pid: u32, signal: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// Greets, and starts runs that never go on; tells of every connection and of every run.
async fn slow() -> (Host, UnboundedReceiver<&'static str>) {
    let (tell, told) = unbounded_channel();
    let host = Host::websocket(move |mut socket| {
        let tell = tell.clone();
        async move {
            let _ = tell.send("a connection");
            say(&mut socket, GREETING).await;
            while let Some(asked) = hear(&mut socket).await {
                if asked["action"] == "start-workflow" {
                    let session = &asked["session_id"];
                    let run = format!("run of {session}");
                    say(&mut socket, &event("WorkflowStarted", &run, session, 0)).await;
                    let _ = tell.send("a run");
                }
            }
        }
    })
    .await;
    (host, told)
}

const PATIENT: &[&str] = &["START-2", "START-3", "CATCHUP-2"];

fn patient(url: &str, dir: &Path) -> Command {
    let mut asked = command(&["run", "--url", url, "--step-timeout=1h"]);
    asked.args(["--scenario-timeout=1h", "--away=1h"]);
    asked.args(PATIENT.iter().map(|id| format!("--require={id}")));
    asked.arg("--report-dir").arg(dir);
    asked
}

const SIGNALS: [(&str, u32, &str); 2] = [
    ("INT", 2, "Ctrl-C ended it"),
    ("TERM", 15, "SIGTERM ended it"),
];

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_signal_before_the_first_connection() {
    // Nobody accepts, and the queue of those who wait is full: no connection ever comes about.
    let deaf = tokio::net::TcpSocket::new_v4().expect("a socket");
    deaf.bind("127.0.0.1:0".parse().expect("an address"))
        .expect("a port");
    let deaf = deaf.listen(1).expect("a listener");
    let addr = deaf.local_addr().expect("an address");
    let mut waiting = Vec::new();
    while let Ok(Ok(tcp)) = tokio::time::timeout(
        Duration::from_millis(300),
        tokio::net::TcpStream::connect(addr),
    )
    .await
    {
        waiting.push(tcp);
    }
    for (name, number, reason) in SIGNALS {
        let folder = TempDir::new().expect("a folder");
        let child = patient(&format!("ws://{addr}/workflows/ws"), folder.path());
        let child = { child }.spawn().expect("started");
        let pid = child.id().expect("it runs");
        until(|| catches(pid, number)).await;
        assert!(kill(pid, name).await);
        let came = ended(child).await;
        assert_eq!((came.code, came.stderr.as_str()), (Some(3), ""), "{came:?}");
        // Where it comes before the run has begun, there is nothing to report.
        let report = read_complete(folder.path(), &came, PATIENT);
        assert_eq!(report["interrupted"], reason);
        came.printed(&[reason]);
        judged_again(folder.path(), &report).await;
    }
}

#[tokio::test]
async fn a_signal_in_the_middle() {
    for (name, _, reason) in SIGNALS {
        for moment in ["a connection", "a run"] {
            let (host, mut told) = slow().await;
            let folder = TempDir::new().expect("a folder");
            let child = patient(&host.url(), folder.path())
                .spawn()
                .expect("started");
            while in_time(told.recv()).await.expect("it begins") != moment {}
            assert!(kill(child.id().expect("it runs"), name).await);
            let came = ended(child).await;
            assert_eq!((came.code, came.stderr.as_str()), (Some(3), ""), "{came:?}");
            let report = read_complete(folder.path(), &came, PATIENT);
            assert_eq!(report["interrupted"], reason);
            came.printed(&[&format!("The run was cut short: {reason}")]);
            if moment == "a run" {
                assert!(transcripts(folder.path()).contains("WorkflowStarted"));
            }
            judged_again(folder.path(), &report).await;
        }
    }
}

#[tokio::test]
async fn a_signal_in_the_middle_of_a_repetition() {
    let (host, mut told) = slow().await;
    let folder = TempDir::new().expect("a folder");
    let mut asked = patient(&host.url(), folder.path());
    let child = asked.arg("--repeat=3").spawn().expect("started");
    while in_time(told.recv()).await.expect("it begins") != "a run" {}
    assert!(kill(child.id().expect("it runs"), "TERM").await);
    let came = ended(child).await;
    assert_eq!((came.code, came.stderr.as_str()), (Some(3), ""), "{came:?}");
    let report = read_complete(folder.path(), &came, PATIENT);
    assert_eq!(report["interrupted"], "SIGTERM ended it");
    assert_eq!(report["repetitions"]["asked"], 3);
    let one = folder.path().join("repetitions/01/report.json");
    assert!(one.is_file(), "{:?}", contents(folder.path()).keys());
    judged_again(folder.path(), &report).await;
}

/// A run that has written its reports, and waits for somebody to read the summary of the job.
async fn publishing(dir: &Path) -> (Child, PathBuf) {
    let pipe = dir.with_extension("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(in_time(made).await.expect("mkfifo").success());
    let (arguments, _) = green();
    let mut asked = asked(&arguments);
    asked.env("GITHUB_STEP_SUMMARY", &pipe);
    let child = asked.arg("--report-dir").arg(dir).spawn().expect("started");
    until(|| dir.join("report.json").is_file()).await;
    (child, pipe)
}

#[tokio::test]
async fn a_signal_while_the_reports_are_published_changes_nothing() {
    for (name, _, _) in SIGNALS {
        let folder = TempDir::new().expect("a folder");
        let dir = folder.path().join("report");
        let (child, pipe) = publishing(&dir).await;
        assert!(kill(child.id().expect("it runs"), name).await);
        let summary = in_time(tokio::fs::read(&pipe)).await.expect("a summary");
        let came = ended(child).await;
        assert_eq!((came.code, came.stderr.as_str()), (Some(0), ""), "{came:?}");
        let report = read_complete(&dir, &came, GREEN);
        assert_eq!(report["interrupted"], serde_json::Value::Null);
        assert!(!summary.is_empty());
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    for (name, _, _) in SIGNALS {
        let folder = TempDir::new().expect("a folder");
        let dir = folder.path().join("report");
        let (mut child, _pipe) = publishing(&dir).await;
        // Two signals that come together are one, so it is told until it has heard.
        let pid = child.id().expect("it runs");
        let ended = in_time(async {
            loop {
                kill(pid, name).await;
                let pause = Duration::from_millis(20);
                if let Ok(status) = tokio::time::timeout(pause, child.wait()).await {
                    break status.expect("an end");
                }
            }
        })
        .await;
        assert_eq!(ended.code(), Some(3), "the pipe is never read");
        nothing_left_behind(&dir);
    }
}

#[tokio::test]
async fn a_signal_while_the_reports_are_written() {
    // Many scenarios, so that writing takes a while; wherever the signal comes, the reports are whole.
    let folder = TempDir::new().expect("a folder");
    let dir = folder.path().join("report");
    let require: &[&str] = &[
        "GREETING", "REFUSAL", "START", "CATCHUP", "REPLAY", "POSITION",
    ];
    let mut asked = command(&["run", "--concurrency=64"]);
    asked.args(require.iter().map(|id| format!("--require={id}")));
    let child = asked
        .arg("--report-dir")
        .arg(&dir)
        .spawn()
        .expect("started");
    let begun = |folder: PathBuf| folder.join("junit.xml").exists();
    let staged = || fs::read_dir(&dir).into_iter().flatten().flatten();
    until(|| begun(dir.clone()) || staged().any(|entry| begun(entry.path()))).await;
    kill(child.id().expect("it runs"), "INT").await;
    let came = ended(child).await;
    assert_eq!(came.stderr, "", "{came:?}");
    let report = read_complete(&dir, &came, require);
    judged_again(&dir, &report).await;
}

#[tokio::test]
async fn runs_that_write_into_one_folder_at_once_do_it_one_after_the_other() {
    let folder = TempDir::new().expect("a folder");
    let dir = folder.path().join("report");
    let (arguments, code) = green();
    let runs = (0..6).map(|_| {
        let mut one = asked(&arguments);
        one.arg("--report-dir").arg(&dir);
        outcome(one)
    });
    for came in futures::future::join_all(runs).await {
        assert_eq!(
            (came.code, came.stderr.as_str()),
            (Some(code), ""),
            "{came:?}"
        );
        read_complete(&dir, &came, GREEN);
    }
}

// A terminal that is gone.

#[tokio::test]
async fn a_stdout_that_takes_nothing_changes_neither_the_reports_nor_the_exit_code() {
    let scripts = [
        r#""$@" >&-"#,
        r#""$@" >/dev/full"#,
        r#""$@" >&- 2>&- <&-"#,
        r#""$@" >/dev/full 2>/dev/full"#,
        r#"{ "$@"; echo $? >&2; } | head -n 1 >&2"#,
        r#"{ "$@"; echo $? >&2; } | true"#,
    ];
    for ((arguments, code), require) in [(green(), GREEN), (red(), RED)] {
        for script in scripts {
            let folder = TempDir::new().expect("a folder");
            let mut arguments = arguments.clone();
            arguments.extend([
                "--report-dir".to_owned(),
                folder.path().display().to_string(),
            ]);
            let mut came = outcome(by_shell(script, &arguments)).await;
            if script.contains("echo") {
                let last = came.stderr.trim().lines().last().map(str::to_owned);
                came.code = last.and_then(|code| code.parse().ok());
            } else {
                assert_eq!(came.stderr, "", "{script}");
            }
            assert_eq!(came.code, Some(code), "{script}: {came:?}");
            let report = read_complete(folder.path(), &came, require);
            assert_eq!(report["exit_code"], code);
        }
    }
    for (arguments, code) in [
        (&["list", "requirements"][..], 0),
        (&["explain", "CATCHUP-2"], 0),
        (&["run", "--help"], 0),
        (&["run", "--bogus"], 2),
        (&["doctor", "--url", "ws://127.0.0.1:1/"], 3),
        (&["judge", "/no/such/folder"], 2),
    ] {
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        for script in &scripts[..4] {
            let came = outcome(by_shell(script, &arguments)).await;
            assert_eq!(came.code, Some(code), "{script} {arguments:?}: {came:?}");
        }
    }
}

// A report folder that cannot be written.

/// Folders that cannot be one for reports, with what is said.
fn unusable(home: &Path) -> Vec<(PathBuf, &'static str)> {
    let file = home.join("a file");
    fs::write(&file, "mine").expect("written");
    let nowhere = home.join("nowhere");
    symlink(home.join("not there"), &nowhere).expect("a link");
    let to_a_file = home.join("to a file");
    symlink(&file, &to_a_file).expect("a link");
    let full = home.join("full");
    fs::create_dir_all(full.join("report.json")).expect("a folder");
    let odd = home.join("odd");
    fs::create_dir_all(&odd).expect("a folder");
    fs::write(odd.join("transcripts"), "mine").expect("written");
    let round = home.join("round");
    symlink(&round, &round).expect("a link");
    vec![
        (file.clone(), "it is no folder"),
        (file.join("reports"), "Not a directory"),
        (file.join("deep/reports"), "Not a directory"),
        (nowhere.clone(), "it is a link that leads nowhere"),
        (nowhere.join("reports"), "it is a link that leads nowhere"),
        (to_a_file, "it is no folder"),
        (round, "symbolic link"),
        ("/dev/null".into(), "it is no folder"),
        ("/dev/null/reports".into(), "Not a directory"),
        ("/proc/reports".into(), "No such file"),
        (full, "a folder is in its place"),
        (odd, "something that is no folder is in its place"),
    ]
}

#[tokio::test]
async fn a_report_folder_that_cannot_be_written_is_told_before_anything_is_started() {
    let home = TempDir::new().expect("a folder");
    let stored = home.path().join("stored");
    let (arguments, _) = green();
    let mut first = asked(&arguments);
    first.arg("--report-dir").arg(&stored);
    assert_eq!(outcome(first).await.code, Some(0));
    let shard = home.path().join("shard");
    let mut one = asked(&arguments);
    one.args(["--shard=1/1", "--report-dir"]).arg(&shard);
    assert_eq!(outcome(one).await.code, Some(0));

    let (tell, mut connections) = unbounded_channel();
    let host = Host::tcp(move |tcp| {
        let _ = tell.send(());
        async move { drop(tcp) }
    })
    .await;
    let cases = unusable(home.path());
    let before = contents(home.path());
    let url = host.url();
    for (dir, said) in cases {
        let name = dir.display().to_string();
        for verb in [
            &["run", "--url", &url][..],
            &["run", "--repeat=2", "--url", &url],
            &["judge", &stored.display().to_string()],
            &["merge", &shard.display().to_string()],
        ] {
            let came = call(&[verb, &["--report-dir", &name]].concat()).await;
            came.refused(&["failed to write", said, "with --report-dir"]);
            assert_eq!(came.stdout, "", "{verb:?} {name}");
        }
    }
    assert!(connections.try_recv().is_err(), "no server was asked");
    assert!(before == contents(home.path()), "nothing was touched");
}

#[tokio::test]
async fn a_folder_that_can_be_written_is_not_made_before_there_is_a_report() {
    let home = TempDir::new().expect("a folder");
    let dir = home.path().join("deep/report").display().to_string();
    let came = call(&["run", "--require=NONSENSE", "--report-dir", &dir]).await;
    came.refused(&["matches none of"]);
    let came = call(&["run", "--url=ftp://h", "--report-dir", &dir]).await;
    came.refused(&["it must start with ws://"]);
    assert_eq!(contents(home.path()).len(), 0);
}

// A disk that is full.

/// What became of the reports: all of them are new and whole, or none of them was touched.
fn new_or_as_before(
    dir: &Path,
    before: &BTreeMap<String, Vec<u8>>,
    came: &Outcome,
    what: &str,
) -> bool {
    came.printed(&["exit code 1."]);
    let (_, code) = red();
    if came.code == Some(code) {
        assert_eq!(came.stderr, "", "{what}");
        read_complete(dir, came, RED);
        return true;
    }
    assert_eq!(came.code, Some(70), "{what}: {came:?}");
    assert!(
        !came.stdout.contains("Reports:"),
        "{what}: there are none: {came:?}"
    );
    came.complained(&["failed to write", &dir.display().to_string()]);
    let after = contents(dir);
    let names = |all: &BTreeMap<String, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&after), names(before), "{what}");
    assert!(
        after == *before,
        "{what}: the former reports are as they were"
    );
    false
}

/// A folder with the reports of a former run, of other requirements.
async fn former(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let (arguments, code) = green();
    let mut first = asked(&arguments);
    first.arg("--report-dir").arg(dir);
    assert_eq!(outcome(first).await.code, Some(code));
    contents(dir)
}

#[tokio::test]
async fn files_that_may_not_grow_leave_the_former_reports_as_they_were() {
    let home = TempDir::new().expect("a folder");
    let (mut failed, mut written) = (0, 0);
    for blocks in [0, 1, 4, 16, 40, 64, 100, 160, 256, 100_000] {
        let dir = home.path().join(blocks.to_string());
        let before = former(&dir).await;
        let (mut arguments, _) = red();
        arguments.extend(["--report-dir".to_owned(), dir.display().to_string()]);
        let script = format!(r#"ulimit -f {blocks}; exec "$@""#);
        let came = outcome(by_shell(&script, &arguments)).await;
        if new_or_as_before(&dir, &before, &came, &format!("{blocks} blocks")) {
            written += 1;
        } else {
            failed += 1;
            came.complained(&["File too large", "ulimit -f"]);
        }
    }
    assert!(
        failed > 3 && written > 0,
        "both were tried: {failed}, {written}"
    );
    // Nor is there half a list of known failures, and the summary of a job is no reason to fail.
    let list = home.path().join("known.toml");
    let (mut arguments, _) = red();
    arguments.push(format!("--write-known-failures={}", list.display()));
    let mut limited = by_shell(r#"ulimit -f 0; exec "$@""#, &arguments);
    limited.env("GITHUB_STEP_SUMMARY", "/dev/full");
    let came = outcome(limited).await;
    assert_eq!(came.code, Some(2), "{came:?}");
    came.printed(&["exit code 1."]);
    came.complained(&[
        "failed to write the known failures",
        "failed to append the summary",
    ]);
    assert!(!list.exists());
}

#[tokio::test]
async fn repetitions_that_cannot_be_written_are_told_after_the_verdict() {
    let home = TempDir::new().expect("a folder");
    let dir = home.path().join("report");
    let before = former(&dir).await;
    let (mut arguments, _) = red();
    arguments.extend(["--repeat=2".to_owned(), "--report-dir".to_owned()]);
    arguments.push(dir.display().to_string());
    let came = outcome(by_shell(r#"ulimit -f 1; exec "$@""#, &arguments)).await;
    assert!(!new_or_as_before(&dir, &before, &came, "repetitions"));
}

/// Runs a script with a file system of its own at `$1`, as large as `$0` says, and then copies it to `$2`.
const ON_A_SMALL_DISK: &str = r#"
size=$1 disk=$2 out=$3; shift 3
mount -t tmpfs -o "size=$size" tmpfs "$disk" || exit 99
cp -a "$out/." "$disk/" || exit 98
"$@"; code=$?
rm -rf "$out"; cp -a "$disk/." "$out/"
exit $code
"#;

/// In a mount namespace of its own, so that nothing outside sees it and it is gone with the process. Root
/// may make one; others, where they are root in a user namespace of their own.
async fn in_own_namespace(script: &str) -> Command {
    let mut tried = Command::new("unshare");
    tried.args(["--mount", "true"]).stderr(Stdio::null());
    let is_allowed = in_time(tried.status()).await.is_ok_and(|it| it.success());
    let mut unshare = clean(Command::new("unshare"));
    unshare.env(OVER, "websocket");
    unshare.arg("--mount");
    if !is_allowed {
        unshare.arg("--map-root-user");
    }
    unshare.args(["sh", "-c", script, "sh"]);
    unshare
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "it mounts small file systems, which not every machine allows; .ci/run asks for it"]
async fn a_full_disk_leaves_the_former_reports_as_they_were() {
    let home = TempDir::new().expect("a folder");
    let disk = home.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    let (mut failed, mut written) = (0, 0);
    for kilobytes in [0, 4, 16, 32, 64, 96, 128, 160, 192, 256, 400, 4096] {
        let out = home.path().join(format!("out of {kilobytes}"));
        let before = former(&out).await;
        // As much as the former reports take, by whole pages, and this much more.
        let pages: usize = before.values().map(|it| it.len().div_ceil(4096) + 1).sum();
        let size = format!("{}k", pages * 4 + kilobytes);
        let mut asked = in_own_namespace(ON_A_SMALL_DISK).await;
        asked.args([
            &size,
            &disk.display().to_string(),
            &out.display().to_string(),
        ]);
        asked.arg(binary());
        asked.args(red().0).arg("--report-dir").arg(&disk);
        let came = outcome(asked).await;
        assert!(
            !matches!(came.code, Some(98 | 99)) && !came.stderr.contains("unshare"),
            "this machine does not let a test mount a file system: {came:?}"
        );
        let told = came
            .stderr
            .replace(&*disk.to_string_lossy(), &out.to_string_lossy());
        let came = Outcome {
            stderr: told,
            ..came
        };
        if new_or_as_before(&out, &before, &came, &format!("{kilobytes} kB")) {
            written += 1;
        } else {
            failed += 1;
            came.complained(&["No space left on device", "make room there"]);
        }
    }
    assert!(
        failed > 3 && written > 0,
        "both were tried: {failed}, {written}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "it mounts a small file system, which not every machine allows; .ci/run asks for it"]
async fn a_disk_that_is_read_only_is_told_before_anything_is_started() {
    let home = TempDir::new().expect("a folder");
    let disk = home.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    let script = r#"mount -t tmpfs -o ro tmpfs "$1" || exit 99; shift; exec "$@""#;
    for dir in [disk.clone(), disk.join("deep/report")] {
        let mut asked = in_own_namespace(script).await;
        asked.arg(&disk).arg(binary());
        asked.args(green().0).arg("--report-dir").arg(&dir);
        let came = outcome(asked).await;
        assert!(
            came.code != Some(99) && !came.stderr.contains("unshare"),
            "this machine does not let a test mount a file system: {came:?}"
        );
        came.refused(&[
            "failed to write",
            "Read-only file system",
            "with --report-dir",
        ]);
        assert_eq!(came.stdout, "");
    }
}
