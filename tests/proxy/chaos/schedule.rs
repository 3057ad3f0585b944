//! What the network does to one connection: a value that a seed and the connection's number make.

use std::fmt;
use std::time::Duration;

use super::dice::Dice;

/// A kind of disturbance. Each schedule is of one, or of all of them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// Everything is a little late.
    Delay,
    /// What was written at once comes byte by byte.
    Split,
    /// What was written bit by bit comes at once.
    Merge,
    /// A later connection reaches the server before an earlier one.
    Reorder,
    /// One direction stops for a while, perhaps for longer than any limit.
    Stall,
    /// The connection ends in the middle of a message (FIN).
    Truncate,
    /// Likewise, by a reset (RST).
    Reset,
    /// Any of these.
    Mixed,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Delay,
        Self::Split,
        Self::Merge,
        Self::Reorder,
        Self::Stall,
        Self::Truncate,
        Self::Reset,
        Self::Mixed,
    ];

    /// Whether it stays within every limit of the suite, so that nothing is inconclusive.
    pub fn is_mild(self) -> bool {
        matches!(
            self,
            Self::Delay | Self::Split | Self::Merge | Self::Reorder
        )
    }

    /// Which disturbances it is made of.
    pub fn parts(self) -> &'static [Self] {
        match self {
            Self::Delay => &[Self::Delay],
            Self::Split => &[Self::Split],
            Self::Merge => &[Self::Merge],
            Self::Reorder => &[Self::Reorder],
            Self::Stall => &[Self::Stall],
            Self::Truncate => &[Self::Truncate],
            Self::Reset => &[Self::Reset],
            Self::Mixed => &[
                Self::Delay,
                Self::Split,
                Self::Merge,
                Self::Reorder,
                Self::Stall,
                Self::Truncate,
                Self::Reset,
            ],
        }
    }

    /// How many of a hundred connections are disturbed. If all of them were cut, everything would be inconclusive.
    fn percent(self) -> u64 {
        match self {
            Self::Delay | Self::Split | Self::Merge | Self::Reorder => 100,
            Self::Stall | Self::Truncate | Self::Reset => 35,
            Self::Mixed => 60,
        }
    }
}

/// A direction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    ToServer,
    ToViewer,
}

/// What is done to the bytes of one direction, from a place on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// For so many bytes, each piece comes so late.
    Delay { bytes: u64, late: Duration },
    /// So many bytes come one by one.
    Split { bytes: u64 },
    /// So many bytes are held back until all are there, or nothing more comes for so long.
    Merge { bytes: u64, pause: Duration },
    /// Nothing comes for so long. Meanwhile nothing is read, either.
    Stall { lasting: Duration },
    /// Nothing more comes: both sides get a FIN.
    Truncate,
    /// Nothing more comes: both sides get a RST.
    Reset,
}

/// What is done to one direction: each action at its place, counted in bytes from 0, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lane(pub Vec<(u64, Action)>);

/// What is done to one connection.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Schedule {
    /// The server learns of it only after the next connection, or after so long where none comes.
    pub after_the_next: Option<Duration>,
    pub to_server: Lane,
    pub to_viewer: Lane,
}

/// How long the longest stalls are, measured by how long the suite waits for anything.
const STALL: (u64, u64) = (10, 180);

/// Up to which byte of a direction something begins. The upgrade is some 200 bytes in either direction, an
/// event some 300, a run some 20 000.
const FURTHEST: u64 = 12_000;

impl Schedule {
    /// The schedule of this connection, counted from 0 at each variant; `step` is how long the suite waits.
    pub fn of(seed: u64, kind: Kind, door: u64, connection: u64, step: Duration) -> Self {
        let mut dice = Dice::of(&[seed, door, connection]);
        let mut schedule = Self::default();
        if !dice.percent(kind.percent()) {
            return schedule;
        }
        let part = dice.one_of(kind.parts());
        if part == Kind::Reorder {
            schedule.after_the_next = Some(dice.millis(20, 80));
            return schedule;
        }
        // A connection ends once; what is slow is slow in both directions.
        let both = part.is_mild();
        let direction = dice.one_of(&[Direction::ToServer, Direction::ToViewer]);
        for to in [Direction::ToServer, Direction::ToViewer] {
            if both || to == direction {
                let mut dice = Dice::of(&[seed, door, connection, 1 + to as u64]);
                let lane = Lane::of(part, to, step, &mut dice);
                match to {
                    Direction::ToServer => schedule.to_server = lane,
                    Direction::ToViewer => schedule.to_viewer = lane,
                }
            }
        }
        schedule
    }

    pub fn lane(&self, direction: Direction) -> &Lane {
        match direction {
            Direction::ToServer => &self.to_server,
            Direction::ToViewer => &self.to_viewer,
        }
    }
}

impl Lane {
    fn of(part: Kind, direction: Direction, step: Duration, dice: &mut Dice) -> Self {
        // A viewer sends little, so a disturbance must begin early.
        let furthest = match direction {
            Direction::ToServer => FURTHEST / 10,
            Direction::ToViewer => FURTHEST,
        };
        let mut actions = Vec::new();
        let mut at = 0;
        let times = if part.is_mild() {
            dice.between(1, 4)
        } else {
            1
        };
        for _ in 0..times {
            let action = match part {
                Kind::Delay => Action::Delay {
                    bytes: dice.spread(16, 8192),
                    late: dice.millis(1, 25),
                },
                // Each byte costs its own wake-up on either side: more of them, on dozens of connections at
                // once, would test the machine and not the network.
                Kind::Split => Action::Split {
                    bytes: dice.spread(16, 512),
                },
                Kind::Merge => Action::Merge {
                    bytes: dice.spread(16, 8192),
                    pause: dice.millis(5, 50),
                },
                Kind::Truncate => Action::Truncate,
                Kind::Reset => Action::Reset,
                Kind::Stall | Kind::Reorder | Kind::Mixed => {
                    let percent = dice.spread(STALL.0, STALL.1);
                    Action::Stall {
                        lasting: step * u32::try_from(percent).unwrap_or(100) / 100,
                    }
                }
            };
            at += match actions.len() {
                // Where it begins at once, the upgrade is disturbed as well.
                0 if part.is_mild() && dice.percent(50) => 0,
                _ => dice.spread(1, furthest),
            };
            actions.push((at, action));
            at += action.bytes();
        }
        Self(actions)
    }
}

impl Action {
    /// How many bytes it is about.
    fn bytes(self) -> u64 {
        match self {
            Self::Delay { bytes, .. } | Self::Split { bytes } | Self::Merge { bytes, .. } => bytes,
            Self::Stall { .. } | Self::Truncate | Self::Reset => 0,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay { bytes, late } => write!(f, "{bytes} bytes each {late:?} late"),
            Self::Split { bytes } => write!(f, "{bytes} bytes one by one"),
            Self::Merge { bytes, pause } => {
                write!(f, "{bytes} bytes at once, or after a pause of {pause:?}")
            }
            Self::Stall { lasting } => write!(f, "nothing for {lasting:?}"),
            Self::Truncate => f.write_str("FIN"),
            Self::Reset => f.write_str("RST"),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("undisturbed");
        }
        let mut words = Vec::new();
        if let Some(longest) = self.after_the_next {
            words.push(format!("after the next one, or {longest:?}"));
        }
        for (name, lane) in [("→", &self.to_server), ("←", &self.to_viewer)] {
            for (at, action) in &lane.0 {
                words.push(format!("{name} from byte {at}: {action}"));
            }
        }
        f.write_str(&words.join("; "))
    }
}
