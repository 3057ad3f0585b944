"""A project with an app in Python: the fixture gets `agent_os.get_app()` of a released AgentOS."""

import pytest

pytest.importorskip("agno")

CONFTEST = '''
import asyncio
from dataclasses import dataclass

import pytest
from agno.agent import Agent
from agno.db.sqlite import SqliteDb
from agno.models.base import Model
from agno.models.response import ModelResponse
from agno.os import AgentOS
from agno.workflow.step import Step
from agno.workflow.workflow import Workflow


@dataclass
class Words(Model):
    """A model that says two hundred words over six seconds, so that a viewer can be away twice."""

    id: str = "words"
    name: str = "Words"
    provider: str = "test"

    async def ainvoke_stream(self, *args, **kwargs):
        for n in range(200):
            await asyncio.sleep(0.03)
            yield ModelResponse(role="assistant", content=f"w{n} ")

    def invoke(self, *args, **kwargs):
        return ModelResponse(role="assistant", content="w")

    async def ainvoke(self, *args, **kwargs):
        return self.invoke()

    def invoke_stream(self, *args, **kwargs):
        yield self.invoke()

    def _parse_provider_response(self, response, **kwargs):
        return response

    def _parse_provider_response_delta(self, response):
        return response


@pytest.fixture(scope="session")
def reconnect_app(tmp_path_factory):
    db = SqliteDb(db_file=str(tmp_path_factory.mktemp("db") / "runs.db"))
    steps = [Step(name="Research", agent=Agent(name="Research", model=Words()))]
    workflow = Workflow(id="research", name="research", db=db, steps=steps)
    return AgentOS(id="mine", workflows=[workflow], telemetry=False).get_app()


@pytest.fixture(scope="session")
def reconnect_parts():
    return {"long": "research"}
'''


def test_the_app_of_a_project_is_judged(pytester, monkeypatch):
    monkeypatch.setenv("AGNO_TELEMETRY", "false")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("def test_reconnect(reconnect_requirement): reconnect_requirement.check()")
    result = pytester.runpytest_subprocess("--reconnect-arg=--require=CATCHUP", "-v")
    result.stdout.fnmatch_lines(["*test_reconnect?CATCHUP-1? PASSED*", "*test_reconnect?CATCHUP-3? PASSED*"])
    outcomes = result.parseoutcomes()
    assert "failed" not in outcomes and "errors" not in outcomes, outcomes
    assert result.ret == 0
