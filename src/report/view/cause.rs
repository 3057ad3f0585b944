//! Which findings have one cause: a guess, made from the messages that they rest on.
//!
//! Findings of one requirement in similar words are one symptom. A symptom that shows only where another
//! one shows as well, in the same messages, is shown together with that one.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::Wire;
use crate::report::model::run::{RequirementReport, Run, ScenarioFinding, Verdict};
use crate::report::text::escape::escape_visible;
use crate::report::view::ids;
use crate::transcript::Number;

/// The longest id that is shown whole, in columns.
const LONGEST: usize = 400;

/// Symptoms in the same messages. The first one leads: the most important requirement, shown most often.
pub(crate) struct Cause<'r> {
    pub symptoms: Vec<Symptom<'r>>,
    /// The messages of its leading symptom, by scenario.
    places: Places<'r>,
}

/// Findings of one requirement in similar words.
pub(crate) struct Symptom<'r> {
    pub requirement: &'r RequirementReport,
    /// What all of them say, without numbers and quotations.
    words: String,
    /// The clearest first.
    pub findings: Vec<&'r ScenarioFinding>,
}

/// Messages by scenario; 0 stands for a finding that names none.
type Places<'r> = BTreeMap<&'r str, BTreeSet<Number>>;

impl<'r> Cause<'r> {
    /// The symptom that the cause is named after.
    pub(crate) fn lead(&self) -> &Symptom<'r> {
        &self.symptoms[0]
    }

    /// This requirement of it by its id; where it fails over several wires, with all of them.
    pub(crate) fn name(&self, requirement: &RequirementReport) -> String {
        let (plain, _) = Wire::part(&requirement.id);
        let mut seen = BTreeSet::new();
        let ids = self.symptoms.iter().map(|it| it.requirement.id.as_str());
        let own = ids.filter(|id| Wire::part(id).0 == plain && seen.insert(*id));
        // In the order of reports, which is that of the names of wires here.
        let mut own: Vec<&str> = own.collect();
        own.sort_by_key(|id| {
            Wire::ALL
                .iter()
                .position(|it| Some(*it) == Wire::part(id).1)
        });
        let own: Vec<String> = own.iter().map(|id| escape_visible(id, LONGEST)).collect();
        ids::text(&own, usize::MAX)
    }

    /// Whether this requirement fails because of it.
    pub(crate) fn fails(&self, id: &str) -> bool {
        self.symptoms.iter().any(|it| it.requirement.id == id)
    }

    /// The other requirements that fail because of it, each once with its first symptom, over whichever wire.
    pub(crate) fn also(&self) -> Vec<&Symptom<'r>> {
        let mut seen = BTreeSet::from([self.lead().plain_id()]);
        let symptoms = self.symptoms.iter();
        symptoms.filter(|it| seen.insert(it.plain_id())).collect()
    }

    /// The scenarios in which it shows, in the order of the findings.
    pub(crate) fn scenarios(&self) -> Vec<&'r str> {
        let mut seen = BTreeSet::new();
        let findings = self.symptoms.iter().flat_map(|it| &it.findings);
        findings
            .map(|it| it.scenario.as_str())
            .filter(|scenario| seen.insert(*scenario))
            .collect()
    }
}

impl<'r> Symptom<'r> {
    /// The requirement's id without a wire.
    pub(crate) fn plain_id(&self) -> &'r str {
        Wire::part(&self.requirement.id).0
    }
}

/// The causes of all failures; those that count first.
pub(crate) fn of<'r>(run: &'r Run) -> Vec<Cause<'r>> {
    let report = &run.report;
    let mut symptoms: Vec<Symptom<'r>> = report
        .requirements
        .iter()
        .filter(|it| it.verdict == Verdict::Failed)
        .flat_map(symptoms_of)
        .collect();
    // The same over other wires counts for all of them, so that they stay together.
    let key = |it: &Symptom<'r>| (it.plain_id(), it.words.clone());
    let mut everywhere: BTreeMap<_, usize> = BTreeMap::new();
    for symptom in &symptoms {
        *everywhere.entry(key(symptom)).or_default() += symptom.findings.len();
    }
    // Stable: the catalogue's order where all else is equal.
    symptoms.sort_by_key(|it| {
        let requirement = it.requirement;
        let first = it.findings.first();
        (
            !requirement.counts(report.strict),
            requirement.known_failure,
            requirement.level,
            first.is_none_or(|it| !requirement.scenarios.contains(&it.scenario)),
            std::cmp::Reverse(everywhere[&key(it)]),
            first.map_or(0, |it| it.finding.evidence.len()),
        )
    });
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for symptom in symptoms {
        let same = |cause: &&mut Cause<'_>| {
            let lead = cause.lead();
            let is_known = symptom.requirement.known_failure;
            lead.requirement.id == symptom.requirement.id
                || (lead.requirement.known_failure == is_known
                    && (lead.plain_id() == symptom.plain_id()
                        || shows_within(&symptom, &cause.places)))
        };
        match causes.iter_mut().find(same) {
            Some(cause) => {
                let lead = cause.lead();
                if lead.plain_id() == symptom.plain_id()
                    && lead.requirement.id != symptom.requirement.id
                {
                    cause.places.extend(places(&symptom));
                }
                cause.symptoms.push(symptom);
            }
            None => causes.push(Cause {
                places: places(&symptom),
                symptoms: vec![symptom],
            }),
        }
    }
    causes
}

/// Every requirement that failed, in the order of the causes.
pub(crate) fn requirements<'r>(causes: &[Cause<'r>]) -> Vec<&'r RequirementReport> {
    let mut seen = BTreeSet::new();
    let symptoms = causes.iter().flat_map(|it| &it.symptoms);
    symptoms
        .map(|it| it.requirement)
        .filter(|it| seen.insert(it.id.as_str()))
        .collect()
}

fn symptoms_of(requirement: &RequirementReport) -> Vec<Symptom<'_>> {
    let mut by_words: BTreeMap<String, Symptom<'_>> = BTreeMap::new();
    for finding in &requirement.findings {
        let symptom = by_words
            .entry(words(&finding.finding.observed))
            .or_insert_with_key(|words| Symptom {
                requirement,
                words: words.clone(),
                findings: Vec::new(),
            });
        symptom.findings.push(finding);
    }
    let mut symptoms: Vec<_> = by_words.into_values().collect();
    if symptoms.is_empty() {
        symptoms.push(Symptom {
            requirement,
            words: String::new(),
            findings: Vec::new(),
        });
    }
    for symptom in &mut symptoms {
        symptom
            .findings
            .sort_by_key(|it| requirement.unclearness(it));
    }
    symptoms
}

/// What is said, without the numbers and the quotations in it.
fn words(observed: &str) -> String {
    let unquoted: String = observed.split('"').step_by(2).collect::<Vec<_>>().join("…");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words = unquoted.split_inclusive(|c| !is_word(c)).map(|word| {
        let end = word.trim_end_matches(|c| !is_word(c)).len();
        match word[..end].contains(|c: char| c.is_ascii_digit()) {
            true => format!("#{}", &word[end..]),
            false => word.to_owned(),
        }
    });
    let words: String = words.collect();
    words
        .replace("# to #", "#")
        .replace("# and #", "#")
        .chars()
        .take(400)
        .collect()
}

fn places<'r>(symptom: &Symptom<'r>) -> Places<'r> {
    let mut places = Places::new();
    for finding in &symptom.findings {
        places
            .entry(finding.scenario.as_str())
            .or_default()
            .extend(evidence(finding));
    }
    places
}

fn evidence(finding: &ScenarioFinding) -> Vec<Number> {
    match finding.finding.evidence.as_slice() {
        [] => vec![0],
        numbers => numbers.to_vec(),
    }
}

fn shows_within(symptom: &Symptom<'_>, places: &Places<'_>) -> bool {
    !symptom.findings.is_empty()
        && symptom.findings.iter().all(|finding| {
            let known = places.get(finding.scenario.as_str());
            known.is_some_and(|known| evidence(finding).iter().any(|it| known.contains(it)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_words_are_one_symptom() {
        assert_eq!(words("event 22 next"), words("event 7 next"));
        assert_eq!(words("20 to 24 of \"r-1\""), words("3 of \"x\""));
        assert_ne!(words("event 22"), words("silence for 10s"));
    }
}
