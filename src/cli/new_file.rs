//! Files that are written once: nothing is overwritten, and no half of one stays.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::cli::error::UsageError;

/// Checks that nothing has this path yet. `what` is what fails otherwise ("write the list"), `instead` what to do.
///
/// # Errors
///
/// [`UsageError`] where something has it.
pub fn is_free(path: &Path, what: &str, instead: &str) -> Result<(), UsageError> {
    // A dangling link exists, too.
    match path.symlink_metadata() {
        Ok(_) => Err(UsageError::Failed(format!(
            "{what} {}: the file exists already{instead}",
            path.display()
        ))),
        Err(_) => Ok(()),
    }
}

/// Checks that the folder of this path is there. `what` is what fails otherwise.
///
/// # Errors
///
/// [`UsageError`] where it is not.
pub fn has_folder(path: &Path, what: &str) -> Result<(), UsageError> {
    match path.parent().filter(|it| !it.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => Err(UsageError::Failed(format!(
            "{what} {}: there is no folder {}",
            path.display(),
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// Writes a file that does not exist yet.
///
/// # Errors
///
/// Those of the file.
pub fn write<T>(path: &Path, text: impl FnOnce(&mut Vec<u8>) -> io::Result<T>) -> io::Result<T> {
    let mut whole = Vec::new();
    let written = text(&mut whole)?;
    let mut file = File::create_new(path)?;
    if let Err(error) = file.write_all(&whole).and_then(|()| file.flush()) {
        // Half a file would be taken for a whole one. Best effort: the write error is what is reported.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    Ok(written)
}
