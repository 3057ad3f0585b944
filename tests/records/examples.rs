//! The viewers that front ends copy: short, and walked through.

use std::fs;
use std::path::Path;

/// How many lines a viewer may have: as many as are read at once.
const MOST: usize = 99;

#[test]
fn every_example_is_short_and_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/writing-a-client.md")).expect("a page");
    let mut count = 0;
    for entry in fs::read_dir(root.join("examples")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let lines = text.lines().count();
        assert!(lines <= MOST, "{name} has {lines} lines");
        assert!(
            page.contains(&format!("(../examples/{name})")),
            "{name} is explained"
        );
        count += 1;
    }
    assert_eq!(count, 3);
}
