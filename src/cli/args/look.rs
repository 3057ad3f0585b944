//! How results are printed.

use clap::{Args, ValueEnum};

use crate::report::render::terminal::{Format, Look};

/// How results are printed.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Output")]
pub struct LookArgs {
    /// What to print
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: FormatArg,
    /// When to use colors; NO_COLOR is respected
    #[arg(long, value_enum, default_value = "auto")]
    pub color: ColorArg,
}

/// What to print.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatArg {
    /// One line per scenario, every requirement, and each finding with its evidence.
    Terminal,
    /// Only what failed, and the verdict.
    Quiet,
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

impl From<LookArgs> for Look {
    fn from(args: LookArgs) -> Self {
        Self {
            format: match args.format {
                FormatArg::Terminal => Format::Terminal,
                FormatArg::Quiet => Format::Quiet,
            },
            color: match args.color {
                ColorArg::Auto => anstream::ColorChoice::Auto,
                ColorArg::Always => anstream::ColorChoice::Always,
                ColorArg::Never => anstream::ColorChoice::Never,
            },
            width: None,
        }
    }
}
