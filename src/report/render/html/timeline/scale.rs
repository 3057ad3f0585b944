//! From times to places in the picture.

use std::time::Duration;

/// How wide the picture is, in its own units.
pub(crate) const WIDTH: f64 = 1_000.0;
/// Where time begins; the names are left of it.
pub(crate) const GUTTER: f64 = 128.0;
const RIGHT: f64 = 24.0;

/// A stretch of time across the picture.
pub(crate) struct Scale {
    pub from: Duration,
    pub to: Duration,
}

impl Scale {
    /// With some air at both ends, so that what happens there can be seen whole.
    pub(crate) fn padded(from: Duration, to: Duration) -> Self {
        let span = to.saturating_sub(from).max(Duration::from_micros(100));
        let air = span / 20;
        Self {
            from: from.saturating_sub(air),
            to: from + span + air,
        }
    }

    pub(crate) fn x(&self, at: Duration) -> f64 {
        let span = self.to.saturating_sub(self.from).as_secs_f64();
        let into = at.saturating_sub(self.from).as_secs_f64();
        let part = (into / span.max(1e-9)).clamp(0.0, 1.0);
        part.mul_add(WIDTH - GUTTER - RIGHT, GUTTER)
    }

    pub(crate) fn passed(&self, at: Duration) -> bool {
        (self.from..=self.to).contains(&at)
    }

    /// Round times within, at most nine, and what to write at each.
    pub(crate) fn ticks(&self) -> Vec<(Duration, String)> {
        let step = self.step();
        let first = self.from.as_micros().div_ceil(step) * step;
        // So many decimals of a second as the step has.
        let decimals = 6 - step.ilog10().min(6) as usize;
        (0..=8)
            .map(|at| first + at * step)
            .filter_map(|micros| u64::try_from(micros).ok())
            .map(Duration::from_micros)
            .take_while(|tick| *tick <= self.to)
            .map(|tick| (tick, format!("{:.decimals$} s", tick.as_secs_f64())))
            .collect()
    }

    /// In microseconds.
    fn step(&self) -> u128 {
        let span = self.to.saturating_sub(self.from).as_micros().max(1);
        let mut step = 1_u128;
        for factor in [2, 5, 10].iter().cycle() {
            if span / step <= 8 {
                break;
            }
            let power = 10_u128.pow(step.ilog10());
            step = power * factor;
        }
        step
    }
}

/// A number as SVG takes it.
pub(crate) fn px(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        for (from, to) in [(0, 7), (3, 999), (1_500, 90_000), (0, 12_345_678), (5, 5)] {
            let scale = Scale::padded(Duration::from_micros(from), Duration::from_micros(to));
            let ticks = scale.ticks();
            assert!((1..=9).contains(&ticks.len()), "{from} to {to}: {ticks:?}");
            assert!(
                ticks.iter().all(|(tick, _)| scale.passed(*tick)),
                "{ticks:?}"
            );
        }
    }

    #[test]
    fn time_goes_from_left_to_right() {
        let at = Duration::from_millis;
        let scale = Scale::padded(at(100), at(200));
        assert!(scale.x(at(100)) >= GUTTER);
        assert!(scale.x(at(100)) < scale.x(at(150)) && scale.x(at(150)) < scale.x(at(200)));
        assert!(scale.x(at(900)) <= WIDTH);
    }
}
