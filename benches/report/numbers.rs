//! Numbers as the tables show them.

use std::time::Duration;

/// The one in the middle.
pub fn median(all: impl Iterator<Item = Duration>) -> Duration {
    let mut all: Vec<Duration> = all.collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// Milliseconds, with one place.
pub fn ms(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}

/// Nanoseconds for each of so many.
pub fn each(duration: Duration, many: usize) -> f64 {
    duration.as_secs_f64() * 1e9 / many as f64
}

/// A cell; a dash where nothing is known.
pub fn cell<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), show)
}
