//! What many viewers do together.

use futures::future::join_all;

use super::shared::{MISSED, first_error, reconnect, to_the_end};
use crate::client::Viewer;
use crate::protocol::Part;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::Disconnect;

/// The others, who leave and return together.
const OTHERS: [&str; 12] = [
    "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hal", "Ida", "Jon", "Kim", "Leo", "Mia",
];

impl World {
    /// Everybody who is connected watches the run to its ending, all at once.
    pub async fn all_to_the_end(&mut self) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.release(&run);
        let here = self.viewers.values().filter(|viewer| viewer.is_here());
        let watching = here.map(|viewer| to_the_end(viewer, &run.run_id));
        first_error(join_all(watching).await)
    }

    /// Starts another run and watches it to its ending, while the one before goes on.
    pub async fn watch_meanwhile(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        let before = self.current_run()?;
        self.start(name, part, None).await?;
        self.release(&before);
        self.watch_to_the_end(name).await
    }

    /// Many others return to the run, all at once, each with what they have seen of it.
    pub async fn others_return(&mut self) -> Result<(), StepError> {
        let run = self.current_run()?;
        for name in OTHERS {
            self.viewer(name);
        }
        let others = self.others_here();
        first_error(join_all(others.into_iter().map(Viewer::connect)).await)?;
        let others = self.others_here();
        let returning = others.into_iter().map(|viewer| {
            let position = viewer.position(&run.run_id);
            reconnect(viewer, &run, position)
        });
        first_error(join_all(returning).await)
    }

    /// The others lose the connection, and stay away while the run goes on.
    pub async fn others_go_away(&mut self) -> Result<(), StepError> {
        let others = self.others_here().into_iter();
        join_all(others.map(|viewer| viewer.leave(Disconnect::Reset))).await;
        let run = self.current_run()?;
        if self.has_ended(&run.run_id) {
            return Err(self.too_soon("everybody"));
        }
        self.stay_away(MISSED).await
    }

    fn others_here(&mut self) -> Vec<&mut Viewer> {
        let others = self.viewers.iter_mut();
        others
            .filter(|(name, _)| OTHERS.contains(&name.as_str()))
            .map(|(_, viewer)| viewer)
            .collect()
    }
}
