//! One file per output: terminal, HTML, JUnit, Cucumber JSON and Messages, Markdown, annotations, reproductions.

pub mod annotations;
pub mod cucumber_json;
pub mod html;
pub mod json;
pub mod junit;
pub mod messages;
pub mod reproduction;
pub mod summary;
pub mod terminal;
