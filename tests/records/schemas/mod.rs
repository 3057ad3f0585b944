//! The JSON Schemas in `docs/schemas` are what `list schema` prints, fit what is written and read, and know every key.
//! `UPDATE_EXPECTED=1` writes them anew.

mod validator;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pretty_assertions::assert_eq;
use reconnect_acceptance::cli::schema::{self, SchemaOf};
use reconnect_acceptance::report::model::run::{
    Diagnosis, FeatureReport, KnownFailure, KnownFailures, Limit, LimitUsage, Merged, MergedShard,
    Odd, Outcomes, Repetitions, RuleReport, RunReport, ShardReport, Standing, Verdict,
};
use reconnect_acceptance::target::agentos::known;
use reconnect_acceptance::target::file::TargetFile;
use serde_json::{Value, json};

use super::reports::fixture;
use validator::problems;

const FOLDER: &str = "docs/schemas";

fn of(file: SchemaOf) -> Value {
    schema::of(file).to_value()
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file)
}

/// A text of TOML as JSON, with a day as a text.
fn toml_as_json(text: &str) -> Value {
    fn json(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(when) => when.to_string().into(),
            toml::Value::Array(all) => all.into_iter().map(json).collect(),
            toml::Value::Table(table) => table.into_iter().map(|(k, v)| (k, json(v))).collect(),
            other => serde_json::to_value(other).expect("JSON"),
        }
    }
    json(toml::from_str(text).expect("TOML"))
}

/// The block of a page that begins with this line.
fn block(page: &str, begin: &str) -> String {
    let page = read(page);
    let blocks = page.split("```toml\n").skip(1);
    let mut blocks = blocks.filter_map(|rest| rest.split("```").next());
    let block = blocks.find(|block| block.contains(begin)).expect("a block");
    block.to_owned()
}

#[test]
fn the_stored_schemas_are_those_that_the_program_prints() {
    for (name, file) in [
        ("report", SchemaOf::Report),
        ("target", SchemaOf::Target),
        ("known-failures", SchemaOf::KnownFailures),
        ("clients", SchemaOf::Clients),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{FOLDER}/{name}.json"));
        let text = serde_json::to_string_pretty(&schema::of(file)).expect("JSON") + "\n";
        assert!(
            !text.contains("[`"),
            "a link of Rust's documentation: {text}"
        );
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&path, text).expect("written");
        } else {
            let stored = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                stored, text,
                "UPDATE_EXPECTED=1 writes {FOLDER}/{name}.json"
            );
        }
    }
}

/// A report in which everything is set that may be left out.
fn full() -> RunReport {
    let mut report = fixture::red().report;
    report.interrupted = Some("Ctrl-C".to_owned());
    report.strict = true;
    report.require_all = true;
    report.as_of = Some("0.1.0".to_owned());
    report.suite_errors = vec!["an error".to_owned()];
    report.misconfigured = vec!["a key".to_owned()];
    report.notes = vec!["a note".to_owned()];
    report.known_failures = Some(KnownFailures {
        file: "known.toml".to_owned(),
        entries: vec![KnownFailure {
            id: "CATCHUP-2".to_owned(),
            scenario: Some("features/…".to_owned()),
            release: Some("3.1.10".to_owned()),
            reason: "being fixed".to_owned(),
            link: Some("https://h/1".to_owned()),
            until: Some("2026-12-31".to_owned()),
            sometimes: true,
            lines: (1, 4),
            standing: Standing::Failed,
        }],
    });
    let requirements = std::iter::once(("CATCHUP-2".to_owned(), 3));
    report.shard = Some(ShardReport {
        number: 1,
        of: 2,
        scenarios: 9,
        requirements: requirements.clone().collect(),
    });
    report.merged = Some(Merged {
        of: 2,
        shards: vec![MergedShard {
            number: 1,
            url: "ws://h".to_owned(),
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            duration_ms: 1,
        }],
        missing: requirements.collect(),
    });
    report.repetitions = Some(Repetitions {
        asked: 2,
        begun: 2,
        finished: 1,
    });
    report.diagnosis = Some(Diagnosis {
        sentence: "everything ends".to_owned(),
        scenarios: vec!["features/…".to_owned()],
    });
    report.time_limits = vec![LimitUsage {
        limit: Limit::StepTimeout,
        allowed_ms: 2,
        worst_ms: 1,
        scenario: Some("features/…".to_owned()),
        waiting_for: Some("the greeting".to_owned()),
        repetition: Some(1),
    }];
    report.features = vec![FeatureReport {
        path: "features/…".to_owned(),
        name: "A feature".to_owned(),
        description: "About it.".to_owned(),
        line: 1,
        rules: vec![RuleReport {
            name: "A rule".to_owned(),
            description: "About it.".to_owned(),
            line: 3,
        }],
    }];
    report.requirements[0].outcomes = Some(Outcomes {
        odd: vec![Odd {
            repetition: 1,
            verdict: Verdict::Failed,
        }],
        ..Outcomes::of(&[(1, Verdict::Failed), (2, Verdict::Passed)])
    });
    report
}

#[test]
fn reports_fit_their_schema_and_have_no_key_that_it_does_not_know() {
    let schema = of(SchemaOf::Report);
    let runs = [fixture::green(), fixture::unreachable(), fixture::hostile()];
    let reports = runs.into_iter().map(|run| run.report);
    for report in reports.chain([full()]) {
        let report = serde_json::to_value(report).expect("JSON");
        assert_eq!(problems(&schema, &report), Vec::<String>::new());
    }
    let whole = serde_json::to_value(full()).expect("JSON");
    let keys = |of: &Value| of.as_object().expect("keys").keys().cloned().collect();
    let (known, written): (BTreeSet<String>, BTreeSet<String>) =
        (keys(&schema["properties"]), keys(&whole));
    assert_eq!(known, written);
    for (pointer, wrong) in [
        ("/verdict", json!("green")),
        ("/schema_version", json!(1)),
        ("/totals/must/passed", json!(-1)),
        ("/requirements/0/level", json!("MUST")),
        ("/requirements/0/findings", json!({})),
        ("/scenarios/0", json!({})),
    ] {
        let mut report = whole.clone();
        *report.pointer_mut(pointer).expect("there") = wrong;
        assert_ne!(
            problems(&schema, &report),
            Vec::<String>::new(),
            "{pointer}"
        );
    }
}

#[test]
fn files_that_are_taken_fit_their_schemas() {
    let target = of(SchemaOf::Target);
    let list = of(SchemaOf::KnownFailures);
    let clients = of(SchemaOf::Clients);
    for (schema, text) in [
        (
            &clients,
            block("docs/writing-a-client.md", "# clients.toml"),
        ),
        (&clients, read("docs/clients/clients.toml")),
        (&target, block("docs/target-file.md", "# target.toml")),
        (&list, block("docs/known-failures.md", "# known.toml")),
        (&list, known::FAILURES.to_owned()),
    ] {
        assert_eq!(problems(schema, &toml_as_json(&text)), Vec::<String>::new());
    }
    let url = "url = \"ws://h\"\n";
    for (schema, wrong) in [
        (&target, "token_env = \"T\"".to_owned()),
        (&target, format!("{url}tokn_env = \"T\"")),
        (&target, format!("{url}retention = 0")),
        (&target, format!("{url}headers = {{ a = 1 }}")),
        (&target, format!("{url}users = {{ token_envs = [\"A\"] }}")),
        (&target, format!("{url}[parts.lang]\nworkflow_id = \"w\"")),
        (&target, format!("{url}[parts.long]\nmessage = \"w\"")),
        (&list, "[[known_failure]]\nid = \"A-1\"".to_owned()),
        (&list, "[[known_failures]]".to_owned()),
    ] {
        let wrong = toml_as_json(&wrong);
        assert_ne!(problems(schema, &wrong), Vec::<String>::new(), "{wrong}");
    }
}

/// The reader of target files names all keys that it knows where it meets another one.
#[test]
fn every_key_of_a_target_file_is_in_its_schema() {
    let schema = of(SchemaOf::Target);
    for (table, fields) in [
        ("", &schema),
        ("[guarded]", &schema["definitions"]["GuardedEntry"]),
        ("[users]", &schema["definitions"]["UsersEntry"]),
        ("[expiring]", &schema["definitions"]["ExpiringEntry"]),
        ("[permissions]", &schema["definitions"]["PermissionsEntry"]),
        ("[parts.long]", &schema["definitions"]["PartEntry"]),
    ] {
        let text = format!("{table}\nno_such_key = 1\n");
        let error = TargetFile::parse(&text).expect_err("an unknown key");
        let (_, expected) = error.split_once("expected ").expect("all keys");
        let expected = expected.lines().next().unwrap_or_default();
        let read: BTreeSet<_> = expected.split('`').skip(1).step_by(2).collect();
        let known = fields["properties"].as_object().expect("keys");
        assert!(read.len() > 1, "{error}");
        assert_eq!(
            known.keys().map(String::as_str).collect::<BTreeSet<_>>(),
            read
        );
    }
}
