//! CLIENT-RETURN: coming back after a loss.

use super::SOURCE;
use super::view::{Loss, is_exit, losses, nothing, was_watched};
use crate::check::collector::Collector;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::protocol::{Action, Control};
use crate::trace::Trace;
use crate::transcript::{ClientEntry, Cut, Disconnect, EntryKind, Number};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-RETURN-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client whose connection breaks before the ending comes back by itself.",
        why: "Connections break: a train enters a tunnel, a proxy restarts. The run goes on, and a person who has to reload the page to see it does not know that.",
        harm: "After a broken connection the person sees a run that does not move, for ever.",
        source: SOURCE,
        good: "\
← event 19
(the connection is reset)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}",
        bad: "\
← event 19
(the connection is reset; nothing comes any more)",
        check: check!(after_a_break),
    },
    Requirement {
        id: "CLIENT-RETURN-2",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client takes a clean close before the ending for a lost connection, too.",
        why: "Servers that are replaced and proxies that have waited long enough close cleanly. Only the run's ending ends it.",
        harm: "Whenever the server is replaced, the person sees half an answer as if it were all.",
        source: SOURCE,
        good: "\
← event 19
← close 1001
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}",
        bad: "\
← event 19
← close 1001
(the client shows the run as finished)",
        check: check!(after_a_close),
    },
    Requirement {
        id: "CLIENT-RETURN-3",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client notices a dead line within the time limit.",
        why: "A laptop that slept, a phone that changed the network: the connection is dead, and nothing says so. Only a ping without a pong shows it.",
        harm: "The person looks at a run that does not move, until they reload the page.",
        source: SOURCE,
        good: "(the line is dead)\n(a WebSocket ping without a pong)\n→ {\"action\": \"reconnect\", …}",
        bad: "(the line is dead)\n(nothing comes any more)",
        check: check!(notices),
    },
    Requirement {
        id: "CLIENT-RETURN-4",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client that comes back does not start the run again.",
        why: "A run costs money and does things: it writes mails, it books. A person who lost the connection wants to see the same run, not a second one.",
        harm: "After each lost connection the work is done once more, and paid once more.",
        source: SOURCE,
        good: "\
(the connection is reset)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}",
        bad: "\
(the connection is reset)
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"hello\"}",
        check: check!(starts_no_second_run),
    },
    Requirement {
        id: "CLIENT-RETURN-5",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client does not come back after the ending.",
        why: "Nothing more happens in the run. Each return to it is answered with all of its events.",
        harm: "Finished runs cost the server and the person's connection as much as running ones, again and again.",
        source: SOURCE,
        good: "\
← WorkflowCompleted
← close 1000
(nothing more)",
        bad: "\
← WorkflowCompleted
← close 1000
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 59}",
        check: check!(stays_away_after_the_ending),
    },
    Requirement {
        id: "CLIENT-RETURN-6",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client watches a run on one connection at a time.",
        why: "A connection that is left open costs the server memory, and everything is sent on it as well.",
        harm: "Each loss leaves a connection behind, until the server takes no more.",
        source: SOURCE,
        good: "(the line is dead)\n(the client closes it)\n→ {\"action\": \"reconnect\", …}",
        bad: "(the line is dead)\n→ {\"action\": \"reconnect\", …}\n(the dead line stays open)",
        check: check!(one_at_a_time),
    },
];

fn after_a_break(trace: &Trace<'_>) -> CheckVerdict {
    let breaks = |how: Cut| matches!(how, Cut::Reset | Cut::MidMessage) || is_error(how);
    comes_back(trace, breaks)
}

fn is_error(how: Cut) -> bool {
    matches!(how, Cut::Close(_)) && !how.is_clean()
}

fn after_a_close(trace: &Trace<'_>) -> CheckVerdict {
    comes_back(trace, Cut::is_clean)
}

fn notices(trace: &Trace<'_>) -> CheckVerdict {
    comes_back(trace, |how| how == Cut::Dead)
}

fn one_at_a_time(trace: &Trace<'_>) -> CheckVerdict {
    const OTHERWISE: &str = "Ada did not return after a dead line";
    let mut collector = Collector::default();
    for loss in losses(trace).iter().filter(|loss| loss.how == Cut::Dead) {
        let Some(ret) = loss.ret() else {
            collector.inconclusive(loss.no_return());
            continue;
        };
        let connection = trace.connection(loss.before.connection);
        if connection.left().is_some() {
            collector.passed();
        } else if was_watched(trace, ret.request.number) {
            collector.failed(
                "that Ada leaves the dead line",
                "the line still open after the return",
                [loss.cut.number, ret.request.number],
            );
        } else {
            collector.inconclusive("the transcript ends before it could be seen");
        }
    }
    collector.check_verdict(OTHERWISE)
}

fn comes_back(trace: &Trace<'_>, is_meant: impl Fn(Cut) -> bool) -> CheckVerdict {
    let mut collector = Collector::default();
    for loss in losses(trace).iter().filter(|loss| is_meant(loss.how)) {
        match (loss.request, loss.gave_up) {
            _ if loss.ret().is_some() => collector.passed(),
            // What becomes of those who come and are not let in is for other rules.
            (None, _) if was_turned_away(trace, loss.cut.number) => {
                collector.inconclusive("Ada came back, and was not let in");
            }
            (None, _) if had_an_outage(trace, loss.cut.number) => {
                collector.inconclusive("the server was away after the loss");
            }
            (None, Some(gave_up)) => collector.failed(
                format!(
                    "a request for the run after the connection was {}",
                    loss.how
                ),
                nothing(gave_up),
                [loss.cut.number, gave_up.number],
            ),
            // Another run is no way back to this one.
            _ => collector.inconclusive(loss.no_return()),
        }
    }
    collector.check_verdict("no connection was cut like this while Ada watched a run")
}

fn was_turned_away(trace: &Trace<'_>, after: Number) -> bool {
    let later = trace.transcript.entries().skip(after as usize);
    later.iter().any(|entry| {
        let control = entry.message().and_then(|message| message.control());
        matches!(control, Some(Control::AuthError | Control::AuthRequired))
            || matches!(entry.of_client(), Some(ClientEntry::TurnedAway(_)))
    })
}

/// Whether the server was away after this entry: at a closed port nobody sees who comes.
fn had_an_outage(trace: &Trace<'_>, after: Number) -> bool {
    let later = trace.transcript.entries().skip(after as usize);
    later
        .iter()
        .any(|entry| matches!(entry.of_client(), Some(ClientEntry::Outage(_))))
}

fn starts_no_second_run(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let losses = losses(trace);
    let Some(first) = losses.first() else {
        return collector.check_verdict("no connection was cut while Ada watched a run");
    };
    let again = trace
        .starts()
        .filter(|it| it.request.number > first.cut.number);
    let mut is_again = false;
    for start in again {
        is_again = true;
        collector.failed(
            format!("a return to the run {:?}", first.run),
            "a start of a run",
            [first.cut.number, start.request.number],
        );
    }
    if !is_again {
        match losses.iter().find_map(Loss::ret) {
            Some(_) => collector.passed(),
            None => collector.inconclusive(first.no_return()),
        }
    }
    collector.check_verdict("Ada did not come back")
}

fn stays_away_after_the_ending(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let Some(ending) = trace.deliveries.iter().find(|it| it.is_final()) else {
        return collector.check_verdict("Ada was not sent the ending of a run");
    };
    let number = ending.entry.number;
    let later = trace.transcript.entries().skip(number as usize);
    // Without a connection, or with one that ends, there is something to come back to.
    let gone = later.iter().find(|entry| {
        matches!(
            entry.what,
            EntryKind::Disconnected(Disconnect::Close) | EntryKind::StreamEnded { .. }
        ) || matches!(
            entry.of_client(),
            Some(ClientEntry::Cut(_) | ClientEntry::Exited { code: Some(0), .. })
        )
    });
    let Some(gone) = gone else {
        return collector.check_verdict("Ada's connection did not end after the ending");
    };
    let asked = later.iter().find(|entry| {
        let asks = matches!(
            entry.action(),
            Some(Action::Reconnect { .. } | Action::Start { .. })
        );
        asks && entry.number > gone.number
    });
    let was_watched = later
        .iter()
        .any(|entry| is_exit(entry) || matches!(entry.what, EntryKind::Watched(_)));
    match asked {
        Some(asked) => collector.failed(
            "nothing more after the ending",
            "another request for a run",
            [number, gone.number, asked.number],
        ),
        None if was_watched => collector.passed(),
        None => collector.inconclusive("the transcript ends before it could be seen"),
    }
    collector.check_verdict("Ada was not watched after the ending")
}
