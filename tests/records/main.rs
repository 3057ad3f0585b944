//! Tests that need neither a process nor a socket: checks and reports of records made by hand or recorded, the
//! feature files, the documentation, and the arrows between the modules of `src`.

mod agentos_findings;
mod architecture;
mod checks;
mod circles;
mod coverage;
mod editor;
mod examples;
mod features;
mod over_http;
mod protocol_page;
mod reports;
mod schemas;
mod sentences;
mod support;
mod target_files;
mod wire;
mod words;
