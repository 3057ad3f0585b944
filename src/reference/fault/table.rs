//! The table of faults: a line each for the name, the story and the requirements it must break.

/// The file of the table.
pub const TABLE: &str = file!();

macro_rules! faults {
    ($($variant:ident $name:literal $trace:literal [$($id:literal)+])+) => {
        /// One named way in which the server misbehaves.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Fault {
            $(#[doc = $trace] $variant,)+
        }

        impl Fault {
            /// Every fault, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name on the command line, in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What the viewer suffers, in one sentence.
            #[must_use]
            pub fn trace(self) -> &'static str {
                match self { $(Self::$variant => $trace,)+ }
            }

            /// The ids of the requirements that it must break, those that the suite does not check yet
            /// included.
            #[must_use]
            pub fn breaks(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($id,)+],)+ }
            }
        }
    };
}

faults! {
    // Greeting, ping, authentication.
    GreetingWithoutRequiresAuth "greeting-without-requires-auth"
        "The greeting does not say whether a token is needed."
        ["GREETING-1"]
    GreetingAfterHello "greeting-after-hello"
        "Another message comes before the greeting."
        ["GREETING-1"]
    NoPong "no-pong"
        "A ping is never answered."
        ["GREETING-2" "REFUSAL-3" "REPLAY-4" "LIVENESS-1"]
    NoPongWhileStreaming "no-pong-while-streaming"
        "A ping is not answered on a connection that watches a run."
        ["GREETING-2"]
    AuthNotNeeded "auth-not-needed"
        "A token is asked for, but everything works without one."
        ["AUTH-1" "AUTH-2" "AUTH-3" "AUTH-4"]
    AuthSilent "auth-silent"
        "Nothing tells a viewer without a token that one is needed."
        ["AUTH-1" "AUTH-3" "LIVENESS-1"]
    AuthPingOpen "auth-ping-open"
        "A ping is answered before any token has come."
        ["AUTH-1" "AUTH-2"]
    AuthAnyToken "auth-any-token"
        "A wrong token opens the connection like the right one."
        ["AUTH-2"]
    AuthMissingToken "auth-missing-token"
        "No token at all opens the connection like the right one."
        ["AUTH-2"]
    AuthErrorSilent "auth-error-silent"
        "A wrong token is met with silence."
        ["AUTH-2" "LIVENESS-1"]
    AuthReturnOpen "auth-return-open"
        "Whoever knows a run's id may return to it without a token."
        ["AUTH-1" "AUTH-3"]
    AuthSessionRemembered "auth-session-remembered"
        "Whoever knows the session of a run may return to it without a token."
        ["AUTH-3"]
    AuthHttpOnly "auth-http-only"
        "A token is asked for over HTTP, and none on the WebSocket."
        ["AUTH-4"]

    // Starting and watching.
    StartedMissing "started-missing"
        "The run begins in the middle of its first step: nothing says that it has started."
        ["START-1"]
    StartAtOne "start-at-one"
        "The events are counted from 1."
        ["START-1" "START-2" "START-7" "CATCHUP-5" "CATCHUP-7" "HISTORY-1" "HISTORY-2" "REPLAY-1" "CATCHUP-1"]
    LiveDrop "live-drop"
        "The last word never reaches the viewer who started the run."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2"]
    LiveDouble "live-double"
        "The viewer who started the run gets the last word twice."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2"]
    LiveSwap "live-swap"
        "The viewer who started the run gets two events in the wrong order."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2"]
    ThousandthLost "thousandth-lost"
        "Past a thousand events, one never reaches the viewer who started the run."
        ["START-2"]
    CountWrapsAtThousand "count-wraps-at-thousand"
        "After a thousand events the counting starts from 0 again."
        ["START-2" "CATCHUP-3" "HISTORY-1" "REPLAY-1" "POSITION-4" "IDENTITY-1" "IDENTITY-2"]
    MessageCutInTwo "message-cut-in-two"
        "The last word comes in two messages, cut in the middle."
        ["START-2" "START-7" "CATCHUP-5" "FLAPPING-2" "CONTENT-2"]
    LabelOfAnother "label-of-another"
        "The line that stands before the last word names another event than the event itself does."
        ["IDENTITY-1"]
    EndingTwice "ending-twice"
        "The run ends, and then ends once more."
        ["START-3"]
    EndingMissing "ending-missing"
        "The run is over, but nobody is told."
        ["START-3" "CATCHUP-5" "HISTORY-1" "HISTORY-2" "REPLAY-1"]
    EventAfterEnding "event-after-ending"
        "An event comes after the run's ending."
        ["START-3"]
    UnknownWorkflowStarts "unknown-workflow-starts"
        "A mistyped workflow starts another one."
        ["START-4"]
    UnknownWorkflowSilent "unknown-workflow-silent"
        "A mistyped workflow is met with silence."
        ["START-4" "LIVENESS-1"]
    NestedRunUnassigned "nested-run-unassigned"
        "The last word of a short run does not say which run it belongs to."
        ["START-2" "START-7" "START-5" "CATCHUP-5" "HISTORY-1" "REPLAY-1" "REPLAY-2" "CATCHUP-2" "CATCHUP-3" "FLAPPING-2"]
    LeavingStopsRun "leaving-stops-run"
        "The run is stopped when the viewer who started it leaves."
        ["START-6" "CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "CANCEL-2" "HTTP-1" "FLAPPING-2" "SEAM-3"]
    AbruptLeavingStopsRun "abrupt-leaving-stops-run"
        "The run is stopped when the viewer who started it vanishes without a closing handshake."
        ["START-6" "CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "CANCEL-2" "FLAPPING-2" "SEAM-3"]
    EarlyLeavingStopsRun "early-leaving-stops-run"
        "The run is stopped when the viewer who started it leaves before its third event."
        ["START-6" "CATCHUP-1" "HISTORY-1" "FLAPPING-2" "SEAM-3"]
    UnbegunRunStops "unbegun-run-stops"
        "The run is stopped when the viewer who started it leaves before its first event."
        ["SEAM-3" "HISTORY-1" "START-6"]
    UnwatchedPauses "unwatched-pauses"
        "The run stands still while nobody watches."
        ["VIEWERS-5"]
    RunsShareIndices "runs-share-indices"
        "Two runs that were started on one connection are counted as one."
        ["START-1" "START-2" "START-7" "REPLAY-1"]

    // Returning to a run under way, with a position.
    NoCatchUp "no-catch-up"
        "Missed events come without a word that they are old."
        ["CATCHUP-1" "RETENTION-2"]
    CatchUpAfterSubscribed "catch-up-after-subscribed"
        "The viewer is told of missed events only after being subscribed."
        ["CATCHUP-1" "CATCHUP-4"]
    CatchUpCount "catch-up-count"
        "One more missed event is announced than comes."
        ["CATCHUP-2"]
    CatchUpDrop "catch-up-drop"
        "One of the missed events never comes."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
    CatchUpDouble "catch-up-double"
        "One of the missed events comes twice."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2" "RETENTION-1"]
    CatchUpSwap "catch-up-swap"
        "Two of the missed events come in the wrong order."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
    CatchUpRelabel "catch-up-relabel"
        "One of the missed events comes under an index far from its own."
        ["CATCHUP-3" "CATCHUP-5" "POSITION-4" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2" "HISTORY-1" "CATCHUP-1"]
    ManyMissedLoseOne "many-missed-lose-one"
        "Of more than sixty-four missed events one never comes."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5"]
    ThousandMissedLoseOne "thousand-missed-lose-one"
        "Of more than a thousand missed events one never comes."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5"]
    MissedInOneMessage "missed-in-one-message"
        "Two of the missed events come in one message, one behind the other."
        ["CATCHUP-2" "CATCHUP-3" "CATCHUP-5" "CONTENT-2" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3"]
    CatchUpHangs "catch-up-hangs"
        "In the middle of many missed events nothing more comes, and the connection stays open."
        ["CATCHUP-2" "CATCHUP-4"]
    UnreadTakenForRead "unread-taken-for-read"
        "What was sent on a connection that broke is taken for seen, whatever position its viewer names."
        ["CATCHUP-1" "CATCHUP-3" "CATCHUP-5" "FLAPPING-2" "CATCHUP-7"]
    CutCatchUpTakenForRead "cut-catch-up-taken-for-read"
        "Missed events that were sent on a connection that broke do not come again."
        ["CATCHUP-1" "CATCHUP-5" "FLAPPING-2" "CATCHUP-7"]
    CutCatchUpForgotten "cut-catch-up-forgotten"
        "Where a connection breaks while missed events are still being sent, none of them comes again."
        ["CATCHUP-1" "CATCHUP-5" "CATCHUP-7"]
    CatchUpForNothing "catch-up-for-nothing"
        "A viewer who missed nothing is told of no missed events at all."
        ["CATCHUP-6"]
    CatchUpStatus "catch-up-status"
        "A run under way is announced as completed."
        ["CATCHUP-7"]
    PositionIgnored "position-ignored"
        "All the events come again, however many the viewer has seen."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
    PositionOffByOne "position-off-by-one"
        "The last event that the viewer saw comes again."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
    SubscribedMissing "subscribed-missing"
        "Nothing tells where the missed events end and the live ones begin."
        ["CATCHUP-4"]
    SubscribedEarly "subscribed-early"
        "The viewer is told that they are up to date before the missed events come."
        ["CATCHUP-2" "CATCHUP-4"]
    SubscribedTwice "subscribed-twice"
        "The viewer is told twice that they are up to date."
        ["CATCHUP-4"]
    SubscribedCount "subscribed-count"
        "The number of events so far is told wrong."
        ["CATCHUP-7"]
    LiveGapAfterSubscribed "live-gap-after-subscribed"
        "The first event after the return is lost."
        ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "SEAM-1" "SEAM-2" "SEAM-3" "FLAPPING-1" "FLAPPING-2" "VIEWERS-1" "VIEWERS-3"]
    LiveRepeatAfterSubscribed "live-repeat-after-subscribed"
        "The last missed event comes again as a live one."
        ["CATCHUP-5" "SEAM-1" "FLAPPING-1" "VIEWERS-3" "FLAPPING-2"]
    LongCatchUpLosesLive "long-catch-up-loses-live"
        "What happens while very many missed events are being sent is lost."
        ["CATCHUP-5" "SEAM-1" "VIEWERS-1"]
    SlowCatchUpLosesLive "slow-catch-up-loses-live"
        "Where a viewer takes long to read what was missed, an event is lost that happens meanwhile."
        ["SEAM-1" "HISTORY-1"]
    SlowCatchUpDoublesLive "slow-catch-up-doubles-live"
        "Where a viewer takes long to read what was missed, an event comes twice that happens meanwhile."
        ["SEAM-1" "HISTORY-1"]
    LiveEndingLostAfterReturn "live-ending-lost-after-return"
        "A viewer who returned is never told that the run has completed."
        ["CATCHUP-5" "HISTORY-1" "HISTORY-2" "SEAM-2"]
    LaterVisitsSkip "later-visits-skip"
        "After several returns to a run, each further one loses an event."
        ["FLAPPING-1" "CATCHUP-3" "CATCHUP-5" "VIEWERS-3"]
    TenthReturnSkips "tenth-return-skips"
        "Every tenth return to a run loses an event."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "VIEWERS-3"]
    ThirdReturnRefused "third-return-refused"
        "The third return to a run is turned away; all others are not."
        ["CATCHUP-1" "FLAPPING-1" "VIEWERS-3" "HISTORY-1"]
    ResetLosesEvent "reset-loses-event"
        "After a connection was reset, the next return to the run loses an event."
        ["CATCHUP-3" "CATCHUP-5" "FLAPPING-1" "FLAPPING-2" "VIEWERS-3" "CONTENT-3"]
    VanishedBlocksReturn "vanished-blocks-return"
        "A viewer is turned away for as long as the server believes in their old connection."
        ["CATCHUP-1" "FLAPPING-2" "START-6"]
    SilenceOnReturn "silence-on-return"
        "A viewer who returns to a run under way gets no answer at all."
        ["CATCHUP-1" "CATCHUP-6" "HISTORY-1" "HISTORY-2" "HTTP-1" "FLAPPING-2" "VIEWERS-3" "POSITION-1" "POSITION-2" "POSITION-3" "LIVENESS-1" "SEAM-3"]
    ReturnBeforeFirstRefused "return-before-first-refused"
        "A viewer who returns before the first event is turned away."
        ["SEAM-3" "HISTORY-1" "START-6"]

    // Returning to a run under way, without a position.
    HistoryFromOne "history-from-one"
        "The history begins with the second event."
        ["HISTORY-1" "CATCHUP-5" "VIEWERS-3" "FLAPPING-1"]
    UnseenBeginningLost "unseen-beginning-lost"
        "Where nobody watched when the run began, the history begins with the second event."
        ["HISTORY-1"]
    HistoryAbsentRefused "history-absent-refused"
        "A viewer who does not name a position is turned away."
        ["HISTORY-2"]
    HistoryNullLiveOnly "history-null-live-only"
        "A viewer without a position gets no history, only what is still to come."
        ["HISTORY-1" "FLAPPING-1" "VIEWERS-3" "RETENTION-2"]

    // Returning to a finished run.
    ReplayHeedsPosition "replay-heeds-position"
        "The replay begins after the viewer's position."
        ["REPLAY-1" "REPLAY-5"]
    ReplayMissingAnnouncement "replay-missing-announcement"
        "Old events come without a word that the run has finished."
        ["REPLAY-1" "FAILING-2" "CANCEL-2" "FLAPPING-2" "RETENTION-2" "RETENTION-3" "RESTART-1"]
    ReplayTotal "replay-total"
        "One more event is announced than is replayed."
        ["REPLAY-2"]
    ReplayDrop "replay-drop"
        "One event is left out of the replay."
        ["REPLAY-1" "REPLAY-2" "CONTENT-3" "RETENTION-3" "RESTART-1"]
    ReplaySwap "replay-swap"
        "Two events are replayed in the wrong order."
        ["REPLAY-1" "RETENTION-3" "RESTART-1"]
    ReplayHangs "replay-hangs"
        "In the middle of a long replay nothing more comes, and the connection stays open."
        ["REPLAY-1" "REPLAY-2" "SEAM-2" "RESTART-1"]
    UnreadEndingLost "unread-ending-lost"
        "Where the connection broke as the run ended, its ending is left out of the replay."
        ["START-3" "REPLAY-1"]
    ReplayStatus "replay-status"
        "A completed run is replayed as failed, and a failed one as completed."
        ["REPLAY-3" "FAILING-2"]
    ReplaySubscribed "replay-subscribed"
        "After a replay the viewer is told that live events follow."
        ["REPLAY-4"]
    ReplayCloses "replay-closes"
        "The connection is closed after a replay."
        ["REPLAY-4"]
    ReplayDiffersSecondTime "replay-differs-second-time"
        "The second replay tells another story than the first."
        ["REPLAY-5" "IDENTITY-1" "IDENTITY-2" "REPLICA-2"]

    // Failing runs.
    FailingSilent "failing-silent"
        "A run fails, and nobody is told."
        ["START-3" "REPLAY-1" "FAILING-1"]
    FailingNotToReturned "failing-not-to-returned"
        "Only the viewer who stayed is told that the run failed."
        ["HISTORY-1" "FAILING-1"]
    FailingShownRunning "failing-shown-running"
        "A failed run is shown as one that is under way."
        ["REPLAY-1" "FAILING-2"]

    // Cancelled runs.
    CancelIgnored "cancel-ignored"
        "A cancel is answered as done, and the run goes on to its end as if nobody had asked."
        ["CANCEL-1" "CANCEL-2"]
    CancelSilent "cancel-silent"
        "A cancelled run stands still for good, and nobody is told."
        ["CANCEL-1" "CANCEL-2"]
    CancelledAsCompleted "cancelled-as-completed"
        "A cancelled run says that it has completed, and nothing else."
        ["CANCEL-1" "CANCEL-2"]
    CancelledGoesOn "cancelled-goes-on"
        "A run says that it was cancelled, and goes on all the same."
        ["CANCEL-1" "CANCEL-2"]
    EventAfterCancelled "event-after-cancelled"
        "An event comes after the end of a cancelled run."
        ["CANCEL-1" "CANCEL-2"]
    CancelledNotToReturned "cancelled-not-to-returned"
        "Only the viewer who stayed is told that the run was cancelled."
        ["HISTORY-1" "CANCEL-1"]
    CancelledReplayedCompleted "cancelled-replayed-completed"
        "A cancelled run is replayed as completed."
        ["REPLAY-3" "CANCEL-2"]
    CancelledShownRunning "cancelled-shown-running"
        "A cancelled run is shown as one that is under way, for ever."
        ["CANCEL-2"]

    // Runs that wait for a person.
    PauseNotTold "pause-not-told"
        "Who returns to a paused run is shown everything but that it waits for a person."
        ["PAUSE-1"]
    ContinueIgnored "continue-ignored"
        "A person says yes, and the paused run stands still."
        ["PAUSE-1" "LIVENESS-1" "RESTART-2"]
    ContinueRefused "continue-refused"
        "A paused run is refused to go on, as if it were not paused."
        ["PAUSE-1" "RESTART-2"]
    ContinueFromZero "continue-from-zero"
        "After the pause the events are counted from 0 again."
        ["REPLAY-1" "PAUSE-2" "IDENTITY-1" "IDENTITY-2" "RESTART-2"]
    ContinueSkips "continue-skips"
        "After the pause one index is left out."
        ["REPLAY-1" "PAUSE-2" "RESTART-2"]
    ContinueRepeats "continue-repeats"
        "The first event after the pause has the index of the pause."
        ["REPLAY-1" "PAUSE-2" "IDENTITY-1" "IDENTITY-2" "RESTART-2"]
    ContinueDoubles "continue-doubles"
        "Who lets a paused run go on gets every event twice."
        ["PAUSE-2"]

    // Runs that were started over HTTP.
    HttpRunUnknown "http-run-unknown"
        "A run that was started over HTTP is unknown on the WebSocket."
        ["HTTP-1"]
    HttpRunNotLive "http-run-not-live"
        "A run that was started over HTTP is caught up on the WebSocket, and never goes on there."
        ["HTTP-1"]

    // The same event in every delivery, and its content.
    IdentityContent "identity-content"
        "A missed event comes with another content than it had."
        ["IDENTITY-1" "IDENTITY-2" "FLAPPING-1"]
    IdentityReplayContent "identity-replay-content"
        "An event is replayed with another content than it had."
        ["IDENTITY-1" "IDENTITY-2" "FLAPPING-1" "RETENTION-3" "RESTART-1"]
    IdentityEventIds "identity-event-ids"
        "A missed event comes with another session than it had."
        ["IDENTITY-1" "IDENTITY-2" "FLAPPING-1"]
    IdentityTimestamp "identity-timestamp"
        "A missed event comes with another time than it had."
        ["IDENTITY-2"]
    ContentNan "content-nan"
        "One event holds a NaN, which browsers cannot read."
        ["CONTENT-2"]
    ContentSurrogate "content-surrogate"
        "One event holds half a character."
        ["CONTENT-2"]
    ContentMarked "content-marked"
        "A byte order mark stands before one event, which browsers cannot read."
        ["CONTENT-2"]
    ContentNewlines "content-newlines"
        "Line breaks in the content become spaces."
        ["CONTENT-1"]
    ContentOnlyOnce "content-only-once"
        "An event with a line break in its content is never delivered a second time."
        ["CATCHUP-3" "REPLAY-1" "CONTENT-3"]

    // Several viewers.
    ViewersDisplaced "viewers-displaced"
        "Past the twelfth event, who returns silently takes the place of who returned before."
        ["VIEWERS-1"]
    TwoViewersLose "two-viewers-lose"
        "Where just two have returned to a run, the first of them never gets the last word."
        ["VIEWERS-1" "CATCHUP-5" "HISTORY-1"]
    CrowdSkips "crowd-skips"
        "Where several viewers have returned to a run, each further one loses an event."
        ["CATCHUP-3" "CATCHUP-5" "VIEWERS-3" "FLAPPING-1"]
    ViewersMixed "viewers-mixed"
        "The last word of a run is also sent to the viewers of other runs."
        ["START-2" "START-7" "START-5" "VIEWERS-2"]
    StarterSilenced "starter-silenced"
        "The viewer who started the run gets nothing more once somebody has returned to it."
        ["START-3" "LIVENESS-1" "FAILING-1" "CANCEL-1" "VIEWERS-6"]
    StarterLosesOne "starter-loses-one"
        "The viewer who started the run loses an event in the middle of it when somebody returns."
        ["START-2" "VIEWERS-6" "CATCHUP-5"]
    SlowViewerStopsRun "slow-viewer-stops-run"
        "The run stands still until the slowest viewer has read what was sent."
        ["VIEWERS-4"]
    SlowViewerStarvesOthers "slow-viewer-starves-others"
        "The run goes on, but nobody hears of it until the slowest viewer has read what was sent."
        ["VIEWERS-4"]
    ReturningTwiceDoubles "returning-twice-doubles"
        "Who returns twice on one connection gets every event twice."
        ["VIEWERS-7"]
    OtherSessionShown "other-session-shown"
        "A run is shown to a viewer who names another session."
        ["OWNER-1"]
    OtherUserShown "other-user-shown"
        "A run is shown to another user, though users are kept apart."
        ["OWNER-2"]
    OtherUserTold "other-user-told"
        "Another user is told whether a run exists, though users are kept apart."
        ["OWNER-2"]

    // Positions that no viewer can have.
    PositionBeyondAccepted "position-beyond-accepted"
        "A position that no event has yet is taken as the present."
        ["POSITION-1"]
    PositionBeyondSilences "position-beyond-silences"
        "A position that no event has yet silences the run for good."
        ["POSITION-1" "POSITION-3"]
    PositionOddAccepted "position-odd-accepted"
        "A position that is no number is taken for none."
        ["POSITION-2"]
    PositionOddTold "position-odd-told"
        "A position that is no number is refused with the server's own stack trace."
        ["POSITION-2"]
    PositionNegative "position-negative"
        "A negative position delivers events under negative indices."
        ["POSITION-2" "POSITION-4"]
    PositionEndingRefused "position-ending-refused"
        "A viewer who has seen the ending is turned away."
        ["REPLAY-1" "FAILING-2" "POSITION-5"]

    // What is no longer kept, or no longer in the memory.
    DroppedRenumbered "dropped-renumbered"
        "Where the beginning of a run was dropped, what is left is counted as if it had not been."
        ["IDENTITY-1" "IDENTITY-2" "RETENTION-1"]
    DroppedIndexRepeated "dropped-index-repeated"
        "Where the beginning of a run was dropped, the first event that is left comes twice."
        ["RETENTION-1"]
    FullIndexStuck "full-index-stuck"
        "Once the server drops events of a run, every further one has the same index."
        ["START-2" "IDENTITY-1" "IDENTITY-2" "RETENTION-1"]
    DroppedSilently "dropped-silently"
        "Nothing tells a viewer that events that they missed are no longer kept."
        ["RETENTION-2"]
    ForgottenUnknown "forgotten-unknown"
        "A finished run that was dropped from the memory is unknown."
        ["RETENTION-3"]
    ForgottenChanged "forgotten-changed"
        "A finished run that was dropped from the memory is replayed with another content."
        ["IDENTITY-1" "IDENTITY-2" "RETENTION-3"]
    RestartLosesRuns "restart-loses-runs"
        "After a restart the runs that had finished are unknown."
        ["RESTART-1"]
    RestartShortensReplay "restart-shortens-replay"
        "After a restart one event is left out of the replay."
        ["RESTART-1"]
    RestartChangesReplay "restart-changes-replay"
        "After a restart a run is replayed with another content."
        ["IDENTITY-1" "IDENTITY-2" "RESTART-1"]
    RestartCountsAnew "restart-counts-anew"
        "A paused run that is continued after a restart is counted from 0 again."
        ["IDENTITY-1" "IDENTITY-2" "RESTART-2"]
    RestartForgetsPause "restart-forgets-pause"
        "After a restart a paused run cannot be continued."
        ["RESTART-2"]

    // Two replicas of one server.
    ReplicaKnowsOwnRuns "replica-knows-own-runs"
        "The other replica knows only the runs that were started there."
        ["REPLICA-1" "REPLICA-2"]
    ReplicaNotLive "replica-not-live"
        "The other replica tells a viewer what was missed, and nothing more."
        ["REPLICA-1"]
    ReplicaReplaysUnderWay "replica-replays-under-way"
        "The other replica replays a run under way as if nothing more could come."
        ["REPLICA-1"]
    ReplicaLosesMissed "replica-loses-missed"
        "The other replica leaves out one of the missed events."
        ["REPLICA-1"]
    ReplicaRepeatsAtSeam "replica-repeats-at-seam"
        "At the other replica the last missed event comes again as a live one."
        ["REPLICA-1"]
    ReplicaShowsRunning "replica-shows-running"
        "The other replica shows a finished run as one that is under way."
        ["REPLICA-2"]
    ReplicaShortensReplay "replica-shortens-replay"
        "The other replica leaves one event out of the replay."
        ["REPLICA-2"]
    ReplicaReplayTotal "replica-replay-total"
        "The other replica announces one more event than it replays."
        ["REPLICA-2"]
    ReplicaChangesReplay "replica-changes-replay"
        "The other replica replays a run with another content."
        ["IDENTITY-1" "IDENTITY-2" "REPLICA-2"]

    // Refusals, broken messages, closing.
    UnknownRunSilent "unknown-run-silent"
        "Returning to a run that does not exist is met with silence."
        ["REFUSAL-1" "LIVENESS-1"]
    UnknownRunSubscribed "unknown-run-subscribed"
        "A viewer is subscribed to a run that does not exist."
        ["REFUSAL-1" "OWNER-1"]
    NoRunIdSilent "no-run-id-silent"
        "Returning without naming a run is met with silence."
        ["REFUSAL-2" "LIVENESS-1"]
    DeafAfterRefusal "deaf-after-refusal"
        "After a refusal nothing on the connection is answered any more."
        ["GREETING-2" "REFUSAL-3" "LIVENESS-1"]
    MalformedSilent "malformed-silent"
        "What cannot be read is met with silence."
        ["MALFORMED-1"]
    MalformedCutsOff "malformed-cuts-off"
        "Whoever sends what cannot be read is cut off without a close frame."
        ["MALFORMED-1"]
    MalformedStopsRuns "malformed-stops-runs"
        "One message that cannot be read stops the runs of everybody."
        ["HISTORY-1" "MALFORMED-1" "MALFORMED-2"]
    NoCloseHandshake "no-close-handshake"
        "A viewer who says goodbye is cut off without an answer."
        ["CLOSE-1"]
}
