//! Which requirements a network can make look failed, since their rule is about just that: a list as short
//! as possible.

use super::schedule::Kind;

/// A requirement, and the kinds of disturbance that look like its failure.
pub struct Excuse {
    pub id: &'static str,
    pub kinds: &'static [Kind],
    /// Why no client can distinguish the network from the server there.
    #[expect(dead_code, reason = "for people")]
    pub reason: &'static str,
}

/// Both are SHOULD, so that the exit code stays what it is.
pub const EXCUSES: &[Excuse] = &[
    Excuse {
        id: "CLOSE-1",
        kinds: &[Kind::Stall, Kind::Truncate, Kind::Reset],
        reason: "The rule is that the server's own close frame comes before the connection ends, and after the \
                 viewer's close frame nothing may be sent by which the line could be tried. A cut, or a line that \
                 stands still, between the two close frames is the same bytes as a server that hangs up or \
                 forgets to answer.",
    },
    Excuse {
        id: "MALFORMED-1",
        kinds: &[Kind::Truncate, Kind::Reset],
        reason: "The rule is that the server says so before it ends the connection. A cut right after the message \
                 is the same bytes as a server that drops the connection because of it, as real ones do.",
    },
];

/// Whether the requirement may look failed through this.
pub fn excuses(id: &str, kind: Kind) -> bool {
    let mut all = EXCUSES.iter().filter(|it| it.id == id);
    all.any(|it| kind.parts().iter().any(|part| it.kinds.contains(part)))
}
