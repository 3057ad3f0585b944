//! The suite as a test target: `cargo test --test acceptance` judges the bundled server, or the one
//! that `RECONNECT_ACCEPTANCE_URL` names.
//!
//! It is one test, `acceptance`, to every test runner: it answers to the few options of libtest that
//! cargo and nextest rely on.

#![expect(
    clippy::print_stdout,
    reason = "a test runner reads what a test target prints"
)]

use std::process::ExitCode;

/// The name that test runners know the suite by.
const NAME: &str = "acceptance";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    let filters: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = filters.is_empty() || filters.iter().any(|filter| NAME.contains(filter.as_str()));
    let ignored = has("--ignored");
    if has("--list") {
        if !ignored {
            println!("{NAME}: test");
        }
        return ExitCode::SUCCESS;
    }
    if !wanted || ignored {
        println!("\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out\n");
        return ExitCode::SUCCESS;
    }
    let code = reconnect_acceptance::cli::main_of_tests();
    let (word, passed, failed) = if code == 0 {
        ("ok", 1, 0)
    } else {
        ("FAILED", 0, 1)
    };
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out\n"
    );
    ExitCode::from(code)
}
