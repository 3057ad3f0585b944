//! The table of faults: for each one its name, what it does, which requirements it must break, and, where
//! it is a change to what is sent, the mutations that make it.

use crate::protocol::Ending::{Completed as COMPLETED, Failed as FAILED};
use crate::reference::fault::mutation::Change::{self, *};
use crate::reference::fault::mutation::Extra::{
    Close, EmptyCatchUp, EventBefore, Hello, Subscribed,
};
use crate::reference::fault::mutation::When::{self, *};
use crate::reference::fault::mutation::Which::*;
use crate::reference::fault::mutation::{Mutation, Place};
use crate::reference::model::run::Storage;
use crate::reference::model::status::Status;

/// The file of the table.
pub const TABLE: &str = file!();

/// How many events must happen while a viewer still catches up for one to go wrong: a viewer who reads
/// what is sent has caught up before.
const MANY_MEANWHILE: usize = 8;

const OTHER_CONTENT: Change = Set("content", "something else was said");

const TRACEBACK: &str = "Traceback (most recent call last):\n  File \
    \"/srv/agent_os/event_buffer.py\", line 61, in get_events\nTypeError: '>' not supported";

macro_rules! condition {
    () => {
        When::Always
    };
    ($when:expr) => {
        $when
    };
}

/// One row for each fault: its name in code and on the command line, what it does, `[what it breaks]`,
/// and `{ place: which messages => change, when condition; … }`.
macro_rules! faults {
    ($(
        $variant:ident $name:literal $sentence:literal [$($id:literal)+]
        $({ $($place:ident: $of:expr => $change:expr $(, when $when:expr)?);+ })?
    )+) => {
        /// One named way in which the server misbehaves.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Fault {
            $(#[doc = $sentence] $variant,)+
        }

        impl Fault {
            /// Every fault, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name on the command line, in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it does, in one sentence.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }

            /// The ids of the requirements that it must break, those that the suite does not check yet
            /// included.
            #[must_use]
            pub fn breaks(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($id,)+],)+ }
            }

            /// How it changes what is about to be sent; empty where a
            /// [hook](crate::reference::fault::hooks) decides instead.
            #[must_use]
            pub fn mutations(self) -> &'static [Mutation] {
                match self {
                    $(Self::$variant => &[$($(Mutation {
                        place: Place::$place,
                        of: $of,
                        change: $change,
                        when: condition!($($when)?),
                    },)+)?],)+
                }
            }
        }
    };
}

faults! {
    // Greeting, ping, authentication.
    GreetingWithoutRequiresAuth "greeting-without-requires-auth"
        "The greeting does not say whether a token is needed."
        ["GREETING-1"]
        { Control: Message("connected") => Remove("requires_auth") }
    GreetingAfterHello "greeting-after-hello"
        "Another message comes before the greeting."
        ["GREETING-1"]
        { Control: Message("connected") => Before(Hello) }
    NoPong "no-pong"
        "A ping is never answered."
        ["GREETING-2" "REFUSAL-3" "REPLAY-4" "LIVENESS-1"]
        { Control: Message("pong") => Drop }
    NoPongWhileStreaming "no-pong-while-streaming"
        "A ping is not answered on a connection that watches a run."
        ["GREETING-2"]
        { Control: Message("pong") => Drop, when Watching }
    AuthNotNeeded "auth-not-needed"
        "The greeting asks for a token, but everything works without one."
        ["AUTH-1" "AUTH-2" "AUTH-3" "AUTH-4"]
    AuthSilent "auth-silent"
        "A viewer without a token is not told that one is needed."
        ["AUTH-1" "AUTH-3" "LIVENESS-1"]
        { Control: Message("auth_required") => Drop }
    AuthPingOpen "auth-ping-open"
        "A ping is answered before any token was sent."
        ["AUTH-1" "AUTH-2"]
    AuthAnyToken "auth-any-token"
        "A wrong token opens the connection like the right one."
        ["AUTH-2"]
    AuthMissingToken "auth-missing-token"
        "No token at all opens the connection like the right one."
        ["AUTH-2"]
    AuthErrorSilent "auth-error-silent"
        "A wrong token gets no answer."
        ["AUTH-2" "LIVENESS-1"]
        { Control: Refusal("Invalid token") => Drop }
    AuthReturnOpen "auth-return-open"
        "A viewer who knows the id of a run can return to it without a token."
        ["AUTH-1" "AUTH-3"]
    AuthSessionRemembered "auth-session-remembered"
        "A viewer who knows the session of a run can return to it without a token."
        ["AUTH-3"]
    AuthHttpOnly "auth-http-only"
        "A token is needed over HTTP, but not on the WebSocket."
        ["AUTH-4"]
        { Control: Message("connected") => Deny("requires_auth") }

    // Starting and watching.
    StartedMissing "started-missing"
        "The run begins in the middle of its first step: no event says that it has started."
        ["START-1"]
    StartAtOne "start-at-one"
        "The indices start from 1."
        ["START-1" "START-2" "START-7" "CATCHUP-5" "CATCHUP-7" "HISTORY-1" "HISTORY-2" "REPLAY-1" "CATCHUP-1"]
    LiveDrop "live-drop"
        "The last text of the run is never sent to the viewer who started it."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2"]
        { ToStarter: LastWord => Drop }
    LiveDouble "live-double"
        "The last text of the run is sent twice to the viewer who started it."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2"]
        { ToStarter: LastWord => Double }
    LiveSwap "live-swap"
        "The viewer who started the run gets two events in the wrong order."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2"]
        {
            ToStarter: LastWord => Drop;
            ToStarter: AfterLastWord => After(EventBefore)
        }
    ThousandthLost "thousandth-lost"
        "In a run of more than a thousand events, one is never sent to the viewer who started it."
        ["START-2"]
        { ToStarter: Index(1000) => Drop }
    CountWrapsAtThousand "count-wraps-at-thousand"
        "After a thousand events, the indices start from 0 again."
        ["START-2" "CATCHUP-3" "HISTORY-1" "REPLAY-1" "POSITION-4" "IDENTITY-1" "IDENTITY-2"]
    MessageCutInTwo "message-cut-in-two"
        "The last text of the run is sent as two messages, cut in the middle."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2" "CONTENT-2"]
        { ToStarter: LastWord => Cut }
    LabelOfAnother "label-of-another"
        "The label in front of the last text names another event than the event itself does."
        ["IDENTITY-1"]
        { ToStarter: LastWord => Label("RunCompleted") }
    EndingTwice "ending-twice"
        "The run ends twice."
        ["START-3"]
    EndingMissing "ending-missing"
        "The run completes, but no event says so."
        ["START-3" "CATCHUP-5" "HISTORY-1" "HISTORY-2" "REPLAY-1"]
    EventAfterEnding "event-after-ending"
        "An event is sent after the ending of the run."
        ["START-3"]
    UnknownWorkflowStarts "unknown-workflow-starts"
        "A request for an unknown workflow starts another one."
        ["START-4"]
    UnknownWorkflowSilent "unknown-workflow-silent"
        "A request for an unknown workflow gets no answer."
        ["START-4" "LIVENESS-1"]
        { Control: Refusal("Workflow ") => Drop }
    NestedRunUnassigned "nested-run-unassigned"
        "The last text of a short run does not say which run it belongs to."
        ["START-2" "START-7" "START-5" "CATCHUP-5" "HISTORY-1" "REPLAY-1" "REPLAY-2" "CATCHUP-2" "CATCHUP-3" "FLAPPING-2"]
    LeavingStopsRun "leaving-stops-run"
        "The run stops when the viewer who started it disconnects."
        ["START-6" "CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "CANCEL-2" "HTTP-1" "FLAPPING-2" "SEAM-3"]
    AbruptLeavingStopsRun "abrupt-leaving-stops-run"
        "The run stops when the viewer who started it disconnects without a closing handshake."
        ["START-6" "CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "CANCEL-2" "FLAPPING-2" "SEAM-3"]
    EarlyLeavingStopsRun "early-leaving-stops-run"
        "The run stops when the viewer who started it disconnects before its third event."
        ["START-6" "CATCHUP-1" "HISTORY-1" "FLAPPING-2" "SEAM-3"]
    UnbegunRunStops "unbegun-run-stops"
        "The run stops when the viewer who started it disconnects before its first event."
        ["SEAM-3" "HISTORY-1" "START-6"]
    UnwatchedPauses "unwatched-pauses"
        "The run does not go on while nobody watches it."
        ["VIEWERS-5"]
    RunsShareIndices "runs-share-indices"
        "The events of two runs that were started on one connection are counted together."
        ["START-1" "START-2" "START-7" "REPLAY-1"]

    // Returning to a run under way, with a position.
    NoCatchUp "no-catch-up"
        "Missed events are sent without an announcement that they are old."
        ["CATCHUP-1" "RETENTION-2"]
        { CatchUp: Message("catch_up") => Drop }
    CatchUpAfterSubscribed "catch-up-after-subscribed"
        "Missed events are announced only after the viewer was subscribed."
        ["CATCHUP-1" "CATCHUP-4"]
        { CatchUp: Message("subscribed") => Move(0) }
    CatchUpCount "catch-up-count"
        "One more missed event is announced than is sent."
        ["CATCHUP-2"]
        { CatchUp: Message("catch_up") => Add("missed_events", 1) }
    CatchUpDrop "catch-up-drop"
        "One of the missed events is never sent."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
        { CatchUp: Middle => Drop, when MoreEvents(1) }
    CatchUpDouble "catch-up-double"
        "One of the missed events is sent twice."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2" "RETENTION-1"]
        { CatchUp: Middle => Double }
    CatchUpSwap "catch-up-swap"
        "Two of the missed events are sent in the wrong order."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
        { CatchUp: Middle => Swap }
    CatchUpRelabel "catch-up-relabel"
        "One of the missed events is sent with an index far from its own."
        ["CATCHUP-3" "CATCHUP-5" "POSITION-4" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2" "HISTORY-1" "CATCHUP-1"]
        { CatchUp: Middle => Add("event_index", 1000) }
    ManyMissedLoseOne "many-missed-lose-one"
        "Of more than sixty-four missed events, one is never sent."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5"]
        { CatchUp: Nth(64) => Drop }
    ThousandMissedLoseOne "thousand-missed-lose-one"
        "Of more than a thousand missed events, one is never sent."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5"]
        { CatchUp: Nth(64) => Drop, when MoreEvents(1000) }
    MissedInOneMessage "missed-in-one-message"
        "Two of the missed events are sent in one message, one after the other."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "CONTENT-2" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3"]
        { CatchUp: Middle => Join }
    CatchUpHangs "catch-up-hangs"
        "In the middle of many missed events, the server stops sending and leaves the connection open."
        ["CATCHUP-2" "CATCHUP-4"]
        {
            CatchUp: Middle => Truncate, when MissedMore(12);
            ToReturned: All => Drop, when MissedMore(12)
        }
    UnreadTakenForRead "unread-taken-for-read"
        "Events that were sent on a connection that broke are taken for seen, whatever position the viewer names."
        ["CATCHUP-1" "CATCHUP-3" "CATCHUP-5" "FLAPPING-2" "CATCHUP-7"]
    CutCatchUpTakenForRead "cut-catch-up-taken-for-read"
        "Missed events that were sent on a connection that broke are not sent again."
        ["CATCHUP-1" "CATCHUP-5" "FLAPPING-2" "CATCHUP-7"]
    CutCatchUpForgotten "cut-catch-up-forgotten"
        "When a connection breaks while missed events are being sent, none of them is sent again."
        ["CATCHUP-1" "CATCHUP-5" "CATCHUP-7"]
    CatchUpForNothing "catch-up-for-nothing"
        "A viewer who missed nothing gets an announcement of no missed events."
        ["CATCHUP-6"]
        { CatchUp: Message("subscribed") => Before(EmptyCatchUp), when NoEvents }
    CatchUpStatus "catch-up-status"
        "A run under way is announced as completed."
        ["CATCHUP-7"]
        { CatchUp: Message("catch_up") => Set("status", "completed") }
    PositionIgnored "position-ignored"
        "All events are sent again, whatever the viewer has seen."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
    PositionOffByOne "position-off-by-one"
        "The last event that the viewer saw is sent again."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
    SubscribedMissing "subscribed-missing"
        "No message says where the missed events end and the live ones begin."
        ["CATCHUP-4"]
        { CatchUp: Message("subscribed") => Drop, when MoreEvents(0) }
    SubscribedEarly "subscribed-early"
        "The viewer is told that they are up to date before the missed events come."
        ["CATCHUP-2" "CATCHUP-4"]
        { CatchUp: Message("subscribed") => Move(1), when MoreEvents(0) }
    SubscribedTwice "subscribed-twice"
        "The viewer is told twice that they are up to date."
        ["CATCHUP-4"]
        { CatchUp: Message("subscribed") => Double, when MoreEvents(0) }
    SubscribedCount "subscribed-count"
        "The number of events so far is announced wrong."
        ["CATCHUP-7"]
        { UnderWay: Message("subscribed") => Add("current_event_count", 1) }
    LiveGapAfterSubscribed "live-gap-after-subscribed"
        "The first live event after a return is lost."
        ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "SEAM-1" "SEAM-2" "SEAM-3" "FLAPPING-1" "FLAPPING-2" "VIEWERS-1" "VIEWERS-3"]
        { ToReturned: All => Drop, when FirstLive }
    LiveRepeatAfterSubscribed "live-repeat-after-subscribed"
        "The last missed event is sent again as a live one."
        ["CATCHUP-5" "SEAM-1" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
        { CatchUp: LastEvent => Again }
    LongCatchUpLosesLive "long-catch-up-loses-live"
        "The first live event after very many missed events is lost."
        ["CATCHUP-5" "SEAM-1" "VIEWERS-1"]
        { ToReturned: All => Drop, when FirstLiveAfter(24) }
    SlowCatchUpLosesLive "slow-catch-up-loses-live"
        "When a viewer is slow to read missed events, an event that happens meanwhile is lost."
        ["SEAM-1" "HISTORY-1"]
        { ToReturned: All => Drop, when CatchingUpFor(MANY_MEANWHILE) }
    SlowCatchUpDoublesLive "slow-catch-up-doubles-live"
        "When a viewer is slow to read missed events, an event that happens meanwhile is sent twice."
        ["SEAM-1" "HISTORY-1"]
        { ToReturned: All => Double, when CatchingUpFor(MANY_MEANWHILE) }
    LiveEndingLostAfterReturn "live-ending-lost-after-return"
        "A viewer who returned is never told that the run has completed."
        ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "SEAM-2"]
        { ToReturned: Ending(COMPLETED) => Drop }
    LaterVisitsSkip "later-visits-skip"
        "After several returns to a run, each further return loses an event."
        ["FLAPPING-1" "CATCHUP-3" "CATCHUP-5" "VIEWERS-3"]
    TenthReturnSkips "tenth-return-skips"
        "Every tenth return to a run loses an event."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3"]
    ThirdReturnRefused "third-return-refused"
        "The third return to a run is refused; all others are not."
        ["CATCHUP-1" "FLAPPING-1" "VIEWERS-3" "HISTORY-1"]
    ResetLosesEvent "reset-loses-event"
        "After a connection was reset, the next return to the run loses an event."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3" "CONTENT-3"]
    VanishedBlocksReturn "vanished-blocks-return"
        "A viewer is refused for as long as the server takes their old connection for open."
        ["CATCHUP-1" "FLAPPING-2" "START-6"]
    SilenceOnReturn "silence-on-return"
        "A viewer who returns to a run under way gets no answer."
        ["CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "HTTP-1" "FLAPPING-2" "VIEWERS-3" "POSITION-1" "POSITION-2" "POSITION-3" "LIVENESS-1" "SEAM-3"]
    ReturnBeforeFirstRefused "return-before-first-refused"
        "A viewer who returns before the first event is refused."
        ["SEAM-3" "HISTORY-1" "START-6"]

    // Returning to a run under way, without a position.
    HistoryFromOne "history-from-one"
        "The history begins with the second event."
        ["HISTORY-1" "CATCHUP-5" "VIEWERS-3" "FLAPPING-1"]
    UnseenBeginningLost "unseen-beginning-lost"
        "When nobody watched as the run began, the history begins with the second event."
        ["HISTORY-1"]
    HistoryAbsentRefused "history-absent-refused"
        "A viewer who names no position is refused."
        ["HISTORY-2"]
    HistoryNullLiveOnly "history-null-live-only"
        "A viewer without a position gets no history, only the events still to come."
        ["HISTORY-1" "FLAPPING-1" "VIEWERS-3" "RETENTION-2"]

    // Returning to a finished run.
    ReplayHeedsPosition "replay-heeds-position"
        "The replay begins after the viewer's position instead of at the first event."
        ["REPLAY-1" "REPLAY-5"]
        { Replay: Seen => LeaveOut }
    ReplayMissingAnnouncement "replay-missing-announcement"
        "Old events are sent without an announcement that the run has finished."
        ["REPLAY-1" "FAILING-2" "CANCEL-2" "FLAPPING-2" "RETENTION-2" "RETENTION-3" "RESTART-1"]
        { Replay: Message("replay") => Drop }
    ReplayTotal "replay-total"
        "One more event is announced than is replayed."
        ["REPLAY-2"]
        { Replay: Message("replay") => Add("total_events", 1) }
    ReplayDrop "replay-drop"
        "One event is left out of the replay."
        ["REPLAY-1" "REPLAY-2" "CONTENT-3" "RETENTION-3" "RESTART-1"]
        { Replay: Middle => Drop }
    ReplaySwap "replay-swap"
        "Two events are replayed in the wrong order."
        ["REPLAY-1" "RETENTION-3" "RESTART-1"]
        { Replay: Middle => Swap }
    ReplayHangs "replay-hangs"
        "In the middle of a long replay, the server stops sending and leaves the connection open."
        ["REPLAY-1" "REPLAY-2" "SEAM-2" "RESTART-1"]
        { Replay: Middle => Truncate, when MoreEvents(49) }
    UnreadEndingLost "unread-ending-lost"
        "When a connection broke as the run ended, the ending is left out of the replay."
        ["START-3" "REPLAY-1"]
        { Replay: LastEvent => LeaveOut, when BrokeAtEnd }
    ReplayStatus "replay-status"
        "A completed run is replayed as failed, and a failed one as completed."
        ["REPLAY-3" "FAILING-2"]
        {
            Replay: Message("replay") => Set("status", "ERROR"), when In(Status::Completed);
            Replay: Message("replay") => Set("status", "COMPLETED"), when In(Status::Failed)
        }
    ReplaySubscribed "replay-subscribed"
        "After a replay the viewer is told that live events follow."
        ["REPLAY-4"]
        { Replay: Last => After(Subscribed) }
    ReplayCloses "replay-closes"
        "The connection is closed after a replay."
        ["REPLAY-4"]
        { Replay: Last => After(Close) }
    ReplayDiffersSecondTime "replay-differs-second-time"
        "The second replay differs from the first."
        ["REPLAY-5" "IDENTITY-1" "IDENTITY-2" "REPLICA-2"]
        { Replay: LastContent => OTHER_CONTENT, when ReplayedBefore }

    // Failing runs.
    FailingSilent "failing-silent"
        "A run fails, but no event says so."
        ["START-3" "REPLAY-1" "FAILING-1"]
    FailingNotToReturned "failing-not-to-returned"
        "Only the viewer who stayed is told that the run failed."
        ["HISTORY-1" "FAILING-1"]
        { ToReturned: Ending(FAILED) => Drop }
    FailingShownRunning "failing-shown-running"
        "A failed run is shown as one that is under way."
        ["REPLAY-1" "FAILING-2"]

    // Cancelled runs.
    CancelIgnored "cancel-ignored"
        "A request to cancel is accepted, but the run goes on to its end."
        ["CANCEL-1" "CANCEL-2"]
    CancelSilent "cancel-silent"
        "A cancelled run stops, but no event says so."
        ["CANCEL-1" "CANCEL-2"]
    CancelledAsCompleted "cancelled-as-completed"
        "A cancelled run says that it has completed, and not that it was cancelled."
        ["CANCEL-1" "CANCEL-2"]
    CancelledGoesOn "cancelled-goes-on"
        "A run says that it was cancelled, but goes on."
        ["CANCEL-1" "CANCEL-2"]
    EventAfterCancelled "event-after-cancelled"
        "An event is sent after the end of a cancelled run."
        ["CANCEL-1" "CANCEL-2"]
    CancelledNotToReturned "cancelled-not-to-returned"
        "Only the viewer who stayed is told that the run was cancelled."
        ["HISTORY-1" "CANCEL-1"]
        { ToReturned: EndOfCancelled => Drop }
    CancelledReplayedCompleted "cancelled-replayed-completed"
        "A cancelled run is replayed as completed."
        ["REPLAY-3" "CANCEL-2"]
        { Replay: Message("replay") => Set("status", "COMPLETED"), when In(Status::Cancelled) }
    CancelledShownRunning "cancelled-shown-running"
        "A cancelled run is shown as one that is still under way."
        ["CANCEL-2"]

    // Runs that wait for a person.
    PauseNotTold "pause-not-told"
        "A viewer who returns to a paused run gets all its events but the one that asks a person."
        ["PAUSE-1"]
        { Replay: Named("Paused") => Drop, when In(Status::Paused) }
    ContinueIgnored "continue-ignored"
        "A person confirms, but the paused run does not go on."
        ["PAUSE-1" "LIVENESS-1" "RESTART-2"]
    ContinueRefused "continue-refused"
        "A request to continue a paused run is refused as if it were not paused."
        ["PAUSE-1" "RESTART-2"]
    ContinueFromZero "continue-from-zero"
        "After the pause, the indices start from 0 again."
        ["REPLAY-1" "PAUSE-2" "IDENTITY-1" "IDENTITY-2" "RESTART-2"]
    ContinueSkips "continue-skips"
        "After the pause, one index is left out."
        ["REPLAY-1" "PAUSE-2" "RESTART-2"]
    ContinueRepeats "continue-repeats"
        "The first event after the pause has the index of the pause."
        ["REPLAY-1" "PAUSE-2" "IDENTITY-1" "IDENTITY-2" "RESTART-2"]
    ContinueDoubles "continue-doubles"
        "A viewer who continues a paused run gets every event twice."
        ["PAUSE-2"]
        { ToContinuing: All => Double }

    // Runs that were started over HTTP.
    HttpRunUnknown "http-run-unknown"
        "A run that was started over HTTP is unknown on the WebSocket."
        ["HTTP-1"]
    HttpRunNotLive "http-run-not-live"
        "A viewer on the WebSocket gets the missed events of a run started over HTTP, but no live ones."
        ["HTTP-1"]
        { ToReturned: All => Drop, when OverHttp }

    // The same event in every delivery, and its content.
    IdentityContent "identity-content"
        "A missed event is sent with another content than before."
        ["IDENTITY-1" "IDENTITY-2" "FLAPPING-1"]
        { CatchUp: LastContent => OTHER_CONTENT }
    IdentityReplayContent "identity-replay-content"
        "An event is replayed with another content than before."
        ["IDENTITY-1" "IDENTITY-2" "FLAPPING-1" "RETENTION-3" "RESTART-1"]
        { Replay: LastContent => OTHER_CONTENT }
    IdentityEventIds "identity-event-ids"
        "A missed event is sent with another session id than before."
        ["IDENTITY-1" "IDENTITY-2" "FLAPPING-1"]
        { CatchUp: Middle => Set("session_id", "another session") }
    IdentityTimestamp "identity-timestamp"
        "A missed event is sent with another time than before."
        ["IDENTITY-2"]
        { CatchUp: Middle => Add("created_at", 1) }
    ContentNan "content-nan"
        "One event contains a NaN, which browsers cannot read."
        ["CONTENT-2"]
        { Anywhere: LastWord => Scribble(r#", "confidence": NaN"#) }
    ContentSurrogate "content-surrogate"
        "One event contains half a character (an unpaired surrogate)."
        ["CONTENT-2"]
        { Anywhere: LastWord => Scribble(r#", "reasoning_content": "cut \ud83d""#) }
    ContentMarked "content-marked"
        "One event has a byte order mark before it, which browsers cannot read."
        ["CONTENT-2"]
        { Anywhere: LastWord => Mark }
    ContentNewlines "content-newlines"
        "Line breaks in the content become spaces."
        ["CONTENT-1"]
    ContentOnlyOnce "content-only-once"
        "An event with a line break in its content is never sent a second time."
        ["CATCHUP-3" "REPLAY-1" "CONTENT-3"]
        { Return: WithNewline => LeaveOut }

    // Several viewers.
    ViewersDisplaced "viewers-displaced"
        "After the twelfth event, a viewer who returns silently replaces those who returned before."
        ["VIEWERS-1"]
    TwoViewersLose "two-viewers-lose"
        "When exactly two have returned to a run, the first of them never gets its last text."
        ["VIEWERS-1" "CATCHUP-5" "HISTORY-1"]
        { ToReturned: LastWord => Drop, when FirstOfTwo }
    CrowdSkips "crowd-skips"
        "When several viewers have returned to a run, each further return loses an event."
        ["CATCHUP-3" "CATCHUP-5" "VIEWERS-3" "FLAPPING-1"]
    ViewersMixed "viewers-mixed"
        "The last text of a run is also sent to the viewers of other runs."
        ["START-2" "START-7" "START-5" "VIEWERS-2"]
    StarterSilenced "starter-silenced"
        "The viewer who started the run gets no more events once another viewer has returned to it."
        ["START-3" "LIVENESS-1" "FAILING-1" "CANCEL-1" "VIEWERS-6"]
        { ToStarter: All => Drop, when ReturnedTo }
    StarterLosesOne "starter-loses-one"
        "The viewer who started the run loses an event when another viewer returns to it."
        ["START-2" "VIEWERS-6" "CATCHUP-5"]
        { ToStarter: NoEnding => Drop, when JustReturnedTo }
    SlowViewerStopsRun "slow-viewer-stops-run"
        "The run waits until the slowest viewer has read what was sent."
        ["VIEWERS-4"]
    SlowViewerStarvesOthers "slow-viewer-starves-others"
        "The run goes on, but no viewer gets its events until the slowest one has read what was sent."
        ["VIEWERS-4"]
    ReturningTwiceDoubles "returning-twice-doubles"
        "A viewer who returns twice on one connection gets every event twice."
        ["VIEWERS-7"]
        { ToReturned: All => Double, when ReturnedTwice }
    OtherSessionShown "other-session-shown"
        "A run is shown to a viewer who names another session."
        ["OWNER-1"]
    OtherUserShown "other-user-shown"
        "A run is shown to another user, although users are kept apart."
        ["OWNER-2"]
    OtherUserTold "other-user-told"
        "Another user learns whether a run exists, although users are kept apart."
        ["OWNER-2"]

    // Positions that no viewer can have.
    PositionBeyondAccepted "position-beyond-accepted"
        "A position beyond the last event is accepted as up to date."
        ["POSITION-1"]
    PositionBeyondSilences "position-beyond-silences"
        "A viewer with a position beyond the last event gets no more events."
        ["POSITION-1" "POSITION-3"]
        { ToReturned: All => Drop, when PositionBeyond }
    PositionOddAccepted "position-odd-accepted"
        "A position that is not a number is treated as none."
        ["POSITION-2"]
    PositionOddTold "position-odd-told"
        "A position that is not a number is refused with the server's own stack trace."
        ["POSITION-2"]
        { Control: Refusal("last_event_index must") => Set("error", TRACEBACK) }
    PositionNegative "position-negative"
        "A negative position gets events with negative indices."
        ["POSITION-2" "POSITION-4"]
    PositionEndingRefused "position-ending-refused"
        "A viewer who has seen the ending is refused."
        ["REPLAY-1" "FAILING-2" "POSITION-5"]

    // What is no longer kept, or no longer in the memory.
    DroppedRenumbered "dropped-renumbered"
        "When the beginning of a run was dropped, the remaining events get the indices of the dropped ones."
        ["IDENTITY-1" "IDENTITY-2" "RETENTION-1"]
        { Return: Events => Renumber, when EventsDropped }
    DroppedIndexRepeated "dropped-index-repeated"
        "When the beginning of a run was dropped, the first remaining event is sent twice."
        ["RETENTION-1"]
        { Return: Nth(0) => Double, when EventsDropped }
    FullIndexStuck "full-index-stuck"
        "Once the server drops events of a run, all further events have the same index."
        ["START-2" "IDENTITY-1" "IDENTITY-2" "RETENTION-1"]
    DroppedSilently "dropped-silently"
        "A viewer is not told that events they missed are no longer kept."
        ["RETENTION-2"]
        {
            UnderWay: Message("catch_up") => Set("message", "Catching up."), when EventsDropped;
            Replay: Message("replay") => Set("message", "Replaying all events."), when EventsDropped;
            Return: All => Remove("dropped_events"), when EventsDropped
        }
    ForgottenUnknown "forgotten-unknown"
        "A finished run that was dropped from memory is unknown."
        ["RETENTION-3"]
    ForgottenChanged "forgotten-changed"
        "A finished run that was dropped from memory is replayed with another content."
        ["IDENTITY-1" "IDENTITY-2" "RETENTION-3"]
        { Replay: LastContent => OTHER_CONTENT, when Kept(Storage::Forgotten) }
    RestartLosesRuns "restart-loses-runs"
        "After a restart, the finished runs are unknown."
        ["RESTART-1"]
    RestartShortensReplay "restart-shortens-replay"
        "After a restart, one event is left out of the replay."
        ["RESTART-1"]
        { Replay: Nth(1) => LeaveOut, when Kept(Storage::Restarted) }
    RestartChangesReplay "restart-changes-replay"
        "After a restart, a run is replayed with another content."
        ["IDENTITY-1" "IDENTITY-2" "RESTART-1"]
        { Replay: LastContent => OTHER_CONTENT, when Kept(Storage::Restarted) }
    RestartCountsAnew "restart-counts-anew"
        "In a paused run that is continued after a restart, the indices start from 0 again."
        ["IDENTITY-1" "IDENTITY-2" "RESTART-2"]
    RestartForgetsPause "restart-forgets-pause"
        "After a restart, a paused run cannot be continued."
        ["RESTART-2"]

    // Two replicas of one server.
    ReplicaKnowsOwnRuns "replica-knows-own-runs"
        "The other replica knows only the runs that were started there."
        ["REPLICA-1" "REPLICA-2"]
    ReplicaNotLive "replica-not-live"
        "The other replica sends missed events, but no live ones."
        ["REPLICA-1"]
        { ToReturned: All => Drop, when Elsewhere }
    ReplicaReplaysUnderWay "replica-replays-under-way"
        "The other replica replays a run under way as if it had finished."
        ["REPLICA-1"]
    ReplicaLosesMissed "replica-loses-missed"
        "The other replica leaves out one of the missed events."
        ["REPLICA-1"]
        { UnderWay: Middle => LeaveOut, when Elsewhere }
    ReplicaRepeatsAtSeam "replica-repeats-at-seam"
        "The other replica sends the last missed event again as a live one."
        ["REPLICA-1"]
        { UnderWay: LastEvent => Again, when Elsewhere }
    ReplicaShowsRunning "replica-shows-running"
        "The other replica shows a finished run as one that is still under way."
        ["REPLICA-2"]
    ReplicaShortensReplay "replica-shortens-replay"
        "The other replica leaves one event out of the replay."
        ["REPLICA-2"]
        { Replay: Nth(1) => LeaveOut, when Elsewhere }
    ReplicaReplayTotal "replica-replay-total"
        "The other replica announces one more event than it replays."
        ["REPLICA-2"]
        { Replay: Message("replay") => Add("total_events", 1), when Elsewhere }
    ReplicaChangesReplay "replica-changes-replay"
        "The other replica replays a run with another content."
        ["IDENTITY-1" "IDENTITY-2" "REPLICA-2"]
        { Replay: LastContent => OTHER_CONTENT, when Elsewhere }

    // Refusals, broken messages, closing.
    UnknownRunSilent "unknown-run-silent"
        "A return to an unknown run gets no answer."
        ["REFUSAL-1" "LIVENESS-1"]
        { Control: Refusal("not found in buffer") => Drop }
    UnknownRunSubscribed "unknown-run-subscribed"
        "A return to an unknown run is answered as subscribed."
        ["REFUSAL-1" "OWNER-1"]
    NoRunIdSilent "no-run-id-silent"
        "A return without a run id gets no answer."
        ["REFUSAL-2" "LIVENESS-1"]
        { Control: Refusal("run_id is required") => Drop }
    DeafAfterRefusal "deaf-after-refusal"
        "After a refusal, nothing on the connection is answered any more."
        ["GREETING-2" "REFUSAL-3" "LIVENESS-1"]
    MalformedSilent "malformed-silent"
        "A message that cannot be read gets no answer."
        ["MALFORMED-1"]
        { Control: Refusal("a message must be") => Drop }
    MalformedCutsOff "malformed-cuts-off"
        "A message that cannot be read ends the connection without a close frame."
        ["MALFORMED-1"]
    MalformedStopsRuns "malformed-stops-runs"
        "One message that cannot be read stops the runs of everybody."
        ["HISTORY-1" "MALFORMED-1" "MALFORMED-2"]
    NoCloseHandshake "no-close-handshake"
        "A closing handshake is not answered: the connection is dropped."
        ["CLOSE-1"]
}
