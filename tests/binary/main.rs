//! Tests that run the built binary, most of them against a server of the test's own.

mod alike;
mod cli;
mod common;
mod connections;
mod dead_line;
mod everyday;
mod exploring;
mod gates;
mod hostile;
mod init;
mod interruptions;
mod kill_matrix;
mod misconfigured;
mod over_http;
mod own_scenarios;
mod proxied;
mod releases;
mod repeat;
mod reproductions;
mod secrets;
mod shards;
mod stalls;
mod unreachable;
mod variants;
