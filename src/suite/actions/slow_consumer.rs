//! Viewers who do not read, or read slowly.

use std::time::Duration;

use futures::future::join_all;

use super::shared::{TOO_MANY, caught_up, event_of, in_the_record, reconnect, return_to, too_many};
use crate::client::{Reading, RecvBuffer, timer};
use crate::protocol::{Part, Position};
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::{Disconnect, EntryKind};

/// How long they fill at least where the run can be stopped: longer than VIEWERS-4 asks for.
const FILLING: Duration = Duration::from_millis(300);

/// The most replays that are asked for to fill the buffers.
const REPLAYS: u64 = 1000;

/// The event after which the run stops while the buffers fill, where it can be stopped.
const MEANWHILE: u64 = 4;

/// The viewers who return at once, and read slowly.
const SLOW: [&str; 3] = ["Ben", "Cleo", "Dan"];

/// How many events happen before they have read what was missed, where the run can be stopped.
const PASSING: u64 = 12;

impl World {
    /// Starts the run that has ended again. Another viewer returns to it, stops reading, and asks for the
    /// replay of the first one so often that the answers do not fit into the buffers.
    pub async fn join_and_stop_reading(
        &mut self,
        name: &str,
        other: &str,
    ) -> Result<(), StepError> {
        let before = self.current_run()?;
        self.viewer(name).leave(Disconnect::Close).await;
        let run = self.start(name, Part::Long, Some(MEANWHILE)).await?;
        self.reach_breakpoint().await?;
        let viewer = self.viewer(other);
        viewer.take_line(RecvBuffer::Slow);
        viewer.connect().await?;
        reconnect(viewer, &run, Position::Null).await?;
        self.fill_unread(other, &before).await?;
        self.release(&run);
        Ok(())
    }

    /// Starts the run that has ended again, which another viewer joins. Then the one who started it stops
    /// reading, likewise.
    pub async fn start_and_stop_reading(
        &mut self,
        name: &str,
        other: &str,
    ) -> Result<(), StepError> {
        let before = self.current_run()?;
        let viewer = self.viewer(name);
        viewer.leave(Disconnect::Close).await;
        viewer.take_line(RecvBuffer::Slow);
        let run = self.start(name, Part::Long, Some(MEANWHILE)).await?;
        self.reach_breakpoint().await?;
        self.return_to_run(other, PositionArg::Null).await?;
        self.fill_unread(name, &before).await?;
        self.release(&run);
        Ok(())
    }

    /// Stops reading, and asks for the replay of a run so often that the answers do not fit into the
    /// buffers.
    async fn fill_unread(&mut self, name: &str, before: &CurrentRun) -> Result<(), StepError> {
        let too_many = too_many(&self.environment);
        // Replayed, an event is a little shorter than at first.
        let replays = too_many / (self.bytes_of(before) * 3 / 4).max(1) + 1;
        let timing = self.environment.plan.timing;
        let filling = match self.environment.breakpoints {
            Some(_) => timing.quiet.max(FILLING),
            None => timing.away,
        };
        let viewer = self.viewer(name);
        viewer.read(Reading::Not { too_many }).await?;
        for _ in 0..replays.min(REPLAYS) {
            viewer.say(return_to(before, Position::Null)).await?;
        }
        timer::away(filling).await;
        Ok(())
    }

    /// Several others return at once, with small buffers, and read slowly. Where the run can be stopped, it
    /// goes on before any of them reads what was missed.
    pub async fn several_return_slowly(&mut self) -> Result<(), StepError> {
        let run = self.current_run()?;
        let breakpoints = self.environment.breakpoints.clone();
        let at_first = match breakpoints {
            Some(_) => Reading::Not { too_many: TOO_MANY },
            None => Reading::Slowly,
        };
        let before = breakpoints.as_ref().map(|it| it.returns(&run.session_id));
        for name in SLOW {
            let viewer = self.viewer(name);
            viewer.take_line(RecvBuffer::Slow);
            viewer.connect().await?;
            viewer.read(at_first).await?;
        }
        let mut asked = Vec::new();
        for name in SLOW {
            let said = self.viewer(name).say(return_to(&run, Position::Null));
            asked.push((name, said.await?));
        }
        if let (Some(breakpoints), Some(before), Some(after)) =
            (breakpoints, before, run.breakpoint)
        {
            let limit = self.environment.plan.timing.step;
            let answered = breakpoints.returned(&run.session_id, before + SLOW.len());
            // A server that never answers is for the checks.
            let _ = timer::within(limit, answered).await;
            self.move_breakpoint(&run, after + PASSING);
            self.reach_breakpoint().await?;
            for name in SLOW {
                self.viewer(name).read(Reading::Slowly).await?;
            }
        }
        let catching_up = asked.iter().filter_map(|(name, asked)| {
            let viewer = self.viewers.get(*name)?;
            Some(caught_up(viewer, &run, *asked))
        });
        for caught_up in join_all(catching_up).await {
            caught_up?;
        }
        for name in SLOW {
            // Over HTTP the stream may be at its end.
            in_the_record(self.viewer(name).read(Reading::Freely).await)?;
        }
        Ok(())
    }

    /// Watches the run to its ending, if that comes; then the other reads on, and so does the run.
    pub async fn to_the_end_beside(&mut self, name: &str, other: &str) -> Result<(), StepError> {
        self.to_the_end_if_it_comes(name).await?;
        in_the_record(self.viewer(other).read(Reading::Freely).await)?;
        // Until nothing more comes is not enough: a sender that stood still tries again only after seconds.
        self.to_the_end_if_it_comes(other).await?;
        self.watch_quiet(other).await?;
        self.to_the_end_if_it_comes(name).await
    }

    /// How many bytes the messages of a run have.
    fn bytes_of(&self, run: &CurrentRun) -> u64 {
        let mut bytes = 0;
        self.recorder.look(0, |entry| {
            if event_of(entry, &run.run_id).is_some()
                && let EntryKind::Received { text, .. } = &entry.what
            {
                bytes += text.len() as u64;
            }
            None::<()>
        });
        bytes
    }
}
