//! Connecting, and pinging.

use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    given!("{viewer} has connected", |world, viewer: String| {
        world.connect(&viewer).await
    }),
    when!("{viewer} connects", |world, viewer: String| {
        world.connect(&viewer).await
    }),
    then!("{viewer} is greeted first, and told whether a token is required"),
    when!("{viewer} pings", |world, viewer: String| {
        world.ping(&viewer).await
    }),
    then!("a pong comes back"),
];
