//! Acceptance suite for servers that stream workflow events over a WebSocket: nothing may be lost,
//! doubled, reordered or changed when a viewer loses the connection and comes back.
//!
//! Record everything first, judge it afterwards with pure functions, render every report from one
//! model. The modules, and whom each may use (`tests/records/architecture.rs` checks it):
//!
//! - [`protocol`]: what can be said on the wire, and how it is framed. No I/O. → nothing
//! - [`transcript`]: the append-only record, and questions to it. → protocol
//! - [`trace`]: the transcript, structured: connections, runs, deliveries. → transcript, protocol
//! - [`redact`]: masks secrets in text. → protocol
//! - [`check`]: one pure function a requirement, and the catalogue. → trace, transcript, protocol
//! - [`client`]: viewers who connect, say, leave and come back. → redact, transcript,
//!   protocol
//! - [`mod@reference`]: the bundled server, with its named faults. → protocol
//! - [`plan`]: what a run is asked to do. → protocol
//! - [`target`]: what is under test: a URL, the bundled server, a released AgentOS. → reference,
//!   plan, protocol
//! - [`client_mode`]: a client that is judged, and the server that it watches. → client, plan, protocol,
//!   reference, transcript
//! - [`report`]: the run model and its renderings. → check, trace, transcript, protocol, exit
//! - [`suite`]: cucumber: features, world, steps, one run. → target, client, client_mode, check,
//!   transcript, report, plan, protocol
//! - [`watch`]: the exemplary viewer, with its named defects. → client, protocol, report
//! - [`explore`]: random plans, played and judged. → suite, target, client, check, transcript,
//!   report, plan, protocol
//! - [`exit`]: the exit codes. → nothing
//! - [`cli`]: the command line. → everything

#![forbid(unsafe_code)]

pub mod check;
pub mod cli;
pub mod client;
pub mod client_mode;
pub mod exit;
pub mod explore;
pub mod plan;
pub mod protocol;
pub mod redact;
pub mod reference;
pub mod report;
pub mod suite;
pub mod target;
pub mod trace;
pub mod transcript;
pub mod watch;
