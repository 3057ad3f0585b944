//! `docs/agentos-findings.md` says what `known_failures.toml` says. `UPDATE_EXPECTED=1` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use pretty_assertions::assert_eq;
use reconnect_acceptance::check::over_http::{OverHttp, over_http};
use reconnect_acceptance::check::{Level, Requirement, registry};
use reconnect_acceptance::cli::known_agentos::failures;
use reconnect_acceptance::protocol::Wire;
use reconnect_acceptance::report::model::run::KnownFailure;
use reconnect_acceptance::target::agentos::known::FAILURES_FILE;

const PAGE: &str = "docs/agentos-findings.md";

fn entries() -> Vec<KnownFailure> {
    failures().expect("the bundled list").entries
}

/// The releases of an entry, as they are written there: the oldest first.
fn releases(entry: &KnownFailure) -> Vec<&str> {
    let release = entry.release.as_deref().expect("a release");
    release.split("||").map(str::trim).collect()
}

/// Every release that an entry names, the oldest first.
fn all_releases(entries: &[KnownFailure]) -> Vec<semver::Version> {
    let named = entries.iter().flat_map(releases);
    let versions = named.map(|it| semver::Version::parse(it).expect("a release by name"));
    versions.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The ids that failed on this release over this wire, of one level.
fn ids(entries: &[KnownFailure], release: &str, wire: Wire, level: Level) -> String {
    let mut words: Vec<String> = Vec::new();
    for requirement in registry::all().filter(|it| it.level == level) {
        let on = |it: &&KnownFailure| {
            it.requirement() == (requirement.id, wire) && releases(it).contains(&release)
        };
        let listed: Vec<_> = entries.iter().filter(on).collect();
        match listed.as_slice() {
            [] => {}
            all if all.iter().all(|it| it.sometimes) => words.push(format!("({})", requirement.id)),
            _ => words.push(requirement.id.to_owned()),
        }
    }
    words.join(", ")
}

fn page(entries: &[KnownFailure]) -> String {
    let mut out = format!(
        "# What the suite found in AgentOS\n\n\
         Defects of released AgentOS servers. Each was confirmed on the wire by hand, with scripts that use nothing \
         of this suite, on every release that it names; other releases were not tested. This page is made from\n\
         [`{FAILURES_FILE}`](../{FAILURES_FILE}), and a test compares them.\n\n\
         `reconnect-acceptance explain ID` has the rule with a good and a bad exchange. The commands below install the \
         release from PyPI, start it, and judge it; `--report-dir DIR` adds the messages and a script that shows the \
         same without the suite.\n\n\
         ## By release\n\n\
         In brackets: a race, which does not show in every run.\n\n\
         | release | what was judged | failed MUST | failed SHOULD |\n|---|---|---|---|\n"
    );
    // Writing to a string cannot fail, here and below.
    for release in all_releases(entries) {
        let release = release.to_string();
        for wire in Wire::ALL {
            let of = |level| ids(entries, &release, wire, level);
            let (must, should) = (of(Level::Must), of(Level::Should));
            if !(must.is_empty() && should.is_empty()) {
                let judged = format!("{}s{}", wire.component().word(), over(wire));
                let _ = writeln!(out, "| {release} | {judged} | {must} | {should} |");
            }
        }
    }
    for requirement in registry::all() {
        // An entry that names several wires is one for each of them.
        let of = entries
            .iter()
            .filter(|it| it.requirement().0 == requirement.id);
        let of: Vec<_> = of.collect();
        for same in of.chunk_by(|one, other| one.lines == other.lines) {
            let wires: Vec<Wire> = same.iter().map(|it| it.requirement().1).collect();
            finding(requirement, same[0], &wires, &mut out);
        }
    }
    out
}

fn over(wire: Wire) -> &'static str {
    match wire {
        Wire::WebSocket => "",
        Wire::Http(_) => " over HTTP",
    }
}

fn finding(requirement: &Requirement, entry: &KnownFailure, wires: &[Wire], out: &mut String) {
    let releases = releases(entry);
    let (first, last) = (releases[0], releases[releases.len() - 1]);
    let id = requirement.id;
    let span = match first == last {
        true => format!("{first} alone"),
        false => format!("first {first}, last {last}"),
    };
    let sometimes = if entry.sometimes { ", a race" } else { "" };
    let repeat = if entry.sometimes { " --repeat 20" } else { "" };
    let words: Vec<String> = wires
        .iter()
        .map(|it| format!("{}s", it.component().word()))
        .collect();
    let (title, on, wire) = match wires[0] {
        Wire::WebSocket => ("", String::new(), " --over websocket".to_owned()),
        Wire::Http(component) => (
            over(wires[0]),
            format!(" ({})", words.join(", ")),
            format!(" --over http --component {}", component.word()),
        ),
    };
    let shown_by = shown_by(requirement, entry);
    let _ = write!(
        out,
        "\n## {id}{title} ({}{sometimes}): {span}\n\n\
         {}\n\n\
         - Seen: {}\n\
         - What a user suffers: {}\n\
         - Failed on: {}{on}\n\
         - Show it: `reconnect-acceptance agentos {last}{wire} --require {shown_by}{repeat}`\n",
        requirement.level,
        sentence(requirement, wires[0]),
        entry.reason,
        requirement.why,
        releases.join(", "),
    );
}

/// The requirement to select for it: another one, where the only scenario that shows it is another one's.
fn shown_by(requirement: &Requirement, entry: &KnownFailure) -> &'static str {
    let Some(scenario) = &entry.scenario else {
        return requirement.id;
    };
    let rule = scenario.split(" › ").nth(1).expect("a rule");
    let shown = registry::all().find(|it| it.sentence == rule);
    shown
        .expect("a rule says the sentence of its requirement")
        .id
}

/// The sentence that binds over this wire.
fn sentence(requirement: &Requirement, wire: Wire) -> &'static str {
    match (wire, over_http(requirement.id)) {
        (Wire::Http(_), OverHttp::Adapted(sentence)) => sentence,
        _ => requirement.sentence,
    }
}

#[test]
fn the_page_says_what_the_list_says() {
    let page = page(&entries());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&file, page).expect("written");
        return;
    }
    let stored = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        stored, page,
        "UPDATE_EXPECTED=1 writes {PAGE} from {FAILURES_FILE}"
    );
}

#[test]
fn every_entry_is_on_the_page_once() {
    let entries = entries();
    let page = page(&entries);
    let different: BTreeSet<_> = entries.iter().map(|it| it.lines).collect();
    assert_eq!(page.matches("- Show it: ").count(), different.len());
    assert!(entries.len() > 20);
}
