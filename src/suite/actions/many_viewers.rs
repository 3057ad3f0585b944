//! What many viewers do together.

use futures::future::join_all;

use crate::client::{Viewer, ViewerError};
use crate::protocol::Part;
use crate::suite::actions::seam::return_to;
use crate::suite::actions::{event_of, settled};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::Disconnect;

/// The others, who come and go together.
const OTHERS: [&str; 12] = [
    "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hal", "Ida", "Jon", "Kim", "Leo", "Mia",
];

impl World {
    /// Everybody who is connected watches the run to its ending, all at once.
    pub async fn all_to_the_end(&mut self) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.let_go(&run);
        let here = self.viewers.values().filter(|viewer| viewer.is_here());
        let watching = here.map(|viewer| to_the_end(viewer, &run.run_id));
        first_trouble(join_all(watching).await)
    }

    /// Starts another run and watches it to its ending, while the one before goes on.
    pub async fn watch_meanwhile(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        let before = self.current_run()?;
        self.start(name, part, None).await?;
        self.let_go(&before);
        self.watch_to_the_end(name).await
    }

    /// Many others return to the run, all at once, each with what they have seen of it.
    pub async fn others_return(&mut self) -> Result<(), StepError> {
        let run = self.current_run()?;
        for name in OTHERS {
            self.viewer(name);
        }
        let others = self.crowd();
        first_trouble(join_all(others.into_iter().map(Viewer::connect)).await)?;
        let others = self.crowd();
        let returning = others.into_iter().map(|viewer| come_back(viewer, &run));
        first_trouble(join_all(returning).await)
    }

    /// The others lose the connection, and stay away while the run goes on.
    pub async fn others_go_away(&mut self) -> Result<(), StepError> {
        let others = self.crowd().into_iter();
        join_all(others.map(|viewer| viewer.leave(Disconnect::Reset))).await;
        let run = self.current_run()?;
        if self.has_ended(&run.run_id) {
            return Err(self.too_soon("everybody"));
        }
        self.stay_away(crate::suite::actions::MISSED).await
    }

    fn crowd(&mut self) -> Vec<&mut Viewer> {
        let others = self.viewers.iter_mut();
        others
            .filter(|(name, _)| OTHERS.contains(&name.as_str()))
            .map(|(_, viewer)| viewer)
            .collect()
    }
}

/// Asks for the run, and waits until what was missed has come.
pub(crate) async fn come_back(viewer: &Viewer, run: &CurrentRun) -> Result<(), ViewerError> {
    let position = viewer.position(&run.run_id);
    let asked = viewer.say(return_to(run, position)).await?;
    let waiting_for = "the answer to `reconnect`, and what it announces";
    viewer.wait(asked, waiting_for, settled(&run.run_id)).await
}

/// Waits for the ending of the run on the viewer's present visit.
pub(crate) async fn to_the_end(viewer: &Viewer, run: &str) -> Result<(), ViewerError> {
    viewer
        .wait(0, "the ending of the run", |entry| {
            event_of(entry, run)?.final_ending().map(|_| ())
        })
        .await
}

/// Everybody has done their part; the first trouble that there was.
fn first_trouble(results: Vec<Result<(), ViewerError>>) -> Result<(), StepError> {
    results
        .into_iter()
        .collect::<Result<(), ViewerError>>()
        .map_err(StepError::from)
}
