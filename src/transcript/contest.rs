//! Several viewers who returned to one run: from when on a later one may have taken an earlier one's
//! place, as on servers that keep one subscriber for a run (agno 2.9.0).

use super::entry::{Entry, Number};
use super::story::Story;
use crate::protocol::Control;

/// Another viewer's return, which may have put this one off.
#[derive(Clone, Copy, Debug)]
pub struct Contest {
    /// The number of the entry from which on it may have.
    pub from: Number,
    /// The visit of the other, as a place in [`Story::visits`].
    pub by: usize,
}

/// A return that was taken up: when it was asked for, and when it was subscribed, or heard last.
struct TakenUp {
    subscribed: Number,
    request: Number,
    visit: usize,
}

/// Finds the contest of every return. Nearly linear in their number.
pub(super) fn find(story: &mut Story<'_>) {
    let runs: Vec<Vec<usize>> = story.runs().map(|run| run.returns.clone()).collect();
    for places in runs.iter().filter(|places| places.len() > 1) {
        let mut taken: Vec<TakenUp> = places
            .iter()
            .filter_map(|place| taken_up(story, *place))
            .collect();
        taken.sort_by_key(|it| it.subscribed);
        // From each place on, the one who asked first.
        let mut first: Vec<usize> = (0..taken.len()).collect();
        for at in (1..first.len()).rev() {
            if taken[first[at]].request < taken[at - 1].request {
                first[at - 1] = first[at];
            }
        }
        for place in places {
            let ret = &story.returns[*place];
            let Some(mine) = subscribed(&ret.heard) else {
                continue;
            };
            let later = taken.partition_point(|it| it.subscribed <= mine);
            let Some(other) = first.get(later).map(|at| &taken[*at]) else {
                continue;
            };
            let over = story.visit(ret.visit).over().map(|over| over.number);
            let until = over.into_iter().chain(ret.until).min();
            let from = other.request.max(mine);
            if until.is_none_or(|until| from < until) {
                let by = other.visit;
                story.returns[*place].contested = Some(Contest { from, by });
            }
        }
    }
}

fn taken_up(story: &Story<'_>, place: usize) -> Option<TakenUp> {
    let ret = &story.returns[place];
    // Who gets a replay takes nobody's place, and who is refused does not either.
    let mut controls = ret.controls();
    if controls.any(|(_, said)| matches!(said, Control::Replay { .. })) {
        return None;
    }
    let last = ret.heard.iter().rfind(|entry| {
        let control = entry.message().and_then(|message| message.control());
        !matches!(control, Some(Control::Error { .. }))
    })?;
    Some(TakenUp {
        subscribed: subscribed(&ret.heard).unwrap_or(last.number),
        request: ret.request.number,
        visit: ret.visit,
    })
}

fn subscribed(heard: &[&Entry]) -> Option<Number> {
    heard.iter().find_map(|entry| {
        let control = entry.message()?.control()?;
        matches!(control, Control::Subscribed { .. }).then_some(entry.number)
    })
}
