//! What comes nearest to a word that is not known.

/// The three known words that are most like one of these.
#[must_use]
pub fn closest(words: &[String], known: &[String]) -> Vec<String> {
    let likeness = |name: &str| {
        words
            .iter()
            .map(|word| strsim::jaro_winkler(&word.to_lowercase(), &name.to_lowercase()))
            .fold(0.0, f64::max)
    };
    let mut scored: Vec<(f64, &String)> = known.iter().map(|name| (likeness(name), name)).collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored
        .into_iter()
        .take(3)
        .map(|(_, name)| name.clone())
        .collect()
}
