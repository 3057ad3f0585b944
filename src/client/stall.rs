//! How long the machine kept a runtime from running. Silence is measured without that time: a server is
//! not silent while this process could not have read anything.
//!
//! A task of the runtime ticks at short intervals. If a tick is late, every other task of that
//! runtime was as late, and a server in it too. The time lost this way does not count in
//! [`wait`](crate::client::wait). Each runtime is watched alone: a process with several of them, one a thread,
//! can stop one while the others run.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// The time between two ticks.
const PERIOD: Duration = Duration::from_millis(10);

/// How late a tick may be: timers are no more exact than that.
const TOLERANCE: Duration = PERIOD;

/// The runtimes that are watched.
static STATES: Mutex<Vec<(Id, State)>> = Mutex::new(Vec::new());

/// What is known of one runtime.
#[derive(Default)]
struct State {
    /// How many monitors there are. Each of them ticks, and no time is lost while any of them does.
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

fn states() -> MutexGuard<'static, Vec<(Id, State)>> {
    STATES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn state(states: &mut [(Id, State)], runtime: Id) -> Option<&mut State> {
    let mut all = states.iter_mut();
    all.find(|(id, _)| *id == runtime).map(|(_, state)| state)
}

/// What this runtime has lost until now. Nothing where it is not watched.
fn lost(runtime: Option<Id>, now: Instant) -> Duration {
    let mut states = states();
    runtime
        .and_then(|runtime| state(&mut states, runtime))
        .map_or(Duration::ZERO, |state| state.lost + state.late(now))
}

/// Ticks until it is dropped. Without any, no time is ever lost.
#[derive(Debug)]
pub struct StallMonitor {
    runtime: Id,
    task: JoinHandle<()>,
}

impl StallMonitor {
    /// Starts to tick. Must be called within a Tokio runtime.
    #[must_use]
    pub fn start() -> Self {
        let runtime = Handle::current().id();
        let mut states = states();
        if state(&mut states, runtime).is_none() {
            states.push((runtime, State::default()));
        }
        if let Some(state) = state(&mut states, runtime) {
            state.monitors += 1;
        }
        let task = tokio::spawn(async move {
            let mut ticks = interval(PERIOD);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                if let Some(state) = state(&mut self::states(), runtime) {
                    state.tick(Instant::now());
                }
            }
        });
        Self { runtime, task }
    }
}

impl Drop for StallMonitor {
    fn drop(&mut self) {
        self.task.abort();
        let mut states = states();
        if let Some(state) = state(&mut states, self.runtime) {
            state.monitors -= 1;
        }
        states.retain(|(_, state)| state.monitors > 0);
    }
}

/// Measures the time in which the runtime that it was started on could run.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    runtime: Option<Id>,
    began: Instant,
    lost: Duration,
}

impl Stopwatch {
    /// Begins now.
    #[must_use]
    pub fn start() -> Self {
        let began = Instant::now();
        let runtime = Handle::try_current().ok().map(|runtime| runtime.id());
        Self {
            runtime,
            began,
            lost: lost(runtime, began),
        }
    }

    /// The time since then without what was lost.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let now = Instant::now();
        let lost = lost(self.runtime, now).saturating_sub(self.lost);
        now.saturating_duration_since(self.began)
            .saturating_sub(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn after(pauses: &[Duration]) -> (State, Instant) {
        let mut state = State::default();
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
        let state = State::default();
        assert_eq!(state.late(Instant::now() + 500 * MS), Duration::ZERO);
    }

    /// A runtime that is blocked loses time though another one in the process runs on.
    #[test]
    fn each_runtime_is_watched_alone() {
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .expect("a runtime")
        };
        let (end, mut ended) = tokio::sync::oneshot::channel();
        let other = std::thread::spawn(move || {
            runtime().block_on(async {
                let _monitor = StallMonitor::start();
                let _ = (&mut ended).await;
            });
        });
        runtime().block_on(async {
            let _monitor = StallMonitor::start();
            let mut ticks = interval(PERIOD);
            for _ in 0..3 {
                ticks.tick().await;
            }
            let watch = Stopwatch::start();
            let began = std::time::Instant::now();
            while began.elapsed() < 20 * PERIOD {
                std::thread::yield_now();
            }
            assert!(watch.elapsed() < 10 * PERIOD, "{:?}", watch.elapsed());
        });
        end.send(()).expect("it still ticks");
        other.join().expect("it ended");
    }
}
