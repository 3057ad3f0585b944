//! The bundled server on the network: listener, connections, HTTP, and the task of each run.

pub(crate) mod connection;
pub(crate) mod http;
pub mod listener;
pub(crate) mod run_task;
pub(crate) mod state;
