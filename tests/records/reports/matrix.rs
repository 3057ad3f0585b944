//! Several releases beside each other: on the terminal and as a page.

use reconnect_acceptance::report::combine::matrix::{Columns, Matrix, Outcome};
use reconnect_acceptance::report::model::run::Run;
use reconnect_acceptance::report::render::html::{write_index, write_matrix};
use reconnect_acceptance::report::render::terminal::{Format, Look, Terminal};
use reconnect_acceptance::report::text::escape::{columns, is_invisible};

use super::html::elements;
use super::{expect, fixture};

fn judged(release: &str, run: Run) -> (String, Outcome) {
    (
        release.to_owned(),
        Outcome::Judged {
            exit_code: run.report.exit_code(),
            report: Box::new(run.report),
        },
    )
}

/// Red, not installed, unreachable, green.
fn four() -> Matrix {
    let gone = Outcome::NotJudged {
        reason: "install agno[os]==2.5.0 from PyPI: ERROR: no matching distribution".to_owned(),
        exit_code: 2,
    };
    let came = [
        judged("2.4.0", fixture::red()),
        ("2.5.0".to_owned(), gone),
        judged("2.6.22", fixture::unreachable()),
        judged("3.1.10", fixture::green()),
    ];
    Matrix::of(Columns::Releases, &came, true, None)
}

fn many() -> Matrix {
    let came: Vec<_> = (0..13)
        .map(|at| {
            let run = if at % 5 == 2 {
                fixture::red()
            } else {
                fixture::green()
            };
            judged(&format!("2.{at}.10"), run)
        })
        .collect();
    Matrix::of(Columns::Releases, &came, false, None)
}

fn hostile() -> Matrix {
    let evil = "</td><script>alert(1)</script>\u{202e}]]>\u{1b}[31m\"'&".to_owned();
    let gone = Outcome::NotJudged {
        reason: evil.repeat(5_000),
        exit_code: 2,
    };
    let mut run = fixture::hostile();
    for requirement in &mut run.report.requirements {
        requirement.id += &evil;
        requirement.title += &evil;
        requirement.reason = Some(evil.clone());
    }
    Matrix::of(
        Columns::Releases,
        &[(evil.clone(), gone), judged("2.4.0", run)],
        true,
        Some(&[]),
    )
}

/// Clients that come back, and do not, and one that could not be judged.
fn clients() -> Matrix {
    let with_ids = |mut run: Run| {
        for requirement in &mut run.report.requirements {
            requirement.id = format!("CLIENT-{}", requirement.id);
        }
        run
    };
    let gone = Outcome::NotJudged {
        reason: "not started: the run was interrupted before".to_owned(),
        exit_code: 3,
    };
    let came = [
        judged("viewer.py", with_ids(fixture::green())),
        judged("reconnecting-websocket", with_ids(fixture::red())),
        ("agno_client".to_owned(), gone),
    ];
    Matrix::of(Columns::Clients, &came, true, None)
}

fn page(matrix: &Matrix) -> String {
    let mut bytes = Vec::new();
    write_matrix(matrix, &mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}

fn printed(matrix: &Matrix, format: Format) -> String {
    printed_within(matrix, format, 80)
}

fn printed_within(matrix: &Matrix, format: Format, width: usize) -> String {
    let look = Look {
        format,
        color: anstream::ColorChoice::Never,
        width: Some(width),
    };
    let mut terminal = Terminal::new(Vec::new(), look);
    terminal.matrix(matrix, Some("target/report".as_ref()));
    let text = String::from_utf8(terminal.into_inner()).expect("text");
    for line in text.lines() {
        assert!(columns(line) <= width, "{line:?}");
        assert_eq!(line.chars().find(|c| is_invisible(*c)), None, "{line:?}");
    }
    text
}

#[test]
fn releases_stand_beside_each_other_and_lines_fit() {
    expect("matrix", &printed(&four(), Format::Terminal));
    expect("matrix_many", &printed(&many(), Format::Terminal));
    expect("matrix_quiet", &printed(&four(), Format::Quiet));
    expect("matrix_clients", &printed(&clients(), Format::Terminal));
    printed_within(&clients(), Format::Terminal, 40);
    printed(&hostile(), Format::Terminal);
    // The narrowest that there is: first failed and first fixed give way to the releases.
    for matrix in [four(), many(), hostile()] {
        let narrow = printed_within(&matrix, Format::Terminal, 40);
        assert!(narrow.contains("2.4."), "{narrow}");
    }
}

#[test]
fn the_page_is_well_formed_and_leads_to_the_reports_alone() {
    for (name, matrix) in [
        ("four", four()),
        ("many", many()),
        ("clients", clients()),
        ("hostile", hostile()),
    ] {
        let page = page(&matrix);
        let all = elements(&page);
        let ids: Vec<_> = all.iter().filter_map(|it| it.get("id")).collect();
        let links: Vec<_> = matrix
            .requirements
            .iter()
            .flat_map(|row| &row.cells)
            .collect();
        for element in &all {
            for (attribute, value) in &element.attributes {
                match attribute.as_str() {
                    "href" if value == "data:," => assert_eq!(element.name, "link"),
                    "href" => {
                        let here = value.strip_prefix('#').is_some_and(|id| ids.contains(&id));
                        let reports = matrix.columns.iter().map(|it| &it.report);
                        let cells = links.iter().map(|it| &it.report);
                        let mut known = reports.chain(cells).flatten();
                        assert!(here || known.any(|it| it == value), "{name}: {value}");
                    }
                    "src" | "style" | "action" => panic!("{name}: {attribute}={value}"),
                    other => assert!(!other.starts_with("on"), "{name}: {other}={value}"),
                }
            }
        }
        let count = |of: &str| all.iter().filter(|it| it.name == of).count();
        assert_eq!(
            (count("h1"), count("main"), count("script")),
            (1, 1, 0),
            "{name}"
        );
        assert_eq!(count("table"), count("caption"), "{name}");
        let odd = page.chars().find(|c| *c != '\n' && is_invisible(*c));
        assert_eq!(odd, None, "{name}");
        assert!(page.len() < 200_000, "{name}: {} bytes", page.len());
        let policy = all.iter().find_map(|it| it.get("content"));
        let policy = policy.map(|_| page.contains("unsafe") || page.contains("script-src"));
        assert_eq!(policy, Some(false), "{name}");
    }
}

#[test]
fn the_index_leads_to_every_report() {
    for (name, matrix) in [
        ("four", four()),
        ("many", many()),
        ("clients", clients()),
        ("hostile", hostile()),
    ] {
        let mut bytes = Vec::new();
        write_index(&matrix, &mut bytes).expect("a vector takes everything");
        let page = String::from_utf8(bytes).expect("text");
        let all = elements(&page);
        let links: Vec<_> = all.iter().filter_map(|it| it.get("href")).collect();
        for report in matrix.columns.iter().filter_map(|it| it.report.as_deref()) {
            let junit = report.replace("report.html", "junit.xml");
            assert!(
                links.contains(&report) && links.contains(&&*junit),
                "{name}: {report}"
            );
        }
        for link in links {
            let folder = link.split_once('/').map_or("", |(folder, _)| folder);
            let known = ["data:,", "matrix.html", "matrix.json"].contains(&link);
            let column = matrix.columns.iter().any(|it| it.name == folder);
            assert!(known || column, "{name}: {link}");
        }
        let count = |of: &str| all.iter().filter(|it| it.name == of).count();
        assert_eq!(
            (count("h1"), count("main"), count("script")),
            (1, 1, 0),
            "{name}"
        );
        let odd = page.chars().find(|c| *c != '\n' && is_invisible(*c));
        assert_eq!(odd, None, "{name}");
    }
}

#[test]
fn every_cell_says_its_verdict_in_words_and_leads_to_its_report() {
    let page = page(&four());
    for words in [
        "3 of 4 releases judged",
        "href=\"2.4.0/report.html#requirement-catchup-2\"",
        "href=\"3.1.10/report.html\"",
        "<span class=\"hidden\">inconclusive</span>",
        "<span class=\"hidden\">not judged</span>",
        "no matching distribution",
        "First fixed",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

/// `cargo test --test records look_at_matrices -- --ignored` leaves the pages in `target/look`; that of
/// the last run of `.ci/run`, where there is one, beside its matrix.
#[test]
#[ignore = "for eyes"]
fn look_at_matrices() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/look");
    std::fs::create_dir_all(&dir).expect("a folder");
    for (name, matrix) in [
        ("four", four()),
        ("many", many()),
        ("clients", clients()),
        ("hostile", hostile()),
    ] {
        std::fs::write(dir.join(format!("matrix-{name}.html")), page(&matrix)).expect("written");
    }
    let last = dir.with_file_name("report").join("agentos");
    if let Ok(text) = std::fs::read_to_string(last.join("matrix.json")) {
        let matrix: Matrix = serde_json::from_str(&text).expect("a matrix");
        std::fs::write(last.join("matrix.html"), page(&matrix)).expect("written");
        std::fs::write(last.join("matrix.txt"), printed(&matrix, Format::Terminal))
            .expect("written");
    }
}

#[test]
fn clients_are_not_told_to_be_fixed_one_after_the_other() {
    let matrix = clients();
    assert!(
        matrix
            .requirements
            .iter()
            .all(|row| row.transitions.is_empty())
    );
    let page = page(&matrix);
    let (_, page) = page.rsplit_once("</style>").expect("a style");
    assert!(page.contains("Requirements by clients"), "{page}");
    for word in ["elease", "First fixed"] {
        assert!(!page.contains(word), "{word}");
    }
    let links: Vec<_> = matrix
        .columns
        .iter()
        .map(|it| it.report.as_deref())
        .collect();
    let expected = [
        Some("viewer.py/report.html"),
        Some("reconnecting-websocket/report.html"),
        None,
    ];
    assert_eq!(links, expected);
}
