//! The bundled server on the network.
//!
//! - [`listener`]: its configuration, start, restart and stop; `port`: who comes is served or refused
//! - `connection`: the task of one connection; `http`: what is answered over HTTP
//! - `run_task`: the task of one run, and how it starts; `pace`: the time between its events
//! - `state`: what the tasks share; `slow`: what faults withhold until slow viewers have read

pub(crate) mod connection;
pub(crate) mod http;
pub mod listener;
pub(crate) mod pace;
mod port;
mod provoked;
pub(crate) mod run_task;
pub(crate) mod slow;
pub(crate) mod state;
