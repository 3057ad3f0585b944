//! A fault as a value: one small change to messages that are about to be sent.
//!
//! The table says for a fault where it strikes ([`Place`]), under which condition ([`When`]), which of
//! the messages it changes ([`Which`]) and how ([`Change`]). Nothing is sent differently where no
//! mutation asks for it.

mod apply;
mod change;
mod moment;
mod which;

use crate::protocol::Ending;
use crate::reference::model::run::Storage;
use crate::reference::model::status::Status;

pub use moment::Moment;

/// One small change to messages that are about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Mutation {
    /// Where it strikes.
    pub place: Place,
    /// Which of the messages it changes.
    pub of: Which,
    /// What becomes of each of them.
    pub change: Change,
    /// Under which condition.
    pub when: When,
}

/// Where messages are about to be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// A control message that belongs to no run: greeting, pong, authentication, refusal.
    Control,
    /// An event, live, to the connection that started the run.
    ToStarter,
    /// An event, live, to a viewer who returned.
    ToReturned,
    /// An event, live, to the connection that continued the run after a pause.
    ToContinuing,
    /// The answer to a viewer who returned to a run under way with a position.
    CatchUp,
    /// The answer to a viewer who returned to a run under way without a position.
    History,
    /// [`Place::CatchUp`] or [`Place::History`].
    UnderWay,
    /// The answer to a viewer who returned to a finished run.
    Replay,
    /// Any answer to a viewer who returned.
    Return,
    /// Wherever an event is sent.
    Anywhere,
}

/// The condition of a mutation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// None.
    Always,
    /// The connection watches a run.
    Watching,
    /// More than so many events are about to be sent together.
    MoreEvents(usize),
    /// No event is about to be sent.
    NoEvents,
    /// A viewer has returned to the run.
    ReturnedTo,
    /// It is the first event after a viewer returned to the run, which had had some.
    JustReturnedTo,
    /// It is the first event since the viewer subscribed.
    FirstLive,
    /// Likewise, and the viewer had missed more than so many.
    FirstLiveAfter(u64),
    /// So many events have happened, this one included, while the viewer was still being sent what
    /// they had missed.
    CatchingUpFor(usize),
    /// The viewer began to watch at most so many events ago.
    SoonAfter(usize),
    /// The viewer had missed more than so many events.
    MissedMore(u64),
    /// The viewer's position was beyond the last event.
    PositionBeyond,
    /// The viewer's connection had returned to the run before.
    ReturnedTwice,
    /// Just two have returned to the run, and the viewer is the first of them.
    FirstOfTwo,
    /// More than so many have returned to the run, and watch it.
    MoreReturned(usize),
    /// The viewer came to the other replica, and the run was not started there.
    Elsewhere,
    /// The run was started over HTTP, and the viewer came over the WebSocket.
    OverHttp,
    /// The viewer's connection is an answer over HTTP.
    Streamed,
    /// The viewer came over another wire than the run was started over.
    OtherWire,
    /// Nothing happened in the run for long, before this event or an earlier one.
    Rested,
    /// The run was continued after a pause.
    Continued,
    /// Likewise, and the viewer is not the one who returned to it last.
    ContinuedNotLast,
    /// The run was waiting for a person when it was cancelled.
    CancelledPaused,
    /// The run is in this state.
    In(Status),
    /// The run is kept there.
    Kept(Storage),
    /// Some of the events that the viewer asked for were dropped.
    EventsDropped,
    /// The run was replayed before.
    ReplayedBefore,
    /// A connection broke that had started or watched the run, as the run ended.
    BrokeAtEnd,
}

/// Which of the messages are changed. Events are counted from 0, in the order of the list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// Every message.
    All,
    /// The control messages of this name.
    Message(&'static str),
    /// The refusals that have this in their text.
    Refusal(&'static str),
    /// Every event.
    Events,
    /// The event at this place in the list.
    Nth(usize),
    /// The event in the middle of the list.
    Middle,
    /// The last event.
    LastEvent,
    /// The last event with content.
    LastContent,
    /// The last message.
    Last,
    /// The event with this index.
    Index(u64),
    /// The last word of the run.
    LastWord,
    /// The event after the last word of the run.
    AfterLastWord,
    /// The events with a line break in their content.
    WithNewline,
    /// The events with a character beyond ASCII in their content.
    BeyondAscii,
    /// The events whose name ends so.
    Named(&'static str),
    /// The events up to the viewer's position.
    Seen,
    /// This ending.
    Ending(Ending),
    /// Everything but the endings.
    NoEnding,
    /// The events that only a cancelled run has.
    EndOfCancelled,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is not sent.
    Drop,
    /// It is not sent, and not counted in the announcement.
    LeaveOut,
    /// It and everything behind it is not sent.
    Truncate,
    /// It is sent twice.
    Double,
    /// It is sent once more at the very end.
    Again,
    /// It changes places with the event behind it.
    Swap,
    /// It is sent at this place, counted from 0.
    Move(usize),
    /// It and the event behind it are sent as one message.
    Join,
    /// It is sent as two messages.
    Cut,
    /// Its label, the line before the event, names another event.
    Label(&'static str),
    /// A field has this text.
    Set(&'static str, &'static str),
    /// A field is `false`.
    Deny(&'static str),
    /// A field is this number.
    Number(&'static str, u64),
    /// So much is added to a number.
    Add(&'static str, u64),
    /// A field is left out.
    Remove(&'static str),
    /// The indices of the events are counted from the first one that the viewer asked for.
    Renumber,
    /// Its text, an event's, has this before its closing brace.
    Scribble(&'static str),
    /// A byte order mark stands before its text, an event's.
    Mark,
    /// This is sent before it.
    Before(Extra),
    /// This is sent after it.
    After(Extra),
    /// This is sent in its place.
    Instead(Extra),
}

/// A message that an honest server would not send.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extra {
    /// A control message of an unknown name.
    Hello,
    /// `queued`, as for a run that was accepted.
    Queued,
    /// `catch_up` with no missed events.
    EmptyCatchUp,
    /// `subscribed`.
    Subscribed,
    /// The event before the latest one of the run.
    EventBefore,
    /// A close frame with this code.
    Close(u16),
    /// The end of the connection, without a close frame.
    Cut,
}
