"""The pytest plugin: one test for each requirement.

`pytest --reconnect-url ws://localhost:7777/workflows/ws` (or `--reconnect-target target.toml`) adds the tests
to whatever else is collected. A project that has its app in Python writes a test instead, and a fixture:

    # conftest.py
    @pytest.fixture(scope="session")
    def reconnect_app():
        return agent_os.get_app()

    @pytest.fixture(scope="session")
    def reconnect_parts():
        return {"long": {"workflow_id": "my-workflow", "message": "hello"}}

    # test_reconnect.py
    def test_reconnect(reconnect_requirement):
        reconnect_requirement.check()

The suite runs once a session, before the first of these tests. A requirement that failed is a failed test; a
known failure, or a SHOULD without `--reconnect-strict`, is `xfail`; one that is not applicable is skipped; an
inconclusive one is an error, because nothing was shown.
"""

import json
from pathlib import Path
from typing import Dict, List, Optional

import pytest

from . import _report, _server
from ._report import Report, Result, SuiteError

_DEFAULT_FOLDER = "reconnect-acceptance-report"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("reconnect-acceptance", "nothing is lost when a viewer reconnects")
    group.addoption("--reconnect-url", metavar="URL", help="judge the server at this WebSocket URL, a test for each requirement")
    group.addoption("--reconnect-target", metavar="FILE", help="judge the server that this target file names")
    group.addoption("--reconnect-known-failures", metavar="FILE", help="a TOML file of known failures; these are xfail")
    group.addoption("--reconnect-strict", action="store_true", help="a failed SHOULD fails its test, too")
    group.addoption("--reconnect-report-dir", metavar="DIR", help=f"the folder of the reports (default: {_DEFAULT_FOLDER})")
    group.addoption(
        "--reconnect-arg", metavar="ARG", action="append", default=[],
        help="a further argument of `reconnect-acceptance run`, such as --reconnect-arg=--workflow-id=my-workflow (repeatable)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "reconnect(level): the test of a requirement of reconnect-acceptance; `level` is must, should or may")
    if not config.pluginmanager.hasplugin("xdist"):
        config.addinivalue_line("markers", "xdist_group(name): for pytest-xdist, which is not installed here")
    if config.option.reconnect_url and config.option.reconnect_target:
        raise pytest.UsageError("--reconnect-url and --reconnect-target both name a server; use one of them")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: List[pytest.Item]) -> None:
    """Adds the tests where a server was named on the command line and no test of the project takes them up."""
    if not _named(config) or any("reconnect_requirement" in getattr(it, "fixturenames", ()) for it in items):
        return
    collector = _Requirements.from_parent(session, name="reconnect-acceptance", nodeid="reconnect-acceptance")
    items.extend(collector.collect())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Makes one test of a test function for each requirement."""
    if "reconnect_requirement" in metafunc.fixturenames:
        known = _report.requirements()
        parameters = [pytest.param(it.id, marks=_marks(it.level)) for it in known]
        metafunc.parametrize("reconnect_requirement", parameters, indirect=True, ids=[it.id for it in known])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report = config.stash.get(_REPORT, None)
    if report is not None:
        terminalreporter.section("reconnect-acceptance")
        terminalreporter.write_line(f"exit code {report.exit_code}; the reports are in {report.folder}")
        terminalreporter.write_line(f"evidence for people: {report.folder / 'report.html'}")


# ---- Fixtures for projects that have their app in Python


@pytest.fixture(scope="session")
def reconnect_app() -> object:
    """The ASGI app to judge. A project's own fixture of this name replaces it."""
    return None


@pytest.fixture(scope="session")
def reconnect_parts() -> Dict[str, object]:
    """Which workflow plays which part: an id, or a table with `workflow_id` and `message`. A project's own
    fixture of this name replaces it; without one, the program's own `--workflow-id` counts."""
    return {}


@pytest.fixture(scope="session")
def reconnect_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of the one run of the suite in this session."""
    config = request.config
    if _named(config):
        return _report_of(config, [])
    app = request.getfixturevalue("reconnect_app")
    if app is None:
        pytest.fail("no server to judge: give --reconnect-url or --reconnect-target, or define the fixture reconnect_app", pytrace=False)
    with _server.serve(app) as port:
        target = tmp_path_factory.mktemp("reconnect-acceptance") / "target.toml"
        target.write_text(_target(port, request.getfixturevalue("reconnect_parts")), encoding="utf-8")
        return _report_of(config, ["--target", str(target)])


@pytest.fixture
def reconnect_requirement(request: pytest.FixtureRequest, reconnect_report: Report) -> "Judged":
    """One requirement; the test calls `check()`."""
    judged = Judged(request.param, reconnect_report)
    judged.prepare()
    return judged


class Judged:
    """One requirement of a finished run, as pytest's outcomes."""

    def __init__(self, requirement: str, report: Report) -> None:
        self.requirement = requirement
        self.report = report
        #: What the run showed; `None` where the requirement was not selected.
        self.result: Optional[Result] = report.results.get(requirement)

    def prepare(self) -> None:
        """Skips what is not applicable, and raises where nothing was shown: called before the test itself."""
        result = self.result
        if result is None:
            pytest.skip("not selected")
        elif result.verdict == "not_applicable":
            pytest.skip(f"not applicable: {result.reason}")
        elif result.verdict == "inconclusive":
            pytest.fail(f"{self._title()}\ninconclusive: {result.reason}\n{self._where()}", pytrace=False)

    def check(self) -> None:
        """Fails with the findings, or with `xfail` where the failure is known or does not count."""
        result = self.result
        if result is None or result.verdict != "failed":
            return
        if result.known_failure:
            pytest.xfail("a known failure")
        if result.level != "must" and not self.report.strict:
            pytest.xfail(f"{result.level.upper()}, which counts with --reconnect-strict:\n{result.summary(1)}")
        pytest.fail(f"{self._title()}\n{result.summary()}\n{self._where()}", pytrace=False)

    def _title(self) -> str:
        result = self.result
        return f"{self.requirement} ({result.level.upper()}): {result.sentence}" if result else self.requirement

    def _where(self) -> str:
        return f"  report:   {self.report.folder / 'report.html'}"


# ---- Tests without a test function


class _Requirements(pytest.Collector):
    def collect(self) -> "list[pytest.Item]":
        return [_RequirementItem.from_parent(self, name=it.id, level=it.level) for it in _report.requirements()]


class _RequirementItem(pytest.Item):
    def __init__(self, *, level: str, **arguments: object) -> None:
        super().__init__(**arguments)
        for mark in _marks(level):
            self.add_marker(mark)
        self._judged: Optional[Judged] = None

    def setup(self) -> None:
        self._judged = Judged(self.name, _report_of(self.config, []))
        self._judged.prepare()

    def runtest(self) -> None:
        if self._judged is not None:
            self._judged.check()

    def reportinfo(self) -> "tuple[Path, None, str]":
        return self.config.rootpath, None, self.name


# ---- The run


_REPORT = pytest.StashKey[Report]()
_ERROR = pytest.StashKey[str]()


def _report_of(config: pytest.Config, target: List[str]) -> Report:
    """The report of the one run of this session; the run happens at the first call."""
    error = config.stash.get(_ERROR, None)
    if error is None and _REPORT not in config.stash:
        try:
            config.stash[_REPORT] = _report.run([*_arguments(config), *target], _folder(config))
        except (SuiteError, OSError, ValueError) as problem:
            error = config.stash[_ERROR] = str(problem)
    if error is not None:
        pytest.fail(error, pytrace=False)
    return config.stash[_REPORT]


def _arguments(config: pytest.Config) -> List[str]:
    option = config.option
    arguments = []
    for name in ("url", "target", "known_failures"):
        value = getattr(option, f"reconnect_{name}")
        if value:
            arguments += [f"--{name.replace('_', '-')}", value]
    if option.reconnect_strict:
        arguments.append("--strict")
    return arguments + option.reconnect_arg


def _folder(config: pytest.Config) -> Path:
    folder = config.rootpath / (config.option.reconnect_report_dir or _DEFAULT_FOLDER)
    # why: pytest-xdist has several processes, each with a run of its own
    worker = getattr(config, "workerinput", {}).get("workerid")
    return folder / worker if worker else folder


def _named(config: pytest.Config) -> bool:
    return bool(config.option.reconnect_url or config.option.reconnect_target)


def _marks(level: str) -> "list[pytest.MarkDecorator]":
    # With pytest-xdist and `--dist loadgroup` all of them are in one process, so that the suite runs once.
    return [pytest.mark.reconnect(level), pytest.mark.xdist_group("reconnect-acceptance")]


def _target(port: int, parts: Dict[str, object]) -> str:
    lines = [f'url = "ws://127.0.0.1:{port}/workflows/ws"', f'http_url = "http://127.0.0.1:{port}"']
    for part, workflow in parts.items():
        table = workflow if isinstance(workflow, dict) else {"workflow_id": workflow}
        lines.append(f"[parts.{json.dumps(part)}]")
        # A string of JSON is one of TOML, too.
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"
