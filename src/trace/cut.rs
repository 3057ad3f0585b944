//! Requests on which the server drops the connection without a close frame, time after time at the same point.
//!
//! One connection that breaks off may be the network's doing. Three that break off at the same point of the same
//! request are the server's, where nothing else broke off and another connection stayed well meanwhile.

use std::collections::HashMap;

use crate::protocol::Action;
use crate::trace::connection::Connection;
use crate::trace::subscription::Subscription;
use crate::trace::yardstick;
use crate::transcript::DEAD_LINE;
use crate::transcript::entry::{Entry, EntryKind, Number};

/// From so many tries on, that it happened again is no chance.
const TRIES: usize = 3;

/// The tries of one request that was cut off each time: each request with the end of its connection.
pub type Tries<'t> = Vec<[&'t Entry; 2]>;

/// What is asked for, by any viewer.
type Asked = String;

/// Finds the requests that were cut off time after time. Gives, for each of them, the place of all its tries in
/// the list, by the number of the entry that ends it.
pub(super) fn find<'t>(
    connections: &[Connection<'t>],
    subscriptions: &[Subscription<'t>],
    restarted: bool,
) -> (Vec<Tries<'t>>, HashMap<Number, usize>) {
    let nothing = || (Vec::new(), HashMap::new());
    let broken = |connection: &&Connection<'_>| end_of(connection).is_some();
    let all = connections.iter().filter(broken).count();
    if all < TRIES || restarted {
        return nothing();
    }
    let mut groups: HashMap<Asked, Group<'t>> = HashMap::new();
    for it in subscriptions {
        let (Some(asked), connection) = (asked(it), &connections[it.connection]) else {
            continue;
        };
        let group = groups.entry(asked).or_default();
        let point = it.deliveries.last().and_then(|last| last.index());
        let is_last = connection.sent_after(it.request.number).is_none();
        match end_of(connection).filter(|_| is_last && !it.has_ended()) {
            Some(end) => {
                let first = *group.point.get_or_insert((point, it.controls.is_empty()));
                group.differs |= first != (point, it.controls.is_empty());
                group.tries.push([it.request, end]);
            }
            None => group.differs |= it.answer().is_some(),
        }
    }
    let same = |group: &Group<'_>| !group.differs && group.tries.len() == all;
    // Nothing else broke off, so it can be one group only.
    let Some(group) = groups.into_values().find(same) else {
        return nothing();
    };
    let (Some([_, first]), Some([_, last])) = (group.tries.first(), group.tries.last()) else {
        return nothing();
    };
    if !stayed_well(connections, first.number, last.number) {
        return nothing();
    }
    let places = group.tries.iter().map(|[_, end]| (end.number, 0));
    let places = places.collect();
    (vec![group.tries], places)
}

#[derive(Default)]
struct Group<'t> {
    tries: Tries<'t>,
    /// After which index it was cut off first, and whether nothing but events had come.
    point: Option<(Option<u64>, bool)>,
    /// Whether another try got further.
    differs: bool,
}

/// Whether a connection was open before the second try, and was answered after the last one.
fn stayed_well(connections: &[Connection<'_>], first: Number, last: Number) -> bool {
    connections.iter().any(|connection| {
        let opened = connection
            .after(first)
            .first()
            .is_some_and(|it| matches!(it.what, EntryKind::Opened));
        opened && connection.lost().is_none() && connection.pong_after(last)
    })
}

/// What a start or a return asks for: the same for anybody who asks, in whatever session.
fn asked(it: &Subscription<'_>) -> Option<Asked> {
    match (it.request.action()?, &it.request.what) {
        (Action::Start { .. }, _) => yardstick::asked(it),
        (Action::Reconnect { .. }, EntryKind::Sent { text, .. }) => Some(text.clone()),
        _ => None,
    }
}

/// The end of a connection that broke off without a close frame, while its viewer was there, and read, and had
/// said nothing invalid.
fn end_of<'t>(connection: &Connection<'t>) -> Option<&'t Entry> {
    let lost = connection.lost()?;
    let EntryKind::Ended(reason) = &lost.what else {
        return None;
    };
    let is_dead = reason
        .as_deref()
        .is_some_and(|reason| reason.starts_with(DEAD_LINE));
    let explained = connection.malformed().is_some() || connection.stopped_reading();
    (!is_dead && !explained).then_some(lost)
}
