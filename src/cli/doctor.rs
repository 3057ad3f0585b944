//! `doctor`: one line a precondition, so that a server that cannot be tested says why.

use std::io::{self, Write};
use std::sync::Arc;

use super::args::DoctorArgs;
use super::{UsageError, run};
use crate::client::{Address, Recorder, RecvBuffer, Viewer, ViewerError};
use crate::exit;
use crate::plan::{Casting, Plan, Timing};
use crate::protocol::{Action, Control, Event};
use crate::suite::environment::environment_of;
use crate::target::Target;

/// Checks; gives 0 where everything is as a run needs it, else 3.
///
/// # Errors
///
/// [`UsageError`] where no server is named, or the options cannot be used.
pub async fn doctor(args: DoctorArgs) -> Result<u8, UsageError> {
    let Some(target) = run::server(&args.server)? else {
        return Err(UsageError(
            "know which server to look at: say it with --url or --target".to_owned(),
        ));
    };
    let plan = Plan {
        timing: Timing {
            step: args.step_timeout,
            ..Timing::default()
        },
        ..Plan::default()
    };
    let environment = environment_of(&plan, &target).map_err(|error| UsageError::of(&error))?;
    let recorder = Arc::new(Recorder::new(Arc::clone(&environment.redactor)));
    let mut viewer = environment.new_viewer("the doctor", &recorder);
    let mut chart = Chart {
        healthy: true,
        recorder: Arc::clone(&recorder),
    };
    examine(
        &mut chart,
        &environment.address,
        &mut viewer,
        target.casting(),
        &environment.new_session(),
    )
    .await;
    let _ = viewer.retire().await;
    Ok(if chart.healthy {
        exit::OK
    } else {
        exit::INCONCLUSIVE
    })
}

async fn examine(
    chart: &mut Chart,
    address: &Address,
    viewer: &mut Viewer,
    casting: &Casting,
    session: &str,
) {
    let tcp = address.tcp(RecvBuffer::Usual).await;
    let Some(tcp) = chart.note("TCP", tcp, |_| "connected".to_owned()) else {
        return;
    };
    let secure = address.secure(tcp).await;
    let is_secure = address.is_secure();
    let said = if is_secure {
        "handshake done"
    } else {
        "not asked for (ws://)"
    };
    let Some(stream) = chart.note("TLS", secure, |_| said.to_owned()) else {
        return;
    };
    let upgraded = address.upgrade(stream).await;
    let Some(socket) = chart.note("upgrade", upgraded, |_| "the WebSocket is open".to_owned())
    else {
        return;
    };
    drop(socket);

    let after = match viewer.open().await {
        Ok(after) => after,
        Err(trouble) => return chart.bad("greeting", &trouble.to_string()),
    };
    let greeting = viewer
        .wait_whole(after, "the greeting", |entry| {
            match entry.message()?.control()? {
                Control::Connected { requires_auth } => Some(*requires_auth),
                _ => None,
            }
        })
        .await;
    let Some(requires_auth) = chart.note("greeting", greeting, |_| "`connected` came".to_owned())
    else {
        return;
    };
    let auth = match requires_auth {
        Some(true) => viewer.authenticate().await,
        _ => Ok(()),
    };
    let said = match requires_auth {
        Some(true) => "asked for, and the token was accepted",
        Some(false) if viewer.token().is_some() => "not asked for, though there is a token",
        Some(false) => "not asked for",
        None => "the greeting does not say whether it is asked for",
    };
    if chart.note("auth", auth, |()| said.to_owned()).is_none() {
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
        Ok(Err(error)) => Err(format!(
            "the workflow {:?} was refused: {error}; say another one with --workflow-id",
            workflow.workflow_id
        )),
        Err(trouble) => Err(ViewerError::to_string(&trouble)),
    };
    let said = format!("{:?} started, as the part `{part}`", workflow.workflow_id);
    let Some(event) = chart.note("run", started, |_| said) else {
        return;
    };
    let index: Result<u64, String> = event.index.at().ok_or_else(|| {
        format!(
            "the event {} carries no usable event_index: {}",
            event.name, event.index
        )
    });
    chart.note("index", index, |index| {
        format!("the first event carries event_index {index}")
    });
}

/// What is printed, a line a precondition.
struct Chart {
    healthy: bool,
    /// Knows what must not be printed.
    recorder: Arc<Recorder>,
}

impl Chart {
    fn note<T, E: std::fmt::Display>(
        &mut self,
        what: &str,
        outcome: Result<T, E>,
        good: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match outcome {
            Ok(value) => {
                // A reader that is gone wants no more.
                let _ = line("✔", what, &good(&value));
                Some(value)
            }
            Err(error) => {
                self.bad(what, &error.to_string());
                None
            }
        }
    }

    fn bad(&mut self, what: &str, reason: &str) {
        self.healthy = false;
        let reason = self.recorder.mask(reason);
        let _ = line(
            "✘",
            what,
            &crate::report::text::escape::escape_visible(&reason, 600),
        );
    }
}

fn line(mark: &str, what: &str, text: &str) -> io::Result<()> {
    writeln!(anstream::stdout().lock(), "{mark} {what:<9} {text}")
}
