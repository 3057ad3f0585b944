//! A plan: a list of steps, each in a phrase of the suite, and its JSON.

use serde::{Deserialize, Serialize};

use crate::protocol::{Side, Wire};
use crate::suite::{StepType, dispatch};

/// The version of the JSON of a plan.
pub const VERSION: u32 = 1;

/// The viewers of plans, in the order in which they come.
pub const NAMES: [&str; 8] = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hal"];

/// The phrases that name a new run.
const STARTS: &str = "has started a";

/// The phrase of a viewer who speaks over HTTP.
pub const OVER_HTTP: &str = "{viewer} speaks over HTTP";

/// What is before the number of a run.
const RUN: &str = "run ";

/// Steps to play one after the other, and where they came from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
    /// The seed that it was drawn from.
    pub seed: u64,
    /// The number of the trial among those of the seed, counted from 1.
    pub trial: u64,
    /// Whom it tries: a server, or a client.
    pub side: Side,
    /// How viewers speak where no step says it.
    pub wire: Wire,
    /// How many connections it may have open at once.
    pub viewers: usize,
    /// The steps, without the end that every plan has.
    pub lines: Vec<Line>,
}

/// One step: a phrase of the suite, and the text of each of its parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// The phrase, a cucumber expression.
    pub phrase: String,
    /// The texts of its parameters, in order.
    pub arguments: Vec<String>,
}

/// What a parameter of a phrase stands for, as far as shortening a plan must know it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind<'p> {
    /// A viewer.
    Viewer,
    /// The number of a run.
    Run,
    /// How many events.
    Count,
    /// One of the phrases of the parameter of this name.
    Choice(&'p str),
}

/// Why a stored plan cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It is no JSON of a plan.
    #[error("it is no stored plan: {0}")]
    Json(#[from] serde_json::Error),
    /// It is of another version.
    #[error("it has schema_version {0}, and this release of the suite reads {VERSION}")]
    Version(u32),
    /// Viewers speak in a way that is not known.
    #[error("its viewers speak over {0:?}, which this release of the suite does not know")]
    Wire(String),
    /// A step has no phrase.
    #[error("step {number} is no step of the suite (`list steps` shows all): {text:?}")]
    Step {
        /// Which step, counted from 1.
        number: usize,
        /// What it says.
        text: String,
    },
}

/// A plan as it is stored.
#[derive(Deserialize, Serialize)]
struct Stored {
    schema_version: u32,
    seed: u64,
    trial: u64,
    /// Whether it tries a client.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    client: bool,
    /// How viewers speak; over the WebSocket where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wire: Option<String>,
    viewers: usize,
    steps: Vec<String>,
}

impl Line {
    /// The step of this phrase with these texts.
    pub fn new<A: Into<String>>(phrase: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self {
            phrase: phrase.to_owned(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// The step as a feature says it, without its keyword.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut arguments = self.arguments.iter();
        let mut latest = "";
        let mut rest = self.phrase.as_str();
        while let Some(place) = rest.find(['{', '(']) {
            let (text, special) = rest.split_at(place);
            out.push_str(text);
            let is_parameter = special.starts_with('{');
            let end = special.find(['}', ')']).unwrap_or(special.len() - 1);
            if is_parameter {
                latest = arguments.next().map_or("", String::as_str);
                out.push_str(latest);
            } else {
                let optional = &special[1..end];
                let is_said = match optional {
                    // The article of the word that follows.
                    "n" => arguments
                        .as_slice()
                        .first()
                        .is_some_and(|word| word.starts_with(['a', 'e', 'i', 'o', 'u'])),
                    _ => latest != "1",
                };
                out.push_str(if is_said { optional } else { "" });
            }
            rest = &special[end + 1..];
        }
        out + rest
    }

    /// The step that says this; `None` where the suite has no such `Given`.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let (phrase, arguments) = dispatch::given(text)?;
        Some(Self::new(phrase, arguments))
    }

    /// What each parameter stands for.
    pub fn kinds(&self) -> impl Iterator<Item = Kind<'_>> {
        let mut before = "";
        self.phrase
            .split('{')
            .enumerate()
            .filter_map(move |(place, piece)| {
                let (name, rest) = match place {
                    0 => ("", piece),
                    _ => piece.split_once('}')?,
                };
                let kind = match name {
                    "viewer" => Kind::Viewer,
                    "int" if before.ends_with(RUN) => Kind::Run,
                    "int" => Kind::Count,
                    name => Kind::Choice(name),
                };
                before = rest;
                (place > 0).then_some(kind)
            })
    }

    /// Whether it starts a run.
    #[must_use]
    pub fn starts(&self) -> bool {
        self.phrase.contains(STARTS)
    }

    /// The numbers of the runs that it is about.
    pub fn runs(&self) -> impl Iterator<Item = u64> {
        let kinds = self.kinds().zip(&self.arguments);
        kinds.filter_map(|(kind, text)| match kind {
            Kind::Run => text.parse().ok(),
            _ => None,
        })
    }

    /// The same step about other runs: each number is replaced by what this gives for it.
    #[must_use]
    pub fn renumbered(&self, mut number: impl FnMut(u64) -> u64) -> Self {
        let kinds = self.kinds().zip(&self.arguments);
        let arguments = kinds.map(|(kind, text)| match (kind, text.parse()) {
            (Kind::Run, Ok(run)) => number(run).to_string(),
            _ => text.clone(),
        });
        Self::new(&self.phrase, arguments)
    }
}

/// What every plan ends with, and what is expected after that.
const fn end(side: Side) -> (&'static str, &'static str) {
    match side {
        Side::Server => (
            "every run comes to its end, and is shown once more",
            "nobody has missed anything that was theirs, or got anything that was not",
        ),
        Side::Client => (
            "the run comes to its end, whatever Ada has done",
            "Ada has broken no promise of a client",
        ),
    }
}

impl Plan {
    /// Whether some of its viewers speak over HTTP, and others may speak over the WebSocket.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        self.wire == Wire::WebSocket && self.lines.iter().any(|it| it.phrase == OVER_HTTP)
    }

    /// What reports call it, and a client is told.
    #[must_use]
    pub fn name(&self) -> String {
        format!("Trial {} of seed {}", self.trial, self.seed)
    }

    /// All its steps with their keywords, and the end that every plan has.
    pub fn steps(&self) -> impl Iterator<Item = (StepType, String)> {
        let given = self.lines.iter().map(|line| (StepType::Given, line.text()));
        let (end, expected) = end(self.side);
        given.chain([
            (StepType::When, end.to_owned()),
            (StepType::Then, expected.to_owned()),
        ])
    }

    /// Its JSON.
    ///
    /// # Errors
    ///
    /// None that a plan can cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&Stored {
            schema_version: VERSION,
            seed: self.seed,
            trial: self.trial,
            client: self.side == Side::Client,
            wire: (self.wire != Wire::WebSocket).then(|| self.wire.name().to_owned()),
            viewers: self.viewers,
            steps: self.lines.iter().map(Line::text).collect(),
        })
    }

    /// The plan of this JSON.
    ///
    /// # Errors
    ///
    /// [`PlanError`] where it is none, or says what this release does not know.
    pub fn of_json(text: &str) -> Result<Self, PlanError> {
        let stored: Stored = serde_json::from_str(text)?;
        if stored.schema_version != VERSION {
            return Err(PlanError::Version(stored.schema_version));
        }
        let wire = match stored.wire {
            Some(name) => Wire::of(&name).ok_or(PlanError::Wire(name))?,
            None => Wire::WebSocket,
        };
        let lines = stored.steps.into_iter().enumerate().map(|(place, text)| {
            Line::of(&text).ok_or(PlanError::Step {
                number: place + 1,
                text,
            })
        });
        Ok(Self {
            seed: stored.seed,
            trial: stored.trial,
            side: match stored.client {
                true => Side::Client,
                false => Side::Server,
            },
            wire,
            viewers: stored.viewers,
            lines: lines.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Component;

    fn plan(steps: &[&str]) -> Plan {
        Plan {
            seed: 17,
            trial: 4,
            side: Side::Server,
            wire: Wire::WebSocket,
            viewers: 4,
            lines: steps.iter().map(|it| Line::of(it).expect(it)).collect(),
        }
    }

    #[test]
    fn a_step_is_said_as_it_was_read() {
        for text in [
            "Ada has started an endless run",
            "Ada has started a long run in the session of run 2",
            "Ada has watched run 1 for 1 more event",
            "Ada has watched run 1 for 20 more events",
            "Ben has returned to run 1 with event 17 as their position while it went on for 3 events",
            "run 1 has gone on for 1 event",
            "the server was restarted",
        ] {
            assert_eq!(Line::of(text).expect(text).text(), text);
        }
        assert_eq!(Line::of("Ada has danced"), None);
        assert_eq!(Line::of("Ada connects"), None, "a `When`");
    }

    #[test]
    fn the_parameters_of_a_step_are_known_by_kind() {
        let line = Line::of(
            "Ben has returned to run 2 with event 7 as their position while it went on for 3 events",
        );
        let line = line.expect("a step");
        let kinds: Vec<_> = line.kinds().collect();
        let expected = [
            Kind::Viewer,
            Kind::Run,
            Kind::Choice("position"),
            Kind::Count,
        ];
        assert_eq!(kinds, expected);
        assert_eq!(line.runs().collect::<Vec<_>>(), [2]);
        assert!(line.renumbered(|run| run - 1).text().contains("to run 1 "));
    }

    #[test]
    fn a_plan_survives_its_json() {
        let plan = plan(&["Ada has started a long run", "Ada has pinged"]);
        let json = plan.to_json().expect("JSON");
        assert_eq!(Plan::of_json(&json).expect("a plan"), plan);
        let wrong = json.replace("has pinged", "has sung");
        let error = Plan::of_json(&wrong).expect_err("no step").to_string();
        assert!(
            error.contains("step 2") && error.contains("has sung"),
            "{error}"
        );
        let error = Plan::of_json("{}").expect_err("no plan").to_string();
        assert!(error.contains("schema_version"), "{error}");
        let agents = Plan {
            wire: Wire::Http(Component::Agent),
            ..plan
        };
        let json = agents.to_json().expect("JSON");
        assert_eq!(Plan::of_json(&json).expect("a plan"), agents);
        let wrong = json.replace("agent · http", "agent · post");
        assert!(matches!(Plan::of_json(&wrong), Err(PlanError::Wire(_))));
        let newer = json.replace("\"schema_version\": 1", "\"schema_version\": 9");
        assert!(matches!(Plan::of_json(&newer), Err(PlanError::Version(9))));
    }
}
