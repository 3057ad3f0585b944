//! Every rendering of runs made by hand. `UPDATE_EXPECTED=1` writes the expected texts anew.

pub(crate) mod fixture;
mod gates;
mod html;
mod machine;
mod matrix;
mod terminal;

use std::fs;
use std::path::PathBuf;

use pretty_assertions::assert_eq;
use reconnect_acceptance::report::render::terminal::{Look, Terminal};

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

/// `cargo test --test records look -- --ignored --nocapture` shows every run as it comes out here,
/// and leaves the folders in `target/look`.
#[test]
#[ignore = "for eyes, and for validators of the formats"]
fn look() {
    for (name, run) in [
        ("green", fixture::green()),
        ("red", fixture::red()),
        ("unreachable", fixture::unreachable()),
        ("hostile", fixture::hostile()),
    ] {
        let mut terminal = Terminal::new(std::io::stdout(), Look::default());
        let report = &run.report;
        terminal.started(&report.target, report.scenarios.len(), 7);
        for scenario in &report.scenarios {
            terminal.scenario_finished(scenario);
        }
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("target/look")
            .join(name);
        terminal.finished(&run, Some(&dir));
        reconnect_acceptance::report::store::folder::write_all(&run, &dir, None).expect("write");
    }
}
