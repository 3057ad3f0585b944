//! Which viewers a finding needs, and until which entry.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::check::{CheckVerdict, registry};
use crate::protocol::{Action, Route, RunRequest, route};
use crate::report::render::reproduction::act::Acts;
use crate::report::render::reproduction::unsupported::WhyNot;
use crate::trace::Trace;
use crate::transcript::{Entry, EntryKind, Number};

/// Whose acts the finding needs.
pub(crate) struct Cast {
    /// The runs and sessions of the record; no step yet.
    pub actions: Acts,
    pub viewers: BTreeSet<Arc<str>>,
    /// The last entry that counts.
    pub until: Number,
}

/// Leaves out as much as possible while the requirement's check still fails. Of a huge transcript nothing
/// is left out: judging a shorter copy takes as much memory again.
pub(crate) fn of(trace: &Trace<'_>, id: &str, evidence: &[Number]) -> Result<Cast, WhyNot> {
    let mut actions = sessions(trace)?;
    let end = Number::try_from(trace.transcript.entries().len()).unwrap_or(Number::MAX);
    let everybody = trace.transcript.entries().iter();
    let everybody: Viewers = everybody.map(|it| Arc::clone(&it.viewer)).collect();
    let mut choices = Vec::new();
    if trace.transcript.entries().len() < registry::HUGE {
        let (viewers, until) = narrow(trace, evidence);
        choices.extend([(viewers.clone(), until), (viewers, end)]);
    }
    choices.push((everybody, end));
    let enough = |held: bool| {
        choices
            .iter()
            .find(|(viewers, until)| still_fails(trace, id, viewers, *until, held))
    };
    // No script can stop a run: prefer a finding that does not need it.
    let found = enough(false);
    actions.luck = found.is_none();
    let (viewers, until) = found
        .or_else(|| enough(true))
        .cloned()
        .ok_or(WhyNot::NotAlone)?;
    Ok(Cast {
        actions,
        viewers,
        until,
    })
}

type Viewers = BTreeSet<Arc<str>>;

/// The viewers of the runs in the evidence, until the connections in the evidence are over.
fn narrow(trace: &Trace<'_>, evidence: &[Number]) -> (Viewers, Number) {
    let entries = trace.transcript.entries();
    let shown: Vec<&Entry> = evidence
        .iter()
        .filter_map(|number| trace.transcript.entry(*number))
        .collect();
    let runs: BTreeSet<&str> = shown
        .iter()
        .filter_map(|entry| run_of(trace, entry))
        .collect();
    let of_runs = entries
        .iter()
        .filter(|entry| run_of(trace, entry).is_some_and(|run| runs.contains(run)));
    let viewers = of_runs.chain(shown.iter().copied());
    let connections: BTreeSet<(&str, u32)> = shown
        .iter()
        .map(|entry| (&*entry.viewer, entry.connection))
        .collect();
    let of_connections = entries.iter().filter(|entry| {
        connections.contains(&(&*entry.viewer, entry.connection)) && counts(&entry.what)
    });
    let last = of_connections.map(|entry| entry.number).max();
    let until = last.max(evidence.iter().copied().max());
    (
        viewers.map(|entry| Arc::clone(&entry.viewer)).collect(),
        until.unwrap_or_default(),
    )
}

/// Whether the requirement's check still fails on what is left of the transcript, with or without its
/// breakpoints.
fn still_fails(trace: &Trace<'_>, id: &str, viewers: &Viewers, until: Number, held: bool) -> bool {
    let Some(requirement) = registry::find(id) else {
        return false;
    };
    let is_failed = |trace: &Trace<'_>| matches!(requirement.judge(trace), CheckVerdict::Failed(_));
    let keep = |entry: &Entry| {
        let of_nobody = entry.connection == 0 && !is_of_viewer(&entry.what);
        let of_breakpoint = matches!(
            entry.what,
            EntryKind::BreakpointReached { .. } | EntryKind::BreakpointCleared { .. }
        );
        (held || !of_breakpoint)
            && entry.number <= until
            && (of_nobody || viewers.contains(&entry.viewer))
    };
    if trace.transcript.entries().iter().all(keep) {
        return is_failed(trace);
    }
    is_failed(&Trace::of(&trace.transcript.only(keep)))
}

/// Whether a viewer did it, though on no connection.
pub(crate) fn is_of_viewer(what: &EntryKind) -> bool {
    matches!(
        what,
        EntryKind::HttpRequest { .. }
            | EntryKind::HttpResponse { .. }
            | EntryKind::HttpFailed(_)
            | EntryKind::User { .. }
            | EntryKind::NotPermitted { .. }
            | EntryKind::SpeaksOverHttp
    )
}

/// What comes after the disconnect does not matter.
fn counts(what: &EntryKind) -> bool {
    !matches!(what, EntryKind::CloseReceived { .. } | EntryKind::Ended(_))
}

/// The sessions and the runs that were started in them. Only by its session can a script tell which
/// run is which.
fn sessions(trace: &Trace<'_>) -> Result<Acts, WhyNot> {
    let mut actions = Acts::default();
    for start in trace.starts() {
        let Some(session) = start.session_id() else {
            continue;
        };
        if actions.session(session).is_some() {
            return Err(WhyNot::OneSession);
        }
        actions.sessions.push(session.to_owned());
        if let Some(run) = start.run {
            actions
                .runs
                .push((run.to_owned(), actions.sessions.len() - 1));
        }
    }
    for (asked, run) in started_over_http(trace) {
        let named = trace.returns().find(|it| it.run == Some(&*run));
        let session = named.and_then(|it| match it.request.action()? {
            Action::Reconnect { session_id, .. } => session_id.clone(),
            _ => None,
        });
        let session = session.unwrap_or_else(|| run.to_string());
        actions.beside.push((asked, session.clone()));
        actions.sessions.push(session);
        actions
            .runs
            .push((run.to_string(), actions.sessions.len() - 1));
    }
    Ok(actions)
}

/// The runs that were started over HTTP, each with the number of the request.
fn started_over_http(trace: &Trace<'_>) -> Vec<(Number, Arc<str>)> {
    let entries = trace.transcript.entries();
    let starts = entries.iter().filter(|it| match &it.what {
        EntryKind::HttpRequest { method, path, .. } => {
            Route::of(method, path).is_some_and(|it| it.request == RunRequest::Start)
        }
        _ => false,
    });
    starts
        .filter_map(|asked| {
            let later = entries.skip(asked.number as usize);
            let answer = later.iter().find_map(|it| match &it.what {
                EntryKind::HttpResponse { text, .. } if it.viewer == asked.viewer => Some(text),
                _ => None,
            })?;
            Some((asked.number, route::run_of_answer(answer)?))
        })
        .collect()
}

/// The run that an entry is about.
fn run_of<'s>(trace: &'s Trace<'_>, entry: &'s Entry) -> Option<&'s str> {
    match &entry.what {
        EntryKind::Received { message, .. } => match (message.event(), message.control()) {
            (Some(event), _) => event.run().map(|run| &**run),
            (_, Some(control)) => control.run_id().map(|run| &**run),
            _ => None,
        },
        EntryKind::Sent { action, .. } => match &**action {
            Action::Reconnect { run_id, .. } | Action::Continue { run_id, .. } => run_id.as_deref(),
            Action::Start { .. } => trace.subscription(entry.number)?.run,
            _ => None,
        },
        // The run's id is in the path, or in the answer.
        EntryKind::HttpRequest { path, .. } => trace
            .returns()
            .filter_map(|it| it.run)
            .chain(trace.starts().filter_map(|it| it.run))
            .find(|run| path.contains(run)),
        EntryKind::HttpResponse { text, .. } => {
            let run = route::run_of_answer(text)?;
            trace
                .returns()
                .filter_map(|it| it.run)
                .find(|it| **it == *run)
        }
        _ => None,
    }
}
