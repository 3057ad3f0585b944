use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use proptest::prelude::*;
use serde_json::Value;

use crate::redact::*;

fn knowing(secrets: &[&str]) -> Redactor {
    Redactor::new(secrets.iter().map(|it| SecretString::from(*it)))
}

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
    let redactor = knowing(&["canary\"7"]);
    assert_eq!(
        redactor.mask(r#"{"a": "canary\"7"}"#),
        r#"{"a": "[secret]"}"#
    );
    assert_eq!(redactor.mask("canary\"7!"), "[secret]!");
    assert!(matches!(redactor.mask("nothing"), Cow::Borrowed("nothing")));
    assert!(matches!(redactor.mask(r"n\n%41"), Cow::Borrowed(_)));
    assert!(!format!("{redactor:?}").contains("canary"));
}

#[test]
fn every_secret_is_masked_and_what_stands_between_them_stays() {
    let redactor = knowing(&["canary-one", "canary-two", "one-canary"]);
    assert_eq!(
        redactor.mask("a canary-one, canary-twocanary-one b"),
        "a [secret], [secret][secret] b"
    );
    assert_eq!(redactor.mask("x canary-one-canary y"), "x [secret] y");
}

#[test]
fn a_part_of_a_header_is_masked_like_the_whole() {
    let redactor = knowing(&[
        "Bearer eyJhbGciOi",
        "Basic dXNlcjpoZWxsby13b3JsZA==",
        "theme=dark; session=0123abcdef",
    ]);
    for secret in [
        "Bearer eyJhbGciOi",
        "eyJhbGciOi",
        "dXNlcjpoZWxsby13b3JsZA==",
        "user:hello-world",
        "hello-world",
        "0123abcdef",
    ] {
        let masked = redactor.mask(secret);
        assert_eq!(masked, MASK, "{secret}");
    }
    assert_eq!(redactor.mask("Bearer of a theme"), "Bearer of a theme");
}

#[test]
fn what_would_be_found_by_chance_is_left_as_it_is() {
    for common in ["short", "17954367", "workflow", "Content", "run_id", ""] {
        let redactor = knowing(&[common]);
        let text = r#"{"event": "RunContent", "workflow_id": "short", "at": 1795436788}"#;
        assert_eq!(redactor.mask(text), text, "{common}");
        assert_eq!(redactor.mask_token("workflow"), MASK);
    }
    let redactor = knowing(&["179543678812", "my workflow"]);
    assert_eq!(
        redactor.mask("at 179543678812: my workflow, workflow"),
        "at [secret]: [secret], workflow"
    );
}

#[test]
fn json_stays_json_where_a_secret_ends_like_an_escape() {
    let redactor = knowing(&[r"canary\", "canary%"]);
    for text in [
        r#"{"a": "canary\\", "b": 1}"#,
        r#"{"a": "canary\"", "b": 1}"#,
        r#"{"a": "canary\\\"", "b": 1}"#,
        r#"{"a": "canary%", "b": 1}"#,
        r#"{"a": "canary%22", "b": 1}"#,
        r#"{"a": "\u0063anary\u005c", "b": 1}"#,
    ] {
        let masked = redactor.mask(text).into_owned();
        assert!(!masked.contains("anary"), "{masked}");
        let value: Value = serde_json::from_str(&masked).unwrap_or_else(|_| panic!("{masked}"));
        assert_eq!(value["b"], 1);
    }
}

#[test]
fn a_text_full_of_escapes_and_secrets_takes_no_time_that_grows_faster_than_it() {
    // With anything but linear work this does not end within the patience of a test.
    let redactor = knowing(&["canary", "aaaaaa"]);
    for unit in [
        "\\\\",
        "%2525",
        "canary",
        "a",
        "&amp;",
        "\\u0063anary",
        "&#",
        "\\u{",
    ] {
        let text = unit.repeat((256 << 10) / unit.len());
        let masked = redactor.mask(&text);
        assert!(!masked.contains("anary"));
    }
    let text = format!("{}%41", "canary ".repeat(30_000));
    assert_eq!(redactor.mask(&text).len(), "[secret] ".len() * 30_000 + 3);
}

/// A way to write a text down.
#[derive(Clone, Copy, Debug)]
enum Writing {
    Json,
    JsonInAscii,
    EveryCharOfJson,
    Percent,
    EveryByteInPercent,
    Form,
    Html,
    EveryCharOfHtml,
}

const WRITINGS: [Writing; 8] = [
    Writing::Json,
    Writing::JsonInAscii,
    Writing::EveryCharOfJson,
    Writing::Percent,
    Writing::EveryByteInPercent,
    Writing::Form,
    Writing::Html,
    Writing::EveryCharOfHtml,
];

fn written(text: &str, how: Writing) -> String {
    let utf16 = |c: char| -> String {
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units).iter();
        units.map(|unit| format!("\\u{unit:04X}")).collect()
    };
    let quoted = |text: &str| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    match how {
        Writing::Json => quoted(text).replace('/', "\\/"),
        Writing::JsonInAscii => {
            let chars = quoted(text);
            let chars = chars.chars();
            chars
                .map(|c| {
                    if c.is_ascii() {
                        c.to_string()
                    } else {
                        utf16(c)
                    }
                })
                .collect()
        }
        Writing::EveryCharOfJson => text.chars().map(utf16).collect(),
        Writing::Percent => {
            let bytes = text.bytes().map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02x}"),
            });
            bytes.collect()
        }
        Writing::EveryByteInPercent => text.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        Writing::Form => form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        Writing::Html => {
            let chars = text.chars().map(|c| match c {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                '>' => "&gt;".to_owned(),
                '"' => "&quot;".to_owned(),
                '\'' => "&#x27;".to_owned(),
                other => other.to_string(),
            });
            chars.collect()
        }
        Writing::EveryCharOfHtml => {
            let chars = text.chars().map(|c| format!("&#{};", u32::from(c)));
            chars.collect()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_secret_is_masked_however_it_is_written(
        secret in "[a-zA-Z0-9+/=%\"\\\\&;#é😀._ -]{10,40}",
        writings in proptest::collection::vec(proptest::sample::select(WRITINGS.to_vec()), 0..=3),
    ) {
        let secret = format!("Z{}Z", secret.trim());
        let redactor = knowing(&[&secret]);
        let mut text = secret.clone();
        for writing in &writings {
            text = written(&text, *writing);
        }
        let said = format!("<{text}>");
        prop_assert_eq!(redactor.mask(&said), "<[secret]>");
        let loud = secret.to_ascii_uppercase();
        prop_assert_eq!(redactor.mask(&loud), MASK);
    }

    #[test]
    fn a_secret_is_masked_in_base64_and_hexadecimal_of_any_text_around_it(
        secret in "[a-zA-Z0-9+/=%\"\\\\é._ -]{10,40}",
        before in "[a-z\"{: ]{0,7}",
        after in "[a-z\"}, ]{0,7}",
        quoted: bool,
    ) {
        let secret = format!("Z{}Z", secret.trim());
        let redactor = knowing(&[&secret]);
        let said = if quoted { written(&secret, Writing::Json).replace("\\/", "/") } else { secret };
        let whole = format!("{before}{said}{after}");
        let rest = |text: &str| -> usize {
            let masked = redactor.mask(text).into_owned();
            assert!(masked.contains(MASK), "{text}");
            masked.replace(MASK, "").trim_end_matches('=').len()
        };
        // What is left belongs to what stands around it, but for the letter at each end.
        let around = (before.len() * 8).div_ceil(6) + (after.len() * 8).div_ceil(6) + 2;
        prop_assert!(rest(&STANDARD.encode(&whole)) <= around);
        prop_assert!(rest(&URL_SAFE.encode(&whole)) <= around);
        let percent = written(&STANDARD.encode(&whole), Writing::Percent);
        prop_assert!(redactor.mask(&percent).contains(MASK));
        let digits: String = whole.bytes().map(|byte| format!("{byte:02X}")).collect();
        prop_assert_eq!(rest(&digits), (before.len() + after.len()) * 2);
    }

    #[test]
    fn nothing_else_is_touched(text in "\\PC*", escapes in "[%&;#\\\\u0-9a-f{}\"]*") {
        let redactor = knowing(&["canary-that-is-not-there"]);
        prop_assert_eq!(redactor.mask(&text), &*text);
        prop_assert_eq!(redactor.mask(&escapes), &*escapes);
    }

    #[test]
    fn no_text_is_too_odd(text in "[a%&;#\\\\u0-9c-f{}é\"]{0,60}") {
        let redactor = knowing(&["aaaaaa", "c\\u0061", "é\\\"é\"é"]);
        let _ = redactor.mask(&text);
    }
}
