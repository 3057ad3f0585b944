//! Shows on the terminal what happens while a run goes on, and before it begins.

use std::cell::RefCell;
use std::io::{Stdout, Write};
use std::pin::pin;
use std::time::{Duration, Instant};

use hyper::Uri;
use tokio::net::TcpStream;

use crate::client::timer;
use crate::report::render::terminal::Terminal;
use crate::suite::Moment;

/// How often the terminal is told that time has passed.
const EVERY: Duration = Duration::from_millis(100);

/// Prints a line about what is being done.
pub fn say(line: &str) {
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "{line}");
}

/// Runs this, and tells the terminal meanwhile how much time has passed.
pub async fn watched<T>(terminal: &RefCell<Terminal<Stdout>>, run: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let mut run = pin!(run);
    loop {
        tokio::select! {
            biased;
            output = &mut run => return output,
            () = timer::away(EVERY) => terminal.borrow_mut().tick(began.elapsed()),
        }
    }
}

/// Tells the terminal what happened to a scenario.
pub fn show(terminal: &RefCell<Terminal<Stdout>>, moment: Moment<'_>) {
    let mut terminal = terminal.borrow_mut();
    match moment {
        Moment::Started(scenario) => terminal.scenario_started(scenario),
        Moment::Finished(scenario, _) => terminal.scenario_finished(scenario),
        Moment::Probed(scenarios) => terminal.probed(scenarios),
    }
}

/// Waits until the server of this URL takes a TCP connection, at most so long. Whatever comes of it, the run
/// itself says what is wrong.
pub async fn reachable(url: &str, limit: Duration) {
    let Some((host, port)) = host_and_port(url) else {
        return;
    };
    let began = Instant::now();
    while began.elapsed() < limit {
        let connecting = TcpStream::connect((host.as_str(), port));
        if let Ok(Ok(_)) = timer::within(limit, connecting).await {
            return;
        }
        timer::away(EVERY).await;
    }
}

fn host_and_port(url: &str) -> Option<(String, u16)> {
    let uri: Uri = url.parse().ok()?;
    let usual = if uri.scheme_str() == Some("wss") {
        443
    } else {
        80
    };
    let host = uri.host()?.trim_matches(['[', ']']).to_owned();
    Some((host, uri.port_u16().unwrap_or(usual)))
}
