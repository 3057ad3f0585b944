//! A requirement: its id, level, sentence and check.

use std::fmt;
use std::ops::Deref;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::finding::CheckVerdict;
use crate::check::over_http::{OverHttp, over_http};
use crate::check::over_websocket::not_over_websocket;
use crate::protocol::Side;
use crate::trace::Trace;

/// One sentence that a server must, should or may keep, and the check that judges it.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// A word that never changes its meaning: `CATCHUP-2`.
    pub id: &'static str,
    /// How much it binds (RFC 2119).
    pub level: Level,
    /// The version of the suite that brought it: `0.2.0`.
    pub since: &'static str,
    /// The sentence that the server must keep.
    pub sentence: &'static str,
    /// Why it matters to the person who watches.
    pub why: &'static str,
    /// What a viewer suffers where it fails, in one sentence that is true of every way to fail it.
    pub harm: &'static str,
    /// Where the sentence comes from.
    pub source: &'static str,
    /// An exchange that keeps it: one message a line, `→` to the server, `←` from it.
    pub good: &'static str,
    /// An exchange that breaks it.
    pub bad: &'static str,
    /// Judges it over one scenario's record.
    pub check: Check,
}

impl Requirement {
    /// Which side of the wire it binds.
    #[must_use]
    pub fn side(&self) -> Side {
        match self.id.starts_with("CLIENT-") {
            true => Side::Client,
            false => Side::Server,
        }
    }

    /// The verdict of its check, where it binds what the viewers spoke over.
    #[must_use]
    pub fn judge(&self, trace: &Trace<'_>) -> CheckVerdict {
        match self.unbound(trace) {
            Some(reason) => CheckVerdict::Inconclusive(reason.to_owned()),
            None => (self.check)(trace),
        }
    }

    /// Why it does not bind what the viewers spoke over; `None` where it does.
    fn unbound(&self, trace: &Trace<'_>) -> Option<&'static str> {
        match over_http(self.id) {
            OverHttp::NotApplicable(reason) if !trace.is_judged_over_websocket() => Some(reason),
            _ => not_over_websocket(self.id).filter(|_| !trace.is_judged_over_http()),
        }
    }
}

/// A check: a pure function over one scenario's record, which is called as one, and where it is written.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    function: fn(&Trace<'_>) -> CheckVerdict,
    file: &'static str,
    path: &'static str,
}

/// The [`Check`] of this function; it is named in the file of its requirement. Its findings name messages that
/// cannot be read. It judges no connection with events that nobody can assign, unless `of_every_event`.
macro_rules! check {
    ($function:path) => {
        $crate::check::requirement::Check::new(
            |trace| {
                let verdict = $crate::check::unassigned::sound(trace, $function(trace));
                $crate::check::unreadable::named(trace, verdict)
            },
            file!(),
            stringify!($function),
        )
    };
    ($function:path, of_every_event) => {
        $crate::check::requirement::Check::new($function, file!(), stringify!($function))
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
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
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
