//! The table of defects: mistakes that front ends make, each with its name, what the viewer then does, and which
//! requirements of a client it must break.

use std::str::FromStr;

/// One row for each defect: its name in code and on the command line, what it does, `[what it breaks]`.
macro_rules! defects {
    ($($variant:ident $name:literal $sentence:literal [$($id:literal)+])+) => {
        /// One named mistake that the viewer makes on purpose.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Defect {
            $(#[doc = $sentence] $variant,)+
        }

        impl Defect {
            /// Every defect, in the order of the requirements that they are there for.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name on the command line, in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What the viewer does, in one sentence.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }

            /// The ids of the requirements of a client that it must break.
            #[must_use]
            pub fn breaks(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($id,)+],)+ }
            }
        }
    };
}

defects! {
    // Understanding what comes.
    PlainJson "plain-json"
        "It takes the run's id from events that are wrapped as server-sent ones, and neither shows nor counts them."
        ["CLIENT-LISTEN-1" "CLIENT-LISTEN-3" "CLIENT-LISTEN-4" "CLIENT-RETURN-5" "CLIENT-POSITION-2"]
    CountsMessages "counts-messages"
        "Its position is the number of messages that came for the run, control messages included."
        ["CLIENT-LISTEN-2" "CLIENT-POSITION-1" "CLIENT-POSITION-2" "CLIENT-POSITION-4"]
    SkipsUnknown "skips-unknown"
        "It passes over events of an unknown name, and does not count them."
        ["CLIENT-LISTEN-3" "CLIENT-POSITION-2"]
    DiesOfUnreadable "dies-of-unreadable"
        "The first message that it cannot read ends it."
        ["CLIENT-LISTEN-4"]
    // Coming back.
    NeverReturns "never-returns"
        "It takes a connection that breaks off for its own end, and does not come back."
        ["CLIENT-RETURN-1" "CLIENT-RETURN-3" "CLIENT-BACKOFF-3"]
    CleanIsEnd "clean-is-end"
        "It takes a closing handshake before the ending for the end of the run."
        ["CLIENT-RETURN-2"]
    NoHeartbeat "no-heartbeat"
        "It sends no pings, and so does not notice a dead line."
        ["CLIENT-RETURN-3"]
    RestartsRun "restarts-run"
        "On every connection it starts the workflow again, before it returns to its run."
        ["CLIENT-RETURN-4"]
    ReturnsAfterEnd "returns-after-end"
        "It stays connected after the ending, and comes back when that connection ends."
        ["CLIENT-RETURN-5"]
    KeepsConnections "keeps-connections"
        "It leaves a dead line as it is, and opens another connection beside it."
        ["CLIENT-RETURN-6"]
    // What it returns to.
    AgentRunId "agent-run-id"
        "It returns to the run that the latest event's `run_id` names, which may be an agent's."
        ["CLIENT-NAME-1" "CLIENT-SHOWN-3"]
    NamesRunOnly "names-run-only"
        "It names neither workflow nor session when it returns."
        ["CLIENT-NAME-2"]
    PositionAhead "position-ahead"
        "It names the next index as its position, which no event has had yet."
        ["CLIENT-LISTEN-2" "CLIENT-LISTEN-3" "CLIENT-POSITION-1" "CLIENT-POSITION-2"]
    PositionBehind "position-behind"
        "It names the index before its position."
        ["CLIENT-LISTEN-3" "CLIENT-POSITION-2" "CLIENT-POSITION-4"]
    StalePosition "stale-position"
        "It names the position of its first return for ever."
        ["CLIENT-LISTEN-1" "CLIENT-POSITION-2" "CLIENT-POSITION-3" "CLIENT-POSITION-4"]
    CommitsLate "commits-late"
        "It counts missed events only once `subscribed` has come."
        ["CLIENT-LISTEN-1" "CLIENT-POSITION-2" "CLIENT-POSITION-3" "CLIENT-POSITION-4"]
    PositionAsText "position-as-text"
        "It names its position as a text."
        ["CLIENT-LISTEN-1" "CLIENT-LISTEN-3" "CLIENT-LISTEN-4" "CLIENT-POSITION-2" "CLIENT-POSITION-5"
         "CLIENT-SHOWN-3"]
    // The token.
    NoReauth "no-reauth"
        "It shows the token on its first connection only."
        ["CLIENT-AUTH-1" "CLIENT-ANSWER-1"]
    TokenAgain "token-again"
        "It shows a refused token again, on the next connection, and so on."
        ["CLIENT-AUTH-2"]
    TokenInUrl "token-in-url"
        "It puts the token into the address, too."
        ["CLIENT-AUTH-3"]
    // When the server cannot be reached.
    Storms "storms"
        "It tries again at once, without a pause."
        ["CLIENT-BACKOFF-1" "CLIENT-BACKOFF-2"]
    SteadyPauses "steady-pauses"
        "The pauses between its tries do not grow."
        ["CLIENT-BACKOFF-2"]
    GivesUp "gives-up"
        "It gives up after two tries without success."
        ["CLIENT-BACKOFF-3"]
    // What it is answered.
    IgnoresError "ignores-error"
        "It neither shows an `error` nor stops for it, and asks again."
        ["CLIENT-ANSWER-1"]
    WaitsForEver "waits-for-ever"
        "It waits for an answer to its return without a limit."
        ["CLIENT-ANSWER-2"]
    IgnoresGaps "ignores-gaps"
        "It goes on after a gap as if nothing was missing."
        ["CLIENT-ANSWER-3"]
    // How a run ends.
    BlindToFailure "blind-to-failure"
        "It does not know `WorkflowError` as an ending, nor `ERROR` as an outcome."
        ["CLIENT-ENDING-1"]
    ReplayIsLive "replay-is-live"
        "It takes a replay for a run under way, and waits for more."
        ["CLIENT-ENDING-2"]
    CompletedWins "completed-wins"
        "It shows a cancelled run as completed, because `WorkflowCompleted` follows, or always has."
        ["CLIENT-ENDING-3"]
    BlindToPause "blind-to-pause"
        "It shows a paused run as live."
        ["CLIENT-ENDING-4"]
    PauseIsEnd "pause-is-end"
        "It takes a pause for the end of the run."
        ["CLIENT-ENDING-4"]
    // What it shows.
    NoDedup "no-dedup"
        "It shows every event that comes, also one that it has shown."
        ["CLIENT-SHOWN-1"]
    AsTheyCome "as-they-come"
        "It shows events in the order in which they come, and asks for none again."
        ["CLIENT-ANSWER-3" "CLIENT-SHOWN-2"]
    DropsMissed "drops-missed"
        "It counts missed events, and does not show them."
        ["CLIENT-SHOWN-3"]
    AllRuns "all-runs"
        "It shows every event of the connection as one of its run, and counts those of its run."
        ["CLIENT-SHOWN-4"]
    LiveWhileAway "live-while-away"
        "It says that the run is live while it is away."
        ["CLIENT-SHOWN-5"]
}

/// The file of the table.
pub const TABLE: &str = file!();

/// There is no defect of this name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no defect is named `{0}`")]
pub struct UnknownDefect(String);

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        let found = Self::ALL.iter().find(|it| it.name() == name);
        found.copied().ok_or_else(|| UnknownDefect(name.to_owned()))
    }
}

/// The defects of one viewer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Defects(Vec<Defect>);

impl Defects {
    /// Whether the viewer has this one.
    #[must_use]
    pub fn has(&self, defect: Defect) -> bool {
        self.0.contains(&defect)
    }
}

impl From<Vec<Defect>> for Defects {
    fn from(all: Vec<Defect>) -> Self {
        Self(all)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// How many requirements of a client each family has.
    const FAMILIES: &[(&str, usize)] = &[
        ("LISTEN", 4),
        ("RETURN", 6),
        ("NAME", 2),
        ("POSITION", 5),
        ("AUTH", 3),
        ("BACKOFF", 3),
        ("ANSWER", 3),
        ("ENDING", 4),
        ("SHOWN", 5),
    ];

    #[test]
    fn every_requirement_of_a_client_fails_with_a_defect() {
        let all = FAMILIES.iter().flat_map(|(family, count)| {
            (1..=*count).map(move |number| format!("CLIENT-{family}-{number}"))
        });
        let all: BTreeSet<String> = all.collect();
        assert_eq!(all.len(), 35);
        let failing = Defect::ALL.iter().flat_map(|it| it.breaks());
        let failing: BTreeSet<String> = failing.map(|id| (*id).to_owned()).collect();
        assert_eq!(failing, all);
    }

    #[test]
    fn every_defect_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Defect::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), Defect::ALL.len());
        for defect in Defect::ALL {
            assert_eq!(defect.name().parse(), Ok(*defect));
            let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(defect.name().chars().all(kebab), "{}", defect.name());
            assert!(defect.sentence().ends_with('.'), "{}", defect.name());
            let ids: BTreeSet<&&str> = defect.breaks().iter().collect();
            assert_eq!(ids.len(), defect.breaks().len(), "{}", defect.name());
        }
        assert_eq!(
            "plain-jsom".parse::<Defect>().map_err(|it| it.to_string()),
            Err("no defect is named `plain-jsom`".to_owned())
        );
    }
}
