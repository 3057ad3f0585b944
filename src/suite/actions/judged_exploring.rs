//! What drawn plans do to a client that is judged. Each step can be done at any moment: once the client has ended, or
//! stays away, it does nothing.

use super::judged_client::{GROWING, LIVE, RETURN};
use super::judged_endings::STRANGE;
use crate::client_mode::Cut;
use crate::protocol::{Action, Part};
use crate::suite::params::{Answered, Turned, Unreadable};
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::EntryKind;

/// How many events the runs of plans have.
const EVENTS: usize = 200;
/// The last event after which a run stands, counted from 0: what follows is for the end of the plan.
const LAST: u64 = 180;

impl World {
    /// The client has started a run of this part, and has watched it up to this event, counted from 0.
    pub async fn client_watches_up_to(&mut self, part: Part, after: u64) -> Result<(), StepError> {
        if self.client.is_some() {
            return Ok(());
        }
        let after = after.min(LAST);
        let mut setup = self.setup(part, Some(after))?;
        setup.lengthen(EVENTS);
        self.start_client(setup).await?;
        self.run_stands(after).await
    }

    /// Whether the client runs, and has come back whenever it was waited for.
    fn client_is_here(&self) -> bool {
        if self.client.as_ref().is_none_or(|it| it.exit().is_some()) {
            return false;
        }
        let here = self.recorder.look_back(|entry| match &entry.what {
            EntryKind::TimedOut { waiting_for, .. } if waiting_for == RETURN => Some(false),
            _ => matches!(
                entry.action(),
                Some(Action::Reconnect { .. } | Action::Start { .. })
            )
            .then_some(true),
        });
        here.unwrap_or(false)
    }

    /// The connection is cut, so many events happen meanwhile, and the client may come back.
    pub async fn client_is_cut(&mut self, cut: Cut, missed: u64) -> Result<(), StepError> {
        let (true, Ok(cut)) = (self.client_is_here(), self.cut_over_wire(cut)) else {
            return Ok(());
        };
        let mut limit = self.limit() * GROWING;
        if cut == Cut::Dead {
            limit = self.client_plan()?.notice.max(limit);
        }
        let missed = self.at_most(missed)?;
        let number = match self.break_connection(cut, missed).await {
            // It has left by itself.
            Err(StepError::Inconclusive(_)) => return Ok(()),
            other => other?,
        };
        self.client_may_return(cut, number, limit).await
    }

    /// The run goes on for so many events while the client watches.
    pub async fn client_watches_for(&mut self, events: u64) -> Result<(), StepError> {
        if !self.client_is_here() {
            return Ok(());
        }
        let events = self.at_most(events)?;
        self.run_goes_on_for(events).await
    }

    /// The client gets a message that it cannot read, and then some events.
    pub async fn client_reads_on(&mut self, unreadable: Unreadable) -> Result<(), StepError> {
        if self.client_is_here() {
            self.session()?.provoke(&unreadable.provocation());
        }
        self.client_watches_for(LIVE).await
    }

    /// The client gets an event of another run, and then some of its own.
    pub async fn client_passes_over(&mut self) -> Result<(), StepError> {
        if self.client_is_here() {
            self.say_event("another-run", STRANGE)?;
        }
        self.client_watches_for(LIVE).await
    }

    /// So many of the next tries to connect are turned away.
    pub fn client_will_be_turned_away(&mut self, times: u64, how: Turned) -> Result<(), StepError> {
        if self.client_is_here() {
            let times = u32::try_from(times).unwrap_or(u32::MAX);
            self.session()?.turn_away(how.0, times);
        }
        Ok(())
    }

    /// The next return is answered like this.
    pub fn client_will_be_answered(&mut self, answered: Answered) -> Result<(), StepError> {
        if self.client_is_here() {
            self.session()?.answer(answered.answer());
        }
        Ok(())
    }

    /// The run comes to its end, where there is one.
    pub async fn client_is_done(&mut self) -> Result<(), StepError> {
        let started = self.client.as_ref().and_then(|it| it.first_run());
        match started {
            Some(_) => self.client_sees_the_end().await,
            None => Ok(()),
        }
    }

    /// So many events, or as many as the run can go on for.
    fn at_most(&mut self, events: u64) -> Result<u64, StepError> {
        Ok(events.min(LAST.saturating_sub(self.session()?.at)))
    }
}
