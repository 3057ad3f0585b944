//! How results are printed.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::report::render::terminal::{Format, Look};

/// How results are printed.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Output")]
pub struct LookArgs {
    /// What to print
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: FormatArg,
    /// Print every scenario and requirement, and every failure in full (the same as --format verbose)
    #[arg(short, long, conflicts_with = "format")]
    pub verbose: bool,
    /// Print only what failed, and the verdict (the same as --format quiet); with a duration it is the older
    /// name of --silence
    #[arg(short, long, conflicts_with = "format", num_args = 0..=1, require_equals = true, default_missing_value = BRIEF, value_parser = quiet, value_name = "DURATION")]
    pub quiet: Option<Quiet>,
    /// When to use colors; NO_COLOR is respected
    #[arg(long, value_enum, default_value = "auto")]
    pub color: ColorArg,
}

/// What `--quiet` means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quiet {
    /// Only what failed, and the verdict.
    Brief,
    /// `--quiet=500ms`, the older name of `--silence 500ms`.
    Silence(Duration),
}

/// The value of `--quiet` where it has none.
const BRIEF: &str = "brief";

fn quiet(text: &str) -> Result<Quiet, humantime::DurationError> {
    match text {
        BRIEF => Ok(Quiet::Brief),
        text => humantime::parse_duration(text).map(Quiet::Silence),
    }
}

/// What to print.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatArg {
    /// One line per feature, each cause of failures with its evidence, and the verdict.
    Terminal,
    /// One line per scenario and requirement, and every finding with its evidence.
    Verbose,
    /// Every feature, rule, scenario and step.
    Pretty,
    /// Only what failed, and the verdict.
    Quiet,
    /// `report.json` and nothing else.
    Json,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ColorArg {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<ColorArg> for anstream::ColorChoice {
    fn from(arg: ColorArg) -> Self {
        match arg {
            ColorArg::Auto => Self::Auto,
            ColorArg::Always => Self::Always,
            ColorArg::Never => Self::Never,
        }
    }
}

impl From<LookArgs> for Look {
    fn from(args: LookArgs) -> Self {
        Self {
            format: match args.format {
                _ if args.verbose => Format::Verbose,
                _ if args.quiet == Some(Quiet::Brief) => Format::Quiet,
                FormatArg::Terminal => Format::Terminal,
                FormatArg::Verbose => Format::Verbose,
                FormatArg::Pretty => Format::Pretty,
                FormatArg::Quiet => Format::Quiet,
                FormatArg::Json => Format::Json,
            },
            color: args.color.into(),
            width: None,
        }
    }
}
