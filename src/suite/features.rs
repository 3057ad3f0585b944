//! The specification: the embedded feature files, or those of a folder.

use std::path::{Path, PathBuf};

use cucumber::feature::Ext as _;
use cucumber::gherkin::{Feature, GherkinEnv};
use include_dir::{Dir, include_dir};

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

/// The embedded feature files: path and text, in the order of their names.
pub fn embedded_files() -> impl Iterator<Item = (String, &'static str)> {
    let mut files: Vec<_> = EMBEDDED
        .files()
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
    files.sort();
    files.into_iter()
}

pub(super) fn embedded() -> Result<Vec<Feature>, Error> {
    embedded_files()
        .map(|(path, text)| parse(Path::new(&path), text))
        .collect()
}

pub(super) fn from_folder(folder: &Path) -> Result<Vec<Feature>, Error> {
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
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
            parse(path, &text)
        })
        .collect()
}

fn parse(path: &Path, text: &str) -> Result<Feature, Error> {
    let wrong = |reason: String| Error::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let text = text.trim_start_matches('\u{feff}');
    let mut feature = Feature::parse(format!("{text}\n"), GherkinEnv::default())
        .map_err(|error| wrong(error.to_string()))?;
    feature.path = Some(path.to_owned());
    feature
        .expand_examples()
        .map_err(|error| wrong(error.to_string()))
}

pub(super) fn shown_path(feature: &Feature) -> String {
    feature
        .path
        .as_deref()
        .map(|path| path.display().to_string())
        .unwrap_or_default()
}
