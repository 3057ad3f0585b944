//! The labels of the timeline: what things are called in few words, and where there is room for that.

use std::time::Duration;

use maud::{Markup, html};

use crate::protocol::{Action, Control, Position};
use crate::report::render::html::format::{lasted, show_within};
use crate::report::render::html::timeline::scale::{WIDTH, px};
use crate::transcript::{Disconnect, Entry, EntryKind};

/// How wide a letter of a label is, roughly.
pub(crate) const LETTER: f64 = 6.3;
/// The longest word of a server's that is shown whole.
pub(crate) const LONGEST: usize = 28;
/// The heights of labels, above the lane and below it.
pub(crate) const ABOVE: [f64; 3] = [-13.0, -25.0, -37.0];
pub(crate) const BELOW: [f64; 2] = [19.0, 30.0];

/// Labels that do not overlap.
pub(crate) struct Labels<const N: usize> {
    levels: [f64; N],
    /// For each level, where the last one ends.
    ends: [f64; N],
}

impl<const N: usize> Labels<N> {
    pub(crate) fn new(levels: [f64; N]) -> Self {
        let ends = [f64::MIN; N];
        Self { levels, ends }
    }

    /// The label, if there is room for it.
    pub(crate) fn place(&mut self, x: f64, y: f64, text: &str) -> Markup {
        let wide = text.chars().count() as f64 * LETTER;
        // What would run out of the picture goes left of its place.
        let left = if x + wide > WIDTH { x - wide } else { x };
        let Some(level) = self.ends.iter().position(|end| *end < left) else {
            return html! {};
        };
        self.ends[level] = left + wide + 6.0;
        html! { text.label x=(px(left)) y=(px(y + self.levels[level])) { (text) } }
    }
}

/// A control message, with its most important number.
pub(crate) fn heard(entry: &Entry) -> Option<String> {
    let message = entry.message()?;
    if message.event().is_some() {
        return None;
    }
    let name = show_within(message.name(), LONGEST);
    let number = match message.control() {
        Some(Control::CatchUp { missed_events, .. }) => *missed_events,
        Some(Control::Replay { total_events, .. }) => *total_events,
        _ => None,
    };
    Some(number.map_or_else(|| name.clone(), |number| format!("{name} {number}")))
}

pub(crate) fn sent(entry: &Entry) -> Option<String> {
    Some(match &entry.what {
        EntryKind::Sent { action, .. } => match &**action {
            Action::Authenticate { .. } => "authenticate".to_owned(),
            Action::Ping => "ping".to_owned(),
            Action::Start { .. } => "start-workflow".to_owned(),
            Action::Reconnect { position, .. } => match position {
                Position::At(index) => format!("reconnect, seen to {index}"),
                Position::Null | Position::Absent => "reconnect, nothing seen".to_owned(),
                Position::Odd(_) => "reconnect, odd position".to_owned(),
            },
            Action::Continue { .. } => "continue-workflow".to_owned(),
            Action::Other(_) => "no request".to_owned(),
        },
        EntryKind::SentBinary(_) => "binary".to_owned(),
        _ => return None,
    })
}

pub(crate) fn waited(entry: &Entry) -> Option<(Duration, String)> {
    match &entry.what {
        EntryKind::TimedOut { after, .. } => {
            Some((*after, format!("timed out after {}", lasted(*after))))
        }
        EntryKind::Watched(after) => Some((*after, format!("silence for {}", lasted(*after)))),
        _ => None,
    }
}

pub(crate) fn over(entry: &Entry) -> Option<String> {
    Some(match &entry.what {
        EntryKind::Disconnected(Disconnect::Close) => "left".to_owned(),
        EntryKind::Disconnected(Disconnect::Reset) => "cut off".to_owned(),
        EntryKind::Disconnected(disconnect) => format!("left {}", disconnect.word()),
        EntryKind::CloseReceived { code, .. } => {
            let code = code.map_or_else(String::new, |code| format!(" {code}"));
            format!("closed by the server{code}")
        }
        EntryKind::StreamEnded { .. } => "stream ended".to_owned(),
        EntryKind::Refused { status, .. } => format!("refused: {status}"),
        EntryKind::Ended(_) => "connection lost".to_owned(),
        EntryKind::NotOpened(_) => "no connection".to_owned(),
        _ => return None,
    })
}
