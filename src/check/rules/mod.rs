//! The checks, one file or folder per family of requirements.

pub(crate) mod auth;
pub(crate) mod cancel;
pub(crate) mod catchup;
pub(crate) mod connection;
pub(crate) mod content;
pub(crate) mod failing;
pub(crate) mod flapping;
pub(crate) mod greeting;
pub(crate) mod history;
pub(crate) mod http;
pub(crate) mod identity;
pub(crate) mod malformed;
pub(crate) mod owner;
pub(crate) mod pause;
pub(crate) mod position;
pub(crate) mod refusal;
pub(crate) mod replay;
pub(crate) mod replica;
pub(crate) mod restart;
pub(crate) mod retention;
pub(crate) mod seam;
pub(crate) mod session;
pub(crate) mod start;
pub(crate) mod viewers;
