//! `doctor` on a server's HTTP address: what it takes to watch a run over HTTP, one line per check.

use std::time::Duration;

use serde_json::Value;

use super::checklist::Checklist;
use crate::client::Viewer;
use crate::client::http::{Ask, Site};
use crate::plan::Workflow;
use crate::protocol::{Action, Component, Event, Part, Position, framing, json};
use crate::transcript::{Entry, EntryKind};

/// A run that lasted so long, of which all came at once, was held back on its way.
const LASTED: u64 = 2;

/// Events that usually come so late are kept back: their own clock counts whole seconds, and a busy machine is late now
/// and then.
const LATE: Duration = Duration::from_secs(2);

/// What keeps a stream back, and what to do.
const BUFFERED: &str = "a proxy keeps the stream back until it is full or over: turn its buffering off \
     (nginx: proxy_buffering off), or let the server send the header X-Accel-Buffering: no";

/// Examines a server over HTTP: it is reached already.
pub(super) async fn examine(
    list: &mut Checklist,
    viewer: &mut Viewer,
    site: &Site,
    (component, part, workflow): (Component, Part, &Workflow),
    session: &str,
) {
    if !is_listed(list, viewer, site, component, &workflow.workflow_id).await {
        return;
    }
    let Some(first) = start(list, viewer, (part, workflow), session).await else {
        return;
    };
    let index = first.index.at().ok_or_else(|| {
        format!(
            "the event {} has no usable event_index: {}; is it a release before 2.6.0?",
            first.name, first.index
        )
    });
    let said = |index: &u64| format!("the first event has event_index {index}");
    if list.note("index", index, said).is_none() {
        return;
    }
    let (Some(run), true) = (first.run(), to_the_end(list, viewer, &first, part).await) else {
        return;
    };
    resume(list, viewer, (run, &workflow.workflow_id), session).await;
}

/// Whether the server lists the component.
async fn is_listed(
    list: &mut Checklist,
    viewer: &Viewer,
    site: &Site,
    component: Component,
    id: &str,
) -> bool {
    let ask = Ask::list(component, viewer.token().cloned());
    let path = &ask.path;
    let answer = viewer.ask(site, &ask).await;
    let listed = match answer {
        None => Err(format!("GET {path} was not answered")),
        Some(it) if matches!(it.status, 401 | 403) => Err(format!(
            "GET {path} was answered with HTTP {}: the server asks for a token (--token-env)",
            it.status
        )),
        Some(it) if it.status != 200 => Err(format!(
            "GET {path} was answered with HTTP {}: is this AgentOS?",
            it.status
        )),
        Some(it) => match ids(&it.text) {
            Some(ids) if !ids.iter().any(|it| it == id) => Err(format!(
                "the server has no {} {id:?}; it has {}: choose one with --workflow-id and --component",
                component.word(),
                match ids.is_empty() {
                    true => "none".to_owned(),
                    false => ids.join(", "),
                }
            )),
            Some(ids) => Ok(format!("{} {}", ids.len(), component.segment())),
            None => Err(format!("GET {path} gave no list: is this AgentOS?")),
        },
    };
    list.note("list", listed, Clone::clone).is_some()
}

/// The ids in a list of components.
fn ids(text: &str) -> Option<Vec<String>> {
    let list: Vec<Value> = serde_json::from_str(text).ok()?;
    let id = |it: &Value| Some(it.get("id")?.as_str()?.to_owned());
    Some(list.iter().filter_map(id).collect())
}

/// Starts a run; gives its first event.
async fn start(
    list: &mut Checklist,
    viewer: &mut Viewer,
    (part, workflow): (Part, &Workflow),
    session: &str,
) -> Option<Event> {
    let action = Action::Start {
        workflow_id: Some(workflow.workflow_id.clone()),
        message: workflow.message.clone(),
        session_id: Some(session.to_owned()),
    };
    let started = match viewer.connect().await {
        Ok(()) => viewer.say(action).await,
        Err(trouble) => Err(trouble),
    };
    let started = match started {
        Ok(asked) => {
            let first = |entry: &Entry| entry.message()?.event().cloned();
            viewer
                .wait_whole(asked, "the first event of the run", first)
                .await
        }
        Err(trouble) => Err(trouble),
    };
    let said = format!("{:?} started, as the part `{part}`", workflow.workflow_id);
    list.note("run", started, |_| said)
}

/// How many events the run has, where it ends within the time limit, and whether they came as they happened.
async fn to_the_end(list: &mut Checklist, viewer: &Viewer, first: &Event, part: Part) -> bool {
    let mut arrivals: Vec<(Duration, Option<u64>)> = Vec::new();
    let ended = viewer
        .wait_whole(0, "the end of the run", |entry| {
            let event = entry.message()?.event()?;
            if event.run() != first.run() {
                return None;
            }
            arrivals.push((entry.at(), created_at(entry)));
            event.ending()
        })
        .await;
    let long_enough = list.length(ended, arrivals.len() as u64, part, "one");
    list.note("flow", flow(&arrivals), Clone::clone).is_some() && long_enough
}

/// Whether the events came as they happened.
fn flow(arrivals: &[(Duration, Option<u64>)]) -> Result<String, String> {
    if let Some((happened, came)) = spread(arrivals)
        && happened >= LASTED
        && came * 10 < Duration::from_secs(happened)
    {
        return Err(format!(
            "the events of {happened} s came within {:.1} s: {BUFFERED}",
            came.as_secs_f64()
        ));
    }
    match usual_delay(arrivals) {
        Some(delay) if delay >= LATE => Err(format!(
            "the events come in bursts, half of them {:.1} s or more later than others: {BUFFERED}",
            delay.as_secs_f64()
        )),
        _ => Ok("the events come as they happen".to_owned()),
    }
}

/// In how many seconds these events happened, as the server says, and in what time they came.
fn spread(arrivals: &[(Duration, Option<u64>)]) -> Option<(u64, Duration)> {
    let (first, last) = (arrivals.first()?, arrivals.last()?);
    let happened = last.1?.saturating_sub(first.1?);
    Some((happened, last.0.saturating_sub(first.0)))
}

/// How much later than the promptest event half of them came, by their own clock, which counts whole seconds.
fn usual_delay(arrivals: &[(Duration, Option<u64>)]) -> Option<Duration> {
    let earliest = arrivals.iter().filter_map(|it| it.1).min()?;
    let after = |(at, created): &(Duration, Option<u64>)| {
        let happened = Duration::from_secs((*created)?.saturating_sub(earliest));
        // The first events may come before `earliest` is over.
        Some((*at + Duration::from_secs(3600)).saturating_sub(happened))
    };
    let mut delays: Vec<Duration> = arrivals.iter().filter_map(after).collect();
    delays.sort_unstable();
    let median = delays.get(delays.len() / 2)?;
    Some(median.saturating_sub(*delays.first()?))
}

/// When an event happened, in seconds, as it says itself.
fn created_at(entry: &Entry) -> Option<u64> {
    let EntryKind::Received { text, .. } = &entry.what else {
        return None;
    };
    let (fields, _) = json::parse(&framing::unwrap(&text.read()).1).ok()?;
    fields.get("created_at")?.as_u64()
}

/// Returns to the run from its first event on.
async fn resume(
    list: &mut Checklist,
    viewer: &mut Viewer,
    (run, workflow_id): (&str, &str),
    session: &str,
) {
    let action = Action::Reconnect {
        run_id: Some(run.to_owned()),
        position: Position::At(0),
        workflow_id: Some(workflow_id.to_owned()),
        session_id: Some(session.to_owned()),
    };
    let resumed = match viewer.say(action).await {
        Ok(asked) => {
            let first = |entry: &Entry| {
                let message = entry.message()?;
                match message.control() {
                    Some(control) => Some(Ok(control.name().to_owned())),
                    None => message.event().map(|event| match event.index.at() {
                        Some(1) => Ok("event 1".to_owned()),
                        _ => Err(format!("event {} came first", event.index)),
                    }),
                }
            };
            viewer
                .wait_whole(asked, "the answer to a return", first)
                .await
        }
        Err(trouble) => Err(trouble),
    };
    let resumed = match resumed {
        Ok(Ok(name)) if name == "error" => Err("a return to the run was refused".to_owned()),
        Ok(answer) => answer,
        Err(trouble) => Err(trouble.to_string()),
    };
    let said = |name: &String| format!("a return from event 0 is answered with `{name}`");
    list.note("resume", resumed, said);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_at_once_was_held_back() {
        let at = |ms: u64, created: u64| (Duration::from_millis(ms), Some(created));
        let slow = [at(0, 10), at(1100, 11), at(3050, 13)];
        assert_eq!(spread(&slow), Some((3, Duration::from_millis(3050))));
        let held = [at(3000, 10), at(3001, 11), at(3002, 13)];
        assert_eq!(spread(&held), Some((3, Duration::from_millis(2))));
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[(Duration::ZERO, None)]), None);
    }

    #[test]
    fn bursts_were_held_back_and_a_hiccup_is_none() {
        let run = |at: fn(u64) -> u64| -> Vec<(Duration, Option<u64>)> {
            let event = |second: u64| (Duration::from_secs(at(second)), Some(100 + second));
            (0..40).map(event).collect()
        };
        assert!(flow(&run(|second| second)).is_ok());
        // Nine events fill a buffer.
        let bursts = flow(&run(|second| second.div_ceil(9) * 9)).expect_err("bursts");
        assert!(bursts.contains("half of them 4.0 s"), "{bursts}");
        let hiccup = flow(&run(|second| second.max(if second < 8 { 8 } else { 0 })));
        assert!(hiccup.is_ok(), "{hiccup:?}");
        let unknown: Vec<_> = run(|second| second)
            .into_iter()
            .map(|it| (it.0, None))
            .collect();
        assert!(flow(&unknown).is_ok());
    }

    #[test]
    fn ids_are_found_in_a_list_alone() {
        assert_eq!(
            ids(r#"[{"id": "a"}, {"name": "b"}]"#),
            Some(vec!["a".to_owned()])
        );
        assert_eq!(ids("<html>"), None);
        assert_eq!(ids("{}"), None);
    }
}
