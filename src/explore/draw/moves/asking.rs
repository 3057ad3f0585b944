//! Requests that are refused, and everything else.

use super::Move::{self, *};
use super::{choice, numbered};
use crate::explore::dice::Dice;
use crate::explore::draw::sketch::Sketch;
use crate::explore::plan::Line;

impl Move {
    pub(super) fn refused(self, now: &mut Sketch<'_>, dice: &mut Dice) -> Option<Line> {
        if self == LikeUnknown {
            let run = now.run(dice, |_| true)?;
            let line = "{viewer} has asked for runs that look like run {int}";
            now.comes(1, true);
            return Some(Line::new(line, ["Ben".to_owned(), numbered(run)]));
        }
        let viewer = match self {
            WrongToken => now.one(dice, |it| it.unauthenticated && it.here),
            _ => None,
        };
        let viewer = viewer.or_else(|| now.newcomer(dice))?;
        let name = now.viewers[viewer].name.to_owned();
        if self == WrongToken {
            now.is_here(viewer);
            let token = choice(dice, "bad_token")?;
            return Some(Line::new(
                "{viewer} has authenticated {bad_token}",
                [name, token],
            ));
        }
        now.comes(viewer, false);
        Some(match self {
            ReturnUnauthenticated => {
                let run = now.run(dice, |_| true)?;
                Line::new(
                    "{viewer} has returned to run {int} without a token",
                    [name, numbered(run)],
                )
            }
            StartUnauthenticated => {
                let part = *dice.weighted(&now.parts())?;
                Line::new(
                    "{viewer} has asked for a(n) {part} run without a token",
                    [name, part.word().to_owned()],
                )
            }
            RefusedOverHttp => Line::new(
                "{viewer} was refused the list of workflows because they had no token",
                [name],
            ),
            _ => Line::new("{viewer} has connected, and shown no token", [name]),
        })
    }

    pub(super) fn further(self, now: &mut Sketch<'_>, dice: &mut Dice) -> Option<Line> {
        match self {
            FillBuffers => {
                let finished = now.run(dice, |it| it.over && it.seen)?;
                let run = now.run(dice, |it| !it.over)?;
                let viewer = now.newcomer_on_a_websocket(dice)?;
                now.comes(viewer, true);
                now.viewers[viewer].reads = false;
                now.runs[run].over = true;
                let name = now.viewers[viewer].name.to_owned();
                Some(Line::new(
                    "{viewer} has returned to run {int}, and reads no more while run {int} is replayed again and again",
                    [name, numbered(run), numbered(finished)],
                ))
            }
            Forget => {
                let run = now.run(dice, |it| it.over && it.seen)?;
                Some(Line::new(
                    "the server has dropped run {int} from its memory",
                    [numbered(run)],
                ))
            }
            Restart => {
                for viewer in 0..now.viewers.len() {
                    now.leaves(viewer, false);
                    now.viewers[viewer].left_open = 0;
                    now.viewers[viewer].streams = 0;
                }
                Some(Line::new("the server was restarted", [""; 0]))
            }
            Cancel => {
                let run = now.run(dice, |it| !it.over)?;
                let viewer = now.one(dice, |it| !it.unauthenticated)?;
                now.runs[run].over = true;
                let name = now.viewers[viewer].name.to_owned();
                Some(Line::new(
                    "{viewer} has cancelled run {int}",
                    [name, numbered(run)],
                ))
            }
            Continue => {
                let run = now.run(dice, |it| it.waits())?;
                let viewer = now.anybody(dice)?;
                now.is_here(viewer);
                // Now and then it is asked for a second time.
                now.runs[run].continued = dice.percent(70);
                let name = now.viewers[viewer].name.to_owned();
                Some(Line::new(
                    "{viewer} has let run {int} continue",
                    [name, numbered(run)],
                ))
            }
            StopReading => {
                let viewer = now.one(dice, |it| it.here && it.reads)?;
                now.viewers[viewer].reads = false;
                Some(Line::new(
                    "{viewer} has stopped reading",
                    [now.viewers[viewer].name],
                ))
            }
            ReadOn => {
                let viewer = now.one(dice, |it| !it.reads)?;
                now.viewers[viewer].reads = true;
                Some(Line::new("{viewer} reads on", [now.viewers[viewer].name]))
            }
            _ => {
                let viewer = match self {
                    Ping | NamelessRun => now.newcomer_on_a_websocket(dice)?,
                    _ => now.newcomer(dice)?,
                };
                now.is_here(viewer);
                let name = now.viewers[viewer].name.to_owned();
                Some(match self {
                    UnknownRun => {
                        Line::new("{viewer} has asked for a run that exists nowhere", [name])
                    }
                    NamelessRun => {
                        Line::new("{viewer} has asked for a run without naming it", [name])
                    }
                    UnknownWorkflow => Line::new(
                        "{viewer} has asked for a workflow that does not exist",
                        [name],
                    ),
                    Invalid => {
                        let message = choice(dice, "invalid_message")?;
                        Line::new("{viewer} has sent {invalid_message}", [name, message])
                    }
                    _ => Line::new("{viewer} has pinged", [name]),
                })
            }
        }
    }
}
