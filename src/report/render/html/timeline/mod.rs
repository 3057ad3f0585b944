//! The connections to time scale: a lane for each, with its events, its control messages, the cut, the
//! time away, what was missed, and the messages that the finding rests on.

mod label;
mod lane;
mod picture;
mod scale;

use std::collections::BTreeSet;
use std::time::Duration;

use maud::{Markup, html};

use self::picture::{LANE, Picture};
use self::scale::{Scale, WIDTH, px};
use crate::report::render::html::arrival::Arrivals;
use crate::report::render::html::format::{lasted, show_within};
use crate::report::render::html::{exchange, format};
use crate::report::text::format::count;
use crate::trace::Trace;
use crate::transcript::{Entry, Number};

/// More lanes than these are no help.
const MOST_LANES: usize = 10;
/// How many connections of viewers whom the finding is not about are drawn.
const MOST_OTHERS: usize = 3;
/// Shorter times are not drawn larger.
const CLOSEST: Duration = Duration::from_millis(1);
const TOP: f64 = 34.0;

pub(crate) fn of(
    cause: usize,
    trace: &Trace<'_>,
    arrivals: &Arrivals,
    evidence: &[Number],
) -> Markup {
    let (lanes, left_out) = lanes(trace, arrivals, evidence);
    let mut picture = Picture {
        cause,
        trace,
        arrivals,
        evidence: evidence.iter().copied().collect(),
        lanes,
    };
    let Some(whole) = picture.whole() else {
        return html! { p.note { "No connection is in the record, so there is no timeline." } };
    };
    let drawn = picture.draw(&whole, "whole");
    let close = picture.close(&whole).map(|(place, close)| {
        picture.lanes = vec![place];
        let text = lasted(close.to.saturating_sub(close.from));
        (text, picture.draw(&close, "close"))
    });
    html! {
        figure.timeline {
            (drawn)
            @if let Some((text, drawn)) = close {
                p.note { "The same, " (text) " of it, drawn larger:" }
                (drawn)
            }
            figcaption {
                "To time scale. ● live, ◆ caught up, ■ replayed; anomalies are marked. "
                "▲ is what the viewer sent, the slanted lines are the time away, and a ring marks a message that the finding rests on: it leads to its text. "
                "Labels that do not fit are in the list of messages."
                @if left_out > 0 { " Not drawn: " (count(left_out, "further connection")) "." }
            }
        }
    }
}

/// The connections to draw, in the order in which they began: first of all those of the finding. And how
/// many are left out.
fn lanes(trace: &Trace<'_>, arrivals: &Arrivals, evidence: &[Number]) -> (Vec<usize>, usize) {
    let on = |place: &usize| {
        let connection = trace.connection(*place);
        let mut entries = evidence.iter().filter_map(|it| trace.transcript.entry(*it));
        entries.any(|it| *it.viewer == *connection.viewer && it.connection == connection.number)
    };
    let theirs = exchange::connections(trace, evidence);
    let mut lanes: Vec<usize> = (0..trace.connections.len()).filter(on).collect();
    let before = |place: &usize| place.checked_sub(1);
    let close: Vec<usize> = lanes
        .iter()
        .filter_map(before)
        .filter(|it| theirs.contains(it))
        .collect();
    let heard: BTreeSet<usize> = trace
        .deliveries
        .iter()
        .filter(|it| arrivals.deliveries.contains_key(&it.entry.number))
        .map(|it| it.connection())
        .collect();
    // Those of other viewers only where they heard of the same run, and not many: they are the
    // background.
    let others = heard.difference(&theirs).copied().take(MOST_OTHERS);
    let rest = close.into_iter().chain(theirs.iter().rev().copied());
    for place in rest.take(MOST_LANES).chain(others) {
        if !lanes.contains(&place) {
            lanes.push(place);
        }
    }
    lanes.truncate(MOST_LANES);
    let left_out = trace.connections.len() - lanes.len();
    lanes.sort_unstable();
    (lanes, left_out)
}

impl<'t> Picture<'_, 't> {
    fn entries(&self) -> impl Iterator<Item = &'t Entry> {
        let connections = self.lanes.iter().map(|place| self.trace.connection(*place));
        connections.flat_map(|connection| connection.entries.iter().copied())
    }

    /// From the first entry to the last.
    fn whole(&self) -> Option<Scale> {
        let from = self.entries().map(|it| it.at()).min()?;
        let to = self.entries().map(|it| it.at()).max()?;
        Some(Scale::padded(from, to))
    }

    /// The messages of the finding on its last connection, where they are too close to each other in the
    /// whole: that connection, and from when to when.
    fn close(&self, whole: &Scale) -> Option<(usize, Scale)> {
        let last = self
            .entries()
            .filter(|it| self.evidence.contains(&it.number))
            .max_by_key(|it| it.number)?;
        let mut connections = self.trace.connections.iter();
        let place = connections.position(|connection| {
            connection.viewer == &*last.viewer && connection.number == last.connection
        })?;
        let entries = &self.trace.connection(place).entries;
        let marked = |it: &&&Entry| self.evidence.contains(&it.number);
        let from = entries.iter().find(marked)?.at();
        let span = whole.to.saturating_sub(whole.from);
        // In the whole, others are in the same place.
        let crowded = entries
            .iter()
            .any(|it| it.number != last.number && it.at().abs_diff(last.at()) < span / 100);
        let close = last.at().saturating_sub(from);
        // What came at once is in the middle.
        let air = CLOSEST.saturating_sub(close) / 2;
        let scale = Scale::padded(from.saturating_sub(air), last.at() + air);
        (crowded && close + air * 2 < span / 6).then_some((place, scale))
    }

    fn draw(&self, scale: &Scale, name: &str) -> Markup {
        let height = LANE.mul_add(self.lanes.len() as f64, TOP + 12.0);
        let pattern = format!("hatch-{}-{name}", self.cause);
        html! {
            div.scroll tabindex="0" role="region" aria-label="Timeline" {
                svg viewBox={ "0 0 " (px(WIDTH)) " " (px(height)) } role="group" aria-label=(self.label(scale)) {
                    defs {
                        pattern id=(pattern) width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                            rect.hatch width="2" height="7" {}
                        }
                    }
                    g aria-hidden="true" { (axis(scale, height)) }
                    @for (at, place) in self.lanes.iter().enumerate() {
                        (self.lane(*place, LANE.mul_add(at as f64 + 0.66, TOP), scale, &pattern))
                    }
                }
            }
        }
    }

    /// What one hears instead of the picture.
    fn label(&self, scale: &Scale) -> String {
        let mut text = format!(
            "Timeline of {} connections over {}.",
            self.lanes.len(),
            format::lasted(scale.to.saturating_sub(scale.from))
        );
        for place in &self.lanes {
            let connection = self.trace.connection(*place);
            let of = self
                .trace
                .deliveries
                .iter()
                .filter(|it| it.connection() == *place)
                .count();
            text += &format!(
                " {}, connection {}: {of} events, {}.",
                show_within(connection.viewer, 40),
                connection.number,
                lane::ending(connection)
            );
        }
        text
    }
}

fn axis(scale: &Scale, height: f64) -> Markup {
    html! {
        @for (tick, text) in scale.ticks() {
            @let x = px(scale.x(tick));
            line.tick x1=(x) x2=(x) y1=(px(TOP - 8.0)) y2=(px(height)) {}
            text.axis x=(x) y=(px(TOP - 14.0)) text-anchor="middle" { (text) }
        }
    }
}
