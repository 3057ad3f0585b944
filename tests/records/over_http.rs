//! The page about HTTP has what becomes of each requirement there. `UPDATE_EXPECTED=1` writes the table anew.

use std::fmt::Write;

use reconnect_acceptance::check::over_http::{OverHttp, over_http};
use reconnect_acceptance::check::registry;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/protocol-http.md");

/// What stands before the table.
const BEFORE: &str =
    "<!-- from the catalogue: UPDATE_EXPECTED=1 cargo test --test records over_http -->\n";

fn table() -> String {
    let mut table = "| id | over HTTP |\n|---|---|\n".to_owned();
    for requirement in registry::both() {
        let words = match over_http(requirement.id) {
            OverHttp::Same => continue,
            OverHttp::Adapted(sentence) => sentence.to_owned(),
            OverHttp::NotApplicable(reason) => format!("not applicable: {reason}"),
        };
        writeln!(table, "| {} | {words} |", requirement.id).expect("a text");
    }
    table
}

#[test]
fn the_page_has_what_is_different() {
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let (before, _) = page.split_once(BEFORE).expect("the mark");
    let expected = format!("{before}{BEFORE}{}", table());
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(PAGE, &expected).expect("it is written");
    } else {
        assert!(
            page == expected,
            "UPDATE_EXPECTED=1 cargo test --test records over_http writes {PAGE}"
        );
    }
}
