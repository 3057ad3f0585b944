//! What is done to a client that is judged.

use std::time::Duration;

use crate::client::timer;
use crate::client_mode::{Cut, NOT_APPLICABLE, ReturnAnswer, Session, Setup, Waited};
use crate::plan::ClientPlan;
use crate::protocol::{Component, Part, Wire};
use crate::suite::params::Unreadable;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::Number;

/// After this event, counted from 0, the run stands when the first connection is cut: some nested events have
/// happened by then.
pub(super) const FIRST: u64 = 19;
/// So many events happen while the client is away.
pub(super) const MISSED: u64 = 6;
/// So many events happen while the client watches again.
pub(super) const LIVE: u64 = 5;
/// So many events are missed where the client is cut off while it catches up, and so many of them come.
const MANY_MISSED: u64 = 14;
const COME: usize = 5;
/// What the suite waits for when a client is to come back.
pub(super) const RETURN: &str = "Ada's return";
/// A client may take so many times the limit of a step to come back where its pauses grow.
pub(super) const GROWING: u32 = 3;
/// A client may take so many times the limit of a step until it has started a run: interpreters start slowly.
const TO_START: u32 = 3;
/// So many times as long as silence lasts (`--silence`) it is watched whether a client comes back.
pub(super) const WATCHED: u32 = 6;
/// Likewise after the ending: widely used libraries connect again after up to 5 s.
const WATCHED_AT_THE_END: u32 = 12;

impl World {
    /// Whether a client is judged.
    #[must_use]
    pub fn judges_client(&self) -> bool {
        self.environment.plan.client.is_some()
    }

    pub(super) fn client_plan(&self) -> Result<ClientPlan, StepError> {
        let plan = self.environment.plan.client.clone();
        plan.ok_or_else(|| {
            StepError::NotApplicable("it judges a client, and this run judges a server".to_owned())
        })
    }

    pub(super) fn session(&mut self) -> Result<&mut Session, StepError> {
        let session = self.client.as_mut();
        session.ok_or_else(|| StepError::Suite("the scenario has started no client".to_owned()))
    }

    /// A server whose runs play this part, and stop after this event.
    pub(super) fn setup(&self, part: Part, stop_after: Option<u64>) -> Result<Setup, StepError> {
        let wire = self.environment.plan.wire;
        match (part, wire.component()) {
            (Part::Nested, Component::Agent | Component::Team) => {
                Err(StepError::NotApplicable(format!(
                    "no workflow runs inside the run of the {}",
                    wire.component().word()
                )))
            }
            _ => Ok(Setup::of(part, stop_after, wire)),
        }
    }

    /// This cut as the client's wire has it.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where it has none like it.
    pub(super) fn cut_over_wire(&self, cut: Cut) -> Result<Cut, StepError> {
        match (self.environment.plan.wire, cut) {
            (Wire::Http(_), Cut::Close(1000)) => Ok(Cut::EndOfStream),
            (Wire::Http(_), Cut::Close(_)) => Err(StepError::NotApplicable(
                "HTTP has no close codes, so that a stream has one clean end".to_owned(),
            )),
            (Wire::WebSocket, Cut::EndOfStream) => Err(StepError::NotApplicable(
                "it is about the streams of HTTP".to_owned(),
            )),
            (_, cut) => Ok(cut),
        }
    }

    /// The cut after which it is known what the client had read: over the WebSocket any, as it answers pings; over HTTP
    /// the clean end of the stream, which nobody sees before all that comes before it.
    fn conclusive_cut(&self) -> Cut {
        match self.environment.plan.wire {
            Wire::WebSocket => Cut::Reset,
            Wire::Http(_) => Cut::EndOfStream,
        }
    }

    pub(super) fn limit(&self) -> Duration {
        self.environment.plan.timing.step
    }

    /// Starts the client with a server like this, and waits until it has started a run.
    pub(super) async fn start_client(&mut self, setup: Setup) -> Result<(), StepError> {
        let plan = self.client_plan()?;
        let a_person_starts_it = plan.program.is_empty();
        let limit = match a_person_starts_it {
            true => self.environment.plan.timing.scenario / 2,
            false => self.limit() * TO_START,
        };
        let earlier = self.environment.earlier_runs.clone();
        let name = self.name.as_deref();
        let session = Session::start(&plan, setup, name, &self.recorder, earlier).await;
        let session = self
            .client
            .insert(session.map_err(StepError::Inconclusive)?);
        match session.run(limit).await {
            Waited::Found(_) => Ok(()),
            Waited::Late if a_person_starts_it => Err(StepError::Inconclusive(format!(
                "no run was started within {}, which is half of --scenario-timeout",
                humantime::format_duration(limit)
            ))),
            other => Err(ended(session, &other, limit, "the start of a run")),
        }
    }

    /// The client has started a run of this part, and has watched it to where it stands.
    pub async fn client_watches(&mut self, part: Part) -> Result<(), StepError> {
        let setup = self.setup(part, Some(FIRST))?;
        self.start_client(setup).await?;
        self.run_stands(FIRST).await
    }

    /// The client has started a run of this part, and was sent its ending.
    pub async fn client_watches_to_the_end(&mut self, part: Part) -> Result<(), StepError> {
        let setup = self.setup(part, None)?;
        self.start_client(setup).await?;
        let limit = self.limit();
        let recorder = std::sync::Arc::clone(&self.recorder);
        let session = self.session()?;
        let ending = || {
            recorder.look(0, |entry| {
                let event = entry.message()?.event()?;
                event.final_ending().map(|_| entry.number)
            })
        };
        match session.until(limit, ending).await {
            Waited::Found(_) => Ok(()),
            other => Err(ended(session, &other, limit, "the end of the run")),
        }
    }

    pub(super) async fn run_stands(&mut self, after: u64) -> Result<(), StepError> {
        let limit = self.limit();
        match self.session()?.stands(after, limit).await {
            true => Ok(()),
            false => Err(StepError::Suite(format!(
                "the run of the bundled server did not stop after event {after}"
            ))),
        }
    }

    /// Breaks the connection once the client has read everything; the run goes on before the client is let in again.
    pub(super) async fn break_connection(
        &mut self,
        cut: Cut,
        missed: u64,
    ) -> Result<Number, StepError> {
        let number = match self.cut_settled(cut).await? {
            Some(number) => number,
            // A client that left by itself and is back is cut off then.
            None => self.cut_settled(cut).await?.ok_or_else(|| {
                StepError::Inconclusive(
                    "Ada left by themselves before the connection could be cut".to_owned(),
                )
            })?,
        };
        let stands = self.run_goes_on_for(missed).await;
        self.session()?.hold_arrivals(false);
        stands.map(|()| number)
    }

    /// Cuts the connection once the client has read everything, and lets nobody in from then on; `None` where the client
    /// had left by itself, and has come back since.
    async fn cut_settled(&mut self, cut: Cut) -> Result<Option<Number>, StepError> {
        let limit = self.limit();
        let session = self.session()?;
        session.settle(limit).await;
        session.hold_arrivals(true);
        if let Some(number) = session.cut(cut, limit).await {
            return Ok(Some(number));
        }
        session.hold_arrivals(false);
        let before = self.recorder.len();
        let session = self.session()?;
        match session.asks(before, limit).await {
            Waited::Found(_) => Ok(None),
            Waited::Late => {
                session.timed_out("a connection of Ada's", limit);
                Err(StepError::Inconclusive(
                    "Ada had no connection any more that could be cut".to_owned(),
                ))
            }
            waited => Err(ended(session, &waited, limit, "the loss of the connection")),
        }
    }

    /// Waits until the client asks for a run again; gives whether it does.
    pub(super) async fn client_returns(
        &mut self,
        cut: Number,
        limit: Duration,
    ) -> Result<bool, StepError> {
        let session = self.session()?;
        match session.asks(cut, limit).await {
            Waited::Found(_) => Ok(true),
            Waited::Late => {
                session.timed_out(RETURN, limit);
                Ok(false)
            }
            Waited::Ended(exit) if exit.code == Some(NOT_APPLICABLE) => {
                Err(not_applicable(&exit.last_line))
            }
            Waited::Ended(_) => Ok(false),
        }
    }

    /// The connection is cut once, and the client may come back.
    pub async fn client_loses(&mut self, cut: Cut) -> Result<(), StepError> {
        let limit = match cut {
            Cut::Dead => self.client_plan()?.notice,
            _ => self.limit(),
        };
        let cut = self.cut_over_wire(cut)?;
        let number = self.break_connection(cut, MISSED).await?;
        self.client_may_return(cut, number, limit).await
    }

    /// Waits until the client asks for a run again after this cut; then it is seen whether it has left a dead line.
    pub(super) async fn client_may_return(
        &mut self,
        cut: Cut,
        number: Number,
        limit: Duration,
    ) -> Result<(), StepError> {
        let returned = self.client_returns(number, limit).await?;
        if returned && cut == Cut::Dead {
            let watched = self.environment.plan.timing.quiet;
            let session = self.session()?;
            session.thaw();
            timer::away(watched).await;
            session.watched(watched);
        }
        Ok(())
    }

    /// The connection is lost several times; in between the client sees something of the run.
    pub async fn client_loses_several_times(&mut self, times: u64) -> Result<(), StepError> {
        let (limit, cut) = (self.limit(), self.conclusive_cut());
        for time in 1..=times {
            let number = self.break_connection(cut, MISSED).await?;
            let returned = self.client_returns(number, limit).await?;
            if !returned && time < times {
                return Err(no_further_loss(time));
            }
            if time < times {
                self.client_watches_on().await?;
            }
        }
        Ok(())
    }

    /// The run goes on a little while the client watches.
    pub(super) async fn client_watches_on(&mut self) -> Result<(), StepError> {
        self.run_goes_on_for(LIVE).await
    }

    /// The run goes on for so many events, and stands again.
    pub(super) async fn run_goes_on_for(&mut self, events: u64) -> Result<(), StepError> {
        let session = self.session()?;
        let next = session.at + events;
        session.go_on_to(next);
        self.run_stands(next).await
    }

    /// The client has lost the connection, and was sent some of what it missed, and nothing more.
    pub async fn client_catches_up(&mut self) -> Result<(), StepError> {
        self.client_watches(Part::Long).await?;
        let limit = self.limit();
        self.session()?.answer(ReturnAnswer::CutShort(COME));
        let number = self.break_connection(Cut::Reset, MANY_MISSED).await?;
        match self.client_returns(number, limit).await? {
            true => Ok(()),
            false => Err(no_further_loss(1)),
        }
    }

    /// The connection is cut while the client has some of the missed events and not the others.
    pub async fn client_is_cut_while_catching_up(&mut self, cut: Cut) -> Result<(), StepError> {
        let limit = self.limit();
        let cut = self.cut_over_wire(cut)?;
        let number = self.break_connection(cut, 1).await?;
        self.client_returns(number, limit).await.map(drop)
    }

    /// The last event that the client was sent has a name that no release has had.
    pub async fn client_watches_something_new(&mut self) -> Result<(), StepError> {
        let mut setup = self.setup(Part::Long, Some(FIRST))?;
        setup.renamed = Some((FIRST, "CriticReviewed".to_owned()));
        self.start_client(setup).await?;
        self.run_stands(FIRST).await
    }

    /// A message came that the client cannot read, and then more of the run.
    pub async fn client_gets_unreadable(
        &mut self,
        unreadable: Unreadable,
    ) -> Result<(), StepError> {
        if let (Unreadable::Binary, Wire::Http(_)) = (unreadable, self.environment.plan.wire) {
            return Err(StepError::NotApplicable(
                "HTTP has no binary messages".to_owned(),
            ));
        }
        self.client_watches(Part::Long).await?;
        self.session()?.provoke(&unreadable.provocation());
        self.client_watches_on().await
    }

    /// The connection is closed once the run has ended, if the client has not left by itself.
    pub async fn client_is_closed_after_the_ending(&mut self) -> Result<(), StepError> {
        let limit = self.limit();
        let watched = self.environment.plan.timing.quiet * WATCHED_AT_THE_END;
        let over_websocket = self.environment.plan.wire == Wire::WebSocket;
        let session = self.session()?;
        // Over HTTP the stream has ended with the run.
        if over_websocket && session.settle(limit).await {
            session.cut(Cut::Close(1000), limit).await;
        }
        if session.exit().is_none() {
            timer::away(watched).await;
            session.watched(watched);
        }
        Ok(())
    }
}

/// Why a step cannot go on without the client.
pub(super) fn ended<T>(
    session: &Session,
    waited: &Waited<T>,
    limit: Duration,
    before: &str,
) -> StepError {
    match waited {
        Waited::Ended(exit) if exit.code == Some(NOT_APPLICABLE) => not_applicable(&exit.last_line),
        Waited::Ended(exit) => {
            let how = exit.code.map_or_else(
                || "by a signal".to_owned(),
                |code| format!("with exit code {code}"),
            );
            let said = match exit.last_line.as_str() {
                "" => String::new(),
                line => format!(" ({line})"),
            };
            let who = session.role().words();
            StepError::Inconclusive(format!("{who} ended {how} before {before}{said}"))
        }
        Waited::Found(_) | Waited::Late if session.is_flooded() => StepError::Inconclusive(
            format!("the client did more than the suite records before {before}"),
        ),
        Waited::Found(_) | Waited::Late => StepError::Inconclusive(format!(
            "{} passed without {before}; for a slower client, raise --step-timeout",
            humantime::format_duration(limit)
        )),
    }
}

pub(super) fn not_applicable(reason: &str) -> StepError {
    StepError::NotApplicable(match reason {
        "" => {
            "the client says that this is not for it (exit code 77), and gives no reason".to_owned()
        }
        reason => format!("the client says: {reason}"),
    })
}

pub(super) fn no_further_loss(time: u64) -> StepError {
    StepError::Inconclusive(format!(
        "Ada did not come back after loss {time} (CLIENT-RETURN-1), so there was no further one"
    ))
}
