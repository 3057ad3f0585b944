//! A connection that the server ended although it should have answered: by a close frame that tells of an error, or
//! time after time without one.

use crate::check::describe;
use crate::trace::{Connection, Trace};
use crate::transcript::{Entry, Number};

/// How the server ended a connection.
#[derive(Clone, Debug)]
pub(crate) struct BrokenOff<'t> {
    /// The end of the connection.
    pub(crate) end: &'t Entry,
    /// All tries of the request, each with the end of its connection, where there was no close frame.
    tries: Vec<[&'t Entry; 2]>,
}

impl BrokenOff<'_> {
    /// What was seen.
    pub(crate) fn observed(&self) -> String {
        let end = describe::entry(self.end);
        match self.tries.len() {
            0 => end,
            tries => format!(
                "{end}, {tries} times at the same point, while another connection stayed well"
            ),
        }
    }

    /// The entries that show it.
    pub(crate) fn evidence(&self) -> Vec<Number> {
        let tries = self.tries.iter().flatten().map(|entry| entry.number);
        [self.end.number].into_iter().chain(tries).collect()
    }
}

/// How the server ended a connection after the entry `last` and before `until`, which a later request on the
/// connection took over. Nothing where it is no finding: the server was restarted, said that it
/// goes away or is busy, or the network may have ended the connection.
pub(crate) fn broken_off<'t>(
    trace: &Trace<'t>,
    connection: &Connection<'t>,
    last: Number,
    until: Option<Number>,
) -> Option<BrokenOff<'t>> {
    let mine = |end: &Entry| {
        end.number > last
            && until.is_none_or(|until| end.number < until)
            && !trace.restarted_between(last, end.number)
    };
    if let Some(end) = connection.closed_with_error().filter(|end| mine(end)) {
        let tries = Vec::new();
        return Some(BrokenOff { end, tries });
    }
    let end = connection.lost().filter(|end| mine(end))?;
    let tries = trace.cut_off(end.number)?;
    let tries = tries.to_vec();
    Some(BrokenOff { end, tries })
}
