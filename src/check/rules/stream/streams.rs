//! Which connections are streams.

use crate::trace::{Connection, Trace};

/// Why a record without HTTP shows nothing.
pub(super) const NO_STREAM: &str = "no viewer got a stream over HTTP";

/// Every answer over HTTP that is a stream, with its place among the connections.
pub(super) fn streams<'s, 't>(
    trace: &'s Trace<'t>,
) -> impl Iterator<Item = (usize, &'s Connection<'t>)> {
    let all = trace.connections.iter().enumerate();
    all.filter(|(_, connection)| connection.is_over_http() && connection.opened())
}
