//! Why a step ends its scenario early.
//!
//! Cucumber knows a failed step by its panic alone, so a step error travels as the payload of an
//! unwinding that calls no panic hook: nothing is printed for it.

use std::any::Any;
use std::cell::Cell;
use std::panic::{resume_unwind, set_hook};

use crate::client::ViewerError;

/// Why a step ends its scenario early. No step judges: a failed requirement is for the checks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StepError {
    /// The step could not do what it says.
    #[error("{0}")]
    Inconclusive(String),
    /// The target declares that it has no such ability, or no workflow for the part.
    #[error("{0}")]
    NotApplicable(String),
    /// The suite's own fault.
    #[error("{0}")]
    Suite(String),
}

thread_local! {
    /// Where this thread panicked last.
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Makes every panic from now on note its place, and print nothing.
pub(super) fn note_panics() {
    set_hook(Box::new(|panic| {
        PLACE.set(panic.location().map(ToString::to_string));
    }));
}

impl StepError {
    /// Ends the step that cucumber is running.
    pub(super) fn throw(self) -> ! {
        resume_unwind(Box::new(self))
    }

    /// Returns what `StepError::throw` threw. Any other panic is the suite's own fault.
    #[must_use]
    pub fn caught(panic: &(dyn Any + Send)) -> Self {
        panic
            .downcast_ref::<Self>()
            .cloned()
            .unwrap_or_else(|| Self::Suite(message(panic)))
    }
}

/// The message of a panic, with its place where that was noted.
#[must_use]
pub fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panic with a non-string payload");
    match PLACE.take() {
        Some(place) => format!("{text} ({place})"),
        None => text.to_owned(),
    }
}

impl From<ViewerError> for StepError {
    fn from(error: ViewerError) -> Self {
        match error {
            ViewerError::NotHere(_) => Self::Suite(error.to_string()),
            ViewerError::NoSuchRequest { .. } => Self::NotApplicable(error.to_string()),
            _ if is_no_connection(&error) => Self::Inconclusive(format!("{error}; {FEWER}")),
            _ => Self::Inconclusive(error.to_string()),
        }
    }
}

/// What to try where a connection did not come about: the first one did, before all scenarios.
const FEWER: &str = "if the server allows only so many connections at once, use --concurrency 1";

/// Whether the server let the viewer in no further than its first one before.
fn is_no_connection(error: &ViewerError) -> bool {
    match error {
        ViewerError::NotConnected(_) => true,
        ViewerError::Lost { trouble, .. } | ViewerError::Cut { trouble, .. } => {
            trouble.contains("the greeting")
        }
        _ => false,
    }
}

/// Held by each test that sets the panic hook of the process, or whose run does.
#[cfg(test)]
pub(super) static HOOK: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(test)]
mod tests {
    use std::panic::{catch_unwind, take_hook};

    use std::sync::PoisonError;

    use super::*;

    thread_local! {
        static HOOKS: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn a_connection_that_does_not_come_about_gets_the_hint_to_use_fewer() {
        let cut = |trouble: &str| ViewerError::Cut {
            viewer: "Ada".into(),
            trouble: trouble.to_owned(),
            how: "the connection ended".to_owned(),
        };
        let hinted = |error: ViewerError| {
            StepError::from(error)
                .to_string()
                .contains("--concurrency 1")
        };
        assert!(hinted(cut("was waiting for the greeting when")));
        assert!(!hinted(cut("was waiting for the ending of the run when")));
    }

    #[test]
    fn a_step_error_arrives_as_it_was_thrown_and_calls_no_panic_hook() {
        let _alone = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            HOOKS.set(HOOKS.get() + 1);
            before(panic);
        }));
        for error in [
            StepError::Inconclusive("the suite's own fault: not really".to_owned()),
            StepError::NotApplicable("no part".to_owned()),
            StepError::Suite("index out of bounds".to_owned()),
        ] {
            let thrown = error.clone();
            let caught = catch_unwind(move || thrown.throw()).expect_err("a step error");
            assert_eq!(StepError::caught(&*caught), error);
        }
        assert_eq!(HOOKS.get(), 0);
        let text: Box<dyn Any + Send> = Box::new("index out of bounds");
        assert_eq!(
            StepError::caught(&*text),
            StepError::Suite("index out of bounds".to_owned())
        );
        let other: Box<dyn Any + Send> = Box::new(7);
        let expected = "panic with a non-string payload";
        assert_eq!(
            StepError::caught(&*other),
            StepError::Suite(expected.to_owned())
        );
    }
}
