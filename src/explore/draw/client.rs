//! A schedule of disturbances for a client: the connection is cut in some way after some events, with some happening
//! meanwhile, again and again; and what the client meets when it comes back.

use crate::explore::dice::Dice;
use crate::explore::draw::moves::choice;
use crate::explore::plan::Line;
use crate::protocol::{Cut, Part, Wire};
use crate::suite::argument::Parameter;
use crate::suite::params::{Break, Unreadable};

/// How many steps there are after the start.
const STEPS: std::ops::RangeInclusive<usize> = 1..=6;
/// At which event the run first stands, counted from 0; how many events are missed, and how many are watched.
const FIRST: usize = 30;
const MISSED: usize = 14;
const WATCHED: usize = 12;
/// So many tries to connect are turned away at the most: the pauses of careful clients grow.
const TURNED_AWAY: usize = 3;

/// What can come next.
#[derive(Clone, Copy)]
enum Move {
    Cut,
    Dead,
    Watch,
    Unreadable,
    AnotherRun,
}

/// How often each move comes.
const MOVES: &[(usize, Move)] = &[
    (60, Move::Cut),
    (4, Move::Dead),
    (22, Move::Watch),
    (8, Move::Unreadable),
    (6, Move::AnotherRun),
];

/// In so many of a hundred cuts tries to connect are turned away, or the return is answered in another way.
const TURNS_AWAY: usize = 15;
const ANSWERS: usize = 25;

/// The steps of a plan for a client that speaks so.
pub(super) fn lines(dice: &mut Dice, wire: Wire) -> Vec<Line> {
    let parts = [(5, Part::Long), (1, Part::Failing)];
    let part = dice.weighted(&parts).copied().unwrap_or(Part::Long);
    let first = dice.below(FIRST).to_string();
    let mut lines = vec![Line::new(
        "{viewer} has watched a(n) {part} run up to event {int}",
        ["Ada", part.word(), &first],
    )];
    let steps = STEPS.start() + dice.below(STEPS.end() - STEPS.start() + 1);
    for _ in 0..steps {
        match dice.weighted(MOVES).copied() {
            Some(Move::Cut) => cut(dice, wire, &mut lines),
            Some(Move::Dead) => lines.push(broken("goes dead", dice)),
            Some(Move::Watch) => lines.push(Line::new(
                "the run goes on for {int} event(s) while {viewer} watches",
                [(1 + dice.below(WATCHED)).to_string(), "Ada".to_owned()],
            )),
            Some(Move::Unreadable) => {
                let text = match wire {
                    Wire::WebSocket => choice(dice, "unreadable"),
                    // HTTP has no binary messages.
                    Wire::Http(_) => Some(Unreadable::PHRASES[0].0.to_owned()),
                };
                let step = "{unreadable} comes, and then more of the run";
                lines.extend(text.map(|text| Line::new(step, [text])));
            }
            Some(Move::AnotherRun) => {
                let step = "an event of another run comes, and then more of the run";
                lines.push(Line::new(step, [""; 0]));
            }
            None => {}
        }
    }
    lines
}

/// A cut, and what the client meets after it.
fn cut(dice: &mut Dice, wire: Wire, lines: &mut Vec<Line>) {
    if dice.percent(TURNS_AWAY) {
        let times = (1 + dice.below(TURNED_AWAY)).to_string();
        let step = "the next {int} attempt(s) to connect will be {turned_away}";
        let how = choice(dice, "turned_away");
        lines.extend(how.map(|how| Line::new(step, [times, how])));
    }
    if dice.percent(ANSWERS) {
        let step = "the next return will be {answered}";
        let how = choice(dice, "answered");
        lines.extend(how.map(|how| Line::new(step, [how])));
    }
    let ways = Break::PHRASES
        .iter()
        .filter(|(_, way)| match (wire, way.0) {
            (_, Cut::Dead) => false,
            // Its one clean end stands for the close codes of the WebSocket.
            (Wire::Http(_), Cut::Close(code)) => code == 1000,
            _ => true,
        });
    let ways: Vec<&str> = ways.map(|(phrase, _)| *phrase).collect();
    let way = dice.one_of(&ways).copied().unwrap_or("is reset");
    lines.push(broken(way, dice));
}

fn broken(way: &str, dice: &mut Dice) -> Line {
    let missed = dice.below(MISSED + 1).to_string();
    Line::new(
        "the connection {breaks}, and {viewer} misses {int} event(s)",
        [way, "Ada", &missed],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Component;

    #[test]
    fn a_client_over_http_meets_only_what_there_is_over_http() {
        let steps = |wire| -> String {
            let trials = 1..=300;
            let lines = trials.flat_map(|trial| lines(&mut Dice::of(2, trial), wire));
            lines.map(|line| line.text() + "\n").collect()
        };
        let over_http = steps(Wire::Http(Component::Agent));
        for step in ["goes away", "a binary message"] {
            assert!(!over_http.contains(step), "{step}");
            assert!(steps(Wire::WebSocket).contains(step), "{step}");
        }
    }
}
