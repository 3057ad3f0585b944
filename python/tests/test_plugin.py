"""The plugin, as a project sees it: each test runs pytest with the installed plugin and the real program."""

import socket

CATCHING_UP = "--reconnect-arg=--require=CATCHUP"
BRIEFLY_AWAY = "--reconnect-arg=--away=300ms"


def test_a_healthy_server_passes(pytester, serve):
    result = pytester.runpytest(f"--reconnect-url={serve()}", CATCHING_UP, BRIEFLY_AWAY)
    outcomes = result.parseoutcomes()
    assert result.ret == 0
    assert outcomes["passed"] >= 6, outcomes
    assert "failed" not in outcomes and "errors" not in outcomes, outcomes
    result.stdout.fnmatch_lines(["*evidence for people: *report.html"])
    assert (pytester.path / "reconnect-acceptance-report" / "report.html").is_file()


def test_a_fault_fails_its_requirements_with_the_finding(pytester, serve):
    result = pytester.runpytest(f"--reconnect-url={serve('catch-up-drop')}", CATCHING_UP, BRIEFLY_AWAY)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "CATCHUP-3 (MUST): When a viewer catches up, the missed events start right after*",
            "  expected: event * next",
            "  observed: event *; event * is missing",
            "  scenario: features/catching_up.feature*",
            "  report: *report.html",
        ]
    )
    result.stdout.fnmatch_lines(["FAILED *::CATCHUP-3*", "FAILED *::CATCHUP-5*"])
    result.stdout.fnmatch_lines(["ERROR *::CATCHUP-4*"])


def test_a_known_failure_is_xfail(pytester, serve):
    known = pytester.path / "known.toml"
    known.write_text('[[known_failure]]\nid = "GREETING-1"\nreason = "being fixed"\n')
    result = pytester.runpytest(
        f"--reconnect-url={serve('greeting-without-requires-auth')}",
        f"--reconnect-known-failures={known}",
        "--reconnect-arg=--require=GREETING",
    )
    assert result.ret == 0
    assert result.parseoutcomes()["xfailed"] == 1
    assert result.parseoutcomes()["passed"] == 1


def test_a_should_counts_with_strict(pytester, serve):
    arguments = [f"--reconnect-url={serve('no-pong-while-streaming')}", "--reconnect-arg=--require=GREETING"]
    lenient = pytester.runpytest(*arguments)
    assert lenient.ret == 0
    assert lenient.parseoutcomes()["xfailed"] == 1
    strict = pytester.runpytest(*arguments, "--reconnect-strict")
    assert strict.ret == 1
    assert strict.parseoutcomes()["failed"] == 1


def test_an_unreachable_server_is_an_error_and_never_a_skip(pytester):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    result = pytester.runpytest(f"--reconnect-url=ws://127.0.0.1:{port}/workflows/ws", CATCHING_UP)
    assert result.ret == 1
    outcomes = result.parseoutcomes()
    assert outcomes["errors"] >= 6 and "passed" not in outcomes, outcomes


def test_wrong_usage_says_what_the_program_said(pytester):
    result = pytester.runpytest("--reconnect-target=no-such-file.toml")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*ended with exit code 2:", "*no-such-file.toml*"])
    both = pytester.runpytest("--reconnect-target=a.toml", "--reconnect-url=ws://127.0.0.1:1/")
    both.stderr.fnmatch_lines(["*both name a server; use one of them"])


def test_nothing_happens_without_its_options(pytester):
    pytester.makepyfile("def test_of_the_project(): pass")
    result = pytester.runpytest()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*reconnect-acceptance ===*")


def test_collecting_runs_nothing(pytester):
    result = pytester.runpytest("--reconnect-url=ws://127.0.0.1:1/workflows/ws", "--collect-only", "-q")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::CATCHUP-3", "*::LIVENESS-1"])
    assert not (pytester.path / "reconnect-acceptance-report").exists()


def test_selection_by_name_works(pytester, serve):
    result = pytester.runpytest(f"--reconnect-url={serve()}", "-k", "GREETING", "--reconnect-arg=--require=GREETING")
    assert result.ret == 0
    assert result.parseoutcomes()["passed"] == 2


def test_a_test_function_without_a_server_says_what_is_missing(pytester):
    pytester.makepyfile("def test_reconnect(reconnect_requirement): reconnect_requirement.check()")
    result = pytester.runpytest("-k", "GREETING and 1")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["no server to judge: give --reconnect-url*or define the fixture reconnect_app"])
