#!/usr/bin/env python3
"""Plays the exchange of one finding of reconnect-acceptance over HTTP again and checks what comes.

To run it: pip install httpx; python3 THIS_FILE [URL]

Every message is shown: sent (->), received (<-), refused (<x), asked and answered in between (=>, <=).
Exit code: 1 reproduced, 0 not reproduced, 2 this script cannot decide.

Environment: TOKEN (the server's token; never shown), WHOLE=1 (show messages in full),
PACE (seconds between two events of the run), PATIENCE (seconds to wait for a message),
QUIET (seconds of silence that mean "nothing more comes").
"""

import asyncio
import json
import os
import socket
import struct
import sys
import time
import urllib.parse
import uuid

import httpx

# ---- The finding: the report replaces what is between these two lines. ----
REQUIREMENT = "CATCHUP-2"
RULE = "As many missed events follow as `catch_up` announced (`missed_events`)."
EXPECTED = "7 events before `subscribed`"
OBSERVED = "6 events before `subscribed`"
SERVER = "http://localhost:7777"
COMPONENT = "agent"
NEEDS_TOKEN = False


async def plan():
    session = new_session()
    ada = Viewer("Ada")
    await ada.post("/agents/my-agent/runs", {"message": "Hello", "stream": "true", "background": "true", "session_id": session})
    await ada.read(2)
    await ada.disconnect("close")
    await pause(events=7)
    await ada.post("/agents/my-agent/runs/" + run_of(session) + "/resume", {"last_event_index": "2", "session_id": session})
    await ada.read("RunCompleted")


# ---- The end of the finding. ----

URL = next((it for it in sys.argv[1:] if it != "--"), SERVER).rstrip("/")

# ---- Common: what happened. ----
# ---- HTTP. ----
PREFIX = {"agent": "Run", "team": "TeamRun", "workflow": "Workflow"}[COMPONENT]
STARTED, COMPLETED, FAILED, CANCELLED = (PREFIX + it for it in ("Started", "Completed", "Error", "Cancelled"))
PAUSED = (PREFIX + "Paused", "StepPaused", "StepExecutorPaused")
QUESTIONS = {"agent": "tools", "team": "requirements", "workflow": "step_requirements"}[COMPONENT]
OVER_HTTP = True
FORM = "application/x-www-form-urlencoded"


def run_named(message):
    """The run that an event counts for: that of a step's agent, or of a team's member, is inside another one."""
    run = message.get("workflow_run_id") or message.get("parent_run_id") or message.get("run_id")
    return run if isinstance(run, str) else None


def answered_yes(question):
    """A question of a team is about the tool of a member, which is inside of it."""
    tool = question.get("tool_execution")
    return {**question, "tool_execution": {**tool, "confirmed": True}} if tool else {**question, "confirmed": True}


def confirmed():
    """What the paused run asked for, with a person's yes."""
    told = (last.get(name, {}).get(QUESTIONS) for name in (*PAUSED, "the state"))
    asked = next((it for it in told if it), None)
    if not asked:
        raise Stopped("no message told what the paused run asks for")
    return json.dumps([answered_yes(it) for it in asked])


def said(path, form):
    """What a request says, in the words of the WebSocket."""
    segment, component, _, *rest = (urllib.parse.unquote(it) for it in path.strip("/").split("/"))
    message = {"workflow_id": component, "session_id": form.get("session_id"), "message": form.get("message")}
    if not rest:
        return {"action": "start-workflow", **message}
    message["run_id"] = rest[0]
    if rest[1] == "continue":
        return {"action": "continue-workflow", **message}
    position = form.get("last_event_index")
    message["last_event_index"] = int(position) if position and position.isdecimal() else position or None
    return {"action": "reconnect", **message}


def authorization(token):
    """The header for the server's own token, or a wrong one; none for none."""
    shown = {"own": TOKEN, "wrong": "wrong-token"}.get(token)
    return {"Authorization": f"Bearer {shown}"} if shown else {}


class Stream:
    """The answer to a request, read as it comes."""

    def __init__(self, client, response):
        self.client, self.response, self.broke = client, response, None
        self.blocks, self.reads = asyncio.Queue(), asyncio.Event()
        self.reads.set()
        self.task = asyncio.create_task(self.pump())

    async def pump(self):
        rest = b""
        try:
            async for data in self.response.aiter_raw():
                await self.reads.wait()
                *blocks, rest = (rest + data).replace(b"\r\n", b"\n").split(b"\n\n")
                for block in blocks:
                    self.blocks.put_nowait(block.decode(errors="replace") + "\n\n")
        except httpx.HTTPError as error:
            self.broke = type(error).__name__
        self.blocks.put_nowait(None)

    async def leave(self, how):
        if how == "silent":
            return self.reads.clear()  # stays open, and is never read again
        if how != "close":
            reset = struct.pack("ii", 1, 0)  # TCP says no goodbye, either
            connection = self.response.extensions["network_stream"].get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.response.aclose()
        await self.client.aclose()


class Viewer(Named):
    """A client that opens a connection for each request. Former answers stay open until it leaves."""

    def __init__(self, name):
        super().__init__(name)
        self.stream, self.former = None, []

    async def post(self, path, form, token=None):
        body = urllib.parse.urlencode(form)
        await self.send("POST", path, body, FORM, token, said(path, form))

    async def send(self, method, path, body="", content_type=None, token=None, message=None):
        self.connection += 1
        self.former.append(self.stream)
        self.stream = None
        if token:
            self.note("shows", f"shows token: {token}")
        lines = [f"{method} {path}", body] if content_type in (FORM, None) else [f"{method} {path}", f"content-type: {content_type}", "", body]
        text = "\n".join(lines)
        self.note("sent", f"{text!a}", text, {**(message or {"action": "invalid"}), "token": token})
        try:
            client, response = await asked(method, path, body, content_type, authorization(token))
        except httpx.HTTPError as error:
            return self.note("closed", f"no answer: {type(error).__name__}")
        except asyncio.TimeoutError:
            return self.note("silence", f"nothing for {PATIENCE} s", PATIENCE)
        if response.status_code == 200 and response.headers.get("content-type", "").startswith("text/event-stream"):
            self.note("opened", "the stream begins")
            self.stream = Stream(client, response)
            return None
        return await self.refused(response)

    async def refused(self, response):
        status, text = response.status_code, (await response.aread()).decode(errors="replace")
        names = {401: "auth_required", **dict.fromkeys(set(range(400, 600)) - {401}, "error")}
        message = {"event": names.get(status), "error": f"HTTP {status}: {text}", "status": status}
        self.note("received", f"{status} {text!a}", text, message, "<x")

    async def read(self, until=None, wait=None):
        """Until the event with this index, the message of this name, or (None) until nothing comes."""
        wait = wait or (QUIET if until is None else PATIENCE)
        while self.stream:
            try:
                block = await asyncio.wait_for(self.stream.blocks.get(), wait)
            except asyncio.TimeoutError:
                return self.note("silence", f"nothing for {wait} s", wait)
            if block is None:
                broke, self.stream = self.stream.broke, None
                shown = f"the stream broke: {broke}" if broke else "the stream ended"
                return self.note("closed", shown, None if broke else shown)
            if self.take(block, until):
                return None

    async def disconnect(self, how):
        stream, self.stream = self.stream, None
        self.note("left", f"disconnects: {how}", how)
        if stream:
            await stream.leave(how)
            self.former.append(stream)

    async def request(self, method, path, token=None, form=None):
        with_token = " with a token" if token else ""
        self.note("asked", f"{method} {path}{with_token}", path, {"token": bool(token)})
        body, content_type = (urllib.parse.urlencode(form), FORM) if form else ("", None)
        client, response = await asked(method, path, body, content_type, authorization(token and "own"))
        if form:
            self.former.append(Stream(client, response))  # the run's events go on there
            text = await asyncio.wait_for(self.former[-1].blocks.get(), PATIENCE) or ""
            runs[form["session_id"]] = run_named(decoded(text))
        else:
            text = (await response.aread()).decode(errors="replace")
            last["the state"] = decoded(text)
        self.note("answered", f"{response.status_code} {text!a}", response.status_code, decoded(text))


async def asked(method, path, body, content_type, headers):
    """A client of its own for each request, and the answer, as far as its head."""
    client = httpx.AsyncClient(timeout=None)
    if content_type:
        headers = {**headers, "Content-Type": content_type}
    request = client.build_request(method, URL + path, content=body.encode() or None, headers=headers)
    return client, await asyncio.wait_for(client.send(request, stream=True), PATIENCE)


# ---- Common: the checks. ----
# ---- HTTP: the checks. ----
def shown(token):
    """Where a token is asked for, each request with this one is refused by 401, before any stream."""
    guarded = any(it.kind == "answered" and it.detail in (401, 403) for it in record)
    for request in record if guarded else []:
        if request.kind == "sent" and request.message.get("token") == token:
            for it in following(request)[:1]:
                yield it.named("auth_required"), "401, and nothing else", "a stream" if it.kind == "opened" else it


def without_token():
    return shown("none")


def with_wrong_token():
    return shown("wrong")


def over_after_replay():
    for it in returns():
        replay = it.first("replay")
        end = next((entry for entry in it.heard if replay and entry.place > replay.place and entry.kind in ("closed", "silence")), None)
        if end:
            yield end.kind == "closed" and not it.first("subscribed"), "the end of the stream after the replay", it.first("subscribed") or end


def invalid_refused():
    for request in requests("invalid"):
        for it in following(request)[:1]:
            good = it.named("error") and 400 <= it.message["status"] < 500
            yield good, "a status from 400 to 499", "a stream" if it.kind == "opened" else it


def streams():
    """What came on each stream, and how it ended."""
    beyond = {it.request.on for it in returns() if it.beyond}
    return [following(it) for it in record if it.kind == "opened" and it.on not in beyond]


def ends_rightly():
    """A stream ends after an ending, a replay, a pause or an error, and not before."""
    for heard in streams():
        final, may_end, over, latest = False, False, None, "the beginning"
        for it in (it for it in heard if it.kind == "received" and it.message.get("event")):
            latest = it
            if it.event() is not None:
                final = final or is_ending(it, run_named(it.message))
                may_end = final or it.named(*PAUSED)
                over = it if may_end else None
            elif it.named("error", "auth_required", "replay"):
                final = may_end = True
                over = None if it.message.get("total_events") else it
        end = next((it for it in heard if it.kind == "closed" or it.gave_up()), None)
        if end and end.kind == "closed":
            yield may_end, "an ending, a replay, a pause or an `error` before the end of the stream", f"the end after {latest}"
        elif end and over:
            yield False, f"the end of the stream after {over}", end


def question_told():
    told = {}
    for it in record:
        if it.event() is not None and it.named(*PAUSED) and not it.message.get("nested_depth"):
            run = run_named(it.message)
            told[run] = told.get(run) or bool(it.message.get(QUESTIONS))
    for request, answer in zip(record, record[1:]):
        run = request.detail.split("?")[0].rsplit("/", 1)[-1] if request.kind == "asked" else None
        if run in told and answer.kind == "answered":
            told[run] = told[run] or bool(answer.message.get(QUESTIONS))
            yield told[run], f"what the run waits for, as `{QUESTIONS}`", f"a state with the status {answer.message.get('status')}, without it"


def went_on(run, before):
    """The requests that let this run go on, up to this entry: over a stream of their own, or beside the viewers."""
    asked = [it for it in record if it.kind == "asked" and f"{run}/continue" in it.detail]
    streamed = [it for it in requests("continue-workflow") if it.message.get("run_id") == run and any(e.kind == "received" for e in following(it))]
    return [it for it in asked + streamed if it.place < before.place]


def pause_of(run, before):
    """The index of the latest pause of this run up to this entry."""
    return max((it.event() for it in of_run(run, before) if it.named(*PAUSED)), default=None)


def kept_after_pause():
    wanted = "the events after the pause, which the run had when it was continued"
    all_returns = returns()
    for it in all_returns:
        last_known = max((event.event() for event in of_run(it.run)), default=-1)
        for request in went_on(it.run, it.request)[-1:]:
            pause = pause_of(it.run, request)
            begin = max(it.next, (pause or 0) + 1)
            answer = it.answer()
            if pause is None or it.next > last_known + 1 or it.beyond or not answer:
                continue
            if answer.named("error"):
                yield False, wanted, answer
            elif it.ending():
                came = {event.event() for other in all_returns if other.run == it.run for event in other.events}
                lost = [event for event in of_run(it.run) if event.event() >= begin and event.event() not in came]
                yield not lost, wanted, f"all of the run, without {lost[0]}" if lost else it.ending()
            else:
                replay, ended = it.first("replay"), any(is_ending(event, it.run) for event in of_run(it.run, it.request))
                final = ended or replay and str(replay.message.get("status")).upper() in OUTCOMES.values()
                if ended and last_known < begin:
                    continue  # they had seen all of it
                if replay and final and it.stopped() and it.stopped().kind == "closed":
                    yield False, wanted, f"a replay that ends with {it.events[-1] if it.events else 'nothing'}"
                elif ended and it.stopped():
                    yield False, wanted, it.stopped()


def not_silent_after_leaving():
    for it in returns():
        last_known = max((event.event() for event in of_run(it.run)), default=-1)
        for request in went_on(it.run, it.request):
            left = any(entry.kind == "left" and entry.place < it.request.place for entry in following(request))
            if not left or any(is_ending(entry, it.run) for entry in following(request)):
                continue
            wanted = "further events of the run, or how it ended"
            if it.ending():
                yield True, wanted, it.ending()
            elif it.answer() and it.answer().named("error"):
                yield False, wanted, it.answer()
            elif last_known >= it.next and it.stopped():
                yield False, wanted, f"{it.stopped()} after {it.events[-1] if it.events else it.answer()}"


CHECKS.update({
    "AUTH-1": [without_token],
    "AUTH-2": [with_wrong_token],
    "AUTH-3": [without_token],
    "AUTH-4": [without_token],
    "REPLAY-4": [over_after_replay],
    "MALFORMED-1": [invalid_refused],
    "STREAM-1": [ends_rightly],
    "STREAM-5": [question_told],
    "CONTINUE-1": [kept_after_pause],
    "CONTINUE-2": [not_silent_after_leaving],
})


# ---- Common: the verdict. ----
