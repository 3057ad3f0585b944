//! Options of `explore`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::suite::positive;
use super::{ClientLimits, ComponentKind, KnownArgs, LookArgs, Over, ServerArgs, WireArgs};
use crate::plan::{Plan, Size, Timing};

/// How many trials there are where no number is given: on the bundled server, and on any other.
pub const TRIALS: (u64, u64) = (500, 25);

/// How often a stored plan is played where no number is given.
pub const REPLAYS: u64 = 20;

/// Options of `explore`.
#[derive(Args, Debug)]
#[command(after_help = EXPLORE)]
pub struct ExploreArgs {
    /// A released AgentOS to install, start and explore
    #[arg(value_names = ["agentos", "RELEASE"], num_args = 2, conflicts_with_all = ["url", "target", "faults"])]
    pub agentos: Vec<String>,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Switch on this fault of the bundled server (repeatable); `list faults` shows all
    #[arg(long = "fault", value_name = "NAME", conflicts_with_all = ["url", "target"], help_heading = "Target")]
    pub faults: Vec<String>,
    /// How viewers speak with the server: over its WebSocket, over HTTP, or each of them over either, as the plan draws it;
    /// both after a comma [default: both where the bundled server, the release or the target file offers both]
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_OVER",
        value_name = "WIRE",
        value_delimiter = ',',
        help_heading = "Target"
    )]
    pub over: Vec<Over>,
    /// What viewers run: workflows, agents or teams, the latter two over HTTP alone [default: workflow]
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_COMPONENT",
        value_name = "KIND",
        help_heading = "Target"
    )]
    pub component: Option<ComponentKind>,
    /// With agentos: where virtual environments and logs are kept [default: reconnect-acceptance in the
    /// user's cache folder]
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_AGENTOS_DIR",
        value_name = "DIR",
        help_heading = "Target"
    )]
    pub agentos_dir: Option<PathBuf>,
    /// With agentos: how long the server may take until it is ready
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "90s", help_heading = "Timing")]
    pub ready_within: Duration,

    /// Draw the plans from this number [default: another one every time, which is printed]
    #[arg(long, value_name = "N", help_heading = "Plans")]
    pub seed: Option<u64>,
    /// How many plans are played [default: 500 on the bundled server, else 25; with --replay 20 times the
    /// same one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "time", help_heading = "Plans")]
    pub trials: Option<u64>,
    /// Play plans for so long, however many that are
    #[arg(long = "for", id = "time", value_name = "DURATION", value_parser = positive, help_heading = "Plans")]
    pub time: Option<Duration>,
    /// How many connections are open at once at the most, those of the suite included
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=8), default_value = "4", help_heading = "Plans")]
    pub viewers: u16,
    /// Play this stored plan again (a .json file from `explored/` of a report folder), over the wires that it names
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "time"], help_heading = "Plans")]
    pub replay: Option<PathBuf>,
    /// Keep the plans in which something failed as they were drawn, instead of looking for shorter ones
    #[arg(long, help_heading = "Plans")]
    pub no_shrink: bool,

    /// How long a run goes on while nobody watches it, on a server without breakpoints
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "500ms", help_heading = "Timing")]
    pub away: Duration,
    /// How long nothing may arrive before the suite concludes that nothing more will [default: 20ms on the
    /// bundled server, else 500ms]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, help_heading = "Timing")]
    pub silence: Option<Duration>,
    /// How long a waiting viewer goes without a message before it times out [default: 2s on the bundled
    /// server, else 10s]
    #[arg(long, value_name = "DURATION", value_parser = positive, help_heading = "Timing")]
    pub step_timeout: Option<Duration>,
    /// How long one trial may take
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "2m", help_heading = "Timing")]
    pub trial_timeout: Duration,
    /// How many trials are played at once, each on a bundled server of its own [default: 8]; on any other
    /// server one after the other
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64), default_value = "8", help_heading = "Timing")]
    pub concurrency: u16,

    /// Treat SHOULD like MUST
    #[arg(long, help_heading = "Judging")]
    pub strict: bool,
    /// End at the first failed requirement
    #[arg(long, help_heading = "Judging")]
    pub fail_fast: bool,
    /// With agentos: use the list of known failures of AgentOS releases that comes with the suite
    #[arg(long, conflicts_with = "known_failures", help_heading = "Judging")]
    pub bundled_known_failures: bool,
    #[command(flatten)]
    pub known: KnownArgs,
    /// Write every report and transcript into this folder, and the plans in which something failed into
    /// its folder explored/
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub report_dir: Option<PathBuf>,
    #[command(flatten)]
    pub look: LookArgs,
    #[command(flatten)]
    pub limits: ClientLimits,
    /// A client to explore instead of a server: its command after `--`, as `client` takes it
    #[arg(last = true, value_name = "CMD", conflicts_with_all = ["agentos", "url", "target", "faults", "bundled_known_failures"])]
    pub program: Vec<OsString>,
}

const EXPLORE: &str = "\
Each plan starts runs, watches them, disconnects, returns, asks, cancels and restarts at random
moments, within what the target can do. Then every run comes to its end and is replayed, and all
checks judge what was recorded. Where the server offers both wires, some plans say of some viewers
that they speak over HTTP; what HTTP has no request for, they leave out. A plan in which something fails is played again, shortened, and
shown as a scenario that can be pasted into a feature file.

It is polite: on a server by URL, one plan is played at a time, with at most --viewers connections
and three runs. In memory are the transcripts of the plans under way, of at most 24 plans in which
something failed, and one for each requirement that passed. The exit codes are those of `run`; only
requirements that a plan has judged are in the reports.

With a command after -- the plans are schedules of disturbances for that client: its connection is cut in
every way, with events missed and events watched in between, its tries are turned away, its returns
answered in other ways. It is started once for each plan, and judged by the requirements for clients:
  reconnect-acceptance explore --seed 1 -- python3 viewer.py {url}";

impl ExploreArgs {
    /// How viewers speak, in the options of `run`.
    #[must_use]
    pub fn wire(&self) -> WireArgs {
        WireArgs {
            over: self.over.clone(),
            component: self.component.into_iter().collect(),
        }
    }

    /// The limits that these options describe, on the bundled server or another one.
    #[must_use]
    pub fn plan(&self, bundled: bool) -> Plan {
        let usual = |bundled_ms, other_ms| {
            Duration::from_millis(if bundled { bundled_ms } else { other_ms })
        };
        Plan {
            timing: Timing {
                away: self.away,
                quiet: self.silence.unwrap_or(usual(20, 500)),
                step: self.step_timeout.unwrap_or(usual(2_000, 10_000)),
                scenario: self.trial_timeout,
                ..Timing::default()
            },
            size: Size {
                viewers: usize::from(self.viewers),
                ..Size::default()
            },
            strict: self.strict,
            fail_fast: self.fail_fast,
            ..Plan::default()
        }
    }
}
