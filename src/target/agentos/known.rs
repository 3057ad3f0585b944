//! The known failures of released AgentOS servers, and what is inconclusive on them, confirmed on the wire
//! by hand. Parsed by `report::verdict::known::file`.

/// The list of known failures, as `--known-failures` takes one.
pub const FAILURES: &str = include_str!("known_failures.toml");
/// Its path in the sources.
pub const FAILURES_FILE: &str = "src/target/agentos/known_failures.toml";

/// The list of what is inconclusive.
pub const INCONCLUSIVE: &str = include_str!("known_inconclusive.toml");
/// Its path in the sources.
pub const INCONCLUSIVE_FILE: &str = "src/target/agentos/known_inconclusive.toml";
