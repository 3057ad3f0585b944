//! Tests of the bundled server over sockets, in this process.

mod http;
mod reference;
