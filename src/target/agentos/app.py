"""A real AgentOS with known workflows and no language model: the server under test.

Started by the launcher as `python app.py --port PORT --db FILE --about FILE --keeps EVENTS` inside a virtual
environment with one release of `agno` (2.3.17 or later, see pins.toml). It serves ws://127.0.0.1:PORT/workflows/ws.

A fake model returns the words w0, w1, w2 ... at a fixed pace, and no word appears twice in a run, but for
those in a loop. So every run of a workflow has the same output, and swapped events are noticed.

    content-creation-workflow   part `long`:    two agents, some 100 events over about 4 s
    short-workflow              part `short`:   one agent with a few words, well under a second
    failing-workflow            part `failing`: an agent with a few words, then a step that raises
    endless-workflow            part `endless`: an agent with more words than EVENTS, over some 3 s
    pausing-workflow            part `pausing`: an agent with some words, then one that a person must confirm
    quiet-workflow              part `quiet`:   an agent with a few words, then one that says its word after 33 s
    echoing-workflow            part `echoing`: an agent that repeats its message, as one word before its own
    nested-workflow             part `nested`:  an agent, then a workflow as a step, then an agent. Inside are a
                                team, a Loop around a Parallel, a Condition around a Router, and one more workflow

Agents and teams play the same parts, where a release can resume their runs over HTTP (2.6.0 and later): `long-agent`,
`long-team` and so on, with the words of one model. A team's first words are those of its member.

Not every release supports every part. The file of `--about`, written before the port is open, has the
workflows, agents and teams that it serves, and why other parts have no workflow: {"workflows": [...], "agents": [...],
"teams": [...], "lacks": {"pausing": "..."}, "keeps_users_apart": true}.

With --redis PORT, all processes with the same PORT and FILE are replicas of one server, which share the
events of their runs. With --starts-redis, the app starts that Redis, and ends it when it ends.

With OS_SECURITY_KEY in its environment, every viewer needs that key: agno itself reads it. With
--users-secret-env NAME, every viewer needs a token (JWT, HS256) that is signed with the secret in that
variable, and users are kept apart if the release can do so.

The launcher makes the app the leader of a process group of its own, and keeps its stdin open. When stdin
closes, the app kills the group: nothing is left behind, even if the launcher was killed. A line
`forget RUN_ID` on stdin drops a finished run from the memory; the app confirms it with `forgotten RUN_ID`
on stdout.
"""

import argparse
import asyncio
import atexit
import inspect
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

# why here: before anything of agno runs that could read it
os.environ["AGNO_TELEMETRY"] = "false"


children: list = []  # processes that end with this one


def read_orders() -> None:
    """Carries out the orders on stdin until it closes, also because the parent died; then ends everything."""
    for line in sys.stdin:
        order, _, run_id = line.strip().partition(" ")
        if order == "forget":
            # why: agno itself calls this for each run that ended 30 minutes ago
            event_buffer.cleanup_run(run_id)
            print(f"forgotten {run_id}", flush=True)
    for child in children:
        child.kill()
        child.wait()
    # why the group, too: a child that is being started now is not in the list yet
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


# why before the imports of agno: they take seconds, and the launcher may have ended by then
threading.Thread(target=read_orders, daemon=True).start()

import uvicorn  # noqa: E402
from agno.agent import Agent  # noqa: E402
from agno.db.sqlite import SqliteDb  # noqa: E402
from agno.models.base import Model  # noqa: E402
from agno.models.response import ModelResponse  # noqa: E402
from agno.os import AgentOS  # noqa: E402
from agno.os.managers import event_buffer  # noqa: E402
from agno.workflow.step import Step  # noqa: E402
from agno.workflow.types import StepInput, StepOutput  # noqa: E402
from agno.workflow.workflow import Workflow  # noqa: E402


@dataclass
class FakeModel(Model):
    """Returns `count` words, from w<first> on, one every `pace` seconds, whatever the prompt."""

    id: str = "fake"
    name: str = "Fake"
    provider: str = "reconnect-acceptance"
    first: int = 0
    count: int = 0
    pace: float = 0.0

    def words(self, messages=()):
        return (f"w{n} " for n in range(self.first, self.first + self.count))

    async def ainvoke_stream(self, messages=(), *args, **kwargs):
        # why a schedule: with a fixed sleep, the time that agno itself takes would add up
        started = time.monotonic()
        for n, word in enumerate(self.words(messages), start=1):
            await asyncio.sleep(max(0.0, started + n * self.pace - time.monotonic()))
            yield ModelResponse(role="assistant", content=word)

    # why these: they are abstract in Model. The WebSocket uses only the one above.
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


@dataclass
class EchoModel(FakeModel):
    """Returns the user's message as one word, and then words like a FakeModel."""

    id: str = "echo"
    name: str = "Echo"

    def words(self, messages=()):
        prompts = [message.content for message in messages if message.role == "user"]
        return [str(text) for text in prompts[-1:]] + list(super().words())


@dataclass
class LeaderModel(FakeModel):
    """Gives its task to the member of its team first, and then returns words like a FakeModel."""

    id: str = "leader"
    name: str = "Leader"
    member: str = ""

    async def ainvoke_stream(self, messages=(), *args, **kwargs):
        if not any(message.role == "tool" for message in messages):
            task = json.dumps({"member_id": self.member, "task": "Say what you think."})
            function = {"name": "delegate_task_to_member", "arguments": task}
            call = {"id": "call-1", "type": "function", "function": function}
            yield ModelResponse(role="assistant", tool_calls=[call])
            return
        async for word in super().ainvoke_stream(messages, *args, **kwargs):
            yield word


@dataclass
class FailingModel(FakeModel):
    """Raises after its words."""

    id: str = "failing"
    name: str = "Failing"

    async def ainvoke_stream(self, messages=(), *args, **kwargs):
        async for word in super().ainvoke_stream(messages, *args, **kwargs):
            yield word
        raise RuntimeError("this model always fails")


@dataclass
class QuietModel(FakeModel):
    """Returns its words, and one more after 33 s."""

    id: str = "quiet"
    name: str = "Quiet"

    async def ainvoke_stream(self, messages=(), *args, **kwargs):
        async for word in super().ainvoke_stream(messages, *args, **kwargs):
            yield word
        await asyncio.sleep(33.0)
        yield ModelResponse(role="assistant", content=f"w{self.first + self.count} ")


@dataclass
class AskingModel(FakeModel):
    """Returns words, then calls a tool that a person must confirm, and after its result six more words."""

    id: str = "asking"
    name: str = "Asking"

    async def ainvoke_stream(self, messages=(), *args, **kwargs):
        if any(message.role == "tool" for message in messages):
            rest = FakeModel(first=self.first + self.count, count=6, pace=self.pace)
            async for word in rest.ainvoke_stream():
                yield word
            return
        async for word in super().ainvoke_stream(messages, *args, **kwargs):
            yield word
        function = {"name": "publish", "arguments": "{}"}
        yield ModelResponse(role="assistant", tool_calls=[{"id": "call-1", "type": "function", "function": function}])


def words_step(name: str, first: int, count: int, pace: float, model=FakeModel) -> Step:
    """A step in which an agent of the same name returns words."""
    return Step(name=name, agent=Agent(id=name.lower(), name=name, model=model(first=first, count=count, pace=pace)))


def always_fail(step_input: StepInput) -> StepOutput:
    """The executor of a step that always fails."""
    raise RuntimeError("this step always fails")


def failing_step(name: str) -> Step:
    """A step that fails, and the run with it."""
    # why: some releases skip a step that raised and complete the run, unless a parameter of Step or, in 3.x,
    # of HumanReview says otherwise; older ones have neither and always fail the run.
    known = inspect.signature(Step).parameters
    if "on_error" in known:
        policy = {"on_error": "fail"}
    elif "human_review" in known:
        from agno.workflow.types import HumanReview

        policy = {"human_review": HumanReview(on_error="fail")}
    else:
        policy = {}
    return Step(name=name, executor=always_fail, max_retries=0, **policy)


def can_keep_users_apart() -> bool:
    from agno.os.config import AuthorizationConfig

    return "user_isolation" in AuthorizationConfig.model_fields


def authorization(secret: str, db) -> dict:
    """The arguments that make AgentOS ask for a token signed with this secret."""
    from agno.os.config import AuthorizationConfig

    settings = {"verification_keys": [secret], "algorithm": "HS256"}
    if can_keep_users_apart():
        settings["user_isolation"] = True
    out = {"authorization": True, "authorization_config": AuthorizationConfig(**settings)}
    # why: AgentOS looks up the owner of a run in its database; without one, users cannot get their own runs
    if "db" in inspect.signature(AgentOS).parameters:
        out["db"] = db
    return out


def confirmed_step(name: str, first: int, count: int, pace: float):
    """A step that a person must confirm first; None if the release cannot pause over the WebSocket."""
    try:
        # why the first import: older releases have the parameter, but their WebSocket runs ignore it (2.5.17)
        from agno.os.routers.workflows.router import handle_workflow_continue_via_websocket  # noqa: F401
        from agno.workflow.types import HumanReview
    except ImportError:
        return None
    question = HumanReview(requires_confirmation=True, confirmation_message="Go on?")
    agent = Agent(id=name.lower(), name=name, model=FakeModel(first=first, count=count, pace=pace))
    return Step(name=name, agent=agent, human_review=question)


def nested_steps():
    """Steps of which one is a workflow; None if the release has no such steps."""
    if "workflow" not in inspect.signature(Step).parameters:
        return None
    from agno.team import Team
    from agno.workflow import Condition, Loop, Parallel, Router

    witness = words_step("Witness", 10, 3, 0.03).agent
    leader = LeaderModel(first=13, count=4, pace=0.03, member="witness")
    hearing = Step(name="Hearing", team=Team(id="panel", name="Panel", members=[witness], model=leader))
    reviews = Parallel(words_step("Style", 20, 5, 0.043), words_step("Facts", 25, 5, 0.043), name="Reviews")
    rounds = Loop(name="Rounds", steps=[reviews], max_iterations=2)
    wordings = [words_step("Brief", 30, 5, 0.03), words_step("Full", 35, 5, 0.03)]
    choice = Router(name="Choice", choices=wordings, selector=lambda step_input: [wordings[1]])
    polish = Condition(name="Polish", evaluator=lambda step_input: True, steps=[choice])
    desk = Workflow(id="desk", name="desk", steps=[words_step("Note", 40, 4, 0.03)])
    steps = [hearing, rounds, polish, Step(name="Desk", workflow=desk)]
    committee = Workflow(id="committee", name="committee", steps=steps)
    question, answer = words_step("Question", 0, 6, 0.043), words_step("Answer", 50, 20, 0.043)
    return [question, Step(name="Committee", workflow=committee), answer]


def workflows_and_lacks(keeps: int):
    """The steps of each workflow, and why other parts have none."""
    lacks = {}
    workflows = {
        "content-creation-workflow": [words_step("Research", 0, 45, 0.043), words_step("Writing", 45, 45, 0.043)],
        "short-workflow": [words_step("Summary", 0, 6, 0.03)],
        "failing-workflow": [words_step("Attempt", 0, 6, 0.03), failing_step("Break")],
        "endless-workflow": [words_step("Novel", 0, keeps + 150, 0.008)],
        "quiet-workflow": [words_step("Ask", 0, 3, 0.03), words_step("Think", 3, 1, 33.0)],
        "echoing-workflow": [words_step("Echo", 0, 75, 0.043, model=EchoModel)],
    }
    # why: the limit of kept events is the same for every workflow
    lacks["talkative"] = f"it is started with a limit of {keeps} events per run, which a talkative run exceeds"
    nested = nested_steps()
    if nested is None:
        lacks["nested"] = "a workflow cannot be a step of another one; later releases can"
    else:
        workflows["nested-workflow"] = nested
    question = confirmed_step("Publish", 30, 6, 0.03)
    if question is None:
        lacks["pausing"] = "a run over the WebSocket cannot ask a person; later releases can"
    else:
        workflows["pausing-workflow"] = [words_step("Draft", 0, 30, 0.043), question]
    return workflows, lacks


def resumes_over_http() -> bool:
    """Whether the release can resume the runs of agents and teams."""
    try:
        from agno.os.routers.agents import router
    except ImportError:
        return False
    return "/resume" in inspect.getsource(router)


def publish_tool():
    """A tool that a person must confirm."""
    from agno.tools import tool

    @tool(requires_confirmation=True)
    def publish() -> str:
        """Publishes the draft."""
        return "published"

    return publish


def models(keeps: int):
    """The model of each part that agents and teams play."""
    return {
        "long": FakeModel(first=0, count=85, pace=0.043),
        "short": FakeModel(first=0, count=6, pace=0.03),
        "failing": FailingModel(first=0, count=45, pace=0.03),
        "endless": FakeModel(first=0, count=keeps + 150, pace=0.008),
        "echoing": EchoModel(first=0, count=75, pace=0.043),
        "quiet": QuietModel(first=0, count=3, pace=0.03),
        "pausing": AskingModel(first=0, count=30, pace=0.043),
    }


def agents_and_teams(keeps: int, db):
    """The agents and the teams, where the release can resume their runs."""
    if not resumes_over_http():
        return [], []
    from agno.team import Team

    agents, teams = [], []
    for part, model in models(keeps).items():
        tools = {"tools": [publish_tool()]} if part == "pausing" else {}
        agents.append(Agent(id=f"{part}-agent", name=f"{part}-agent", model=model, db=db, **tools))
    for part, model in models(keeps).items():
        tools = {"tools": [publish_tool()]} if part == "pausing" else {}
        member = words_step("Witness", 2000, 3, 0.03).agent
        if part == "long":
            model = LeaderModel(first=model.first, count=model.count, pace=model.pace, member="witness")
        teams.append(Team(id=f"{part}-team", name=f"{part}-team", members=[member], model=model, db=db, **tools))
    return agents, teams


def start_redis(port: int, folder: str) -> None:
    """Starts a Redis on this port of 127.0.0.1, which stores nothing on disk and ends with this process."""
    # why: a killed process cannot end its children. Only Linux can do that for it
    end_with_the_parent = None
    if sys.platform == "linux":
        import ctypes

        prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

        def end_with_the_parent() -> None:
            prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:  # it has died already
                os._exit(1)

    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
    command += ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
    # why in the main thread: the signal is sent when the thread that started the child ends
    redis = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=end_with_the_parent)
    children.append(redis)
    atexit.register(redis.kill)


def wait_for_redis(port: int, seconds: float = 20.0) -> None:
    """Waits until Redis listens on this port; ends the process with a message if it does not in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if any(child.poll() is not None for child in children):
            sys.exit("redis-server ended")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"redis-server did not listen on port {port} within {seconds:.0f} s")


def sharing(redis_port: int, db) -> dict:
    """The arguments that make AgentOS share the events and the cancelling of its runs with its replicas."""
    from agno.job_queue import QueueConfig

    return {"db": db, "queue": QueueConfig(redis=f"redis://127.0.0.1:{redis_port}/0")}


def app(db, workflows, others, users_secret: str, redis_port=None):
    agents, teams = others
    return AgentOS(
        id="reconnect-acceptance",
        **({"agents": agents, "teams": teams} if agents else {}),
        workflows=[Workflow(id=id, name=id, db=db, steps=steps) for id, steps in workflows.items()],
        telemetry=False,  # why beside the variable: AgentOS itself does not read it
        **(authorization(users_secret, db) if users_secret else {}),
        **(sharing(redis_port, db) if redis_port else {}),
    ).get_app()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="TCP port on 127.0.0.1")
    parser.add_argument("--db", required=True, help="SQLite file, created if missing")
    parser.add_argument("--keeps", type=int, required=True, help="how many events of a run are kept")
    parser.add_argument("--about", required=True, help="JSON file to write: what this release can do")
    parser.add_argument("--users-secret-env", help="environment variable with the secret of the users' tokens")
    parser.add_argument("--redis", type=int, help="TCP port on 127.0.0.1 of the Redis that its replicas share")
    parser.add_argument("--starts-redis", action="store_true", help="start that Redis")
    options = parser.parse_args()
    # why removed: nothing that a workflow starts needs it
    users_secret = os.environ.pop(options.users_secret_env, "") if options.users_secret_env else ""
    # why on the object: no release has a setting for it. The default, 10,000 events, takes minutes
    event_buffer.max_events_per_run = options.keeps
    steps, lacks = workflows_and_lacks(options.keeps)
    db = SqliteDb(db_file=options.db)
    others = agents_and_teams(options.keeps, db)
    agents, teams = ([it.id for it in kind] for kind in others)
    about = {"workflows": list(steps), "agents": agents, "teams": teams, "lacks": lacks}
    with open(options.about, "w") as file:
        json.dump({**about, "keeps_users_apart": can_keep_users_apart()}, file)
    if options.starts_redis:
        start_redis(options.redis, os.path.dirname(os.path.abspath(options.about)))
    if options.redis:
        wait_for_redis(options.redis)
    served = app(db, steps, others, users_secret, options.redis)
    uvicorn.run(served, host="127.0.0.1", port=options.port, log_level="warning")
