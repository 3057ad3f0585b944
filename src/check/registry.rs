//! The catalogue: every requirement with its id, level and sentence, in the order of the
//! documentation. The requirements of a family stand beside their checks.

use std::fmt;
use std::ops::Deref;
use std::panic::resume_unwind;
use std::thread;

use serde::{Deserialize, Serialize};

use crate::check::finding::CheckVerdict;
use crate::trace::Trace;

/// One sentence that a server must, should or may keep, and the check that judges it.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// A word that never changes its meaning: `CATCHUP-2`.
    pub id: &'static str,
    /// How much it binds (RFC 2119).
    pub level: Level,
    /// The sentence that must hold.
    pub sentence: &'static str,
    /// Why it matters to the person who watches.
    pub why: &'static str,
    /// Where the sentence comes from.
    pub source: &'static str,
    /// An exchange that keeps it: one message a line, `→` to the server, `←` from it.
    pub good: &'static str,
    /// An exchange that breaks it.
    pub bad: &'static str,
    /// Judges it over one scenario's record.
    pub check: Check,
}

/// A check: a pure function over one scenario's record, which is called as one, and where it is written.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    function: fn(&Trace<'_>) -> CheckVerdict,
    file: &'static str,
    path: &'static str,
}

/// The [`Check`] of this function; it is named in the file of its requirement.
macro_rules! check {
    ($function:path) => {
        $crate::check::registry::Check::new($function, file!(), stringify!($function))
    };
}

impl Check {
    /// The check of this function, whose `path` is seen from the file of its requirement.
    #[must_use]
    pub const fn new(
        function: fn(&Trace<'_>) -> CheckVerdict,
        file: &'static str,
        path: &'static str,
    ) -> Self {
        Self {
            function,
            file,
            path,
        }
    }

    /// The file of the requirement that it judges: `src/check/rules/catchup/mod.rs`.
    #[must_use]
    pub fn requirement_file(&self) -> &'static str {
        self.file
    }

    /// The name of its function.
    #[must_use]
    pub fn function(&self) -> &'static str {
        self.path.rsplit("::").next().unwrap_or_default().trim()
    }

    /// The file of its function: `src/check/rules/catchup/missed.rs`.
    #[must_use]
    pub fn file(&self) -> String {
        match (self.file.rsplit_once('/'), self.path.split_once("::")) {
            (Some((folder, _)), Some((module, _))) => format!("{folder}/{}.rs", module.trim()),
            _ => self.file.to_owned(),
        }
    }
}

impl Deref for Check {
    type Target = fn(&Trace<'_>) -> CheckVerdict;

    fn deref(&self) -> &Self::Target {
        &self.function
    }
}

/// How much a requirement binds (RFC 2119).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Breaking it fails the run.
    Must,
    /// Breaking it is reported; it fails the run with `--strict`.
    Should,
    /// Breaking it is reported.
    May,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        })
    }
}

/// Every requirement, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// From so many entries on, a record is judged by several threads.
const LONG: usize = 20_000;

/// From so many entries on, one thread does it again: what the checks keep while they judge would add up.
pub(crate) const HUGE: usize = 500_000;

/// The most threads that judge one record.
const THREADS: usize = 4;

/// What every check says of a record, by requirement id, in the order of the documentation. The checks
/// of a long record are shared among the machine's cores: they know nothing of one another.
#[must_use]
pub fn judge(trace: &Trace<'_>) -> Vec<(&'static str, CheckVerdict)> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = match trace.transcript.entries().len() {
        LONG..HUGE => cores.min(THREADS),
        _ => 1,
    };
    let part = |first: usize| {
        let own = all().enumerate().skip(first).step_by(threads);
        own.map(|(place, it)| (place, it.id, (it.check)(trace)))
            .collect::<Vec<_>>()
    };
    let mut judged = thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|first| scope.spawn(move || part(first)))
            .collect();
        let mut judged = part(0);
        for other in others {
            match other.join() {
                Ok(mut more) => judged.append(&mut more),
                // A check that fails is the suite's own fault, whichever thread it was on.
                Err(panic) => resume_unwind(panic),
            }
        }
        judged
    });
    judged.sort_by_key(|(place, ..)| *place);
    let judged = judged.into_iter();
    judged
        .map(|(_, id, check_verdict)| (id, check_verdict))
        .collect()
}

/// The requirement of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Requirement> {
    all().find(|requirement| requirement.id == id)
}

const FAMILIES: &[&[Requirement]] = &[
    crate::check::rules::greeting::FAMILY,
    crate::check::rules::auth::FAMILY,
    crate::check::rules::start::FAMILY,
    crate::check::rules::catchup::FAMILY,
    crate::check::rules::history::FAMILY,
    crate::check::rules::replay::FAMILY,
    crate::check::rules::failing::FAMILY,
    crate::check::rules::cancel::FAMILY,
    crate::check::rules::pause::FAMILY,
    crate::check::rules::http::FAMILY,
    crate::check::rules::content::FAMILY,
    crate::check::rules::identity::FAMILY,
    crate::check::rules::seam::FAMILY,
    crate::check::rules::flapping::FAMILY,
    crate::check::rules::viewers::FAMILY,
    crate::check::rules::position::FAMILY,
    crate::check::rules::retention::FAMILY,
    crate::check::rules::refusal::FAMILY,
    crate::check::rules::malformed::FAMILY,
    crate::check::rules::owner::FAMILY,
    crate::check::rules::restart::FAMILY,
    crate::check::rules::replica::FAMILY,
    crate::check::rules::connection::FAMILY,
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::protocol::Decoder;
    use crate::transcript::{EntryKind, Transcript};

    #[test]
    fn a_long_record_is_judged_as_by_one_thread() {
        let mut record = Transcript::new();
        let mut decoder = Decoder::new();
        let ada: Arc<str> = "Ada".into();
        record.push(Duration::ZERO, &ada, 1, EntryKind::Opened);
        for index in 0..LONG {
            let json = format!(r#"{{"event": "RunContent", "event_index": {}}}"#, index % 7);
            let at = Duration::from_micros(index as u64);
            record.push(at, &ada, 1, EntryKind::received(&json, &mut decoder));
        }
        let trace = Trace::of(&record);
        let one_by_one: Vec<_> = all().map(|it| (it.id, (it.check)(&trace))).collect();
        assert_eq!(judge(&trace), one_by_one);
        assert!(
            one_by_one
                .iter()
                .any(|(_, it)| matches!(it, CheckVerdict::Failed(_)))
        );
    }
}
