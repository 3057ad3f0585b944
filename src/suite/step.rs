//! A step of the features: its keyword, its phrase and what it does.

use cucumber::gherkin::StepType;
use futures::future::LocalBoxFuture;

use super::argument::Argument;
use super::phrase;
use super::step_error::StepError;
use super::world::World;

/// What a step does with the texts of its parameters.
pub(super) type Run =
    for<'w> fn(&'w mut World, Arguments) -> LocalBoxFuture<'w, Result<(), StepError>>;

/// A step, as `given!`, `when!` and `then!` make it.
pub struct Step {
    /// `Given`, `When` or `Then`.
    pub keyword: StepType,
    /// Its phrase, a cucumber expression.
    pub phrase: &'static str,
    /// The source file that has it.
    pub file: &'static str,
    /// The line there, counted from 1.
    pub line: u32,
    /// The parameters that its code takes; `None` where it needs none of its phrase's.
    #[cfg(test)]
    pub(super) parameters: Option<&'static [&'static str]>,
    pub(super) run: Run,
}

/// The texts of a step's parameters.
pub(super) struct Arguments(std::vec::IntoIter<String>);

impl Arguments {
    /// The texts as they are.
    pub(super) fn into_texts(self) -> Vec<String> {
        self.0.collect()
    }

    /// The value of the next parameter.
    pub(super) fn next<A: Argument>(&mut self) -> Result<A, StepError> {
        let text = self.0.next();
        let value = text.as_deref().and_then(A::of);
        value.ok_or_else(|| {
            let name = A::NAME;
            StepError::Suite(format!("{text:?} is no value for the parameter {{{name}}}"))
        })
    }
}

/// What a `Then` does that needs nothing more: the record has it all already.
pub(super) fn nothing(_: &mut World, _: Arguments) -> LocalBoxFuture<'_, Result<(), StepError>> {
    Box::pin(std::future::ready(Ok(())))
}

impl Step {
    /// The parameters in a step that says this step's phrase; `None` where it does not.
    pub(super) fn matches(&self, keyword: StepType, text: &str) -> Option<Arguments> {
        if self.keyword != keyword {
            return None;
        }
        let arguments = phrase::arguments(self.phrase, text)?;
        Some(Arguments(arguments.into_iter()))
    }
}

macro_rules! step {
    ($keyword:ident, $phrase:literal) => {
        $crate::suite::step::step!(@ $keyword, $phrase, None, $crate::suite::step::nothing)
    };
    ($keyword:ident, $phrase:literal, |$world:ident| $body:expr) => {
        $crate::suite::step::step!(@ $keyword, $phrase, None, |$world, _| Box::pin(async move { $body }))
    };
    ($keyword:ident, $phrase:literal, |$world:ident $(, $argument:ident: $kind:ty)+| $body:expr) => {
        $crate::suite::step::step!(
            @ $keyword,
            $phrase,
            Some(&[$(<$kind as $crate::suite::argument::Argument>::NAME),+]),
            |$world, mut arguments| Box::pin(async move {
                $(let $argument: $kind = arguments.next()?;)+
                $body
            })
        )
    };
    (@ $keyword:ident, $phrase:literal, $parameters:expr, $run:expr) => {
        $crate::suite::step::Step {
            keyword: ::cucumber::gherkin::StepType::$keyword,
            phrase: $phrase,
            file: file!(),
            line: line!(),
            #[cfg(test)]
            parameters: $parameters,
            run: $run,
        }
    };
}

/// A `Given`: `given!("{viewer} has left", |world, viewer: String| …)`.
macro_rules! given {
    ($($step:tt)+) => { $crate::suite::step::step!(Given, $($step)+) };
}

/// A `When`.
macro_rules! when {
    ($($step:tt)+) => { $crate::suite::step::step!(When, $($step)+) };
}

/// A `Then`. Where it has no code, there is nothing to wait for.
macro_rules! then {
    ($($step:tt)+) => { $crate::suite::step::step!(Then, $($step)+) };
}

pub(super) use {given, step, then, when};
