//! A run model, as a stored report may hold it: not everything in it need agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use reconnect_acceptance::check::{Finding, Level, registry};
use reconnect_acceptance::report::model::run::{
    BySteps, Counts, FeatureReport, KnownFailure, KnownFailures, Limit, LimitUsage, Merged,
    MergedShard, Odd, Outcomes, Repetitions, RequirementFinding, RequirementReport, RuleReport,
    Run, RunReport, SCHEMA_VERSION, ScenarioFinding, ScenarioReport, ShardReport, Standing,
    StepOutcome, StepReport, TargetKind, TargetReport, Verdict,
};

use super::{conversation, number, one_of, perhaps, seldom, several, text};

const VERDICTS: &[Verdict] = &[
    Verdict::Failed,
    Verdict::Passed,
    Verdict::Inconclusive,
    Verdict::NotApplicable,
];

const LEVELS: &[Level] = &[Level::Must, Level::Should, Level::May];

/// A report of nothing.
pub fn blank() -> RunReport {
    RunReport {
        schema_version: SCHEMA_VERSION,
        suite_version: "0.2.0".to_owned(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        duration_ms: 0,
        target: TargetReport {
            kind: TargetKind::Url,
            url: "ws://localhost:7777/workflows/ws".to_owned(),
            server: "agno 3.1.10".to_owned(),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        },
        interrupted: None,
        strict: false,
        require_all: false,
        as_of: None,
        suite_errors: Vec::new(),
        misconfigured: Vec::new(),
        notes: Vec::new(),
        known_failures: None,
        shard: None,
        merged: None,
        repetitions: None,
        diagnosis: None,
        time_limits: Vec::new(),
        requirements: Vec::new(),
        features: Vec::new(),
        scenarios: Vec::new(),
    }
}

/// A run: its report, and the records of some of its scenarios.
pub fn run(u: &mut Unstructured<'_>) -> Result<Run> {
    let known: Vec<&str> = registry::all().map(|it| it.id).collect();
    let mut ids = Vec::new();
    for _ in 0..u.int_in_range(1..=5_u8)? {
        let id = match seldom(u, 8)? {
            true => text(u)?,
            false => one_of(u, &known)?.to_owned(),
        };
        // A requirement stands in a report once.
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let mut transcripts = BTreeMap::new();
    let mut scenarios = Vec::new();
    for place in 0..u.int_in_range(0..=5_usize)? {
        let scenario = scenario(u, &ids, place)?;
        if scenario.transcript.is_some() {
            let record = conversation::transcript(u)?;
            transcripts.insert(scenario.id.clone(), Arc::new(record));
        }
        scenarios.push(scenario);
    }
    let requirements: Vec<_> = ids
        .iter()
        .map(|id| requirement(u, id, &scenarios))
        .collect::<Result<_>>()?;
    let features = several(u, 2, |u| feature(u, &scenarios))?;
    let known_failures = perhaps(u, |u| {
        Ok(KnownFailures {
            file: text(u)?,
            entries: several(u, 4, |u| known_failure(u, &ids, &scenarios))?,
        })
    })?;
    let report = RunReport {
        suite_version: text(u)?,
        started_at: match u.arbitrary()? {
            true => "2026-01-01T00:00:00Z".to_owned(),
            false => text(u)?,
        },
        duration_ms: number(u)?,
        target: TargetReport {
            kind: one_of(
                u,
                &[TargetKind::Url, TargetKind::Reference, TargetKind::Agentos],
            )?,
            url: text(u)?,
            server: text(u)?,
            http_url: None,
            wires: several(u, 2, text)?,
            faults: several(u, 2, text)?,
        },
        interrupted: perhaps(u, text)?,
        strict: u.arbitrary()?,
        suite_errors: several(u, 2, text)?,
        known_failures: {
            // A report computes its verdict, exit code and totals. These were drawn once, and still are, so
            // that stored inputs keep their meaning.
            one_of(u, &[0_u8; 4])?;
            one_of(u, &[0_u8; 6])?;
            known_failures
        },
        shard: perhaps(u, |u| shard(u, &ids))?,
        merged: perhaps(u, |u| merged(u, &ids))?,
        repetitions: perhaps(u, |u| {
            Ok(Repetitions {
                asked: size(u)?,
                begun: size(u)?,
                finished: size(u)?,
            })
        })?,
        time_limits: several(u, 3, |u| limit_usage(u, &scenarios))?,
        requirements: {
            for _level in 0..3 {
                counts(u)?;
            }
            requirements
        },
        features,
        scenarios,
        ..blank()
    };
    Ok(Run {
        report,
        transcripts,
    })
}

fn scenario(u: &mut Unstructured<'_>, ids: &[String], place: usize) -> Result<ScenarioReport> {
    let path = match u.int_in_range(0..=3_u8)? {
        0 => String::new(),
        1 => text(u)?,
        _ => "features/a.feature".to_owned(),
    };
    let (rule, name) = (text(u)?, text(u)?);
    let mut requirements = several(u, 2, |u| of(u, ids))?;
    requirements.dedup();
    Ok(ScenarioReport {
        // Ids are unique; reports of which they are not are refused.
        id: format!("{path} › {rule} › {name}{place}"),
        feature: text(u)?,
        path,
        rule,
        name,
        line: size(u)?,
        tags: several(u, 2, text)?,
        verdict: one_of(u, VERDICTS)?,
        requirements,
        judged_by: Vec::new(),
        duration_ms: number(u)?,
        reason: perhaps(u, text)?,
        by_steps: perhaps(u, |u| {
            Ok(BySteps {
                verdict: one_of(u, VERDICTS)?,
                reason: perhaps(u, text)?,
            })
        })?,
        outcomes: perhaps(u, outcomes)?,
        repetition: perhaps(u, size)?,
        time_limits: several(u, 1, |u| limit_usage(u, &[]))?,
        steps: several(u, 3, step)?,
        transcript: match u.int_in_range(0..=3_u8)? {
            0 => None,
            _ => Some(format!("transcripts/{place:03}.jsonl")),
        },
        findings: several(u, 3, |u| {
            Ok(RequirementFinding {
                requirement: of(u, ids)?,
                finding: finding(u)?,
            })
        })?,
    })
}

fn requirement(
    u: &mut Unstructured<'_>,
    id: &str,
    scenarios: &[ScenarioReport],
) -> Result<RequirementReport> {
    let id_of = |u: &mut Unstructured<'_>| -> Result<String> {
        match scenarios.is_empty() || seldom(u, 8)? {
            true => text(u),
            false => Ok(scenarios[u.choose_index(scenarios.len())?].id.clone()),
        }
    };
    Ok(RequirementReport {
        id: id.to_owned(),
        level: one_of(u, LEVELS)?,
        title: text(u)?,
        own: false,
        verdict: one_of(u, VERDICTS)?,
        known_failure: u.arbitrary()?,
        not_scored: false,
        reason: perhaps(u, text)?,
        scenarios: several(u, 2, id_of)?,
        unselected: size(u)?,
        outcomes: perhaps(u, outcomes)?,
        flaky: u.arbitrary()?,
        findings: several(u, 4, |u| {
            Ok(ScenarioFinding {
                scenario: id_of(u)?,
                finding: finding(u)?,
            })
        })?,
    })
}

fn of(u: &mut Unstructured<'_>, ids: &[String]) -> Result<String> {
    match ids.is_empty() || seldom(u, 12)? {
        true => text(u),
        false => u.choose(ids).cloned(),
    }
}

fn finding(u: &mut Unstructured<'_>) -> Result<Finding> {
    Ok(Finding {
        expected: text(u)?,
        observed: text(u)?,
        evidence: several(u, 4, |u| {
            Ok(match seldom(u, 8)? {
                true => one_of(u, &[0, u32::MAX, 999])?,
                false => u.int_in_range(1..=40)?,
            })
        })?,
    })
}

fn step(u: &mut Unstructured<'_>) -> Result<StepReport> {
    Ok(StepReport {
        keyword: match seldom(u, 8)? {
            true => text(u)?,
            false => one_of(u, &["Given", "When", "Then", "And", "But"])?.to_owned(),
        },
        text: text(u)?,
        line: size(u)?,
        outcome: one_of(
            u,
            &[
                StepOutcome::Passed,
                StepOutcome::Failed,
                StepOutcome::Inconclusive,
                StepOutcome::NotApplicable,
                StepOutcome::Skipped,
            ],
        )?,
        duration_ms: number(u)?,
        reason: perhaps(u, text)?,
        // No report shows them.
        requirements: Vec::new(),
    })
}

fn feature(u: &mut Unstructured<'_>, scenarios: &[ScenarioReport]) -> Result<FeatureReport> {
    let (path, rule) = match scenarios.first() {
        Some(first) if u.arbitrary()? => (first.path.clone(), first.rule.clone()),
        _ => (text(u)?, text(u)?),
    };
    Ok(FeatureReport {
        path,
        name: text(u)?,
        description: text(u)?,
        line: size(u)?,
        rules: vec![RuleReport {
            name: rule,
            description: text(u)?,
            line: size(u)?,
        }],
    })
}

fn known_failure(
    u: &mut Unstructured<'_>,
    ids: &[String],
    scenarios: &[ScenarioReport],
) -> Result<KnownFailure> {
    let scenario = match scenarios.first() {
        Some(first) if seldom(u, 3)? => Some(first.id.clone()),
        _ => None,
    };
    Ok(KnownFailure {
        id: of(u, ids)?,
        scenario,
        release: perhaps(u, |u| {
            let text = text(u)?;
            Ok(one_of(u, &["*", ">=2.3.17, <3.2", &text])?.to_owned())
        })?,
        reason: text(u)?,
        link: perhaps(u, text)?,
        until: perhaps(u, text)?,
        sometimes: u.arbitrary()?,
        lines: (size(u)?, size(u)?),
        standing: one_of(
            u,
            &[
                Standing::Failed,
                Standing::Passed,
                Standing::Inconclusive,
                Standing::OtherRelease,
            ],
        )?,
    })
}

fn shard(u: &mut Unstructured<'_>, ids: &[String]) -> Result<ShardReport> {
    Ok(ShardReport {
        number: size(u)?,
        of: size(u)?,
        scenarios: size(u)?,
        requirements: resume_plan(u, ids)?,
    })
}

fn merged(u: &mut Unstructured<'_>, ids: &[String]) -> Result<Merged> {
    Ok(Merged {
        of: size(u)?,
        shards: several(u, 3, |u| {
            Ok(MergedShard {
                number: size(u)?,
                url: text(u)?,
                started_at: text(u)?,
                duration_ms: number(u)?,
            })
        })?,
        missing: resume_plan(u, ids)?,
    })
}

fn resume_plan(u: &mut Unstructured<'_>, ids: &[String]) -> Result<BTreeMap<String, usize>> {
    let pairs = several(u, 3, |u| Ok((of(u, ids)?, size(u)?)))?;
    Ok(pairs.into_iter().collect())
}

fn limit_usage(u: &mut Unstructured<'_>, scenarios: &[ScenarioReport]) -> Result<LimitUsage> {
    Ok(LimitUsage {
        limit: one_of(
            u,
            &[Limit::StepTimeout, Limit::ScenarioTimeout, Limit::Deadline],
        )?,
        allowed_ms: number(u)?,
        worst_ms: number(u)?,
        scenario: scenarios.first().map(|it| it.id.clone()),
        waiting_for: perhaps(u, text)?,
        repetition: perhaps(u, size)?,
    })
}

fn outcomes(u: &mut Unstructured<'_>) -> Result<Outcomes> {
    Ok(Outcomes {
        counts: counts(u)?,
        odd: several(u, 3, |u| {
            Ok(Odd {
                repetition: size(u)?,
                verdict: one_of(u, VERDICTS)?,
            })
        })?,
    })
}

fn counts(u: &mut Unstructured<'_>) -> Result<Counts> {
    Ok(Counts {
        passed: size(u)?,
        failed: size(u)?,
        inconclusive: size(u)?,
        not_applicable: size(u)?,
    })
}

fn size(u: &mut Unstructured<'_>) -> Result<usize> {
    Ok(usize::try_from(number(u)?).unwrap_or(usize::MAX))
}
