//! Tests of the bundled server and of viewers over sockets, in this process.

mod http;
mod reference;
mod viewers;
