//! Keeps secrets out of the record: they are masked before anything is stored.
//!
//! - `forms`: what else a secret can look like: base64, hexadecimal, a part of a header
//! - `escapes`: what JSON, URLs and HTML make of any text, taken off again
//!
//! A server may send a secret in any of these forms, and in several at once. A secret that comes in two
//! messages, a part in each, is not recognized.

mod escapes;
mod forms;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use secrecy::{ExposeSecret, SecretString};

use crate::protocol::action::WRONG_TOKEN;

/// What replaces a secret in a record.
pub const MASK: &str = "[secret]";

/// Knows the secrets of a run, and masks them in texts.
#[derive(Default)]
pub struct Redactor {
    /// Finds every form of every secret; none where there is nothing to be found.
    known: Option<AhoCorasick>,
    secrets: usize,
    /// Tokens that are wrong on purpose, and look like right ones.
    wrong: Vec<SecretString>,
    /// What became known later, each for itself.
    later: RwLock<Vec<Self>>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets)
    }
}

impl Redactor {
    /// Masks these secrets in each form that servers write them in, whatever the case of the letters.
    ///
    /// What would be found in a record by chance is left as it is, since the record would not say any
    /// more what the server said: a secret of fewer than 6 bytes, one of fewer than 12 that is digits
    /// alone, and one that is a part of the protocol's own words (`workflow`). Where a client sends it
    /// as its token, it is masked all the same ([`Redactor::mask_token`]).
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let secrets: Vec<SecretString> = secrets.into_iter().collect();
        let patterns = secrets.iter().flat_map(|it| forms::of(it.expose_secret()));
        let mut patterns: Vec<Vec<u8>> = patterns.collect();
        patterns.sort_unstable();
        patterns.dedup();
        // Only patterns of more than two gigabytes cannot be built.
        let known = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // Small, also where a token has thousands of letters.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&patterns);
        Self {
            known: known.ok().filter(|_| !patterns.is_empty()),
            secrets: secrets.len(),
            wrong: Vec::new(),
            later: RwLock::default(),
        }
    }

    /// Masks this secret, too, from now on.
    pub fn learn(&self, secret: SecretString) {
        let mut later = self.later.write().unwrap_or_else(PoisonError::into_inner);
        later.push(Self::new([secret]));
    }

    /// Knows these tokens as wrong ones. They tell much of the right ones, so let them be among the
    /// secrets, too.
    #[must_use]
    pub fn wrong(mut self, tokens: impl IntoIterator<Item = SecretString>) -> Self {
        self.wrong.extend(tokens);
        self
    }

    /// What replaces, in the record, a token that a viewer sends.
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

    /// The text with every secret masked; borrowed where there was none. Takes time in proportion to
    /// the text.
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = self.mask_known(text);
        let later = self.later.read().unwrap_or_else(PoisonError::into_inner);
        for more in later.iter() {
            if let Cow::Owned(again) = more.mask_known(&masked) {
                masked = Cow::Owned(again);
            }
        }
        masked
    }

    fn mask_known<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(known) = &self.known else {
            return Cow::Borrowed(text);
        };
        let mut spans = find(known, text.as_bytes());
        let mut outer = Cow::Borrowed(text.as_bytes());
        for depth in 1..=escapes::DEEPEST {
            let Some(inner) = escapes::take_off(&outer) else {
                break;
            };
            spans.extend(came_from(text, depth, find(known, &inner)));
            outer = Cow::Owned(inner);
        }
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        spans.sort_unstable_by_key(|span| (span.start, span.end));
        let mut merged = Vec::new();
        spans.into_iter().for_each(|span| merge(&mut merged, span));
        // A mask in the middle of an escape would leave half of it behind.
        let mut whole = Vec::new();
        for span in escapes::whole(text.as_bytes(), &merged) {
            merge(&mut whole, span);
        }
        let mut masked = String::with_capacity(text.len());
        let mut copied = 0;
        for span in whole {
            let (start, end) = (floor(text, span.start), ceil(text, span.end));
            masked.push_str(&text[copied..start.max(copied)]);
            masked.push_str(MASK);
            copied = end;
        }
        masked.push_str(&text[copied..]);
        Cow::Owned(masked)
    }
}

/// Where secrets stand: in order, and none within another.
fn find(known: &AhoCorasick, text: &[u8]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for found in known.find_overlapping_iter(text) {
        merge(&mut spans, found.range());
    }
    spans
}

/// The spans of the text that these of what is left of it come from, with escapes taken off so often.
/// What is left is made again for that: texts are large, and secrets in them rare.
fn came_from(text: &str, depth: usize, mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    for above in (0..depth).rev() {
        if spans.is_empty() {
            break;
        }
        let mut outer = Cow::Borrowed(text.as_bytes());
        for _ in 0..above {
            outer = Cow::Owned(escapes::take_off(&outer).unwrap_or_default());
        }
        spans = escapes::with_them(&outer, &spans);
    }
    spans
}

/// Adds a span, and makes one of all that overlap. Those before are in order.
fn merge(spans: &mut Vec<Range<usize>>, mut new: Range<usize>) {
    while let Some(last) = spans.pop_if(|last| last.end > new.start) {
        new = last.start.min(new.start)..last.end.max(new.end);
    }
    spans.push(new);
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests;
