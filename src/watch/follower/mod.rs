//! What a viewer shows and does next, given what comes. It knows no sockets and no clock.
//!
//! It keeps the table of [docs/protocol.md](../../../../docs/protocol.md): it counts events only, takes each once and in
//! order, authenticates first where the greeting asks for it, and stops where the server refuses.
//!
//! - `control`: the control messages; `event`: the events; `hold`: gaps among them; `outcome`: what the viewer says of
//!   its run

mod control;
mod event;
mod hold;
mod outcome;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

use crate::protocol::{Action, Body, Decoder, Message, Outcome};
use crate::watch::defect::{Defect, Defects};
use crate::watch::pauses::Pauses;
use crate::watch::progress::Progress;
use crate::watch::request::{Names, Wanted};
use crate::watch::shown::{End, Shown, State};
use hold::Held;

/// What is to be done, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Do {
    /// Send this.
    Say(Action),
    /// Show this; an event comes with the text of its message.
    Show(Shown, String),
    /// Leave this connection, and come back.
    Leave,
    /// Leave, and do not come back.
    Finish(End),
}

/// How a connection was lost, or not opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Loss {
    /// By a closing handshake of the server, with its code.
    Closed(Option<u16>, String),
    /// In another way, for this reason.
    Broken(String),
    /// The server does not take this viewer, for this reason: there is no use in trying again.
    Refused(String),
}

/// For how long the viewer waits for the next message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Patience {
    /// For as long as it takes.
    Endless,
    /// As long as an answer may take.
    Answer,
    /// As long as a run that waits for a person is left alone: somebody else may have let it go on, and not every
    /// server tells those who watch.
    Rest,
    /// As long as what should come at once may take: the end of the stream after `WorkflowCancelled`, an event
    /// that others have overtaken.
    Short,
}

/// Where the viewer is on its connection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// There is none.
    Away,
    /// The greeting is to come.
    Greeting,
    /// The answer to the token is to come.
    Authenticating,
    /// The first event of the new run is to come.
    Started,
    /// The answer to the return is to come.
    Returning,
    /// What was missed is coming.
    CatchingUp,
    /// All events are coming: so many more, if that is known, of a run with this outcome.
    Replaying(Option<u64>, Option<Outcome>),
    /// Events come as they happen.
    Live,
    /// The run was cancelled, and the end of the stream is to come.
    Cancelled,
}

/// The codes of a close frame that say that this viewer is not wanted (RFC 6455, section 7.4.1, and those of
/// HTTP's 401 and 403 among the private ones).
const UNWANTED: [u16; 3] = [1008, 4401, 4403];

/// The codes of a close frame that say nothing of an error: a normal end, a server that goes away, one that restarts.
const CLEAN: [u16; 3] = [1000, 1001, 1012];

/// After how many tries without success a defect gives up.
const FEW: u32 = 2;

/// Follows one run.
#[derive(Debug)]
pub struct Follower {
    names: Names,
    token: Option<SecretString>,
    defects: Defects,
    decoder: Decoder,
    progress: Progress,
    pauses: Pauses,
    phase: Phase,
    state: Option<State>,
    /// Whether the server greets on the present connection.
    greets: bool,
    /// Whether the last event that came is a pause.
    paused: bool,
    /// Whether the viewer stays away for longer, because the run waits for a person.
    rests: bool,
    /// Whether `WorkflowCancelled` has come.
    cancelled: bool,
    /// Whether the token was shown on this connection, and on any.
    shown_token: (bool, bool),
    /// Events that have come before their turn, by index.
    held: BTreeMap<u64, Held>,
    /// How many replays of a finished run broke off.
    cut_replays: u32,
    todo: Vec<Do>,
}

impl Follower {
    /// A viewer who wants to watch this run, and has this token.
    #[must_use]
    pub fn new(wanted: Wanted, token: Option<SecretString>, defects: Defects) -> Self {
        Self {
            names: Names::new(wanted),
            token,
            defects,
            decoder: Decoder::new(),
            progress: Progress::default(),
            pauses: Pauses::default(),
            phase: Phase::Away,
            state: None,
            greets: false,
            paused: false,
            rests: false,
            cancelled: false,
            shown_token: (false, false),
            held: BTreeMap::new(),
            cut_replays: 0,
            todo: Vec::new(),
        }
    }

    /// The workflow's run id, once it is known.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.names.run().map(|run| &**run)
    }

    /// The index that comes next.
    #[must_use]
    pub fn next_index(&self) -> u64 {
        self.progress.next()
    }

    /// Whether the server has answered on this connection.
    #[must_use]
    pub fn is_served(&self) -> bool {
        use Phase::{Authenticating, Away, Greeting, Returning};
        !matches!(self.phase, Away | Greeting | Authenticating | Returning)
    }

    /// For how long to wait for the next message.
    #[must_use]
    pub fn patience(&self) -> Patience {
        match self.phase {
            _ if !self.held.is_empty() => Patience::Short,
            Phase::Returning if self.has(Defect::WaitsForEver) => Patience::Endless,
            Phase::Greeting
            | Phase::Authenticating
            | Phase::Returning
            | Phase::CatchingUp
            | Phase::Replaying(..) => Patience::Answer,
            Phase::Cancelled => Patience::Short,
            Phase::Live if self.paused => Patience::Rest,
            Phase::Away | Phase::Started | Phase::Live => Patience::Endless,
        }
    }

    /// How long to stay away before the next try; `chance` is from 0 to 1.
    pub fn pause(&mut self, chance: f64) -> Duration {
        let pause = self.pauses.next(chance);
        match () {
            () if self.rests => Pauses::REST,
            () if self.has(Defect::Storms) => Pauses::STORM,
            () if self.has(Defect::SteadyPauses) => Pauses::FIRST,
            () => pause,
        }
    }

    /// A connection is open, on which the server greets or not.
    pub fn opened(&mut self, greets: bool) -> Vec<Do> {
        self.shown_token.0 = false;
        self.greets = greets;
        self.rests = false;
        match greets {
            true => self.phase = Phase::Greeting,
            false => self.request(),
        }
        self.done()
    }

    /// A text message has come.
    pub fn heard(&mut self, text: &str) -> Vec<Do> {
        let Message {
            framing,
            defect,
            body,
        } = self.decoder.decode(text);
        if defect.is_some() && self.has(Defect::DiesOfUnreadable) {
            self.unreadable("it is not strict JSON");
            return self.done();
        }
        match body {
            Body::Control(control) => self.control(&control),
            Body::Event(event) => self.event(&event, framing, text),
            Body::Unintelligible(why) => self.unreadable(&why),
        }
        self.done()
    }

    /// A binary message of so many bytes has come.
    pub fn heard_binary(&mut self, bytes: usize) -> Vec<Do> {
        self.unreadable(&format!("it is binary, {bytes} bytes"));
        self.done()
    }

    /// An answer over HTTP that is no stream of events has come.
    pub fn heard_refusal(&mut self, text: &str) -> Vec<Do> {
        self.refused(text);
        self.done()
    }

    /// Nothing has come for as long as the viewer waits.
    pub fn waited(&mut self) -> Vec<Do> {
        match self.phase {
            _ if !self.held.is_empty() => self.pass_over(),
            Phase::Cancelled => self.finish(Outcome::Cancelled),
            Phase::Live => self.request(),
            Phase::Replaying(left, Some(outcome)) if outcome.is_final() && self.cut_replays > 0 => {
                self.note(format!(
                    "{} more events were announced, and did not come",
                    left.unwrap_or_default()
                ));
                self.finish(outcome);
            }
            phase => {
                self.cut_replays += u32::from(matches!(phase, Phase::Replaying(..)));
                self.leave("the server does not answer".to_owned());
            }
        }
        self.done()
    }

    /// The connection is lost, or was not opened. Nothing to be done means: come back.
    pub fn lost(&mut self, loss: &Loss) -> Vec<Do> {
        let phase = std::mem::replace(&mut self.phase, Phase::Away);
        let unwanted = phase == Phase::Authenticating;
        match loss {
            _ if phase == Phase::Cancelled => self.finish(Outcome::Cancelled),
            Loss::Refused(why) => self.refused(why),
            Loss::Closed(Some(code), why) if unwanted && UNWANTED.contains(code) => {
                self.refused(&format!("closed with code {code} {why}"));
            }
            // Over HTTP a pause ends the stream.
            Loss::Closed(..) if self.paused && !self.greets => self.rests = true,
            Loss::Closed(code, _) if self.has(Defect::CleanIsEnd) && self.is_clean(*code) => {
                self.finish(Outcome::Completed);
            }
            Loss::Broken(_) if self.has(Defect::NeverReturns) => {
                self.give_up("the connection broke")
            }
            _ if self.has(Defect::GivesUp) && self.pauses.tries() >= FEW => {
                self.give_up("the server cannot be reached");
            }
            _ if phase == Phase::Started && self.names.run().is_none() => self.give_up(
                "the connection was lost before the run's id came: there is nothing to return to, \
                 and to start it again could make a second run",
            ),
            Loss::Closed(code, why) => {
                let code = code.map(|code| format!(" with code {code}"));
                let code = code.unwrap_or_default();
                self.away(format!("the server closed the connection{code} {why}").trim_end());
            }
            Loss::Broken(why) => self.away(why),
        }
        self.done()
    }

    /// Nothing could be reached for as long as the viewer tries.
    pub fn gave_up(&mut self) -> Vec<Do> {
        self.give_up("the server could not be reached for too long");
        self.done()
    }

    /// Whether a line on which nothing comes is taken for a good one.
    #[must_use]
    pub fn ignores_silence(&self) -> bool {
        // Over the WebSocket pings are answered meanwhile.
        let waits = self.has(Defect::WaitsForEver) && !self.greets;
        self.has(Defect::NoHeartbeat) || (waits && self.phase == Phase::Returning)
    }

    /// Whether the viewer asks again where its token is asked for, or was refused.
    #[must_use]
    pub fn ignores_unauthorized(&self) -> bool {
        self.has(Defect::NoReauth) || self.has(Defect::TokenAgain)
    }

    /// Whether a connection that is closed so has ended well. Over HTTP a stream has no code.
    fn is_clean(&self, code: Option<u16>) -> bool {
        code.map_or(!self.greets, |code| CLEAN.contains(&code))
    }

    /// Whether the viewer has this defect.
    #[must_use]
    pub fn has(&self, defect: Defect) -> bool {
        self.defects.has(defect)
    }

    fn done(&mut self) -> Vec<Do> {
        std::mem::take(&mut self.todo)
    }
}
