//! Target variants: the same server in another configuration, which scenarios about tokens, users and
//! replicas need.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::plan::Endpoint;
use crate::target::Breakpoints;
use crate::target::admin::Issue;

/// The same server in another configuration.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Variant {
    /// It asks every viewer for a token.
    Guarded,
    /// It knows its users by their tokens, whether it isolates them or not.
    Users,
    /// It knows its users by their tokens, and isolates them.
    IsolatedUsers,
    /// It is one of two replicas, which share their runs.
    Replica,
    /// Tokens for it can be had that soon expire.
    Expiring,
    /// It gives permissions for single workflows.
    Permissions,
}

impl Variant {
    /// Every variant.
    pub const ALL: [Self; 6] = [
        Self::Guarded,
        Self::Users,
        Self::IsolatedUsers,
        Self::Replica,
        Self::Expiring,
        Self::Permissions,
    ];

    /// Why a target that names no such variant has none, and what to do.
    #[must_use]
    pub fn missing(self) -> &'static str {
        match self {
            Self::Guarded => {
                "the target names no server that asks for a token; use --token-env, or in a target \
                 file: token_env, [guarded]"
            }
            Self::Users | Self::IsolatedUsers => {
                "the target names no two users of a server that keeps users apart; use a target \
                 file with [users] token_envs"
            }
            Self::Replica => {
                "the target names no other replica of the server; use a target file with replica"
            }
            Self::Expiring => {
                "the target has no tokens that soon expire; a target file can: [expiring] token_command"
            }
            Self::Permissions => {
                "the target names no two tokens of which one is for a single workflow; a target file \
                 can: [permissions] token_envs"
            }
        }
    }
}

/// The server of one variant, with the workflows of the target.
#[derive(Clone, Debug, Default)]
pub struct VariantServer {
    /// Where it is, with the right token.
    pub endpoint: Endpoint,
    /// Its HTTP address, where known.
    pub http_url: Option<String>,
    /// Sets breakpoints on it, where it has them.
    pub breakpoints: Option<Breakpoints>,
    /// How the second viewer connects: with another token, or to the other replica.
    pub other: Option<Endpoint>,
    /// Gives tokens that soon expire, where that is what the variant is for.
    pub issuer: Option<Arc<dyn Issue>>,
}

impl VariantServer {
    /// Every endpoint of it.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.endpoint).chain(&self.other)
    }
}

/// The server of each variant, or why there is none, in one sentence. For a variant that is left out the
/// reason is [`Variant::missing`].
pub type Variants = BTreeMap<Variant, Result<VariantServer, String>>;
