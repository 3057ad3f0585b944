//! What several checks ask: how a request was answered, in which state a run was, which order its events came in.

pub(crate) mod beginning;
pub(crate) mod broken_off;
pub(crate) mod dead;
pub(crate) mod ending;
pub(crate) mod http_requests;
pub(crate) mod incomplete;
pub(crate) mod order;
pub(crate) mod pauses;
pub(crate) mod payload;
pub(crate) mod persisted_replay;
pub(crate) mod precondition;
pub(crate) mod reply;
pub(crate) mod return_view;
