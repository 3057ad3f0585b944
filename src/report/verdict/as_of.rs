//! `--as-of`: only the requirements that a version of the suite had are scored. Newer ones are judged and shown,
//! so that a newer suite turns nobody's gate red overnight.

use semver::Version;

use crate::check::registry;
use crate::report::model::run::RunReport;

/// Marks the requirements that this version did not have; without one, all are scored.
pub fn apply(report: &mut RunReport, as_of: Option<&str>) {
    for requirement in &mut report.requirements {
        requirement.not_scored = as_of.is_some_and(|as_of| !is_scored(&requirement.id, as_of));
    }
    report.as_of = as_of.map(str::to_owned);
}

/// Whether the requirement of this id counts as of this version. One that the suite does not know counts.
#[must_use]
pub fn is_scored(id: &str, as_of: &str) -> bool {
    let newer = |since: &str| Some(Version::parse(since).ok()? > Version::parse(as_of).ok()?);
    let requirement = registry::find(id);
    !requirement.is_some_and(|it| newer(it.since).unwrap_or(false))
}

/// The version that `--as-of` names.
///
/// # Errors
///
/// What is wrong with it, and the versions that there are.
pub fn version(text: &str) -> Result<String, String> {
    let own = env!("CARGO_PKG_VERSION");
    let mut all: Vec<Version> = registry::all()
        .map(|it| it.since)
        .chain([own])
        .filter_map(|it| Version::parse(it).ok())
        .collect();
    all.sort();
    all.dedup();
    let (Some(first), Some(last)) = (all.first(), all.last()) else {
        return Err("no version has requirements".to_owned());
    };
    let listed: Vec<_> = all.iter().map(Version::to_string).collect();
    let listed = listed.join(", ");
    match Version::parse(text) {
        Ok(asked) if asked < *first => {
            Err(format!("no requirement is that old; it can be {listed}"))
        }
        Ok(asked) if asked > *last => Err(format!(
            "this suite is {own}, and knows nothing newer; it can be {listed}"
        )),
        Ok(asked) => Ok(asked.to_string()),
        Err(_) => Err(format!("it is a version of this suite: {listed}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::run::{
        RequirementReport, RunVerdict, TargetKind, TargetReport, Verdict,
    };

    #[test]
    fn a_version_is_one_that_the_suite_has_had() {
        assert_eq!(version("0.1.0"), Ok("0.1.0".to_owned()));
        assert_eq!(
            version(env!("CARGO_PKG_VERSION")).as_deref(),
            Ok(env!("CARGO_PKG_VERSION"))
        );
        for wrong in ["0.0.9", "99.0.0", "soon", "", "0.1"] {
            let error = version(wrong).expect_err("no such version");
            assert!(error.contains("0.1.0"), "{wrong}: {error}");
        }
    }

    #[test]
    fn what_is_newer_fails_nothing_and_leaves_nothing_open() {
        let target = TargetReport {
            kind: TargetKind::Url,
            url: "ws://h".to_owned(),
            server: "unknown".to_owned(),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        };
        let of = |id: &str, verdict, not_scored| RequirementReport {
            verdict,
            not_scored,
            ..RequirementReport::blank(id)
        };
        for worse in [Verdict::Failed, Verdict::Inconclusive] {
            let mut report = RunReport {
                requirements: vec![
                    of("CATCHUP-1", Verdict::Passed, false),
                    of("NEWER-1", worse, true),
                ],
                ..RunReport::blank(target.clone())
            };
            assert_eq!(report.verdict(), RunVerdict::Passed);
            assert_eq!(report.totals().must.all(), 1);
            report.requirements[1].not_scored = false;
            assert_ne!(report.verdict(), RunVerdict::Passed);
        }
    }

    #[test]
    fn every_requirement_is_scored_as_of_the_version_that_brought_it() {
        let mut report = RunReport::blank(TargetReport {
            kind: TargetKind::Url,
            url: String::new(),
            server: String::new(),
            http_url: None,
            wires: Vec::new(),
            faults: Vec::new(),
        });
        let all = || registry::all().map(|it| RequirementReport::blank(it.id));
        report.requirements = all()
            .chain([RequirementReport::blank("UNKNOWN-1")])
            .collect();
        apply(&mut report, Some("0.1.0"));
        for it in &report.requirements {
            let since = registry::find(&it.id).map_or("0.1.0", |it| it.since);
            assert_eq!(it.not_scored, since != "0.1.0", "{}", it.id);
        }
        apply(&mut report, None);
        assert!(report.requirements.iter().all(|it| !it.not_scored));
    }
}
