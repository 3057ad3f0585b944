//! `agentos` with several releases: which ones, in what order, and what happens to those that cannot be
//! installed. A fake `python3` replaces the real one: its pip knows some releases, and its servers
//! are bundled ones, each with the faults of its release.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::common::call::{Outcome, call, command, flat, outcome};
use crate::common::in_time;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The fake `python3`: `-c` prints a version, or runs a module: venv makes a copy of itself, and pip
/// lists and installs. app.py is a bundled server that ends with its stdin.
const PYTHON: &str = r#"#!/bin/sh
home=$(dirname "$(dirname "$0")")
release=$(basename "$home")
[ "$1" = -c ] && module=$3
case "$1 $module $4" in
"-c  ") echo 3 11 ;;
"-c venv "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
"-c pip index")
    echo "$PIP_INDEX_URL" >"$FAKE/asked"
    [ -e "$FAKE/no-index" ] && { echo "WARNING: pip index is currently an experimental command." >&2; echo "ERROR: no index here" >&2; exit 1; }
    printf 'agno (2.10.0)\nAvailable versions: 2.10.0, 2.9.1, 2.9.0, 2.4.0\n' ;;
"-c pip install")
    echo "$*" >"$FAKE/installed-$release"
    [ -e "$FAKE/lasts" ] && { sleep 1000 & echo $! >"$FAKE/lasts.new"; mv "$FAKE/lasts.new" "$FAKE/lasts"; wait; }
    [ "$release" = 2.9.1 ] && { echo "ERROR: no matching distribution" >&2; exit 1; }
    exit 0 ;;
*)
    shift
    while [ $# -gt 0 ]; do
        case "$1" in
        --port) port=$2 ;;
        --about) about=$2 ;;
        esac
        shift
    done
    echo '{"workflows": ["content-creation-workflow"]}' >"$about"
    faults=$(cat "$FAKE/$release" 2>/dev/null)
    "$BINARY" serve --bind "127.0.0.1:$port" --pace 20ms $faults &
    server=$!
    cat >/dev/null
    kill $server ;;
esac
"#;

struct Fake {
    folder: TempDir,
}

impl Fake {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("a folder");
        let python = bin.join("python3");
        fs::write(&python, PYTHON).expect("written");
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("may be run");
        Self { folder }
    }

    /// Switches on faults of the servers of a release.
    fn hooks(self, release: &str, fault: &str) -> Self {
        let file = self.folder.path().join(release);
        fs::write(file, format!("--fault {fault}")).expect("written");
        self
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    async fn agentos(&self, arguments: &[&str]) -> Outcome {
        outcome(self.command(arguments)).await
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let home = self.path("home");
        let first = ["agentos", "--agentos-dir", &home, "--away=200ms"];
        let mut command = command(&[&first, arguments].concat());
        let path = std::env::var("PATH").expect("a path");
        command
            .env("PATH", format!("{}:{path}", self.path("bin")))
            .env("FAKE", self.folder.path())
            .env("BINARY", crate::common::call::binary())
            .env("PIP_INDEX_URL", "https://index.example/simple");
        command
    }

    fn json(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.path(name)).expect(name);
        serde_json::from_str(&text).expect("JSON")
    }
}

#[tokio::test]
async fn invalid_releases_and_options_are_refused() {
    for (arguments, said) in [
        (&["latest"][..], "\"latest\" is no release of agno"),
        (&["2.4.0", "../3"], "\"../3\" is no release of agno"),
        (&["--since", "new"], "\"new\" is no release of agno"),
        (&["2.4.0", "--since", "2.4.0"], "cannot be used with"),
        (&["2.4.0", "--until", "2.5.0"], "--until needs --since"),
        (&["--newest-per-minor"], "--newest-per-minor needs --since"),
        (
            &["--bundled-known-failures", "--known-failures", "x"],
            "cannot be used with",
        ),
        (&["2.4.0", "3.1.10", "--tags", "@a and"], "tag expression"),
    ] {
        let fake = Fake::new();
        let came = fake.agentos(arguments).await;
        came.refused(&[said]);
        assert!(!fake.folder.path().join("home").exists(), "{arguments:?}");
    }
}

#[tokio::test]
async fn the_index_is_asked_as_pip_is_configured() {
    let fake = Fake::new();
    let came = fake.agentos(&["--since", "2.5", "--dry-run"]).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.complained(&[
        "3 releases of agno, about 6 to 15 minutes for the whole suite and 1 GB of environments: 2.9.0 2.9.1 2.10.0",
    ]);
    let asked = fs::read_to_string(fake.path("asked")).expect("asked");
    assert_eq!(asked.trim(), "https://index.example/simple");
    let thin = ["--since", "2.4.0", "--newest-per-minor", "--dry-run"];
    let came = fake.agentos(&thin).await;
    came.complained(&["3 releases of agno", ": 2.4.0 2.9.1 2.10.0"]);
    let came = fake
        .agentos(&["--since", "2.4.0", "--until", "2.9.0", "--dry-run"])
        .await;
    came.complained(&["2 releases of agno", ": 2.4.0 2.9.0"]);
    let came = fake.agentos(&["3.1", "2.4.0", "2.4", "--dry-run"]).await;
    came.complained(&["2 releases of agno", ": 2.4.0 3.1"]);
}

#[tokio::test]
async fn an_index_without_such_releases_is_an_error() {
    let fake = Fake::new();
    let came = fake.agentos(&["--since", "3"]).await;
    came.refused(&[
        "no release since 3: the package index has 4 releases of agno, none of them in that range",
    ]);
    fs::write(fake.path("no-index"), "").expect("written");
    let came = fake.agentos(&["--since", "2"]).await;
    came.refused(&["ask the package index for the releases of agno: ERROR: no index here"]);
}

#[tokio::test]
async fn releases_give_a_matrix_whatever_their_order() {
    let fake = Fake::new().hooks("2.4.0", "catch-up-drop");
    let (dir, list) = (fake.path("reports"), fake.path("known.toml"));
    let some = [
        "2.10.0",
        "2.4.0",
        "2.9.1",
        "2.4.0",
        "--require",
        "CATCHUP-2",
    ];
    let more = ["--report-dir", &dir, "--write-known-failures", &list];
    let came = fake.agentos(&[&some[..], &more].concat()).await;
    // A release that cannot be installed is a usage error, which is worse than a failure.
    assert_eq!(came.code, Some(2), "{came:?}");
    came.printed(&[
        "2.4.0 2.9.1 2.10.0 failed fixed",
        "CATCHUP-2 MUST ✘ · ✔ 2.4.0 2.10.0",
        "2.9.1 Not judged: install agno[os]==2.9.1",
        "no matching distribution",
        "2 of 3 releases judged, exit code 2",
        "Known failures: 1 written to",
    ]);
    let matrix = fake.json("reports/matrix.json");
    assert_eq!(matrix["exit_code"], 2);
    let codes: Vec<_> = matrix["columns"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| (it["name"].clone(), it["exit_code"].clone()))
        .collect();
    assert_eq!(
        codes,
        [("2.4.0", 1), ("2.9.1", 2), ("2.10.0", 0)]
            .map(|(release, code)| (Value::from(release), Value::from(code)))
    );
    let row = &matrix["requirements"][0];
    assert_eq!(row["first_failed"], "2.4.0");
    assert_eq!(row["first_fixed"], "2.10.0");
    assert_eq!(row["transitions"][1]["after"], "2.4.0");
    let link = row["cells"][0]["report"].as_str().expect("a link");
    let (file, anchor) = link.split_once('#').expect("an anchor");
    let page = fs::read_to_string(fake.path(&format!("reports/{file}"))).expect("a report");
    assert!(page.contains(&format!("id=\"{anchor}\"")), "{link}");
    assert!(fs::read_to_string(fake.path("reports/matrix.html")).is_ok_and(|it| it.contains(link)));
    let index = fs::read_to_string(fake.path("reports/index.html")).expect("an index");
    assert!(index.contains(&format!("href=\"{file}\"")), "{index}");
    assert!(fs::metadata(fake.path("reports/2.4.0/junit.xml")).is_ok());
    assert!(index.contains("href=\"2.4.0/junit.xml\""), "{index}");
    let text = fs::read_to_string(&list).expect("a list");
    assert!(
        text.contains("id = \"CATCHUP-2\"\nrelease = \"2.4.0\""),
        "{text}"
    );

    // With that list the same releases pass, and the list is out of date if it claims the fixed one.
    let known = [
        "2.4.0",
        "2.10.0",
        "--require",
        "CATCHUP-2",
        "--known-failures",
        &list,
    ];
    let came = fake.agentos(&known).await;
    assert_eq!(came.code, Some(0), "{came:?}");
    came.printed(&["CATCHUP-2 MUST (✘) ✔ 2.4.0 2.10.0"]);
    fs::write(&list, text.replace("\"2.4.0\"", "\"2.4.0 || 2.10.0\"")).expect("written");
    let came = fake.agentos(&known).await;
    assert_eq!(came.code, Some(4), "{came:?}");
    came.printed(&["STALE CATCHUP-2 passed: delete lines"]);
}

#[tokio::test]
async fn a_tested_release_is_installed_by_version_and_hash() {
    let fake = Fake::new();
    let greeting = |release| [release, "--require", "GREETING-1"];
    let came = fake.agentos(&greeting("2.4.0")).await;
    came.complained(&[
        "2.4.0: installing agno[os]==2.4.0 and its dependencies, checked by hash, with pip",
    ]);
    let asked = fs::read_to_string(fake.path("installed-2.4.0")).expect("installed");
    let lock = fake.path("home/venv/2.4.0/requirements.txt");
    let options = format!(" --require-hashes --only-binary :all: --requirement {lock}\n");
    assert!(asked.ends_with(&options), "{asked}");
    assert!(!asked.contains("agno"), "{asked}");
    let text = fs::read_to_string(&lock).expect("a lock");
    assert!(text.contains("\nagno==2.4.0 \\\n    --hash=sha256:"));
    // For another one, pip chooses the versions of the dependencies.
    let came = fake.agentos(&greeting("2.10.0")).await;
    came.complained(&[
        "2.10.0: installing agno[os]==2.10.0 greenlet==",
        "without checking hashes (there is no lock for this release) with pip",
    ]);
    let asked = fs::read_to_string(fake.path("installed-2.10.0")).expect("installed");
    assert!(asked.contains(" agno[os]==2.10.0 greenlet=="), "{asked}");
    assert!(!asked.contains("--requirement"), "{asked}");
}

#[tokio::test]
async fn an_environment_is_used_again_while_it_holds_what_the_lock_says() {
    let fake = Fake::new();
    let again = ["2.4.0", "--require", "GREETING-1"];
    let installed = fake.path("installed-2.4.0");
    fake.agentos(&again).await;
    fs::remove_file(&installed).expect("installed");
    fake.agentos(&again).await.complained(&["2.4.0: using"]);
    assert!(fs::metadata(&installed).is_err());
    // With another hash in it.
    let receipt = fake.path("home/venv/2.4.0/reconnect-acceptance.txt");
    let text = fs::read_to_string(&receipt).expect("a receipt");
    let former = text.replacen("sha256:", "sha256:0", 1);
    fs::write(&receipt, former).expect("written");
    fake.agentos(&again).await;
    assert!(fs::metadata(&installed).is_ok());
    assert_eq!(fs::read_to_string(&receipt).expect("a receipt"), text);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_signal_while_pip_installs_leaves_nothing_running() {
    let fake = Fake::new();
    let lasts = fake.path("lasts");
    fs::write(&lasts, "").expect("written");
    let mut command = fake.command(&["2.4.0", "--require", "GREETING-1"]);
    let child = command.spawn().expect("started");
    let started = in_time(async {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
        loop {
            tick.tick().await;
            let pid = fs::read_to_string(&lasts).expect("a file");
            if !pid.is_empty() {
                return pid.trim().to_owned();
            }
        }
    });
    // A child of pip.
    let started = started.await;
    assert!(runs(&started));
    interrupt(&child);
    let output = in_time(child.wait_with_output()).await.expect("an output");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    in_time(async {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
        while runs(&started) {
            tick.tick().await;
        }
    })
    .await;
}

fn interrupt(child: &Child) {
    let pid = child.id().expect("it runs").to_string();
    let sent = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(sent.expect("sent").success());
}

/// Whether this process exists, and is not a zombie.
#[cfg(target_os = "linux")]
fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, state)| !state.starts_with('Z'))
}

#[tokio::test]
async fn a_signal_also_ends_the_releases_that_follow() {
    let fake = Fake::new();
    let mut command = fake.command(&["2.4.0", "2.9.0", "--require", "SEAM-1"]);
    let mut child = command.spawn().expect("started");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let ready = async {
        while let Some(line) = lines.next_line().await.expect("a line") {
            if line.contains("2.4.0: ready") {
                return;
            }
        }
        panic!("it was never ready");
    };
    in_time(ready).await;
    interrupt(&child);
    let output = in_time(child.wait_with_output()).await.expect("an output");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let text = flat(&String::from_utf8(output.stdout).expect("text"));
    assert!(
        text.contains("2.9.0 Not judged: not started: the run was interrupted before"),
        "{text}"
    );
    assert!(!fake.folder.path().join("home/venv/2.9.0").exists());
}

#[tokio::test]
async fn the_bundled_list_covers_only_the_releases_it_names() {
    // POSITION-1 is listed for 2.4.0 and 2.9.0, but not for 2.10.0.
    let fake = Fake::new()
        .hooks("2.4.0", "position-beyond-accepted")
        .hooks("2.10.0", "position-beyond-accepted");
    let all = [
        "2.4.0",
        "2.9.0",
        "2.10.0",
        "--require",
        "POSITION-1",
        "--strict",
    ];
    let came = fake
        .agentos(&[&all[..], &["--bundled-known-failures"]].concat())
        .await;
    assert_eq!(came.code, Some(1), "{came:?}");
    came.printed(&["POSITION-1 SHOULD (✘) ✔ ✘"]);
    came.printed(&["STALE POSITION-1 passed: delete lines"]);
}

#[tokio::test]
async fn the_list_of_known_failures_is_shown() {
    let came = call(&["list", "known-failures"]).await;
    assert_eq!(came.code, Some(0));
    came.printed(&["AUTH-4 failed on 2.3.17, 2.4.0:", "START-3 inconclusive on"]);
    let came = call(&["list", "known-failures", "--json"]).await;
    let all: Value = serde_json::from_str(&came.stdout).expect("JSON");
    let of = |it: &Value| it["id"] == "POSITION-5" && it["sometimes"] == true;
    assert!(all.as_array().expect("a list").iter().any(of));
}
