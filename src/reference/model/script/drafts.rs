//! What happens in one run of a script, whatever it is of.

use crate::protocol::Component;
use crate::reference::model::event::Draft;
use crate::reference::model::script::fields::RunIds;
use crate::reference::model::script::{Script, agents};

impl Script {
    /// Everything that happens in one run, in order. The last draft ends the run.
    #[must_use]
    pub fn drafts(&self, ids: &RunIds<'_>) -> Vec<Draft> {
        match self.component {
            Component::Workflow => self.of_workflow(ids),
            Component::Agent | Component::Team => agents::drafts(self, ids),
        }
    }

    /// The scripts that a server has where nothing else is asked for.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let workflows = [
            Self::long(),
            Self::short(),
            Self::failing(),
            Self::pausing(),
            Self::endless(),
            Self::talkative(),
            Self::quiet(),
            Self::nested(),
        ];
        workflows.into_iter().chain(agents::all()).collect()
    }
}
