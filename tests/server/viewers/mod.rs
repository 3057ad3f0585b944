//! Viewers over HTTP: on the bundled server, and on servers that do what no server should.

mod odd_answers;
mod runs;

use std::sync::Arc;
use std::time::Duration;

use reconnect_acceptance::client::http::{Place, Site};
use reconnect_acceptance::client::{Patience, Recorder, Redactor, Server, Viewer, tls};
use reconnect_acceptance::protocol::{Action, Component, Position};
use reconnect_acceptance::transcript::{Entry, EntryKind};
use secrecy::SecretString;
use serde_json::json;

/// A viewer named Ada of this component, who waits for so long.
fn ada(url: &str, component: Component, id: &str, silence: Duration) -> Viewer {
    ada_with(None, url, component, id, silence)
}

/// Likewise, with this token.
fn ada_with(
    token: Option<&str>,
    url: &str,
    component: Component,
    id: &str,
    silence: Duration,
) -> Viewer {
    let tls = tls::config(None, false).expect("no certificates");
    let site = Site::new(url, tls, Vec::new(), silence).expect("an address");
    let place = Place {
        site: Arc::new(site),
        component,
        id: id.to_owned(),
    };
    let patience = Patience {
        silence,
        quiet: silence / 4,
    };
    let recorder = Arc::new(Recorder::new(Arc::new(Redactor::default())));
    let token = token.map(SecretString::from);
    Viewer::new("Ada", Server::Http(place), token, recorder, patience)
}

fn start(session: &str) -> Action {
    Action::Start {
        workflow_id: None,
        message: json!("go"),
        session_id: Some(session.to_owned()),
    }
}

fn back_to(run: &str, position: Position) -> Action {
    Action::Reconnect {
        run_id: Some(run.to_owned()),
        position,
        workflow_id: None,
        session_id: None,
    }
}

/// The run and the index of an event.
fn event(entry: &Entry) -> Option<(String, u64)> {
    let event = entry.message()?.event()?;
    Some((event.run()?.to_string(), event.index.at()?))
}

/// What an entry is, in a word or two.
fn word(entry: &Entry) -> String {
    match &entry.what {
        EntryKind::Opened => "opened".to_owned(),
        EntryKind::Sent { text, .. } => text.split_once('\n').expect("a request").0.to_owned(),
        EntryKind::Received { message, .. } => message.name().to_owned(),
        EntryKind::Refused { status, text, .. } => format!("HTTP {status} {text}"),
        EntryKind::StreamEnded { unfinished: 0 } => "end of stream".to_owned(),
        EntryKind::StreamEnded { unfinished } => format!("end of stream, {unfinished} left"),
        EntryKind::Disconnected(_) => "left".to_owned(),
        EntryKind::Ended(None) => "over".to_owned(),
        EntryKind::Ended(Some(how)) => format!("over: {how}"),
        EntryKind::TimedOut { .. } => "timed out".to_owned(),
        other => format!("{other:?}"),
    }
}
