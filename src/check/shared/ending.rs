//! When a missing ending is the server's fault: only if the server itself showed that the run was over
//! while the viewer was still connected. A slow run does not fail.

use std::time::Duration;

use crate::check::describe;
use crate::check::shared::broken_off::{BrokenOff, broken_off};
use crate::check::shared::dead::{Dead, dead};
use crate::protocol::{Ending, Event, Outcome};
use crate::trace::{Connection, Trace};
use crate::transcript::{Entry, Number};

/// How long after somebody else's ending a viewer must have stayed, where nobody watched for silence
/// after it: the same ending may have been on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// An ending that a viewer waited for and did not get.
pub(crate) enum Missing<'t> {
    /// Silence came instead, and something shows that the run was over, and how it ended.
    Silence {
        silence: &'t Entry,
        proof: &'t Entry,
        outcome: Outcome,
    },
    /// Silence came instead, and the run had died.
    Dead { silence: &'t Entry, dead: Dead<'t> },
    /// The server ended the connection.
    BrokenOff(BrokenOff<'t>),
}

impl Missing<'_> {
    /// How the run ended, where the server itself said so.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Silence { outcome, .. } => Some(*outcome),
            Self::Dead { .. } | Self::BrokenOff(_) => None,
        }
    }

    /// Where the wait for it ended.
    pub(crate) fn at(&self) -> Number {
        match self {
            Self::Silence { silence, .. } | Self::Dead { silence, .. } => silence.number,
            Self::BrokenOff(broken_off) => broken_off.end.number,
        }
    }

    /// What was seen instead of the ending.
    pub(crate) fn observed(&self) -> String {
        match self {
            Self::Silence { silence, proof, .. } => format!(
                "{}, although the run was over: {} got {}",
                describe::entry(silence),
                proof.viewer,
                describe::entry(proof)
            ),
            Self::Dead { silence, dead } => format!(
                "{}; a run of the same workflow that was started later has ended, and this one is still shown \
                 as running: {}",
                describe::entry(silence),
                describe::entry(dead.running)
            ),
            Self::BrokenOff(broken_off) => broken_off.observed(),
        }
    }

    /// The entries that show it.
    pub(crate) fn evidence(&self) -> Vec<Number> {
        match self {
            Self::Silence { silence, proof, .. } => vec![silence.number, proof.number],
            Self::Dead { silence, dead } => {
                vec![silence.number, dead.ended.number, dead.running.number]
            }
            Self::BrokenOff(broken_off) => broken_off.evidence(),
        }
    }

    /// When the run was over, as far as anybody knew.
    fn over_at(&self) -> Number {
        match self {
            Self::Silence { proof, .. } => proof.number,
            Self::Dead { silence, .. } => silence.number,
            Self::BrokenOff(broken_off) => broken_off.end.number,
        }
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
    let missing = missing_after_a_pause(trace, connection, run, last, until)?;
    // What comes after a pause is a matter of PAUSE-3: agno 3.1.10 sends it to nobody but the one who let
    // the run go on.
    let paused = trace.run(run).and_then(|told| told.paused);
    let is_owed = paused.is_none_or(|paused| paused.number >= missing.over_at());
    is_owed.then_some(missing)
}

/// Likewise, also where the run had paused in the meantime: for the viewer who let it go on, or who stayed.
pub(crate) fn missing_after_a_pause<'t>(
    trace: &Trace<'t>,
    connection: &Connection<'t>,
    run: &str,
    last: Number,
    until: Option<Number>,
) -> Option<Missing<'t>> {
    let broken_off = broken_off(trace, connection, last, until);
    if let Some(broken_off) = broken_off.filter(|_| !connection.displaced_after(last)) {
        return Some(Missing::BrokenOff(broken_off));
    }
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
    let proof = replayed.or(delivered.map(|(proof, ending)| (proof, ending.outcome())));
    let Some((proof, outcome)) = proof else {
        let dead = dead(trace, run, silence)?;
        return Some(Missing::Dead { silence, dead });
    };
    Some(Missing::Silence {
        silence,
        proof,
        outcome,
    })
}

/// Why it proves nothing that a run's ending did not come.
pub(crate) fn unseen(connection: &Connection<'_>, last: Number) -> String {
    let viewer = connection.viewer;
    let latest = connection
        .heard()
        .take_while(|entry| entry.number <= last)
        .last();
    let event = latest.and_then(|entry| entry.message()?.event());
    if event.and_then(Event::ending) == Some(Ending::Paused) {
        return format!("the run had paused when {viewer} was last sent anything of it");
    }
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
    describe::gone(connection, "the ending")
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
