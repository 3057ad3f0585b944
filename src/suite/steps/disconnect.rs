//! Leaving, and staying away.

use crate::protocol::Part;
use crate::suite::step::{Step, given, then, when};
use crate::transcript::Disconnect;

pub(super) const STEPS: &[Step] = &[
    given!("{viewer} has left", |world, viewer: String| {
        world.viewer(&viewer).leave(Disconnect::Close).await;
        Ok(())
    }),
    given!(
        "{viewer} left while the run went on",
        |world, viewer: String| world.go_away(&viewer, Disconnect::Close).await
    ),
    given!(
        "{viewer} lost the connection while the run went on",
        |world, viewer: String| world.go_away(&viewer, Disconnect::Reset).await
    ),
    given!(
        "{viewer} lost the connection while the run was stopped",
        |world, viewer: String| world.leave_stopped(&viewer, Disconnect::Reset).await
    ),
    given!(
        "{viewer} has started a(n) {part} run and left at once",
        |world, viewer: String, part: Part| {
            world.start(&viewer, part, Some(0)).await?;
            world.leave_at_once(&viewer).await
        }
    ),
    when!("{viewer} leaves", |world, viewer: String| {
        Ok(world.viewer(&viewer).leave_for_good().await?)
    }),
    then!("the server completes the closing handshake"),
];
