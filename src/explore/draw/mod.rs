//! Draws a plan: a function of the seed, the trial and what the target can do.
//!
//! A drawn plan keeps a sketch of what it has done so far, so that most steps find something to do: a viewer
//! who returns has left before. What the server makes of it is not known here, and need not be: a step that is
//! not possible is left out when the plan is played.
//!
//! - `client`: what is done to a client that is judged
//! - `sketch`: what a plan has done so far
//! - `moves`: everything that can come next, and its step

mod client;
mod moves;
mod sketch;

use crate::explore::dice::Dice;
use crate::explore::plan::{Kind, Line, OVER_HTTP, Plan};
use crate::explore::reach::Reach;
use crate::protocol::Side;
use crate::target::Variant;
use moves::Move;
use sketch::Sketch;

/// How many steps a plan has, beside those that say on which variant it is played.
const STEPS: std::ops::RangeInclusive<usize> = 3..=14;

/// How many steps a plan has in which viewers only come and go, and how many of a hundred plans are such.
const MANY_STEPS: std::ops::RangeInclusive<usize> = 15..=40;
const FLAPPING: usize = 8;

/// In how many of a hundred plans a move that not every plan needs does not happen at all. Plans that do
/// only a few different things go further in them.
const LEFT_OUT: usize = 45;

/// The plan of this trial of a seed.
#[must_use]
pub fn plan(seed: u64, trial: u64, reach: &Reach) -> Plan {
    let mut dice = Dice::of(seed, trial);
    if reach.side == Side::Client {
        return Plan {
            seed,
            trial,
            side: reach.side,
            wire: reach.wire,
            viewers: 1,
            lines: client::lines(&mut dice, reach.wire),
        };
    }
    let variant = variant(&mut dice, reach);
    let mut sketch = Sketch::of(reach, variant);
    if reach.mixed {
        sketch.draw_wires(&mut dice);
    }
    let mut lines = Vec::new();
    let flaps = dice.percent(FLAPPING);
    let steps = if flaps { MANY_STEPS } else { STEPS };
    let length = steps.start() + dice.below(steps.end() - steps.start() + 1);
    let chosen: Vec<Move> = Move::ALL
        .iter()
        .copied()
        .filter(|it| it.is_needed() || !flaps && !dice.percent(LEFT_OUT))
        .collect();
    for _ in 0..length {
        let possible: Vec<(usize, Move)> =
            chosen.iter().map(|it| (it.weight(&sketch), *it)).collect();
        let Some(next) = dice.weighted(&possible) else {
            break;
        };
        lines.extend(next.line(&mut sketch, &mut dice));
    }
    let over_http = speaking_over_http(&sketch, &lines);
    Plan {
        seed,
        trial,
        side: reach.side,
        wire: reach.wire,
        viewers: reach.viewers,
        lines: [opening(variant), over_http, lines].concat(),
    }
}

/// The steps that say which of the viewers of these steps speak over HTTP, where not all do.
fn speaking_over_http(sketch: &Sketch<'_>, lines: &[Line]) -> Vec<Line> {
    let comes = |name: &str| {
        let mut all = lines.iter().flat_map(|it| it.kinds().zip(&it.arguments));
        all.any(|(kind, text)| kind == Kind::Viewer && text == name)
    };
    let all = sketch.viewers.iter();
    let own = all.filter(|it| sketch.reach.mixed && it.over_http && comes(it.name));
    own.map(|it| Line::new(OVER_HTTP, [it.name])).collect()
}

/// The variant that the plan is played on; none for most plans.
fn variant(dice: &mut Dice, reach: &Reach) -> Option<Variant> {
    let others = [
        (14, Variant::Replica),
        (12, Variant::Guarded),
        (6, Variant::IsolatedUsers),
    ];
    let mut all = vec![(68, None)];
    let known = others.iter().filter(|(_, it)| reach.variants.contains(it));
    all.extend(known.map(|(weight, it)| (*weight, Some(*it))));
    dice.weighted(&all).copied().flatten()
}

/// The steps that say so.
fn opening(variant: Option<Variant>) -> Vec<Line> {
    let on = |phrase: &str| Line::new("{target_variant}", [phrase]);
    match variant {
        // Plans are about runs, not about tokens.
        None | Some(Variant::Expiring | Variant::Permissions) => Vec::new(),
        Some(Variant::Guarded) => vec![on("a server that asks for a token")],
        Some(Variant::Replica) => vec![on("two replicas of one server")],
        Some(Variant::Users | Variant::IsolatedUsers) => vec![
            on("a server that keeps users apart"),
            Line::new("{viewer} and {viewer} are different users", ["Ada", "Ben"]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::protocol::{Component, Part, Wire};
    use crate::suite::{StepType, dispatch};

    fn everything() -> Reach {
        Reach {
            side: Side::Server,
            parts: Part::ALL.into_iter().collect(),
            variants: Variant::ALL.into_iter().collect(),
            wire: Wire::WebSocket,
            mixed: true,
            http: true,
            restart: true,
            forget: true,
            breakpoints: true,
            viewers: 4,
        }
    }

    #[test]
    fn a_plan_is_a_function_of_its_seed() {
        let reach = everything();
        assert_eq!(plan(1, 2, &reach), plan(1, 2, &reach));
        assert_ne!(plan(1, 2, &reach), plan(1, 3, &reach));
        assert_ne!(plan(1, 2, &reach), plan(2, 2, &reach));
    }

    #[test]
    fn every_drawn_step_is_one_of_the_suite_and_every_step_for_plans_is_drawn() {
        let mut drawn = BTreeSet::new();
        let clients = Reach {
            side: Side::Client,
            ..everything()
        };
        let reaches = [everything(), clients];
        for (trial, reach) in (0..800).flat_map(|trial| reaches.iter().map(move |it| (trial, it))) {
            let plan = plan(7, trial, reach);
            assert!(!plan.lines.is_empty());
            for line in plan.lines {
                let text = line.text();
                assert_eq!(Line::of(&text).as_ref(), Some(&line), "{text}");
                drawn.insert(line.phrase);
            }
        }
        let given = dispatch::for_plans().filter(|step| step.keyword == StepType::Given);
        let all: BTreeSet<_> = given.map(|step| step.phrase.to_owned()).collect();
        let never: Vec<_> = all.difference(&drawn).collect();
        assert!(never.is_empty(), "{never:?}");
    }

    /// How many viewers of each plan speak over HTTP, and how many there are, where each may.
    fn wires_drawn() -> Vec<(usize, usize)> {
        let plans = (0..300).map(|trial| plan(7, trial, &everything()));
        let wires = plans.map(|plan| {
            let (over_http, others): (Vec<Line>, Vec<Line>) = plan
                .lines
                .into_iter()
                .partition(|it| it.phrase == OVER_HTTP);
            let steps = others
                .iter()
                .filter(|it| !it.phrase.contains("different users"));
            let names: BTreeSet<String> = steps
                .flat_map(|it| it.kinds().zip(&it.arguments))
                .filter(|(kind, _)| *kind == Kind::Viewer)
                .map(|(_, text)| text.clone())
                .collect();
            (over_http.len(), names.len())
        });
        wires.collect()
    }

    #[test]
    fn some_plans_use_one_wire_and_others_both() {
        let wires = wires_drawn();
        let count = |is: fn(&(usize, usize)) -> bool| wires.iter().filter(|it| is(it)).count();
        assert!(count(|(over_http, _)| *over_http == 0) > 60);
        assert!(count(|(over_http, all)| over_http == all) > 45);
        assert!(count(|(over_http, all)| *over_http > 0 && over_http < all) > 60);
    }

    #[test]
    fn over_http_alone_no_plan_asks_for_what_a_websocket_has() {
        let reach = Reach {
            wire: Wire::Http(Component::Agent),
            mixed: false,
            ..everything()
        };
        for trial in 0..500 {
            let plan = plan(5, trial, &reach);
            assert_eq!(plan.wire, Wire::Http(Component::Agent));
            for text in plan.lines.iter().map(Line::text) {
                for word in [
                    "pinged",
                    "same connection",
                    "without naming it",
                    "again and again",
                    "speaks over",
                ] {
                    assert!(!text.contains(word), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_plan_asks_nothing_of_a_server_that_it_cannot_do() {
        let reach = Reach {
            parts: [Part::Long].into(),
            viewers: 2,
            ..Reach::default()
        };
        for trial in 0..500 {
            for line in plan(3, trial, &reach).lines {
                let text = line.text();
                for word in [
                    "HTTP",
                    "cancelled",
                    "short",
                    "pausing",
                    "restarted",
                    "replica",
                    "token",
                    "dropped",
                    "before its first",
                    "Cleo",
                    "again and again",
                    "repeats",
                ] {
                    assert!(!text.contains(word), "{text}");
                }
            }
        }
    }
}
