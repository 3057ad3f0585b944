//! Everything that can come next in a plan: how often, and in which words.
//!
//! - `running`: starting runs, and watching them
//! - `returning`: returning to runs
//! - `asking`: requests that are refused, and everything else

mod asking;
mod returning;
mod running;

use super::sketch::{Run, Sketch};
use crate::explore::dice::Dice;
use crate::explore::plan::Line;
use crate::protocol::Part;
use crate::suite::params;
use crate::target::Variant;

/// How many events go by, from few to many.
const EVENTS: [(usize, u64); 9] = [
    (5, 1),
    (4, 2),
    (4, 3),
    (3, 5),
    (3, 8),
    (2, 13),
    (2, 20),
    (1, 30),
    (1, 45),
];

/// How many go by in a run that has more than a thousand.
const MANY: [(usize, u64); 3] = [(1, 80), (1, 300), (2, 1060)];

/// The text that does not fit into the buffers of a slow connection.
const LONG_TEXT: &str = "a very long text";

/// An enumeration with all its variants, each written once.
macro_rules! moves {
    ($($name:ident)+) => {
        /// What can come next.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(super) enum Move {
            $($name,)+
        }

        impl Move {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

moves! {
    Start
    StartText
    StartInSession
    StartOverHttp
    StartUnbegun
    HangUp
    Watch
    WatchOut
    GoOn
    LetGo
    Disconnect
    Return
    Ask
    ReturnMeanwhile
    ReturnSlowly
    ReturnTogether
    ReturnWrongly
    AnotherSession
    AnotherWorkflow
    Elsewhere
    ToOtherReplica
    Unauthenticated
    ReturnUnauthenticated
    StartUnauthenticated
    WrongToken
    RefusedOverHttp
    LikeUnknown
    UnknownRun
    NamelessRun
    UnknownWorkflow
    Ping
    Invalid
    StopReading
    ReadOn
    FillBuffers
    Cancel
    Continue
    Forget
    Restart
}

use Move::*;

impl Move {
    /// Whether every plan may do it.
    pub fn is_needed(self) -> bool {
        matches!(
            self,
            Start | Watch | Disconnect | Return | GoOn | Elsewhere | Continue
        )
    }

    /// How often it comes next, in this state of a plan; 0 where it cannot.
    pub fn weight(self, now: &Sketch<'_>) -> usize {
        let any = |is: bool, weight: usize| if is { weight } else { 0 };
        let started = !now.runs.is_empty();
        let under_way = now.runs.iter().any(|run| !run.over);
        let over = now.runs.iter().any(|run| run.over && run.seen);
        let here = now.viewers.iter().any(|it| it.here);
        let guarded = now.is(Variant::Guarded);
        let users = now.is(Variant::IsolatedUsers);
        let breakpoints = now.reach.breakpoints;
        let mut websockets = now.viewers.iter().filter(|it| !it.over_http);
        // Long texts, which do not fit into the buffers of a slow connection.
        let long = now.runs.iter().any(|run| run.long && !run.over);
        match self {
            Start => any(now.may_start(), if started { 4 } else { 60 }),
            StartText => any(now.may_start() && now.may_have(Part::Echoing), 5),
            StartInSession => any(now.may_start() && started, 3),
            StartOverHttp => any(now.may_start() && now.reach.http && now.free() > 0, 6),
            StartUnbegun => any(now.may_start() && breakpoints && now.free() > 0, 3),
            HangUp => any(now.viewers.iter().any(|it| it.streams > 0), 4),
            Watch => any(now.watching().next().is_some(), 22),
            WatchOut => any(now.watching().next().is_some(), 8),
            GoOn => any(under_way, 9),
            LetGo => any(under_way, 4),
            Disconnect => any(here, 15),
            Return => any(started, if guarded { 8 } else { 24 }),
            Ask => any(started && websockets.any(|it| it.here), 8),
            ReturnMeanwhile => any(under_way, 8),
            ReturnSlowly => any(under_way, if long { 20 } else { 5 }),
            ReturnTogether => any(started && now.viewers.len() > 1, 5),
            ReturnWrongly => any(started, 5),
            AnotherSession => any(started, 2),
            AnotherWorkflow => any(started, 2),
            Elsewhere => any(started && now.is(Variant::Replica), 30),
            ToOtherReplica => any(now.is(Variant::Replica) && now.free() > 0, 3),
            Unauthenticated => any(guarded, 12),
            ReturnUnauthenticated => any(guarded && started, 12),
            StartUnauthenticated => any(guarded, 5),
            WrongToken => any(guarded, 10),
            RefusedOverHttp => any(guarded && now.reach.http, 5),
            LikeUnknown => any(users && started && now.free() > 0, 10),
            UnknownRun => 3,
            NamelessRun => any(websockets.next().is_some(), 2),
            UnknownWorkflow => 3,
            Ping => any(websockets.next().is_some(), 4),
            Invalid => 4,
            StopReading => any(now.viewers.iter().any(|it| it.here && it.reads), 3),
            ReadOn => any(now.viewers.iter().any(|it| !it.reads), 6),
            FillBuffers => any(
                breakpoints && over && under_way && websockets.next().is_some(),
                14,
            ),
            Cancel => any(under_way && now.reach.http, 5),
            Continue => any(now.runs.iter().any(Run::waits), 20),
            Forget => any(over && now.reach.forget && now.is_itself(), 6),
            Restart => any(
                started && !under_way && now.reach.restart && now.is_itself(),
                6,
            ),
        }
    }

    /// The step, and what is so after it; `None` where nobody can do it now.
    pub fn line(self, now: &mut Sketch<'_>, dice: &mut Dice) -> Option<Line> {
        match self {
            Start | StartText | StartInSession | StartOverHttp | StartUnbegun | HangUp => {
                self.starting(now, dice)
            }
            Watch | WatchOut | GoOn | LetGo | Disconnect => self.watching(now, dice),
            Return | Ask | ReturnMeanwhile | ReturnSlowly | ReturnTogether | ReturnWrongly
            | AnotherSession | AnotherWorkflow | Elsewhere | ToOtherReplica => {
                self.returning(now, dice)
            }
            Unauthenticated
            | ReturnUnauthenticated
            | StartUnauthenticated
            | WrongToken
            | RefusedOverHttp
            | LikeUnknown => self.refused(now, dice),
            _ => self.further(now, dice),
        }
    }
}

/// The number of the run in this place.
fn numbered(run: usize) -> String {
    (run + 1).to_string()
}

/// One of the phrases of this parameter.
pub(super) fn choice(dice: &mut Dice, parameter: &str) -> Option<String> {
    let all = params::all();
    let (_, phrases) = all.iter().find(|(name, _)| *name == parameter)?;
    dice.one_of(phrases).map(|phrase| (*phrase).to_owned())
}

/// A position, in a run that may have had so many events.
fn position(dice: &mut Dice, events: u64) -> Option<String> {
    let all = [
        (50, "with their position"),
        (22, "without a position"),
        (10, "with the position left out"),
        (18, "with event {int} as their position"),
    ];
    let phrase = dice.weighted(&all)?;
    let limit = usize::try_from(events).unwrap_or(1);
    Some(phrase.replace("{int}", &dice.below(limit).to_string()))
}

/// How many events go by in a run of this part.
fn events(dice: &mut Dice, part: Part) -> u64 {
    let many = part == Part::Talkative && dice.percent(60);
    let all = if many { &MANY[..] } else { &EVENTS[..] };
    dice.weighted(all).copied().unwrap_or(1)
}
