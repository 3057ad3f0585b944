//! `client --clients`: several clients in one call, and the matrix of requirements by clients.
#![cfg(unix)]

use std::fs;

use pretty_assertions::assert_eq;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::call::{Outcome, binary, call, command, outcome};

/// A folder with this file of clients, in which `VIEWER` is the exemplary viewer's command; the path of the file.
fn file(text: &str) -> (TempDir, String) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("clients.toml");
    let viewer = binary().into_string().expect("a path");
    let viewer = format!("'{viewer}', 'watch', '--json'");
    fs::write(&path, text.replace("VIEWER", &viewer)).expect("written");
    let path = path.display().to_string();
    (folder, path)
}

const THREE: &str = "
[[client]]
name = 'good'
command = [VIEWER, '--url', '{url}']
[[client]]
name = 'clean-is-end'
command = [VIEWER, '--defect', 'clean-is-end', '--url', '{url}']
known_failures = 'known.toml'
[[client]]
name = 'over-http'
command = [VIEWER, '--defect', 'never-returns', '--url', '{url}']
over = 'http'
";

async fn judge(folder: &TempDir, path: &str) -> (Outcome, Value) {
    let reports = folder.path().join("reports");
    let dir = reports.to_str().expect("a path");
    let which = ["CLIENT-RETURN-1", "CLIENT-RETURN-2"];
    let options = ["client", "--clients", path, "--report-dir", dir];
    let came = outcome(command(&[&options[..], &which].concat())).await;
    let matrix = fs::read(reports.join("matrix.json"));
    let matrix = matrix.unwrap_or_else(|error| panic!("{error}: {came:?}"));
    (came, serde_json::from_slice(&matrix).expect("JSON"))
}

const KNOWN: &str = "[[known_failure]]\nid = 'CLIENT-RETURN-2'\nreason = 'being mended'\n";

#[tokio::test]
async fn clients_stand_beside_each_other_each_with_its_own_wire_and_list() {
    let (folder, path) = file(THREE);
    fs::write(folder.path().join("known.toml"), KNOWN).expect("written");
    let (came, matrix) = judge(&folder, &path).await;
    assert_eq!(came.code, Some(1), "{came:?}");
    came.printed(&[
        "good clean-is-end over-http CLIENT-RETURN-1",
        "CLIENT-RETURN-1 MUST ✔ ✔ ✘",
        "CLIENT-RETURN-2 MUST ✔ (✘)",
        "3 clients judged, exit code 1",
    ]);
    assert_eq!(matrix["compares"], "clients");
    let columns = matrix["columns"].as_array().expect("columns");
    let codes: Vec<_> = columns
        .iter()
        .map(|it| (it["name"].as_str().expect("a name"), &it["exit_code"]))
        .collect();
    let expected = [0, 0, 1].map(Value::from);
    let names = ["good", "clean-is-end", "over-http"];
    assert_eq!(codes, Vec::from_iter(names.into_iter().zip(&expected)));
    let reports = folder.path().join("reports");
    for row in matrix["requirements"].as_array().expect("rows") {
        assert_eq!(row["transitions"], Value::Array(Vec::new()), "{row}");
        for cell in row["cells"].as_array().expect("cells") {
            let link = cell["report"].as_str().expect("a link");
            let (page, anchor) = link.split_once('#').expect("an anchor");
            let page = fs::read_to_string(reports.join(page)).expect("a report");
            assert!(page.contains(&format!("id=\"{anchor}\"")), "{link}");
        }
    }
    let index = fs::read_to_string(reports.join("index.html")).expect("an index");
    assert!(index.contains("href=\"over-http/report.html\""), "{index}");
}

#[tokio::test]
async fn what_is_wrong_is_told_before_the_first_client_is_started() {
    let one = "[[client]]\nname = 'a'\ncommand = ['touch', 'STARTED']\n";
    let other = "[[client]]\nname = 'b'\ncommand = ['true']\n";
    for (more, said) in [
        ("name = 'c'", "read the clients"),
        (
            "token_env = 'NO_SUCH_VARIABLE'",
            "client b: no token: the environment variable",
        ),
        (
            "known_failures = 'none.toml'",
            "client b: failed to read the known failures",
        ),
        (
            "over = 'websocket'\ncomponent = 'agent'",
            "client b: agents and teams are served over HTTP alone",
        ),
        ("listen = '127.0.0.1:1'", "unknown field `listen`"),
    ] {
        let (folder, path) = file(&format!("{one}{other}{more}\n"));
        let started = folder.path().join("started");
        let text = fs::read_to_string(&path).expect("written");
        let text = text.replace("STARTED", started.to_str().expect("a path"));
        fs::write(&path, text).expect("written");
        let came = call(&["client", "--clients", &path]).await;
        came.refused(&[said]);
        assert!(!started.exists(), "{more}");
    }
    let came = call(&["client", "--clients", "/no/such/file"]).await;
    came.refused(&["failed to read the clients /no/such/file: No such file"]);
    let (_folder, path) = file(other);
    for more in [
        &["--", "true"][..],
        &["--listen", "127.0.0.1:7777"],
        &["--known-failures", "x"],
        &["--token-env", "HOME"],
    ] {
        let came = call(&[&["client", "--clients", &path][..], more].concat()).await;
        came.refused(&["cannot be used with"]);
    }
}
