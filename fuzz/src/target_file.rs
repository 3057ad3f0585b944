//! The target file: it is read to something that can be used, or refused with the place and what to do;
//! what stands in it as a value is never repeated, since it may be a token.

use std::collections::BTreeSet;

use arbitrary::{Result, Unstructured};
use reconnect_acceptance::protocol::Part;
use reconnect_acceptance::target::file::TargetFile;

use crate::recipe::{one_of, perhaps, several};

/// What no error may repeat. It is no word of the format.
const CANARY: &str = "c4n4ry";
/// Likewise, as a number.
const CANARY_NUMBER: &str = "27182818284";

/// TOML, or a recipe of it.
pub fn target_file(bytes: &[u8]) {
    let Some(mut recipe) = crate::recipe_in(bytes) else {
        let _ = read(crate::text(bytes));
        return;
    };
    let Ok(text) = file(&mut recipe) else {
        return;
    };
    if let Err(error) = read(&text) {
        for canary in [CANARY, CANARY_NUMBER] {
            assert!(!error.contains(canary), "{error}\n---\n{text}");
        }
    }
}

fn read(text: &str) -> Result<TargetFile, String> {
    let read = TargetFile::parse(text);
    match &read {
        Ok(file) => usable(file),
        Err(error) => helpful(text, error),
    }
    read
}

/// Every part is one that there is, and keeps its workflow; two users are two.
fn usable(file: &TargetFile) {
    let casting = file.casting();
    assert_eq!(casting.len(), file.parts.len());
    for (part, workflow) in &casting {
        assert!(Part::ALL.contains(part));
        assert_eq!(
            workflow.workflow_id,
            file.parts[&part.to_string()].workflow_id
        );
    }
    if let Some(users) = &file.users {
        let different: BTreeSet<_> = users.token_envs.iter().collect();
        assert_eq!((users.token_envs.len(), different.len()), (2, 2));
    }
    // Secrets do not show.
    for value in file.headers.values() {
        assert!(!format!("{value:?}").contains(CANARY));
    }
}

/// A line that there is, or what belongs there. It is made visible where it is printed.
fn helpful(text: &str, error: &str) {
    assert!(!error.trim().is_empty());
    let lines = text.split('\n').count();
    let named = error
        .strip_prefix("line ")
        .and_then(|rest| rest.split_once(':'))
        .and_then(|(line, _)| line.parse::<usize>().ok());
    match named {
        Some(line) => assert!((1..=lines).contains(&line), "{error}\nof {lines} lines"),
        None => assert!(
            error.contains("the parts are ") || error.contains("must name two variables"),
            "neither a place nor a way: {error}"
        ),
    }
}

const KEYS: &[&str] = &[
    "url",
    "token_env",
    "ca_file",
    "headers",
    "http_url",
    "replica",
    "restart",
    "retention",
    "forgets_after",
    "guarded",
    "users",
    "parts",
    "parts.long",
    "parts.short.message",
    "headers.Authorization",
    "users.token_envs",
    "guarded.url",
    "nothing",
];

const TABLES: &[&str] = &[
    "[guarded]",
    "[users]",
    "[headers]",
    "[parts.long]",
    "[parts.lang]",
    "[[parts]]",
    "[",
    "[parts.short]",
];

const FIELDS: &[&str] = &[
    "url",
    "http_url",
    "token_env",
    "token_envs",
    "workflow_id",
    "message",
    "Authorization",
    "none",
];

/// A file with canaries where values stand.
fn file(u: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    if u.arbitrary()? {
        text += "url = \"ws://localhost:7777/workflows/ws\"\n";
    }
    for _ in 0..u.int_in_range(0..=4_u8)? {
        text += &format!("{} = {}\n", one_of(u, KEYS)?, value(u, 2)?);
    }
    for _ in 0..u.int_in_range(0..=3_u8)? {
        text += one_of(u, TABLES)?;
        text.push('\n');
        for _ in 0..u.int_in_range(0..=3_u8)? {
            text += &format!("{} = {}\n", one_of(u, FIELDS)?, value(u, 1)?);
        }
    }
    // Cut off somewhere.
    if let Some(at) = perhaps(u, |u| u.choose_index(text.len().max(1)))?
        && text.is_char_boundary(at)
    {
        text.truncate(at);
    }
    Ok(text)
}

/// A value, right or wrong, that holds a canary. Its keys do not: those may be named.
fn value(u: &mut Unstructured<'_>, depth: u8) -> Result<String> {
    let kinds = if depth == 0 { 12_u8 } else { 15 };
    Ok(match u.int_in_range(0..=kinds)? {
        0 | 1 => format!("\"{CANARY}\""),
        2 => format!("'{CANARY}'"),
        3 => format!("\"\"\"\n{CANARY}\"\"\""),
        4 => format!("\"{CANARY}"),
        5 => CANARY.to_owned(),
        6 => CANARY_NUMBER.to_owned(),
        7 => format!("-{CANARY_NUMBER}.5"),
        8 => format!("\"{CANARY}\\q\""),
        9 => format!("\"a\\\"{CANARY}\\\": string \\\"x\""),
        10 => "true".to_owned(),
        11 => "2026-12-31".to_owned(),
        12 => format!("\"{CANARY}` {CANARY} `\\u001b\\u202e{CANARY}\""),
        13 | 14 => {
            let all = several(u, 3, |u| value(u, depth - 1))?;
            format!("[{}]", all.join(", "))
        }
        _ => {
            let pairs = several(u, 3, |u| {
                Ok(format!("{} = {}", one_of(u, FIELDS)?, value(u, depth - 1)?))
            })?;
            format!("{{{}}}", pairs.join(", "))
        }
    })
}
