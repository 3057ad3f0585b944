//! What viewers do who have no token, a wrong one, or another user's.
//!
//! Whatever comes of it, silence and a cut included, is in the record, and the checks say what it
//! means.

use std::sync::Arc;

use hyper::Method;
use secrecy::{ExposeSecret, SecretString};

use crate::client::http::Ask;
use crate::protocol::action::WRONG_TOKEN;
use crate::protocol::{Action, Control, Position};
use crate::suite::actions::in_the_record;
use crate::suite::params::{BadToken, TargetVariant};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, Environment, World};
use crate::transcript::EntryKind;

/// How many runs that nobody has are asked for, to know what all such answers have in common.
const UNKNOWN: usize = 2;

impl World {
    /// Comes by another door of the target, from here on.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the target has no such door, or cannot keep users apart.
    pub fn come_by(&mut self, target_variant: TargetVariant) -> Result<(), StepError> {
        let lacks = |what: &str| StepError::NotApplicable(what.to_owned());
        let doors = &self.environment.doors;
        let environment = match target_variant {
            TargetVariant::Itself => return Ok(()),
            TargetVariant::Guarded => doors.guarded.as_ref().ok_or_else(|| {
                lacks(
                    "the target names no server that asks for a token; --token-env can, or in a \
                     target file: token_env, [guarded]",
                )
            })?,
            TargetVariant::Users | TargetVariant::Apart => {
                if let (TargetVariant::Apart, Some(reason)) = (target_variant, &doors.mixed) {
                    return Err(lacks(reason));
                }
                doors.users.as_ref().ok_or_else(|| {
                    lacks(
                        "the target names no two users of a server that keeps users apart; a target \
                         file can: [users] token_envs",
                    )
                })?
            }
            TargetVariant::Replicas => doors.replicas.as_ref().ok_or_else(|| {
                lacks(doors.alone.as_deref().unwrap_or(
                    "the target names no other replica of the server; a target file can: replica",
                ))
            })?,
        };
        // The ways on stay known: those behind a door know none.
        let mut behind = Environment::clone(environment);
        behind.doors = self.environment.doors.clone();
        self.environment = Arc::new(behind);
        Ok(())
    }

    /// The first viewer comes with the token of one user, the second with that of another.
    pub fn come_as_two_users(&mut self, one: &str, other: &str) -> Result<(), StepError> {
        let Some(token) = self.environment.doors.other.clone() else {
            return Err(StepError::Suite(
                "the scenario knows no other user".to_owned(),
            ));
        };
        let (environment, recorder) = (&self.environment, &self.recorder);
        let viewers = [
            (one, environment.token.clone(), "one user"),
            (other, Some(token), "another user"),
        ];
        for (name, token, user) in viewers {
            let viewer = environment.new_viewer_with(token, name, recorder);
            self.viewers.insert(name.to_owned(), viewer);
            let user = user.to_owned();
            recorder.record(&name.into(), 0, EntryKind::User { user });
        }
        Ok(())
    }

    /// Opens a connection and is greeted, and does not authenticate.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the greeting asks for no token.
    pub async fn come_without_a_token(&mut self, name: &str) -> Result<(), StepError> {
        match self.viewer(name).come().await? {
            Some(true) => Ok(()),
            Some(false) => Err(StepError::NotApplicable(
                "the server's greeting asks for no token".to_owned(),
            )),
            None => Err(StepError::Inconclusive(
                "the server's greeting does not say whether it asks for a token".to_owned(),
            )),
        }
    }

    /// Pings, and waits for what comes of it.
    pub async fn ping_without_a_token(&mut self, name: &str) -> Result<(), StepError> {
        self.ask(name, Action::Ping).await?;
        self.pong(name).await
    }

    /// Starts a run of this workflow, and waits for what comes of it.
    pub async fn start_without_a_token(
        &mut self,
        name: &str,
        part: crate::protocol::Part,
    ) -> Result<(), StepError> {
        let workflow = self.workflow(part)?;
        let action = Action::Start {
            workflow_id: Some(workflow.workflow_id),
            message: workflow.message,
            session_id: Some(self.environment.new_session()),
        };
        self.ask(name, action).await?;
        self.answered(name, "the answer to `start-workflow`").await
    }

    /// Authenticates with what is not the right token, and waits for the answer.
    pub async fn authenticate_wrongly(
        &mut self,
        name: &str,
        proof: BadToken,
    ) -> Result<(), StepError> {
        let token = match proof {
            BadToken::None => None,
            BadToken::Empty => Some(String::new()),
            BadToken::Wrong => Some(WRONG_TOKEN.to_owned()),
            BadToken::NearlyRight => {
                let right = self.environment.token.as_ref();
                let right = right.ok_or_else(|| {
                    StepError::Suite("the scenario has no token that could be forged".to_owned())
                })?;
                Some(forged(right).expose_secret().to_owned())
            }
        };
        let viewer = self.viewer(name);
        let asked = viewer.say(Action::Authenticate { token }).await?;
        let answer = viewer.wait(asked, "the answer to `authenticate`", |entry| {
            matches!(
                entry.message()?.control()?,
                Control::Authenticated | Control::AuthError | Control::Error { .. }
            )
            .then_some(())
        });
        in_the_record(answer.await)
    }

    /// Asks for the run with the viewer's own position and without authenticating, and watches what
    /// comes of it.
    pub async fn come_back_without_a_token(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let position = self.viewer(name).position(&run.run_id);
        self.come_without_a_token(name).await?;
        self.ask_for(name, &run, position).await?;
        self.let_go(&run);
        Ok(())
    }

    /// Asks for the list of workflows over HTTP, without a token, and is refused.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where it is not refused, and [`StepError::Inconclusive`] where nobody can
    /// say.
    pub async fn be_refused_over_http(&mut self, name: &str) -> Result<(), StepError> {
        let site = self.site()?;
        let ask = Ask {
            method: Method::GET,
            path: "/workflows".to_owned(),
            form: Vec::new(),
            token: None,
        };
        let answer = self.viewer(name).ask(&site, &ask).await;
        match answer.map(|answer| answer.status) {
            Some(401 | 403) => Ok(()),
            Some(200..=299) => Err(StepError::NotApplicable(
                "the server asks for no token over HTTP: it lists its workflows to everybody"
                    .to_owned(),
            )),
            Some(status) => Err(StepError::Inconclusive(format!(
                "`GET /workflows` was answered by {status}, which does not say whether a token is \
                 asked for: is http_url right?"
            ))),
            None => Err(StepError::Inconclusive(
                "`GET /workflows` was not answered: is http_url right?".to_owned(),
            )),
        }
    }

    /// Opens a connection without authenticating, whatever the greeting asks for.
    pub async fn come_anyway(&mut self, name: &str) -> Result<(), StepError> {
        Ok(self.viewer(name).come().await.map(drop)?)
    }

    /// Asks for some runs that nobody has and whose ids look like the present one's, each on a
    /// connection of its own.
    pub async fn ask_for_nobodys(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let mut run_id = run.run_id.to_string();
        for turn in 0..UNKNOWN {
            run_id = nobodys(&run_id, turn);
            let run = CurrentRun {
                run_id: run_id.as_str().into(),
                ..run.clone()
            };
            self.viewer(name).connect().await?;
            self.ask_for(name, &run, Position::Null).await?;
        }
        Ok(())
    }

    /// Asks for the present run, on a new connection.
    pub async fn ask_for_anothers(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.viewer(name).connect().await?;
        self.ask_for(name, &run, Position::Null).await?;
        self.let_go(&run);
        Ok(())
    }
}

/// The token with another letter in its last eighth, which in a JWT is its signature; with one more
/// where it has none.
#[must_use]
pub fn forged(token: &SecretString) -> SecretString {
    let token = token.expose_secret();
    let letters: Vec<char> = token.chars().collect();
    let at = letters.len() - letters.len() / 8;
    let at = (0..letters.len().min(at + 1))
        .rev()
        .find(|at| letters[*at].is_ascii_alphanumeric());
    let Some(at) = at else {
        return SecretString::from(format!("{token}x"));
    };
    let changed = |(place, letter): (usize, &char)| match place == at {
        true => other(*letter),
        false => *letter,
    };
    let forged: String = letters.iter().enumerate().map(changed).collect();
    SecretString::from(forged)
}

/// An id of the same form, with other letters in its second half; in each turn other ones.
fn nobodys(id: &str, turn: usize) -> String {
    let letters: Vec<char> = id.chars().collect();
    let half = letters.len() / 2;
    let changed =
        |(place, letter): (usize, &char)| match place >= half && (place + turn).is_multiple_of(2) {
            true => other(*letter),
            false => *letter,
        };
    letters.iter().enumerate().map(changed).collect()
}

/// Another letter or digit of the same kind; hexadecimal ones stay so. Everything else stays.
fn other(letter: char) -> char {
    let within = |first: char, last: char| {
        let turned = u32::from(first) + u32::from(last) - u32::from(letter);
        char::from_u32(turned).unwrap_or(letter)
    };
    match letter {
        '0'..='9' => within('0', '9'),
        'a'..='f' => within('a', 'f'),
        'g'..='z' => within('g', 'z'),
        'A'..='F' => within('A', 'F'),
        'G'..='Z' => within('G', 'Z'),
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_token_is_wrong_by_one_letter() {
        for token in [
            "s",
            "sekret",
            "token-of-7",
            "aaaa.bbbb.ccccccccccccccccccccc",
            "aé!!!!!!",
        ] {
            let forged = forged(&SecretString::from(token));
            let forged = forged.expose_secret();
            let pairs = token.chars().zip(forged.chars());
            assert_eq!(
                pairs.filter(|(one, other)| one != other).count(),
                1,
                "{forged}"
            );
            assert_eq!(token.chars().count(), forged.chars().count());
        }
        assert_eq!(forged(&SecretString::from("!?")).expose_secret(), "!?x");
    }

    #[test]
    fn ids_of_nobody_look_like_ids() {
        let id = "7bdd96be-cdd0-4c25-b03d-a2db22b4b8e8";
        let one = nobodys(id, 0);
        let other = nobodys(&one, 1);
        assert!(one != id && other != id && other != one);
        for made in [one, other] {
            let form = |id: &str| -> Vec<bool> { id.chars().map(|c| c == '-').collect() };
            assert_eq!(form(&made), form(id), "{made}");
            assert!(
                made.chars().all(|c| c == '-' || c.is_ascii_hexdigit()),
                "{made}"
            );
        }
    }
}
