//! Whether the server can be reached at all: one connection before everything else, so that a dead
//! server costs one time limit and one sentence instead of one for every scenario.

use std::sync::Arc;

use secrecy::SecretString;

use super::environment::Environment;
use super::world::the_suite;
use crate::client::http::{Ask, Site};
use crate::client::{Recorder, Viewer, ViewerError};
use crate::protocol::{Action, Component, Wire};
use crate::target::Variant;
use crate::transcript::{Entry, EntryKind};

/// The status that asks for a token, or for another one (RFC 9110, section 15.5.2).
const UNAUTHORIZED: u16 = 401;

/// Connects once and disconnects again. Returns why nothing can be tested; `None` where the server is
/// ready, and where a client is judged, of which nothing is known before it is started. Every wait is bounded, whatever
/// the server sends.
pub async fn check(environment: &Environment, recorder: &Arc<Recorder>) -> Option<String> {
    if environment.plan.client.is_some() {
        return None;
    }
    let mut viewer = environment.new_viewer(&the_suite(), recorder);
    if let (Wire::Http(component), Some(site)) = (environment.plan.wire, &environment.site) {
        let ask = Ask::list(component, environment.token.clone());
        return match site.ask(&ask).await {
            Ok(answer) if answer.status == UNAUTHORIZED => Some(match environment.token {
                None => ViewerError::TokenWanted.to_string(),
                Some(_) => ViewerError::TokenRefused.to_string(),
            }),
            answer => answer.err(),
        };
    }
    let outcome = viewer.connect().await;
    let problem = match outcome {
        Ok(()) => None,
        Err(ViewerError::TimedOut { after, .. }) => {
            // A server that only forgets to greet answers this.
            let spoke = has_spoken(recorder)
                || match viewer.say(Action::Ping).await {
                    Ok(asked) => viewer
                        .wait_whole(asked, "the answer to `ping`", spoken)
                        .await
                        .is_ok(),
                    Err(_) => false,
                };
            let within = humantime::format_duration(after);
            Some(if spoke {
                format!(
                    "the server sent no greeting within {within}, though it speaks; is this AgentOS's /workflows/ws?"
                )
            } else {
                format!(
                    "the server took the connection and said nothing for {within}; is this AgentOS's /workflows/ws?"
                )
            })
        }
        Err(ViewerError::Lost { how, .. } | ViewerError::Cut { how, .. }) => Some(format!(
            "no greeting came: {how}; is this AgentOS's /workflows/ws, and does it need a --header?"
        )),
        Err(error) => Some(error.to_string()),
    };
    // A panic of the connection's task shows here as well.
    let retired = viewer.retire().await;
    problem.or_else(|| retired.err().map(|error| error.to_string()))
}

/// Whether the servers of these variants take the tokens that the target file names: what is wrong, and with which
/// key. With a wrong token nothing there shows anything.
pub async fn tokens(environment: &Environment, variants: &[Variant]) -> Option<String> {
    for (variant, key, user) in [
        (Variant::Guarded, "[guarded] token_env", 0),
        (Variant::Users, "[users] token_envs", 0),
        (Variant::Users, "[users] token_envs", 1),
    ] {
        let isolated = variant == Variant::Users && variants.contains(&Variant::IsolatedUsers);
        if !environment.places.has(key) || !(variants.contains(&variant) || isolated) {
            continue;
        }
        let Some(Ok(server)) = environment.variants.get(&variant) else {
            continue;
        };
        let server = match (user, &server.other) {
            (0, _) => server,
            (_, Some(other)) => other,
            (_, None) => continue,
        };
        if !is_refused(server).await {
            continue;
        }
        let which = match (variant, user) {
            (Variant::Users, 0) => "the first of these tokens was",
            (Variant::Users, _) => "the second of these tokens was",
            _ => "this token was",
        };
        return Some(format!(
            "{}: {which} refused by the server (`auth_error`); name the variable of a token that it takes",
            environment.places.of_key(key)
        ));
    }
    None
}

/// Whether the server refuses its own token, also over HTTP where it can be asked there: a token that is right there
/// and refused here is the server's failure.
async fn is_refused(server: &Environment) -> bool {
    let recorder = Arc::new(Recorder::new(Arc::clone(&server.redactor)));
    let mut viewer = server.new_viewer(&the_suite(), &recorder);
    let refused = matches!(viewer.connect().await, Err(ViewerError::TokenRefused));
    let taken = match &server.site {
        Some(site) if refused => {
            let with = status_of_workflows(&mut viewer, site, server.token.clone()).await;
            let without = status_of_workflows(&mut viewer, site, None).await;
            matches!((with, without), (Some(200..=299), Some(401 | 403)))
        }
        _ => false,
    };
    // A connection that is only looked at leaves nothing to report.
    let _ = viewer.retire().await;
    refused && !taken
}

async fn status_of_workflows(
    viewer: &mut Viewer,
    site: &Site,
    token: Option<SecretString>,
) -> Option<u16> {
    let ask = Ask::list(Component::Workflow, token);
    viewer.ask(site, &ask).await.map(|it| it.status)
}

/// Whether the server has sent anything at all.
pub fn has_spoken(recorder: &Recorder) -> bool {
    recorder.look(0, spoken).is_some()
}

fn spoken(entry: &Entry) -> Option<()> {
    matches!(
        entry.what,
        EntryKind::Received { .. } | EntryKind::ReceivedBinary(_)
    )
    .then_some(())
}
