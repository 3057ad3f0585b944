//! The shortest plan that still fails: steps are left out, then what is left is made simpler, for as long as
//! the same requirement fails.

use std::collections::HashSet;
use std::sync::Arc;

use crate::explore::plan::{Kind, Line, NAMES, Plan};
use crate::explore::play::{Played, play};
use crate::suite::environment::Environment;
use crate::suite::params;

/// How much is tried to find a shorter plan.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How many plays altogether.
    pub plays: usize,
    /// How often one plan is played before it counts as one that does not fail: the server's timing is its
    /// own.
    pub tries: usize,
}

/// The result of shortening a plan.
#[derive(Clone, Debug)]
pub struct Shortened {
    /// The shortest plan that failed, as it was played last.
    pub played: Played,
    /// How often it was played again, with that result or another.
    pub plays: usize,
    /// Whether it failed again at all.
    pub again: bool,
}

/// Shortens a plan in which this requirement failed.
pub async fn shrink(
    environment: &Arc<Environment>,
    failed: Played,
    id: &str,
    effort: Effort,
) -> Shortened {
    let mut search = Search {
        environment,
        id,
        effort,
        plays: 0,
        seen: HashSet::new(),
    };
    let Some(played) = search.fails(&failed.plan).await else {
        return Shortened {
            played: failed,
            plays: search.plays,
            again: false,
        };
    };
    let mut best = played;
    loop {
        let before = best.plan.lines.clone();
        best = search.without_steps(best).await;
        best = search.simpler(best).await;
        if best.plan.lines == before || search.is_over() {
            let lines = renamed(&best.plan.lines);
            if let Some(played) = search.tried(lines, &best.plan).await {
                best = played;
            }
            return Shortened {
                played: best,
                plays: search.plays,
                again: true,
            };
        }
    }
}

struct Search<'a> {
    environment: &'a Arc<Environment>,
    id: &'a str,
    effort: Effort,
    plays: usize,
    /// What was tried already.
    seen: HashSet<String>,
}

impl Search<'_> {
    fn is_over(&self) -> bool {
        self.plays >= self.effort.plays
    }

    /// The plan as it was played, if the requirement failed in it.
    async fn fails(&mut self, plan: &Plan) -> Option<Played> {
        for _ in 0..self.effort.tries {
            if self.is_over() {
                return None;
            }
            self.plays += 1;
            let played = play(self.environment, plan).await;
            if played.has_failed(self.id) {
                return Some(played);
            }
        }
        None
    }

    /// The same, for a plan that was not tried yet.
    async fn tried(&mut self, lines: Vec<Line>, of: &Plan) -> Option<Played> {
        let texts: Vec<String> = lines.iter().map(Line::text).collect();
        if !self.seen.insert(texts.join("\n")) {
            return None;
        }
        let plan = Plan {
            lines,
            ..of.clone()
        };
        self.fails(&plan).await
    }

    /// Leaves out as many steps as possible, many at a time first.
    async fn without_steps(&mut self, mut best: Played) -> Played {
        let mut many = (best.plan.lines.len() / 2).max(1);
        loop {
            let mut end = best.plan.lines.len();
            while end > 0 {
                let from = end.saturating_sub(many);
                let lines = without(&best.plan.lines, from, end);
                match self.tried(lines, &best.plan).await {
                    Some(shorter) => {
                        best = shorter;
                        end = from.min(best.plan.lines.len());
                    }
                    None => end = from,
                }
            }
            if many == 1 {
                return best;
            }
            many /= 2;
        }
    }

    /// Makes every parameter as simple as possible.
    async fn simpler(&mut self, mut best: Played) -> Played {
        let mut place = 0;
        while place < best.plan.lines.len() {
            for line in simpler(&best.plan.lines[place]) {
                let mut lines = best.plan.lines.clone();
                lines[place] = line;
                if let Some(played) = self.tried(lines, &best.plan).await {
                    best = played;
                    break;
                }
            }
            place += 1;
        }
        best
    }
}

/// The steps without those from the first to before the last of these places. Where a run is no longer
/// started, what is about it goes as well, and the later ones move up.
fn without(lines: &[Line], from: usize, to: usize) -> Vec<Line> {
    let mut started = 0;
    // For each run its new number; `None` where it is no longer started.
    let mut numbers = Vec::new();
    let mut kept = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let is_known = |run: u64| {
            let place = usize::try_from(run).unwrap_or_default().checked_sub(1);
            // A run that was never started is nobody's: the step may stay.
            place
                .and_then(|place| numbers.get(place))
                .is_none_or(Option::is_some)
        };
        let stays = !(from..to).contains(&place) && line.runs().all(is_known);
        if stays {
            kept.push(line.renumbered(|run| {
                let place = usize::try_from(run).unwrap_or_default().checked_sub(1);
                let number = place.and_then(|place| numbers.get(place).copied().flatten());
                number.unwrap_or(run)
            }));
        }
        if line.starts() {
            started += u64::from(stays);
            numbers.push(stays.then_some(started));
        }
    }
    kept
}

/// The same steps, with the viewers named in the order in which they come.
fn renamed(lines: &[Line]) -> Vec<Line> {
    let mut known: Vec<&str> = Vec::new();
    let mut renamed = Vec::with_capacity(lines.len());
    for line in lines {
        let kinds = line.kinds().zip(&line.arguments);
        let arguments = kinds.map(|(kind, text)| {
            if kind != Kind::Viewer {
                return text.as_str();
            }
            let place = known.iter().position(|it| *it == text).unwrap_or_else(|| {
                known.push(text);
                known.len() - 1
            });
            NAMES.get(place).copied().unwrap_or(text)
        });
        renamed.push(Line::new(&line.phrase, arguments));
    }
    renamed
}

/// The same step, simpler, the simplest first.
fn simpler(line: &Line) -> Vec<Line> {
    let all = params::all();
    let mut simpler = Vec::new();
    for (place, kind) in line.kinds().enumerate() {
        let Some(text) = line.arguments.get(place) else {
            continue;
        };
        let texts: Vec<String> = match kind {
            Kind::Viewer | Kind::Run => Vec::new(),
            Kind::Count => text.parse().map_or_else(|_| Vec::new(), fewer),
            Kind::Choice(name) => {
                let phrases = all.iter().find(|(of, _)| *of == name);
                let phrases = phrases.map_or(&[][..], |(_, phrases)| phrases);
                let before = phrases.iter().take_while(|it| **it != text.as_str());
                let before = before.filter(|it| !it.contains("{int}"));
                before.map(|it| (*it).to_owned()).collect()
            }
        };
        for text in texts {
            let mut one = line.clone();
            if let Some(argument) = one.arguments.get_mut(place) {
                *argument = text;
            }
            simpler.push(one);
        }
    }
    simpler
}

/// Smaller numbers than this one, the smallest first.
fn fewer(count: u64) -> Vec<String> {
    let mut fewer: Vec<u64> = [1, 2, 5, 20, count / 2, count.saturating_sub(1)]
        .into_iter()
        .filter(|it| *it > 0 && *it < count)
        .collect();
    fewer.sort_unstable();
    fewer.dedup();
    fewer.into_iter().map(|it| it.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<Line> {
        texts.iter().map(|it| Line::of(it).expect(it)).collect()
    }

    #[test]
    fn what_is_about_a_run_goes_with_its_start() {
        let plan = lines(&[
            "Ada has started a long run",
            "Ben has started a short run",
            "Ada has watched run 1 for 3 more events",
            "Ben has watched run 2 for 4 more events",
            "Cleo has pinged",
        ]);
        let expected = lines(&[
            "Ben has started a short run",
            "Ben has watched run 1 for 4 more events",
            "Cleo has pinged",
        ]);
        assert_eq!(without(&plan, 0, 1), expected);
        assert_eq!(without(&plan, 4, 5), plan[..4]);
        assert!(without(&plan, 0, 5).is_empty());
    }

    #[test]
    fn viewers_are_named_as_they_come() {
        let plan = lines(&[
            "Dan has started a long run",
            "Ben has pinged",
            "Dan has pinged",
        ]);
        let expected = lines(&[
            "Ada has started a long run",
            "Ben has pinged",
            "Ada has pinged",
        ]);
        assert_eq!(renamed(&plan), expected);
    }

    #[test]
    fn a_step_becomes_simpler_and_never_the_same() {
        let line =
            Line::of("Ben has returned to run 1 without a position while it went on for 3 events");
        let line = line.expect("a step");
        let texts: Vec<String> = simpler(&line).iter().map(Line::text).collect();
        let expected = [
            "Ben has returned to run 1 with their position while it went on for 3 events",
            "Ben has returned to run 1 without a position while it went on for 1 event",
            "Ben has returned to run 1 without a position while it went on for 2 events",
        ];
        assert_eq!(texts, expected);
        assert!(simpler(&Line::of("Ada has pinged").expect("a step")).is_empty());
    }
}
