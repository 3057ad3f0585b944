//! What is written, read by parsers that forgive nothing.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{CodeBlockKind, Event as Mark, HeadingLevel, Options, Parser, Tag};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use reconnect_acceptance::report::text::escape::{columns, is_invisible};
use serde_json::Value;

/// Visible characters and newlines.
pub fn visible(text: &str) {
    let odd = text
        .char_indices()
        .find(|(_, c)| *c != '\n' && is_invisible(*c));
    if let Some((at, odd)) = odd {
        let from = text[..at].char_indices().rev().nth(40).map_or(0, |it| it.0);
        panic!("{odd:?} after {:?}", &text[from..at]);
    }
}

/// Every text within a JSON value, as its readers get it.
pub fn visible_within(value: &Value) {
    match value {
        Value::String(text) => visible(text),
        Value::Array(all) => all.iter().for_each(visible_within),
        Value::Object(all) => all.iter().for_each(|(name, value)| {
            visible(name);
            visible_within(value);
        }),
        _ => {}
    }
}

/// Elements of HTML that have no end tag.
const VOID: &[&str] = &["meta", "link", "br", "input"];

/// Every element that a page has.
const ELEMENTS: &[&str] = &[
    "a",
    "article",
    "b",
    "body",
    "br",
    "button",
    "caption",
    "circle",
    "code",
    "dd",
    "defs",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "g",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "head",
    "header",
    "html",
    "input",
    "label",
    "legend",
    "li",
    "line",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "path",
    "pattern",
    "pre",
    "rect",
    "script",
    "section",
    "small",
    "span",
    "strong",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "ul",
];

/// Attributes that hold a number.
const NUMBERS: &[&str] = &[
    "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height",
];

/// An element of a page, with its attributes as the browser reads them.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
}

/// Whether a link leads to a file of the report folder, or of a folder in it, and nowhere else.
pub fn is_file(link: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let parts: Vec<&str> = link.split('/').collect();
    parts.len() <= 2
        && parts.iter().all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(plain)
        })
}

/// A page: well-formed, of known elements, with nothing in it that fetches or runs anything. Links lead
/// to where `leads` says they may.
pub fn page(page: &str, leads: impl Fn(&BTreeSet<String>, &str) -> bool) {
    visible(page);
    let all = elements(page);
    let count = |name: &str| all.iter().filter(|it| it.name == name).count();
    for once in ["html", "head", "body", "main", "h1"] {
        assert_eq!(count(once), 1, "{once}");
    }
    assert_eq!(count("script"), page.matches("</script").count());
    assert_eq!(count("style"), page.matches("</style").count());
    let mut ids = BTreeSet::new();
    for element in &all {
        for (name, value) in &element.attributes {
            if name == "id" {
                assert!(ids.insert(value.clone()), "the id {value} stands twice");
            }
        }
    }
    for element in &all {
        let tag = element.name.as_str();
        assert!(ELEMENTS.contains(&tag), "<{tag}>");
        for (name, value) in &element.attributes {
            match name.as_str() {
                "href" if value == "data:," => assert_eq!(tag, "link"),
                "href" => assert!(leads(&ids, value), "{value:?} leads nowhere"),
                "for" | "aria-labelledby" => assert!(ids.contains(value), "{value:?}"),
                "src" | "srcset" | "action" | "style" | "data" | "xlink:href" | "formaction" => {
                    panic!("<{tag} {name}={value:?}>");
                }
                name if NUMBERS.contains(&name) => {
                    let number: f64 = value.parse().expect("a number");
                    assert!(number.is_finite(), "<{tag} {name}={value:?}>");
                    assert!(
                        !matches!(name, "width" | "height" | "r") || number >= 0.0,
                        "<{tag} {name}={value:?}>"
                    );
                }
                name => assert!(!name.starts_with("on"), "<{tag} {name}={value:?}>"),
            }
        }
    }
}

/// Every element, read strictly: each ends where it must, and no attribute stands twice.
fn elements(page: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(page);
    reader.config_mut().check_end_names = false;
    let (mut open, mut all) = (Vec::<String>::new(), Vec::new());
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) => {
                let element = element(&tag);
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

fn element(tag: &BytesStart<'_>) -> Element {
    let attributes = tag.html_attributes().map(|attribute| {
        let attribute = attribute.expect("well-formed, and only once");
        let name = String::from_utf8(attribute.key.as_ref().to_vec()).expect("text");
        let value = attribute
            .normalized_value(XmlVersion::Explicit1_0)
            .expect("well-formed");
        (name, value.into_owned())
    });
    Element {
        name: String::from_utf8(tag.name().as_ref().to_vec()).expect("text"),
        attributes: attributes.collect(),
    }
}

/// JUnit: XML 1.0, whose counts are those of its cases.
pub fn junit(xml: &str) -> BTreeMap<&'static str, usize> {
    visible(xml);
    let document = roxmltree::Document::parse(xml).expect("well-formed");
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for suite in root.children().filter(roxmltree::Node::is_element) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        let cases = |within: &str| {
            let cases = suite.children().filter(|it| it.has_tag_name("testcase"));
            cases
                .filter(|case| {
                    within.is_empty() || case.children().any(|it| it.has_tag_name(within))
                })
                .count()
        };
        for (attribute, within) in [
            ("tests", ""),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            let number = cases(within);
            // Suites of the run's own have none that are skipped, and do not say so.
            let said = suite.attribute(attribute).unwrap_or("0");
            assert_eq!(said, number.to_string(), "{attribute}");
            *all.entry(attribute).or_default() += number;
        }
    }
    for (attribute, number) in &all {
        // The library writes no such sum.
        if *attribute != "skipped" {
            assert_eq!(root.attribute(*attribute), Some(&*number.to_string()));
        }
    }
    all
}

/// `cucumber.json`, as its schema wants it.
pub fn cucumber(json: &str) {
    visible(json);
    let value: Value = serde_json::from_str(json).expect("JSON");
    visible_within(&value);
    let text = |value: &Value, name: &str| assert!(value[name].is_string(), "{name}: {value}");
    let list = |value: &Value| value.as_array().cloned().expect("a list");
    for feature in list(&value) {
        for name in ["uri", "id", "keyword", "name", "description"] {
            text(&feature, name);
        }
        assert!(feature["line"].as_u64() >= Some(1), "{feature}");
        for element in list(&feature["elements"]) {
            for name in ["id", "keyword", "type", "name", "description"] {
                text(&element, name);
            }
            assert!(element["line"].as_u64() >= Some(1), "{element}");
            for tag in list(&element["tags"]) {
                assert!(tag["name"].as_str().is_some_and(|it| it.starts_with('@')));
            }
            for step in list(&element["steps"]) {
                text(&step, "keyword");
                text(&step, "name");
                let result = &step["result"];
                let status = result["status"].as_str().expect("a status");
                assert!(["passed", "failed", "pending", "skipped"].contains(&status));
                assert!(result["duration"].is_u64(), "{result}");
                assert!(status != "failed" || result["error_message"].is_string());
            }
        }
    }
}

/// Cucumber Messages: one envelope a line, and every id that is named is there.
pub fn messages(ndjson: &str) {
    visible(ndjson);
    let mut ids = BTreeSet::new();
    let mut named = BTreeSet::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for line in ndjson.lines() {
        let envelope: Value = serde_json::from_str(line).expect("JSON");
        visible_within(&envelope);
        let envelope = envelope.as_object().expect("an envelope");
        assert_eq!(envelope.len(), 1);
        for (kind, body) in envelope {
            *kinds.entry(kind.clone()).or_default() += 1;
            walk(body, &mut ids, &mut named);
        }
    }
    let lost: Vec<_> = named.difference(&ids).collect();
    assert_eq!(lost, Vec::<&String>::new(), "ids that nothing has");
    let number = |kind: &str| kinds.get(kind).copied().unwrap_or_default();
    assert_eq!((number("meta"), number("testRunFinished")), (1, 1));
    for kind in ["testCase", "testCaseStarted", "testCaseFinished"] {
        assert_eq!(number(kind), number("pickle"), "{kind}");
    }
    assert_eq!(number("testStepStarted"), number("testStepFinished"));
    assert!(ndjson.ends_with('\n'));
}

fn walk(value: &Value, ids: &mut BTreeSet<String>, named: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("id", Value::String(id)) => {
                        assert!(ids.insert(id.clone()), "the id {id} stands twice");
                    }
                    ("astNodeIds", Value::Array(all)) => {
                        named.extend(all.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    (name, Value::String(id)) if name.ends_with("Id") => {
                        named.insert(id.clone());
                    }
                    // Seconds, lines and the like.
                    ("nanos", value) => {
                        assert!(value.as_u64().is_some_and(|it| it < 1_000_000_000));
                    }
                    ("line", value) => assert!(value.as_u64() >= Some(1), "{fields:?}"),
                    _ => walk(value, ids, named),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|it| walk(it, ids, named)),
        _ => {}
    }
}

/// The HTML that Markdown of ours holds.
const HTML: &[&str] = &["<!-- -->", "<sub>", "</sub>", "</details>"];

/// Markdown without links, pictures, mentions or markup that is not ours; gives its headings.
pub fn markdown(text: &str) -> Vec<(HeadingLevel, String)> {
    visible(text);
    let mut headings: Vec<(HeadingLevel, String)> = Vec::new();
    let (mut within, mut in_block) = (false, false);
    let mut unclosed = 0;
    for mark in Parser::new_ext(text, Options::all()) {
        match mark {
            Mark::Start(Tag::Heading { level, .. }) => {
                headings.push((level, String::new()));
                within = true;
            }
            Mark::End(pulldown_cmark::TagEnd::Heading(_)) => within = false,
            Mark::Start(Tag::CodeBlock(kind)) => {
                let CodeBlockKind::Fenced(language) = kind else {
                    panic!("an indented block in\n{text}");
                };
                assert!(["text", "python"].contains(&&*language), "{language}");
                in_block = true;
            }
            Mark::End(pulldown_cmark::TagEnd::CodeBlock) => in_block = false,
            Mark::Start(tag) => assert!(
                matches!(
                    tag,
                    Tag::Paragraph
                        | Tag::List(_)
                        | Tag::Item
                        | Tag::Strong
                        | Tag::HtmlBlock
                        | Tag::Table(_)
                        | Tag::TableHead
                        | Tag::TableRow
                        | Tag::TableCell
                ),
                "{tag:?} in\n{text}"
            ),
            Mark::Html(html) | Mark::InlineHtml(html) => {
                let html = html.trim();
                let summary = html
                    .strip_prefix("<details><summary>")
                    .and_then(|it| it.strip_suffix("</summary>"));
                match html {
                    "</details>" => unclosed -= 1,
                    _ => unclosed += i32::from(summary.is_some()),
                }
                assert!((0..=1).contains(&unclosed), "{text}");
                let title = ["Inconclusive", "Not applicable", "The script"];
                assert!(
                    HTML.contains(&html) || summary.is_some_and(|it| title.contains(&it)),
                    "{html:?} in\n{text}"
                );
            }
            Mark::Text(said) if !in_block => {
                for odd in ["://", "www."] {
                    assert!(!said.contains(odd), "{odd} in {said:?}");
                }
                let mention = said.split('@').skip(1);
                let mention = mention
                    .filter(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
                    .count();
                assert_eq!(mention, 0, "{said:?}");
                if within && let Some((_, heading)) = headings.last_mut() {
                    *heading += &said;
                }
            }
            Mark::Text(_) | Mark::Code(_) | Mark::End(_) | Mark::SoftBreak => {}
            other => panic!("{other:?} in\n{text}"),
        }
    }
    assert_eq!(unclosed, 0, "{text}");
    headings
}

/// Text for a terminal without colours: no line is too wide, and nothing is a command.
pub fn plain(text: &str, width: usize) {
    visible(text);
    for line in text.lines() {
        assert!(
            columns(line) <= width,
            "{} of {width}: {line}",
            columns(line)
        );
    }
}

/// With colours: they are all that is added.
pub fn coloured(coloured: &str, plain: &str) {
    let mut rest = coloured;
    let mut without = String::new();
    while let Some((before, after)) = rest.split_once('\x1b') {
        without += before;
        let sequence = after.strip_prefix('[').expect("a control sequence");
        let (numbers, after) = sequence.split_once('m').expect("a colour");
        let colour = |c: char| c.is_ascii_digit() || c == ';';
        assert!(numbers.chars().all(colour), "{numbers:?}");
        rest = after;
    }
    without += rest;
    assert_eq!(without, plain);
}
