//! Wrong tokens and ids that look like right ones.

use secrecy::{ExposeSecret, SecretString};

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
