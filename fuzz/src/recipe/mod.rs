//! Values made from bytes, hostile ones more often than not. Where the bytes are used up, everything is
//! the first of its kind, so that every recipe ends.

pub mod conversation;
pub mod model;

use arbitrary::{Result, Unstructured};

/// Texts that mean something to a terminal, to markup, to a parser or to the eye.
const HOSTILE: &[&str] = &[
    "</script>",
    "]]>",
    "-->",
    "<!--",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover=\"x",
    "'",
    "\"",
    "`",
    "``` ``",
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2066}",
    "\u{200f}",
    "\u{feff}",
    "\0",
    "\u{1}",
    "\u{b}",
    "\r\n",
    "\n# a heading\n",
    "\t",
    "\u{fffe}",
    "\u{ffff}",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{3164}\u{115f}",
    "\u{e0041}",
    "e\u{301}\u{301}\u{301}\u{301}",
    "🎉",
    "事件",
    "\u{10ffff}",
    "&amp;",
    "&#0;",
    "<![CDATA[",
    "<?xml",
    "|",
    "*_~[a](http://x)",
    "@everyone",
    "https://example.org/?a=b&c=d",
    "www.example.org",
    "::set-output name=x::y",
    "\"\"\"",
    "'''",
    "\\",
    "\\\"",
    "{0}",
    "%s%n",
    "$(id)",
    "- a",
    "1. a",
    "    a",
    "<details>",
    "</details>",
    "javascript:alert(1)",
    "../../etc/passwd",
    "\u{0}\u{1b}\u{9d}",
];

/// Words that the suite itself uses.
const TAME: &[&str] = &[
    "",
    "Ada",
    "running",
    "`catch_up` tells",
    "2 missed events, as `catch_up` announced (#6), before `subscribed`",
    "agno 3.1.10",
    "ws://localhost:7777/workflows/ws",
    "an open ` one",
    " ",
];

/// Lengths at which something is cut.
const LENGTHS: &[usize] = &[1, 2, 39, 80, 121, 300, 601, 2_001, 20_001, 200_001];

/// One of these.
pub fn one_of<T: Copy>(u: &mut Unstructured<'_>, all: &[T]) -> Result<T> {
    u.choose(all).copied()
}

/// Once in so many times; never where the bytes are used up.
pub fn seldom(u: &mut Unstructured<'_>, times: u8) -> Result<bool> {
    Ok(u.int_in_range(0..=times - 1)? == times - 1)
}

/// A text of anybody's.
pub fn text(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=11_u8)? {
        0..=3 => one_of(u, TAME)?.to_owned(),
        4..=7 => one_of(u, HOSTILE)?.to_owned(),
        8 => u.arbitrary::<&str>()?.chars().take(64).collect(),
        9 | 10 => {
            let mut joined = String::new();
            for _ in 0..u.int_in_range(1..=4_u8)? {
                joined += one_of(u, HOSTILE)?;
                joined += one_of(u, TAME)?;
            }
            joined
        }
        _ => {
            let piece = match u.arbitrary()? {
                true => one_of(u, HOSTILE)?,
                false => "x",
            };
            // The longest ones cost the most time.
            let most = if seldom(u, 16)? { LENGTHS.len() } else { 8 };
            let length = one_of(u, &LENGTHS[..most])?;
            let mut long = piece.repeat(length / piece.len().max(1) + 1);
            long += one_of(u, HOSTILE)?;
            long
        }
    })
}

/// None, or such a thing.
pub fn perhaps<T>(
    u: &mut Unstructured<'_>,
    make: impl FnOnce(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Option<T>> {
    match u.arbitrary()? {
        true => make(u).map(Some),
        false => Ok(None),
    }
}

/// So many at most.
pub fn several<T>(
    u: &mut Unstructured<'_>,
    most: usize,
    mut make: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let number = u.int_in_range(0..=most)?;
    (0..number).map(|_| make(u)).collect()
}

/// A number: small ones, and those at which something overflows.
pub fn number(u: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match u.int_in_range(0..=7_u8)? {
        0..=4 => u.int_in_range(0..=9)?,
        5 => u.int_in_range(0..=100_001)?,
        6 => one_of(
            u,
            &[
                u64::MAX,
                u64::MAX - 1,
                1 << 63,
                (1 << 63) - 1,
                1 << 53,
                u64::from(u32::MAX),
                u64::MAX / 1000,
            ],
        )?,
        _ => u.arbitrary()?,
    })
}
