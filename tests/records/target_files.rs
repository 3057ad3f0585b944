//! The page about target files names every part, and every example in it is one that the suite takes.

use std::fs;
use std::path::Path;

use reconnect_acceptance::protocol::Part;
use reconnect_acceptance::target::file::TargetFile;

fn page() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/target-file.md");
    fs::read_to_string(file).expect("docs/target-file.md")
}

#[test]
fn every_part_has_a_row() {
    let page = page();
    for part in Part::ALL {
        let row = format!("\n| `{part}` | ");
        assert!(
            page.contains(&row),
            "docs/target-file.md: say in the table of parts what `{part}` must do"
        );
    }
}

#[test]
fn every_example_is_taken() {
    let page = page();
    let rows: Vec<_> = page
        .lines()
        .skip_while(|line| *line != "## Keys")
        .take_while(|line| *line != "## Parts")
        .filter_map(|line| {
            let mut cells = line.split(" | ");
            let key = cells.next()?.strip_prefix("| `")?.strip_suffix('`')?;
            let example = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
            (!key.starts_with('[')).then_some((key, example))
        })
        .collect();
    assert!(rows.len() > 8, "{rows:?}");
    for (key, example) in rows {
        let url = if key == "url" {
            ""
        } else {
            "url = \"ws://h/ws\"\n"
        };
        let text = format!("{url}{key} = {example}\n[parts.long]\nworkflow_id = \"w\"\n");
        let read = TargetFile::parse(&text);
        assert!(
            read.is_ok(),
            "{key} = {example}: {}",
            read.expect_err("wrong")
        );
    }
}

/// The block of the page that is a target file.
#[test]
fn the_target_file_of_its_page_is_taken() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/target-file.md");
    let readme = fs::read_to_string(file).expect("docs/target-file.md");
    let block = readme
        .split("```toml\n")
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.contains("\n# target.toml"))
        .expect("a target file");
    let read = TargetFile::parse(block).expect("as the page says");
    assert!(read.casting().len() > 6);
}
