//! What a viewer sends over HTTP.

use crate::client::http::{Answer, Ask, Site, beginning};
use crate::client::stall::Stopwatch;
use crate::client::viewer::Viewer;
use crate::transcript::EntryKind;

impl Viewer {
    /// Sends a request over HTTP, and records it and its answer. `None` if no answer came.
    pub async fn ask(&self, site: &Site, ask: &Ask) -> Option<Answer> {
        self.record_asked(ask);
        let watch = Stopwatch::start();
        let answer = self.masked(site.ask(ask).await);
        if answer.is_ok() {
            self.recorder.used(watch.elapsed(), "an answer over HTTP");
        }
        self.record_answer(&answer);
        answer.ok()
    }

    /// Like [`Viewer::ask`], for an answer that may be a stream: returns after its first event. The stream is
    /// read until [`Viewer::hang_up`].
    pub async fn begin(&mut self, site: &Site, ask: &Ask) -> Option<Answer> {
        self.record_asked(ask);
        let (answer, stream) = match site.begin(ask).await {
            Ok((answer, stream)) => (Ok(answer), stream),
            Err(reason) => (Err(reason), None),
        };
        let answer = self.masked(answer);
        self.record_answer(&answer);
        self.streams.extend(stream);
        answer.ok()
    }

    /// Disconnects every stream over HTTP.
    pub fn hang_up(&mut self) {
        self.streams.clear();
    }

    fn record_asked(&self, ask: &Ask) {
        let asked = EntryKind::HttpRequest {
            method: ask.method.to_string(),
            path: self.recorder.mask(&ask.path).into_owned(),
            with_token: ask.token.is_some(),
        };
        self.recorder.record(&self.name, 0, asked);
    }

    /// The answer with its secrets masked: error texts quote it.
    fn masked(&self, answer: Result<Answer, String>) -> Result<Answer, String> {
        let mask = |text: String| self.recorder.mask(&text).into_owned();
        match answer {
            Ok(Answer { status, text }) => Ok(Answer {
                status,
                text: mask(text),
            }),
            Err(reason) => Err(mask(reason)),
        }
    }

    fn record_answer(&self, answer: &Result<Answer, String>) {
        let what = match answer {
            Ok(answer) => EntryKind::HttpResponse {
                status: answer.status,
                text: beginning(&answer.text).to_owned(),
            },
            Err(reason) => EntryKind::HttpFailed(reason.clone()),
        };
        self.recorder.record(&self.name, 0, what);
    }
}
