//! Ending a run early.

use crate::suite::step::{Step, given, then, when};
use crate::transcript::Disconnect;

pub(super) const STEPS: &[Step] = &[
    when!("{viewer} cancels the run", |world, viewer: String| {
        world.cancel(&viewer).await
    }),
    when!("{viewer} cancels the run twice", |world, viewer: String| {
        world.cancel(&viewer).await?;
        world.try_to_cancel(&viewer).await
    }),
    given!(
        "{viewer} lost the connection, and {viewer} cancelled the run meanwhile",
        |world, viewer: String, other: String| {
            let reset = Disconnect::Reset;
            world.leave_before_the_end(&viewer, reset).await?;
            world.cancel(&other).await?;
            world.while_it_stops().await
        }
    ),
    given!("{viewer} has cancelled the run", |world, viewer: String| {
        world.cancel(&viewer).await?;
        world.while_it_stops().await?;
        world.everybody_watches_quiet().await
    }),
    then!(
        "everybody who watches is told that it was cancelled, and nothing follows",
        |world| {
            for viewer in world.connected() {
                world.to_the_end_if_it_comes(&viewer).await?;
            }
            world.everybody_watches_quiet().await
        }
    ),
    then!(
        "{viewer} is shown the run as cancelled",
        |world, viewer: String| {
            world.until_it_is_over(&viewer).await?;
            world.everybody_watches_quiet().await
        }
    ),
];
