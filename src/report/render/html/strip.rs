//! The index strip: a row of small boxes a viewer, one for each event of the run, marked by how it
//! arrived. Long runs are binned; a bin is as bad as its worst event, and says how many are bad.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::report::render::html::arrival::{Arrival, Arrivals, HIGHEST};
use crate::report::render::html::format::{show_within, span};

/// More boxes than these are no help.
const MOST_BOXES: usize = 120;
/// Further rows are summed up in a sentence.
const MOST_ROWS: usize = 12;
/// So many stretches are put into words.
const MOST_STRETCHES: usize = 12;
/// The longest name that is shown whole.
const LONGEST_NAME: usize = 40;

/// One box: the events from one index to another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cell {
    pub from: u64,
    pub to: u64,
    /// The worst among them.
    pub arrival: Arrival,
    /// How many of them arrived like the worst.
    pub number: u64,
}

pub(crate) fn of(arrivals: &Arrivals) -> Markup {
    if arrivals.rows.is_empty() {
        return html! { p.note { "No event with an index came, so there is no index strip." } };
    }
    let rows = rows(arrivals);
    let drawn = &rows[..rows.len().min(MOST_ROWS)];
    let left_out = &rows[drawn.len()..];
    html! {
        @for (names, row) in drawn {
            @let cells = cells(row);
            div.strip {
                p.viewer { (who(names)) }
                div.boxes role="img" aria-label={ (who(names)) ": " (sentence(row)) } {
                    @for cell in &cells {
                        span.box.(cell.arrival.class()).bin[cell.to > cell.from] title=(title(cell)) {
                            (cell.arrival.glyph())
                            @if cell.to > cell.from { small { (label(cell)) } }
                        }
                    }
                }
                p.said { (sentence(row)) }
            }
        }
        @if !left_out.is_empty() {
            @let viewers: usize = left_out.iter().map(|(names, _)| names.len()).sum();
            @let bad = left_out.iter().filter(|(_, row)| row.iter().any(|it| it.is_bad())).count();
            p.note {
                (viewers) " more viewers are not drawn; "
                @if bad == 0 { "for them nothing was missing, doubled, out of order or changed." }
                @else { "among them, with anomalies: " (bad) " different rows. The transcript has them all." }
            }
        }
        @if arrivals.cut { p.note { "Events with an index above " (HIGHEST) " are not drawn." } }
        (legend(drawn))
    }
}

/// Viewers to whom all came alike share a row; those with anomalies come first.
fn rows(arrivals: &Arrivals) -> Vec<(Vec<&str>, &[Arrival])> {
    let mut places: BTreeMap<&[Arrival], usize> = BTreeMap::new();
    let mut rows: Vec<(Vec<&str>, &[Arrival])> = Vec::new();
    for (name, row) in &arrivals.rows {
        let row = row.as_slice();
        let place = *places.entry(row).or_insert_with(|| {
            rows.push((Vec::new(), row));
            rows.len() - 1
        });
        rows[place].0.push(name);
    }
    rows.sort_by_key(|(_, row)| !row.iter().any(|it| it.is_bad()));
    rows
}

fn who(names: &[&str]) -> String {
    let mut text: Vec<_> = names
        .iter()
        .take(3)
        .map(|name| show_within(name, LONGEST_NAME))
        .collect();
    if let Some(more @ 1..) = names.len().checked_sub(3) {
        text.push(format!("{more} more"));
    }
    text.join(", ")
}

/// The boxes of a row: one an event; where they are too many, one a stretch of likes; where those are
/// too many, as well, bins of equal length.
pub(crate) fn cells(row: &[Arrival]) -> Vec<Cell> {
    if row.len() <= MOST_BOXES {
        return (0..)
            .zip(row)
            .map(|(at, it)| cell(at, at, &[*it]))
            .collect();
    }
    let stretches = stretches(row);
    if stretches.len() <= MOST_BOXES {
        return stretches;
    }
    let size = row.len().div_ceil(MOST_BOXES);
    let bins = row.chunks(size).enumerate().map(|(at, bin)| {
        let from = (at * size) as u64;
        cell(from, from + bin.len() as u64 - 1, bin)
    });
    bins.collect()
}

fn cell(from: u64, to: u64, of: &[Arrival]) -> Cell {
    let arrival = of.iter().copied().max().unwrap_or_default();
    let number = of.iter().filter(|it| **it == arrival).count() as u64;
    Cell {
        from,
        to,
        arrival,
        number,
    }
}

/// Neighbours that arrived alike, together.
fn stretches(row: &[Arrival]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for (at, arrival) in (0..).zip(row.iter().copied()) {
        match cells.last_mut().filter(|cell| cell.arrival == arrival) {
            Some(cell) => {
                cell.to = at;
                cell.number += 1;
            }
            None => cells.push(cell(at, at, &[arrival])),
        }
    }
    cells
}

fn label(cell: &Cell) -> String {
    let all = cell.to - cell.from + 1;
    if cell.number == all {
        format!(" {}", span(cell.from, cell.to))
    } else {
        format!(" {} of {all}", cell.number)
    }
}

fn title(cell: &Cell) -> String {
    let (indices, words) = (span(cell.from, cell.to), cell.arrival.words());
    let all = cell.to - cell.from + 1;
    if cell.number == all {
        format!("{indices} {words}")
    } else {
        format!("{indices}: {} of {all} {words}", cell.number)
    }
}

/// The row in words. Of many stretches, those with anomalies are named first.
pub(crate) fn sentence(row: &[Arrival]) -> String {
    let mut stretches = stretches(row);
    let all = stretches.len();
    if all > MOST_STRETCHES {
        stretches.sort_by_key(|it| !it.arrival.is_bad());
        stretches.truncate(MOST_STRETCHES);
        stretches.sort_by_key(|it| it.from);
    }
    let parts: Vec<_> = stretches.iter().map(title).collect();
    let mut text = parts.join(", ");
    if all > MOST_STRETCHES {
        let mut counts: BTreeMap<Arrival, usize> = BTreeMap::new();
        for arrival in row.iter().filter(|it| it.is_bad()) {
            *counts.entry(*arrival).or_default() += 1;
        }
        text += &format!(" and {} more stretches", all - MOST_STRETCHES);
        if !counts.is_empty() {
            let counts: Vec<_> = counts
                .iter()
                .map(|(arrival, number)| format!("{number} {}", arrival.words()))
                .collect();
            text += &format!("; in all {}", counts.join(", "));
        }
    }
    text
}

/// What the marks mean that are there.
fn legend(rows: &[(Vec<&str>, &[Arrival])]) -> Markup {
    let is_there = |arrival: &Arrival| rows.iter().any(|(_, row)| row.contains(arrival));
    html! {
        p.legend {
            @for arrival in Arrival::ALL.iter().filter(|it| is_there(it)) {
                span { span.box.(arrival.class()) aria-hidden="true" { (arrival.glyph()) } " " (arrival.words()) }
                " "
            }
        }
    }
}
