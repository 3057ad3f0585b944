//! Further doors of a target: servers of the same kind that ask for a token, and replicas of one server.

use secrecy::SecretString;

use crate::plan::Endpoint;
use crate::target::Breakpoints;

/// The doors that a target has besides its own. Scenarios about what it lacks are *not applicable*.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    /// A server that asks everybody for a token; its endpoint brings the right one.
    pub guarded: Option<Door>,
    /// A server that knows its users by their tokens.
    pub users: Option<Users>,
    /// Two replicas of one server.
    pub replicas: Option<Replicas>,
    /// Why there are no replicas, where the target itself says so; in one sentence.
    pub alone: Option<String>,
}

/// One further door, to a server with the target's own workflows.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// Where it is, with the right token.
    pub endpoint: Endpoint,
    /// Where it answers over HTTP, where that is known.
    pub http_url: Option<String>,
    /// The handle that holds its runs, where it has one.
    pub breakpoints: Option<Breakpoints>,
}

/// A server that knows its users by their tokens.
#[derive(Clone, Debug)]
pub struct Users {
    /// Where it is, with the token of one user.
    pub door: Door,
    /// The token of another user.
    pub other: SecretString,
    /// Why it cannot keep its users apart, where it cannot; in one sentence.
    pub mixed: Option<String>,
}

/// Two replicas of one server, which share their runs.
#[derive(Clone, Debug)]
pub struct Replicas {
    /// One of them.
    pub door: Door,
    /// The `ws://` or `wss://` URL of the other one; everything else is as at the first.
    pub other: String,
}

/// Which door.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// [`Doors::guarded`].
    Guarded,
    /// [`Doors::users`].
    Users,
    /// [`Doors::replicas`].
    Replicas,
}

impl Which {
    /// Every door.
    pub const ALL: [Self; 3] = [Self::Guarded, Self::Users, Self::Replicas];
}

impl Doors {
    /// All of them, in the order of [`Which::ALL`].
    pub fn all(&self) -> impl Iterator<Item = &Door> {
        let users = self.users.iter().map(|users| &users.door);
        let replicas = self.replicas.iter().map(|replicas| &replicas.door);
        self.guarded.iter().chain(users).chain(replicas)
    }
}
