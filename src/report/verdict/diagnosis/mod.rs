//! Where everything ends in the same way: one sentence instead of a reason for each scenario. Pure.

mod requests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::report::model::run::Diagnosis;
use crate::report::text::format::count;
use crate::transcript::{DEAD_LINE, EntryKind, Transcript};

/// So many ends, in so many scenarios, are no coincidence.
const ENDS: usize = 5;
const SCENARIOS: usize = 3;
/// A connection that ends sooner ends because of what was asked, not of its age.
const YOUNG: Duration = Duration::from_millis(500);
/// How far the ages of connections may be from the usual one on a busy machine: so much, or a tenth.
const APART: Duration = Duration::from_millis(250);

/// The transcripts of a run, by scenario.
type Transcripts = BTreeMap<String, Arc<Transcript>>;

/// What the connections or requests of a run have in common, by scenario; none where they end in several ways. Only
/// `open` scenarios, which failed or are inconclusive, are explained by it.
#[must_use]
pub fn of(transcripts: &Transcripts, open: &BTreeSet<&str>) -> Option<Diagnosis> {
    same_age(transcripts, open).or_else(|| requests::same_end(transcripts, open))
}

/// A connection, as far as its age is concerned.
struct Life<'s> {
    scenario: &'s str,
    opened: Duration,
    last: Duration,
    /// How the server or the network ended it, if the viewer had not left.
    ended: Option<&'static str>,
}

fn same_age(transcripts: &Transcripts, open: &BTreeSet<&str>) -> Option<Diagnosis> {
    let lives: Vec<Life<'_>> = transcripts
        .iter()
        .flat_map(|(scenario, transcript)| lives(scenario, transcript))
        .collect();
    let age = |life: &Life<'_>| life.last.saturating_sub(life.opened);
    let ended = || {
        let all = lives.iter().filter(|it| it.ended.is_some());
        all.filter(|it| open.contains(it.scenario))
    };
    let mut ages: Vec<Duration> = ended().map(age).collect();
    ages.sort_unstable();
    let usual = *ages.get(ages.len() / 2)?;
    let apart = APART.max(usual / 10);
    let (least, most) = (usual.saturating_sub(apart), usual + apart);
    let alike: Vec<_> = ended()
        .filter(|it| (least..=most).contains(&age(it)))
        .collect();
    let older = lives.iter().filter(|it| age(it) > most).count();
    let scenarios: BTreeSet<&str> = alike.iter().map(|it| it.scenario).collect();
    let is_rule = alike.len() >= ENDS
        && scenarios.len() >= SCENARIOS
        && alike.len() * 3 >= ages.len() * 2
        && older * 10 <= alike.len();
    if usual < YOUNG || !is_rule {
        return None;
    }
    let how = alike.first().and_then(|it| it.ended).unwrap_or_default();
    let same = alike.iter().all(|it| it.ended == Some(how));
    Some(Diagnosis {
        sentence: format!(
            "{} in {} each ended {:.1} s after it was opened{}: something ends connections at that age, such as a time \
             limit of the server or of a proxy before it",
            count(alike.len(), "connection"),
            count(scenarios.len(), "scenario"),
            usual.as_secs_f64(),
            if same {
                format!(" ({how})")
            } else {
                String::new()
            },
        ),
        scenarios: scenarios.into_iter().map(str::to_owned).collect(),
    })
}

fn lives<'s>(scenario: &'s str, transcript: &Transcript) -> Vec<Life<'s>> {
    let mut lives: BTreeMap<(&str, u32), (Life<'s>, bool)> = BTreeMap::new();
    for entry in transcript.entries() {
        let key = (&*entry.viewer, entry.connection);
        let at = entry.at();
        if matches!(entry.what, EntryKind::Opened) {
            let life = Life {
                scenario,
                opened: at,
                last: at,
                ended: None,
            };
            lives.insert(key, (life, false));
        }
        let Some((life, over)) = lives.get_mut(&key).filter(|(_, over)| !over) else {
            continue;
        };
        life.last = at;
        *over = match &entry.what {
            EntryKind::Disconnected(_) => true,
            EntryKind::CloseReceived { .. } => {
                life.ended = Some("with a close frame");
                true
            }
            // The suite itself hung up.
            EntryKind::Ended(Some(reason)) if reason.starts_with(DEAD_LINE) => true,
            EntryKind::Ended(_) => {
                life.ended = Some("without a close frame");
                true
            }
            _ => false,
        };
    }
    lives.into_values().map(|(life, _)| life).collect()
}
