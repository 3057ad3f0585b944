//! How much of each time limit was used, in the worst case: a run that passes with nine tenths
//! of a deadline used fails on a slower day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::text::escape::escape_visible;

/// From which share of a limit on a margin is narrow, in percent.
pub const NARROW: u64 = 80;

/// The longest text of what was waited for that is shown whole, in columns.
const LONGEST: usize = 120;

/// How much of one time limit was used in the worst case.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct LimitUsage {
    /// Which limit.
    pub limit: Limit,
    /// How long it is, in milliseconds.
    pub allowed_ms: u64,
    /// How much of it was used, in milliseconds; all of it where a wait timed out.
    pub worst_ms: u64,
    /// The scenario where that was, by its id; none for the whole run, and within a scenario's report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What was waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<String>,
    /// With `--repeat`: in which repetition that was, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<usize>,
}

/// A time limit.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// How long nothing may arrive before a viewer gives up.
    StepTimeout,
    /// How long one scenario may take.
    ScenarioTimeout,
    /// How long the whole run may take.
    Deadline,
}

impl Limit {
    /// The option that sets it.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::StepTimeout => "--step-timeout",
            Self::ScenarioTimeout => "--scenario-timeout",
            Self::Deadline => "--deadline",
        }
    }
}

impl LimitUsage {
    /// How much of it was used, in whole percent; never more than 100.
    #[must_use]
    pub fn percent(&self) -> u64 {
        let worst = self.worst_ms.min(self.allowed_ms);
        match self.allowed_ms {
            0 => 100,
            allowed => worst.saturating_mul(100) / allowed,
        }
    }

    /// Whether more than [`NARROW`] percent of it was used.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        self.worst_ms.saturating_mul(100) > self.allowed_ms.saturating_mul(NARROW)
    }

    /// `--step-timeout 84 % (8.4 s of 10.0 s)`.
    #[must_use]
    pub fn words(&self) -> String {
        format!(
            "{} {} % ({} of {})",
            self.limit.option(),
            self.percent(),
            time(self.worst_ms),
            time(self.allowed_ms)
        )
    }

    /// `waiting for the greeting, in features/a.feature › …, in repetition 3`; empty where there is
    /// nothing to say. Visible characters only.
    #[must_use]
    pub fn place(&self) -> String {
        let show = |text: &str| escape_visible(text, LONGEST);
        let parts = [
            self.waiting_for
                .as_deref()
                .map(|it| format!("waiting for {}", show(it))),
            self.scenario
                .as_deref()
                .map(|it| format!("in {}", escape_visible(it, 2 * LONGEST))),
            self.repetition.map(|it| format!("in repetition {it}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn is_worse(&self, than: &Self) -> bool {
        // By share: the limits of two runs need not be the same.
        let share = |one: &Self, other: &Self| {
            u128::from(one.worst_ms) * u128::from(other.allowed_ms.max(1))
        };
        share(self, than) > share(than, self)
    }
}

/// `850 ms`, `8.4 s`, `15 min 0 s`.
fn time(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        _ => crate::report::text::format::seconds(milliseconds),
    }
}

/// Keeps the worse of this one and what is there of the same limit.
fn take(worst: &mut Vec<LimitUsage>, limit_usage: LimitUsage) {
    match worst.iter_mut().find(|it| it.limit == limit_usage.limit) {
        Some(kept) if limit_usage.is_worse(kept) => *kept = limit_usage,
        Some(_) => {}
        None => worst.push(limit_usage),
    }
}

/// The worst of each limit over scenarios, or over runs that have each limit to themselves, as shards do.
pub(crate) fn over(all: impl IntoIterator<Item = LimitUsage>) -> Vec<LimitUsage> {
    let mut worst = Vec::new();
    for limit_usage in all {
        take(&mut worst, limit_usage);
    }
    worst
}

/// Adds those of a further repetition. The deadline is that of all repetitions together: what they
/// used of it adds up.
pub(crate) fn add(worst: &mut Vec<LimitUsage>, of: &[LimitUsage], repetition: usize) {
    for limit_usage in of {
        if limit_usage.limit == Limit::Deadline {
            match worst.iter_mut().find(|it| it.limit == Limit::Deadline) {
                Some(kept) => kept.worst_ms = kept.worst_ms.saturating_add(limit_usage.worst_ms),
                None => worst.push(limit_usage.clone()),
            }
        } else {
            let usage = limit_usage.clone();
            take(
                worst,
                LimitUsage {
                    repetition: Some(repetition),
                    ..usage
                },
            );
        }
    }
}

/// All of them in one line: `--step-timeout 12 %, --scenario-timeout 3 %, --deadline 1 %`; none where
/// nothing was measured.
#[must_use]
pub fn line(time_limits: &[LimitUsage]) -> Option<String> {
    let parts: Vec<_> = time_limits
        .iter()
        .map(|it| format!("{} {} %", it.limit.option(), it.percent()))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_usage(limit: Limit, worst_ms: u64) -> LimitUsage {
        LimitUsage {
            limit,
            allowed_ms: 1_000,
            worst_ms,
            scenario: None,
            waiting_for: Some("the greeting".to_owned()),
            repetition: None,
        }
    }

    #[test]
    fn a_margin_is_narrow_above_four_fifths() {
        for (worst, percent, narrow) in [
            (0, 0, false),
            (800, 80, false),
            (801, 80, true),
            (1_000, 100, true),
            (5_000, 100, true),
        ] {
            let it = limit_usage(Limit::StepTimeout, worst);
            assert_eq!((it.percent(), it.is_narrow()), (percent, narrow), "{worst}");
        }
        let nothing = LimitUsage {
            allowed_ms: 0,
            ..limit_usage(Limit::Deadline, 0)
        };
        assert_eq!(nothing.percent(), 100);
        assert_eq!(
            limit_usage(Limit::StepTimeout, 843).words(),
            "--step-timeout 84 % (843 ms of 1.0 s)"
        );
    }

    #[test]
    fn repetitions_keep_the_worst_and_add_up_the_deadline() {
        let mut all = Vec::new();
        let of = |step, deadline| {
            [
                limit_usage(Limit::StepTimeout, step),
                limit_usage(Limit::Deadline, deadline),
            ]
        };
        add(&mut all, &of(300, 400), 1);
        add(&mut all, &of(500, 300), 2);
        add(&mut all, &of(500, 200), 3);
        assert_eq!((all[0].worst_ms, all[0].repetition), (500, Some(2)));
        assert_eq!((all[1].worst_ms, all[1].repetition), (900, None));
        assert_eq!(
            line(&all).as_deref(),
            Some("--step-timeout 50 %, --deadline 90 %")
        );
        assert_eq!(all[0].place(), "waiting for the greeting, in repetition 2");
        assert_eq!(line(&[]), None);
        let shards = [of(300, 400), of(500, 300)];
        let over: Vec<_> = over(shards.into_iter().flatten())
            .iter()
            .map(|it| it.worst_ms)
            .collect();
        assert_eq!(over, [500, 400]);
    }
}
