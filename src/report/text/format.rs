//! Small words that all reports share.

use std::time::Duration;

use crate::report::model::run::Verdict;
use crate::report::text::escape::escape_visible;
use crate::transcript::What;

/// The longest text of a message that is shown whole, in columns.
const LONGEST_MESSAGE: usize = 300;

/// The mark of a verdict, which every colour goes with.
pub(crate) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "✔",
        Verdict::Broken => "✘",
        Verdict::CannotTell => "?",
        Verdict::NotApplicable => "–",
    }
}

/// `1 scenario`, `2 scenarios`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `0.4 s`, `2 min 5 s`.
pub(crate) fn seconds(milliseconds: u64) -> String {
    let took = Duration::from_millis(milliseconds);
    match took.as_secs() {
        0..60 => format!("{:.1} s", took.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// What happened, beginning with an arrow or a dot and a space.
pub(crate) fn said(what: &What) -> String {
    let show = |text: &str| escape_visible(text, LONGEST_MESSAGE);
    match what {
        What::Opened => "· the connection opened".to_owned(),
        What::NotOpened(reason) => format!("· no connection: {}", show(reason)),
        What::Sent { text, .. } => format!("→ {}", show(text)),
        What::Received { text, .. } => format!("← {}", show(&text.read())),
        What::SentBinary(length) => format!("→ a binary message of {length} bytes"),
        What::ReceivedBinary(length) => format!("← a binary message of {length} bytes"),
        What::Left(leaving) => format!("· left {}", leaving.word()),
        What::CloseReceived { code, reason } => {
            let code = code.map_or_else(|| "without a code".to_owned(), |code| code.to_string());
            format!("← close {code} {}", show(reason))
                .trim_end()
                .to_owned()
        }
        What::Ended(None) => "· the connection ended".to_owned(),
        What::Ended(Some(how)) => format!("· the connection ended: {}", show(how)),
        What::GaveUp { waiting_for, after } => {
            let after = after.as_secs_f64();
            format!("· waited {after:.1} s in vain for {}", show(waiting_for))
        }
        What::Watched(lasted) => format!("· watched for {:.1} s", lasted.as_secs_f64()),
        What::Asked {
            method,
            path,
            with_token,
        } => format!(
            "→ HTTP {} {}{}",
            show(method),
            show(path),
            if *with_token { "" } else { " (no token)" }
        ),
        What::Answered { status, text } => format!("← HTTP {status} {}", show(text)),
        What::NotAnswered(reason) => format!("· no answer over HTTP: {}", show(reason)),
        What::StopsReading { .. } => "· stopped reading".to_owned(),
        What::ReadsOn => "· read on".to_owned(),
        What::LeftOut(what) => format!("· {}", show(what)),
        What::Held { after, .. } => format!("· the run stands still after event {after}"),
        What::Released { .. } => "· the run goes on".to_owned(),
        What::AtAnotherReplica => "· at another replica of the server".to_owned(),
        What::ComesAs { user } => format!("· comes as {}", show(user)),
        What::Plays { workflow_id, part } => {
            format!("· the workflow {} is the {part} one", show(workflow_id))
        }
        What::Keeps { events } => format!("· the server keeps {events} events of a run"),
        What::Forgot { .. } => "· the server dropped the run from its memory".to_owned(),
        What::Restarted => "· the server was restarted".to_owned(),
    }
}
