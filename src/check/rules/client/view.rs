//! The losses that the suite caused, and what the client did after each.

use crate::check::describe;
use crate::protocol::{Action, Position};
use crate::trace::{Connection, Subscription, Trace};
use crate::transcript::{ClientEntry, Cut, Entry, EntryKind, Number};

/// A connection that the suite broke while the client watched a run on it that had not ended.
pub(super) struct Loss<'s, 't> {
    /// The entry that says so.
    pub cut: &'t Entry,
    /// How.
    pub how: Cut,
    /// The run that was watched on it.
    pub run: &'t str,
    /// What the client had asked for on it.
    pub before: &'s Subscription<'t>,
    /// Whether the client had certainly read everything that it was sent on this connection.
    pub settled: bool,
    /// Whether the connection was a request over HTTP.
    pub over_http: bool,
    /// The highest index of the run that the client was sent until then, on any connection.
    pub delivered: Option<u64>,
    /// What the client asked for next, on another connection: a start or a return.
    pub request: Option<&'s Subscription<'t>>,
    /// What shows that it was waited for without success.
    pub gave_up: Option<&'t Entry>,
}

impl<'s, 't> Loss<'s, 't> {
    /// The return that followed, where the client returned to something.
    pub(super) fn ret(&self) -> Option<&'s Subscription<'t>> {
        self.request.filter(|it| it.position().is_some())
    }

    /// The position of that return.
    pub(super) fn position(&self) -> Option<&'t Position> {
        self.ret()?.position()
    }

    /// What shows it: the last event before it, the loss, and what the client asked for next.
    pub(super) fn evidence(&self) -> Vec<Number> {
        let last = self.before.deliveries.last().map(|it| it.entry.number);
        let request = self.request.map(|it| it.request.number);
        last.into_iter()
            .chain([self.cut.number])
            .chain(request)
            .collect()
    }

    /// Whether it is known that this position is right or wrong: the client had read everything, or, over HTTP, names what
    /// is the last event or beyond it.
    pub(super) fn is_known(&self, at: &Position) -> bool {
        let not_behind = matches!(at, Position::At(index) if Some(*index) >= self.delivered);
        self.settled || (self.over_http && not_behind)
    }

    /// The event after this position, where it never came although later ones had.
    pub(super) fn gap_after(&self, trace: &Trace<'_>, at: &Position) -> Option<u64> {
        let next = match at {
            Position::At(index) => index.checked_add(1)?,
            Position::Null | Position::Absent => 0,
            Position::Odd(_) => return None,
        };
        let mut before = trace.deliveries_of(self.run);
        let is_missing = self.delivered > Some(next)
            && !before.any(|it| it.index() == Some(next) && it.entry.number < self.cut.number);
        is_missing.then_some(next)
    }

    /// Why a position behind the last event shows nothing.
    pub(super) fn not_read(&self) -> &'static str {
        match self.over_http {
            true => {
                "over HTTP nothing shows what had reached Ada before the connection broke; after a clean end of the stream it is known"
            }
            false => {
                "Ada did not answer the WebSocket ping, so it is not known what had reached them"
            }
        }
    }

    /// Why nothing can be said about a return after it.
    pub(super) fn no_return(&self) -> String {
        match (self.request, self.gave_up) {
            (Some(_), _) => "Ada started the run again after the loss (CLIENT-RETURN-4)".to_owned(),
            (None, Some(_)) => "Ada did not come back after the loss (CLIENT-RETURN-1)".to_owned(),
            (None, None) => "the transcript ends before Ada came back".to_owned(),
        }
    }
}

/// Every such loss, in order.
pub(super) fn losses<'s, 't>(trace: &'s Trace<'t>) -> Vec<Loss<'s, 't>> {
    let cuts = trace.transcript.entries().iter();
    let cuts = cuts.filter_map(|entry| match entry.of_client() {
        Some(ClientEntry::Cut(how)) => Some((entry, *how)),
        _ => None,
    });
    cuts.filter_map(|(cut, how)| loss(trace, cut, how))
        .collect()
}

fn loss<'s, 't>(trace: &'s Trace<'t>, cut: &'t Entry, how: Cut) -> Option<Loss<'s, 't>> {
    let place = place_of(trace, cut)?;
    let asked = trace.subscriptions.iter();
    let before = asked
        .filter(|it| it.connection == place && it.request.number < cut.number)
        .rfind(|it| it.run.is_some() && !it.is_refused())?;
    let run = before.run?;
    let sent = trace.deliveries.iter().filter(|it| {
        let of_run = it.event().run().is_some_and(|it| &**it == run);
        of_run && it.entry.number < cut.number
    });
    let (mut delivered, mut ended) = (None, false);
    for delivery in sent {
        delivered = delivered.max(delivery.index());
        ended |= delivery.is_final();
    }
    if ended {
        return None;
    }
    let next = |entry: &Entry| entry.number > cut.number;
    let request = trace
        .subscriptions
        .iter()
        .find(|it| next(it.request) && it.connection != place)
        .filter(|it| it.position().is_some() || is_start(it.request));
    let connection = trace.connection(place);
    Some(Loss {
        cut,
        how,
        run,
        before,
        // Nobody sees the end of a stream before all that comes before it.
        settled: is_settled(connection, cut.number) || how == Cut::EndOfStream,
        over_http: connection.is_over_http(),
        delivered,
        request,
        gave_up: gave_up(trace, cut.number),
    })
}

fn is_start(entry: &Entry) -> bool {
    matches!(entry.action(), Some(Action::Start { .. }))
}

/// The place of the connection that an entry is on.
pub(super) fn place_of(trace: &Trace<'_>, entry: &Entry) -> Option<usize> {
    let mut all = trace.connections.iter();
    all.position(|it| it.viewer == &*entry.viewer && it.number == entry.connection)
}

/// Whether the client had read everything on this connection before this entry.
fn is_settled(connection: &Connection<'_>, before: Number) -> bool {
    let until = connection.entries.iter();
    let until = until.take_while(|entry| entry.number < before);
    until.fold(false, |settled, entry| match &entry.what {
        EntryKind::Received { .. } | EntryKind::ReceivedBinary(_) => false,
        EntryKind::Client(it) => settled || matches!(**it, ClientEntry::Settled(_)),
        _ => settled,
    })
}

/// Whether this is the end of the client's process.
pub(super) fn is_exit(entry: &Entry) -> bool {
    matches!(entry.of_client(), Some(ClientEntry::Exited { .. }))
}

/// What shows that the client was waited for after this entry, and did not come.
pub(super) fn gave_up<'t>(trace: &Trace<'t>, after: Number) -> Option<&'t Entry> {
    let later = trace.transcript.entries().skip(after as usize);
    later
        .iter()
        .find(|entry| is_exit(entry) || matches!(entry.what, EntryKind::TimedOut { .. }))
}

/// What such an entry shows, as a noun phrase.
pub(super) fn nothing(entry: &Entry) -> String {
    match entry.of_client() {
        Some(ClientEntry::Exited {
            code: Some(code), ..
        }) => format!("the client's end, with exit code {code}"),
        Some(ClientEntry::Exited { .. }) => "the client's end by a signal".to_owned(),
        _ => describe::entry(entry),
    }
}

/// A position as the client wrote it.
pub(super) fn position(position: &Position) -> String {
    match position {
        Position::At(index) => format!("the position {index}"),
        Position::Null => "the position `null`".to_owned(),
        Position::Absent => "no position".to_owned(),
        Position::Odd(value) => format!("the position {}", describe::shown(&value.to_string())),
    }
}

/// Whether the client was watched for a while after this entry, or has ended.
pub(super) fn was_watched(trace: &Trace<'_>, after: Number) -> bool {
    let later = trace.transcript.entries().skip(after as usize);
    later.iter().any(|entry| {
        is_exit(entry)
            || matches!(
                entry.what,
                EntryKind::TimedOut { .. } | EntryKind::Watched(_)
            )
    })
}

/// Whether the client says by lines on stdout in which state it shows the run. One that tells of events alone says nothing
/// of it.
pub(super) fn tells_states(trace: &Trace<'_>) -> bool {
    let mut entries = trace.transcript.entries().iter();
    entries.any(|entry| matches!(entry.of_client(), Some(ClientEntry::State { .. })))
}
