//! PAUSE: a run that waits for a person, and goes on.

use std::collections::HashSet;

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::return_view::{
    Reading, answer_or_silence, is_error, readings, unanswered,
};
use crate::check::shared::{ending, order};
use crate::protocol::{Ending, Outcome, Position};
use crate::trace::{Continuation, Earlier, Story};
use crate::transcript::Number;

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "PAUSE-1",
        level: Level::Must,
        sentence: "A paused run's ending so far (`WorkflowPaused`) reaches a viewer who returns, and the run can be continued.",
        why: "The run waits for a person. Whoever comes back must see the question, or both wait for ever.",
        source: "agno-agi/agno #5787; what real releases from 2.6.13 on do",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"replay\", \"status\": \"PAUSED\", \"total_events\": 16, …}
← events 0 to 15, the last of them WorkflowPaused
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", \"step_requirements\": […], …}
← event 16 (StepContinued)",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 15, …}
← events 0 to 14                                   the question, event 15, never comes
← {\"event\": \"subscribed\", …}",
        check: told_and_continued,
    },
    Requirement {
        id: "PAUSE-2",
        level: Level::Must,
        sentence: "A continued run's indices go on after the pause; none is used twice.",
        why: "The position of everybody who watches is such an index. Used twice, it hides what came after the pause.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
← event 15 (WorkflowPaused)
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}
← event 16 (StepContinued)
← event 17",
        bad: "\
← event 15 (WorkflowPaused)
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}
← event 0 (StepContinued)
← event 1",
        check: numbered_on,
    },
];

/// The continuations of a run.
fn continuations<'s, 't>(
    story: &'s Story<'t>,
    run: &str,
) -> impl Iterator<Item = &'s Continuation<'t>> {
    let mine = move |it: &&Continuation<'_>| it.run == Some(run);
    story.continuations.iter().filter(mine)
}

fn told_and_continued(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let mut accused = HashSet::new();
    for (reading, _) in readings(story) {
        let request = reading.ret.request.number;
        let replayed = reading.replay.and_then(|said| Outcome::of(said.status?));
        let paused = story.is_paused(reading.run, request) || replayed == Some(Outcome::Paused);
        if !paused
            || reading.ret.earlier != Earlier::Nothing
            || reading.visit.barred().is_some()
            || reading.belongs_to_another()
            || matches!(reading.ret.position, Position::Odd(_))
        {
            continue;
        }
        if !told(&reading, &mut ledger) {
            continue;
        }
        let next = continuations(story, reading.run).find(|it| it.request.number > request);
        match next {
            None => ledger.untold(format!(
                "nobody let the run go on after {} had returned",
                reading.viewer()
            )),
            Some(next) => {
                let number = next.request.number;
                match stopped(story, next) {
                    Ok(true) => ledger.holds(),
                    Ok(false) => ledger.untold(format!(
                        "{} left before the run could go on",
                        story.visit(next.visit).viewer
                    )),
                    Err((observed, at)) => {
                        if accused.insert(number) {
                            let expected = "the run going on after the pause";
                            ledger.broken(expected, observed, [request, number, at]);
                        }
                    }
                }
            }
        }
    }
    ledger.judgement("no viewer returned to a run that was paused")
}

/// Whether the viewer knows that the run is paused; that they are not told is noted.
fn told(reading: &Reading<'_, '_>, ledger: &mut Ledger) -> bool {
    const EXPECTED: &str = "WorkflowPaused: the run waits for a person";
    let request = reading.ret.request.number;
    if reading.answer().is_none_or(is_error) {
        match answer_or_silence(reading) {
            Some((observed, evidence)) => ledger.broken(EXPECTED, observed, evidence),
            None => ledger.untold(unanswered(reading)),
        }
        return false;
    }
    let mut deliveries = reading.deliveries.iter();
    if deliveries.any(|it| it.event().ending() == Some(Ending::Paused)) {
        return true;
    }
    let paused = reading.story.run(reading.run).and_then(|told| told.paused);
    let index = paused.and_then(|entry| entry.message()?.event()?.index.at());
    if index.is_some_and(|index| index < reading.next) {
        // The viewer had seen it, and says so.
        return true;
    }
    let announced = reading.replay.and_then(|said| said.announced);
    let whole = announced.is_some_and(|total| total <= reading.deliveries.len() as u64);
    let later = continuations(reading.story, reading.run).find(|it| it.request.number > request);
    let proof = reading
        .silence()
        .map(|entry| (describe::entry(entry), entry.number))
        .or_else(|| {
            let last = reading.deliveries.last().filter(|_| whole)?;
            let observed = format!("{} as the last event", describe::entry(last.entry));
            Some((observed, last.entry.number))
        })
        .or_else(|| Some(("nothing of it".to_owned(), later?.request.number)));
    match proof {
        Some((observed, at)) => ledger.broken(
            EXPECTED,
            observed,
            paused
                .map(|entry| entry.number)
                .into_iter()
                .chain([request, at]),
        ),
        None => ledger.untold(format!(
            "{} left before being told that the run was paused",
            reading.viewer()
        )),
    }
    false
}

/// Whether the run went on, or nothing is known; what came instead where it did not.
fn stopped(story: &Story<'_>, it: &Continuation<'_>) -> Result<bool, (String, Number)> {
    if !it.heard.is_empty() {
        return Ok(true);
    }
    let visit = story.visit(it.visit);
    let number = it.request.number;
    let closed = visit.closed().filter(|closed| closed.number > number);
    match it.refusal.or(visit.gave_up_after(number)).or(closed) {
        Some(entry) => Err((describe::entry(entry), entry.number)),
        None => Ok(false),
    }
}

fn numbered_on(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for it in &story.continuations {
        let Some(run) = it.run.filter(|_| !it.heard.is_empty()) else {
            ledger.untold("the run that was to go on did not");
            continue;
        };
        let request = it.request.number;
        if story.restarted_before(run, request) {
            ledger.untold("the server was restarted before the run was to go on (RESTART-2)");
            continue;
        }
        let paused = story.is_paused(run, request);
        let Some(last) = story.highest_before(run, request).filter(|_| paused) else {
            ledger.untold("nobody had seen the run pause before it went on");
            continue;
        };
        if let Some(slip) = order::slip(&it.heard, last.saturating_add(1)) {
            let observed = slip.observed();
            ledger.broken(slip.expected(), observed, slip.evidence(it.request));
            continue;
        }
        let ended = it
            .heard
            .iter()
            .any(|it| it.event().final_ending().is_some());
        match it.heard.last() {
            Some(_) if ended => ledger.holds(),
            Some(last) => {
                let visit = story.visit(it.visit);
                ledger.untold(ending::unseen(visit, last.entry.number));
            }
            None => {}
        }
    }
    ledger.judgement("nobody let a paused run go on")
}
