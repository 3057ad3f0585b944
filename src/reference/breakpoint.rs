//! The handle that stops a run after an exact event. Nothing of it is on the wire.
//!
//! A run is known by the session id that the client names in `start-workflow`; breakpoints are set
//! before it starts. Where several runs have one session, the one that started last is meant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// The breakpoints of one server, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Breakpoints {
    sessions: Arc<Mutex<HashMap<String, watch::Sender<SessionState>>>>,
}

/// The state of the run of one session.
#[derive(Clone, Debug, Default)]
struct SessionState {
    run_id: Option<String>,
    /// The run stops once it has had so many events.
    stop_at: Option<u64>,
    /// How many events it has had.
    count: u64,
    ended: bool,
    /// How many connections have left that had started or watched it.
    departures: usize,
    /// How many returns to its runs have been answered, refusals included.
    returns: usize,
}

/// Why a run will not stop where it was expected.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotReached {
    /// The run ended before.
    #[error("the run of session `{session_id}` ended after {events} events")]
    Ended {
        /// The session.
        session_id: String,
        /// How many events the run had.
        events: u64,
    },
    /// The run had no breakpoint there, and went past.
    #[error("the run of session `{session_id}` went past: it has had {events} events")]
    Passed {
        /// The session.
        session_id: String,
        /// How many events the run has had.
        events: u64,
    },
}

impl Breakpoints {
    /// Stops the session's run right after the event with this index. Called again, it moves the
    /// breakpoint: the run goes on until there. One that the run is already past has no effect.
    ///
    /// Indices are the run's own, counted from 0, whatever a fault makes of them on the wire.
    pub fn set(&self, session_id: &str, after: u64) {
        self.stop_at(session_id, Some(after.saturating_add(1)));
    }

    /// Stops the session's run before its first event. [`Breakpoints::run_of`] has its id.
    pub fn set_before_first(&self, session_id: &str) {
        self.stop_at(session_id, Some(0));
    }

    /// Lets the session's run go on to its end.
    pub fn clear(&self, session_id: &str) {
        self.stop_at(session_id, None);
    }

    /// Resolves once the run has stopped after the event with this index. Waits for as long as that
    /// takes, also for a run that has not started: put a deadline around it.
    ///
    /// # Errors
    ///
    /// [`NotReached::Ended`] where the run ended before the index, or without stopping there;
    /// [`NotReached::Passed`] where it went past.
    pub async fn reached(&self, session_id: &str, after: u64) -> Result<(), NotReached> {
        self.reached_at(session_id, after.saturating_add(1)).await
    }

    /// Resolves once the run has started and stopped before its first event. Put a deadline around
    /// it.
    ///
    /// # Errors
    ///
    /// Those of [`Breakpoints::reached`].
    pub async fn reached_before_first(&self, session_id: &str) -> Result<(), NotReached> {
        self.reached_at(session_id, 0).await
    }

    /// Resolves once the session's run has ended, or was stopped by a fault. Put a deadline around
    /// it.
    pub async fn ended(&self, session_id: &str) {
        let mut state = self.session(session_id).subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = state.wait_for(|state| state.ended).await;
    }

    /// How many connections have left, as far as the server knows, that had started or watched runs
    /// of the session.
    #[must_use]
    pub fn departures(&self, session_id: &str) -> usize {
        self.session(session_id).borrow().departures
    }

    /// Resolves once the server knows of so many departures. Put a deadline around it: a viewer who
    /// disconnects silently is still there for the server.
    pub async fn departed(&self, session_id: &str, departures: usize) {
        let mut state = self.session(session_id).subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = state.wait_for(|state| state.departures >= departures).await;
    }

    /// Resolves once so many returns to runs of the session have been answered; the answers themselves
    /// may still be on its way. Put a deadline around it.
    pub async fn returned(&self, session_id: &str, returns: usize) {
        let mut state = self.session(session_id).subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = state.wait_for(|state| state.returns >= returns).await;
    }

    /// How many returns to runs of the session have been answered.
    #[must_use]
    pub fn returns(&self, session_id: &str) -> usize {
        self.session(session_id).borrow().returns
    }

    /// The workflow's run id of the session's run, once it has started.
    #[must_use]
    pub fn run_of(&self, session_id: &str) -> Option<String> {
        self.session(session_id).borrow().run_id.clone()
    }

    /// A run begins. It ends when this is dropped.
    pub(crate) fn enter(&self, session_id: &str, run_id: &str) -> RunStops {
        let state = self.session(session_id);
        state.send_modify(|state| {
            state.run_id = Some(run_id.into());
            state.count = 0;
            state.ended = false;
        });
        RunStops {
            state,
            run_id: run_id.into(),
        }
    }

    /// A connection has left that had started or watched the session's run.
    pub(crate) fn depart(&self, session_id: &str) {
        self.session(session_id)
            .send_modify(|state| state.departures += 1);
    }

    /// A return to a run of the session has been answered.
    pub(crate) fn answer(&self, session_id: &str) {
        self.session(session_id)
            .send_modify(|state| state.returns += 1);
    }

    fn stop_at(&self, session_id: &str, count: Option<u64>) {
        self.session(session_id)
            .send_modify(|state| state.stop_at = count);
    }

    async fn reached_at(&self, session_id: &str, count: u64) -> Result<(), NotReached> {
        let mut state = self.session(session_id).subscribe();
        let stopped = |state: &SessionState| {
            let here = state.run_id.is_some() && !state.ended;
            here && state.count == count && state.stop_at == Some(count)
        };
        let seen = state
            .wait_for(|state| stopped(state) || state.ended || state.count > count)
            .await;
        let Ok(seen) = seen else {
            return Ok(()); // cannot happen: `self` keeps the sender
        };
        let (session_id, events) = (session_id.to_owned(), seen.count);
        if stopped(&seen) {
            Ok(())
        } else if seen.ended {
            Err(NotReached::Ended { session_id, events })
        } else {
            Err(NotReached::Passed { session_id, events })
        }
    }

    fn session(&self, session_id: &str) -> watch::Sender<SessionState> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.entry(session_id.into()).or_default().clone()
    }
}

/// Where one run reports its events, and stops.
pub(crate) struct RunStops {
    state: watch::Sender<SessionState>,
    run_id: String,
}

impl RunStops {
    /// Notes that the run has had so many events, and waits while it has a breakpoint there.
    pub(crate) async fn pass(&self, count: u64) {
        self.update(|state| state.count = count);
        let mut state = self.state.subscribe();
        let _ = state
            .wait_for(|state| {
                state.run_id.as_deref() != Some(&self.run_id) || state.stop_at != Some(count)
            })
            .await;
    }

    fn update(&self, change: impl FnOnce(&mut SessionState)) {
        self.state.send_if_modified(|state| {
            let mine = state.run_id.as_deref() == Some(&self.run_id);
            if mine {
                change(state);
            }
            mine
        });
    }
}

impl Drop for RunStops {
    fn drop(&mut self) {
        self.update(|state| state.ended = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of five events.
    async fn play(run: RunStops) {
        for count in 0..=5 {
            run.pass(count).await;
        }
    }

    #[tokio::test]
    async fn a_run_stops_at_its_breakpoint_and_goes_on_when_that_moves() {
        let breakpoints = Breakpoints::default();
        breakpoints.set("s", 1);
        assert_eq!(breakpoints.run_of("s"), None);
        let run = tokio::spawn(play(breakpoints.enter("s", "r")));
        assert_eq!(breakpoints.reached("s", 1).await, Ok(()));
        assert_eq!(breakpoints.run_of("s").as_deref(), Some("r"));
        breakpoints.set("s", 3);
        assert_eq!(breakpoints.reached("s", 3).await, Ok(()));
        assert!(matches!(
            breakpoints.reached("s", 1).await,
            Err(NotReached::Passed { events: 4, .. })
        ));
        breakpoints.clear("s");
        run.await.expect("the run ends");
        breakpoints.ended("s").await;
    }

    #[tokio::test]
    async fn a_run_can_stop_before_its_first_event() {
        let breakpoints = Breakpoints::default();
        breakpoints.set_before_first("s");
        let run = tokio::spawn(play(breakpoints.enter("s", "r")));
        assert_eq!(breakpoints.reached_before_first("s").await, Ok(()));
        breakpoints.clear("s");
        run.await.expect("the run ends");
    }

    #[tokio::test]
    async fn a_run_that_ends_before_is_an_error() {
        let breakpoints = Breakpoints::default();
        breakpoints.set("s", 9);
        play(breakpoints.enter("s", "r")).await;
        let error = breakpoints.reached("s", 9).await.expect_err("ended");
        assert_eq!(
            error.to_string(),
            "the run of session `s` ended after 5 events"
        );
    }

    #[tokio::test]
    async fn departures_are_counted_by_session() {
        let breakpoints = Breakpoints::default();
        breakpoints.depart("s");
        breakpoints.depart("t");
        breakpoints.depart("s");
        breakpoints.departed("s", 2).await;
        assert_eq!(
            (breakpoints.departures("s"), breakpoints.departures("t")),
            (2, 1)
        );
    }

    #[tokio::test]
    async fn returns_are_counted_by_session() {
        let breakpoints = Breakpoints::default();
        breakpoints.answer("s");
        breakpoints.returned("s", 1).await;
        assert_eq!((breakpoints.returns("s"), breakpoints.returns("t")), (1, 0));
    }

    #[tokio::test]
    async fn other_sessions_do_not_stop() {
        let breakpoints = Breakpoints::default();
        breakpoints.set("s", 1);
        play(breakpoints.enter("t", "r")).await;
        breakpoints.ended("t").await;
    }
}
