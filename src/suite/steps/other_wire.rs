//! A run that is followed over both wires.

use crate::suite::params::PositionArg;
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    when!(
        "{viewer} returns over the other wire {position}",
        |world, viewer: String, position: PositionArg| {
            world.return_over_the_other_wire(&viewer, position).await?;
            let run = world.current_run()?;
            world.release(&run);
            Ok(())
        }
    ),
    given!(
        "{viewer} has returned over the other wire {position}",
        |world, viewer: String, position: PositionArg| {
            world.return_over_the_other_wire(&viewer, position).await
        }
    ),
    then!("everybody watches the same run to its end", |world| world
        .everybody_to_the_end()
        .await),
    then!("the replay shows the same run"),
    then!(
        "{viewer} is told the same status everywhere",
        |world, viewer: String| world.ask_for_the_status(&viewer).await
    ),
];
