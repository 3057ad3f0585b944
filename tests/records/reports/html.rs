//! What people open: a page that is whole, harmless and bounded, whatever a server says.

use std::collections::BTreeSet;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use reconnect_acceptance::report::model::run::Run;
use reconnect_acceptance::report::render::html;
use reconnect_acceptance::report::store::folder;
use reconnect_acceptance::report::text::escape::is_invisible;

use super::fixture;

const MOST_BYTES: usize = 2_000_000;
/// The files beside the page to which it leads.
const BESIDE: &[&str] = &[
    "junit.xml",
    "report.json",
    "summary.md",
    "messages.ndjson",
    "cucumber.json",
];
/// Elements of HTML that have no end tag.
const VOID: &[&str] = &["meta", "link", "br", "input"];

/// An element of a page, with its attributes as the browser reads them.
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// The names of the elements around it, the outermost first.
    within: Vec<String>,
}

impl Element {
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(of, _)| of == name)
            .map(|(_, value)| value.as_str())
    }
}

fn page(run: &Run) -> String {
    let mut bytes = Vec::new();
    html::write(run, &mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}

/// A page for each kind of run.
fn pages() -> Vec<(&'static str, String)> {
    // Of a rule with several requirements, one may be selected alone.
    let mut in_part = fixture::red();
    in_part.report.requirements.truncate(2);
    [
        ("green", fixture::green()),
        ("red", fixture::red()),
        ("unreachable", fixture::unreachable()),
        ("hostile", fixture::hostile()),
        ("in part", in_part),
    ]
    .map(|(name, run)| (name, page(&run)))
    .into()
}

/// Every element, read strictly: each ends where it must, and no attribute stands twice.
pub fn elements(page: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(page);
    reader.config_mut().check_end_names = false;
    let (mut open, mut all) = (Vec::<String>::new(), Vec::new());
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) => {
                let element = element(&tag, &open);
                if !VOID.contains(&element.name.as_str()) {
                    open.push(element.name.clone());
                }
                all.push(element);
            }
            Event::End(tag) => {
                let name = String::from_utf8(tag.name().as_ref().to_vec()).expect("text");
                assert_eq!(open.pop(), Some(name), "at {}", reader.buffer_position());
            }
            Event::GeneralRef(name) => {
                let known: &[&[u8]] = &[b"amp", b"lt", b"gt", b"quot"];
                assert!(known.contains(&&*name), "{name:?}");
            }
            Event::Text(_) | Event::DocType(_) => {}
            Event::Eof => break,
            other => panic!("{other:?} has no place in the page"),
        }
    }
    assert_eq!(open, Vec::<String>::new(), "everything ends");
    all
}

fn element(tag: &BytesStart<'_>, within: &[String]) -> Element {
    let attributes = tag.html_attributes().map(|attribute| {
        let attribute = attribute.expect("well-formed, and only once");
        let name = String::from_utf8(attribute.key.as_ref().to_vec()).expect("text");
        let value = std::str::from_utf8(&attribute.value).expect("text");
        let value = unescape(value).expect("well-formed").into_owned();
        (name, value)
    });
    Element {
        name: String::from_utf8(tag.name().as_ref().to_vec()).expect("text"),
        attributes: attributes.collect(),
        within: within.to_vec(),
    }
}

#[test]
fn a_page_is_well_formed_and_leads_nowhere_but_into_its_folder() {
    for (name, page) in pages() {
        let all = elements(&page);
        let mut ids = BTreeSet::new();
        for id in all.iter().filter_map(|it| it.get("id")) {
            assert!(ids.insert(id), "{name}: the id {id} stands twice");
        }
        for element in &all {
            for (attribute, value) in &element.attributes {
                match attribute.as_str() {
                    "href" if value == "data:," => assert_eq!(element.name, "link"),
                    "href" => match value.strip_prefix('#') {
                        Some(id) => assert!(ids.contains(id), "{name}: {value} leads nowhere"),
                        None => assert!(is_beside(value), "{name}: {value}"),
                    },
                    "aria-labelledby" | "for" => assert!(ids.contains(&**value), "{name}: {value}"),
                    "fill" => {
                        let id = value
                            .strip_prefix("url(#")
                            .and_then(|it| it.strip_suffix(')'));
                        assert!(ids.contains(id.expect("a pattern")), "{name}: {value}");
                    }
                    "src" | "srcset" | "action" | "style" | "data" | "xlink:href" => {
                        panic!("{name}: {attribute}={value}")
                    }
                    other => assert!(!other.starts_with("on"), "{name}: {other}={value}"),
                }
            }
        }
        assert!(
            !page.contains("@import") && !page.contains("url(h"),
            "{name}"
        );
    }
}

/// Whether it is a file of the report folder.
fn is_beside(href: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let folder = href.split_once('/').is_some_and(|(folder, name)| {
        ["transcripts", "reproductions"].contains(&folder)
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(plain)
    });
    folder || BESIDE.contains(&href)
}

#[test]
fn a_page_leads_to_what_is_written_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    folder::write_all(&fixture::red(), folder.path(), None).expect("written");
    let page = std::fs::read_to_string(folder.path().join(html::FILE)).expect("a page");
    let all = elements(&page);
    let links = all.iter().filter_map(|it| it.get("href"));
    let beside: BTreeSet<_> = links.filter(|it| is_beside(it)).collect();
    for start in ["junit.xml", "transcripts/", "reproductions/"] {
        assert!(beside.iter().any(|it| it.starts_with(start)), "{start}");
    }
    for href in beside {
        assert!(folder.path().join(href).is_file(), "{href}");
    }
}

#[test]
fn verdicts_are_filters_and_nothing_is_empty() {
    let of = |run: &Run| {
        let page = page(run);
        let all = elements(&page);
        let filters = all.iter().filter(|it| it.get("name") == Some("show"));
        let filters = filters.filter_map(|it| it.get("value")).map(str::to_owned);
        let sections = all.iter().filter(|it| it.name == "section");
        let sections = sections.filter_map(|it| it.get("id")).map(str::to_owned);
        (filters.collect::<Vec<_>>(), sections.collect::<Vec<_>>())
    };
    let (filters, sections) = of(&fixture::red());
    assert_eq!(filters[..2], ["all", "failed"], "failed first");
    assert_eq!(sections[0], "failed");
    assert_eq!(sections.last().map(String::as_str), Some("requirements"));
    let (filters, sections) = of(&fixture::unreachable());
    assert_eq!(filters, [""; 0], "there is one verdict");
    assert_eq!(sections, ["inconclusive", "requirements"]);
    let (_, sections) = of(&fixture::green());
    assert!(
        !sections
            .iter()
            .any(|it| it == "failed" || it == "inconclusive")
    );
    // Each requirement is there once, at a place that links lead to.
    let page = page(&fixture::red());
    for requirement in &fixture::red().report.requirements {
        let id = format!("id=\"requirement-{}\"", requirement.id.to_lowercase());
        assert_eq!(page.matches(&id).count(), 1, "{id}");
        let link = format!("href=\"#requirement-{}\"", requirement.id.to_lowercase());
        assert!(page.contains(&link), "{link}");
    }
}

#[test]
fn the_harm_to_a_viewer_is_said_and_never_more_than_was_seen() {
    let says = |run: &Run, words: &str| page(run).contains(words);
    let mut red = fixture::red();
    assert!(says(&red, "<p class=\"harm\">A viewer who reconnects"));
    for it in &mut red.report.requirements {
        it.known_failure = true;
    }
    assert!(says(&red, " It is a known failure.</p>"));
    // It has no CATCHUP-3 and CATCHUP-5, so that nobody knows.
    assert!(!says(&fixture::green(), "class=\"harm\""));
    let unknown = "This run does not show whether a viewer who reconnects loses events.";
    let mut unreachable = fixture::unreachable();
    assert!(!says(&unreachable, unknown));
    for id in ["CATCHUP-3", "CATCHUP-5"] {
        let mut more = unreachable.report.requirements[0].clone();
        more.id = id.to_owned();
        unreachable.report.requirements.push(more);
    }
    assert!(says(&unreachable, unknown));
    let mut green = fixture::green();
    for id in ["CATCHUP-3", "CATCHUP-5"] {
        let mut more = green.report.requirements[0].clone();
        more.id = id.to_owned();
        green.report.requirements.push(more);
    }
    assert!(says(
        &green,
        "A viewer who reconnected lost no event, and got none twice"
    ));
}

#[test]
fn a_page_can_be_read_by_ear_and_by_keyboard() {
    for (name, page) in pages() {
        let all = elements(&page);
        let count = |of: &str| all.iter().filter(|it| it.name == of).count();
        for landmark in ["header", "nav", "main", "footer", "h1", "title"] {
            assert!(count(landmark) >= 1, "{name}: no {landmark}");
        }
        assert_eq!((count("h1"), count("main")), (1, 1), "{name}");
        assert_eq!(
            count("table"),
            count("caption"),
            "{name}: every table says what it is"
        );
        let mut level = 0;
        for element in &all {
            let digit = element
                .name
                .strip_prefix('h')
                .and_then(|it| it.parse::<u8>().ok());
            if let Some(next) = digit {
                assert!(next <= level + 1, "{name}: h{next} after h{level}");
                level = next;
            }
            let has = |attribute: &str| element.get(attribute).is_some_and(|it| !it.is_empty());
            match element.name.as_str() {
                "html" => assert!(has("lang")),
                "th" => assert!(has("scope"), "{name}"),
                "svg" => assert!(has("role") && has("aria-label"), "{name}"),
                _ => {}
            }
            if element.get("role") == Some("img") || has("tabindex") {
                assert!(has("aria-label"), "{name}: {} has no name", element.name);
            }
            if element.within.iter().any(|it| it == "svg") && element.name == "a" {
                assert!(has("aria-label"), "{name}: a ring without a name");
            }
        }
    }
}

#[test]
fn a_hostile_server_changes_nothing_but_its_own_words() {
    let page = page(&fixture::hostile());
    let odd = page.chars().find(|c| *c != '\n' && is_invisible(*c));
    assert_eq!(odd, None);
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    assert!(
        page.contains("a␛[31mred"),
        "what cannot be seen is written out"
    );
    assert!(
        page.contains("\\u{202e}evil"),
        "so is what turns the direction"
    );
    assert!(page.contains(" characters…]"), "what was cut says so");
    let policy = elements(&page);
    let policy = policy
        .iter()
        .find_map(|it| it.get("content")?.strip_prefix("default-src 'none';"));
    assert!(
        policy.is_some_and(|it| !it.contains("unsafe")),
        "{policy:?}"
    );
}

#[test]
fn a_page_is_small_enough_to_be_sent_around() {
    for (name, page) in pages() {
        assert!(page.len() < MOST_BYTES / 4, "{name}: {} bytes", page.len());
    }
    // Every scenario of a full run failed, and every text is long.
    let mut run = fixture::hostile();
    let long = "so long ".repeat(1_000);
    for requirement in &mut run.report.requirements {
        for it in &mut requirement.findings {
            it.finding.expected.clone_from(&long);
        }
    }
    for scenario in &mut run.report.scenarios {
        scenario.findings.clear();
        scenario.name.clone_from(&long);
        scenario.feature.clone_from(&long);
        scenario.reason = Some(long.clone());
        scenario.steps[0].text.clone_from(&long);
        scenario.steps[0].reason = None;
    }
    let (scenarios, transcripts) = (run.report.scenarios.clone(), run.transcripts.clone());
    for round in 0..26 {
        for scenario in &scenarios {
            let mut scenario = scenario.clone();
            let record = transcripts.get(&scenario.id).map(Arc::clone);
            scenario.id = format!("{round} {}", scenario.id);
            run.transcripts
                .extend(record.map(|it| (scenario.id.clone(), it)));
            run.report.scenarios.push(scenario);
        }
        let mut more = run.report.requirements[0].clone();
        more.id = format!("MORE-{round}");
        for finding in &mut more.findings {
            finding.scenario = format!("{round} {}", finding.scenario);
        }
        run.report.requirements.push(more);
    }
    let page = page(&run);
    assert!(run.report.scenarios.len() > 182);
    assert!(page.len() < MOST_BYTES, "{} bytes", page.len());
}

#[test]
fn a_page_says_what_failed_and_what_is_inconclusive() {
    let text = page(&fixture::red());
    for words in [
        "Failed: 2 of 4 MUST requirements",
        "ws://localhost:7777/workflows/ws",
        "drop-one-missed",
        "2 missed events, as <code>catch_up</code> announced (#6), before <code>subscribed</code>",
        "1 event, then <code>subscribed</code>",
        "away 0.137 s",
        "cut off",
        "the run ended after 12 events, before Ada could watch 20",
        "the target has no workflow for the part <code>failing</code>",
        "reconnect-acceptance run --fault drop-one-missed --over websocket --name",
        "1011",
    ] {
        assert!(text.contains(words), "{words}");
    }
    let green = page(&fixture::green());
    assert!(green.contains("Passed: all 4 MUST requirements passed"));
    assert!(!green.contains("class=\"cause\""));
    assert!(page(&fixture::unreachable()).contains("connection refused"));
}
