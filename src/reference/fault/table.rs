//! The table of faults: for each one its name, what it does, which requirements it must break, and, where
//! it is a change to what is sent, the mutations that make it.

use crate::protocol::Ending::{Completed as COMPLETED, Failed as FAILED};
use crate::reference::fault::mutation::Change::{self, *};
use crate::reference::fault::mutation::Extra::{
    Close, Cut as Drops, EmptyCatchUp, EventBefore, Hello, Queued, Subscribed,
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

/// The close codes of RFC 6455 for a normal end and for a server that failed, and one of its own that refuses.
const NORMAL: u16 = 1000;
const FAILED_INSIDE: u16 = 1011;
const FORBIDDEN: u16 = 4403;

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

macro_rules! over_http {
    () => {
        OverHttp::Same
    };
    ([$($id:literal)+]) => {
        OverHttp::These(&[$($id),+])
    };
    ($reason:expr) => {
        OverHttp::Nothing($reason)
    };
}

/// What a fault breaks over HTTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OverHttp {
    /// What it breaks over the WebSocket, as far as that applies.
    Same,
    /// These instead.
    These(&'static [&'static str]),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// Why faults do not show over HTTP.
const NO_PING: &str = "HTTP has no `ping`";
const BY_ITS_TOKEN: &str = "over HTTP each request is admitted by the token that it shows";
const IN_THE_PATH: &str = "over HTTP the run is a part of the path";
const BY_STATUS: &str = "over HTTP a request is refused by a status, before any stream";
const OWN_CONNECTION: &str = "over HTTP each request has a connection of its own";
const PAUSE_ENDS: &str = "over HTTP the stream ends with the pause, so nobody watches what follows";
const TEXT: &str = "over HTTP every field is text";
const HEEDED: &str = "over HTTP a replay begins after the position";
const ENDED: &str = "over HTTP the stream has ended with the run";
const MAY_BE_THE_NETWORK: &str =
    "over HTTP a stream that breaks off is inconclusive: nothing shows that the network is well";

/// One row for each fault: its name in code and on the command line, what it does, `[what it breaks]`,
/// `/ [what it breaks over HTTP]` or `/ why it does not show there`, where that is not the same, and `{ place: which messages => change, when condition; … }`.
macro_rules! faults {
    ($(
        $variant:ident $name:literal $sentence:literal [$($id:literal)*]
        $(/ $http:tt)?
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

            /// The ids of the requirements that it must break over the WebSocket, those that the suite does not check
            /// yet included; none where it is a fault of HTTP alone.
            #[must_use]
            pub fn breaks(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($id,)*],)+ }
            }

            /// What it breaks over HTTP.
            #[must_use]
            pub fn over_http(self) -> OverHttp {
                match self { $(Self::$variant => over_http!($($http)?),)+ }
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
        ["GREETING-2" "REFUSAL-3" "REPLAY-4" "LIVENESS-1"] / NO_PING
        { Control: Message("pong") => Drop }
    NoPongWhileStreaming "no-pong-while-streaming"
        "A ping is not answered on a connection that watches a run."
        ["GREETING-2" "LIVENESS-1"] / NO_PING
        { Control: Message("pong") => Drop, when Watching }
    AuthNotNeeded "auth-not-needed"
        "The greeting asks for a token, but everything works without one."
        ["AUTH-1" "AUTH-2" "AUTH-3" "AUTH-4" "AUTH-5"]
    AuthSilent "auth-silent"
        "A viewer without a token is not told that one is needed."
        ["AUTH-1" "AUTH-3" "LIVENESS-1"] / BY_STATUS
        { Control: Message("auth_required") => Drop }
    AuthPingOpen "auth-ping-open"
        "A ping is answered before any token was sent."
        ["AUTH-1" "AUTH-2"] / NO_PING
    AuthAnyToken "auth-any-token"
        "A wrong token opens the connection like the right one."
        ["AUTH-2"]
    AuthMissingToken "auth-missing-token"
        "No token at all opens the connection like the right one."
        ["AUTH-2"] / BY_ITS_TOKEN
    AuthThirdTry "auth-third-try"
        "A third wrong token opens the connection."
        ["AUTH-2"] / BY_ITS_TOKEN
    AuthHalfToken "auth-half-token"
        "The first half of a token opens the connection like the whole."
        ["AUTH-2"]
    AuthChangedToken "auth-changed-token"
        "A token is not read: its signature alone opens the connection, whatever it says and for how long."
        ["AUTH-2"]
    AuthUnsignedToken "auth-unsigned-token"
        "A token that says that it needs no signature opens the connection."
        ["AUTH-2"]
    AuthContinueOpen "auth-continue-open"
        "A run can be continued without a token."
        ["AUTH-1" "AUTH-3"] / ["AUTH-1" "AUTH-3" "AUTH-4"]
    AuthExpiryIgnored "auth-expiry-ignored"
        "A token that expires on an open connection is never asked for again."
        ["AUTH-5"]
    AuthErrorSilent "auth-error-silent"
        "A wrong token gets no answer."
        ["AUTH-2" "LIVENESS-1"] / BY_STATUS
        { Control: Refusal("Invalid token") => Drop }
    AuthReturnOpen "auth-return-open"
        "A viewer who knows the id of a run can return to it without a token."
        ["AUTH-1" "AUTH-3" "AUTH-5"] / ["AUTH-1" "AUTH-3" "AUTH-4"]
    AuthSessionRemembered "auth-session-remembered"
        "A viewer who knows the session of a run can return to it without a token."
        ["AUTH-3"] / BY_ITS_TOKEN
    AuthHttpOnly "auth-http-only"
        "A token is needed over HTTP, but not on the WebSocket."
        ["AUTH-4"] / BY_ITS_TOKEN
        { Control: Message("connected") => Deny("requires_auth") }

    // Starting and watching.
    StartedMissing "started-missing"
        "The run begins in the middle of its first step: no event says that it has started."
        ["START-1"]
    StartedAgain "started-again"
        "The run says once more that it has started, before its last step."
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
        ["START-2" "CATCHUP-3" "CATCHUP-5" "HISTORY-1" "REPLAY-1" "POSITION-4" "IDENTITY-1" "IDENTITY-2"] / ["START-2" "CATCHUP-1" "CATCHUP-3" "CATCHUP-5" "HISTORY-1" "REPLAY-1" "STREAM-4" "IDENTITY-1" "IDENTITY-2" "POSITION-4"]
    MessageCutInTwo "message-cut-in-two"
        "The last text of the run is sent as two messages, cut in the middle."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2" "CONTENT-2"] / ["START-2" "CATCHUP-5" "STREAM-3" "CONTENT-2" "FLAPPING-2"]
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
        ["START-3" "CATCHUP-5" "HISTORY-1" "HISTORY-2" "REPLAY-1" "HTTP-1" "RESTART-3"] / ["START-3" "CATCHUP-5" "HISTORY-1" "HISTORY-2" "HTTP-1" "STREAM-1" "CONTINUE-1" "CONTINUE-2" "MALFORMED-2"]
    EventAfterEnding "event-after-ending"
        "An event is sent after the ending of the run."
        ["START-3"]
    UnknownWorkflowStarts "unknown-workflow-starts"
        "A request for an unknown workflow starts another one."
        ["START-4"]
    UnknownWorkflowQueued "unknown-workflow-queued"
        "A request for an unknown workflow is acknowledged with the id of a run, and refused then."
        ["START-4"] / BY_STATUS
        { Control: Refusal("Workflow ") => Before(Queued) }
    UnknownWorkflowSilent "unknown-workflow-silent"
        "A request for an unknown workflow gets no answer."
        ["START-4" "LIVENESS-1"] / BY_STATUS
        { Control: Refusal("Workflow ") => Drop }
    NestedRunUnassigned "nested-run-unassigned"
        "The last text of a short run does not say which run it belongs to."
        ["START-5"]
    InnerRunUnassigned "inner-run-unassigned"
        "The events of an inner workflow do not say which run they belong to."
        ["START-5"]
    InnerEndingEndsRun "inner-ending-ends-run"
        "A run is taken for completed as soon as a workflow inside it has ended."
        ["START-3" "CATCHUP-5"] / ["START-3" "CATCHUP-5" "STREAM-1"]
    LeavingStopsRun "leaving-stops-run"
        "The run stops when the viewer who started it disconnects."
        ["START-6" "CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "CANCEL-2" "HTTP-1" "FLAPPING-2" "SEAM-3" "REPLICA-1"] / ["START-6" "CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "CANCEL-2" "HTTP-1" "STREAM-4" "SEAM-3" "FLAPPING-2" "REPLICA-1"]
    AbruptLeavingStopsRun "abrupt-leaving-stops-run"
        "The run stops when the viewer who started it disconnects without a closing handshake."
        ["START-6" "CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "CANCEL-2" "HTTP-1" "FLAPPING-2" "SEAM-3" "REPLICA-1"] / ["START-6" "CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "CANCEL-2" "HTTP-1" "STREAM-4" "SEAM-3" "FLAPPING-2" "REPLICA-1"]
    EarlyLeavingStopsRun "early-leaving-stops-run"
        "The run stops when the viewer who started it disconnects before its third event."
        ["START-6" "CATCHUP-1" "HISTORY-1" "FLAPPING-2" "SEAM-3"] / ["START-6" "CATCHUP-1" "HISTORY-1" "STREAM-4" "SEAM-3" "FLAPPING-2"]
    ReturnedRunDies "returned-run-dies"
        "A run to which a viewer has returned never comes to its end, and is shown as running."
        ["START-3" "START-6" "CATCHUP-5" "HISTORY-1" "HISTORY-2" "FAILING-1" "FAILING-2" "LIVENESS-2"] / ["START-3" "START-6" "CATCHUP-5" "HISTORY-1" "HISTORY-2" "FAILING-1" "FAILING-2" "STREAM-4" "LIVENESS-2"]
    UnbegunRunStops "unbegun-run-stops"
        "The run stops when the viewer who started it disconnects before its first event."
        ["SEAM-3" "HISTORY-1" "START-6"] / ["START-6" "HISTORY-1" "STREAM-4" "SEAM-3"]
    UnwatchedCrawls "unwatched-crawls"
        "While nobody watches the run, one more event happens, and then none."
        ["VIEWERS-5"]
    UnwatchedPauses "unwatched-pauses"
        "The run does not go on while nobody watches it."
        ["VIEWERS-5"]
    RunsShareIndices "runs-share-indices"
        "The events of two runs that were started on one connection are counted together."
        ["START-1" "START-2" "START-7" "REPLAY-1"] / OWN_CONNECTION

    // Several runs at once.
    SessionForgetsEarlier "session-forgets-earlier"
        "A run is unknown once another one was started in its session."
        ["SESSION-1" "REPLAY-1"]
    SessionShowsLatest "session-shows-latest"
        "A viewer who asks for a run gets the latest one of its session."
        ["SESSION-1" "VIEWERS-2" "REPLAY-1"] / ["SESSION-1" "REPLAY-1" "STREAM-1" "VIEWERS-2"]
    StartWaitsForOthers "start-waits-for-others"
        "While one connection has six runs under way, the starts of others get no answer."
        ["START-8" "LIVENESS-1"] / OWN_CONNECTION
    OneRunAConnection "one-run-a-connection"
        "A connection that returns to a run gets nothing more of the one that it watched."
        ["VIEWERS-9" "HISTORY-1" "START-3" "VIEWERS-6"] / OWN_CONNECTION

    // Returning to a run under way, with a position.
    NoCatchUp "no-catch-up"
        "Missed events are sent without an announcement that they are old."
        ["CATCHUP-1" "RETENTION-2"]
        { CatchUp: Message("catch_up") => Drop }
    CatchUpAfterSubscribed "catch-up-after-subscribed"
        "Missed events are announced only after the viewer was subscribed."
        ["CATCHUP-1" "CATCHUP-4" "CATCHUP-2"]
        { CatchUp: Message("subscribed") => Move(0) }
    CatchUpCount "catch-up-count"
        "One more missed event is announced than is sent."
        ["CATCHUP-2"]
        { CatchUp: Message("catch_up") => Add("missed_events", 1) }
    CatchUpCapped "catch-up-capped"
        "Of more than sixty-four missed events, only so many are announced as missed: the others come as live ones."
        ["CATCHUP-2" "CATCHUP-7"]
        {
            CatchUp: Message("subscribed") => Move(65), when MoreEvents(64);
            CatchUp: Message("catch_up") => Number("missed_events", 64), when MoreEvents(64)
        }
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
        ["CATCHUP-3" "CATCHUP-5" "POSITION-4" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2" "HISTORY-1" "CATCHUP-1" "CATCHUP-2" "HTTP-1" "IDENTITY-1" "IDENTITY-2"] / ["CATCHUP-1" "CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "HISTORY-1" "HTTP-1" "STREAM-4" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3" "POSITION-4" "IDENTITY-1" "IDENTITY-2"]
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
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "CONTENT-2" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3"] / ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "STREAM-3" "CONTENT-2" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3"]
        { CatchUp: Middle => Join }
    CatchUpHangs "catch-up-hangs"
        "In the middle of many missed events, the server stops sending and leaves the connection open."
        ["CATCHUP-2" "CATCHUP-4"] / ["CATCHUP-2" "CATCHUP-4" "STREAM-1"]
        {
            CatchUp: Middle => Truncate, when MissedMore(12);
            ToReturned: All => Drop, when MissedMore(12)
        }
    UnreadTakenForRead "unread-taken-for-read"
        "Events that were sent on a connection that broke are taken for seen, whatever position the viewer names."
        ["CATCHUP-1" "CATCHUP-3" "CATCHUP-5" "FLAPPING-2" "CATCHUP-7" "CATCHUP-2"]
    CutCatchUpTakenForRead "cut-catch-up-taken-for-read"
        "Missed events that were sent on a connection that broke are not sent again."
        ["CATCHUP-1" "CATCHUP-5" "FLAPPING-2" "CATCHUP-7"]
    CutCatchUpForgotten "cut-catch-up-forgotten"
        "When a connection breaks while missed events are being sent, none of them is sent again."
        ["CATCHUP-1" "CATCHUP-5" "CATCHUP-7"]
    CatchUpForNothing "catch-up-for-nothing"
        "A viewer who missed nothing gets an announcement of no missed events."
        ["CATCHUP-8"]
        { CatchUp: Message("subscribed") => Before(EmptyCatchUp), when NoEvents }
    SubscribedMissingForNothing "subscribed-missing-for-nothing"
        "A viewer who missed nothing gets further events without having been subscribed."
        ["CATCHUP-6" "LIVENESS-1"] / ["CATCHUP-6"]
        { CatchUp: Message("subscribed") => Drop, when NoEvents }
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
        ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "SEAM-1" "SEAM-2" "SEAM-3" "FLAPPING-1" "FLAPPING-2" "VIEWERS-1" "VIEWERS-3" "HTTP-1"] / ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "HTTP-1" "STREAM-1" "SEAM-1" "SEAM-2" "SEAM-3" "FLAPPING-1" "FLAPPING-2" "VIEWERS-1" "VIEWERS-3"]
        { ToReturned: All => Drop, when FirstLive }
    LiveRepeatAfterSubscribed "live-repeat-after-subscribed"
        "The last missed event is sent again as a live one."
        ["CATCHUP-5" "SEAM-1" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2" "HTTP-1"]
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
    SoonFailureLost "soon-failure-lost"
        "When a run fails within ten events of a viewer's return, they are not told."
        ["REPLICA-3"] / ["STREAM-1"]
        { ToReturned: Ending(FAILED) => Drop, when SoonAfter(10) }
    LiveEndingLostAfterReturn "live-ending-lost-after-return"
        "A viewer who returned is never told that the run has completed."
        ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "SEAM-2" "HTTP-1" "PAUSE-3" "VIEWERS-1" "VIEWERS-4" "VIEWERS-9" "VIEWERS-3"] / ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "HTTP-1" "STREAM-1" "CONTINUE-2" "SEAM-2" "VIEWERS-3"]
        { ToReturned: Ending(COMPLETED) => Drop }
    LaterVisitsSkip "later-visits-skip"
        "After several returns to a run, each further return loses an event."
        ["CATCHUP-2" "FLAPPING-1" "CATCHUP-3" "CATCHUP-5" "VIEWERS-3"]
    TenthReturnSkips "tenth-return-skips"
        "Every tenth return to a run loses an event."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3"]
    ThirdReturnRefused "third-return-refused"
        "The third return to a run is refused; all others are not."
        ["CATCHUP-1" "FLAPPING-1" "VIEWERS-3" "HISTORY-1"] / ["CATCHUP-1" "HISTORY-1" "STREAM-4" "FLAPPING-1" "VIEWERS-3"]
    ResetLosesEvent "reset-loses-event"
        "After a connection was reset, the next return to the run loses an event."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3" "CONTENT-3"]
    VanishedBlocksReturn "vanished-blocks-return"
        "A viewer is refused for as long as the server takes their old connection for open."
        ["CATCHUP-1" "FLAPPING-2" "START-6"] / ["START-6" "CATCHUP-1" "STREAM-4" "FLAPPING-2"]
    SilenceOnReturn "silence-on-return"
        "A viewer who returns to a run under way gets no answer."
        ["CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "HTTP-1" "FLAPPING-2" "VIEWERS-3" "POSITION-1" "POSITION-2" "POSITION-3" "LIVENESS-1" "SEAM-3" "REPLICA-1"] / ["CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "HTTP-1" "STREAM-1" "CONTINUE-2" "SEAM-2" "SEAM-3" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3" "POSITION-1" "POSITION-3" "REPLICA-1" "LIVENESS-1"]
    ReturnClosesWithError "return-closes-with-error"
        "A viewer who returns to a run under way is met with a close frame that tells of an error."
        ["CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "HTTP-1" "SEAM-3" "FLAPPING-2" "VIEWERS-3" "POSITION-1" "POSITION-2" "POSITION-3" "REPLICA-1"] / ["CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "HTTP-1" "STREAM-1" "CONTINUE-2" "SEAM-2" "SEAM-3" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3" "POSITION-1" "POSITION-3" "REPLICA-1"]
    ReturnDropsConnection "return-drops-connection"
        "When a viewer returns to a run under way, the connection is dropped without a close frame."
        ["CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "HTTP-1" "SEAM-3" "VIEWERS-3" "POSITION-1" "POSITION-3"] / MAY_BE_THE_NETWORK
    CatchUpDropsConnection "catch-up-drops-connection"
        "In the middle of many missed events, the connection is dropped without a close frame."
        ["CATCHUP-2"] / MAY_BE_THE_NETWORK
        { CatchUp: Middle => Instead(Drops), when MissedMore(12) }
    CatchUpClosesWithError "catch-up-closes-with-error"
        "In the middle of many missed events, the connection is closed with an error."
        ["CATCHUP-2"] / ["CATCHUP-2" "STREAM-1" "VIEWERS-3"]
        { CatchUp: Middle => Instead(Close(FAILED_INSIDE)), when MissedMore(12) }
    LiveClosesWithError "live-closes-with-error"
        "When the last text of a run happens, viewers who returned are cut off with an error."
        ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "FAILING-1" "HTTP-1" "REPLAY-4" "VIEWERS-4" "VIEWERS-3"] / ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "FAILING-1" "HTTP-1" "STREAM-1" "VIEWERS-3"]
        { ToReturned: LastWord => Instead(Close(FAILED_INSIDE)) }
    ReturnBeforeFirstRefused "return-before-first-refused"
        "A viewer who returns before the first event is refused."
        ["SEAM-3" "HISTORY-1" "START-6"] / ["START-6" "HISTORY-1" "STREAM-4" "SEAM-3"]

    // Returning to a run under way, without a position.
    HistoryFromOne "history-from-one"
        "The history begins with the second event."
        ["HISTORY-1" "CATCHUP-5" "VIEWERS-3" "FLAPPING-1" "SEAM-3" "CATCHUP-2"]
    UnseenBeginningLost "unseen-beginning-lost"
        "When nobody watched as the run began, the history begins with the second event."
        ["HISTORY-1"]
    RunAloneUnknown "run-alone-unknown"
        "A run is unknown to a viewer who names neither its session nor its workflow."
        ["HISTORY-3"]
    HistoryAbsentRefused "history-absent-refused"
        "A viewer who names no position is refused."
        ["HISTORY-2"] / ["HISTORY-2" "STREAM-4"]
    HistoryNullLiveOnly "history-null-live-only"
        "A viewer without a position gets no history, only the events still to come."
        ["HISTORY-1" "FLAPPING-1" "VIEWERS-3" "RETENTION-2" "SEAM-3" "CATCHUP-5"]

    // Returning to a finished run.
    ReplayHeedsPosition "replay-heeds-position"
        "The replay begins after the viewer's position instead of at the first event."
        ["REPLAY-1" "REPLAY-5"] / HEEDED
        { Replay: Seen => LeaveOut }
    ReplayMissingAnnouncement "replay-missing-announcement"
        "Old events are sent without an announcement that the run has finished."
        ["REPLAY-1" "FAILING-2" "CANCEL-2" "FLAPPING-2" "RETENTION-2" "RETENTION-3" "RESTART-1" "CANCEL-3"] / ["REPLAY-1" "FAILING-2" "CANCEL-2" "CANCEL-3" "STREAM-1" "RETENTION-2" "RETENTION-3" "RESTART-1"]
        { Replay: Message("replay") => Drop }
    ReplayTotal "replay-total"
        "One more event is announced than is replayed."
        ["REPLAY-2"]
        { Replay: Message("replay") => Add("total_events", 1) }
    ReplayDrop "replay-drop"
        "One event is left out of the replay."
        ["REPLAY-1" "REPLAY-2" "CONTENT-3" "RETENTION-3" "RESTART-1"] / ["REPLAY-1" "REPLAY-2" "CONTENT-3" "FLAPPING-2" "RETENTION-3" "RESTART-1"]
        { Replay: Middle => Drop }
    ReplaySwap "replay-swap"
        "Two events are replayed in the wrong order."
        ["REPLAY-1" "RETENTION-3" "RESTART-1"] / ["START-3" "REPLAY-1" "CANCEL-2" "FLAPPING-2" "RETENTION-3" "RESTART-1"]
        { Replay: Middle => Swap }
    ReplayHangs "replay-hangs"
        "In the middle of a long replay, the server stops sending and leaves the connection open."
        ["REPLAY-1" "REPLAY-2" "SEAM-2" "RESTART-1" "RETENTION-3"] / ["REPLAY-1" "REPLAY-2"]
        { Replay: Middle => Truncate, when MoreEvents(49) }
    UnreadEndingLost "unread-ending-lost"
        "When a connection broke as the run ended, the ending is left out of the replay."
        ["START-3" "REPLAY-1"] / ENDED
        { Replay: LastEvent => LeaveOut, when BrokeAtEnd }
    ReplayStatus "replay-status"
        "A completed run is replayed as failed, and a failed one as completed."
        ["REPLAY-3" "FAILING-2" "BOTH-2"]
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
        { Replay: Last => After(Close(NORMAL)) }
    ReplayDropsConnection "replay-drops-connection"
        "In the middle of a long replay, the connection is dropped without a close frame."
        ["REPLAY-1" "CONTENT-3" "SEAM-2"] / MAY_BE_THE_NETWORK
        { Replay: Middle => Instead(Drops), when MoreEvents(49) }
    ReplayForbidden "replay-forbidden"
        "A viewer who returns to a finished run is met with a close frame that forbids it."
        ["CATCHUP-1" "REPLAY-1" "HTTP-1" "SEAM-2" "FLAPPING-2" "RETENTION-3" "RESTART-1" "HISTORY-1" "START-3"] / ["CATCHUP-1" "REPLAY-1" "HTTP-1" "STREAM-1" "CONTINUE-2" "SEAM-2" "FLAPPING-2" "RETENTION-3" "RESTART-1"]
        { Replay: Message("replay") => Instead(Close(FORBIDDEN)), when In(Status::Completed) }
    ReplayDiffersSecondTime "replay-differs-second-time"
        "The second replay differs from the first."
        ["REPLAY-5" "IDENTITY-1" "IDENTITY-2" "REPLICA-2" "RETENTION-3"]
        { Replay: LastContent => OTHER_CONTENT, when ReplayedBefore }

    // Failing runs.
    FailingSilent "failing-silent"
        "A run fails, but no event says so."
        ["START-3" "REPLAY-1" "FAILING-1"] / ["START-3" "HISTORY-1" "FAILING-1" "STREAM-1"]
    FailingNotToReturned "failing-not-to-returned"
        "Only the viewer who stayed is told that the run failed."
        ["HISTORY-1" "FAILING-1" "REPLICA-3"] / ["HISTORY-1" "FAILING-1" "STREAM-1"]
        { ToReturned: Ending(FAILED) => Drop }
    FailingShownRunning "failing-shown-running"
        "A failed run is shown as one that is under way."
        ["REPLAY-1" "FAILING-2" "RETENTION-3" "RESTART-1"]

    // Cancelled runs.
    CancelIgnored "cancel-ignored"
        "A request to cancel is accepted, but the run goes on to its end."
        ["CANCEL-1" "CANCEL-2" "CANCEL-3"]
    CancelSilent "cancel-silent"
        "A cancelled run stops, but no event says so."
        ["CANCEL-1" "CANCEL-2" "CANCEL-3"]
    CancelledAsCompleted "cancelled-as-completed"
        "A cancelled run says that it has completed, and not that it was cancelled."
        ["CANCEL-1" "CANCEL-2" "CANCEL-3"]
    CancelledGoesOn "cancelled-goes-on"
        "A run says that it was cancelled, but goes on."
        ["CANCEL-1" "CANCEL-2"]
    EventAfterCancelled "event-after-cancelled"
        "An event is sent after the end of a cancelled run."
        ["CANCEL-1" "CANCEL-2"]
    CancelledNotToReturned "cancelled-not-to-returned"
        "Only the viewer who stayed is told that the run was cancelled."
        ["HISTORY-1" "CANCEL-1" "HTTP-1"] / ["HISTORY-1" "CANCEL-1" "HTTP-1" "STREAM-1"]
        { ToReturned: EndOfCancelled => Drop }
    CancelledReplayedCompleted "cancelled-replayed-completed"
        "A cancelled run is replayed as completed."
        ["REPLAY-3" "CANCEL-2" "CANCEL-3" "BOTH-2"]
        { Replay: Message("replay") => Set("status", "COMPLETED"), when In(Status::Cancelled) }
    CancelledShownRunning "cancelled-shown-running"
        "A cancelled run is shown as one that is still under way."
        ["CANCEL-2" "CANCEL-3" "RETENTION-3" "RESTART-1"]

    // Runs that wait for a person.
    PauseNotTold "pause-not-told"
        "A viewer who returns to a paused run gets all its events but the one that asks a person."
        ["PAUSE-1" "REPLAY-2"]
        { Replay: Named("Paused") => Drop, when In(Status::Paused) }
    ContinueIgnored "continue-ignored"
        "A person confirms, but the paused run does not go on."
        ["PAUSE-1" "LIVENESS-1" "RESTART-2"] / ["PAUSE-1" "STREAM-1" "RESTART-2"]
    ContinueRefused "continue-refused"
        "A request to continue a paused run is refused as if it were not paused."
        ["PAUSE-1" "RESTART-2"]
    ContinueFromZero "continue-from-zero"
        "After the pause, the indices start from 0 again."
        ["REPLAY-1" "PAUSE-2" "IDENTITY-1" "IDENTITY-2" "RESTART-2" "HISTORY-1" "START-2" "VIEWERS-6" "RETENTION-3"] / ["HISTORY-1" "REPLAY-1" "PAUSE-2" "IDENTITY-1" "IDENTITY-2" "POSITION-4" "RETENTION-3" "RESTART-2"]
    ContinueSkips "continue-skips"
        "After the pause, one index is left out."
        ["REPLAY-1" "PAUSE-2" "RESTART-2" "HISTORY-1" "START-2" "VIEWERS-6"] / ["CATCHUP-7" "HISTORY-1" "REPLAY-1" "PAUSE-2" "RESTART-2"]
    ContinueRepeats "continue-repeats"
        "The first event after the pause has the index of the pause."
        ["REPLAY-1" "PAUSE-2" "IDENTITY-1" "IDENTITY-2" "RESTART-2" "HISTORY-1" "START-2" "VIEWERS-6" "RETENTION-3"] / ["CATCHUP-7" "HISTORY-1" "REPLAY-1" "PAUSE-2" "IDENTITY-1" "IDENTITY-2" "RETENTION-3" "RESTART-2"]
    ContinueDoubles "continue-doubles"
        "A viewer who continues a paused run gets every event twice."
        ["PAUSE-2" "RESTART-2"]
        { ToContinuing: All => Double }

    PauseReplayLosesOne "pause-replay-loses-one"
        "One event is left out when a paused run is replayed."
        ["REPLAY-1"]
        { Replay: Nth(1) => LeaveOut, when In(Status::Paused) }
    PauseReplayTotal "pause-replay-total"
        "One more event is announced than is replayed of a paused run."
        ["REPLAY-2"]
        { Replay: Message("replay") => Add("total_events", 1), when In(Status::Paused) }
    ContinuedEndingLost "continued-ending-lost"
        "A viewer who lets a paused run go on is never told that it has completed."
        ["START-3"] / ["START-3" "STREAM-1"]
        { ToContinuing: Ending(COMPLETED) => Drop }
    ContinuedUnseenByStarter "continued-unseen-by-starter"
        "When somebody else lets a paused run go on, the viewer who started it gets nothing more."
        ["PAUSE-3"]
        { ToStarter: All => Drop, when Continued }
    ContinuedUnseenByReturned "continued-unseen-by-returned"
        "When a paused run goes on, only the latest of those who had returned to it gets what follows."
        ["PAUSE-3" "VIEWERS-1"] / PAUSE_ENDS
        { ToReturned: All => Drop, when ContinuedNotLast }
    ContinuedLosesOne "continued-loses-one"
        "When somebody else lets a paused run go on, the viewer who started it lacks the first event after the pause."
        ["PAUSE-3" "START-2" "VIEWERS-6"] / PAUSE_ENDS
        { ToStarter: Named("StepContinued") => Drop }
    SecondAnswerAccepted "second-answer-accepted"
        "A paused run that goes on takes a second answer like the first."
        ["PAUSE-4"]
    SecondAnswerSilent "second-answer-silent"
        "A second answer to a pause gets no answer once the run is over."
        ["PAUSE-4" "LIVENESS-1"] / ["PAUSE-4" "STREAM-1"]
    PausedCancelIgnored "paused-cancel-ignored"
        "A request to cancel a run that waits for a person is accepted, but the run goes on waiting."
        ["CANCEL-3"]
    PausedCancelSilent "paused-cancel-silent"
        "When a run that waits for a person is cancelled, nobody who watches is told."
        ["CANCEL-3"] / PAUSE_ENDS
        {
            ToStarter: EndOfCancelled => Drop, when CancelledPaused;
            ToReturned: EndOfCancelled => Drop, when CancelledPaused
        }
    PausedCancelAnswered "paused-cancel-answered"
        "A paused run that was cancelled takes an answer, and nothing happens."
        ["CANCEL-3" "LIVENESS-1" "REPLAY-4"] / ["CANCEL-3" "STREAM-1"]

    // Runs that were started over HTTP.
    HttpRunUnknown "http-run-unknown"
        "A run that was started over HTTP is unknown on the WebSocket."
        ["HTTP-1"] / ["CATCHUP-1" "HISTORY-1" "REPLAY-1" "FAILING-2" "CANCEL-2" "PAUSE-1" "STREAM-4"]
    HttpRunNotLive "http-run-not-live"
        "A viewer on the WebSocket gets the missed events of a run started over HTTP, but no live ones."
        ["HTTP-1"] / ["CATCHUP-5" "HISTORY-1"]
        { ToReturned: All => Drop, when OverHttp }

    HttpRunLosesOne "http-run-loses-one"
        "A viewer on the WebSocket never gets the last text of a run started over HTTP."
        ["HTTP-1" "HISTORY-1" "CATCHUP-5"] / ["CATCHUP-5" "HISTORY-1"]
        { ToReturned: LastWord => Drop, when OverHttp }
    HttpRunEndingLost "http-run-ending-lost"
        "A viewer on the WebSocket is never told that a run started over HTTP has completed."
        ["HTTP-1"] / ["CATCHUP-5" "HISTORY-1"]
        { ToReturned: Ending(COMPLETED) => Drop, when OverHttp }
    HttpRunHistoryShort "http-run-history-short"
        "The history of a run started over HTTP begins with the second event."
        ["HISTORY-1" "CATCHUP-5"] / ["CATCHUP-2" "HISTORY-1"]
        { History: Nth(0) => LeaveOut, when OverHttp }
    HttpRunReplayShort "http-run-replay-short"
        "One event is left out when a run started over HTTP is replayed."
        ["REPLAY-1"] / ["REPLAY-1" "REPLAY-5"]
        { Replay: Nth(1) => LeaveOut, when OverHttp }

    // Streams over HTTP, and both wires.
    StreamStaysOpen "stream-stays-open"
        "Over HTTP, the stream stays open after the ending of the run that it has brought."
        [] / ["STREAM-1"]
    StreamEndsEarly "stream-ends-early"
        "Over HTTP, the stream of a viewer who returned ends with the last text of the run, before its ending."
        ["CATCHUP-5" "HISTORY-1"] / ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "FAILING-1" "HTTP-1" "STREAM-1" "VIEWERS-3"]
        { ToReturned: LastWord => After(Close(NORMAL)), when Streamed }
    StreamSilent "stream-silent"
        "Over HTTP, a stream says nothing at all while nothing happens in the run."
        [] / ["STREAM-2"]
    StreamSeparatorEndsLine "stream-separator-ends-line"
        "Over HTTP, the line separator U+2028 in a text ends the line that it is in, for the viewer who started the run."
        [] / ["START-2" "CONTENT-2" "STREAM-3"]
    StreamLeavingCancels "stream-leaving-cancels"
        "A run is cancelled when a viewer who had returned to it over HTTP leaves."
        [] / ["CATCHUP-1" "STREAM-4"]
    QuestionMissing "question-missing"
        "Over HTTP, nothing says what a paused run waits for."
        ["IDENTITY-2" "IDENTITY-3"] / ["PAUSE-1" "STREAM-5" "IDENTITY-2" "RESTART-2"]
        {
            Anywhere: Named("Paused") => Remove("step_requirements"), when Streamed;
            Anywhere: Named("Paused") => Remove("tools"), when Streamed;
            Anywhere: Named("Paused") => Remove("requirements"), when Streamed
        }
    ContinueUnstreamedLost "continue-unstreamed-lost"
        "What happens after a pause is not kept where the request to continue asked for no stream."
        [] / ["START-3" "HISTORY-1" "CONTINUE-1" "SEAM-1"]
    ContinueLeavingStops "continue-leaving-stops"
        "When the viewer who let a paused run go on over HTTP leaves, the run is gone."
        [] / ["CATCHUP-1" "HISTORY-1" "CONTINUE-1" "CONTINUE-2"]
    OtherWireContent "other-wire-content"
        "A viewer who comes over another wire than the run was started over gets an event with another content."
        ["REPLAY-5" "BOTH-1" "IDENTITY-1" "IDENTITY-2"]
        { Return: LastContent => OTHER_CONTENT, when OtherWire }
    OtherWireStatus "other-wire-status"
        "Over another wire than it was started over, a completed run is replayed as failed."
        ["REPLAY-3" "CANCEL-2" "BOTH-2"]
        { Replay: Message("replay") => Set("status", "ERROR"), when OtherWire }
    StateShowsRunning "state-shows-running"
        "A run that is over is still running by what `GET` says."
        ["BOTH-2"]

    // The same event in every delivery, and its content.
    IdentityContent "identity-content"
        "A missed event is sent with another content than before."
        ["BOTH-1" "IDENTITY-1" "IDENTITY-2" "FLAPPING-1" "IDENTITY-3"] / ["BOTH-1" "IDENTITY-1" "IDENTITY-2" "FLAPPING-1"]
        { CatchUp: LastContent => OTHER_CONTENT }
    IdentityReplayContent "identity-replay-content"
        "An event is replayed with another content than before."
        ["BOTH-1" "IDENTITY-1" "IDENTITY-2" "FLAPPING-1" "RETENTION-3" "RESTART-1"]
        { Replay: LastContent => OTHER_CONTENT }
    IdentityEventIds "identity-event-ids"
        "A missed event is sent with another session id than before."
        ["BOTH-1" "IDENTITY-1" "IDENTITY-2" "FLAPPING-1"]
        { CatchUp: Middle => Set("session_id", "another session") }
    IdentityTimestamp "identity-timestamp"
        "A missed event is sent with another time than before."
        ["IDENTITY-2"]
        { CatchUp: Middle => Add("created_at", 1) }
    ReplayLosesNames "replay-loses-names"
        "A replay does not say any more which agent was at work."
        ["IDENTITY-2" "IDENTITY-3"]
        { Replay: Events => Remove("agent_name") }
    CatchUpLosesStep "catch-up-loses-step"
        "A missed event does not say any more which step it belongs to."
        ["IDENTITY-2" "IDENTITY-3"]
        { CatchUp: Middle => Set("step_name", "") }
    PausedLosesQuestion "paused-loses-question"
        "The replay of a paused run does not say any more what a person is asked."
        ["IDENTITY-2" "IDENTITY-3" "PAUSE-1"] / ["IDENTITY-2" "IDENTITY-3"]
        { Replay: Named("Paused") => Remove("step_requirements"), when In(Status::Paused) }
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
    ContentNumbers "content-numbers"
        "Content that reads as a number becomes a number."
        ["CONTENT-1"]
    ContentOnlyOnce "content-only-once"
        "An event with a line break in its content is never sent a second time."
        ["CATCHUP-3" "REPLAY-1" "CONTENT-3"]
        { Return: WithNewline => LeaveOut }

    ContentClosesWithError "content-closes-with-error"
        "Where an event with a line break in its content was missed, the connection is closed with an error."
        ["CONTENT-3" "CATCHUP-2" "REPLAY-1"] / ["CATCHUP-2" "REPLAY-2" "STREAM-1"]
        { Return: WithNewline => Instead(Close(FAILED_INSIDE)) }

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
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "VIEWERS-3" "FLAPPING-1"]
    ManyViewersForgotten "many-viewers-forgotten"
        "Once more than eight have returned to a run, none of them gets anything more of it."
        ["VIEWERS-3"] / ["STREAM-1" "VIEWERS-3"]
        { ToReturned: All => Drop, when MoreReturned(8) }
    ViewersMixed "viewers-mixed"
        "The last text of a run is also sent to the viewers of other runs."
        ["START-2" "START-7" "START-5" "VIEWERS-2" "HISTORY-1"] / ["START-5" "VIEWERS-2"]
    StarterSilenced "starter-silenced"
        "The viewer who started the run gets no more events once another viewer has returned to it."
        ["START-3" "LIVENESS-1" "FAILING-1" "CANCEL-1" "VIEWERS-6" "LIVENESS-2" "START-2"] / ["START-3" "FAILING-1" "CANCEL-1" "STREAM-1" "VIEWERS-6" "LIVENESS-2"]
        { ToStarter: All => Drop, when ReturnedTo }
    StarterLosesOne "starter-loses-one"
        "The viewer who started the run loses an event when another viewer returns to it."
        ["START-2" "VIEWERS-6" "CATCHUP-5"]
        { ToStarter: NoEnding => Drop, when JustReturnedTo }
    ClosingEndsLater "closing-ends-later"
        "When a connection closes, those who returned to its run after it get nothing more."
        ["VIEWERS-8" "HISTORY-1" "CATCHUP-5"] / ["CATCHUP-5" "VIEWERS-8"]
    ClosingEndsEarlier "closing-ends-earlier"
        "When a connection closes, those who returned to its run before it get nothing more."
        ["VIEWERS-8"] / ["VIEWERS-1" "VIEWERS-8"]
    SlowViewerStopsRun "slow-viewer-stops-run"
        "The run waits until the slowest viewer has read what was sent."
        ["VIEWERS-4"]
    SlowStarterStopsRun "slow-starter-stops-run"
        "The run waits until the viewer who started it has read what was sent."
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

    OtherUserCancels "other-user-cancels"
        "Another user can cancel a run, although users are kept apart."
        ["OWNER-2"]
    OtherUserContinues "other-user-continues"
        "Another user can let a paused run continue, although users are kept apart."
        ["OWNER-2"]

    PermissionNotNeeded "permission-not-needed"
        "A run is shown to a viewer who has no permission for its workflow."
        ["OWNER-3"]

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
    PositionTextRead "position-text-read"
        "A position that is a number written as text is treated as that number."
        ["POSITION-2"] / TEXT
    PositionOddTold "position-odd-told"
        "A position that is not a number is refused with the server's own stack trace."
        ["POSITION-2"] / BY_STATUS
        { Control: Refusal("last_event_index must") => Set("error", TRACEBACK) }
    PositionNegative "position-negative"
        "A negative position gets events with negative indices."
        ["POSITION-2" "POSITION-4"] / BY_STATUS
    PositionEndingRefused "position-ending-refused"
        "A viewer who has seen the ending is refused."
        ["REPLAY-1" "FAILING-2" "POSITION-5"]

    // What is no longer kept, or no longer in the memory.
    DroppedRenumbered "dropped-renumbered"
        "When the beginning of a run was dropped, the remaining events get the indices of the dropped ones."
        ["CATCHUP-5" "HISTORY-1" "IDENTITY-1" "IDENTITY-2" "RETENTION-1"]
        { Return: Events => Renumber, when EventsDropped }
    DroppedIndexRepeated "dropped-index-repeated"
        "When the beginning of a run was dropped, the first remaining event is sent twice."
        ["CATCHUP-2" "HISTORY-1" "REPLAY-2" "RETENTION-1"]
        { Return: Nth(0) => Double, when EventsDropped }
    FullIndexStuck "full-index-stuck"
        "Once the server drops events of a run, all further events have the same index."
        ["START-2" "CATCHUP-5" "HISTORY-1" "IDENTITY-1" "IDENTITY-2" "RETENTION-1"]
    DroppedSilently "dropped-silently"
        "A viewer is not told that events they missed are no longer kept."
        ["RETENTION-2"]
        {
            UnderWay: Message("catch_up") => Set("message", "Catching up."), when EventsDropped;
            Replay: Message("replay") => Set("message", "Replaying all events."), when EventsDropped;
            Return: All => Remove("dropped_events"), when EventsDropped
        }
    KeptLosesOne "kept-loses-one"
        "When the beginning of a run was dropped, one of the events that are kept is left out."
        ["CATCHUP-3" "HISTORY-1"]
        { UnderWay: Middle => LeaveOut, when EventsDropped }
    KeptCount "kept-count"
        "When the beginning of a run was dropped, one more missed event is announced than is sent."
        ["CATCHUP-2" "HISTORY-1"]
        { UnderWay: Message("catch_up") => Add("missed_events", 1), when EventsDropped }
    KeptNotLive "kept-not-live"
        "When the beginning of a run was dropped, a viewer who returns gets no live events."
        ["CATCHUP-5" "HISTORY-1"] / ["CATCHUP-5" "HISTORY-1" "STREAM-1"]
        { ToReturned: All => Drop, when EventsDropped }
    KeptReplayLosesOne "kept-replay-loses-one"
        "When the beginning of a run was dropped, one of the events that are kept is not replayed."
        ["REPLAY-1"]
        { Replay: Middle => LeaveOut, when EventsDropped }
    ForgottenTotal "forgotten-total"
        "One more event is announced than is replayed of a run that was dropped from memory."
        ["REPLAY-2"]
        { Replay: Message("replay") => Add("total_events", 1), when Kept(Storage::Forgotten) }
    ForgottenUnknown "forgotten-unknown"
        "A finished run that was dropped from memory is unknown."
        ["RETENTION-3" "CANCEL-2"]
    ForgottenFailedUnknown "forgotten-failed-unknown"
        "A failed run that was dropped from memory is unknown; others are not."
        ["RETENTION-3"]
    ForgottenCancelledUnknown "forgotten-cancelled-unknown"
        "A cancelled run that was dropped from memory is unknown; others are not."
        ["RETENTION-3" "CANCEL-2"]
    ForgottenChanged "forgotten-changed"
        "A finished run that was dropped from memory is replayed with another content."
        ["IDENTITY-1" "IDENTITY-2" "RETENTION-3"]
        { Replay: LastContent => OTHER_CONTENT, when Kept(Storage::Forgotten) }
    ForgottenAccents "forgotten-accents"
        "A finished run that was dropped from memory is replayed with question marks for its accents and emoji."
        ["IDENTITY-1" "IDENTITY-2" "RETENTION-3"]
        { Replay: BeyondAscii => Set("content", "? ? na?ve e? ?? ?"), when Kept(Storage::Forgotten) }
    RestartLosesRuns "restart-loses-runs"
        "After a restart, the finished runs are unknown."
        ["RESTART-1" "CANCEL-2"]
    RestartShortensReplay "restart-shortens-replay"
        "After a restart, one event is left out of the replay."
        ["RESTART-1"]
        { Replay: Nth(1) => LeaveOut, when Kept(Storage::Restarted) }
    RestartChangesReplay "restart-changes-replay"
        "After a restart, a run is replayed with another content."
        ["IDENTITY-1" "IDENTITY-2" "RESTART-1"]
        { Replay: LastContent => OTHER_CONTENT, when Kept(Storage::Restarted) }
    RestartTotal "restart-total"
        "After a restart, one more event is announced than is replayed."
        ["REPLAY-2"]
        { Replay: Message("replay") => Add("total_events", 1), when Kept(Storage::Restarted) }
    RestartStatus "restart-status"
        "After a restart, a completed run is replayed as failed."
        ["REPLAY-3" "CANCEL-2"]
        { Replay: Message("replay") => Set("status", "ERROR"), when Kept(Storage::Restarted) }
    RestartSkipsLater "restart-skips-later"
        "In a paused run that is continued after a restart, an index is left out later on."
        ["RESTART-2"]
    RestartCountsAnew "restart-counts-anew"
        "In a paused run that is continued after a restart, the indices start from 0 again."
        ["IDENTITY-1" "IDENTITY-2" "RESTART-2"]
    RestartShowsRunning "restart-shows-running"
        "After a restart, a run that it cut off is shown as one that is still under way."
        ["RESTART-3"]
    RestartForgetsPause "restart-forgets-pause"
        "After a restart, a paused run cannot be continued."
        ["RESTART-2"]

    // Two replicas of one server.
    ReplicaKnowsOwnRuns "replica-knows-own-runs"
        "The other replica knows only the runs that were started there."
        ["REPLICA-1" "REPLICA-2" "CANCEL-2"]
    ReplicaForgetsCancelled "replica-forgets-cancelled"
        "The other replica knows all runs but those that were cancelled."
        ["REPLICA-2" "CANCEL-2"]
    ReplicaNotLive "replica-not-live"
        "The other replica sends missed events, but no live ones."
        ["REPLICA-1"] / ["STREAM-1" "REPLICA-1"]
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
        ["REPLICA-2" "CANCEL-2"]
    ReplicaDiesSilently "replica-dies-silently"
        "When a replica dies, viewers of its runs at another one are not told."
        ["REPLICA-3"]
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
        ["REFUSAL-1" "LIVENESS-1" "RESTART-3"] / ["STREAM-1" "REFUSAL-1" "RESTART-3"]
        { Control: Refusal("not found in buffer") => Drop }
    UnknownRunSubscribed "unknown-run-subscribed"
        "A return to an unknown run is answered as subscribed."
        ["REFUSAL-1" "OWNER-1" "OWNER-3" "RESTART-3"] / ["STREAM-1" "REFUSAL-1" "OWNER-1" "RESTART-3"]
    NoRunIdSilent "no-run-id-silent"
        "A return without a run id gets no answer."
        ["REFUSAL-2" "LIVENESS-1"] / IN_THE_PATH
        { Control: Refusal("run_id is required") => Drop }
    DeafAfterRefusal "deaf-after-refusal"
        "After a refusal, nothing on the connection is answered any more."
        ["GREETING-2" "REFUSAL-3" "LIVENESS-1"] / OWN_CONNECTION
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
    QuietCloses "quiet-closes"
        "When nothing happens in a run for long, the connections that watch it are closed."
        ["LIVENESS-2"] / ["START-3" "HISTORY-1" "STREAM-1" "LIVENESS-2"]
    QuietForgetsReturned "quiet-forgets-returned"
        "After a time in which nothing happens, those who had returned to the run get nothing more."
        ["LIVENESS-2" "HISTORY-1"] / ["HISTORY-1" "STREAM-1" "LIVENESS-2"]
        { ToReturned: All => Drop, when Rested }
    NoCloseHandshake "no-close-handshake"
        "A closing handshake is not answered: the connection is dropped."
        ["CLOSE-1"]
}
