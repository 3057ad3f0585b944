//! How the viewers of a started AgentOS authenticate: not at all, with a security key, or each user with
//! a token.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::target::Error;
use crate::target::admin::Issue;

/// The environment variables that make an AgentOS ask for a token (agno 2.3.17 to 3.1.10). It does not
/// get those of our own environment.
const VARIABLES: [&str; 3] = ["OS_SECURITY_KEY", "JWT_VERIFICATION_KEY", "JWT_JWKS_FILE"];

/// The environment variable with the secret of the users' tokens, for the app.
const USERS_SECRET: &str = "RECONNECT_ACCEPTANCE_USERS_SECRET";

/// How long a user's token is valid, in seconds: longer than any run.
const VALID_FOR: i64 = 24 * 60 * 60;

/// What the users may do.
const SCOPES: [&str; 7] = [
    "workflows:run",
    "workflows:read",
    "agents:run",
    "agents:read",
    "teams:run",
    "teams:read",
    "sessions:read",
];

/// How the viewers of a server authenticate.
#[derive(Clone, Debug)]
pub enum Guard {
    /// Not at all.
    Open,
    /// All of them with this key.
    Key(SecretString),
    /// Each with a token that names the user, signed with this secret.
    Users(SecretString),
}

impl Guard {
    /// A new random key.
    ///
    /// # Errors
    ///
    /// [`Error::Setup`] if the machine gives no random numbers.
    pub fn key() -> Result<Self, Error> {
        secret().map(Self::Key)
    }

    /// A new random secret for the users' tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Setup`] if the machine gives no random numbers.
    pub fn users() -> Result<Self, Error> {
        secret().map(Self::Users)
    }

    /// Adds options and variables of the app. Secrets go through its environment, which other users of the
    /// machine cannot see.
    pub fn add_to(&self, command: &mut Command) {
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.env_remove(USERS_SECRET);
        match self {
            Self::Open => {}
            Self::Key(key) => {
                command.env("OS_SECURITY_KEY", key.expose_secret());
            }
            Self::Users(secret) => {
                command.env(USERS_SECRET, secret.expose_secret());
                command.args(["--users-secret-env", USERS_SECRET]);
            }
        }
    }

    /// How progress lines describe it.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Key(_) => " with a security key",
            Self::Users(_) => " with users",
        }
    }
}

/// 32 random bytes, as text.
fn secret() -> Result<SecretString, Error> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::Setup("make a secret: the machine gives no random numbers".into()))?;
    Ok(SecretString::from(BASE64.encode(bytes)))
}

/// The token of a user who may run workflows, agents and teams, and read them: a JWT (RFC 7519) with HS256.
#[must_use]
pub fn token(secret: &SecretString, user: &str, now: i64) -> SecretString {
    let claims = json!({
        "sub": user,
        "scopes": SCOPES,
        "iat": now,
        "exp": now.saturating_add(VALID_FOR),
    });
    signed(secret.expose_secret().as_bytes(), &claims)
}

/// Likewise, of one who may run and read those of the part `short` alone.
#[must_use]
pub fn token_for_short(secret: &SecretString, user: &str, now: i64) -> SecretString {
    let claims = json!({
        "sub": user,
        "scopes": [
            "workflows:short-workflow:run",
            "workflows:short-workflow:read",
            "agents:short-agent:run",
            "agents:short-agent:read",
            "teams:short-team:run",
            "teams:short-team:read",
            "sessions:read",
        ],
        "iat": now,
        "exp": now.saturating_add(VALID_FOR),
    });
    signed(secret.expose_secret().as_bytes(), &claims)
}

/// How long a token of the [`Issuer`] is valid, in seconds, and when it has certainly expired: the server
/// counts whole seconds.
const SOON: i64 = 2;
const SOON_EXPIRED: Duration = Duration::from_secs(4);

/// Gives tokens of a user that soon expire.
#[derive(Debug)]
pub struct Issuer {
    secret: SecretString,
    user: &'static str,
}

impl Issuer {
    /// Signs tokens of this user with this secret.
    #[must_use]
    pub fn new(secret: SecretString, user: &'static str) -> Self {
        Self { secret, user }
    }
}

#[async_trait]
impl Issue for Issuer {
    async fn issue(&self) -> Result<(SecretString, Duration), String> {
        let now = jiff::Timestamp::now().as_second();
        let claims = json!({
            "sub": self.user,
            "scopes": SCOPES,
            "iat": now,
            "exp": now.saturating_add(SOON),
        });
        let token = signed(self.secret.expose_secret().as_bytes(), &claims);
        Ok((token, SOON_EXPIRED))
    }
}

/// The claims in the compact form of RFC 7515, section 7.1.
fn signed(secret: &[u8], claims: &Value) -> SecretString {
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let part = |value: &Value| BASE64.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = hmac::sign(&key, signed.as_bytes());
    SecretString::from(format!("{signed}.{}", BASE64.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_same_as_from_another_library() {
        // The token that PyJWT 2.15.1 makes for these claims and this secret.
        let token = signed(
            b"a-secret-of-at-least-256-bits-for-hs256",
            &json!({"sub": "alice"}),
        );
        assert_eq!(
            token.expose_secret(),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.XZJrm8MkpziCP5gdHj6HkHK5LMIPEy6MJ0QEdZUc_zo"
        );
    }

    #[test]
    fn a_token_names_its_user_and_no_two_secrets_are_the_same() {
        let (Ok(Guard::Users(one)), Ok(Guard::Users(other))) = (Guard::users(), Guard::users())
        else {
            panic!("secrets");
        };
        assert_ne!(one.expose_secret(), other.expose_secret());
        let token = token(&one, "Ben", 7);
        let claims = token.expose_secret().split('.').nth(1).expect("claims");
        let claims = BASE64.decode(claims).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        assert_eq!((&claims["sub"], &claims["iat"]), (&json!("Ben"), &json!(7)));
        assert!(!format!("{:?}", Guard::Key(token)).contains("eyJ"));
    }
}
