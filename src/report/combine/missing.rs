//! What a missing shard means for the requirements.

use crate::report::model::run::{RunReport, Verdict};

/// Makes a requirement inconclusive where some of its scenarios are in a shard that is missing.
pub(crate) fn mark_inconclusive(report: &mut RunReport) {
    let Some(merged) = &report.merged else {
        return;
    };
    let Some(shards) = merged.missing_shards() else {
        return;
    };
    let verb = if shards.starts_with("shard ") {
        "is"
    } else {
        "are"
    };
    // One sentence for all, so that reports can group by it.
    let reason = format!("some scenarios of its rule are missing: {shards} {verb} not there");
    for requirement in &mut report.requirements {
        let inconclusive = match requirement.verdict {
            Verdict::Passed | Verdict::NotApplicable => true,
            // It has no reason of its own.
            Verdict::Inconclusive => requirement.scenarios.is_empty(),
            Verdict::Failed => false,
        };
        if inconclusive && merged.missing.contains_key(&requirement.id) {
            requirement.verdict = Verdict::Inconclusive;
            requirement.reason = Some(reason.clone());
        }
    }
}
