//! What a secret can look like in what a server sends.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::redact::escapes;

/// Below this length, in bytes, a secret would be found inside ordinary words.
const SHORTEST: usize = 6;
/// Below this length, in bytes, digits would be found inside ordinary numbers.
const SHORTEST_NUMBER: usize = 12;

/// What is said in every run, by servers and by the suite, and told apart by its words. A record where
/// a part of these is masked says something else.
const PROTOCOL: &[&str] = &[
    "authenticated",
    "auth_error",
    "auth_required",
    "canceled",
    "cancelled",
    "catch_up",
    "completed",
    "connected",
    "content_type",
    "continue-workflow",
    "created_at",
    "current_event_count",
    "event_index",
    "last_event_index",
    "message",
    "missed_events",
    "no-such-",
    "pending",
    "reconnect-acceptance-",
    "replayed",
    "requires_auth",
    "running",
    "session_id",
    "start-workflow",
    "status",
    "step_requirements",
    "subscribed",
    "total_events",
    "workflow_id",
    "workflow_run_id",
    "WorkflowCancelled",
    "WorkflowCompleted",
    "WorkflowError",
    "WorkflowPaused",
    "WorkflowStarted",
    "wrong-token",
    "StepStarted",
    "StepCompleted",
    "StepContinued",
    "RunStarted",
    "RunContent",
    "RunCompleted",
    "RunCancelled",
];

/// Every text that gives the secret away, besides what escapes make of it. Empty for what is no secret
/// that can be recognized.
pub(crate) fn of(secret: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for text in parts(secret) {
        if !is_recognizable(&text) {
            continue;
        }
        for text in in_other_cases(&text) {
            all.extend(without_escapes(text.into_bytes()));
        }
        let quoted = serde_json::Value::from(&*text).to_string();
        for text in [&*text, &quoted[1..quoted.len() - 1]] {
            all.extend(in_base64(text.as_bytes()));
            all.push(in_hexadecimal(text.as_bytes()));
        }
    }
    all
}

/// The text, and what it is without its escapes: a secret may look as if it were escaped, and is found in
/// a text that has lost them. With a plus for each space, too, as in forms.
fn without_escapes(mut plain: Vec<u8>) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for _ in 0..=escapes::DEEPEST {
        let plus = |byte: &u8| if *byte == b' ' { b'+' } else { *byte };
        let with_plus = plain.iter().map(plus).collect();
        let less = escapes::take_off(&plain);
        all.extend([plain, with_plus]);
        match less {
            Some(less) if less.len() >= SHORTEST => plain = less,
            _ => break,
        }
    }
    all
}

/// The text, and where it looks as if it were escaped, what it is with its letters in another case: that
/// makes other escapes of them, or none.
fn in_other_cases(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    if escapes::take_off(text.as_bytes()).is_some() {
        let swap = |c: char| match c.is_ascii_uppercase() {
            true => c.to_ascii_lowercase(),
            false => c.to_ascii_uppercase(),
        };
        all.extend([text.to_ascii_lowercase(), text.to_ascii_uppercase()]);
        all.push(text.chars().map(swap).collect());
    }
    all
}

/// The secret, and what in it is one by itself: what follows the scheme of a header (`Bearer …`), the
/// password in `Basic …`, the values of cookies.
fn parts(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    let mut parts = vec![secret.to_owned()];
    if let Some((scheme, credentials)) = secret.split_once(' ')
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !credentials.contains(' ')
    {
        parts.push(credentials.to_owned());
        let decoded = STANDARD_NO_PAD.decode(credentials.trim_end_matches('='));
        if let Some(pair) = decoded.ok().and_then(|it| String::from_utf8(it).ok())
            && let Some((_, password)) = pair.split_once(':')
        {
            parts.push(password.to_owned());
            parts.push(pair);
        }
    }
    let cookies = secret.split(';').filter_map(|it| it.split_once('='));
    let cookies = cookies.map(|(_, value)| value.trim().trim_matches('"'));
    parts.extend(cookies.filter(|it| !it.is_empty()).map(str::to_owned));
    parts
}

fn is_recognizable(text: &str) -> bool {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let lower = text.to_ascii_lowercase();
    let mut words = PROTOCOL.iter();
    text.len() >= if is_number { SHORTEST_NUMBER } else { SHORTEST }
        && !words.any(|word| word.to_ascii_lowercase().contains(&lower))
}

/// Base64 of any text that contains the bytes: the part of it that depends on nothing else, for each of the three
/// ways in which they can meet the groups of three bytes, in both alphabets.
fn in_base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for before in 0..3 {
        let mut text = vec![0; before];
        text.extend_from_slice(bytes);
        let own = (before * 8).div_ceil(6)..text.len() * 8 / 6;
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            all.push(alphabet.encode(&text).as_bytes()[own.clone()].to_vec());
        }
    }
    all
}

fn in_hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<String>().into_bytes()
}
