//! What viewers ask for over HTTP: cancelling a run, and starting one.

use std::sync::Arc;

use super::shared::{MISSED, event_of, noticed};
use crate::client::http::{Answer, Ask, Site};
use crate::client::{Recorder, Viewer, timer};
use crate::protocol::{Component, Control, Part, Route, RunRequest, form, json, route};
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World, the_suite};
use crate::transcript::Disconnect;
use hyper::Method;

/// How often a viewer returns until a run is shown as over.
const PATIENT: usize = 2;

impl World {
    /// Asks the server to end the run early.
    pub async fn cancel(&mut self, name: &str) -> Result<(), StepError> {
        let site = self.site()?;
        let run = self.current_run()?;
        let component = self.environment.plan.wire.component();
        let viewer = self.viewer(name);
        let ask = cancel_of(component, &run, viewer);
        let answer = viewer.ask(&site, &ask).await;
        self.accepted("cancel a run", &site, &ask, answer).await?;
        self.release(&run);
        Ok(())
    }

    /// Asks the server to end the run early, whatever it makes of that.
    pub async fn try_to_cancel(&mut self, name: &str) -> Result<(), StepError> {
        let site = self.site()?;
        let run = self.current_run()?;
        let component = self.environment.plan.wire.component();
        let viewer = self.viewer(name);
        let ask = cancel_of(component, &run, viewer);
        viewer.ask(&site, &ask).await;
        self.release(&run);
        Ok(())
    }

    /// Waits until a run that was cancelled is over, where the target says so; else for a while.
    pub async fn while_it_stops(&mut self) -> Result<(), StepError> {
        let run = self.current_run()?;
        let timing = &self.environment.plan.timing;
        match &self.environment.breakpoints {
            // Where it never ends, the return will show so.
            Some(breakpoints) => {
                let ended = breakpoints.ended(&run.session_id);
                let _: Result<(), _> = timer::within(timing.step, ended).await;
                // So that who comes next does not come just as it stops.
                timer::away(timing.quiet).await;
            }
            None => timer::away(timing.away).await,
        }
        Ok(())
    }

    /// Returns until the run is no longer shown as under way, or nothing more comes.
    pub async fn until_it_is_over(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        for _ in 0..PATIENT {
            let under_way = self.recorder.look_back(|entry| {
                let control = entry.message()?.control()?;
                if &*entry.viewer != name {
                    return None;
                }
                match control {
                    Control::CatchUp { .. } | Control::Subscribed { .. } => Some(true),
                    Control::Replay { .. } | Control::Error { .. } => Some(false),
                    _ => None,
                }
            });
            if under_way != Some(true) {
                break;
            }
            self.to_the_end_if_it_comes(name).await?;
            let told = self
                .recorder
                .look_back(|entry| event_of(entry, &run.run_id)?.final_ending());
            if told.is_none() {
                break;
            }
            self.viewer(name).leave(Disconnect::Close).await;
            timer::away(self.environment.plan.timing.away).await;
            self.return_to_run(name, PositionArg::Own).await?;
        }
        Ok(())
    }

    /// Starts a run over HTTP, which goes on without the viewer who started it. It stops after so many
    /// events, where the target can do so.
    pub async fn start_over_http(
        &mut self,
        name: &str,
        part: Part,
        events: u64,
    ) -> Result<(), StepError> {
        let workflow = self.workflow(part)?;
        let site = self.site()?;
        let component = self.environment.plan.wire.component();
        let breakpoint = Some(events.saturating_sub(1));
        let session = self.new_session(part, &workflow, breakpoint)?;
        let breakpoint = self.environment.breakpoints.as_ref().and(breakpoint);
        let message = form::told(&workflow.message);
        let route = Route::about(component, &workflow.workflow_id, RunRequest::Start);
        let viewer = self.viewer(name);
        let ask = Ask {
            method: Method::POST,
            path: route.path(),
            form: [
                ("message", message.as_str()),
                ("session_id", &session),
                ("stream", "true"),
                ("background", "true"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
            token: viewer.token().cloned(),
        };
        let answer = viewer.begin(&site, &ask).await;
        let answer = self.accepted("start a run", &site, &ask, answer).await?;
        let run_id = route::run_of_answer(&answer.text).ok_or_else(|| {
            StepError::NotApplicable(format!(
                "the server starts no run in the background over HTTP: {}",
                told(&ask, &answer)
            ))
        })?;
        self.begin(CurrentRun {
            run_id,
            session_id: session,
            workflow_id: workflow.workflow_id,
            breakpoint,
        });
        self.reach_breakpoint().await
    }

    /// Leaves a run that was started over HTTP, which goes on meanwhile.
    pub async fn hang_up(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let environment = Arc::clone(&self.environment);
        let viewer = self.viewer(name);
        noticed(&environment, &run.session_id, async { viewer.hang_up() }).await;
        self.stay_away(MISSED).await
    }
}

/// The request to end a run early, with the viewer's token.
fn cancel_of(component: Component, run: &CurrentRun, viewer: &Viewer) -> Ask {
    let request = RunRequest::Cancel((&*run.run_id).into());
    let route = Route::about(component, &run.workflow_id, request);
    Ask {
        method: Method::POST,
        path: route.path(),
        form: Vec::new(),
        token: viewer.token().cloned(),
    }
}

impl World {
    /// The answer, where the server did as it was asked. A server that has no such way at an address where it has
    /// nothing at all is at another address.
    pub(super) async fn accepted(
        &self,
        what: &str,
        site: &Site,
        ask: &Ask,
        answer: Option<Answer>,
    ) -> Result<Answer, StepError> {
        let accepted = accepted(what, ask, answer);
        let Err(StepError::NotApplicable(_)) = accepted else {
            return accepted;
        };
        // Beside the record: it is about the address, not about the server.
        let aside = Arc::new(Recorder::new(Arc::clone(&self.environment.redactor)));
        let viewer = self.environment.new_viewer(&the_suite(), &aside);
        let list = Ask {
            method: Method::GET,
            path: "/workflows".to_owned(),
            form: Vec::new(),
            token: ask.token.clone(),
        };
        let listed = viewer.ask(site, &list).await;
        let Some(wrong) = listed.and_then(|it| nothing_there(&it)) else {
            return accepted;
        };
        Err(self.misconfigured(
            "http_url",
            &format!(
                "is not the server's HTTP address: nothing there takes a request to {what}, and GET /workflows is \
                 answered by {wrong}; name the address without a path of its own, such as http://localhost:7777, \
                 or leave http_url out if the server takes nothing over HTTP"
            ),
        ))
    }
}

/// What says that no such server is at an address, in its answer to `GET /workflows`.
fn nothing_there(answer: &Answer) -> Option<String> {
    match answer.status {
        200..300 if json::parse(&answer.text).is_ok() => None,
        200..300 => Some(format!("{}, without JSON", answer.status)),
        300..400 | 404 | 405 | 501 => Some(answer.status.to_string()),
        _ => None,
    }
}

/// The answer, where the server did as it was asked.
fn accepted(what: &str, ask: &Ask, answer: Option<Answer>) -> Result<Answer, StepError> {
    let Some(answer) = answer else {
        return Err(StepError::Inconclusive(format!(
            "the server did not answer when it was asked to {what} over HTTP: {} {}",
            ask.method, ask.path
        )));
    };
    match answer.status {
        200..300 => Ok(answer),
        404 | 405 | 501 => Err(StepError::NotApplicable(format!(
            "the server has no way to {what} over HTTP: {}",
            told(ask, &answer)
        ))),
        401 | 403 => Err(StepError::Inconclusive(format!(
            "the server asks for another token to {what} over HTTP: {}",
            told(ask, &answer)
        ))),
        _ => Err(StepError::Inconclusive(format!(
            "the server refused to {what} over HTTP: {}",
            told(ask, &answer)
        ))),
    }
}

/// The beginning of what a server says, in reasons.
const SHOWN: usize = 200;

fn told(ask: &Ask, answer: &Answer) -> String {
    let words: String = answer
        .text
        .chars()
        .take(SHOWN)
        .flat_map(|letter| match letter {
            '"' | '\'' => vec![letter],
            _ => letter.escape_debug().collect(),
        })
        .collect();
    let status = answer.status;
    format!(
        "{} {} is answered by {status} {words}",
        ask.method, ask.path
    )
}
