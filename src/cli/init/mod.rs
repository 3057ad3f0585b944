//! `init`: looks at a server, and writes a target file with what it found and what is missing.
//!
//! - `look`: what the server shows by itself: its greeting, its list of workflows, its OpenAPI document
//! - `text`: the file

mod look;
mod text;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::args::{InitArgs, ServerArgs};
use super::{new_file, run};
use crate::cli::error::{UsageError, failed_to};
use crate::exit;
use crate::plan::{LONG_MESSAGE, LONG_WORKFLOW, http_url_of};
use crate::protocol::Wire;
use crate::target::Target;
use crate::target::file::TargetFile;

use look::Trouble;
use text::Given;

/// Where the file is written that goes to stdout.
const STDOUT: &str = "-";

/// Looks at a server, and writes a target file; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] for options that cannot be used, a file that exists, and a token that the server refuses.
pub async fn init(args: InitArgs) -> Result<u8, UsageError> {
    let file = (args.output != Path::new(STDOUT)).then_some(args.output.as_path());
    if let Some(file) = file {
        if !args.force {
            new_file::is_free(
                file,
                "write",
                "; name another one with --output, or overwrite it with --force",
            )?;
        }
        new_file::has_folder(file, "write")?;
    }
    let http_url = match &args.http_url {
        Some(url) => Some(url.clone()),
        None => http_url_of(&args.url),
    };
    let server = ServerArgs {
        url: Some(args.url.clone()),
        target: None,
        workflow_id: LONG_WORKFLOW.to_owned(),
        message: LONG_MESSAGE.to_owned(),
        token_env: args.token_env.clone(),
        ca_file: args.ca_file.clone(),
        headers: args.headers.clone(),
    };
    let Some(target) = run::server(&server)? else {
        return Err(UsageError::wrong("no server given; use --url"));
    };
    let target = target.with_http_url(http_url.clone());
    let environment = run::environment_to_look(&target, Wire::WebSocket, args.step_timeout)?;
    let found = match look::at(&environment, http_url.as_deref()).await {
        Ok(found) => found,
        Err(Trouble::Refused) => {
            return Err(UsageError::Wrong(format!(
                "the server refused the token in {}; name the variable of a token that it takes",
                args.token_env.as_deref().unwrap_or_default()
            )));
        }
        Err(Trouble::NotReached(reason)) => {
            let error = format!("look at the server: {reason}; nothing was written");
            return Ok(failed_to(&error, exit::INCONCLUSIVE));
        }
    };
    let given = Given {
        url: &target.endpoint().url,
        token_env: args.token_env.as_deref(),
        ca_file: args.ca_file.as_deref(),
        headers: !args.headers.is_empty(),
    };
    let text = text::of(&given, &found);
    // Whatever the server said, it is one that the suite takes.
    if let Err(error) = TargetFile::parse(&text) {
        return Ok(failed_to(
            &format!("write a target file: {error}"),
            exit::SUITE,
        ));
    }
    let Some(file) = file else {
        // A closed pipe (`| head`) is no error.
        let _ = io::stdout().lock().write_all(text.as_bytes());
        return Ok(exit::OK);
    };
    if let Err(error) = write(file, &text, args.force) {
        return Err(UsageError::Failed(format!(
            "write {}: {error}",
            file.display()
        )));
    }
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text::afterwards(&file.display().to_string(), &found).as_bytes());
    Ok(exit::OK)
}

fn write(file: &Path, text: &str, force: bool) -> io::Result<()> {
    match force {
        true => fs::write(file, text),
        // It may have come into being meanwhile.
        false => new_file::write(file, |out| out.write_all(text.as_bytes())),
    }
}

#[cfg(test)]
mod tests;
