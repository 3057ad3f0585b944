//! What a target file may say, and what is said where it is wrong.

use super::*;

#[test]
fn the_example_of_the_readme_is_read() {
    let file = TargetFile::parse(
        r#"
        url = "ws://localhost:7777/workflows/ws"
        token_env = "AGENTOS_TOKEN"
        http_url = "http://localhost:7777"
        replica = "ws://localhost:7779/workflows/ws"
        restart = "systemctl restart my-agentos"
        kill_replica = "docker kill replica-2"
        retention = 10000
        forgets_after = "30m"
        [guarded]
        url = "ws://localhost:7778/workflows/ws"
        token_env = "SECURITY_KEY"
        [users]
        token_envs = ["TOKEN_OF_ADA", "TOKEN_OF_BEN"]
        [expiring]
        token_command = "my-tokens"
        valid_for = "5s"
        [permissions]
        token_envs = ["TOKEN_FOR_ALL", "TOKEN_FOR_SHORT"]
        [parts.long]
        workflow_id = "content-creation-workflow"
        message = "Research"
        [parts.endless]
        workflow_id = "novel"
        "#,
    )
    .expect("read");
    assert_eq!(file.token_env.as_deref(), Some("AGENTOS_TOKEN"));
    let replica = Some("ws://localhost:7779/workflows/ws");
    assert_eq!(file.replica.as_deref(), replica);
    assert_eq!(file.forgets_after, Some(Duration::from_secs(1800)));
    let casting = file.casting();
    assert_eq!(casting.len(), 2);
    let guarded = file.guarded.expect("a guarded server");
    assert_eq!(guarded.token_env, "SECURITY_KEY");
    let users = file.users.expect("users");
    assert_eq!(users.token_envs, ["TOKEN_OF_ADA", "TOKEN_OF_BEN"]);
    let expiring = file.expiring.expect("tokens that expire");
    assert_eq!(expiring.valid_for, Duration::from_secs(5));
    let permissions = file.permissions.expect("permissions");
    assert_eq!(permissions.token_envs, ["TOKEN_FOR_ALL", "TOKEN_FOR_SHORT"]);
    assert!(file.kill_replica.is_some());
    assert_eq!(
        casting[&Part::Long],
        Workflow::new("content-creation-workflow", "Research")
    );
}

#[test]
fn errors_name_the_line() {
    let error = TargetFile::parse("url = \"ws://h\"\ntoken = \"t\"\n").expect_err("unknown");
    assert!(
        error.contains("line 2") && error.contains("token"),
        "{error}"
    );
    for text in [
        "url = \"ws://h\"\ntoken = \"canary\"\n",
        "url = \"ws://h\"\nheaders = \"Authorization: canary\"\n",
        "url = \"ws://h\"\nheaders = {a = [\"canary\"]}\n",
        "url = \"ws://h\"\nheaders = {a = \"canary\n",
        "url = \"ws://h\"\ntoken_env = 2718281828\n",
        "url = \"ws://h\"\nheaders = {a = 2718281828.5}\n",
    ] {
        let error = TargetFile::parse(text).expect_err("wrong");
        assert!(
            error.contains("line 2") && !error.contains("canary") && !error.contains("2718"),
            "{error}"
        );
    }
    let error = TargetFile::parse("url = \"ws://h\"\nforgets_after = \"soon\"\n");
    let error = error.expect_err("no duration");
    assert!(error.contains("line 2") && error.contains("30m"), "{error}");
    let error =
        TargetFile::parse("url = \"ws://h\"\n[parts.lang]\nworkflow_id = \"w\"").expect_err("part");
    assert!(error.contains("lang") && error.contains("long"), "{error}");
    assert!(TargetFile::parse("").is_err());
    for (entry, said) in [
        ("token_envs = [\"ONE\"]", "two variables"),
        ("token_envs = [\"A\", \"A\"]", "two variables"),
        ("token_envs = [\"A\", \"B\", \"C\"]", "two variables"),
        (
            "tokens = [\"canary\", \"canary\"]",
            "unknown field `tokens`",
        ),
    ] {
        let text = format!("url = \"ws://h\"\n[users]\n{entry}\n");
        let error = TargetFile::parse(&text).expect_err("wrong");
        assert!(error.contains(said) && !error.contains("canary"), "{error}");
    }
}

#[test]
fn a_wrong_value_is_named_by_key_with_an_example_and_a_caret() {
    let error = |line: &str| {
        let text = format!("url = \"ws://h\"\n{line}\n");
        TargetFile::parse(&text).expect_err(line)
    };
    assert_eq!(
        error("forgets_after = \"soon\""),
        "line 2: forgets_after must be a duration\n    forgets_after = …\n                    \
         ^ for example: forgets_after = \"30m\""
    );
    for (line, said) in [
        (
            "retention = \"10000\"",
            "retention must be a whole number of events, from 1, not a text",
        ),
        (
            "retention = -1",
            "retention must be a whole number of events, from 1, not this number",
        ),
        (
            "retention = 0",
            "retention must be a whole number of events, from 1",
        ),
        (
            "forgets_after = 30",
            "forgets_after must be a duration, not a number",
        ),
        (
            "restart = true",
            "restart must be a command for `sh -c`, not true or false",
        ),
        ("restart = \" \"", "restart must be a command"),
        (
            "token_env = [\"canary\"]",
            "token_env must be the name of an environment variable, not a list",
        ),
        (
            "[users]\ntoken_envs = \"canary\"",
            "token_envs must be a list of two environment variables, not a text",
        ),
        (
            "[parts.long]\nworkflow_id = 7",
            "workflow_id must be the id of a workflow, not a number",
        ),
    ] {
        let error = error(line);
        assert!(
            error.contains(said) && error.contains("^ for example: "),
            "{error}"
        );
        assert!(!error.contains("canary"), "{error}");
    }
    assert!(error("tokn_env = \"canary\"").contains("\n    tokn_env = …\n    ^ no such key"));
}

fn error(text: &str) -> String {
    TargetFile::parse(text).expect_err(text)
}

#[test]
fn every_unknown_name_is_shown_with_a_caret_and_the_nearest_one() {
    for (line, shown) in [
        (
            "tokn_env = \"canary\"",
            "\n    tokn_env = …\n    ^ no such key; is `token_env` meant?",
        ),
        (
            "[gaurded]\nurl = \"ws://canary\"",
            "\n    [gaurded]\n     ^ no such key; is `guarded` meant?",
        ),
        (
            "[parts.lang]  # canary\nworkflow_id = \"w\"",
            "\n    [parts.lang]\n           ^ no such part; is `long` meant?",
        ),
        (
            "[parts.long]\nworkflow = \"canary\"",
            "\n    workflow = …\n    ^ no such key; is `workflow_id` meant?",
        ),
        (
            "users = { token_env = [\"canary\"] }",
            "\n    token_env = …\n    ^ no such key; is `token_envs` meant?",
        ),
        ("xyz = \"canary\"", "\n    xyz = …\n    ^ no such key"),
        (
            "[parts]\nlong = \"canary\"",
            "\n    long = …\n           ^ a part is a table: [parts.NAME] with a workflow_id",
        ),
        (
            "[expiring]\ntoken_command = 7\nvalid_for = \"5s\"",
            "token_command = …\n                    ^ for example: token_command = \"my-tokens --for 3s\"",
        ),
        (
            "[users]\ntoken_envs = [\n  \"A\",\n  7\n]",
            "token_envs = …\n                 ^ for example: token_envs = ",
        ),
        (
            "parts.long.workflow_id = 7",
            "\n    workflow_id = …\n                  ^ for example: workflow_id = ",
        ),
        (
            "kill_replica = \"canary",
            "\n    kill_replica = …\n                   ^ here",
        ),
        (
            "[parts.long]",
            "\n    [parts.long]\n    ^ for example: workflow_id = ",
        ),
        ("canary", "\n    …\n    ^ here"),
    ] {
        let error = error(&format!("url = \"ws://h\"\n{line}\n"));
        assert!(error.contains(shown), "{line}: {error}");
        assert!(error.starts_with("line "), "{line}: {error}");
        assert!(!error.contains("canary"), "{line}: {error}");
    }
}
