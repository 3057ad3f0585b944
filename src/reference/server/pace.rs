//! The time between two events of a run.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// The time between two events of a run.
#[derive(Clone, Copy)]
pub(crate) struct Pace(pub(crate) Duration);

impl Pace {
    /// No time at all.
    pub(crate) const NONE: Self = Self(Duration::ZERO);

    /// The clock of a run that begins now. Its first event is due at once.
    pub(crate) fn start(self) -> RunClock {
        let ticks = (!self.0.is_zero()).then(|| {
            let mut ticks = interval(self.0);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        RunClock(ticks)
    }
}

/// The clock of one run.
pub(crate) struct RunClock(Option<Interval>);

impl RunClock {
    /// Lets so much time pass.
    pub(crate) async fn rest(&mut self, lasting: Duration) {
        if !lasting.is_zero() {
            tokio::time::sleep(lasting).await;
        }
    }

    /// Waits until the next event is due.
    pub(crate) async fn next(&mut self) {
        match &mut self.0 {
            Some(ticks) => drop(ticks.tick().await),
            None => tokio::task::yield_now().await,
        }
    }
}
