//! The two sides of the wire.

/// Which side of the wire a requirement binds, and a run judges.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Side {
    /// Servers that stream runs.
    #[default]
    Server,
    /// Clients that watch them.
    Client,
}
