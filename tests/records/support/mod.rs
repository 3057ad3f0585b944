//! Hand-made and generated records, for tests and benches of the checks.
//!
//! - [`Record`]: writes a transcript line by line
//! - [`Run`]: the events of a run, as a server would send them
//! - [`Plan`]: a whole conforming scenario; [`Plan::record`] writes it down
//! - [`edited`], [`retold`]: a record with something changed

mod plan;
mod record;

pub use plan::{Plan, Returning, Stay};
use reconnect_acceptance::check::{CheckVerdict, registry};
use reconnect_acceptance::protocol::Decoder;
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{Entry, EntryKind, Transcript};
pub use record::{Inner, Record, Run};

/// The record with its entries changed and numbered anew.
pub fn edited(transcript: &Transcript, edit: impl FnOnce(&mut Vec<Entry>)) -> Transcript {
    let mut entries: Vec<Entry> = transcript.entries().iter().cloned().collect();
    edit(&mut entries);
    let mut out = Transcript::new();
    for entry in entries {
        out.push(entry.at(), &entry.viewer, entry.connection, entry.what);
    }
    out
}

/// The text of a received entry changed.
pub fn retold(transcript: &Transcript, place: usize, tell: impl Fn(&str) -> String) -> Transcript {
    edited(transcript, |entries| {
        if let EntryKind::Received { text, .. } = &entries[place].what {
            let text = tell(&text.read());
            entries[place].what = EntryKind::received(&text, &mut Decoder::new());
        }
    })
}

/// The places of all deliveries.
pub fn deliveries(transcript: &Transcript) -> Vec<usize> {
    let entries = transcript.entries().iter().enumerate();
    entries
        .filter(|(_, entry)| entry.message().is_some_and(|m| m.event().is_some()))
        .map(|(place, _)| place)
        .collect()
}

/// What the check of this id says.
pub fn judge(id: &str, transcript: &Transcript) -> CheckVerdict {
    let requirement = registry::find(id).unwrap_or_else(|| panic!("no requirement {id}"));
    requirement.judge(&Trace::of(transcript))
}

/// The ids that are broken in a record, in the order of the catalogue.
pub fn failed(transcript: &Transcript) -> Vec<&'static str> {
    let trace = Trace::of(transcript);
    registry::all()
        .filter(|requirement| matches!(requirement.judge(&trace), CheckVerdict::Failed(_)))
        .map(|requirement| requirement.id)
        .collect()
}

/// The ids that hold in a record, in the order of the catalogue.
pub fn holding(transcript: &Transcript) -> Vec<&'static str> {
    let trace = Trace::of(transcript);
    registry::all()
        .filter(|requirement| requirement.judge(&trace) == CheckVerdict::Passed)
        .map(|requirement| requirement.id)
        .collect()
}
