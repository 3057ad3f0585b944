//! The loop around a viewer: it opens a connection, reads and writes, waits, and opens another one.

use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::client::dial::DialError;
use crate::client::{Line, News, Server, timer};
use crate::watch::defect::Defect;
use crate::watch::follower::{Do, Follower, Loss, Patience};
use crate::watch::shown::{End, Shown};

/// How long a viewer waits for what.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the answer to a request, and for each next message of a catch-up or a replay.
    pub answer: Duration,
    /// For any sign of life, before the line counts as dead. Pings are sent three times as often. A stream over HTTP
    /// has none, only comments now and then: there it is three times as long.
    pub dead_after: Duration,
    /// For an answer on any connection, before the viewer gives up.
    pub give_up_after: Duration,
}

/// For how long the viewer waits for what should come at once.
const SHORT: Duration = Duration::from_secs(1);

/// For how long a run that waits for a person is left alone.
const REST: Duration = Duration::from_secs(30);

/// The statuses of HTTP that say that this viewer is not wanted.
const UNWANTED: [u16; 2] = [401, 403];

/// The one of them that asks for a token, or for another one.
const UNAUTHORIZED: u16 = 401;

/// Where what is shown goes.
pub trait Screen {
    /// Shows something. `run` is the run's id, once it is known; `message` is the text that it came with.
    ///
    /// # Errors
    ///
    /// Where nobody can see it any more.
    fn show(&mut self, shown: &Shown, run: Option<&str>, message: &str) -> std::io::Result<()>;
}

/// Follows a run to its end, whatever happens to the connection; returns how it ended.
///
/// # Errors
///
/// Those of the screen.
pub async fn follow(
    server: &Server,
    token: Option<SecretString>,
    follower: Follower,
    limits: Limits,
    screen: &mut impl Screen,
) -> std::io::Result<End> {
    let mut loop_ = Loop {
        server,
        token,
        follower,
        limits,
        screen,
        unserved: Instant::now(),
        kept: Vec::new(),
    };
    loop_.run().await
}

/// What becomes of a connection.
enum Next {
    /// It goes on.
    GoOn,
    /// Another one is opened after a pause.
    ComeBack,
    /// None is opened any more.
    Finish(End),
}

struct Loop<'a, S> {
    server: &'a Server,
    token: Option<SecretString>,
    follower: Follower,
    limits: Limits,
    screen: &'a mut S,
    /// Since when no server has answered.
    unserved: Instant,
    /// Connections that a defect leaves open.
    kept: Vec<Line>,
}

impl<S: Screen> Loop<'_, S> {
    async fn run(&mut self) -> std::io::Result<End> {
        loop {
            let opened = Line::open(self.server, self.token.clone(), self.limits.answer).await;
            if self.follower.has(Defect::NoReauth) {
                // Over HTTP it goes with each request; over the WebSocket the follower shows it.
                self.token = None;
            }
            let next = match opened {
                Ok(line) => self.watch(line).await?,
                Err(error) => self.lost(&not_opened(&error))?,
            };
            if let Next::Finish(end) = next {
                return Ok(end);
            }
            if self.unserved.elapsed() >= self.limits.give_up_after {
                let todo = self.follower.gave_up();
                if let Next::Finish(end) = self.carry_out(todo, None).await? {
                    return Ok(end);
                }
            }
            timer::away(self.follower.pause(chance())).await;
        }
    }

    /// Watches on one connection until it is over.
    async fn watch(&mut self, mut line: Line) -> std::io::Result<Next> {
        let todo = self.follower.opened(line.greets());
        let mut next = self.carry_out(todo, Some(&mut line)).await?;
        let mut beat = Beat::new(self.limits.dead_after, line.greets());
        let mut message = Instant::now();
        while let Next::GoOn = next {
            let limit = self
                .limit()
                .map(|limit| limit.saturating_sub(message.elapsed()));
            let wait = limit.map_or(beat.wait(), |limit| limit.min(beat.wait()));
            let news = timer::within(wait, line.next()).await;
            let served = self.follower.is_served();
            next = match news {
                Ok(News::Alive) => {
                    beat.heard();
                    Next::GoOn
                }
                Ok(news) => {
                    beat.heard();
                    message = Instant::now();
                    self.take(news, &mut line).await?
                }
                Err(_) if self.limit().is_some_and(|limit| message.elapsed() >= limit) => {
                    let todo = self.follower.waited();
                    self.carry_out(todo, Some(&mut line)).await?
                }
                Err(_) if self.follower.ignores_silence() => {
                    beat.heard();
                    Next::GoOn
                }
                Err(_) if beat.is_dead() => {
                    if self.follower.has(Defect::KeepsConnections) {
                        self.kept.push(line);
                    }
                    // Nobody is there to shake hands with.
                    return self.lost(&beat.dead());
                }
                Err(_) => match line.ping(beat.next()).await {
                    Ok(()) => Next::GoOn,
                    Err(reason) => self.lost(&over(reason))?,
                },
            };
            if served || self.follower.is_served() {
                self.unserved = Instant::now();
            }
        }
        line.close().await;
        Ok(next)
    }

    fn limit(&self) -> Option<Duration> {
        match self.follower.patience() {
            Patience::Endless => None,
            Patience::Answer => Some(self.limits.answer),
            Patience::Rest => Some(REST),
            Patience::Short => Some(SHORT),
        }
    }

    async fn take(&mut self, news: News, line: &mut Line) -> std::io::Result<Next> {
        let todo = match news {
            News::Text(text) => self.follower.heard(&text),
            News::Binary(bytes) => self.follower.heard_binary(bytes),
            News::Refused(UNAUTHORIZED, text) if self.follower.ignores_unauthorized() => {
                return self.lost(&Loss::Broken(text));
            }
            // Too many requests, and what a server or a gateway answers that is not well, pass.
            News::Refused(status @ (429 | 500..), text) => {
                return self.lost(&Loss::Broken(format!("HTTP {status}: {text}")));
            }
            News::Refused(status, text) => {
                let refusal = format!("HTTP {status}: {text}");
                self.follower.heard_refusal(refusal.trim())
            }
            News::Closing(code, reason) => return self.lost(&Loss::Closed(code, reason)),
            News::Over(reason) => return self.lost(&over(reason)),
            News::Alive => return Ok(Next::GoOn),
        };
        self.carry_out(todo, Some(line)).await
    }

    /// Does what is to be done.
    async fn carry_out(
        &mut self,
        todo: Vec<Do>,
        mut line: Option<&mut Line>,
    ) -> std::io::Result<Next> {
        for it in todo {
            match it {
                Do::Show(shown, text) => self.screen.show(&shown, self.follower.run(), &text)?,
                Do::Leave => return Ok(Next::ComeBack),
                Do::Finish(end) => return Ok(Next::Finish(end)),
                Do::Say(action) => {
                    if let Some(line) = &mut line
                        && let Err(reason) = line.say(&action).await
                    {
                        return self.lost(&over(reason));
                    }
                }
            }
        }
        Ok(Next::GoOn)
    }

    /// The connection is over, or did not come about.
    fn lost(&mut self, loss: &Loss) -> std::io::Result<Next> {
        for it in self.follower.lost(loss) {
            match it {
                Do::Show(shown, text) => self.screen.show(&shown, self.follower.run(), &text)?,
                Do::Finish(end) => return Ok(Next::Finish(end)),
                // There is no connection to say anything on.
                Do::Say(_) | Do::Leave => {}
            }
        }
        Ok(Next::ComeBack)
    }
}

/// When the last sign of life came, and when a ping is due.
struct Beat {
    dead_after: Duration,
    pings_after: Duration,
    heard: Instant,
    asked: Instant,
    pings: u64,
}

impl Beat {
    fn new(limit: Duration, with_pings: bool) -> Self {
        let (dead_after, pings_after) = match with_pings {
            true => (limit, limit / 3),
            false => (limit.saturating_mul(3), limit.saturating_mul(3)),
        };
        Self {
            dead_after,
            pings_after,
            heard: Instant::now(),
            asked: Instant::now(),
            pings: 0,
        }
    }

    fn heard(&mut self) {
        self.heard = Instant::now();
    }

    /// How long to wait until a ping is due, or the line is dead.
    fn wait(&self) -> Duration {
        let due = self
            .pings_after
            .saturating_sub(self.heard.max(self.asked).elapsed());
        due.min(self.dead_after.saturating_sub(self.heard.elapsed()))
    }

    fn is_dead(&self) -> bool {
        self.heard.elapsed() >= self.dead_after
    }

    /// What is dead, in words.
    fn dead(&self) -> Loss {
        let after = humantime::format_duration(self.dead_after);
        Loss::Broken(format!("the line is dead: nothing came for {after}"))
    }

    /// The number of the next ping.
    fn next(&mut self) -> u64 {
        self.asked = Instant::now();
        self.pings += 1;
        self.pings
    }
}

fn over(reason: Option<String>) -> Loss {
    match reason {
        Some(reason) => Loss::Broken(reason),
        None => Loss::Closed(None, String::new()),
    }
}

fn not_opened(error: &DialError) -> Loss {
    match error.status {
        Some(status) if UNWANTED.contains(&status) => Loss::Refused(error.to_string()),
        _ => Loss::Broken(error.to_string()),
    }
}

/// From 0 to 1: so that viewers who were cut off together do not come back together.
fn chance() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let bits = RandomState::new().hash_one(0_u8) >> 32;
    // 32 bits fit.
    f64::from(u32::try_from(bits).unwrap_or_default()) / f64::from(u32::MAX)
}
