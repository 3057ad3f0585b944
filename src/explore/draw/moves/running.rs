//! Starting runs, and watching them.

use super::Move::{self, *};
use super::{LONG_TEXT, choice, events, numbered};
use crate::explore::dice::Dice;
use crate::explore::draw::sketch::Sketch;
use crate::explore::plan::Line;
use crate::protocol::Part;
use crate::target::Variant;

impl Move {
    pub(super) fn starting(self, now: &mut Sketch<'_>, dice: &mut Dice) -> Option<Line> {
        if self == HangUp {
            let viewer = now.one(dice, |it| it.streams > 0)?;
            let it = &mut now.viewers[viewer];
            it.streams = 0;
            return Some(Line::new("{viewer} has hung up over HTTP", [it.name]));
        }
        let part = match self {
            StartText => Part::Echoing,
            _ => *dice.weighted(&now.parts())?,
        };
        // The runs of another user are for that user alone.
        let viewer = match now.is(Variant::IsolatedUsers) {
            true => 0,
            false => now.anybody(dice)?,
        };
        let name = now.viewers[viewer].name.to_owned();
        let word = part.word().to_owned();
        let line = match self {
            StartText => {
                let long = dice.percent(30);
                let payload = match long {
                    true => LONG_TEXT.to_owned(),
                    false => choice(dice, "payload")?,
                };
                now.is_here(viewer);
                now.begins(viewer, part);
                now.runs.last_mut()?.long = long;
                return Some(Line::new(
                    "{viewer} has started a run that repeats {payload}",
                    [name, payload],
                ));
            }
            StartInSession => {
                let run = now.run(dice, |_| true)?;
                now.runs[run].over = true;
                Line::new(
                    "{viewer} has started a(n) {part} run in the session of run {int}",
                    [name, word, numbered(run)],
                )
            }
            StartOverHttp => {
                now.viewers[viewer].streams += 1;
                now.begins(viewer, part);
                return Some(Line::new(
                    "{viewer} has started a(n) {part} run over HTTP, which stops at once",
                    [name, word],
                ));
            }
            StartUnbegun => {
                now.comes(viewer, true);
                Line::new(
                    "{viewer} has started a(n) {part} run that stops before its first event",
                    [name, word],
                )
            }
            _ => Line::new("{viewer} has started a(n) {part} run", [name, word]),
        };
        now.is_here(viewer);
        now.begins(viewer, part);
        if self == StartInSession {
            // It does not stop.
            now.runs.last_mut()?.over = true;
        }
        Some(line)
    }

    pub(super) fn watching(self, now: &mut Sketch<'_>, dice: &mut Dice) -> Option<Line> {
        match self {
            Watch => {
                let (viewer, run) = now.watched(dice)?;
                let events = events(dice, now.runs[run].part);
                now.runs[run].events += events;
                let name = now.viewers[viewer].name.to_owned();
                Some(Line::new(
                    "{viewer} has watched run {int} for {int} more event(s)",
                    [name, numbered(run), events.to_string()],
                ))
            }
            WatchOut => {
                let (viewer, run) = now.watched(dice)?;
                now.runs[run].over = true;
                now.runs[run].seen = true;
                let name = now.viewers[viewer].name.to_owned();
                Some(Line::new(
                    "{viewer} has watched run {int} to its end or its pause",
                    [name, numbered(run)],
                ))
            }
            GoOn => {
                let run = now.run(dice, |it| !it.over)?;
                let events = events(dice, now.runs[run].part);
                now.runs[run].events += events;
                Some(Line::new(
                    "run {int} has gone on for {int} event(s)",
                    [numbered(run), events.to_string()],
                ))
            }
            LetGo => {
                let run = now.run(dice, |it| !it.over)?;
                let is_seen = now.watching().any(|(_, it)| it == run);
                now.runs[run].over = true;
                now.runs[run].seen |= is_seen;
                Some(Line::new(
                    "run {int} has gone on to its end",
                    [numbered(run)],
                ))
            }
            _ => {
                let viewer = now.one(dice, |it| it.here)?;
                let how = choice(dice, "disconnect")?;
                now.leaves(viewer, how.starts_with("silently"));
                let name = now.viewers[viewer].name.to_owned();
                Some(Line::new(
                    "{viewer} has disconnected {disconnect}",
                    [name, how],
                ))
            }
        }
    }
}
