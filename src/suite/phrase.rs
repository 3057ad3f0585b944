//! The phrase of a step, as a cucumber expression: text, `{parameters}`, and `(text)` that may be
//! left out.

use memchr::{memchr2, memrchr2};

use super::params;

/// The texts of the phrase's parameters in a step; `None` where the step does not say this phrase.
pub(super) fn arguments(phrase: &str, step: &str) -> Option<Vec<String>> {
    // How it ends tells nearly all phrases apart; each step is looked for among all of them.
    let after = memrchr2(b'}', b')', phrase.as_bytes()).map_or(0, |at| at + 1);
    if !step.ends_with(&phrase[after..]) {
        return None;
    }
    let mut found = Vec::new();
    is_said(phrase, step, &mut found).then(|| found.into_iter().map(str::to_owned).collect())
}

/// The names of the phrase's parameters, in order.
#[cfg(test)]
pub(super) fn parameters(phrase: &str) -> impl Iterator<Item = &str> {
    let after_braces = phrase.split('{').skip(1);
    after_braces.filter_map(|rest| Some(rest.split_once('}')?.0))
}

fn is_said<'s>(phrase: &str, step: &'s str, found: &mut Vec<&'s str>) -> bool {
    let special = memchr2(b'{', b'(', phrase.as_bytes()).unwrap_or(phrase.len());
    let (text, phrase) = phrase.split_at(special);
    let Some(step) = step.strip_prefix(text) else {
        return false;
    };
    if let Some((name, rest)) = phrase.strip_prefix('{').and_then(|it| it.split_once('}')) {
        params::lengths(name, step).into_iter().any(|length| {
            let (argument, step) = step.split_at(length);
            found.push(argument);
            let said = is_said(rest, step, found);
            if !said {
                found.pop();
            }
            said
        })
    } else if let Some((optional, rest)) =
        phrase.strip_prefix('(').and_then(|it| it.split_once(')'))
    {
        let without = step.strip_prefix(optional);
        without.is_some_and(|step| is_said(rest, step, found)) || is_said(rest, step, found)
    } else {
        step.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_finds_its_arguments() {
        let phrase = "{viewer} has watched a(n) {part} run for {int} event(s)";
        for (step, expected) in [
            (
                "Ada has watched a long run for 20 events",
                ["Ada", "long", "20"],
            ),
            (
                "Ben has watched an endless run for 1 event",
                ["Ben", "endless", "1"],
            ),
        ] {
            assert_eq!(arguments(phrase, step).expect(step), expected);
        }
        for step in [
            "Ada has watched a long run for 20 events.",
            "ada has watched a long run for 20 events",
            "Ada has watched a strange run for 20 events",
            "Ada has watched a long run for many events",
        ] {
            assert_eq!(arguments(phrase, step), None, "{step}");
        }
        let phrase = "{viewer} returns {position} and waits";
        let step = "Ada returns with event 17 as their position and waits";
        let expected = ["Ada", "with event 17 as their position"];
        assert_eq!(arguments(phrase, step).expect(step), expected);
        assert!(parameters(phrase).eq(["viewer", "position"]));
    }
}
