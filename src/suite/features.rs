//! The specification: the embedded feature files, and those of a folder.

use std::path::{Path, PathBuf};

use cucumber::feature::Ext as _;
use cucumber::gherkin::{Feature, GherkinEnv};
use include_dir::{Dir, include_dir};

use super::keywords;
use crate::protocol::Side;
use crate::report::model::specification::reading_order;

/// Why the features cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A feature file cannot be read.
    #[error("read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder without feature files.
    #[error("find feature files: there is no .feature file in {}", .0.display())]
    None(PathBuf),
}

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/features");

/// The embedded feature files about servers: path and text, in the order in which they are read.
pub fn embedded_files() -> impl Iterator<Item = (String, &'static str)> {
    files_of(Side::Server)
}

/// Those about this side of the wire.
pub fn files_of(side: Side) -> impl Iterator<Item = (String, &'static str)> {
    let folder = match side {
        Side::Server => Some(&EMBEDDED),
        Side::Client => EMBEDDED.get_dir("client"),
    };
    let files = folder.into_iter().flat_map(|folder| folder.files());
    let mut files: Vec<_> = files
        .filter(|file| {
            file.path()
                .extension()
                .is_some_and(|ending| ending == "feature")
        })
        .filter_map(|file| {
            Some((
                format!("features/{}", file.path().display()),
                file.contents_utf8()?,
            ))
        })
        .collect();
    files.sort_by(|(one, _), (other, _)| reading_order(one).cmp(&reading_order(other)));
    files.into_iter()
}

pub(super) fn embedded(side: Side) -> Result<Vec<Feature>, Error> {
    files_of(side)
        .map(|(path, text)| {
            parse(Path::new(&path), text).map_err(|reason| Error::Unreadable {
                path: PathBuf::from(path),
                reason,
            })
        })
        .collect()
}

/// A feature file of the reader's own.
pub(super) struct OwnFile {
    /// Its path, below the folder that was named.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What it means; or in which line it is no Gherkin, and why.
    pub feature: Result<Feature, String>,
}

pub(super) fn from_folder(folder: &Path) -> Result<Vec<OwnFile>, Error> {
    let unreadable = |path: &Path, error: std::io::Error| Error::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|ending| ending == "feature") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Error::None(folder.to_owned()));
    }
    let name = |path: &PathBuf| path.display().to_string();
    paths.sort_by(|one, other| {
        let (one, other) = (name(one), name(other));
        reading_order(&one).cmp(&reading_order(&other))
    });
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
            Ok(OwnFile {
                path: path.display().to_string(),
                feature: parse(path, &text),
                text,
            })
        })
        .collect()
}

/// Reads the text of a feature file; or says in which line it is no Gherkin, and why.
fn parse(path: &Path, text: &str) -> Result<Feature, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut feature = Feature::parse(format!("{text}\n"), GherkinEnv::default())
        .map_err(|error| keywords::no_gherkin(text, &error.to_string()))?;
    feature.path = Some(path.to_owned());
    feature.expand_examples().map_err(|error| {
        let reason = error.to_string();
        format!("1: {reason}")
    })
}

pub(super) fn shown_path(feature: &Feature) -> String {
    feature
        .path
        .as_deref()
        .map(|path| path.display().to_string())
        .unwrap_or_default()
}
