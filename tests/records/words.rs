//! Fails where a text or a name uses a word that `docs/glossary.md` lists as retired.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

/// Names that are left as they are: those of libraries (serde), and those of faults, which people use.
const NAMES_THAT_STAY: &[&str] = &[
    "CrowdSkips",
    "LaterVisitsSkip",
    "crowd-skips",
    "later-visits-skip",
    "visit_bool",
    "visit_borrowed_str",
    "visit_f64",
    "visit_i64",
    "visit_map",
    "visit_none",
    "visit_seq",
    "visit_some",
    "visit_str",
    "visit_string",
    "visit_u64",
    "visit_unit",
];

/// A retired phrase, as its words, and what to say instead.
struct Retired {
    words: Vec<String>,
    instead: String,
}

/// A word of a text in lower case, on a line counted from 1; `None` where a phrase cannot go on.
type Word = Option<(String, usize)>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The table below the heading "Retired words".
fn retired() -> Vec<Retired> {
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).expect("a glossary");
    let (_, section) = glossary
        .split_once("## Retired words")
        .expect("retired words");
    let row = Regex::new(r"(?m)^\| `([^`]+)` \| (.+) \|$").expect("a pattern");
    row.captures_iter(section)
        .map(|row| Retired {
            words: row[1].split(' ').map(str::to_owned).collect(),
            instead: row[2].to_owned(),
        })
        .collect()
}

/// The words of a text. Names are parted into theirs: `CannotTell` and `cannot_tell` are two. A phrase
/// goes on over a line break, also from one line of a comment to the next, but not over other marks.
fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut line = 1;
    let mut word = String::new();
    let chars: Vec<char> = text.chars().collect();
    let finish = |word: &mut String, line: usize, found: &mut Vec<Word>| {
        if !word.is_empty() {
            found.push(Some((std::mem::take(word).to_lowercase(), line)));
        }
    };
    for (at, &this) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map_or(' ', |at| chars[at]);
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        let inside = this == '\'' && before.is_alphabetic() && next.is_alphabetic();
        if this.is_alphabetic() || inside {
            let begins = this.is_uppercase()
                && (before.is_lowercase() || before.is_uppercase() && next.is_lowercase());
            if begins {
                finish(&mut word, line, &mut found);
            }
            word.push(this);
            continue;
        }
        finish(&mut word, line, &mut found);
        if !this.is_whitespace() && !matches!(this, '_' | '-' | '/' | '!' | '\\') {
            found.push(None);
        }
        if this == '\n' {
            line += 1;
        }
    }
    finish(&mut word, line, &mut found);
    found
}

/// The same text, with spaces for what is between the marks of code, so that lines stay where they are.
fn without_code(text: &str, fenced: bool) -> String {
    let blank = |found: &regex::Captures<'_>| {
        let same = found[0].chars();
        same.map(|it| if it == '\n' { '\n' } else { '.' })
            .collect::<String>()
    };
    let mut text = text.to_owned();
    if fenced {
        let block = Regex::new(r"(?ms)^\s*```.*?^\s*```").expect("a pattern");
        text = block.replace_all(&text, blank).into_owned();
    }
    let span = Regex::new(r"`[^`\n]*`").expect("a pattern");
    let text = span.replace_all(&text, blank).into_owned();
    let names = NAMES_THAT_STAY.join("|");
    let names = Regex::new(&format!(r"\b({names})\b")).expect("a pattern");
    names.replace_all(&text, blank).into_owned()
}

/// Every use of a retired phrase: line, phrase, and what to say instead.
fn uses(text: &str, retired: &[Retired]) -> Vec<(usize, String, String)> {
    let mut by_first: BTreeMap<&str, Vec<&Retired>> = BTreeMap::new();
    for phrase in retired {
        by_first.entry(&phrase.words[0]).or_default().push(phrase);
    }
    let words = words(text);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some((word, line)) = word else { continue };
        for phrase in by_first.get(word.as_str()).into_iter().flatten() {
            let here = words[at..]
                .iter()
                .map(|it| it.as_ref().map(|(word, _)| word));
            if here
                .take(phrase.words.len())
                .eq(phrase.words.iter().map(Some))
            {
                found.push((*line, phrase.words.join(" "), phrase.instead.clone()));
            }
        }
    }
    found
}

/// Every file below a folder that people wrote for people.
fn texts(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let ending = path
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            // Locks are written by pip.
            if !path.ends_with("locks") {
                files.extend(texts(&path));
            }
        } else if !matches!(ending, "png" | "svg") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_reconnect-acceptance"))
        .args(arguments)
        .arg("--help")
        .output()
        .expect("--help");
    assert!(output.status.success(), "{arguments:?} --help");
    String::from_utf8(output.stdout).expect("text")
}

fn complain(place: &str, text: &str, retired: &[Retired], wrong: &mut Vec<String>) {
    for (line, phrase, instead) in uses(text, retired) {
        wrong.push(format!("{place}:{line}: \"{phrase}\" (say: {instead})"));
    }
}

#[test]
fn no_text_and_no_name_uses_a_retired_word() {
    let retired = retired();
    let mut wrong = Vec::new();
    let mut files = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(|it| root().join(it))
        .to_vec();
    for folder in ["src", "features", "docs", "examples"] {
        files.extend(texts(&root().join(folder)));
    }
    for path in files {
        let place = path
            .strip_prefix(root())
            .expect("below the root")
            .display()
            .to_string();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
        let text = without_code(&text, place.ends_with(".md"));
        complain(&place, &text, &retired, &mut wrong);
    }
    assert!(
        wrong.is_empty(),
        "{} uses:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn no_help_uses_a_retired_word() {
    let retired = retired();
    let own = help(&[]);
    let commands = own.split("Commands:").nth(1).expect("a list of commands");
    let commands: Vec<_> = commands
        .lines()
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with("  "))
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(
        commands.contains(&"run") && commands.contains(&"explain"),
        "{commands:?}"
    );
    let mut wrong = Vec::new();
    complain("--help", &without_code(&own, false), &retired, &mut wrong);
    for command in commands {
        let text = without_code(&help(&[command]), false);
        complain(&format!("{command} --help"), &text, &retired, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_retired_phrase_is_found_however_it_is_written() {
    let retired = [Retired {
        words: vec!["newly".to_owned(), "broken".to_owned()],
        instead: "regressed".to_owned(),
    }];
    let lines = |text: &str| {
        let uses = uses(&without_code(text, true), &retired);
        uses.into_iter().map(|(line, ..)| line).collect::<Vec<_>>()
    };
    for text in [
        "Newly broken.",
        "let newly_broken = 1;",
        "fn isNewlyBroken()",
        "struct HTTPNewlyBroken;",
        "const NEWLY_BROKEN: u8 = 1;",
        "/// What is newly\n    /// broken.",
    ] {
        assert_eq!(lines(text), [1], "{text}");
    }
    assert_eq!(lines("one\ntwo\nnewly broken"), [3]);
    for text in [
        "`newly broken`",
        "newly, broken",
        "newly brokenness",
        "```text\nnewly broken\n```\n",
    ] {
        assert!(lines(text).is_empty(), "{text}");
    }
}

#[test]
fn the_glossary_lists_retired_words_with_what_to_say_instead() {
    let retired = retired();
    let rows = fs::read_to_string(root().join("docs/glossary.md")).expect("a glossary");
    let rows = rows
        .split("## Retired words")
        .nth(1)
        .expect("retired words");
    let rows = rows.lines().filter(|line| line.starts_with("| `")).count();
    assert!(rows > 0, "docs/glossary.md lists no retired word");
    assert_eq!(retired.len(), rows, "a row of the table cannot be read");
    for it in retired {
        let plain = it.words.iter().all(|word| *word == word.to_lowercase());
        assert!(plain, "{:?} is not in lower case", it.words);
    }
}
