//! Every stored input through the function of its target: `seeds/` holds a small corpus, `regressions/`
//! what once went wrong.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use reconnect_acceptance_fuzz::TARGETS;

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_stored_input_keeps_what_is_promised() {
    let mut failed = Vec::new();
    for (name, target) in TARGETS {
        let mut inputs = files(&here().join("seeds").join(name));
        assert!(!inputs.is_empty(), "{name} has no seeds");
        inputs.extend(files(&here().join("regressions").join(name)));
        for path in inputs {
            let bytes = fs::read(&path).expect("a file");
            // What went wrong has been printed by then.
            if catch_unwind(AssertUnwindSafe(|| target(&bytes))).is_err() {
                failed.push(path);
            }
        }
    }
    assert_eq!(failed, Vec::<PathBuf>::new());
}

#[test]
fn nothing_is_stored_that_no_target_reads() {
    for folder in ["seeds", "regressions"] {
        for path in files(&here().join(folder)) {
            let known = TARGETS.iter().any(|(name, _)| path.ends_with(name));
            assert!(known, "{}", path.display());
        }
    }
    let mut size = 0;
    for (name, _) in TARGETS {
        let binary = here().join("fuzz_targets").join(format!("{name}.rs"));
        let text = fs::read_to_string(&binary).expect("a target");
        assert!(text.contains(&format!("::{name}(bytes)")), "{text}");
        for file in files(&here().join("seeds").join(name)) {
            size += fs::metadata(file).expect("a file").len();
        }
    }
    assert!(size < 2_000_000, "{size} bytes are too many to keep");
}

#[test]
fn what_is_fuzzed_is_what_is_built() {
    let packages = |path: PathBuf| -> Vec<(String, String)> {
        let text = fs::read_to_string(&path).expect("a lock file");
        let table: toml::Table = text.parse().expect("TOML");
        let all = table["package"].as_array().expect("packages").iter();
        all.map(|it| (it["name"].to_string(), it["version"].to_string()))
            .collect()
    };
    let ours = packages(here().join("Cargo.lock"));
    let theirs = packages(here().join("../Cargo.lock"));
    for (name, version) in &ours {
        let mut of = theirs.iter().filter(|(it, _)| it == name).peekable();
        let same = of.peek().is_none() || of.any(|(_, it)| it == version);
        assert!(
            same,
            "{name} {version} is another one than in ../Cargo.lock: copy it here, and build"
        );
    }
}
