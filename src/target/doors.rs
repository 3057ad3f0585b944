//! Further doors of a target: servers of the same kind that ask for a token.

use secrecy::SecretString;

use super::Stage;
use crate::plan::Endpoint;

/// The doors that a target has besides its own. Scenarios about what it lacks are *not applicable*.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    /// A server that asks everybody for a token; its endpoint brings the right one.
    pub guarded: Option<Door>,
    /// A server that knows its users by their tokens.
    pub users: Option<Users>,
}

/// One further door, to a server with the target's own workflows.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// Where it is, with the right token.
    pub endpoint: Endpoint,
    /// Where it answers over HTTP, where that is known.
    pub http_url: Option<String>,
    /// The handle that holds its runs, where it has one.
    pub stage: Option<Stage>,
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

/// Which door.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// [`Doors::guarded`].
    Guarded,
    /// [`Doors::users`].
    Users,
}

impl Which {
    /// Every door.
    pub const ALL: [Self; 2] = [Self::Guarded, Self::Users];
}

impl Doors {
    /// All of them, in the order of [`Which::ALL`].
    pub fn all(&self) -> impl Iterator<Item = &Door> {
        let users = self.users.iter().map(|users| &users.door);
        self.guarded.iter().chain(users)
    }
}
