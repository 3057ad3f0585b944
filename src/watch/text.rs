//! What a viewer shows, as lines for people.

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::protocol::{Outcome, framing, json};
use crate::report::text::escape::{columns, escape_visible, shorten, wrap};
use crate::watch::shown::{Shown, State};

/// How wide the column of the names is: as wide as most of them.
const NAMES: usize = 22;

/// How much of a text is looked at where lines are not cut, in characters.
const MOST: usize = 2_000;

/// The lines of one run. Text of the server is escaped in them.
#[derive(Debug)]
pub struct Lines {
    width: usize,
    /// Whether events are cut at the width: a reader of a file has none.
    cuts: bool,
    /// What each line begins with, where there are several runs.
    label: String,
    told_run: bool,
    last: Option<u64>,
    events: u64,
}

impl Lines {
    /// The lines of a run that has this label, empty where there is only one run.
    #[must_use]
    pub fn new(width: usize, cuts: bool, label: &str) -> Self {
        Self {
            width: width.max(40),
            cuts,
            label: label.to_owned(),
            told_run: false,
            last: None,
            events: 0,
        }
    }

    /// The lines for what is shown, each with its end. `message` is the text that it came with.
    pub fn of(&mut self, shown: &Shown, run: Option<&str>, message: &str) -> String {
        let mut lines = String::new();
        if let Some(run) = run.filter(|_| !self.told_run) {
            self.told_run = true;
            lines += &self.said(Style::new().dimmed(), &format!("run {run}"));
        }
        lines + &self.line(shown, message)
    }

    fn line(&mut self, shown: &Shown, message: &str) -> String {
        match shown {
            Shown::Event { index, name, .. } => {
                self.last = Some(*index);
                self.events += 1;
                self.event(*index, name, message)
            }
            Shown::State(state) => self.state(state),
            Shown::Gap { first, last } if first == last => {
                self.said(yellow(), &format!("event {first} is missing"))
            }
            Shown::Gap { first, last } => {
                self.said(yellow(), &format!("events {first} to {last} are missing"))
            }
            Shown::Note(text) => self.said(Style::new().dimmed(), text),
        }
    }

    fn state(&self, state: &State) -> String {
        let (style, text) = match state {
            State::Live => (green(), "live".to_owned()),
            State::Away(why) => {
                let after = self.last.map(|index| format!(" after event {index}"));
                let after = after.unwrap_or_default();
                (yellow(), format!("away{after}: {why}"))
            }
            State::CatchingUp(None) => (yellow(), "catching up".to_owned()),
            State::CatchingUp(Some(1)) => (yellow(), "catching up: 1 event was missed".to_owned()),
            State::CatchingUp(Some(missed)) => (
                yellow(),
                format!("catching up: {missed} events were missed"),
            ),
            State::Paused => (
                yellow().bold(),
                "paused: the run waits for a person".to_owned(),
            ),
            State::Refused(why) => (red(), format!("refused: {why}")),
            State::Ended(outcome) => {
                let style = match outcome {
                    Outcome::Completed => green().bold(),
                    _ => red(),
                };
                let events = match self.events {
                    1 => "1 event".to_owned(),
                    events => format!("{events} events"),
                };
                (style, format!("{outcome}: {events} shown"))
            }
        };
        self.said(style, &text)
    }

    /// A sentence, in as many lines as it needs.
    fn said(&self, style: Style, text: &str) -> String {
        let text = escape_visible(text, MOST);
        let room = self.width - columns(&self.label).min(20) - 2;
        let lines = wrap(&text, room).into_iter().enumerate();
        lines
            .map(|(at, line)| {
                let mark = if at == 0 { "» " } else { "  " };
                format!("{}{style}{mark}{line}{style:#}\n", self.label)
            })
            .collect()
    }

    fn event(&self, index: u64, name: &str, message: &str) -> String {
        let text = format!(
            "{index:>5}  {:<NAMES$}  {}",
            escape_visible(name, MOST),
            what(message)
        );
        let text = match self.cuts {
            true => shorten(&text, self.width - columns(&self.label).min(20)),
            false => escape_visible(&text, MOST),
        };
        format!("{}{}\n", self.label, text.trim_end())
    }
}

/// What an event is about, in a few words: who, and what.
fn what(message: &str) -> String {
    let (_, text) = framing::unwrap(message);
    let Ok((Value::Object(fields), _)) = json::parse(&text) else {
        return String::new();
    };
    let first = |names: &[&str]| {
        let mut all = names.iter().filter_map(|name| fields.get(*name)?.as_str());
        all.find(|text| !text.is_empty()).unwrap_or_default()
    };
    let who = first(&["agent_name", "team_name", "step_name", "workflow_name"]);
    let what = first(&["content", "error", "reason"]);
    let words = match (who, what) {
        (who, "") => who.to_owned(),
        ("", what) => what.to_owned(),
        (who, what) => format!("{who}: {what}"),
    };
    escape_visible(&words, MOST)
}

fn green() -> Style {
    AnsiColor::Green.on_default()
}

fn yellow() -> Style {
    AnsiColor::Yellow.on_default()
}

fn red() -> Style {
    AnsiColor::Red.on_default().bold()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    fn event(index: u64, name: &str) -> Shown {
        Shown::Event {
            run: "r".into(),
            index,
            name: name.into(),
        }
    }

    #[test]
    fn a_person_reads_events_states_and_gaps() {
        let mut lines = Lines::new(60, true, "");
        let mut text = String::new();
        for (shown, message) in [
            (
                event(4, "RunContent"),
                "event: RunContent\ndata: {\"agent_name\": \"Researcher\", \"content\": \"t0\\n\"}\n\n",
            ),
            (Shown::State(State::Live), ""),
            (Shown::State(State::Away("it broke".into())), ""),
            (Shown::State(State::CatchingUp(Some(23))), ""),
            (Shown::Gap { first: 5, last: 6 }, ""),
            (event(7, "WorkflowCompleted"), "{\"content\": 5}"),
            (Shown::State(State::Ended(Outcome::Completed)), ""),
        ] {
            text += &lines.of(&shown, Some("r-1"), message);
        }
        assert_eq!(
            plain(&text),
            "» run r-1\n    4  RunContent              Researcher: t0␊\n» live\n\
             » away after event 4: it broke\n» catching up: 23 events were missed\n\
             » events 5 to 6 are missing\n    7  WorkflowCompleted\n» completed: 2 events shown\n"
        );
    }

    #[test]
    fn text_of_a_server_cannot_move_the_cursor_or_fill_the_screen() {
        let hostile = "\u{1b}[2J\u{202e}\r\n\u{7}".repeat(5_000);
        let message = serde_json::json!({ "content": hostile }).to_string();
        for cuts in [true, false] {
            let mut lines = Lines::new(80, cuts, "2 ");
            for shown in [
                event(0, &hostile),
                Shown::Note(hostile.clone()),
                Shown::State(State::Refused(hostile.clone())),
            ] {
                let text = lines.of(&shown, Some(&hostile), &message);
                let text = text.replace("\u{1b}[2m", "").replace("\u{1b}[0m", "");
                let text = text.replace("\u{1b}[1m\u{1b}[31m", "");
                let bad = text
                    .chars()
                    .find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
                assert_eq!(bad, None, "{text:?}");
                assert!(text.len() < 20_000, "{}", text.len());
                if cuts {
                    assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
                }
            }
        }
    }
}
