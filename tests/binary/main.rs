//! Tests that run the built binary, most of them against a server of the test's own.

mod cli;
mod common;
mod connections;
mod dead_line;
mod gates;
mod hostile;
mod interruptions;
mod kill_matrix;
mod releases;
mod repeat;
mod reproductions;
mod secrets;
mod shards;
mod stalls;
mod unreachable;
mod variants;
