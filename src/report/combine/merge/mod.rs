//! The shards of a run merged into one: every scenario is judged again from its record, then the
//! requirements over all of them. Pure.

mod error;

use std::collections::BTreeMap;
use std::iter;

use jiff::Timestamp;

use crate::check::{Requirement, registry};
use crate::protocol::Wire;
use crate::report::combine::rejudge;
use crate::report::combine::wires::reading_place;
use crate::report::model::run::{
    KnownFailures, Merged, MergedShard, RequirementReport, Run, RunReport, ScenarioReport,
    ShardReport, Standing,
};
use crate::report::model::shard::MOST;
use crate::report::model::{names, specification, time_limits};
use crate::report::text::escape::shorten;
use crate::report::text::format::count;

pub use error::Error;

/// The longest text of a report that an error quotes, in columns.
const LONGEST: usize = 120;

/// A stored shard.
#[derive(Clone, Debug)]
pub struct Part {
    /// The folder that it was read from, as people name it.
    pub from: String,
    /// What was read.
    pub run: Run,
}

/// Puts the shards of a run together, and judges with the list of known failures that they were judged
/// with, or with none where the caller has `another_list`.
///
/// The run began with the first shard, and took as long as the longest. Requirements
/// with scenarios in a missing shard are inconclusive.
///
/// # Errors
///
/// [`Error`] for what are not shards of one run, and for one that is there twice.
pub fn merge(mut parts: Vec<Part>, another_list: bool) -> Result<Run, Error> {
    parts.sort_by_key(|part| part.run.report.shard.as_ref().map(|it| it.number));
    for part in &parts {
        possible(part, shard(part)?)?;
    }
    for pair in parts.windows(2) {
        if let [one, other] = pair {
            alike(one, other)?;
        }
    }
    // A shard without scenarios has started no server, and knows no URL.
    let busy = parts.iter().find(|it| !it.run.report.scenarios.is_empty());
    let first = busy.or(parts.first()).ok_or(Error::Nothing)?;
    let all = shard(first)?.clone();
    let introductions = parts.iter().flat_map(|it| it.run.report.features.clone());
    let measured = parts
        .iter()
        .flat_map(|it| it.run.report.time_limits.clone());
    let head = RunReport {
        started_at: began(&parts)?,
        duration_ms: took(&parts),
        suite_errors: said(&parts, |it| it.suite_errors.iter().collect()),
        misconfigured: said(&parts, |it| it.misconfigured.iter().collect()),
        notes: said(&parts, |it| it.notes.iter().collect()),
        known_failures: if another_list { None } else { list(&parts)? },
        shard: None,
        time_limits: time_limits::over(measured),
        features: specification::together(introductions),
        ..first.run.report.clone()
    };
    let mut cut = said(&parts, |it| it.interrupted.iter().collect());
    let mut merged = Merged {
        of: all.of,
        shards: parts.iter().filter_map(of_shard).collect(),
        missing: BTreeMap::new(),
    };
    let ruled = ruled(&parts);
    let (scenarios, transcripts) = scenarios(parts)?;
    let there = scenarios.iter().filter(|it| !it.path.is_empty()).count();
    let is_whole = there == all.scenarios;
    match (merged.missing_shards(), all.scenarios.checked_sub(there)) {
        _ if is_whole => {}
        (Some(shards), Some(left_out)) => {
            merged.missing = left_inconclusive(&all, &scenarios);
            let left_out = count(left_out, "scenario");
            cut.push(format!("without {shards}, and so without {left_out}"));
        }
        _ => {
            return Err(Error::Incomplete {
                there,
                all: all.scenarios,
            });
        }
    }
    let stored = Run {
        report: RunReport {
            interrupted: (!cut.is_empty()).then(|| cut.join("; ")),
            requirements: requirements(&all, &ruled, &scenarios),
            scenarios,
            merged: Some(merged),
            ..head
        },
        transcripts,
    };
    Ok(rejudge::judge(&stored)?.run)
}

fn shard(part: &Part) -> Result<&ShardReport, Error> {
    let shard = part.run.report.shard.as_ref();
    shard.ok_or_else(|| Error::NoShard(part.from.clone()))
}

fn possible(part: &Part, shard: &ShardReport) -> Result<(), Error> {
    if part.run.report.repetitions.is_some() {
        return Err(Error::Repeated(part.from.clone()));
    }
    if (1..=shard.of).contains(&shard.number) && shard.of <= MOST {
        return Ok(());
    }
    Err(Error::Nonsense {
        from: part.from.clone(),
        number: shard.number,
        of: shard.of,
    })
}

/// Whether the two can be shards of one run.
fn alike(one: &Part, other: &Part) -> Result<(), Error> {
    let (shard_of_one, shard_of_other) = (shard(one)?, shard(other)?);
    let facts = |part: &Part, shard: &ShardReport| {
        let report = &part.run.report;
        let target = &report.target;
        let given = |is: bool| if is { "with" } else { "without" }.to_owned();
        let as_of = report.as_of.clone().unwrap_or_else(|| given(false));
        let selected = count(shard.scenarios, "scenario");
        let rules = count(shard.requirements.len(), "requirement");
        [
            ("the number of shards differs", shard.of.to_string()),
            ("the suite differs", report.suite_version.clone()),
            ("the server differs", format!("{:?}", target.kind)),
            ("the server differs", target.server_and_wires()),
            (
                "the faults of the server differ",
                format!("{:?}", target.faults),
            ),
            ("--strict differs", given(report.strict)),
            ("--require-all differs", given(report.require_all)),
            ("--as-of differs", as_of),
            ("the selection differs", format!("{selected} for {rules}")),
        ]
    };
    let pairs = facts(one, shard_of_one).into_iter();
    for ((what, of_one), (_, of_other)) in pairs.zip(facts(other, shard_of_other)) {
        if of_one != of_other {
            return Err(Error::Differ {
                one: one.from.clone(),
                other: other.from.clone(),
                what,
                of_one: shorten(&of_one, LONGEST),
                of_other: shorten(&of_other, LONGEST),
            });
        }
    }
    if shard_of_one.requirements != shard_of_other.requirements {
        return Err(Error::Differ {
            one: one.from.clone(),
            other: other.from.clone(),
            what: "the selection differs",
            of_one: "some scenarios".to_owned(),
            of_other: "others".to_owned(),
        });
    }
    if shard_of_one.number == shard_of_other.number {
        return Err(Error::SameShard {
            one: one.from.clone(),
            other: other.from.clone(),
            number: shard_of_one.number,
        });
    }
    Ok(())
}

/// When the first of them began, as it says it.
fn began(parts: &[Part]) -> Result<String, Error> {
    let mut first: Option<(Timestamp, &str)> = None;
    for part in parts {
        let text = &part.run.report.started_at;
        let at = text.parse().map_err(|_| Error::Time {
            from: part.from.clone(),
            text: shorten(text, LONGEST),
        })?;
        if first.is_none_or(|(earliest, _)| at < earliest) {
            first = Some((at, text));
        }
    }
    first.map(|(_, text)| text.to_owned()).ok_or(Error::Nothing)
}

/// How long the longest took, in milliseconds: they need not wait for each other.
fn took(parts: &[Part]) -> u64 {
    let all = parts.iter().map(|part| part.run.report.duration_ms);
    all.max().unwrap_or_default()
}

/// The texts of all shards, each with its shard.
fn said(parts: &[Part], what: impl Fn(&RunReport) -> Vec<&String>) -> Vec<String> {
    let of_part = |part| {
        let report: &RunReport = part;
        let number = report.shard.as_ref().map_or(0, |it| it.number);
        let texts = what(report).into_iter();
        texts
            .map(|text| format!("shard {number}: {text}"))
            .collect::<Vec<_>>()
    };
    let all = parts.iter().map(|part| &part.run.report);
    all.flat_map(of_part).collect()
}

fn of_shard(part: &Part) -> Option<MergedShard> {
    let report = &part.run.report;
    Some(MergedShard {
        number: report.shard.as_ref()?.number,
        url: report.target.url.clone(),
        started_at: report.started_at.clone(),
        duration_ms: report.duration_ms,
    })
}

/// The list of known failures that all were judged with, if they were.
fn list(parts: &[Part]) -> Result<Option<KnownFailures>, Error> {
    let listed = |part: &Part| {
        let mut list = part.run.report.known_failures.clone()?;
        for entry in &mut list.entries {
            entry.standing = Standing::default();
        }
        Some(list)
    };
    for pair in parts.windows(2) {
        if let [one, other] = pair
            && listed(one).map(|it| it.entries) != listed(other).map(|it| it.entries)
        {
            return Err(Error::KnownFailures {
                one: one.from.clone(),
                other: other.from.clone(),
            });
        }
    }
    Ok(parts.first().and_then(listed))
}

/// How many scenarios the rule of each requirement has, selected or not, as far as the shards say.
fn ruled(parts: &[Part]) -> BTreeMap<String, usize> {
    let mut ruled = BTreeMap::new();
    for requirement in parts.iter().flat_map(|it| &it.run.report.requirements) {
        let scenarios = requirement.scenarios.len();
        let all = scenarios.saturating_add(requirement.unselected);
        let known: &mut usize = ruled.entry(requirement.id.clone()).or_default();
        *known = all.max(*known);
    }
    ruled
}

type Records = BTreeMap<String, std::sync::Arc<crate::transcript::Transcript>>;

/// Every scenario in the order of the features, with the file of its record named anew.
fn scenarios(parts: Vec<Part>) -> Result<(Vec<ScenarioReport>, Records), Error> {
    let mut from: BTreeMap<String, String> = BTreeMap::new();
    let mut records = Records::new();
    let mut all = Vec::new();
    for part in parts {
        let Run {
            report,
            mut transcripts,
        } = part.run;
        let number = report.shard.map_or(0, |it| it.number);
        for mut scenario in report.scenarios {
            let record = transcripts.remove(&scenario.id);
            if scenario.path.is_empty() {
                // The first contact, which every shard has its own of.
                scenario.id = format!("{} of shard {number}", scenario.id);
            }
            if let Some(one) = from.insert(scenario.id.clone(), part.from.clone()) {
                return Err(Error::SameScenario {
                    one,
                    other: part.from,
                    scenario: shorten(&scenario.id, 2 * LONGEST),
                });
            }
            if let Some(record) = record {
                records.insert(scenario.id.clone(), record);
            }
            all.push(scenario);
        }
    }
    all.sort_by(|one, other| reading_place(one).cmp(&reading_place(other)));
    for (place, scenario) in all.iter_mut().enumerate() {
        if scenario.transcript.is_some() {
            scenario.transcript = Some(names::transcript_name(place, scenario));
        }
    }
    Ok((all, records))
}

/// How many of the scenarios are of this requirement's rule.
fn number_of(id: &str, scenarios: &[ScenarioReport]) -> usize {
    let own = |it: &&ScenarioReport| it.requirements.iter().any(|own| own == id);
    scenarios.iter().filter(own).count()
}

/// How many scenarios of each requirement fell to shards that are missing.
fn left_inconclusive(all: &ShardReport, scenarios: &[ScenarioReport]) -> BTreeMap<String, usize> {
    let left_out = all.requirements.iter().map(|(id, number)| {
        let there = number_of(id, scenarios);
        (id.clone(), number.saturating_sub(there))
    });
    left_out.filter(|(_, number)| *number > 0).collect()
}

/// The requirements of the selection in the order of the catalogue, not judged yet.
fn requirements(
    all: &ShardReport,
    ruled: &BTreeMap<String, usize>,
    scenarios: &[ScenarioReport],
) -> Vec<RequirementReport> {
    let over_each = |it: &Requirement| Wire::ALL.map(|wire| wire.id(it.id));
    let known = registry::both().flat_map(|it| iter::once(it.id.to_owned()).chain(over_each(it)));
    let known: Vec<_> = known
        .filter(|id| all.requirements.contains_key(id))
        .collect();
    let unknown = all.requirements.keys().map(String::as_str);
    let unknown = unknown.filter(|id| registry::find(id).is_none());
    let blank = |id: &str| {
        let of_rule = ruled.get(id).copied();
        let of_rule = of_rule.unwrap_or_else(|| all.requirements.get(id).copied().unwrap_or(0));
        RequirementReport {
            unselected: of_rule.saturating_sub(number_of(id, scenarios)),
            ..RequirementReport::blank(id)
        }
    };
    known
        .iter()
        .map(String::as_str)
        .chain(unknown)
        .map(blank)
        .collect()
}
