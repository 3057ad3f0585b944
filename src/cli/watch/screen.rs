//! Where `watch` shows what it sees: lines for people or of JSON on stdout, and lines of JSON in a file.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, IsTerminal, Stdout, Write};
use std::sync::Arc;

use anstream::AutoStream;

use crate::cli::args::WatchArgs;
use crate::cli::error::UsageError;
use crate::client::Redactor;
use crate::report::render::terminal::known_width;
use crate::watch::follow::Screen;
use crate::watch::text::Lines;
use crate::watch::{Shown, State};

/// The width of what is no terminal, and where nothing is known.
const WIDTH: usize = 80;

/// What all runs write to.
pub struct Output {
    json: bool,
    stdout: AutoStream<Stdout>,
    file: Option<File>,
    redactor: Arc<Redactor>,
    /// How many columns there are, where there is a limit.
    width: Option<usize>,
}

impl Output {
    /// Opens what the options name.
    ///
    /// # Errors
    ///
    /// [`UsageError`] if the file cannot be written.
    pub fn new(args: &WatchArgs, redactor: Arc<Redactor>) -> Result<Self, UsageError> {
        let file = args.shown.as_deref().map(|path| {
            File::create(path)
                .map_err(|error| UsageError::Failed(format!("write {}: {error}", path.display())))
        });
        let is_terminal = io::stdout().is_terminal();
        let width = known_width(is_terminal);
        Ok(Self {
            json: args.json,
            stdout: AutoStream::new(io::stdout(), args.color.into()),
            file: file.transpose()?,
            redactor,
            width: width.or(is_terminal.then_some(WIDTH)),
        })
    }

    /// Tells a person something at the end.
    pub fn say(&mut self, text: &str) {
        if !self.json {
            let _ = writeln!(self.stdout, "» {text}");
        }
    }

    fn masked(&self, shown: &Shown) -> Shown {
        let mask = |text: &str| self.redactor.mask(text).into_owned();
        match shown {
            Shown::Event { run, index, name } => Shown::Event {
                run: mask(run).into(),
                index: *index,
                name: mask(name).into(),
            },
            Shown::State(State::Away(why)) => Shown::State(State::Away(mask(why))),
            Shown::State(State::Refused(why)) => Shown::State(State::Refused(mask(why))),
            Shown::Note(text) => Shown::Note(mask(text)),
            Shown::State(_) | Shown::Gap { .. } => shown.clone(),
        }
    }
}

/// The part of one run.
pub struct RunScreen<'a> {
    output: &'a RefCell<Output>,
    lines: Lines,
    /// Whether the run waits for a person.
    paused: &'a Cell<bool>,
}

impl<'a> RunScreen<'a> {
    /// Shows a run that has this label, empty where there is only one.
    pub fn new(output: &'a RefCell<Output>, label: &str, paused: &'a Cell<bool>) -> Self {
        let width = output.borrow().width;
        Self {
            output,
            lines: Lines::new(width.unwrap_or(WIDTH), width.is_some(), label),
            paused,
        }
    }
}

impl Screen for RunScreen<'_> {
    fn show(&mut self, shown: &Shown, run: Option<&str>, message: &str) -> io::Result<()> {
        if let Shown::State(state) = shown {
            self.paused.set(*state == State::Paused);
        }
        let output = &mut *self.output.borrow_mut();
        let shown = output.masked(shown);
        let run = run.map(|run| output.redactor.mask(run));
        let run = run.as_deref();
        let line = shown.to_json(run);
        if let (Some(file), Some(line)) = (&mut output.file, &line) {
            writeln!(file, "{line}")?;
        }
        match (output.json, line) {
            (true, Some(line)) => writeln!(output.stdout, "{line}")?,
            // What a program does not read, a person may want to see.
            (true, None) => {
                let text = self.lines.of(&shown, None, "");
                let _ = write!(anstream::stderr(), "{text}");
            }
            (false, _) => {
                let message = output.redactor.mask(message);
                write!(output.stdout, "{}", self.lines.of(&shown, run, &message))?;
            }
        }
        output.stdout.flush()
    }
}
