//! Whether the server has started a run yet: if it refuses the first one, it will refuse all.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// The first start of a run: taken, or refused.
#[derive(Debug, Default)]
pub struct FirstStart {
    taken: AtomicBool,
    refused: watch::Sender<Option<String>>,
}

impl FirstStart {
    /// Notes that the server started a run.
    pub fn taken(&self) {
        self.taken.store(true, Ordering::Relaxed);
    }

    /// Notes that the server refused to start a run, if it has not started one before.
    pub fn refused(&self, sentence: &str) {
        if !self.taken.load(Ordering::Relaxed) {
            self.refused.send_replace(Some(sentence.to_owned()));
        }
    }

    /// Resolves when the first start was refused, with the sentence.
    pub async fn refusal(&self) -> String {
        let mut refused = self.refused.subscribe();
        match refused.wait_for(Option::is_some).await {
            Ok(sentence) => sentence.clone().unwrap_or_default(),
            // The sender is part of this.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn only_the_first_start_ends_the_run() {
        let first = FirstStart::default();
        assert_eq!(first.refusal().now_or_never(), None);
        first.refused("no such workflow");
        assert_eq!(
            first.refusal().now_or_never().as_deref(),
            Some("no such workflow")
        );
        let later = FirstStart::default();
        later.taken();
        later.refused("no such workflow");
        assert_eq!(later.refusal().now_or_never(), None);
    }
}
