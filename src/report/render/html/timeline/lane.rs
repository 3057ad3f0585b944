//! One connection in the timeline.

use std::time::Duration;

use maud::{Markup, html};

use crate::report::render::html::arrival::Arrival;
use crate::report::render::html::exchange::anchor;
use crate::report::render::html::format::{lasted, show_within, span};
use crate::report::render::html::timeline::label::{
    ABOVE, BELOW, LETTER, LONGEST, Labels, heard, over, sent, waited,
};
use crate::report::render::html::timeline::picture::{LANE, Picture};
use crate::report::render::html::timeline::scale::{GUTTER, Scale, WIDTH, px};
use crate::report::text::format::count;
use crate::trace::Connection;

/// Events closer than this are drawn as one.
const CLOSE: f64 = 3.0;

impl Picture<'_, '_> {
    /// The lane of a connection, its line at the height `y`.
    pub(crate) fn lane(&self, place: usize, y: f64, scale: &Scale, pattern: &str) -> Markup {
        let connection = self.trace.connection(place);
        let Some(first) = connection.entries.first() else {
            return html! {};
        };
        let over = connection.over().or(connection.entries.last().copied());
        let until = over.map_or(first.at(), |it| it.at());
        let (left, right) = (scale.x(first.at()), scale.x(until));
        html! {
            g.lane aria-hidden="true" {
                text.name x="4" y=(px(y - 2.0)) { (show_within(connection.viewer, 16)) }
                text.axis x="4" y=(px(y + 12.0)) { "connection " (connection.number) }
                line.rule x1=(px(GUTTER)) x2=(px(WIDTH)) y1=(px(y + LANE * 0.34)) y2=(px(y + LANE * 0.34)) {}
                (self.away(connection, first.at(), y, scale, pattern))
                @if first.at() <= scale.to && until >= scale.from {
                    rect.line x=(px(left)) y=(px(y - 2.0)) width=(px((right - left).max(1.0))) height="4" {}
                }
                (self.said(connection, y, scale))
                (self.events(place, y, scale))
                (self.missing(place, y, scale))
                @if let Some(over) = connection.over().filter(|it| scale.passed(it.at())) {
                    (cut(scale.x(over.at()), y))
                }
            }
            (self.rings(connection, y, scale))
        }
    }

    /// The time between the viewer's previous connection and this one.
    fn away(
        &self,
        connection: &Connection<'_>,
        came: Duration,
        y: f64,
        scale: &Scale,
        pattern: &str,
    ) -> Markup {
        let before = self
            .trace
            .connections
            .iter()
            .rev()
            .find(|it| it.viewer == connection.viewer && it.number < connection.number);
        let over = before.and_then(|it| it.over()).map(|it| it.at());
        let Some(over) =
            over.filter(|over| *over < came && came >= scale.from && *over <= scale.to)
        else {
            return html! {};
        };
        let (left, right) = (scale.x(over), scale.x(came));
        let text = format!("away {}", lasted(came - over));
        let wide = text.chars().count() as f64 * LETTER;
        html! {
            rect.away x=(px(left)) y=(px(y - 9.0)) width=(px((right - left).max(1.0))) height="18" fill={ "url(#" (pattern) ")" } {
                title { (text) }
            }
            @if wide < right - left {
                text.label.boxed x=(px(f64::midpoint(left, right))) y=(px(y + 4.0)) text-anchor="middle" { (text) }
            } @else if left - wide - 6.0 > GUTTER {
                text.label x=(px(left - 6.0)) y=(px(y + 4.0)) text-anchor="end" { (text) }
            }
        }
    }

    /// Everything but events.
    fn said(&self, connection: &Connection<'_>, y: f64, scale: &Scale) -> Markup {
        let mut above = Labels::new(ABOVE);
        let mut below = Labels::new(BELOW);
        html! {
            @for entry in connection.entries.iter().filter(|it| scale.passed(it.at())) {
                @let x = scale.x(entry.at());
                @if let Some(text) = heard(entry) {
                    line.control x1=(px(x)) x2=(px(x)) y1=(px(y - 10.0)) y2=(px(y + 6.0)) { title { (text) } }
                    (above.place(x, y, &text))
                } @else if let Some(text) = sent(entry) {
                    path.sent d={ "M" (px(x)) " " (px(y + 3.0)) "l5 8h-10z" } { title { (text) } }
                    (below.place(x - 4.0, y, &text))
                } @else if let Some((waited, text)) = waited(entry) {
                    @let from = scale.x(entry.at().saturating_sub(waited));
                    line.waited x1=(px(from)) x2=(px(x)) y1=(px(y + 6.0)) y2=(px(y + 6.0)) { title { (text) } }
                    (below.place(from, y, &text))
                } @else if let Some(text) = over(entry) {
                    (below.place(x - 4.0, y, &text))
                }
            }
        }
    }

    /// The events; those too close to distinguish by eye are drawn as one.
    fn events(&self, place: usize, y: f64, scale: &Scale) -> Markup {
        let mut marks: Vec<(f64, Arrival, Vec<String>)> = Vec::new();
        let on = self
            .trace
            .deliveries
            .iter()
            .filter(|it| it.connection() == place);
        for delivery in on.filter(|it| scale.passed(it.entry.at())) {
            let x = scale.x(delivery.entry.at());
            let known = self.arrivals.deliveries.get(&delivery.entry.number);
            // Events of another run are there, and nothing is said of them.
            let arrival = known.copied().unwrap_or_default();
            let name = show_within(&delivery.event().name, LONGEST);
            let text = format!("{} {name}", delivery.event().index);
            match marks.last_mut() {
                Some((last, of, texts)) if *of == arrival && x - *last < CLOSE => texts.push(text),
                _ => marks.push((x, arrival, vec![text])),
            }
        }
        html! {
            @for (x, arrival, texts) in &marks {
                @let what = show_within(&texts.join(", "), 160);
                g.mark.(arrival.class()) {
                    title {
                        (count(texts.len(), "event")) ", "
                        @if *arrival == Arrival::NotDue { "of another run" } @else { (arrival.words()) }
                        ": " (what)
                    }
                    (mark(*x, y, *arrival))
                }
            }
        }
    }

    fn missing(&self, place: usize, y: f64, scale: &Scale) -> Markup {
        let Some(missing) = self.arrivals.missing.get(&place) else {
            return html! {};
        };
        // Where the first event after the gap came, else where the connection began.
        let first = missing.first().copied().unwrap_or_default();
        let connection = self.trace.connection(place);
        let mut on = self
            .trace
            .deliveries
            .iter()
            .filter(|it| it.connection() == place);
        let after = on.find(|it| it.index().is_some_and(|index| index > first));
        let at = after
            .map(|it| it.entry)
            .or(connection.entries.first().copied());
        let Some(at) = at.map(|it| it.at()).filter(|at| scale.passed(*at)) else {
            return html! {};
        };
        let text = format!("× missing {}", spans(missing));
        let wide = text.chars().count() as f64 * 7.6;
        let x = scale.x(at).min(WIDTH - wide);
        html! {
            text.missing x=(px(x)) y=(px(y - 49.0)) { (text) }
        }
    }

    /// The messages that the finding rests on, each leading to its text.
    fn rings(&self, connection: &Connection<'_>, y: f64, scale: &Scale) -> Markup {
        let on = connection
            .entries
            .iter()
            .filter(|it| self.evidence.contains(&it.number));
        html! {
            @for entry in on.filter(|it| scale.passed(it.at())) {
                @let label = format!("message {}, {:.3} s", entry.number, entry.at().as_secs_f64());
                a href={ "#" (anchor(self.cause, entry.number)) } aria-label=(label) {
                    title { (label) }
                    circle.ring cx=(px(scale.x(entry.at()))) cy=(px(y)) r="9" {}
                }
            }
        }
    }
}

/// How a connection ended, for the label of the picture.
pub(crate) fn ending(connection: &Connection<'_>) -> String {
    let text = connection.over().and_then(over);
    text.unwrap_or_else(|| "still connected at the end".to_owned())
}

fn mark(x: f64, y: f64, arrival: Arrival) -> Markup {
    let (left, top) = (px(x - 4.0), px(y - 4.0));
    html! {
        @match arrival {
            Arrival::CaughtUp => path d={ "M" (px(x)) " " (px(y - 6.0)) "l5 6l-5 6l-5-6z" } {},
            Arrival::Replayed => rect x=(left) y=(top) width="8" height="8" {},
            Arrival::Live | Arrival::NotDue | Arrival::Missing => circle cx=(px(x)) cy=(px(y)) r="4" {},
            Arrival::Twice | Arrival::OutOfOrder | Arrival::Changed => {
                rect x=(px(x - 5.0)) y=(px(y - 6.0)) width="10" height="12" {}
                text x=(px(x)) y=(px(y + 4.0)) text-anchor="middle" { (arrival.glyph()) }
            },
        }
    }
}

fn cut(x: f64, y: f64) -> Markup {
    html! {
        path.cut d={ "M" (px(x - 5.0)) " " (px(y - 7.0)) "l10 14m0-14l-10 14" } {}
    }
}

/// `20–24, 30`, and how many more.
fn spans(indices: &std::collections::BTreeSet<u64>) -> String {
    const MOST: usize = 4;
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for index in indices {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => spans.push((*index, *index)),
        }
    }
    let parts: Vec<_> = spans
        .iter()
        .take(MOST)
        .map(|(from, to)| span(*from, *to))
        .collect();
    let more = if spans.len() > MOST { ", …" } else { "" };
    format!("{}{more}", parts.join(", "))
}
