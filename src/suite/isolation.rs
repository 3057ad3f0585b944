//! Servers for the scenarios that would disturb others: where a target can start one for each, they
//! need not wait for one another.

use std::sync::{Arc, Mutex, PoisonError};

use crate::plan::Plan;
use crate::suite::environment::{Environment, Error, environment_of};
use crate::target::{Target, Variant};

/// Started servers that share nothing, one for each scenario that would disturb others. Dropping this
/// ends them; [`ServerPool::stop`] also waits for that.
pub(super) struct ServerPool {
    targets: Vec<Box<dyn Target>>,
    free: FreeServers,
}

/// The environments of the servers that no scenario has taken yet.
#[derive(Clone, Default)]
pub(super) struct FreeServers(Arc<Mutex<Vec<Arc<Environment>>>>);

impl FreeServers {
    /// Takes one; `None` where none is left.
    pub fn take(&self) -> Option<Arc<Environment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

impl ServerPool {
    /// Starts so many servers like this target, each with another replica: no scenario that runs alone
    /// needs a further variant. `None` where the target cannot provide them.
    ///
    /// # Errors
    ///
    /// [`Error`] where one cannot be used as it is named: a fault of the target.
    pub async fn start(
        count: usize,
        target: &dyn Target,
        plan: &Plan,
        environment: &Environment,
    ) -> Result<Option<Self>, Error> {
        let mut targets = Vec::with_capacity(count);
        let mut environments = Vec::with_capacity(count);
        for _ in 0..count {
            let Some(mut spare) = target.spare() else {
                return Ok(None);
            };
            spare.will_use(&[Variant::Replica]);
            if spare.start().await.is_err() {
                return Ok(None);
            }
            let of_its_own = environment_of(plan, &*spare)?;
            environments.push(Arc::new(Environment {
                redactor: Arc::clone(&environment.redactor),
                records: Arc::clone(&environment.records),
                faults: Arc::clone(&environment.faults),
                misconfigured: Arc::clone(&environment.misconfigured),
                mark: environment.mark.clone(),
                sessions: Arc::clone(&environment.sessions),
                ..of_its_own
            }));
            targets.push(spare);
        }
        Ok(Some(Self {
            targets,
            free: FreeServers(Arc::new(Mutex::new(environments))),
        }))
    }

    /// Those that no scenario has taken yet.
    pub fn free(&self) -> FreeServers {
        self.free.clone()
    }

    /// Stops all of them.
    pub async fn stop(self) {
        for mut target in self.targets {
            target.stop().await;
        }
    }
}
