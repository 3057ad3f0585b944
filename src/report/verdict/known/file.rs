//! The list of known failures, read from TOML: an array of tables.
//!
//! ```toml
//! [[known_failure]]
//! id = "RESTART-1"
//! release = ">=2.3.17, <3.2"      # optional
//! reason = "a finished run is not found after a restart"
//! link = "https://…"              # optional
//! until = 2026-12-31              # optional: the last day on which it may be used
//! ```
//!
//! An id without a wire is about workflows over the WebSocket; `"RESTART-1 · agent · http"` is about agents over HTTP,
//! and so is `wire = "agent · http"`, which may name several: `wire = "agent · http || team · http"`. Such an entry
//! is one [`KnownFailure`] for each of them.
//! `release` may name several: `"2.3.17 || 2.4.0"`. `scenario` (optional) is the only one that may show it, by its id in `list scenarios --json`;
//! `sometimes = true` is for races, which fail only sometimes.

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::fmt::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::protocol::Wire;
use crate::report::text::escape::escape_visible;
use crate::report::verdict::known::{KnownFailure, KnownFailures, Standing, listed_id, release};

/// The longest text of the file that an error repeats, in characters.
const LONGEST: usize = 120;

/// What an entry may name.
#[derive(Clone, Copy, Debug)]
pub struct Names<'n> {
    /// The ids of all requirements.
    pub requirements: &'n [String],
    /// The ids of all scenarios.
    pub scenarios: &'n [String],
}

/// Why the list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read at all.
    #[error("read the known failures {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no list of this shape, or entries of it cannot be used.
    #[error("use the known failures {}: {problems}", path.display())]
    Problems {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong.
        problems: Problems,
    },
}

/// Everything that is wrong with a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Problems(pub Vec<Problem>);

/// What is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it, and what to do.
    pub what: String,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [one] = self.0.as_slice() {
            return write!(f, "line {}: {}", one.line, one.what);
        }
        write!(f, "{} problems", self.0.len())?;
        self.0
            .iter()
            .try_for_each(|it| write!(f, "\n  line {}: {}", it.line, it.what))
    }
}

/// Reads the list. `today` is the day in UTC: an entry may be used up to its `until`.
///
/// # Errors
///
/// [`Error::Io`]; [`Error::Problems`] with all that is wrong, line by line.
pub fn read(path: &Path, names: Names<'_>, today: Date) -> Result<KnownFailures, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })?;
    let entries = parse(&text, names, today).map_err(|problems| Error::Problems {
        path: path.to_owned(),
        problems,
    })?;
    Ok(KnownFailures {
        file: path.display().to_string(),
        entries,
    })
}

/// A list of known failures, as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownFailuresFile {
    /// Its entries, each below `[[known_failure]]`.
    #[serde(default)]
    #[schemars(with = "Vec<Entry>")]
    known_failure: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InconclusiveList {
    #[serde(default)]
    inconclusive: Vec<Spanned<Entry>>,
}

/// A requirement that may fail. What is missing or wrong in it is told with its line, all at once.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The requirement's id; `list requirements` shows all.
    #[schemars(required, with = "String")]
    id: Option<Spanned<String>>,
    /// The id of the only scenario in which it may fail; `list scenarios --json` shows all.
    #[schemars(with = "Option<String>")]
    scenario: Option<Spanned<String>>,
    /// What was judged, and over what, as in `agent · http` or `agent · http || team · http`; by default workflows
    /// over the WebSocket.
    #[schemars(with = "Option<String>")]
    wire: Option<Spanned<String>>,
    /// The releases that it is about, as in `>=2.3.17, <3.2` or `2.3.17 || 2.4.0`; by default all.
    #[schemars(with = "Option<String>")]
    release: Option<Spanned<String>>,
    /// Why it fails, and is not fixed yet.
    #[schemars(required, with = "String")]
    reason: Option<Spanned<String>>,
    /// Where to read on: an `http://` or `https://` URL.
    #[schemars(with = "Option<String>", regex(pattern = "^https?://"))]
    link: Option<Spanned<String>>,
    /// The last day on which the entry may be used (UTC): `2026-12-31`.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    until: Option<Spanned<toml::Value>>,
    /// Whether it fails only sometimes (a race): then it is not stale when it passes.
    #[schemars(with = "Option<bool>")]
    sometimes: Option<Spanned<bool>>,
}

/// Reads the text of a list.
///
/// # Errors
///
/// All that is wrong, in the order of the lines.
pub fn parse(text: &str, names: Names<'_>, today: Date) -> Result<Vec<KnownFailure>, Problems> {
    let listed: KnownFailuresFile = tables(text, "known_failure")?;
    entries(text, listed.known_failure, names, today)
}

/// Reads the text of a list of known inconclusive requirements: the same entries, each below `[[inconclusive]]`.
///
/// # Errors
///
/// All that is wrong, in the order of the lines.
pub fn parse_inconclusive(
    text: &str,
    names: Names<'_>,
    today: Date,
) -> Result<Vec<KnownFailure>, Problems> {
    let listed: InconclusiveList = tables(text, "inconclusive")?;
    entries(text, listed.inconclusive, names, today)
}

fn tables<T: serde::de::DeserializeOwned>(text: &str, name: &str) -> Result<T, Problems> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let message = escape_visible(error.message().trim(), 4 * LONGEST);
        let what = format!("{message}; an entry is a table [[{name}]] with id and reason");
        Problems(vec![Problem {
            line: Places::of(text).line(at),
            what,
        }])
    })
}

fn entries(
    text: &str,
    listed: Vec<Spanned<Entry>>,
    names: Names<'_>,
    today: Date,
) -> Result<Vec<KnownFailure>, Problems> {
    let mut reader = Reader {
        places: Places::of(text),
        names,
        today,
        problems: Vec::new(),
    };
    let mut entries: Vec<KnownFailure> = Vec::new();
    let mut first = HashMap::new();
    for entry in listed {
        let lines = reader.lines(&entry);
        for known in reader.entry(entry.into_inner(), lines) {
            let key = (
                known.id.clone(),
                known.scenario.clone(),
                known.release.clone(),
            );
            match first.entry(key) {
                Occupied(first) => {
                    let what = format!(
                        "{} is listed in {} already: delete one of the two",
                        known.id,
                        first.get()
                    );
                    reader.complain(lines.0, what);
                }
                Vacant(first) => {
                    first.insert(known.place());
                }
            }
            entries.push(known);
        }
    }
    if reader.problems.is_empty() {
        Ok(entries)
    } else {
        reader.problems.sort_by_key(|problem| problem.line);
        Err(Problems(reader.problems))
    }
}

/// Where lines begin in a text.
struct Places {
    /// Each line, in bytes.
    starts: Vec<usize>,
    /// The lines with the header of a table, counted from 1.
    headers: Vec<usize>,
}

impl Places {
    fn of(text: &str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = (1..).zip(text.lines());
        Self {
            starts: std::iter::once(0).chain(ends.map(|end| end + 1)).collect(),
            headers: lines
                .filter(|(_, line)| line.trim_start().starts_with("[["))
                .map(|(number, _)| number)
                .collect(),
        }
    }

    /// The line of this byte, counted from 1.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// The last header up to this line; the line itself where there is none.
    fn header(&self, line: usize) -> usize {
        let above = self.headers.partition_point(|header| *header <= line);
        above.checked_sub(1).map_or(line, |last| self.headers[last])
    }
}

struct Reader<'t> {
    places: Places,
    names: Names<'t>,
    today: Date,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// What an entry lists, once for each wire that it names; nothing where there is something wrong with it.
    fn entry(&mut self, entry: Entry, lines: (usize, usize)) -> Vec<KnownFailure> {
        let wires = entry.wire.as_ref().map(|it| self.wires(it, &entry));
        let Some(known) = self.listed(entry, lines) else {
            return Vec::new();
        };
        match wires {
            None => vec![known],
            Some(wires) => wires
                .into_iter()
                .map(|wire| KnownFailure {
                    id: listed_id(&known.id, wire),
                    ..known.clone()
                })
                .collect(),
        }
    }

    /// The wires of this text, which an entry names.
    fn wires(&mut self, text: &Spanned<String>, entry: &Entry) -> Vec<Wire> {
        let line = self.line(&text.span());
        let id = entry.id.as_ref().map_or("", |id| id.get_ref());
        if Wire::part(id).1.is_some() {
            let what = "the id names a wire already: delete one of the two".to_owned();
            self.complain(line, what);
        }
        let each = text.get_ref().split("||").map(str::trim);
        let wires: Vec<_> = each.map(|name| (name, Wire::of(name))).collect();
        for (name, wire) in &wires {
            if wire.is_none() {
                let all = Wire::ALL.map(|it| format!("\"{}\"", it.name()));
                let what = format!(
                    "there is no wire {}: name one of {}, or several with || between them",
                    quoted(name),
                    all.join(", ")
                );
                self.complain(line, what);
            }
        }
        wires.into_iter().filter_map(|(_, wire)| wire).collect()
    }

    fn listed(&mut self, entry: Entry, lines: (usize, usize)) -> Option<KnownFailure> {
        let before = self.problems.len();
        let id = self.known(
            entry.id.as_ref(),
            self.names.requirements,
            "requirement",
            "`list requirements` shows all",
        );
        if entry.id.is_none() {
            let what = "the entry has no id: add `id = \"…\"`; `list requirements` shows all";
            self.complain(lines.0, what.to_owned());
        }
        let scenario = self.known(
            entry.scenario.as_ref(),
            self.names.scenarios,
            "scenario",
            "`list scenarios --json` shows all",
        );
        let reason = match &entry.reason {
            Some(reason) if !reason.get_ref().trim().is_empty() => {
                Some(reason.get_ref().trim().to_owned())
            }
            reason => {
                let line = reason.as_ref().map_or(lines.0, |it| self.line(&it.span()));
                let of = id.as_deref().unwrap_or("the entry");
                let what = format!(
                    "{of} has no reason: add `reason = \"…\"`, why it fails and is not fixed yet"
                );
                self.complain(line, what);
                None
            }
        };
        if let Some(range) = &entry.release
            && let Err(error) = release::range(range.get_ref())
        {
            let error = escape_visible(&error.to_string(), LONGEST);
            let what = format!(
                "the release {} is no range ({error}): write it like \">=2.3.17, <3.2\", \"3.1.10\" or \"2.4.0 || 2.6.22\"",
                quoted(range.get_ref())
            );
            self.complain(self.line(&range.span()), what);
        }
        if let Some(link) = &entry.link
            && !["http://", "https://"]
                .iter()
                .any(|scheme| link.get_ref().starts_with(scheme))
        {
            let what = format!(
                "the link {} is no URL: it must begin with https:// or http://",
                quoted(link.get_ref())
            );
            self.complain(self.line(&link.span()), what);
        }
        let until = entry.until.as_ref().and_then(|day| {
            let of = id.as_deref().unwrap_or("it");
            self.until(day, of, lines)
        });
        if self.problems.len() > before {
            return None;
        }
        Some(KnownFailure {
            id: id?,
            scenario,
            release: entry.release.map(Spanned::into_inner),
            reason: reason?,
            link: entry.link.map(Spanned::into_inner),
            until: until.map(|day| day.to_string()),
            sometimes: entry.sometimes.is_some_and(Spanned::into_inner),
            lines,
            standing: Standing::default(),
        })
    }

    /// A name, if there is one of this kind.
    fn known(
        &mut self,
        name: Option<&Spanned<String>>,
        all: &[String],
        kind: &str,
        help: &str,
    ) -> Option<String> {
        let name = name?;
        let (plain, _) = Wire::part(name.get_ref());
        if all.iter().any(|it| it == plain) {
            return Some(name.get_ref().clone());
        }
        let mut what = format!("there is no {kind} {}", quoted(name.get_ref()));
        if let Some(nearest) = nearest(name.get_ref(), all) {
            // Writing to a string cannot fail.
            let _ = write!(what, "; the nearest is {}", quoted(nearest));
        }
        self.complain(self.line(&name.span()), format!("{what}; {help}"));
        None
    }

    fn until(
        &mut self,
        day: &Spanned<toml::Value>,
        of: &str,
        lines: (usize, usize),
    ) -> Option<Date> {
        let line = self.line(&day.span());
        let Some(date) = date(day.get_ref()) else {
            let what = "`until` is a day: write it like `until = 2026-12-31`".to_owned();
            self.complain(line, what);
            return None;
        };
        if date < self.today {
            let (first, last) = lines;
            let what = format!(
                "the day {date} is over: check whether {of} still fails, then give a later `until` or delete lines {first} to {last}"
            );
            self.complain(line, what);
        }
        Some(date)
    }

    fn complain(&mut self, line: usize, what: String) {
        self.problems.push(Problem { line, what });
    }

    fn line(&self, span: &Range<usize>) -> usize {
        self.places.line(span.start)
    }

    /// The first and the last line of an entry: from its `[[known_failure]]` to its last value.
    fn lines(&self, entry: &Spanned<Entry>) -> (usize, usize) {
        let it = entry.get_ref();
        let texts = [
            &it.id,
            &it.scenario,
            &it.wire,
            &it.release,
            &it.reason,
            &it.link,
        ];
        let spans: Vec<_> = texts
            .into_iter()
            .filter_map(|text| text.as_ref().map(Spanned::span))
            .chain(it.until.as_ref().map(Spanned::span))
            .chain(it.sometimes.as_ref().map(Spanned::span))
            .collect();
        let start = entry.span().start;
        let first = spans.iter().map(|span| span.start).min().unwrap_or(start);
        let last = spans.iter().map(|span| span.end.saturating_sub(1)).max();
        // A list in one array has no headers.
        let header = self.places.header(self.places.line(first));
        let last = self.places.line(last.unwrap_or(start));
        (header, last.max(header))
    }
}

fn date(value: &toml::Value) -> Option<Date> {
    match value {
        toml::Value::String(text) => text.trim().parse().ok(),
        toml::Value::Datetime(when) if when.time.is_none() && when.offset.is_none() => {
            let day = when.date?;
            let number = |of: u8| i8::try_from(of).ok();
            Date::new(
                i16::try_from(day.year).ok()?,
                number(day.month)?,
                number(day.day)?,
            )
            .ok()
        }
        _ => None,
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escape_visible(text, LONGEST))
}

fn nearest<'a>(name: &str, all: &'a [String]) -> Option<&'a String> {
    // A hostile name of a megabyte must not cost minutes.
    let name: String = name.chars().take(400).collect::<String>().to_lowercase();
    let likeness = |it: &String| strsim::jaro_winkler(&name, &it.to_lowercase());
    all.iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}
