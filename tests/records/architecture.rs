//! The arrows of the design, read off the source: who may use whom.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Which modules each module may name, and which crates it may not.
const RULES: &[(&str, &[&str], &[&str])] = &[
    ("protocol", &[], &["tokio", "cucumber"]),
    ("transcript", &["protocol"], &["tokio", "cucumber"]),
    ("trace", &["protocol", "transcript"], &["tokio", "cucumber"]),
    ("redact", &["protocol"], &["tokio", "cucumber"]),
    ("reference", &["protocol"], &["cucumber"]),
    (
        "check",
        &["protocol", "trace", "transcript"],
        &["tokio", "cucumber"],
    ),
    (
        "client",
        &["protocol", "redact", "transcript"],
        &["cucumber"],
    ),
    ("plan", &["protocol"], &["tokio", "cucumber"]),
    ("target", &["plan", "protocol", "reference"], &["cucumber"]),
    (
        "client_mode",
        &["client", "plan", "protocol", "reference", "transcript"],
        &["cucumber"],
    ),
    ("exit", &[], &["tokio", "cucumber"]),
    ("watch", &["client", "protocol", "report"], &["cucumber"]),
    (
        "report",
        &["check", "exit", "protocol", "trace", "transcript"],
        &["tokio", "cucumber"],
    ),
    (
        "suite",
        &[
            "check",
            "client",
            "client_mode",
            "plan",
            "protocol",
            "report",
            "target",
            "transcript",
        ],
        &[],
    ),
    (
        "explore",
        &[
            "check",
            "client",
            "plan",
            "protocol",
            "report",
            "suite",
            "target",
            "transcript",
        ],
        &["cucumber"],
    ),
    (
        "cli",
        &[
            "check",
            "client",
            "exit",
            "explore",
            "plan",
            "protocol",
            "reference",
            "report",
            "suite",
            "target",
            "trace",
            "transcript",
            "watch",
        ],
        &[],
    ),
];

/// `use crate::{a, b}` and `crate::a::...`, and for crates `use a::` and `a::...`.
fn named(text: &str, prefix: &str) -> Vec<String> {
    let one = Regex::new(&format!(r"\b{prefix}(\w+)")).expect("a pattern");
    let many = Regex::new(&format!(r"\b{prefix}\{{([^}}]*)\}}")).expect("a pattern");
    let mut names: Vec<String> = one
        .captures_iter(text)
        .map(|found| found[1].to_owned())
        .collect();
    for found in many.captures_iter(text) {
        names.extend(
            found[1]
                .split(',')
                .filter_map(|part| part.trim().split("::").next())
                .map(str::to_owned),
        );
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The code of a file: without comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// Every source file below `src/`, by the top-level module that it belongs to.
fn modules() -> BTreeMap<String, Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).expect("below src");
        let first = inside
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy();
        modules
            .entry(first.trim_end_matches(".rs").to_owned())
            .or_default()
            .push(path);
    }
    modules
}

#[test]
fn every_module_keeps_to_its_arrows() {
    let mut wrong = Vec::new();
    for (module, files) in modules() {
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let (_, allowed, forbidden) = RULES
            .iter()
            .find(|(name, ..)| *name == module)
            .unwrap_or_else(|| panic!("the module {module} has no rule here: say whom it may use"));
        for file in files {
            let code = code(&file);
            for name in named(&code, "crate::") {
                if name != module && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{} uses crate::{name}", file.display()));
                }
            }
            for name in *forbidden {
                if Regex::new(&format!(r"\b{name}::"))
                    .expect("a pattern")
                    .is_match(&code)
                {
                    wrong.push(format!("{} uses {name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The parts of `src/report/`; each may use those before it.
const REPORT: [&str; 7] = [
    "text", "model", "verdict", "view", "combine", "render", "store",
];

#[test]
fn every_part_of_the_report_keeps_to_its_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report");
    let mut wrong = Vec::new();
    for (place, part) in REPORT.iter().enumerate() {
        let files = sources(&root.join(part)).into_iter();
        // Tests may make what they read with any part.
        let files = files.filter(|file| !file.ends_with("tests.rs"));
        for file in files {
            let code = code(&file);
            let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or(&code);
            for name in named(code, "crate::report::") {
                if REPORT[place + 1..].contains(&name.as_str()) {
                    wrong.push(format!("{} uses report::{name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_waits_on_a_timer_outside_the_place_for_timers() {
    // Those of a scenario stand in client/timer.rs. The launcher waits for a process, and the bundled
    // server keeps its pace. Reports wait for another process that writes into their folder.
    let places = [
        "client/timer.rs",
        "target/agentos/",
        "reference/",
        "report/store/lock.rs",
    ];
    let timer = Regex::new(r"\b(sleep|sleep_until|timeout|timeout_at)\(").expect("a pattern");
    let wrong: Vec<String> = modules()
        .into_values()
        .flatten()
        .filter(|file| {
            let name = file.to_string_lossy().replace('\\', "/");
            !places.iter().any(|place| name.contains(place)) && timer.is_match(&code(file))
        })
        .map(|file| file.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_module_with_a_folder_is_in_that_folder() {
    let wrong: Vec<String> = modules()
        .into_values()
        .flatten()
        .filter(|file| {
            let folder = file.with_extension("");
            folder.is_dir() && !sources(&folder).is_empty()
        })
        .map(|file| format!("{}: make it mod.rs of that folder", file.display()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_terminal_and_the_command_line_print() {
    let print = Regex::new(r"\b(print|println|eprint|eprintln|dbg)!").expect("a pattern");
    let wrong: Vec<String> = modules()
        .into_values()
        .flatten()
        .filter(|file| print.is_match(&code(file)))
        .map(|file| file.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_path_in_the_documentation_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let span = Regex::new(r"`((?:src|features|tests|docs|benches|fuzz|\.ci)/[^`\s]*)`");
    let link = Regex::new(r"\]\(([^)#:]+)\)").expect("a pattern");
    let span = span.expect("a pattern");
    let mut wrong = Vec::new();
    let mut pages: Vec<_> = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(PathBuf::from)
        .to_vec();
    let docs = fs::read_dir(root.join("docs")).expect("a folder");
    let docs = docs.map(|it| Path::new("docs").join(it.expect("an entry").file_name()));
    pages.extend(docs.filter(|it| it.extension().is_some_and(|it| it == "md")));
    for page in pages {
        let text = fs::read_to_string(root.join(&page)).expect("a page");
        let beside = root.join(&page).parent().expect("a folder").to_owned();
        let named = span.captures_iter(&text).map(|it| root.join(&it[1]));
        let linked = link.captures_iter(&text).map(|it| beside.join(&it[1]));
        let missing = named.chain(linked).filter(|path| !path.exists());
        wrong.extend(missing.map(|path| format!("{}: {}", page.display(), path.display())));
    }
    assert!(
        wrong.is_empty(),
        "these do not exist:\n{}",
        wrong.join("\n")
    );
}
