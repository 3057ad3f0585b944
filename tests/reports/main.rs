//! Every rendering of runs made by hand. `UPDATE_EXPECTED=1` writes the expected texts anew.

mod fixture;
mod machine;
mod terminal;

use std::fs;
use std::path::PathBuf;

use pretty_assertions::assert_eq;

/// Compares with `tests/data/report/<name>.txt`.
fn expect(name: &str, actual: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/report")
        .join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, actual).expect("write the expected text");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        expected,
        actual,
        "UPDATE_EXPECTED=1 writes {}",
        path.display()
    );
}
