//! A connection that comes and goes, often and anywhere.

use crate::suite::params::DisconnectArg;
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} has disconnected and returned until the run ended",
        |world, viewer: String| world.come_and_go(&viewer).await
    ),
    then!("the connections of {viewer}, put together, show the run that {viewer} sees"),
    when!(
        "viewers of such runs disconnect {disconnect}, each after a different event, and return",
        |world, disconnect: DisconnectArg| world.cut_anywhere(disconnect).await
    ),
    then!("each viewer has seen a whole run"),
];
