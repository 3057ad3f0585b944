//! Returning to runs.

use super::Move::{self, *};
use super::{choice, events, numbered, position};
use crate::explore::dice::Dice;
use crate::explore::draw::sketch::Sketch;
use crate::explore::plan::Line;

impl Move {
    pub(super) fn returning(self, now: &mut Sketch<'_>, dice: &mut Dice) -> Option<Line> {
        if self == ToOtherReplica {
            let viewer = now.one(dice, |it| !it.here)?;
            now.comes(viewer, true);
            let name = now.viewers[viewer].name;
            return Some(Line::new(
                "{viewer} has connected to the other replica",
                [name],
            ));
        }
        let under_way = matches!(self, ReturnMeanwhile | ReturnSlowly);
        let run = now.run(dice, |it| !it.over || !under_way)?;
        let viewer = match self {
            Ask => now.one(dice, |it| it.here && !it.over_http)?,
            _ => now.newcomer(dice)?,
        };
        if self != Ask {
            now.comes(viewer, true);
        }
        let (name, number) = (now.viewers[viewer].name.to_owned(), numbered(run));
        let position = position(dice, now.runs[run].events)?;
        let is_over = now.runs[run].over;
        let returned = |now: &mut Sketch<'_>, viewer| {
            now.watches(viewer, run);
            now.runs[run].seen |= is_over;
        };
        Some(match self {
            Ask => {
                returned(now, viewer);
                Line::new(
                    "{viewer} has asked for run {int} {position} on the same connection",
                    [name, number, position],
                )
            }
            ReturnMeanwhile | ReturnSlowly => {
                let events = events(dice, now.runs[run].part);
                now.runs[run].events += events;
                now.watches(viewer, run);
                let phrase = match self {
                    ReturnSlowly => {
                        "{viewer} has returned to run {int} {position}, and read nothing before {int} more event(s)"
                    }
                    _ => {
                        "{viewer} has returned to run {int} {position} while it went on for {int} event(s)"
                    }
                };
                Line::new(phrase, [name, number, position, events.to_string()])
            }
            ReturnTogether => {
                let free = now.free() > 0;
                let other = now.one(dice, |it| it.name != name && (it.here || free))?;
                returned(now, viewer);
                now.comes(other, true);
                now.watches(other, run);
                let other = now.viewers[other].name.to_owned();
                Line::new(
                    "{viewer} and {viewer} have returned to run {int} {position}, both at once",
                    [name, other, number, position],
                )
            }
            ReturnWrongly => {
                let wrong = choice(dice, "invalid_position")?;
                Line::new(
                    "{viewer} has returned to run {int} {invalid_position}",
                    [name, number, wrong],
                )
            }
            AnotherSession => Line::new(
                "{viewer} has returned to run {int} and named another session",
                [name, number],
            ),
            AnotherWorkflow => Line::new(
                "{viewer} has returned to run {int} and named another workflow",
                [name, number],
            ),
            Elsewhere => {
                returned(now, viewer);
                Line::new(
                    "{viewer} has returned to run {int} at the other replica {position}",
                    [name, number, position],
                )
            }
            _ => {
                returned(now, viewer);
                Line::new(
                    "{viewer} has returned to run {int} {position}",
                    [name, number, position],
                )
            }
        })
    }
}
