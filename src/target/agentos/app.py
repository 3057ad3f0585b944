"""A real AgentOS with known workflows and no language model: the server that the suite judges.

Started by the launcher as `python app.py --port PORT --db FILE` inside a virtual environment that
holds one release of `agno` (2.3.17 or later, see pins.toml). It serves ws://127.0.0.1:PORT/workflows/ws.

A stand-in model speaks the words w0, w1, w2 ... at a set pace, and no word comes twice in a run. So
every run of a workflow says the same, and an event that was swapped with another is seen.

    content-creation-workflow   part `long`:    two agents, some 100 events over about 4 s
    short-workflow              part `short`:   one agent with a few words, well under a second
    failing-workflow            part `failing`: an agent with a few words, then a step that raises

With OS_SECURITY_KEY in its environment, every viewer needs that key: agno reads it by itself. With
--users-secret-env NAME, every viewer needs a token (JWT, HS256) that is signed with the secret in that
variable, and users are kept apart where the release can do so.

The launcher keeps the app's stdin open. When it closes, the app exits: nothing is left behind,
even if the launcher was killed.
"""

import argparse
import asyncio
import inspect
import os
import threading
import time
from dataclasses import dataclass

# why here: before anything of agno runs that could read it
os.environ["AGNO_TELEMETRY"] = "false"


def exit_with_the_launcher() -> None:
    """Returns when stdin ends, which also happens when the parent dies; then ends the process."""
    while os.read(0, 4096):
        pass
    os._exit(0)


# why before the imports of agno: they take seconds, and the launcher may be gone by then
threading.Thread(target=exit_with_the_launcher, daemon=True).start()

import uvicorn  # noqa: E402
from agno.agent import Agent  # noqa: E402
from agno.db.sqlite import SqliteDb  # noqa: E402
from agno.models.base import Model  # noqa: E402
from agno.models.response import ModelResponse  # noqa: E402
from agno.os import AgentOS  # noqa: E402
from agno.workflow.step import Step  # noqa: E402
from agno.workflow.types import StepInput, StepOutput  # noqa: E402
from agno.workflow.workflow import Workflow  # noqa: E402


@dataclass
class Speaker(Model):
    """Says `count` words, w<first> and up, one every `pace` seconds, whatever it is asked."""

    id: str = "speaker"
    name: str = "Speaker"
    provider: str = "reconnect-acceptance"
    first: int = 0
    count: int = 0
    pace: float = 0.0

    def words(self):
        return (f"w{n} " for n in range(self.first, self.first + self.count))

    async def ainvoke_stream(self, *args, **kwargs):
        # why a schedule: sleeping `pace` each time would add up the time that agno itself takes
        started = time.monotonic()
        for n, word in enumerate(self.words(), start=1):
            await asyncio.sleep(max(0.0, started + n * self.pace - time.monotonic()))
            yield ModelResponse(role="assistant", content=word)

    # why all of these: they are abstract in Model. The WebSocket uses only the one above.
    def invoke(self, *args, **kwargs) -> ModelResponse:
        return ModelResponse(role="assistant", content="".join(self.words()))

    async def ainvoke(self, *args, **kwargs) -> ModelResponse:
        return self.invoke()

    def invoke_stream(self, *args, **kwargs):
        yield self.invoke()

    def _parse_provider_response(self, response, **kwargs):
        return response

    def _parse_provider_response_delta(self, response):
        return response


def speaks(name: str, first: int, count: int, pace: float) -> Step:
    """A step in which an agent of the same name says words."""
    return Step(name=name, agent=Agent(id=name.lower(), name=name, model=Speaker(first=first, count=count, pace=pace)))


def breaks(step_input: StepInput) -> StepOutput:
    """The body of a step that cannot succeed."""
    raise RuntimeError("this step always fails")


def fails(name: str) -> Step:
    """A step that fails, and the run with it."""
    # why: some releases skip a step that raised and complete the run, unless told otherwise by a parameter
    # of Step or, in 3.x, by HumanReview alone; older ones have neither and always fail the run.
    known = inspect.signature(Step).parameters
    if "on_error" in known:
        policy = {"on_error": "fail"}
    elif "human_review" in known:
        from agno.workflow.types import HumanReview

        policy = {"human_review": HumanReview(on_error="fail")}
    else:
        policy = {}
    return Step(name=name, executor=breaks, max_retries=0, **policy)


def can_keep_users_apart() -> bool:
    from agno.os.config import AuthorizationConfig

    return "user_isolation" in AuthorizationConfig.model_fields


def authorization(secret: str, db) -> dict:
    """What AgentOS is told so that it asks for a token signed with this secret."""
    from agno.os.config import AuthorizationConfig

    settings = {"verification_keys": [secret], "algorithm": "HS256"}
    if can_keep_users_apart():
        settings["user_isolation"] = True
    out = {"authorization": True, "authorization_config": AuthorizationConfig(**settings)}
    # why: whose a run is, is looked up in the database of AgentOS; without one, nobody gets even their own
    if "db" in inspect.signature(AgentOS).parameters:
        out["db"] = db
    return out


def app(db_file: str, users_secret: str = ""):
    db = SqliteDb(db_file=db_file)
    workflows = {
        "content-creation-workflow": [speaks("Research", 0, 45, 0.043), speaks("Writing", 45, 45, 0.043)],
        "short-workflow": [speaks("Summary", 0, 6, 0.03)],
        "failing-workflow": [speaks("Attempt", 0, 6, 0.03), fails("Break")],
    }
    return AgentOS(
        id="reconnect-acceptance",
        workflows=[Workflow(id=id, name=id, db=db, steps=steps) for id, steps in workflows.items()],
        telemetry=False,  # why beside the variable: AgentOS itself does not read it
        **(authorization(users_secret, db) if users_secret else {}),
    ).get_app()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="TCP port on 127.0.0.1")
    parser.add_argument("--db", required=True, help="SQLite file, made if missing")
    parser.add_argument("--abilities", help="file to write what the release is able to do, a line each")
    parser.add_argument("--users-secret-env", help="environment variable with the secret of the users' tokens")
    options = parser.parse_args()
    # why taken out: nothing that a workflow starts has any business with it
    users_secret = os.environ.pop(options.users_secret_env, "") if options.users_secret_env else ""
    if options.abilities:
        with open(options.abilities, "w") as out:
            out.writelines(f"{ability}\n" for ability in ["keep users apart"] if can_keep_users_apart())
    uvicorn.run(app(options.db, users_secret), host="127.0.0.1", port=options.port, log_level="warning")
