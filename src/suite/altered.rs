//! Wrong tokens and ids that look like right ones.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

/// The token with one letter changed in its last eighth, which in a JWT is the signature; with one letter
/// more where it has none to change.
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

/// The token without its second half.
#[must_use]
pub fn truncated(token: &SecretString) -> SecretString {
    let token = token.expose_secret();
    let half = token.chars().count().div_ceil(2);
    SecretString::from(token.chars().take(half).collect::<String>())
}

/// What is changed in a JWT (RFC 7519).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JwtChange {
    /// It expired long ago; the signature stays that of the right one.
    Expired,
    /// It becomes valid in many years; likewise.
    NotYetValid,
    /// It is for another audience; likewise.
    OtherAudience,
    /// It says the same, signed with another key.
    OtherKey,
    /// It says the same, and that it needs no signature.
    Unsigned,
}

impl JwtChange {
    /// Every change.
    pub const ALL: [Self; 5] = [
        Self::Expired,
        Self::NotYetValid,
        Self::OtherAudience,
        Self::OtherKey,
        Self::Unsigned,
    ];

    /// The token with this change; `None` where it is no JWT in the compact form of RFC 7515.
    #[must_use]
    pub fn of(self, token: &SecretString) -> Option<SecretString> {
        let mut parts = token.expose_secret().split('.');
        let (header, claims) = (parts.next()?, parts.next()?);
        let signature = parts.next().filter(|_| parts.next().is_none())?;
        let (said, mut changed) = (fields(header)?, fields(claims)?);
        let (key, value) = match self {
            Self::Expired => ("exp", json!(LONG_AGO)),
            Self::NotYetValid => ("nbf", json!(FAR_AHEAD)),
            Self::OtherAudience => ("aud", json!("another audience")),
            Self::OtherKey => {
                let other =
                    hmac::Key::new(hmac::HMAC_SHA256, b"a key that the server does not know");
                let signature = hmac::sign(&other, format!("{header}.{claims}").as_bytes());
                let signature = BASE64.encode(signature);
                return Some(SecretString::from(format!("{header}.{claims}.{signature}")));
            }
            Self::Unsigned => {
                let mut said = said;
                said.insert("alg".to_owned(), json!("none"));
                let header = BASE64.encode(Value::Object(said).to_string());
                return Some(SecretString::from(format!("{header}.{claims}.")));
            }
        };
        changed.insert(key.to_owned(), value);
        let claims = BASE64.encode(Value::Object(changed).to_string());
        Some(SecretString::from(format!("{header}.{claims}.{signature}")))
    }
}

/// In 2001, and in 2100, in Unix seconds.
const LONG_AGO: u64 = 1_000_000_000;
const FAR_AHEAD: u64 = 4_102_444_800;

/// The object in a part of a JWT.
fn fields(part: &str) -> Option<Map<String, Value>> {
    let bytes = BASE64.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Every wrong token that the suite makes from this right one.
#[must_use]
pub fn all_wrong(token: &SecretString) -> Vec<SecretString> {
    let changed = JwtChange::ALL.into_iter().filter_map(|it| it.of(token));
    [forged(token), truncated(token)]
        .into_iter()
        .chain(changed)
        .collect()
}

/// An id of the same form, with other letters in its second half, different ones for each turn.
pub fn unknown_like(id: &str, turn: usize) -> String {
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
    fn a_changed_jwt_is_another_one_and_still_a_jwt() {
        let (token, _) = crate::target::bundled::USERS[0];
        let token = SecretString::from(token);
        let mut seen = vec![token.expose_secret().to_owned()];
        for change in JwtChange::ALL {
            let changed = change.of(&token).expect("a JWT");
            let changed = changed.expose_secret();
            assert!(!seen.iter().any(|it| it == changed), "{change:?}");
            assert_eq!(changed.split('.').count(), 3, "{change:?}");
            let parts: Vec<_> = changed.split('.').collect();
            let (header, claims) = (fields(parts[0]), fields(parts[1]));
            let (header, claims) = (header.expect("JSON"), claims.expect("JSON"));
            assert_eq!(claims["sub"], "the first user");
            assert_eq!(header["alg"] == "none", change == JwtChange::Unsigned);
            assert_eq!(claims["exp"] == LONG_AGO, change == JwtChange::Expired);
            seen.push(changed.to_owned());
        }
        for other in ["sekret", "a.b.c", "a.b", "e30.e30.x.y"] {
            assert!(
                JwtChange::Expired.of(&SecretString::from(other)).is_none(),
                "{other}"
            );
        }
    }

    #[test]
    fn half_of_a_token_is_left() {
        let half = |token: &str| {
            truncated(&SecretString::from(token))
                .expose_secret()
                .to_owned()
        };
        assert_eq!(
            (half("sekret"), half("abc"), half("é")),
            ("sek".into(), "ab".into(), "é".into())
        );
    }

    #[test]
    fn unknown_ids_look_like_ids() {
        let id = "7bdd96be-cdd0-4c25-b03d-a2db22b4b8e8";
        let one = unknown_like(id, 0);
        let other = unknown_like(&one, 1);
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
