//! How long the machine kept this process from running. Time limits do not count that time: a server is not
//! silent while this process could not have read anything.
//!
//! A task of the runtime ticks at short intervals. If a tick is late, every other task of the process was as
//! late, and the bundled server's too. The time that was lost this way does not count in
//! [`timer`](crate::client::timer) and [`wait`](crate::client::wait).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// The time between two ticks.
const PERIOD: Duration = Duration::from_millis(10);

/// How late a tick may be: timers are no more exact than that.
const TOLERANCE: Duration = PERIOD;

/// What is known of the whole process.
static STATE: Mutex<State> = Mutex::new(State {
    monitors: 0,
    last: None,
    lost: Duration::ZERO,
});

struct State {
    /// How many monitors there are. Time is only lost while there is one, and none of them ticks.
    monitors: usize,
    last: Option<Instant>,
    lost: Duration,
}

impl State {
    /// What has been lost since the last tick.
    fn late(&self, now: Instant) -> Duration {
        let since = self.last.map(|last| now.saturating_duration_since(last));
        since
            .filter(|since| *since > PERIOD + TOLERANCE)
            .map_or(Duration::ZERO, |since| since - PERIOD)
    }

    fn tick(&mut self, now: Instant) {
        self.lost += self.late(now);
        self.last = Some(now);
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ticks until it is dropped. Without any, no time is ever lost.
#[derive(Debug)]
pub struct StallMonitor(JoinHandle<()>);

impl StallMonitor {
    /// Starts to tick. Must be called within a Tokio runtime.
    #[must_use]
    pub fn start() -> Self {
        state().monitors += 1;
        Self(tokio::spawn(async {
            let mut ticks = interval(PERIOD);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                state().tick(Instant::now());
            }
        }))
    }
}

impl Drop for StallMonitor {
    fn drop(&mut self) {
        self.0.abort();
        let mut state = state();
        state.monitors -= 1;
        if state.monitors == 0 {
            state.last = None;
        }
    }
}

/// Measures the time in which this process could run.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    began: Instant,
    lost: Duration,
}

impl Stopwatch {
    /// Begins now.
    #[must_use]
    pub fn start() -> Self {
        let began = Instant::now();
        let state = state();
        Self {
            began,
            lost: state.lost + state.late(began),
        }
    }

    /// The time since then without what was lost.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let now = Instant::now();
        let lost = {
            let state = state();
            state.lost + state.late(now)
        };
        let lost = lost.saturating_sub(self.lost);
        now.saturating_duration_since(self.began)
            .saturating_sub(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn after(pauses: &[Duration]) -> (State, Instant) {
        let mut state = State {
            monitors: 1,
            last: None,
            lost: Duration::ZERO,
        };
        let mut now = Instant::now();
        state.tick(now);
        for pause in pauses {
            now += *pause;
            state.tick(now);
        }
        (state, now)
    }

    #[test]
    fn ticks_in_time_lose_nothing() {
        let (state, now) = after(&[10 * MS, 12 * MS, 20 * MS]);
        assert_eq!(state.lost, Duration::ZERO);
        assert_eq!(state.late(now + 19 * MS), Duration::ZERO);
    }

    #[test]
    fn a_late_tick_loses_all_but_one_period() {
        let (state, _) = after(&[10 * MS, 500 * MS, 10 * MS]);
        assert_eq!(state.lost, 490 * MS);
    }

    #[test]
    fn a_tick_that_is_still_to_come_has_lost_as_much() {
        let (mut state, now) = after(&[10 * MS]);
        let late = state.late(now + 300 * MS);
        state.tick(now + 300 * MS);
        assert_eq!((late, state.lost), (290 * MS, 290 * MS));
    }

    #[test]
    fn without_a_tick_nothing_is_lost() {
        let state = State {
            monitors: 0,
            last: None,
            lost: Duration::ZERO,
        };
        assert_eq!(state.late(Instant::now() + 500 * MS), Duration::ZERO);
    }
}
