//! The list of known failures that a run was judged with, and how each entry stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::protocol::Wire;

/// The list of known failures that a run was judged with.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct KnownFailures {
    /// The file, as it was named on the command line.
    pub file: String,
    /// What it lists, in its order.
    pub entries: Vec<KnownFailure>,
}

/// One entry of the list.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct KnownFailure {
    /// The requirement's id: `CATCHUP-3` over the WebSocket, `CATCHUP-3 · agent · http` over another wire.
    pub id: String,
    /// The id of the only scenario that may show it; in any where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The releases that it is about, as in `>=2.3.17, <3.2` or `2.3.17 || 2.4.0`; all where it is
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Why it fails, and is not fixed yet.
    pub reason: String,
    /// Where to read on: an `http://` or `https://` URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which the entry may be used, as in `2026-12-31` (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether it fails only sometimes (a race): then it is not stale when it passes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sometimes: bool,
    /// The first and the last line of the entry in the file, counted from 1.
    pub lines: (usize, usize),
    /// How it turned out in the run.
    pub standing: Standing,
}

/// How an entry turned out in a run.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It failed, as listed.
    Failed,
    /// It passed, though it is listed.
    Passed,
    /// It was not tested in full: not every scenario was selected, it is not applicable, or inconclusive.
    #[default]
    Inconclusive,
    /// The entry is about other releases or another wire, or the release is not known.
    OtherRelease,
}

impl KnownFailure {
    /// The requirement's id without the wire, and the wire that the entry is about: where it names none, that is
    /// the WebSocket.
    #[must_use]
    pub fn requirement(&self) -> (&str, Wire) {
        let (id, wire) = Wire::part(&self.id);
        (id, wire.unwrap_or_default())
    }

    /// Whether the entry must be deleted.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.standing == Standing::Passed && !self.sometimes
    }

    /// `line 7`, `lines 7 to 12`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.lines {
            (first, last) if first == last => format!("line {first}"),
            (first, last) => format!("lines {first} to {last}"),
        }
    }

    /// Why it is known: the reason, with the link and the last day.
    #[must_use]
    pub fn why(&self) -> String {
        let link = self.link.iter().cloned();
        let until = self.until.iter().map(|day| format!("until {day}"));
        let more: Vec<_> = link.chain(until).collect();
        match more.as_slice() {
            [] => self.reason.clone(),
            more => format!("{} ({})", self.reason, more.join(", ")),
        }
    }

    /// What to do about a stale entry, in one sentence.
    #[must_use]
    pub fn advice(&self, file: &str) -> String {
        let what = match &self.scenario {
            Some(scenario) => format!("{} passed in {scenario}", self.id),
            None => format!("{} passed", self.id),
        };
        let limit = match self.release {
            Some(_) if Wire::part(&self.id).1.is_some() => {
                ", or leave this release, or this wire, out of it"
            }
            Some(_) => ", or leave this release out of its `release`",
            None => ", or limit it to the releases where it fails (`release = \"<…\"`)",
        };
        format!("{what}: delete {} of {file}{limit}", self.place())
    }
}

impl KnownFailures {
    /// The entries that must be deleted.
    pub fn stale(&self) -> impl Iterator<Item = &KnownFailure> {
        self.entries.iter().filter(|entry| entry.is_stale())
    }

    /// The entries by which failures of this requirement of the report are known.
    pub fn of<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s KnownFailure> {
        let (id, wire) = Wire::part(id);
        let failed = |it: &&KnownFailure| it.standing == Standing::Failed;
        // Where a report is about one wire, its ids do not name it, and no entry about another one failed.
        let is_of = move |it: &&KnownFailure| {
            let (of, over) = it.requirement();
            of == id && wire.is_none_or(|wire| wire == over)
        };
        self.entries.iter().filter(failed).filter(is_of)
    }
}
