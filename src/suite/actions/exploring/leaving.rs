//! Disconnecting in every way.

use std::sync::Arc;

use super::super::shared::{catch_up_in_part, noticed, too_many};
use super::tried;
use crate::client::{Reading, RecvBuffer};
use crate::suite::params::DisconnectArg;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::Disconnect;

/// How many events are sent to a viewer who no longer reads.
const UNREAD: u64 = 3;

impl World {
    /// Disconnects in this way; only where the viewer is connected.
    pub async fn disconnect(&mut self, name: &str, how: DisconnectArg) -> Result<(), StepError> {
        if !self.viewer(name).is_here() {
            return Ok(());
        }
        match how {
            DisconnectArg::Plainly(disconnect) => self.lose(name, disconnect).await,
            DisconnectArg::Unread => {
                let watched = self.watched_by(name);
                let too_many = too_many(&self.environment);
                let reading = self.viewer(name).read(Reading::Not { too_many }).await;
                tried(reading.map_err(StepError::from))?;
                if let Some(run) = watched.last() {
                    self.go_on(run.clone(), UNREAD).await;
                }
                self.lose(name, Disconnect::Reset).await;
            }
            DisconnectArg::CatchingUp => {
                let watched = self.watched_by(name);
                self.lose(name, Disconnect::Reset).await;
                if let Some(run) = watched.last() {
                    self.go_on(run.clone(), UNREAD).await;
                    self.viewer(name).take_line(RecvBuffer::Slow);
                    if self.come_anew(name).await? {
                        let returned = catch_up_in_part(self.viewer(name), run, 1).await;
                        tried(returned.map_err(StepError::from))?;
                        self.lose(name, Disconnect::Reset).await;
                    }
                    self.viewer(name).take_line(RecvBuffer::Usual);
                }
            }
        }
        Ok(())
    }

    /// Disconnects, and waits until the server knows of it, where the target can say so.
    pub(super) async fn lose(&mut self, name: &str, disconnect: Disconnect) {
        let watched = self.watched_by(name);
        let under_way = watched.iter().find(|run| self.ending_of(run).is_none());
        let environment = Arc::clone(&self.environment);
        let session = under_way.map(|run| Arc::clone(&run.session_id));
        let leave = self.viewer(name).leave(disconnect);
        match session {
            // The server does not learn of one who leaves silently.
            Some(session) if disconnect != Disconnect::Silent => {
                noticed(&environment, &session, leave).await;
            }
            _ => leave.await,
        }
    }
}
