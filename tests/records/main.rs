//! Tests that need neither a process nor a socket: checks and reports of records made by hand or recorded, the
//! feature files, and the arrows between the modules of `src`.

mod architecture;
mod checks;
mod circles;
mod features;
mod reports;
mod support;
mod wire;
mod words;
