//! FLAPPING: what a viewer sees over several connections, put together, is the run.

use std::collections::{BTreeSet, HashMap};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{ReturnView, answer_or_silence, is_error, views};
use crate::check::shared::{order, payload};
use crate::trace::{Delivery, Earlier, Trace};
use crate::transcript::{Entry, Number};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "FLAPPING-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A run watched over many short connections adds up to the run watched over one: same indices, same events.",
        why: "On a train the connection comes and goes every minute. Each return may be right, and the whole still wrong.",
        harm: "A viewer with a poor connection does not see the same run as one who stays connected.",
        source: "users of any resumable stream",
        good: "\
← events 0 to 4
(four times, Ada loses the connection, and returns with her position)
← events 5 to 12, 13 to 20, 21 to 28, 29 to 59",
        bad: "\
← events 0 to 4
(four times, Ada loses the connection, and returns with her position)
← events 5 to 12, 13 to 20, 21 to 28, 30 to 59      29 is missing",
        check: check!(many),
    },
    Requirement {
        id: "FLAPPING-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who returns gets the whole run, after whichever index the connection was cut and however it ended: by a closing handshake, by a reset, silently or in the middle of a message.",
        why: "Nobody chooses where a tunnel begins, and a laptop that is closed does not close its connections first.",
        harm: "A viewer who reconnects may not get the whole run, depending on when and how the connection was lost.",
        source: "users of any resumable stream",
        good: "\
← events 0 to 7
(the laptop is closed: the old connection stays open, and nobody reads it)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 7}      on a new connection
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← events 8 and 9",
        bad: "\
← events 0 to 7
(the laptop is closed: the old connection stays open, and nobody reads it)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 7}      on a new connection
← {\"event\": \"error\", \"error\": \"somebody is watching already\"}",
        check: check!(anywhere),
    },
];

/// From this many returns on, connections are many.
const MANY: usize = 4;

/// From this many runs on that were each cut at another place, the cuts are anywhere.
const SWEEP: usize = 3;

/// What one viewer saw of one run over several connections, put together.
struct Course<'t> {
    viewer: &'t str,
    run: &'t str,
    /// The request of the first return.
    request: &'t Entry,
    deliveries: Vec<Delivery<'t>>,
    returns: usize,
    /// After which index the connection was cut.
    cuts: BTreeSet<u64>,
    /// A return that was refused or met with silence: with what, and which entries show it.
    refused: Option<(String, Vec<Number>)>,
    ended: bool,
    /// A return did not go on where the viewer had left, so that gaps and repeats were asked for.
    elsewhere: bool,
}

impl<'t> Course<'t> {
    fn begin(view: &ReturnView<'_, 't>) -> Self {
        let start = view.trace.start_of(view.run).filter(|start| {
            view.trace.connection(start.connection).viewer == view.viewer()
                && start.request.number < view.ret.request.number
        });
        Self {
            viewer: view.viewer(),
            run: view.run,
            request: view.ret.request,
            deliveries: start.map_or_else(Vec::new, |start| start.deliveries.clone()),
            returns: 0,
            cuts: BTreeSet::new(),
            refused: None,
            ended: false,
            elsewhere: false,
        }
    }

    fn come_back(&mut self, view: &ReturnView<'_, 't>, precondition: &Precondition) {
        let seen = match self.deliveries.last() {
            Some(last) => last.index().and_then(|index| index.checked_add(1)),
            None => Some(0),
        };
        let goes_on = seen.is_some()
            && view.position.next() == seen
            && view.earlier == Earlier::Nothing
            && matches!(
                precondition,
                Precondition::UnderWay | Precondition::Finished(_)
            );
        let Some(seen) = seen.filter(|_| goes_on) else {
            self.elsewhere = true;
            return;
        };
        self.returns += 1;
        self.cuts.extend(seen.checked_sub(1));
        if self.refused.is_none() && view.answer().is_none_or(is_error) {
            self.refused = answer_or_silence(view);
        }
        // A replay tells everything again, and says so.
        let again = |delivery: &Delivery<'_>| {
            view.replay.is_some() && delivery.index().is_some_and(|index| index < seen)
        };
        let new = view.deliveries.iter().filter(|it| !again(it));
        self.deliveries.extend(new);
        self.ended |= view.ending().is_some();
    }

    /// Notes a gap, a repeat or a refusal.
    fn judge(&self, trace: &Trace<'_>, collector: &mut Collector) -> bool {
        // A run that is not counted from 0 is another rule's matter.
        let first = trace.run(self.run).and_then(|run| run.lowest).unwrap_or(0);
        if let Some(slip) = order::slip(&self.deliveries, first) {
            collector.failed(
                format!(
                    "{} for {}, over all connections",
                    slip.expected(),
                    self.viewer
                ),
                slip.observed(),
                slip.evidence(self.request),
            );
        } else if let Some((observed, evidence)) = &self.refused {
            collector.failed(
                format!("the events that {} had not seen yet", self.viewer),
                observed.clone(),
                evidence.iter().copied(),
            );
        } else {
            return true;
        }
        false
    }

    fn conclude(&self, collector: &mut Collector) {
        if self.ended {
            collector.passed();
        } else {
            collector.inconclusive(format!("{} did not see the ending", self.viewer));
        }
    }
}

/// What every viewer who came back saw of each run.
fn courses<'t>(trace: &Trace<'t>) -> Vec<Course<'t>> {
    let mut courses: Vec<Course<'t>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for view in views(trace) {
        let precondition = view.precondition();
        let place = *places.entry((view.run, view.viewer())).or_insert_with(|| {
            courses.push(Course::begin(&view));
            courses.len() - 1
        });
        courses[place].come_back(&view, &precondition);
    }
    courses.retain(|course| !course.elsewhere);
    courses
}

/// For each index of a run, its first delivery, and the first to any other viewer.
fn first_two<'s, 't>(
    trace: &'s Trace<'t>,
    run: &str,
) -> HashMap<u64, [Option<&'s Delivery<'t>>; 2]> {
    let mut firsts: HashMap<u64, [Option<&Delivery<'_>>; 2]> = HashMap::new();
    let viewer = |it: &Delivery<'_>| trace.connection(it.connection()).viewer;
    for delivery in trace.deliveries_of(run) {
        let Some(index) = delivery.index() else {
            continue;
        };
        let [first, other] = firsts.entry(index).or_default();
        match first {
            None => *first = Some(delivery),
            Some(first) if viewer(first) != viewer(delivery) => {
                other.get_or_insert(delivery);
            }
            Some(_) => {}
        }
    }
    firsts
}

fn many(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut firsts = HashMap::new();
    for course in courses(trace) {
        if course.returns < MANY || !course.judge(trace, &mut collector) {
            continue;
        }
        let firsts = firsts
            .entry(course.run)
            .or_insert_with(|| first_two(trace, course.run));
        let differs = course.deliveries.iter().find_map(|mine| {
            let index = mine.index()?;
            let theirs =
                |it: &&Delivery<'_>| trace.connection(it.connection()).viewer != course.viewer;
            let other = firsts.get(&index)?.iter().flatten().copied().find(theirs)?;
            let difference = payload::difference(other.entry, mine.entry)?;
            let name = difference.identity().into_iter().next()?;
            Some((index, other, mine, name))
        });
        match differs {
            Some((index, other, mine, name)) => collector.failed(
                format!(
                    "event {index} as {} got it",
                    trace.connection(other.connection()).viewer
                ),
                format!("another `{}` for {}", describe::shown(&name), course.viewer),
                [other.entry.number, mine.entry.number],
            ),
            None => course.conclude(&mut collector),
        }
    }
    collector
        .check_verdict("no viewer returned to a run often enough, each time with their position")
}

fn anywhere(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let courses: Vec<_> = courses(trace)
        .into_iter()
        .filter(|course| !course.cuts.is_empty())
        .collect();
    let runs: BTreeSet<&str> = courses.iter().map(|course| course.run).collect();
    let cuts: BTreeSet<&u64> = courses.iter().flat_map(|course| &course.cuts).collect();
    if runs.len() >= SWEEP && cuts.len() >= SWEEP {
        for course in &courses {
            if course.judge(trace, &mut collector) {
                course.conclude(&mut collector);
            }
        }
    }
    collector.check_verdict(
        "no viewers returned to several runs whose connections were cut after different events",
    )
}
