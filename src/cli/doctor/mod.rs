//! `doctor`: checks a server for everything that a run needs, one line per check.

mod checklist;
mod over_http;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::args::DoctorArgs;
use super::run;
use crate::cli::error::UsageError;
use crate::cli::wires::one_wire;
use crate::client::stream::Stream;
use crate::client::{Address, Recorder, RecvBuffer, Viewer, ViewerError};
use crate::exit;
use crate::plan::Casting;
use crate::protocol::{Action, Control, Event, Part, Wire};
use crate::target::Target;
use crate::transcript::Entry;
use checklist::Checklist;

/// After how long the answer to a ping tells of a server that does nothing else while a run goes on.
const BLOCKED: Duration = Duration::from_secs(2);

/// What makes a server do so.
const BLOCKS: &str =
    "the workflow blocks the server, as time.sleep does and await asyncio.sleep does not";

/// Checks a server; returns 0 if a run has all it needs, else 3.
///
/// # Errors
///
/// [`UsageError`] if no server is given, or the options cannot be used.
pub async fn doctor(args: DoctorArgs) -> Result<u8, UsageError> {
    let Some(target) = run::server(&args.server)? else {
        return Err(UsageError::wrong("no server given; use --url or --target"));
    };
    let wire = one_wire(args.server.url.as_deref(), &args.wire)?;
    let environment = run::environment_to_look(&target, wire, args.step_timeout)?;
    let recorder = Arc::new(Recorder::new(Arc::clone(&environment.redactor)));
    let mut viewer = environment.new_viewer("the doctor", &recorder);
    let mut list = Checklist::new(Arc::clone(&recorder));
    let session = environment.new_session();
    match (wire, &environment.site, target.casting().iter().next()) {
        (Wire::Http(component), Some(site), Some((part, workflow))) => {
            if reached(&mut list, site.address(), "http://")
                .await
                .is_some()
            {
                let what = (component, *part, workflow);
                over_http::examine(&mut list, &mut viewer, site, what, &session).await;
            }
        }
        _ => {
            let casting = target.casting();
            examine(
                &mut list,
                &environment.address,
                &mut viewer,
                casting,
                &session,
            )
            .await;
        }
    }
    let _ = viewer.retire().await;
    Ok(if list.is_healthy() {
        exit::OK
    } else {
        exit::INCONCLUSIVE
    })
}

async fn examine(
    list: &mut Checklist,
    address: &Address,
    viewer: &mut Viewer,
    casting: &Casting,
    session: &str,
) {
    let Some(stream) = reached(list, address, "ws://").await else {
        return;
    };
    let upgraded = address.upgrade(stream).await;
    let Some(socket) = list.note("upgrade", upgraded, |_| "the WebSocket is open".to_owned())
    else {
        return;
    };
    drop(socket);

    let after = match viewer.open().await {
        Ok(after) => after,
        Err(trouble) => return list.bad("greeting", &trouble.to_string()),
    };
    let greeting = viewer
        .wait_whole(after, "the greeting", |entry| {
            match entry.message()?.control()? {
                Control::Connected { requires_auth } => Some(*requires_auth),
                _ => None,
            }
        })
        .await;
    let Some(requires_auth) = list.note("greeting", greeting, |_| "got `connected`".to_owned())
    else {
        return;
    };
    let auth = match requires_auth {
        Some(true) => viewer.authenticate().await,
        _ => Ok(()),
    };
    let said = match requires_auth {
        Some(true) => "needed, and the token was accepted",
        Some(false) if viewer.token().is_some() => "not needed, although a token was given",
        Some(false) => "not needed",
        None => "the greeting does not say whether a token is needed",
    };
    if list.note("auth", auth, |()| said.to_owned()).is_none() {
        return;
    }
    let Some((part, workflow)) = casting.iter().next() else {
        return;
    };
    let asked = viewer
        .say(Action::Start {
            workflow_id: Some(workflow.workflow_id.clone()),
            message: workflow.message.clone(),
            session_id: Some(session.to_owned()),
        })
        .await;
    let started = match asked {
        Ok(asked) => {
            viewer
                .wait_whole(asked, "the first event of the run", |entry| {
                    let message = entry.message()?;
                    match message.control() {
                        Some(Control::Error { error }) => {
                            Some(Err(error.clone().unwrap_or_default().into_string()))
                        }
                        _ => message.event().cloned().map(Ok),
                    }
                })
                .await
        }
        Err(trouble) => Err(trouble),
    };
    let started: Result<Event, String> = match started {
        Ok(Ok(event)) => Ok(event),
        Ok(Err(error)) => Err(ViewerError::Refused {
            workflow_id: workflow.workflow_id.clone(),
            error,
        }
        .to_string()),
        Err(trouble) => Err(ViewerError::to_string(&trouble)),
    };
    let said = format!("{:?} started, as the part `{part}`", workflow.workflow_id);
    let Some(event) = list.note("run", started, |_| said) else {
        return;
    };
    let index: Result<u64, String> = event.index.at().ok_or_else(|| {
        format!(
            "the event {} has no usable event_index: {}",
            event.name, event.index
        )
    });
    let index = list.note("index", index, |index| {
        format!("the first event has event_index {index}")
    });
    if index.is_some() && ping(list, viewer).await {
        length(list, viewer, &event, *part).await;
    }
}

/// A connection to the server, over TLS where its address says so.
async fn reached(list: &mut Checklist, address: &Address, plain: &str) -> Option<Stream> {
    let tcp = address.tcp(RecvBuffer::Usual).await;
    let through = address.proxy();
    let through = through.map(|proxy| format!(", through the proxy {proxy}"));
    let connected = |_: &_| format!("connected{}", through.unwrap_or_default());
    let tcp = list.note("TCP", tcp, connected)?;
    let secure = address.secure(tcp).await;
    let detail = match address.is_secure() {
        true => "handshake done".to_owned(),
        false => format!("not used ({plain})"),
    };
    list.note("TLS", secure, |_| detail)
}

/// Whether a ping is answered while the run goes on. A workflow that blocks the server's event loop keeps
/// everybody waiting.
async fn ping(list: &mut Checklist, viewer: &mut Viewer) -> bool {
    let began = Instant::now();
    let answered = match viewer.say(Action::Ping).await {
        Ok(asked) => {
            let pong = |entry: &Entry| match entry.message()?.control()? {
                Control::Pong => Some(Ok(began.elapsed())),
                Control::Error { error } => Some(Err(error.clone().unwrap_or_default())),
                _ => None,
            };
            viewer.wait_whole(asked, "the answer to a ping", pong).await
        }
        Err(trouble) => Err(trouble),
    };
    let took = |after: Duration| {
        format!(
            "answered after {:.3} s, while the run goes on",
            after.as_secs_f64()
        )
    };
    let answered = match answered {
        Ok(Err(error)) => Err(format!("was refused: {error}")),
        Ok(Ok(after)) if after > BLOCKED => Err(format!("{}: {BLOCKS}", took(after))),
        Ok(Ok(after)) => Ok(after),
        Err(trouble @ ViewerError::TimedOut { .. }) => Err(format!("{trouble}: {BLOCKS}")),
        Err(trouble) => Err(trouble.to_string()),
    };
    list.note("ping", answered, |after| took(*after)).is_some()
}

/// How many events the run has, where it ends within the time limit.
async fn length(list: &mut Checklist, viewer: &Viewer, first: &Event, part: Part) {
    let mut count = 0;
    let ended = viewer
        .wait_whole(0, "the end of the run", |entry| {
            let event = entry.message()?.event()?;
            if event.run() != first.run() {
                return None;
            }
            count += 1;
            event.ending()
        })
        .await;
    list.length(ended, count, part, "workflow");
}
