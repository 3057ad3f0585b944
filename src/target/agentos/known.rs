//! What released AgentOS servers are known to break, and what cannot be told on them: data beside the
//! launcher, confirmed on the wire by hand. Read by `report::known::file`.

/// The list of known failures, as `--known-failures` takes one.
pub const FAILURES: &str = include_str!("known_failures.toml");
/// Where it stands in the sources.
pub const FAILURES_FILE: &str = "src/target/agentos/known_failures.toml";

/// The list of what cannot be told.
pub const INCONCLUSIVE: &str = include_str!("known_inconclusive.toml");
/// Where it stands in the sources.
pub const INCONCLUSIVE_FILE: &str = "src/target/agentos/known_inconclusive.toml";
