//! No circles among the files of `src/`: a file can be read with what it uses, and without what uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pretty_assertions::assert_eq;
use regex::Regex;

/// The circles that may stay, each with the reason. Paths below `src/`.
const ALLOWED: &[(&[&str], &str)] = &[];

/// A source file: where it is in the tree of modules, and its code without comments and tests.
struct Source {
    path: String,
    module: Vec<String>,
    code: String,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

/// Every source file that is built into the binary.
fn sources() -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    let in_tests = pattern(r"(^|_|/)tests(\.rs|/)");
    let mut sources: Vec<Source> = found
        .iter()
        .map(|path| {
            let below = path.strip_prefix(&root).expect("below src");
            let name = below.to_string_lossy().replace('\\', "/");
            let module = name
                .trim_end_matches(".rs")
                .split('/')
                .filter(|part| !matches!(*part, "mod" | "lib" | "main"))
                .map(str::to_owned)
                .collect();
            Source {
                code: code(&fs::read_to_string(path).expect("a source file")),
                path: name,
                module,
            }
        })
        .filter(|source| source.path != "main.rs" && !in_tests.is_match(&source.path))
        .collect();
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

static TESTS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^#\[cfg\((?:test|all\(test, [^)]*\))\)\]\nmod "));

/// The text up to its tests, without comments. In a module that is written within the file, `super` is
/// the file itself.
fn code(text: &str) -> String {
    let tests = TESTS.find(text).map_or(text.len(), |found| found.start());
    let mut within = false;
    let mut code = String::new();
    for line in text[..tests].lines() {
        if WITHIN.is_match(line) || line == "}" {
            within = line != "}";
        }
        if !line.trim_start().starts_with("//") {
            let line = if within {
                line.replace("super::", "self::")
            } else {
                line.to_owned()
            };
            code += &line;
            code.push('\n');
        }
    }
    code
}

static WITHIN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:pub(?:\([^)]*\))? )?mod \w+ \{$"));

/// The paths of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths_of(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((before, inside)) = tree.strip_suffix('}').and_then(|tree| tree.split_once('{'))
    else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        let parts = path.split("::").map(|part| part.trim().to_owned());
        return vec![parts.filter(|part| !part.is_empty()).collect()];
    };
    let head: Vec<String> = before
        .split("::")
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    let (mut depth, mut branch, mut branches) = (0, String::new(), Vec::new());
    for letter in inside.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                branches.push(std::mem::take(&mut branch));
                continue;
            }
            _ => {}
        }
        branch.push(letter);
    }
    branches.push(branch);
    branches
        .iter()
        .filter(|branch| !branch.trim().is_empty())
        .flat_map(|branch| paths_of(branch))
        .map(|tail| head.iter().cloned().chain(tail).collect())
        .collect()
}

static USE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^[ \t]*(?:pub(?:\([^)]*\))? )?use ([^;]+);"));
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^:\w])(\w+)"));
static INLINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:crate|super|self)(?:::\w+)+"));
static NAMED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^:\w.])([a-z_]\w*)((?:::\w+)+)"));

/// Who uses whom: by path of a file, the paths of those that it names.
struct Graph {
    sources: Vec<Source>,
    by_module: BTreeMap<Vec<String>, usize>,
    /// By module: what it hands on under a name of its own, as absolute paths.
    reexports: BTreeMap<Vec<String>, Vec<Vec<String>>>,
}

impl Graph {
    fn new() -> Self {
        let sources = sources();
        let by_module: BTreeMap<Vec<String>, usize> = sources
            .iter()
            .enumerate()
            .map(|(place, source)| (source.module.clone(), place))
            .collect();
        let mut graph = Self {
            sources,
            by_module,
            reexports: BTreeMap::new(),
        };
        let handed_on = pattern(r"(?m)^pub(?:\([^)]*\))? use ([^;]+);");
        for source in &graph.sources {
            let paths = handed_on.captures_iter(&source.code);
            let paths = paths.flat_map(|found| paths_of(&found[1]));
            let absolute = paths
                .filter_map(|path| graph.absolute(source, &path))
                .collect();
            graph.reexports.insert(source.module.clone(), absolute);
        }
        graph
    }

    /// A path as the file names it, from the root of the crate; `None` where it leads out of the crate.
    fn absolute(&self, source: &Source, path: &[String]) -> Option<Vec<String>> {
        let mut module = source.module.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => (module, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
            }
            child => {
                module.push(child.to_owned());
                self.by_module.get(&module)?;
                rest = &rest[1..];
            }
        }
        module.extend(rest.iter().cloned());
        Some(module)
    }

    /// The file that says what this absolute path names, through what other files hand on.
    fn file_of(&self, path: &[String], depth: usize) -> Option<usize> {
        let (module, rest) = (0..=path.len())
            .rev()
            .map(|length| path.split_at(length))
            .find(|(module, _)| self.by_module.contains_key(*module))?;
        if let Some(name) = rest.first().filter(|_| depth < 8) {
            let through = self.reexports[module]
                .iter()
                .find(|it| it.last() == Some(name) && it[..] != path[..]);
            if let Some(through) = through {
                return self.file_of(through, depth + 1);
            }
        }
        self.by_module.get(module).copied()
    }

    /// The files that a file names.
    fn used_by(&self, place: usize) -> BTreeSet<usize> {
        let source = &self.sources[place];
        let mut paths: Vec<Vec<String>> = Vec::new();
        let rest = USE.replace_all(&source.code, "");
        let words = WORD.captures_iter(&rest).filter_map(|found| found.get(1));
        let words: BTreeSet<&str> = words.map(|found| found.as_str()).collect();
        for found in USE.captures_iter(&source.code) {
            let is_handed_on = found[0].trim_start().starts_with("pub");
            // What is only handed on is nothing that the file itself needs.
            let needed = |path: &Vec<String>| {
                !is_handed_on || path.last().is_some_and(|name| words.contains(&**name))
            };
            paths.extend(paths_of(&found[1]).into_iter().filter(needed));
        }
        let split = |path: &str| path.split("::").map(str::to_owned).collect();
        paths.extend(INLINE.find_iter(&rest).map(|found| split(found.as_str())));
        for found in NAMED.captures_iter(&rest) {
            paths.push(split(&format!("{}{}", &found[1], &found[2])));
        }
        paths
            .iter()
            .filter_map(|path| self.absolute(source, path))
            .filter_map(|path| self.file_of(&path, 0))
            .filter(|used| *used != place && !self.sources[*used].module.is_empty())
            .collect()
    }

    /// The groups of files that all lead to one another, each in order of their paths.
    fn circles(&self) -> BTreeSet<Vec<&str>> {
        let uses: Vec<BTreeSet<usize>> = (0..self.sources.len())
            .map(|place| self.used_by(place))
            .collect();
        let reach: Vec<BTreeSet<usize>> = (0..uses.len())
            .map(|start| {
                let (mut seen, mut todo) = (BTreeSet::new(), vec![start]);
                while let Some(place) = todo.pop() {
                    todo.extend(uses[place].iter().filter(|next| seen.insert(**next)));
                }
                seen
            })
            .collect();
        (0..uses.len())
            .filter(|place| reach[*place].contains(place))
            .map(|place| {
                reach[place]
                    .iter()
                    .filter(|other| reach[**other].contains(&place))
                    .map(|other| self.sources[*other].path.as_str())
                    .collect()
            })
            .collect()
    }
}

#[test]
fn only_the_listed_files_use_each_other_in_a_circle() {
    let graph = Graph::new();
    let allowed: BTreeSet<Vec<&str>> = ALLOWED
        .iter()
        .map(|(files, reason)| {
            assert!(
                !reason.is_empty(),
                "a circle may stay for a reason: {files:?}"
            );
            files.to_vec()
        })
        .collect();
    assert_eq!(graph.circles(), allowed, "found, and listed");
}

#[test]
fn a_path_leads_to_the_file_that_defines_what_it_names() {
    let graph = Graph::new();
    let file = |path: &str| {
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        graph
            .file_of(&path, 0)
            .map(|place| &*graph.sources[place].path)
    };
    assert_eq!(file("protocol::Decoder"), Some("protocol/decode.rs"));
    assert_eq!(
        file("protocol::decode::Decoder"),
        Some("protocol/decode.rs")
    );
    assert_eq!(file("exit::OK"), Some("exit.rs"));
}
