//! The registry: every requirement with its check, in the order of the documentation. The requirements
//! of a family are beside their checks.

use std::panic::resume_unwind;
use std::thread;

use crate::check::finding::CheckVerdict;
use crate::check::requirement::Requirement;
use crate::check::rules;
use crate::protocol::{Side, Wire};
use crate::trace::Trace;

/// Every requirement that binds servers, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    of(Side::Server)
}

/// Every requirement that binds this side of the wire, in the order of the documentation.
pub fn of(side: Side) -> impl Iterator<Item = &'static Requirement> {
    let families = match side {
        Side::Server => FAMILIES,
        Side::Client => OF_CLIENTS,
    };
    families.iter().flat_map(|family| family.iter())
}

/// Every requirement: those that bind servers, then those that bind clients.
pub fn both() -> impl Iterator<Item = &'static Requirement> {
    of(Side::Server).chain(of(Side::Client))
}

/// From so many entries on, several threads judge a transcript.
const LONG: usize = 20_000;

/// From so many entries on, one thread does it again: the checks would need too much memory at once.
pub(crate) const HUGE: usize = 500_000;

/// The most threads that judge one transcript.
const THREADS: usize = 4;

/// The verdict of every check of the side that the transcript judges, by requirement id, in the order of the documentation. The checks of a long
/// transcript are shared among the machine's cores: they do not depend on one another.
#[must_use]
pub fn judge(trace: &Trace<'_>) -> Vec<(&'static str, CheckVerdict)> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = match trace.transcript.entries().len() {
        LONG..HUGE => cores.min(THREADS),
        _ => 1,
    };
    let side = trace.side();
    let part = |first: usize| {
        let own = of(side).enumerate().skip(first).step_by(threads);
        own.map(|(place, it)| (place, it.id, it.judge(trace)))
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

/// The requirement of this id, which may name a wire: `CATCHUP-3`, `CATCHUP-3 · agent · http`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Requirement> {
    let (id, _) = Wire::part(id);
    both().find(|requirement| requirement.id == id)
}

const FAMILIES: &[&[Requirement]] = &[
    rules::greeting::REQUIREMENTS,
    rules::auth::REQUIREMENTS,
    rules::start::REQUIREMENTS,
    rules::session::REQUIREMENTS,
    rules::catchup::REQUIREMENTS,
    rules::history::REQUIREMENTS,
    rules::replay::REQUIREMENTS,
    rules::failing::REQUIREMENTS,
    rules::cancel::REQUIREMENTS,
    rules::pause::REQUIREMENTS,
    rules::http::REQUIREMENTS,
    rules::stream::REQUIREMENTS,
    rules::continued::REQUIREMENTS,
    rules::both::REQUIREMENTS,
    rules::content::REQUIREMENTS,
    rules::identity::REQUIREMENTS,
    rules::seam::REQUIREMENTS,
    rules::flapping::REQUIREMENTS,
    rules::viewers::REQUIREMENTS,
    rules::position::REQUIREMENTS,
    rules::retention::REQUIREMENTS,
    rules::refusal::REQUIREMENTS,
    rules::malformed::REQUIREMENTS,
    rules::owner::REQUIREMENTS,
    rules::restart::REQUIREMENTS,
    rules::replica::REQUIREMENTS,
    rules::connection::REQUIREMENTS,
];

const OF_CLIENTS: &[&[Requirement]] = &[
    rules::client::listen::REQUIREMENTS,
    rules::client::returning::REQUIREMENTS,
    rules::client::name::REQUIREMENTS,
    rules::client::position::REQUIREMENTS,
    rules::client::auth::REQUIREMENTS,
    rules::client::backoff::REQUIREMENTS,
    rules::client::answer::REQUIREMENTS,
    rules::client::ending::REQUIREMENTS,
    rules::client::shown::REQUIREMENTS,
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
        let one_by_one: Vec<_> = all().map(|it| (it.id, it.judge(&trace))).collect();
        assert_eq!(judge(&trace), one_by_one);
        assert!(
            one_by_one
                .iter()
                .any(|(_, it)| matches!(it, CheckVerdict::Failed(_)))
        );
    }
}
