//! Servers for the scenarios that nothing else may run beside: where a target can give one to each,
//! they need not wait for one another.

use std::sync::{Arc, Mutex, PoisonError};

use crate::plan::Plan;
use crate::suite::run::{Error, environment_of};
use crate::suite::world::Environment;
use crate::target::Target;

/// Started servers that have nothing in common, one for each scenario that would be felt by others.
/// They are gone once this is dropped; [`ServerPool::stop`] also waits for that.
pub(super) struct ServerPool {
    targets: Vec<Box<dyn Target>>,
    ways: Ways,
}

/// Where the spare servers are that nobody has taken yet.
#[derive(Clone, Default)]
pub(super) struct Ways(Arc<Mutex<Vec<Arc<Environment>>>>);

impl Ways {
    /// One that nobody has taken yet.
    pub fn take(&self) -> Option<Arc<Environment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

impl ServerPool {
    /// So many servers like this target, without further doors: no scenario that is played alone goes
    /// through one. `None` where it has none to spare, or not so many.
    ///
    /// # Errors
    ///
    /// [`Error`] where one cannot be connected to as it is: a fault of the target.
    pub async fn start(
        count: usize,
        target: &dyn Target,
        plan: &Plan,
        environment: &Environment,
    ) -> Result<Option<Self>, Error> {
        let mut targets = Vec::with_capacity(count);
        let mut settings = Vec::with_capacity(count);
        for _ in 0..count {
            let Some(mut spare) = target.spare() else {
                return Ok(None);
            };
            spare.will_use(&[]);
            if spare.start().await.is_err() {
                return Ok(None);
            }
            let of_its_own = environment_of(plan, &*spare)?;
            settings.push(Arc::new(Environment {
                redactor: Arc::clone(&environment.redactor),
                records: Arc::clone(&environment.records),
                faults: Arc::clone(&environment.faults),
                mark: environment.mark.clone(),
                sessions: Arc::clone(&environment.sessions),
                ..of_its_own
            }));
            targets.push(spare);
        }
        Ok(Some(Self {
            targets,
            ways: Ways(Arc::new(Mutex::new(settings))),
        }))
    }

    /// Where they are.
    pub fn ways(&self) -> Ways {
        self.ways.clone()
    }

    /// Stops all of them.
    pub async fn stop(self) {
        for mut target in self.targets {
            target.stop().await;
        }
    }
}
