//! Options of the sub-commands that read stored runs.

use std::path::PathBuf;

use clap::Args;

use super::{KnownArgs, LookArgs};

/// Options of `judge`.
#[derive(Args, Debug)]
#[command(after_help = JUDGE)]
pub struct JudgeArgs {
    /// The report folder of the run (its `--report-dir`)
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    #[command(flatten)]
    pub known: KnownArgs,
    /// Write every report and transcript into this folder, which must not be that of the stored run
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub report_dir: Option<PathBuf>,
    #[command(flatten)]
    pub look: LookArgs,
}

const JUDGE: &str = "\
The verdicts come from the transcripts and the checks of this release of the suite. --strict and
the list of known failures are those of the run, unless you name another list. What changed since
is printed at the end. The exit code is that of the verdict, as after `run`.";

/// Options of `merge`.
#[derive(Args, Debug)]
#[command(after_help = MERGE)]
pub struct MergeArgs {
    /// The report folders of the shards
    #[arg(value_name = "DIR", required = true)]
    pub dirs: Vec<PathBuf>,
    #[command(flatten)]
    pub known: KnownArgs,
    /// Write every report and transcript into this folder, which must not be that of a shard
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub report_dir: Option<PathBuf>,
    #[command(flatten)]
    pub look: LookArgs,
}

const MERGE: &str = "\
Every scenario is judged again from its transcript with the checks of this release of the suite.
--strict and the list of known failures are those of the shards, unless you name another list. If
a shard is missing, its scenarios are inconclusive; they never count as passed. The exit code is
that of the merged run, as after `run`. It is 2, and nothing is written, if these are not shards
of one run.";

/// Options of `diff`.
#[derive(Args, Debug)]
#[command(after_help = DIFF)]
pub struct DiffArgs {
    /// The report folder of the older run
    #[arg(value_name = "OLDER")]
    pub older: PathBuf,
    /// The report folder of the newer run
    #[arg(value_name = "NEWER")]
    pub newer: PathBuf,
}

const DIFF: &str = "\
Exit codes:
  0  no regression
  1  a requirement that counts has regressed
  2  a folder cannot be read";
