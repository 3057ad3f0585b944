//! The suite in this process, against the bundled server behind proxies.
//!
//! An executable of its own: while cucumber runs scenarios it takes the panic hook of the whole process, and
//! the message of any other test that fails meanwhile is lost.

mod chaos;
mod exploring;
#[expect(dead_code, reason = "the tests of the binary use all of it")]
#[path = "../binary/common/host.rs"]
mod host;
mod lenient_servers;

/// Fails with this message, whoever has the panic hook.
fn fail(message: &str) -> ! {
    drop(std::panic::take_hook());
    panic!("{message}");
}
