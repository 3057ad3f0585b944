//! What a viewer suffers, in one sentence without a word of the protocol: counted from the record where the
//! finding is about events that are missing, doubled, out of order or changed; else as the catalogue says it.

use std::collections::BTreeSet;

use crate::check::registry;
use crate::report::model::run::{Run, RunReport, RunVerdict, ScenarioFinding, Verdict};
use crate::report::render::html::arrival;
use crate::report::render::html::arrival::Arrival;
use crate::report::render::html::format::thousands;
use crate::report::view::cause::Cause;
use crate::trace::{Origin, Phase, Subscription, Trace};

/// The requirements whose failure is what the boxes show, so that events can be counted.
const ABOUT_EVENTS: &[&str] = &[
    "CATCHUP-2",
    "CATCHUP-3",
    "CATCHUP-5",
    "HISTORY-1",
    "REPLAY-1",
    "REPLAY-2",
    "REPLAY-5",
    "HTTP-1",
    "IDENTITY-1",
    "SEAM-1",
    "SEAM-3",
    "FLAPPING-1",
    "FLAPPING-2",
    "VIEWERS-1",
    "VIEWERS-3",
    "VIEWERS-7",
    "VIEWERS-8",
    "REPLICA-1",
    "REPLICA-2",
];
/// The requirements that say that a viewer who reconnects loses nothing.
const NOTHING_LOST: [&str; 3] = ["CATCHUP-2", "CATCHUP-3", "CATCHUP-5"];

/// The sentence for the whole run: the harm of its first cause; of a run without failures, whether a viewer who
/// reconnects loses anything. None where the run says nothing about that.
pub(crate) fn of(run: &Run, causes: &[Cause<'_>]) -> Option<String> {
    let report = &run.report;
    match causes.first() {
        Some(cause) => {
            let requirement = cause.lead().requirement;
            let why = match (requirement.counts(report.strict), requirement.known_failure) {
                (true, _) => "",
                (false, true) => " It is a known failure.",
                (false, false) => " It does not fail the run.",
            };
            of_cause(run, cause).map(|harm| format!("{harm}{why}"))
        }
        None => without_failures(report).map(str::to_owned),
    }
}

fn without_failures(report: &RunReport) -> Option<&'static str> {
    let verdict = |id: &&str| {
        let known = report.requirements.iter().find(|it| it.id == *id);
        known.map(|it| it.verdict)
    };
    let all: Option<Vec<Verdict>> = NOTHING_LOST.iter().map(verdict).collect();
    let all = all?;
    match report.verdict() {
        RunVerdict::Passed if all.iter().all(|it| *it == Verdict::Passed) => Some(
            "A viewer who reconnected lost no event, and got none twice or out of order, wherever this run tested it.",
        ),
        RunVerdict::Inconclusive if all.contains(&Verdict::Inconclusive) => {
            Some("This run does not show whether a viewer who reconnects loses events.")
        }
        _ => None,
    }
}

/// The sentence for one cause; none where the catalogue does not know its requirement.
pub(crate) fn of_cause(run: &Run, cause: &Cause<'_>) -> Option<String> {
    let lead = cause.lead();
    let id = lead.requirement.id.as_str();
    let counted = || counted(run, lead.findings.first()?);
    let known = || registry::find(id).map(|it| it.harm.to_owned());
    match ABOUT_EVENTS.contains(&id) {
        true => counted().or_else(known),
        false => known(),
    }
}

/// What the record shows on the connection of the finding.
fn counted(run: &Run, finding: &ScenarioFinding) -> Option<String> {
    let trace = Trace::of(run.transcripts.get(&finding.scenario)?);
    let evidence = &finding.finding.evidence;
    let of = arrival::run_of(&trace, evidence)?;
    let arrivals = arrival::of(&trace, of);
    let entries = evidence.iter().filter_map(|it| trace.transcript.entry(*it));
    let last = entries
        .filter(|it| it.connection != 0)
        .max_by_key(|it| it.number)?;
    let is_last = |it: &&Subscription<'_>| {
        let connection = trace.connection(it.connection);
        it.run == Some(of)
            && connection.viewer == &*last.viewer
            && connection.number == last.connection
    };
    let subscription = trace.subscriptions.iter().rfind(is_last)?;
    let place = subscription.connection;

    let viewer = trace.connection(place).viewer;
    let deliveries = || trace.deliveries_of(of);
    let had: BTreeSet<u64> = deliveries()
        .filter(|it| trace.connection(it.connection()).viewer == viewer)
        .filter_map(|it| it.index())
        .collect();
    let missing = arrivals.missing.get(&place);
    let lost = missing.map_or(0, |it| it.difference(&had).count());
    let came = |arrival: Arrival| {
        let own = deliveries().filter(|it| it.connection() == place);
        own.filter(|it| arrivals.deliveries.get(&it.entry.number) == Some(&arrival))
            .count()
    };
    let parts = [
        ("loses", lost, ""),
        ("gets", came(Arrival::Twice), " twice"),
        ("gets", came(Arrival::OutOfOrder), " out of order"),
        ("gets", came(Arrival::Changed), " with another content"),
    ];
    let parts = parts.into_iter().filter(|(_, number, _)| *number > 0);
    let parts: Vec<_> = parts
        .map(|(verb, number, how)| format!("{verb} {}{how}", events(number)))
        .collect();
    (!parts.is_empty()).then(|| format!("{} {}.", who(subscription), parts.join(" and ")))
}

fn events(number: usize) -> String {
    match number {
        1 => "one event".to_owned(),
        number => format!("{} events", thousands(number as u64)),
    }
}

fn who(subscription: &Subscription<'_>) -> &'static str {
    let mut deliveries = subscription.deliveries.iter();
    match subscription.origin {
        Origin::Started => "A viewer who stays connected",
        Origin::Continued => "A viewer who continues a paused run",
        Origin::Returned { .. } if deliveries.any(|it| it.phase == Phase::Replayed) => {
            "A viewer who returns to a finished run"
        }
        Origin::Returned { position, .. } if position.next().is_some_and(|it| it > 0) => {
            "A viewer who reconnects"
        }
        Origin::Returned { .. } => "A viewer who opens a run that is under way",
    }
}
