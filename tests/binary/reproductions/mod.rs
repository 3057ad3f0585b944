//! The scripts of the report folder: for each fault of the bundled server they are run against that
//! server, where they must exit with 1 (reproduced), and against the correct one, where they must not.
//! What they printed is judged by the suite's own checks as well, and both must agree.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it takes minutes, and what was not shown is to be looked at"
)]

mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;

use reconnect_acceptance::check::{CheckVerdict, registry};
use reconnect_acceptance::cli::faults::broken;
use reconnect_acceptance::protocol::{Control, Message};
use reconnect_acceptance::reference::Fault;
use reconnect_acceptance::report::model::run::Run;
use reconnect_acceptance::report::render::reproduction;
use reconnect_acceptance::report::render::reproduction::Reproduction;
use reconnect_acceptance::report::store::folder;
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{EntryKind, Transcript};

/// How many faults are tried at once. Each waits most of the time.
const AT_ONCE: usize = 8;
/// The time between two events, in seconds.
const PACE: &str = "0.05";
const TOKEN: &str = "canary-token-of-the-scripts";

/// What no script shows, and why: a line for each fault and requirement. What is not here must be
/// shown; what is here and is shown after all is an error too, but for what a race decides.
const NOT_SHOWN: &[(&str, &str, Why)] = &[
    ("abrupt-leaving-stops-run", "CANCEL-2", Why::Moment),
    ("abrupt-leaving-stops-run", "CATCHUP-6", Why::Held),
    ("abrupt-leaving-stops-run", "SEAM-3", Why::Unheard),
    ("cancel-ignored", "CANCEL-1", Why::Held),
    ("cancel-ignored", "CANCEL-2", Why::Held),
    ("cancel-silent", "CANCEL-1", Why::Silence),
    ("cancel-silent", "CANCEL-2", Why::Silence),
    ("cancelled-as-completed", "CANCEL-1", Why::Held),
    ("cancelled-as-completed", "CANCEL-2", Why::Held),
    ("cancelled-replayed-completed", "BOTH-2", Why::BothWires),
    ("cancelled-shown-running", "CANCEL-2", Why::Moment),
    ("catch-up-double", "FLAPPING-2", Why::Long),
    ("catch-up-drop", "FLAPPING-2", Why::Moment),
    ("catch-up-relabel", "FLAPPING-2", Why::Moment),
    ("catch-up-swap", "FLAPPING-2", Why::Moment),
    ("continue-doubles", "RESTART-2", Why::Restart),
    ("continue-from-zero", "REPLAY-1", Why::Moment),
    ("continue-from-zero", "RESTART-2", Why::Restart),
    ("continue-ignored", "RESTART-2", Why::Restart),
    ("continue-refused", "RESTART-2", Why::Restart),
    ("continue-repeats", "RESTART-2", Why::Restart),
    ("continue-skips", "RESTART-2", Why::Restart),
    ("cut-catch-up-forgotten", "CATCHUP-1", Why::Moment),
    ("cut-catch-up-forgotten", "CATCHUP-5", Why::Moment),
    ("cut-catch-up-forgotten", "CATCHUP-7", Why::Held),
    ("cut-catch-up-taken-for-read", "CATCHUP-5", Why::Moment),
    ("cut-catch-up-taken-for-read", "CATCHUP-7", Why::Held),
    ("cut-catch-up-taken-for-read", "FLAPPING-2", Why::Long),
    ("early-leaving-stops-run", "SEAM-3", Why::Unheard),
    ("ending-missing", "CATCHUP-5", Why::Moment),
    ("ending-missing", "HISTORY-1", Why::Moment),
    ("ending-missing", "HISTORY-2", Why::Moment),
    ("failing-silent", "FAILING-1", Why::Silence),
    ("forgotten-changed", "IDENTITY-1", Why::Forgot),
    ("forgotten-changed", "IDENTITY-2", Why::Forgot),
    ("forgotten-changed", "RETENTION-3", Why::Forgot),
    ("forgotten-unknown", "RETENTION-3", Why::Forgot),
    ("history-from-one", "FLAPPING-1", Why::Moment),
    ("http-run-not-live", "HTTP-1", Why::Silence),
    ("identity-replay-content", "RESTART-1", Why::Restart),
    ("identity-replay-content", "RETENTION-3", Why::Forgot),
    ("leaving-stops-run", "CANCEL-2", Why::Moment),
    ("leaving-stops-run", "CATCHUP-6", Why::Held),
    ("leaving-stops-run", "HTTP-1", Why::Moment),
    ("leaving-stops-run", "SEAM-3", Why::Unheard),
    ("live-double", "CATCHUP-5", Why::Moment),
    ("live-ending-lost-after-return", "CATCHUP-5", Why::Moment),
    ("live-ending-lost-after-return", "HISTORY-1", Why::Moment),
    ("live-ending-lost-after-return", "HISTORY-2", Why::Moment),
    ("live-ending-lost-after-return", "SEAM-2", Why::Moment),
    ("live-gap-after-subscribed", "FLAPPING-2", Why::Moment),
    ("live-gap-after-subscribed", "SEAM-2", Why::Moment),
    ("live-gap-after-subscribed", "SEAM-3", Why::Unheard),
    ("live-repeat-after-subscribed", "FLAPPING-2", Why::Moment),
    ("live-swap", "CATCHUP-5", Why::Moment),
    ("live-swap", "FLAPPING-2", Why::Long),
    ("long-catch-up-loses-live", "VIEWERS-1", Why::Moment),
    ("malformed-stops-runs", "HISTORY-1", Why::Moment),
    ("many-missed-lose-one", "CATCHUP-5", Why::Moment),
    ("message-cut-in-two", "FLAPPING-2", Why::Moment),
    ("missed-in-one-message", "FLAPPING-2", Why::Moment),
    ("nested-run-unassigned", "HISTORY-1", Why::StopsReading),
    ("no-close-handshake", "CLOSE-1", Why::Moment),
    ("other-user-shown", "OWNER-2", Why::Users),
    ("other-user-told", "OWNER-2", Why::Users),
    ("position-ignored", "FLAPPING-2", Why::Moment),
    ("position-off-by-one", "FLAPPING-2", Why::Moment),
    ("replay-differs-second-time", "REPLICA-2", Why::Replicas),
    ("replay-drop", "RESTART-1", Why::Restart),
    ("replay-drop", "RETENTION-3", Why::Forgot),
    ("replay-hangs", "REPLAY-1", Why::Silence),
    ("replay-hangs", "REPLAY-2", Why::Silence),
    ("replay-hangs", "RESTART-1", Why::Restart),
    ("replay-missing-announcement", "FAILING-2", Why::Silence),
    ("replay-missing-announcement", "FLAPPING-2", Why::Held),
    ("replay-missing-announcement", "REPLAY-1", Why::Silence),
    ("replay-missing-announcement", "RESTART-1", Why::Restart),
    ("replay-missing-announcement", "RETENTION-3", Why::Forgot),
    ("replay-status", "BOTH-2", Why::BothWires),
    ("replay-swap", "RESTART-1", Why::Restart),
    ("replay-swap", "RETENTION-3", Why::Forgot),
    ("other-wire-content", "BOTH-1", Why::BothWires),
    ("other-wire-content", "IDENTITY-1", Why::BothWires),
    ("other-wire-content", "IDENTITY-2", Why::BothWires),
    ("other-wire-content", "REPLAY-5", Why::BothWires),
    ("other-wire-status", "BOTH-2", Why::BothWires),
    ("replica-changes-replay", "IDENTITY-1", Why::Replicas),
    ("replica-changes-replay", "IDENTITY-2", Why::Replicas),
    ("replica-changes-replay", "REPLICA-2", Why::Replicas),
    ("replica-knows-own-runs", "REPLICA-1", Why::Replicas),
    ("replica-knows-own-runs", "REPLICA-2", Why::Replicas),
    ("replica-loses-missed", "REPLICA-1", Why::Replicas),
    ("replica-not-live", "REPLICA-1", Why::Replicas),
    ("replica-repeats-at-seam", "REPLICA-1", Why::Replicas),
    ("replica-replay-total", "REPLICA-2", Why::Replicas),
    ("replica-replays-under-way", "REPLICA-1", Why::Replicas),
    ("replica-shortens-replay", "REPLICA-2", Why::Replicas),
    ("replica-shows-running", "REPLICA-2", Why::Replicas),
    ("reset-loses-event", "FLAPPING-2", Why::Long),
    ("reset-loses-event", "VIEWERS-3", Why::Moment),
    ("restart-changes-replay", "IDENTITY-1", Why::Restart),
    ("restart-changes-replay", "IDENTITY-2", Why::Restart),
    ("restart-changes-replay", "RESTART-1", Why::Restart),
    ("restart-counts-anew", "IDENTITY-1", Why::Restart),
    ("restart-counts-anew", "IDENTITY-2", Why::Restart),
    ("restart-counts-anew", "RESTART-2", Why::Restart),
    ("restart-forgets-pause", "RESTART-2", Why::Restart),
    ("restart-loses-runs", "RESTART-1", Why::Restart),
    ("restart-shortens-replay", "RESTART-1", Why::Restart),
    ("return-before-first-refused", "HISTORY-1", Why::Unheard),
    ("return-before-first-refused", "SEAM-3", Why::Unheard),
    ("return-before-first-refused", "START-6", Why::Unheard),
    ("silence-on-return", "CATCHUP-6", Why::Held),
    ("silence-on-return", "FLAPPING-2", Why::Moment),
    ("silence-on-return", "SEAM-3", Why::Unheard),
    ("slow-catch-up-doubles-live", "HISTORY-1", Why::LongText),
    ("slow-catch-up-doubles-live", "SEAM-1", Why::LongText),
    ("slow-catch-up-loses-live", "HISTORY-1", Why::LongText),
    ("slow-catch-up-loses-live", "SEAM-1", Why::LongText),
    ("slow-viewer-starves-others", "VIEWERS-4", Why::StopsReading),
    ("slow-viewer-stops-run", "VIEWERS-4", Why::StopsReading),
    ("starter-loses-one", "CATCHUP-5", Why::Moment),
    ("subscribed-count", "CATCHUP-7", Why::Held),
    ("tenth-return-skips", "CATCHUP-3", Why::Moment),
    ("tenth-return-skips", "CATCHUP-5", Why::Moment),
    ("third-return-refused", "FLAPPING-1", Why::Moment),
    ("third-return-refused", "HISTORY-1", Why::Moment),
    ("thousand-missed-lose-one", "CATCHUP-5", Why::Moment),
    ("unbegun-run-stops", "HISTORY-1", Why::Unheard),
    ("unbegun-run-stops", "SEAM-3", Why::Unheard),
    ("unbegun-run-stops", "START-6", Why::Unheard),
    ("unknown-run-silent", "RESTART-3", Why::Restart),
    ("unread-ending-lost", "REPLAY-1", Why::StopsReading),
    ("unread-ending-lost", "START-3", Why::StopsReading),
    ("unread-taken-for-read", "CATCHUP-1", Why::StopsReading),
    ("unread-taken-for-read", "CATCHUP-5", Why::StopsReading),
    ("unread-taken-for-read", "CATCHUP-7", Why::Held),
    ("unread-taken-for-read", "FLAPPING-2", Why::StopsReading),
    ("unseen-beginning-lost", "HISTORY-1", Why::Unheard),
    ("unwatched-pauses", "VIEWERS-5", Why::Moment),
    ("vanished-blocks-return", "FLAPPING-2", Why::Moment),
    ("viewers-mixed", "START-5", Why::Moment),
];

/// Why a script does not show what the suite found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(dead_code, reason = "the list names some of them")]
enum Why {
    /// There is no script: somebody stops reading.
    StopsReading,
    /// There is no script: a second replica.
    Replicas,
    /// There is no script: viewers speak over both wires.
    BothWires,
    /// There is no script: several users.
    Users,
    /// There is no script: a run has to be dropped from memory.
    Forgot,
    /// There is no script: a text is too long for one.
    LongText,
    /// There is no script: it would be too long.
    Long,
    /// There is no script: nobody has seen the run's id.
    Unheard,
    /// There is no script: without a run that is held the check finds nothing.
    Held,
    /// There is a script, which asks for a restart; the bundled server alone forgets everything then.
    Restart,
    /// There is a script, and it comes too late or too early: what the suite saw with the run held at
    /// an exact event, or by chance among many runs, needs luck at a steady pace.
    Moment,
    /// There is a script, and nothing comes, as the finding says; the check takes so short a silence for
    /// that of a slow server.
    Silence,
}

impl Why {
    /// Whether it may come out otherwise: another of the findings was the clearest, or luck.
    fn may_change(self) -> bool {
        matches!(
            self,
            Self::Moment | Self::Silence | Self::Long | Self::Held | Self::Unheard
        )
    }
}

/// The bundled server, until it is dropped.
struct Server(Child, String, &'static str);

impl Server {
    /// With this fault, asking for a token or not; viewers come over the WebSocket, or over HTTP.
    fn start(fault: Option<Fault>, guarded: bool, over_http: bool) -> Self {
        let mut command = binary();
        command.args(["serve", "--bind", "127.0.0.1:0", "--pace", "50ms"]);
        if let Some(fault) = fault {
            command.args(["--fault", fault.name()]);
        }
        if guarded {
            command.args(["--token-env", "SERVED"]).env("SERVED", TOKEN);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let out = child.stdout.take().expect("an output");
        let mut urls = BufReader::new(out).lines();
        let url = urls.nth(usize::from(over_http));
        Self(
            child,
            url.expect("a URL").expect("a text"),
            fault.map_or("correct", Fault::name),
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn binary() -> Command {
    let mut command = Command::new(crate::common::call::binary());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RECONNECT_ACCEPTANCE_"))
    {
        command.env_remove(name);
    }
    command
}

/// A fault, and what viewers run over HTTP where it is tried there.
type Case = (Fault, Option<&'static str>);

/// The suite's run against the bundled server with this fault, as it lies in the report folder.
fn run_with((fault, component): Case, dir: &Path) -> Run {
    let mut command = binary();
    command
        .args(["run", "--format", "quiet", "--step-timeout", "2s"])
        .args(["--fault", fault.name(), "--report-dir"])
        .arg(dir)
        .stdout(Stdio::null());
    match component {
        Some(component) => command.args(["--over", "http", "--component", component]),
        None => command.args(["--over", "websocket"]),
    };
    for id in broken(fault, component.is_some()) {
        command.args(["--require", id]);
    }
    let output = command.output().expect("the suite runs");
    let told = String::from_utf8_lossy(&output.stderr);
    folder::read(dir).unwrap_or_else(|error| panic!("{fault}: {error}: {told}"))
}

/// A Python with `websockets` and `httpx`: `.ci/run` makes one.
fn python() -> PathBuf {
    let named = std::env::var_os("REPRODUCTION_PYTHON");
    named.map_or_else(
        || "target/venv/reproductions/bin/python".into(),
        PathBuf::from,
    )
}

/// What a script did.
struct Shown {
    /// What it decided: 1 reproduced, 0 not reproduced, 2 not decided.
    code: i32,
    /// Its last line.
    result: String,
    /// The messages that it printed.
    transcript: Transcript,
}

/// Runs the script against this server; `Err` where it failed itself.
fn show(script: &Path, server: &Server, recorded: &Transcript) -> Result<Shown, String> {
    let output = Command::new(python())
        .arg(script)
        .args(["--", &server.1])
        .env("WHOLE", "1")
        .env("PACE", PACE)
        .env("QUIET", "1.5")
        .env("PATIENCE", "4")
        .env("TOKEN", TOKEN)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", python().display()))?;
    let text = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
    if let Some(kept) = std::env::var_os("REPRODUCTION_KEEP") {
        let name = format!(
            "{}.{}.txt",
            server.2,
            script.file_stem().unwrap_or_default().display()
        );
        std::fs::write(Path::new(&kept).join(name), &text).expect("write what was shown");
    }
    assert!(!text.contains(TOKEN), "the token is shown");
    let result = text.lines().last().unwrap_or_default().to_owned();
    let says = match output.status.code() {
        Some(0) => ": not reproduced",
        Some(1) => ": reproduced",
        Some(2) => "cannot decide",
        _ => "an exit code of its own",
    };
    if !result.contains(says) {
        let error = String::from_utf8_lossy(&output.stderr);
        let error = error.lines().last().unwrap_or_default();
        return Err(format!("{}: {result:?}: {error}", output.status));
    }
    Ok(Shown {
        code: output.status.code().unwrap_or_default(),
        result,
        transcript: shown::read(&text, recorded)?,
    })
}

fn judge(id: &str, transcript: &Transcript) -> CheckVerdict {
    let requirement = registry::find(id).expect("a requirement");
    (requirement.check)(&Trace::of(transcript))
}

/// Whether the server of the record asked for a token, on the WebSocket or over HTTP alone.
fn is_guarded(recorded: &Transcript, script: &str) -> bool {
    let asks = |message: &Message| {
        matches!(
            message.control(),
            Some(Control::Connected {
                requires_auth: Some(true)
            })
        )
    };
    script.contains("NEEDS_TOKEN = True")
        || recorded.entries().iter().any(|entry| {
            matches!(&entry.what, EntryKind::Received { message, .. } if asks(message))
                || matches!(&entry.what, EntryKind::HttpResponse { status: 401, .. })
        })
}

/// `None` where the script reproduces what the suite found, and does not accuse the correct server;
/// else what it did instead.
fn tried((fault, component): Case, run: &Run, it: &Reproduction<'_>, dir: &Path) -> Option<String> {
    let source = match &it.script {
        Ok(source) => source,
        Err(why) => return Some(format!("no script: {why}")),
    };
    let path = dir
        .join(folder::REPRODUCTIONS)
        .join(format!("{}.py", it.id));
    let written = std::fs::read_to_string(&path).expect("the script");
    assert_eq!(&written, source, "the folder holds another script");
    let recorded = &run.transcripts[it.scenario];
    let guarded = is_guarded(recorded, source);
    let over_http = component.is_some();
    let correct = Server::start(None, guarded, over_http);
    match show(&path, &correct, recorded) {
        Ok(correct) => {
            let check = judge(it.id, &correct.transcript);
            if correct.code == 1 || matches!(check, CheckVerdict::Failed(_)) {
                return Some(format!("accused: {}, {check:?}", correct.result));
            }
            if it.decides() && correct.code == 2 && check == CheckVerdict::Passed {
                return Some(format!("accused of nothing, but: {}", correct.result));
            }
        }
        Err(error) => return Some(format!("accused: it failed: {error}")),
    }
    let faulty = Server::start(Some(fault), guarded, over_http);
    let shown = match show(&path, &faulty, recorded) {
        Ok(shown) => shown,
        Err(error) => return Some(format!("it failed: {error}")),
    };
    let check = judge(it.id, &shown.transcript);
    let is_failed = matches!(check, CheckVerdict::Failed(_));
    match shown.code {
        1 => None,
        2 if is_failed && !it.decides() => None,
        _ if is_failed => Some(format!("overlooked: {}, {check:?}", shown.result)),
        _ => Some(format!("{}, {check:?}", shown.result)),
    }
}

/// What was tried, and what was not shown: fault, requirement, what came instead.
fn try_all(cases: &[Case]) -> (usize, BTreeMap<(String, String), String>) {
    let queue = Mutex::new(cases.iter());
    let not_shown = Mutex::new((0, BTreeMap::new()));
    let work = || {
        loop {
            let Some(case) = queue.lock().expect("a queue").next() else {
                return;
            };
            let (fault, component) = case;
            let dir = tempfile::tempdir().expect("a folder");
            let run = run_with(*case, dir.path());
            for it in reproduction::of(&run) {
                let instead = tried(*case, &run, &it, dir.path());
                let mut all = not_shown.lock().expect("a list");
                all.0 += 1;
                if let Some(instead) = instead {
                    let scenario = it.scenario.rsplit(" › ").next().unwrap_or_default();
                    let wire = component.unwrap_or("WebSocket");
                    eprintln!("{fault} ({wire}) {}: {instead} ({scenario})", it.id);
                    all.1
                        .insert((fault.name().to_owned(), it.id.to_owned()), instead);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    not_shown.into_inner().expect("a list")
}

/// Faults that strike whenever a script comes: no moment has to be met.
const ANY_MOMENT: &[&str] = &[
    "greeting-without-requires-auth",
    "no-pong",
    "auth-any-token",
    "auth-error-silent",
    "auth-http-only",
    "started-missing",
    "ending-twice",
    "unknown-workflow-starts",
    "no-catch-up",
    "catch-up-count",
    "catch-up-status",
    "subscribed-twice",
    "replay-total",
    "replay-status",
    "replay-subscribed",
    "history-absent-refused",
    "cancelled-replayed-completed",
    "pause-not-told",
    "continue-doubles",
    "http-run-unknown",
    "identity-timestamp",
    "content-surrogate",
    "other-session-shown",
    "position-odd-told",
    "position-beyond-silences",
    "unknown-run-silent",
    "malformed-cuts-off",
    "dropped-index-repeated",
];

/// What is tried over HTTP: faults of each kind, with each kind of component.
const OVER_HTTP: &[(&str, &str)] = &[
    ("auth-not-needed", "agent"),
    ("auth-any-token", "team"),
    ("auth-return-open", "workflow"),
    ("started-missing", "agent"),
    ("ending-missing", "team"),
    ("unknown-workflow-starts", "workflow"),
    ("no-catch-up", "agent"),
    ("catch-up-count", "team"),
    ("catch-up-drop", "agent"),
    ("catch-up-swap", "workflow"),
    ("subscribed-twice", "workflow"),
    ("history-absent-refused", "agent"),
    ("replay-drop", "agent"),
    ("replay-total", "team"),
    ("replay-status", "workflow"),
    ("cancelled-replayed-completed", "agent"),
    ("pause-not-told", "agent"),
    ("continue-doubles", "team"),
    ("http-run-unknown", "workflow"),
    ("identity-timestamp", "team"),
    ("other-session-shown", "agent"),
    ("position-odd-told", "team"),
    ("unknown-run-silent", "workflow"),
    ("malformed-cuts-off", "agent"),
    ("malformed-silent", "team"),
    ("stream-stays-open", "agent"),
    ("stream-ends-early", "workflow"),
    ("continue-leaving-stops", "agent"),
];

/// What no script over HTTP shows, and why.
const NOT_SHOWN_OVER_HTTP: &[(&str, &str, Why)] = &[
    ("cancelled-replayed-completed", "CANCEL-3", Why::Moment),
    ("catch-up-drop", "FLAPPING-2", Why::Moment),
    ("catch-up-swap", "FLAPPING-2", Why::Moment),
    ("continue-doubles", "RESTART-2", Why::Restart),
    ("ending-missing", "CATCHUP-5", Why::Moment),
    ("replay-status", "BOTH-2", Why::BothWires),
    ("replay-drop", "RESTART-1", Why::Restart),
    ("replay-drop", "RETENTION-3", Why::Forgot),
    ("stream-ends-early", "VIEWERS-3", Why::Moment),
    ("unknown-run-silent", "RESTART-3", Why::Restart),
];

/// The faults to try: `all` (ten minutes), those of these names, or, where nothing is said,
/// [`ANY_MOMENT`].
fn chosen(said: &str) -> Vec<Fault> {
    let names: Vec<&str> = match said {
        "" => ANY_MOMENT.to_vec(),
        said => said.split(' ').collect(),
    };
    let all = Fault::ALL.iter().copied();
    all.filter(|it| said == "all" || names.contains(&it.name()))
        .collect()
}

#[test]
#[ignore = "needs Python with websockets, and minutes: .ci/run makes the one and has the other"]
fn every_script_shows_what_its_finding_says_and_never_accuses_the_correct_server() {
    let faults = chosen(&std::env::var("REPRODUCTION_FAULTS").unwrap_or_default());
    let cases: Vec<Case> = faults.iter().map(|fault| (*fault, None)).collect();
    let (tried, found) = try_all(&cases);
    compare(&cases, NOT_SHOWN, (tried, found));
}

#[test]
#[ignore = "needs Python with httpx, and minutes: .ci/run makes the one and has the other"]
fn every_script_over_http_shows_what_its_finding_says_and_never_accuses_the_correct_server() {
    let said = std::env::var("REPRODUCTION_FAULTS").unwrap_or_default();
    let all = OVER_HTTP.iter().filter(|(fault, _)| {
        matches!(&*said, "" | "all") || said.split(' ').any(|it| it == *fault)
    });
    let cases: Vec<Case> = all
        .map(|(fault, component)| (fault.parse().expect("a fault"), Some(*component)))
        .collect();
    compare(&cases, NOT_SHOWN_OVER_HTTP, try_all(&cases));
}

/// Compares what was not shown with this list.
fn compare(
    cases: &[Case],
    list: &[(&str, &str, Why)],
    (tried, found): (usize, BTreeMap<(String, String), String>),
) {
    let named: BTreeSet<&str> = cases.iter().map(|(fault, _)| fault.name()).collect();
    let listed: BTreeMap<(String, String), Why> = list
        .iter()
        .filter(|(fault, ..)| named.contains(fault))
        .map(|(fault, id, why)| (((*fault).to_owned(), (*id).to_owned()), *why))
        .collect();
    let new: Vec<_> = found
        .iter()
        .filter(|(which, what)| {
            !listed.contains_key(which) || what.contains("accused") || what.contains("overlooked")
        })
        .collect();
    let fixed: Vec<_> = listed
        .iter()
        .filter(|(which, why)| !found.contains_key(which) && !why.may_change())
        .collect();
    println!(
        "{} of {tried} findings are shown by their scripts",
        tried - found.len()
    );
    assert!(new.is_empty(), "not shown, and not listed: {new:#?}");
    assert!(fixed.is_empty(), "listed, and shown: {fixed:#?}");
}
