//! Sending what is no request of the protocol.

use crate::suite::params::InvalidMessage;
use crate::suite::step::{Step, then, when};

pub(super) const STEPS: &[Step] = &[
    when!(
        "{viewer} sends {invalid_message}",
        |world, viewer: String, message: InvalidMessage| world.send_invalid(&viewer, message).await
    ),
    then!("{viewer} is refused, or the server closes the connection"),
    then!(
        "{viewer} watches the run to its end, undisturbed",
        |world, viewer: String| world.to_the_end_if_it_comes(&viewer).await
    ),
];
