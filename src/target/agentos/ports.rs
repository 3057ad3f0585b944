//! Ports for servers that take a while to listen on them.

use std::hash::{BuildHasher, RandomState};
use std::net::TcpListener;
use std::ops::Range;

use crate::target::Error;

/// Where the ports are looked for: below those that systems give to anybody who asks for any (from 32768 on Linux, from
/// 49152 elsewhere). An interpreter takes seconds to listen on its port, and meanwhile any other process could be given
/// it.
const PORTS: Range<u16> = 15_000..32_000;

/// So many ports are tried for one that is free.
const TRIES: usize = 500;

/// Free ports, all different.
///
/// # Errors
///
/// [`Error::NotReady`] if the machine has none.
pub fn free_ports<const N: usize>() -> Result<[u16; N], Error> {
    let not_free = |error| Error::NotReady(format!("find a free port of 127.0.0.1: {error}"));
    // All are held at the same time, so that no port is found twice.
    let mut taken = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = free_port().map_err(not_free)?;
        *port = listener.local_addr().map_err(not_free)?.port();
        taken.push(listener);
    }
    Ok(ports)
}

/// A listener on a port of [`PORTS`] that nobody else has, drawn at random so that several runs find others.
fn free_port() -> std::io::Result<TcpListener> {
    let random = RandomState::new();
    let how_many = u64::from(PORTS.end - PORTS.start);
    let mut last = std::io::ErrorKind::AddrInUse.into();
    for draw in 0..TRIES {
        let offset = (random.hash_one(draw) % how_many) as u16;
        match TcpListener::bind(("127.0.0.1", PORTS.start + offset)) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_different_and_of_those_that_nobody_is_given() {
        let mut found = free_ports::<50>().expect("ports");
        assert!(found.iter().all(|port| PORTS.contains(port)), "{found:?}");
        found.sort_unstable();
        assert!(found.windows(2).all(|two| two[0] != two[1]), "{found:?}");
    }
}
