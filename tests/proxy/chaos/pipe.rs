//! Carries the bytes of one direction, as its schedule says.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{sleep, timeout};

use super::frames::Frames;
use super::schedule::{Action, Lane};

/// How much is read at once.
const PIECE: usize = 4096;

/// How a direction ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// The sender sent everything, and the receiver has been told so.
    Said,
    /// The schedule asks for a FIN.
    Fin,
    /// The schedule asks for a RST, or the sender sent one.
    Rst,
    /// The receiver takes nothing more. What it still sends itself is carried to its end.
    Deaf,
}

/// One direction of a connection.
pub struct Pipe {
    pub from: OwnedReadHalf,
    pub to: OwnedWriteHalf,
    /// What is left of the schedule.
    actions: Vec<(u64, Action)>,
    /// How many bytes have been carried.
    carried: u64,
    /// What has been read and not carried.
    held: Vec<u8>,
    /// What is left of a delay: so many bytes, and how late.
    late: (u64, Duration),
    /// Loses whole frames, in the test that asks for it.
    frames: Option<Frames>,
}

impl Pipe {
    pub fn new(from: OwnedReadHalf, to: OwnedWriteHalf, lane: &Lane) -> Self {
        let mut actions = lane.0.clone();
        actions.reverse();
        Self {
            from,
            to,
            actions,
            carried: 0,
            held: Vec::new(),
            late: (0, Duration::ZERO),
            frames: None,
        }
    }

    /// Loses the frame of this number in this direction, as no network can.
    pub fn losing(mut self, frame: Option<usize>) -> Self {
        self.frames = frame.map(Frames::losing);
        self
    }

    /// Carries everything. The halves stay open.
    pub async fn carry(&mut self) -> End {
        self.all().await.unwrap_or_else(|end| end)
    }

    async fn all(&mut self) -> Result<End, End> {
        loop {
            if let Some(action) = self.due() {
                match action {
                    Action::Delay { bytes, late } => self.late = (bytes, late),
                    Action::Split { bytes } => self.split(bytes).await?,
                    Action::Merge { bytes, pause } => self.merge(bytes, pause).await?,
                    Action::Stall { lasting } => sleep(lasting).await,
                    Action::Truncate => return Ok(End::Fin),
                    Action::Reset => return Ok(End::Rst),
                }
                continue;
            }
            if self.held.is_empty() && !self.read().await? {
                self.to.shutdown().await.map_err(|_| End::Deaf)?;
                return Ok(End::Said);
            }
            let until = self.actions.last().map_or(u64::MAX, |(at, _)| *at);
            let most = usize::try_from(until - self.carried).unwrap_or(usize::MAX);
            if self.late.0 > 0 {
                sleep(self.late.1).await;
                self.late.0 = self.late.0.saturating_sub(self.held.len() as u64);
            }
            self.pass(most).await?;
        }
    }

    /// The action whose place has been reached.
    fn due(&mut self) -> Option<Action> {
        let (at, _) = self.actions.last()?;
        if *at > self.carried {
            return None;
        }
        self.actions.pop().map(|(_, action)| action)
    }

    /// Reads a piece; whether there was more to come.
    async fn read(&mut self) -> Result<bool, End> {
        let mut piece = [0; PIECE];
        let count = self.from.read(&mut piece).await.map_err(|_| End::Rst)?;
        match &mut self.frames {
            Some(frames) => self.held.extend(frames.kept(&piece[..count])),
            None => self.held.extend_from_slice(&piece[..count]),
        }
        Ok(count > 0)
    }

    /// Passes on what is held, up to so many bytes.
    async fn pass(&mut self, most: usize) -> Result<(), End> {
        let count = self.held.len().min(most);
        let written = self.to.write_all(&self.held[..count]).await;
        written.map_err(|_| End::Deaf)?;
        self.held.drain(..count);
        self.carried += count as u64;
        Ok(())
    }

    async fn split(&mut self, bytes: u64) -> Result<(), End> {
        for _ in 0..bytes {
            if self.held.is_empty() && !self.read().await? {
                return Ok(());
            }
            self.pass(1).await?;
            // The other side gets its turn after each of them.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn merge(&mut self, bytes: u64, pause: Duration) -> Result<(), End> {
        while (self.held.len() as u64) < bytes {
            match timeout(pause, self.read()).await {
                Ok(more) if more? => {}
                _ => break,
            }
        }
        self.pass(usize::MAX).await
    }
}
