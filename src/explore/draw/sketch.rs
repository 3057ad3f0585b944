//! What a plan has done so far, as far as it can know without a server.

use crate::explore::dice::Dice;
use crate::explore::plan::NAMES;
use crate::explore::reach::Reach;
use crate::protocol::{Part, Wire};
use crate::target::Variant;

/// How many runs a plan starts at the most.
const RUNS: usize = 3;

/// How many of a hundred viewers speak over HTTP in a plan where each may, and in how many of a hundred such plans.
const OVER_HTTP: [(usize, usize); 3] = [(30, 0), (20, 100), (50, 50)];

/// What a plan has done so far.
#[derive(Debug)]
pub(super) struct Sketch<'r> {
    pub reach: &'r Reach,
    pub variant: Option<Variant>,
    pub viewers: Vec<Sketched>,
    pub runs: Vec<Run>,
}

/// A viewer.
#[derive(Debug)]
pub(super) struct Sketched {
    pub name: &'static str,
    pub here: bool,
    /// Whether they speak over HTTP, where each request has a connection of its own.
    pub over_http: bool,
    /// Whether they have shown no token on this connection.
    pub unauthenticated: bool,
    pub reads: bool,
    /// How many connections they have left silently.
    pub left_open: usize,
    /// How many runs they watch over HTTP.
    pub streams: usize,
    /// The runs that they watch on this connection, by place.
    pub watches: Vec<usize>,
}

/// A run.
#[derive(Debug)]
pub(super) struct Run {
    pub part: Part,
    /// How many events it may have had.
    pub events: u64,
    /// Whether it has been let go, or ended early.
    pub over: bool,
    /// Whether somebody has seen it end, or pause.
    pub seen: bool,
    pub continued: bool,
    /// Whether its texts are long.
    pub long: bool,
}

impl Run {
    /// Whether it waits for a person who lets it continue.
    pub fn waits(&self) -> bool {
        self.part == Part::Pausing && self.seen && !self.continued
    }
}

impl<'r> Sketch<'r> {
    pub fn of(reach: &'r Reach, variant: Option<Variant>) -> Self {
        let viewers = NAMES.into_iter().take(reach.viewers.max(1));
        Self {
            reach,
            variant,
            viewers: viewers
                .map(|name| Sketched {
                    name,
                    here: false,
                    over_http: reach.wire != Wire::WebSocket,
                    unauthenticated: false,
                    reads: true,
                    left_open: 0,
                    streams: 0,
                    watches: Vec::new(),
                })
                .collect(),
            runs: Vec::new(),
        }
    }

    /// Draws for each viewer whether they speak over HTTP.
    pub fn draw_wires(&mut self, dice: &mut Dice) {
        let share = dice.weighted(&OVER_HTTP).copied().unwrap_or_default();
        for viewer in &mut self.viewers {
            viewer.over_http = dice.percent(share);
        }
    }

    pub fn is(&self, variant: Variant) -> bool {
        self.variant == Some(variant)
    }

    /// Whether restarts and dropped runs are of the server that the plan is played on.
    pub fn is_itself(&self) -> bool {
        matches!(self.variant, None | Some(Variant::Replica))
    }

    pub fn may_start(&self) -> bool {
        self.runs.len() < RUNS
    }

    /// How many more connections may be opened.
    pub fn free(&self) -> usize {
        let open = self.viewers.iter();
        let open = open.map(|it| usize::from(it.here) + it.left_open + it.streams);
        self.reach.viewers.saturating_sub(open.sum())
    }

    /// The parts that runs are started for, and how often each is.
    pub fn parts(&self) -> Vec<(usize, Part)> {
        let all = [
            (40, Part::Long),
            (24, Part::Short),
            (9, Part::Failing),
            (8, Part::Nested),
            (14, Part::Pausing),
            (6, Part::Endless),
            (4, Part::Talkative),
        ];
        let known = all.into_iter();
        let known = known.filter(|(_, part)| self.reach.parts.contains(part));
        // How many events are kept is said for the whole transcript, so that such runs are alone.
        let alone = self.runs.first().map(|run| run.part == Part::Endless);
        known
            .filter(|(_, part)| alone.is_none_or(|alone| alone == (*part == Part::Endless)))
            .collect()
    }

    /// Whether runs of this part may be started beside those that were.
    pub fn may_have(&self, part: Part) -> bool {
        let kept = |run: &Run| run.part == Part::Endless;
        self.reach.parts.contains(&part) && !self.runs.iter().any(kept)
    }

    /// Somebody who is connected, or can connect, and may do what needs the right token.
    pub fn anybody(&self, dice: &mut Dice) -> Option<usize> {
        let free = self.free() > 0;
        self.one(dice, |it| {
            !it.unauthenticated && it.reads && (it.here || free)
        })
    }

    /// Somebody who can open a new connection, and names runs.
    pub fn newcomer(&self, dice: &mut Dice) -> Option<usize> {
        let free = self.free() > 0;
        self.one(dice, |it| it.here || free)
    }

    /// Likewise somebody who speaks over the WebSocket.
    pub fn newcomer_on_a_websocket(&self, dice: &mut Dice) -> Option<usize> {
        let free = self.free() > 0;
        self.one(dice, |it| !it.over_http && (it.here || free))
    }

    /// Somebody of whom this is so.
    pub fn one(&self, dice: &mut Dice, is: impl Fn(&Sketched) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.viewers.len())
            .filter(|place| is(&self.viewers[*place]))
            .collect();
        dice.one_of(&all).copied()
    }

    /// A viewer and a run under way that they watch.
    pub fn watched(&self, dice: &mut Dice) -> Option<(usize, usize)> {
        let all: Vec<(usize, usize)> = self.watching().collect();
        dice.one_of(&all).copied()
    }

    pub fn watching(&self) -> impl Iterator<Item = (usize, usize)> {
        let viewers = self.viewers.iter().enumerate();
        viewers.flat_map(|(viewer, it)| {
            let runs = it.watches.iter().copied().filter(|_| it.here && it.reads);
            runs.filter(|run| !self.runs[*run].over)
                .map(move |run| (viewer, run))
        })
    }

    /// A run of which this is so.
    pub fn run(&self, dice: &mut Dice, is: impl Fn(&Run) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.runs.len())
            .filter(|place| is(&self.runs[*place]))
            .collect();
        // The latest is what most is about.
        match all.last() {
            Some(last) if dice.percent(50) => Some(*last),
            _ => dice.one_of(&all).copied(),
        }
    }

    /// The viewer has a new connection, on which they watch what they ask for.
    pub fn comes(&mut self, viewer: usize, authenticated: bool) {
        let it = &mut self.viewers[viewer];
        it.here = true;
        it.reads = true;
        it.watches.clear();
        it.unauthenticated = !authenticated;
    }

    /// The viewer is connected, and asks for something there.
    pub fn is_here(&mut self, viewer: usize) {
        let it = &self.viewers[viewer];
        if !it.here || it.over_http {
            self.comes(viewer, !(it.here && it.unauthenticated));
        }
    }

    pub fn watches(&mut self, viewer: usize, run: usize) {
        let it = &mut self.viewers[viewer];
        if !it.unauthenticated && !it.watches.contains(&run) {
            it.watches.push(run);
        }
    }

    pub fn leaves(&mut self, viewer: usize, silently: bool) {
        let it = &mut self.viewers[viewer];
        it.left_open += usize::from(silently && it.here);
        it.here = false;
        it.watches.clear();
    }

    pub fn begins(&mut self, viewer: usize, part: Part) {
        self.runs.push(Run {
            part,
            events: 1,
            over: false,
            seen: false,
            continued: false,
            long: false,
        });
        let run = self.runs.len() - 1;
        self.watches(viewer, run);
    }
}
