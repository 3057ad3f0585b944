//! `docs/protocol.md` as its tables, blocks of code and sentences.

/// The parts of the page, each with the headings above it.
#[derive(Debug, Default)]
pub struct Page {
    pub tables: Vec<Table>,
    pub blocks: Vec<Block>,
    pub sentences: Vec<String>,
}

/// A table: its column names and its rows.
#[derive(Debug, Default)]
pub struct Table {
    pub chapter: String,
    pub section: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// A block of code.
#[derive(Debug)]
pub struct Block {
    pub section: String,
    pub language: String,
    pub text: String,
}

/// A row of a table of fields.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// The types of JSON; `any` for all.
    pub types: Vec<String>,
    pub is_optional: bool,
    /// The first release that has it; `None` where no recording has it.
    pub since: Option<String>,
}

impl Page {
    /// Reads the page. `text` is Markdown with one level of lists, and tables without a `|` in their cells.
    pub fn parse(text: &str) -> Self {
        let mut page = Self::default();
        let (mut chapter, mut section) = (String::new(), String::new());
        let mut prose = String::new();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let ends = line.trim().is_empty()
                || line.starts_with(['#', '|', '-'])
                || line.starts_with("```")
                || line.starts_with(|c: char| c.is_ascii_digit());
            if ends {
                page.sentences.extend(sentences(&prose));
                prose.clear();
            }
            if let Some(language) = line.strip_prefix("```") {
                let inside = lines.by_ref().take_while(|line| !line.starts_with("```"));
                let inside: Vec<&str> = inside.collect();
                page.blocks.push(Block {
                    section: section.clone(),
                    language: language.to_owned(),
                    text: inside.join("\n"),
                });
            } else if let Some(name) = line.strip_prefix("## ") {
                chapter = name.to_owned();
                section.clear();
            } else if let Some(name) = line.strip_prefix("### ") {
                section = name.trim_matches('`').to_owned();
            } else if line.starts_with('|') {
                let mut rows = vec![cells(line)];
                while let Some(row) = lines.next_if(|line| line.starts_with('|')) {
                    rows.push(cells(row));
                }
                page.sentences.extend(rows.iter().flatten().cloned());
                page.tables.push(Table {
                    chapter: chapter.clone(),
                    section: section.clone(),
                    columns: rows.remove(0),
                    // Below the names is a row of dashes.
                    rows: rows.into_iter().skip(1).collect(),
                });
            } else {
                prose += line;
                prose.push(' ');
            }
        }
        page.sentences.extend(sentences(&prose));
        page
    }

    /// The tables of a chapter with this first column.
    pub fn tables<'p>(
        &'p self,
        chapter: &'p str,
        first: &'p str,
    ) -> impl Iterator<Item = &'p Table> {
        let all = self.tables.iter();
        all.filter(move |it| {
            it.chapter == chapter && it.columns.first().is_some_and(|it| it == first)
        })
    }
}

impl Table {
    /// The rows as fields: name, type and the first release, in the first three columns.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.rows.iter().map(|row| {
            let cell = |at: usize| row.get(at).map_or("", String::as_str);
            Field::of(cell(0), cell(1), cell(2))
        })
    }
}

impl Field {
    fn of(name: &str, types: &str, since: &str) -> Self {
        let (types, is_optional) = match types.strip_suffix(", optional") {
            Some(types) => (types, true),
            None => (types, false),
        };
        Self {
            name: name.trim_matches('`').to_owned(),
            types: types.split(" or ").map(str::to_owned).collect(),
            is_optional,
            since: (since != "unrecorded").then(|| since.to_owned()),
        }
    }

    /// The fields in a cell such as `` `a` text; `b` list, optional (2.9.0) ``; `since` is the event's own
    /// first release.
    pub fn list(cell: &str, since: &str) -> Vec<Self> {
        let all = cell.split("; ").filter(|it| !it.is_empty());
        all.map(|text| {
            let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
            match rest.strip_suffix(')').and_then(|it| it.split_once(" (")) {
                Some((types, own)) => Self::of(name, types, own),
                None => Self::of(name, rest, since),
            }
        })
        .collect()
    }

    /// Whether it may be of this type.
    pub fn may_be(&self, kind: &str) -> bool {
        let is_number = kind == "whole number" && self.types.iter().any(|it| it == "number");
        is_number || self.types.iter().any(|it| it == "any" || it == kind)
    }
}

fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|');
    let row = row.strip_suffix('|').unwrap_or(row);
    row.split('|').map(|it| it.trim().to_owned()).collect()
}

fn sentences(prose: &str) -> Vec<String> {
    let all = prose
        .split_inclusive('.')
        .fold(Vec::new(), |mut all: Vec<String>, part| {
            match all.last_mut() {
                // A sentence ends before a space.
                Some(last) if !part.starts_with(' ') => last.push_str(part),
                _ => all.push(part.to_owned()),
            }
            all
        });
    let all = all.into_iter().map(|it| it.trim().to_owned());
    all.filter(|it| !it.is_empty()).collect()
}
