//! When a missing ending is the server's fault: only if the server itself showed that the run was over
//! while the viewer was still connected. A slow run does not fail.

use std::time::Duration;

use crate::check::describe;
use crate::protocol::Outcome;
use crate::trace::{Connection, Trace};
use crate::transcript::{Entry, Number};

/// How long after somebody else's ending a viewer must have stayed, where nobody watched for silence
/// after it: the same ending may have been on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// An ending that a viewer waited for and did not get.
pub(crate) struct Missing<'t> {
    silence: &'t Entry,
    proof: &'t Entry,
    proof_viewer: &'t str,
    outcome: Outcome,
}

impl Missing<'_> {
    /// How the run ended, as the server itself said.
    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What was seen instead of the ending.
    pub(crate) fn observed(&self) -> String {
        format!(
            "{}, although the run was over: {} got {}",
            describe::entry(self.silence),
            self.proof_viewer,
            describe::entry(self.proof)
        )
    }

    /// The entries that show it.
    pub(crate) fn evidence(&self) -> [Number; 2] {
        [self.silence.number, self.proof.number]
    }
}

/// The ending of a run, if the viewer of this connection waited for it and did not get it although the run was over.
///
/// `last` is the last thing that came of the run, `until` the later request on this connection that took
/// over what follows.
pub(crate) fn missing<'t>(
    trace: &Trace<'t>,
    connection: &Connection<'t>,
    run: &str,
    last: Number,
    until: Option<Number>,
) -> Option<Missing<'t>> {
    // Who watches on after the connection is lost sees nothing, whatever the server does.
    let lost = connection.lost().map(|lost| lost.number);
    let silence = connection
        .silence_after(last)
        .filter(|entry| until.into_iter().chain(lost).all(|end| entry.number < end))?;
    let told = trace.run(run)?;
    // A viewer who is displaced by another must be told, which is enough (VIEWERS-1). An ending that was
    // on its way when the viewer left is not missing.
    if connection.displaced_after(last) || connection.ended_afterwards(run) {
        return None;
    }
    let over = connection.over();
    // What the server had said by then may have been held up on the way.
    let in_time = |entry: &Entry| {
        over.is_none_or(|over| entry.number < over.number) && connection.worked_after(entry.number)
    };
    let replayed = told.replayed.filter(|(proof, _)| in_time(proof));
    let delivered = told.ending.filter(|(proof, _)| {
        let end = over.or(trace.transcript.entries().last());
        let stayed = end.is_some_and(|end| end.at().saturating_sub(proof.at()) >= ON_ITS_WAY);
        in_time(proof) && (stayed || connection.silence_after(proof.number).is_some())
    });
    let (proof, outcome) =
        replayed.or(delivered.map(|(proof, ending)| (proof, ending.outcome())))?;
    // What comes after a pause is owed to the one who let the run go on (agno 3.1.10 tells nobody
    // else).
    if told
        .paused
        .is_some_and(|paused| paused.number < proof.number)
    {
        return None;
    }
    Some(Missing {
        silence,
        proof,
        proof_viewer: &proof.viewer,
        outcome,
    })
}

/// Why it proves nothing that a run's ending did not come.
pub(crate) fn unseen(connection: &Connection<'_>, last: Number) -> String {
    let viewer = connection.viewer;
    if let Some(lost) = connection.lost() {
        return format!(
            "{viewer} lost the connection before the ending: {}",
            describe::entry(lost)
        );
    }
    if let Some(silence) = connection.silence_after(last) {
        return format!(
            "{viewer} got {} before the ending, which may also be a slow run: raise \
             --step-timeout or choose a shorter workflow",
            describe::entry(silence)
        );
    }
    format!("{viewer} left before the ending")
}

/// The answer to a return after this entry that shows the run as running, where none shows how it
/// ended.
pub(crate) fn still_running<'t>(
    trace: &Trace<'t>,
    run: &str,
    silence: &Entry,
) -> Option<&'t Entry> {
    let told = trace.run(run)?;
    let is_over = told.ending.is_some() || told.replayed.is_some();
    told.running_after(silence.number).filter(|_| !is_over)
}
