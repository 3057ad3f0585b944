//! Keeps secrets out of the record: they are masked before anything is stored.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};

use crate::protocol::action::WRONG_TOKEN;

/// What stands in a record where a secret stood.
pub const MASK: &str = "[secret]";

/// Below this length a secret is masked only where a client sends it as its token: it would be found
/// inside ordinary words.
const SHORTEST: usize = 6;

/// Knows the secrets of a run, and masks them in texts.
#[derive(Default)]
pub struct Redactor {
    secrets: Vec<SecretString>,
    /// Tokens that are wrong on purpose, and look like right ones.
    wrong: Vec<SecretString>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    /// Masks these secrets, and what JSON makes of them.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let mut all: Vec<SecretString> = Vec::new();
        for secret in secrets {
            let plain = secret.expose_secret();
            let quoted = serde_json::Value::from(plain).to_string();
            let escaped = quoted.trim_matches('"');
            if escaped != plain {
                all.push(SecretString::from(escaped));
            }
            all.push(secret);
        }
        all.retain(|secret| secret.expose_secret().len() >= SHORTEST);
        all.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self {
            secrets: all,
            wrong: Vec::new(),
        }
    }

    /// Knows these tokens as wrong ones. They tell much of the right ones, so let them be among the
    /// secrets, too.
    #[must_use]
    pub fn wrong(mut self, tokens: impl IntoIterator<Item = SecretString>) -> Self {
        self.wrong.extend(tokens);
        self
    }

    /// What stands in the record for a token that a viewer sends.
    #[must_use]
    pub fn mask_token(&self, token: &str) -> &'static str {
        let is = |wrong: &SecretString| wrong.expose_secret() == token;
        match token {
            "" => "",
            WRONG_TOKEN => WRONG_TOKEN,
            _ if self.wrong.iter().any(is) => WRONG_TOKEN,
            _ => MASK,
        }
    }

    /// The text with every secret masked; borrowed where there was none.
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            let secret = secret.expose_secret();
            if memchr::memmem::find(text.as_bytes(), secret.as_bytes()).is_some() {
                text = Cow::Owned(text.replace(secret, MASK));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recorded_as_right_or_wrong_and_never_as_it_is() {
        let redactor = Redactor::new([]).wrong([SecretString::from("nearly")]);
        for (token, recorded) in [
            ("right", MASK),
            ("nearly", WRONG_TOKEN),
            (WRONG_TOKEN, WRONG_TOKEN),
            ("", ""),
        ] {
            assert_eq!(redactor.mask_token(token), recorded);
        }
    }

    #[test]
    fn a_secret_is_masked_plain_and_as_json_writes_it() {
        let redactor = Redactor::new([SecretString::from("canary\"7")]);
        assert_eq!(
            redactor.mask(r#"{"a": "canary\"7"}"#),
            r#"{"a": "[secret]"}"#
        );
        assert_eq!(redactor.mask("canary\"7!"), "[secret]!");
        assert!(matches!(redactor.mask("nothing"), Cow::Borrowed("nothing")));
        assert!(!format!("{redactor:?}").contains("canary"));
    }
}
