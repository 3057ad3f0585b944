//! What must hold of whatever bytes come: one plain function a fuzz target, which panics where it does
//! not. `fuzz_targets/` hands them to libFuzzer; `tests/corpus.rs` runs the stored inputs through the
//! same functions, without any fuzzer.
//!
//! - [`decoding`]: frames from the wire
//! - [`record`]: stored transcripts, and every check over them
//! - [`target_file`] and [`known_failures`]: the two files that people write
//! - [`reports`]: every rendering of a run, read again by strict parsers
//!
//! Bytes that begin with 0xFF, which no text does, are a recipe: values of the types are made from them
//! (`recipe`), so that the fuzzer need not find the shape of a conversation by itself.

mod decoding;
mod known_failures;
mod recipe;
mod record;
mod reports;
mod strict;
mod target_file;

pub use decoding::decoding;
pub use known_failures::known_failures;
pub use record::record;
pub use reports::reports;
pub use target_file::target_file;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by the name of its binary and of its folders in `seeds/` and `regressions/`.
pub const TARGETS: &[Target] = &[
    ("decoding", decoding),
    ("record", record),
    ("target_file", target_file),
    ("known_failures", known_failures),
    ("reports", reports),
];

/// The beginning of these bytes that is text.
fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// What follows the mark of a recipe, if the bytes are one.
fn recipe_in(bytes: &[u8]) -> Option<arbitrary::Unstructured<'_>> {
    let rest = bytes.strip_prefix(&[0xFF])?;
    Some(arbitrary::Unstructured::new(rest))
}
