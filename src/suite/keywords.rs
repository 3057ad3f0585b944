//! What is no Gherkin in a feature file: in which line, and which keyword is meant there.

/// The keywords that begin a part of a feature.
const PARTS: &[&str] = &["Feature:", "Rule:", "Background:", "Scenario:", "Examples:"];
/// The keywords that begin a step.
const STEPS: &[&str] = &["Given", "When", "Then", "And", "But"];

/// From which likeness on a word is taken for a keyword.
const ALIKE: f64 = 0.85;

/// The keyword that the line seems to mean and does not have.
pub(super) fn meant(line: &str) -> Option<&'static str> {
    let word = line.split_whitespace().next()?;
    let all = || PARTS.iter().chain(STEPS).copied();
    if all().any(|it| it == word) || word.starts_with(['#', '|', '@', '"', '*']) {
        return None;
    }
    let small = word.to_lowercase();
    if word.ends_with(':') {
        let likeness = |it: &&str| strsim::jaro_winkler(&small, &it.to_lowercase());
        let parts = PARTS.iter().copied();
        let best = parts.max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        return best.filter(|it| likeness(it) >= ALIKE);
    }
    // Prose begins with "The" and "An", and a line of it with "and": only a letter may be another one, and in small
    // letters a name has to follow.
    let mut rest = line.split_whitespace().skip(1);
    let is_name = |it: &str| it.starts_with(|c: char| c.is_ascii_uppercase());
    let before_a_name = rest.next().is_some_and(is_name);
    let is_meant = |it: &&str| {
        let keyword = it.to_lowercase();
        let one_off = keyword.len() > 3
            && keyword.chars().count() == small.chars().count()
            && strsim::osa_distance(&keyword, &small) == 1;
        let is_capital = word.starts_with(|c: char| c.is_ascii_uppercase());
        (keyword == small && before_a_name) || (one_off && (is_capital || before_a_name))
    };
    STEPS.iter().copied().find(is_meant)
}

/// What is wrong, after the path: the line, the text there, and a caret. `said` is what the library says, in which
/// the place is text: `Error at 3:5: …`.
pub(super) fn no_gherkin(text: &str, said: &str) -> String {
    let mut lines = text.lines().enumerate();
    let is_text = |line: &str| !line.trim().is_empty() && !line.trim().starts_with(['#', '@']);
    let first = lines.find(|(_, line)| is_text(line));
    // In another language it has another name.
    let is_english = !text.contains("# language:");
    if let Some((at, line)) = first
        && is_english
        && !line.trim().starts_with(PARTS[0])
    {
        let line = line.trim();
        return format!(
            "{}: no Gherkin\n    {line}\n    ^ a feature begins with `Feature:` and a name",
            at + 1
        );
    }
    let mut numbers = said.trim_start_matches("Error at ").split(':');
    let mut number = || numbers.next()?.trim().parse::<usize>().ok();
    let (Some(line), Some(column)) = (number(), number()) else {
        return format!("1: no Gherkin: {said}");
    };
    let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    if shown.trim().is_empty() {
        return format!(
            "{line}: no Gherkin: something is missing before this line; a feature begins with `Feature:` and a \
             name, and has scenarios with steps"
        );
    }
    let indent: String = shown
        .chars()
        .take(column.saturating_sub(1))
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let keywords: Vec<&str> = PARTS.iter().chain(STEPS).copied().collect();
    let advice = match meant(shown) {
        Some(keyword) => format!("is `{keyword}` meant?"),
        None => format!("a line begins with one of {}", keywords.join(" ")),
    };
    format!("{line}: no Gherkin\n    {shown}\n    {indent}^ {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_keyword_is_known_and_prose_is_none() {
        for (line, keyword) in [
            ("  Whan Ada pings", "When"),
            ("Thne a pong comes back", "Then"),
            ("given Ada has connected", "Given"),
            ("and Ben has connected", "And"),
            ("Scenrio: One", "Scenario:"),
            ("  Examples", ""),
            ("Exampels:", "Examples:"),
        ] {
            let meant = meant(line).unwrap_or_default();
            assert_eq!(meant, keyword, "{line}");
        }
        for line in [
            "",
            "The viewer returns.",
            "An event",
            "Any text",
            "and more of them",
            "them a new connection reaches",
            "Note: this",
            "When Ada pings",
            "  @when",
            "| whan |",
            "Scenario Outline: One",
            "# Whan",
        ] {
            assert_eq!(meant(line), None, "{line}");
        }
    }

    #[test]
    fn the_place_is_shown_with_a_caret() {
        let text = "Feature: One\n  Scenrio: Two\n";
        let said = no_gherkin(text, "Error at 2:3: {\"x\"}");
        assert_eq!(
            said,
            "2: no Gherkin\n      Scenrio: Two\n      ^ is `Scenario:` meant?"
        );
        assert!(no_gherkin("", "Error at 1:1: {}").contains("begins with `Feature:`"));
        assert_eq!(
            no_gherkin("# x\nhello\n", "Error at 3:1: {}"),
            "2: no Gherkin\n    hello\n    ^ a feature begins with `Feature:` and a name"
        );
        assert_eq!(no_gherkin("Feature: x", "odd"), "1: no Gherkin: odd");
    }
}
