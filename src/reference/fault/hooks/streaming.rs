//! Answers over HTTP that are streams, and what is asked beside them.

use serde_json::Value;

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;
use crate::reference::model::run::Run;
use crate::reference::model::status::Status;
use crate::reference::model::watchers::Role;

/// A separator of lines that no line of a stream ends with.
const LINE_SEPARATOR: char = '\u{2028}';

impl Faults {
    /// Whether a stream says nothing, not even a comment, while nothing happens.
    pub fn says_nothing_meanwhile(&self) -> bool {
        self.has(Fault::StreamSilent)
    }

    /// The text of a server-sent event, as it is sent; `of_return` where it goes to a viewer who returned.
    pub fn on_stream(&self, text: String, of_return: bool) -> String {
        match self.has(Fault::StreamSeparatorEndsLine) && !of_return {
            true => text.replace(LINE_SEPARATOR, "\n"),
            false => text,
        }
    }

    /// Whether a stream stays open although its run has ended.
    pub fn keeps_streams_open(&self) -> bool {
        self.has(Fault::StreamStaysOpen)
    }

    /// A stream of a run ends because its client leaves. Gives whether the run is gone with it.
    pub fn on_leave_stream(&self, run: &mut Run, connection: u64) -> bool {
        let watching = run.watchers.on(connection).filter(|it| it.over_http);
        let role = watching.map(|it| it.role);
        let under_way = run.status == Status::Running;
        run.cancelled |=
            under_way && role == Some(Role::Returned) && self.has(Fault::StreamLeavingCancels);
        let streamed = role == Some(Role::Continuing) && !run.past.unstreamed;
        under_way && streamed && self.has(Fault::ContinueLeavingStops)
    }

    /// Whether what happens after a pause is kept, where the answer to it is no stream.
    pub fn keeps_unstreamed(&self) -> bool {
        !self.has(Fault::ContinueUnstreamedLost)
    }

    /// How a run is, as `GET` tells it; `list` is the field with what it waits for.
    pub fn on_state(&self, run: &Run, list: &str, state: &mut Value) {
        if self.has(Fault::QuestionMissing) && run.status == Status::Paused {
            state[list] = Value::Null;
        }
        if self.has(Fault::StateShowsRunning) && run.status.is_over() {
            state["status"] = Status::Running.word().into();
        }
    }
}
