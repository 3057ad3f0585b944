//! Who has to do with a finding, and until when.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::check::{Judgement, registry};
use crate::protocol::{Action, Route, route};
use crate::report::render::reproduction::act::Acts;
use crate::report::render::reproduction::unsupported::WhyNot;
use crate::trace::Story;
use crate::transcript::{Entry, Number, What};

/// Whose acts the finding needs.
pub(crate) struct Cast {
    /// The runs and sessions of the record; no step yet.
    pub acts: Acts,
    pub viewers: BTreeSet<Arc<str>>,
    /// The last entry that counts.
    pub until: Number,
}

/// Leaves out as much as can be left out while the check of the requirement still finds it broken. Of a
/// huge record nothing is left out: to judge a shorter one beside it takes as much memory again.
pub(crate) fn of(story: &Story<'_>, id: &str, evidence: &[Number]) -> Result<Cast, WhyNot> {
    let mut acts = sessions(story)?;
    let end = Number::try_from(story.transcript.entries().len()).unwrap_or(Number::MAX);
    let everybody = story.transcript.entries().iter();
    let everybody: Viewers = everybody.map(|it| Arc::clone(&it.viewer)).collect();
    let mut choices = Vec::new();
    if story.transcript.entries().len() < registry::HUGE {
        let (viewers, until) = narrow(story, evidence);
        choices.extend([(viewers.clone(), until), (viewers, end)]);
    }
    choices.push((everybody, end));
    let enough = |held: bool| {
        choices
            .iter()
            .find(|(viewers, until)| still_broken(story, id, viewers, *until, held))
    };
    // No script can hold a run: better a finding that does not rest on it.
    let found = enough(false);
    acts.luck = found.is_none();
    let (viewers, until) = found
        .or_else(|| enough(true))
        .cloned()
        .ok_or(WhyNot::NotAlone)?;
    Ok(Cast {
        acts,
        viewers,
        until,
    })
}

type Viewers = BTreeSet<Arc<str>>;

/// Whoever has to do with the runs behind the evidence, until the visits behind it are over.
fn narrow(story: &Story<'_>, evidence: &[Number]) -> (Viewers, Number) {
    let entries = story.transcript.entries();
    let shown: Vec<&Entry> = evidence
        .iter()
        .filter_map(|number| story.transcript.entry(*number))
        .collect();
    let runs: BTreeSet<&str> = shown
        .iter()
        .filter_map(|entry| run_of(story, entry))
        .collect();
    let of_runs = entries
        .iter()
        .filter(|entry| run_of(story, entry).is_some_and(|run| runs.contains(run)));
    let viewers = of_runs.chain(shown.iter().copied());
    let visits: BTreeSet<(&str, u32)> = shown
        .iter()
        .map(|entry| (&*entry.viewer, entry.visit))
        .collect();
    let of_visits = entries
        .iter()
        .filter(|entry| visits.contains(&(&*entry.viewer, entry.visit)) && counts(&entry.what));
    let last = of_visits.map(|entry| entry.number).max();
    let until = last.max(evidence.iter().copied().max());
    (
        viewers.map(|entry| Arc::clone(&entry.viewer)).collect(),
        until.unwrap_or_default(),
    )
}

/// Whether what is left of the record shows that the requirement is broken, with or without what the
/// target tells of runs that it holds.
fn still_broken(story: &Story<'_>, id: &str, viewers: &Viewers, until: Number, held: bool) -> bool {
    let Some(requirement) = registry::find(id) else {
        return false;
    };
    let is_broken = |story: &Story<'_>| matches!((requirement.check)(story), Judgement::Broken(_));
    let keep = |entry: &Entry| {
        let of_nobody = entry.visit == 0 && !is_of_viewer(&entry.what);
        let of_a_hold = matches!(entry.what, What::Held { .. } | What::Released { .. });
        (held || !of_a_hold)
            && entry.number <= until
            && (of_nobody || viewers.contains(&entry.viewer))
    };
    if story.transcript.entries().iter().all(keep) {
        return is_broken(story);
    }
    is_broken(&Story::of(&story.transcript.only(keep)))
}

/// Whether it is a viewer's doing, though on no connection.
pub(crate) fn is_of_viewer(what: &What) -> bool {
    matches!(
        what,
        What::Asked { .. } | What::Answered { .. } | What::NotAnswered(_) | What::ComesAs { .. }
    )
}

/// What comes after the leaving is of no interest.
fn counts(what: &What) -> bool {
    !matches!(what, What::CloseReceived { .. } | What::Ended(_))
}

/// The sessions and the runs that were started in them. Only by its session can a script tell which
/// run is which.
fn sessions(story: &Story<'_>) -> Result<Acts, WhyNot> {
    let mut acts = Acts::default();
    for start in &story.starts {
        let Some(session) = start.session_id else {
            continue;
        };
        if acts.session(session).is_some() {
            return Err(WhyNot::OneSession);
        }
        acts.sessions.push(session.to_owned());
        if let Some(run) = start.run {
            acts.runs.push((run.to_owned(), acts.sessions.len() - 1));
        }
    }
    for (asked, run) in started_beside(story) {
        let named = story.returns.iter().find(|it| it.run == Some(&*run));
        let session = named.and_then(|it| match it.request.action()? {
            Action::Reconnect { session_id, .. } => session_id.clone(),
            _ => None,
        });
        let session = session.unwrap_or_else(|| run.to_string());
        acts.beside.push((asked, session.clone()));
        acts.sessions.push(session);
        acts.runs.push((run.to_string(), acts.sessions.len() - 1));
    }
    Ok(acts)
}

/// The runs that were started over HTTP, each with the number of the request.
fn started_beside(story: &Story<'_>) -> Vec<(Number, Arc<str>)> {
    let entries = story.transcript.entries();
    let starts = entries.iter().filter(|it| match &it.what {
        What::Asked { method, path, .. } => {
            matches!(Route::of(method, path), Some(Route::Start { .. }))
        }
        _ => false,
    });
    starts
        .filter_map(|asked| {
            let later = entries.skip(asked.number as usize);
            let answer = later.iter().find_map(|it| match &it.what {
                What::Answered { text, .. } if it.viewer == asked.viewer => Some(text),
                _ => None,
            })?;
            Some((asked.number, route::run_of_answer(answer)?))
        })
        .collect()
}

/// The run that an entry is about.
fn run_of<'s>(story: &'s Story<'_>, entry: &'s Entry) -> Option<&'s str> {
    match &entry.what {
        What::Received { message, .. } => match (message.event(), message.control()) {
            (Some(event), _) => event.run().map(|run| &**run),
            (_, Some(control)) => control.run_id().map(|run| &**run),
            _ => None,
        },
        What::Sent { action, .. } => match &**action {
            Action::Reconnect { run_id, .. } | Action::Continue { run_id, .. } => run_id.as_deref(),
            Action::Start { .. } => {
                let starts = &story.starts;
                let at = starts.partition_point(|it| it.request.number < entry.number);
                let start = starts.get(at)?;
                start.run.filter(|_| start.request.number == entry.number)
            }
            _ => None,
        },
        // The run's id stands in the path, or in the answer.
        What::Asked { path, .. } => story
            .returns
            .iter()
            .filter_map(|it| it.run)
            .chain(story.starts.iter().filter_map(|it| it.run))
            .find(|run| path.contains(run)),
        What::Answered { text, .. } => {
            let run = route::run_of_answer(text)?;
            story
                .returns
                .iter()
                .filter_map(|it| it.run)
                .find(|it| **it == *run)
        }
        _ => None,
    }
}
