//! Runs that came to their end, as a yardstick for others of the same workflow.

use std::collections::HashMap;
use std::time::Duration;

use crate::protocol::Action;
use crate::trace::subscription::{Origin, Subscription};
use crate::transcript::entry::Entry;

/// A run that was watched from its start to its ending.
#[derive(Clone, Copy, Debug)]
pub struct Yardstick<'t> {
    /// The request that started it.
    pub request: &'t Entry,
    /// Its ending.
    pub ending: &'t Entry,
}

impl Yardstick<'_> {
    /// How long it took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.ending.at().saturating_sub(self.request.at())
    }
}

/// By workflow and message: the last run that was watched to its ending.
pub(super) fn find<'t>(subscriptions: &[Subscription<'t>]) -> HashMap<String, Yardstick<'t>> {
    let mut last = HashMap::new();
    for start in subscriptions
        .iter()
        .filter(|it| it.origin == Origin::Started)
    {
        let ending = start.deliveries.iter().find(|it| it.is_final());
        if let Some((ending, of)) = ending.zip(asked(start)) {
            let yardstick = Yardstick {
                request: start.request,
                ending: ending.entry,
            };
            last.insert(of, yardstick);
        }
    }
    last
}

/// The workflow that a start asks for, with the message.
pub(super) fn asked(start: &Subscription<'_>) -> Option<String> {
    match start.request.action()? {
        Action::Start {
            workflow_id,
            message,
            ..
        } => Some(format!("{workflow_id:?} {message}")),
        _ => None,
    }
}
