//! Streams over HTTP: their ends, and what they say while nothing happens.

use std::sync::Arc;
use std::time::Duration;

use super::shared::{event_of, noticed};
use crate::check::LONGEST_SILENCE;
use crate::client::ViewerError;
use crate::client::http::{Ask, Site};
use crate::protocol::{Control, Part, Route, RunRequest};
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::{Disconnect, Entry, EntryKind};

/// After how many events nothing happens in a run that can be stopped.
const BEFORE_NOTHING: u64 = 5;

/// How many events happen after a viewer who let a paused run go on has left.
const FEW: u64 = 2;

impl World {
    /// Waits for the end of each stream that is open. What never ends is for the checks.
    pub async fn until_every_stream_ends(&mut self) -> Result<(), StepError> {
        for name in self.connected() {
            let ended = self
                .viewer(&name)
                .wait(0, "the end of the stream", |entry| {
                    over(entry).then_some(())
                });
            // A connection that broke is no end.
            if let Err(error @ ViewerError::Cut { .. }) = ended.await {
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// How long a stream may say nothing, with what a busy machine needs.
    fn longest_silence(&self) -> Duration {
        let limit = self.environment.abilities.longest_silence;
        let limit = limit.unwrap_or(LONGEST_SILENCE);
        limit + limit / 4
    }

    /// Starts a run and watches it until nothing happens in it, for longer than a stream may say nothing.
    pub async fn watch_until_nothing_happens(&mut self, name: &str) -> Result<(), StepError> {
        let abilities = &self.environment.abilities;
        if let Some(limit) = abilities.longest_silence {
            self.note(EntryKind::LongestSilence(limit));
        }
        if self.environment.breakpoints.is_some() {
            let breakpoint = Some(BEFORE_NOTHING - 1);
            let run = self.start(name, Part::Long, breakpoint).await?;
            return self.watch_for(name, &run, BEFORE_NOTHING).await;
        }
        let lasts = abilities.quiet.unwrap_or(crate::plan::QUIET);
        let needed = self.longest_silence();
        if lasts <= needed {
            return Err(StepError::NotApplicable(format!(
                "the part `quiet` says nothing for {}, and more than {} are needed: name a workflow that says nothing \
                 for longer, [parts.quiet], and for how long, quiet",
                humantime::format_duration(lasts),
                humantime::format_duration(needed),
            )));
        }
        self.start(name, Part::Quiet, None).await.map(drop)
    }

    /// Joins a run that may stand still.
    pub async fn join(&mut self, name: &str) -> Result<(), StepError> {
        self.return_to_run(name, PositionArg::Null).await
    }

    /// Listens until nothing at all has come for longer than a stream may say nothing, or it has said something while
    /// nothing happened, or the run is over.
    pub async fn listen(&mut self, name: &str) -> Result<(), StepError> {
        let limit = self.longest_silence();
        let heard = self
            .viewer(name)
            .listen_for(limit, "anything on the stream")
            .await;
        let run = self.current_run()?;
        self.release(&run);
        match heard {
            Ok(()) | Err(ViewerError::TimedOut { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the server what the paused run waits for.
    pub async fn ask_what_it_waits_for(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let (site, ask) =
            self.about_the_run(name, &run, RunRequest::State((&*run.run_id).into()))?;
        // Whatever comes of it is in the record.
        let _ = self.viewer(name).ask(&site, &ask).await;
        Ok(())
    }

    /// A request about the run, with the viewer's token.
    pub(super) fn about_the_run(
        &mut self,
        name: &str,
        run: &CurrentRun,
        request: RunRequest<'_>,
    ) -> Result<(Arc<Site>, Ask), StepError> {
        let site = self.site()?;
        let component = self.environment.plan.wire.component();
        let (method, session) = match request {
            RunRequest::State(_) => (
                hyper::Method::GET,
                format!("?session_id={}", run.session_id),
            ),
            _ => (hyper::Method::POST, String::new()),
        };
        let route = Route::about(component, &run.workflow_id, request);
        let token = self.viewer(name).token().cloned();
        let path = format!("{}{session}", route.path());
        let ask = Ask {
            method,
            path,
            form: Vec::new(),
            token,
        };
        Ok((site, ask))
    }

    /// Confirms what the run asks for, by a request whose answer is no stream.
    pub async fn let_it_continue_unwatched(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let answers = self.answered_requirements(name).await?;
        let request = RunRequest::Continue((&*run.run_id).into());
        let (site, mut ask) = self.about_the_run(name, &run, request)?;
        let list = self.environment.plan.wire.component().question().list;
        let answers = answers.to_string();
        ask.form = [
            ("session_id", &*run.session_id),
            ("stream", "false"),
            (list, &answers),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let answer = self.viewer(name).ask(&site, &ask).await;
        let what = "let a run go on without a stream";
        self.accepted(what, &site, &ask, answer).await.map(drop)
    }

    /// Confirms what the run asks for, and leaves once it goes on.
    pub async fn let_it_continue_and_leave(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        if let (Some(_), Some(pause)) = (&self.environment.breakpoints, self.last_index(&run)) {
            self.move_breakpoint(&run, pause + 1);
        }
        let asked = self.confirm(name).await?;
        self.viewer(name)
            .wait(asked, "the first event after the pause", |entry| {
                let event = event_of(entry, &run.run_id).map(|_| ());
                let refused = || {
                    let control = entry.message()?.control()?;
                    matches!(control, Control::Error { .. }).then_some(())
                };
                event.or_else(refused)
            })
            .await?;
        let environment = Arc::clone(&self.environment);
        let leave = self.viewer(name).leave(Disconnect::Reset);
        noticed(&environment, &run.session_id, leave).await;
        if self.has_ended(&run.run_id) {
            return Err(self.too_soon(name));
        }
        self.stay_away(FEW).await
    }
}

/// Whether an entry shows that nothing more comes on its stream.
fn over(entry: &Entry) -> bool {
    matches!(
        entry.what,
        EntryKind::StreamEnded { .. } | EntryKind::Refused { .. }
    )
}
