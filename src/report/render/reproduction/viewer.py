#!/usr/bin/env python3
"""Plays the exchange of one finding of reconnect-acceptance again and checks what comes.

To run it: pip install websockets; python3 THIS_FILE [URL]

Every message is shown: sent (->), received (<-), asked and answered over HTTP (=>, <=).
Exit code: 1 reproduced, 0 not reproduced, 2 this script cannot decide.

Environment: TOKEN (the server's token; never shown), WHOLE=1 (show messages in full),
PACE (seconds between two events of the run), PATIENCE (seconds to wait for a message),
QUIET (seconds of silence that mean "nothing more comes"), HTTP_URL (if it is not URL's host).
"""

import asyncio
import json
import os
import socket
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import websockets

# ---- The finding: the report replaces what is between these two lines. ----
REQUIREMENT = "CATCHUP-2"
RULE = "As many missed events follow as `catch_up` announced (`missed_events`)."
EXPECTED = "7 events before `subscribed`"
OBSERVED = "6 events before `subscribed`"
SERVER = "ws://localhost:7777/workflows/ws"
NEEDS_TOKEN = False


async def plan():
    session = new_session()
    ada = Viewer("Ada")
    await ada.connect()
    await ada.send({"action": "start-workflow", "workflow_id": "content-creation-workflow", "session_id": session})
    await ada.read(2)
    await ada.disconnect("close")
    await pause(events=7)
    await ada.connect()
    await ada.send({"action": "reconnect", "run_id": run_of(session), "last_event_index": 2})
    await ada.read("WorkflowCompleted")


# ---- The end of the finding. ----

URL = next((it for it in sys.argv[1:] if it != "--"), SERVER)
HTTP = os.environ.get("HTTP_URL") or "http" + URL[2:].split("/workflows/ws")[0]

# ---- Common: what happened. ----
TOKEN = os.environ.get("TOKEN", "")
CUT = None if os.environ.get("WHOLE") else 160
PACE = float(os.environ.get("PACE", "0.1"))
PATIENCE = float(os.environ.get("PATIENCE", "10"))
QUIET = float(os.environ.get("QUIET", "2"))
BEGIN = time.monotonic()

record = []  # what happened, in order
runs = {}  # the run's id by session
last = {}  # the latest message by name


class Stopped(Exception):
    """A step of the plan cannot be done."""


def new_session():
    return "reproduction-" + uuid.uuid4().hex


def run_of(session):
    if session not in runs:
        raise Stopped("no message told the id of the run")
    return runs[session]


async def pause(seconds=0.0, events=0):
    """Waits for so many seconds, and for as long as so many events of the run take."""
    await asyncio.sleep(seconds + events * PACE)


async def restart():
    try:
        await asyncio.to_thread(input, "Restart the server, then press Enter: ")
    except EOFError:
        raise Stopped("the server was not restarted: there is no keyboard to ask at") from None


def decoded(text):
    """The JSON object of a message in either framing; empty if it is none."""
    try:
        message = json.loads(text.split("data: ", 1)[-1])
    except (ValueError, TypeError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def is_index(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


class Entry:
    """One thing that happened on a connection of a viewer."""

    def __init__(self, viewer, connection, kind, detail, message):
        self.place, self.on, self.kind = len(record), (viewer, connection), kind
        self.detail, self.message = detail, message or {}

    def event(self):
        """The index of a received event; None for everything else."""
        index = self.message.get("event_index") if self.kind == "received" else None
        return index if isinstance(index, int) else None

    def named(self, *names):
        return self.kind == "received" and self.message.get("event") in names

    def action(self, *actions):
        return self.kind == "sent" and self.message.get("action") in actions

    def gave_up(self):
        return self.kind == "silence" and self.detail >= PATIENCE

    def __str__(self):
        if self.kind == "received":
            name = self.message.get("event") or ascii(self.detail)[:80]
            return f"`{name}`" if self.event() is None else f"event {self.event()} ({name})"
        if self.kind == "silence":
            return f"nothing for {self.detail:g} s"
        return "the connection closed"


SIGNS = {"sent": "->", "received": "<-", "silence": "..", "asked": "=>", "answered": "<="}


class Named:
    """A client with a name, on one connection after the other."""

    def __init__(self, name):
        self.name, self.connection = name.replace(" ", "_"), 0

    def note(self, kind, shown, detail=None, message=None, sign=None):
        record.append(Entry(self.name, self.connection, kind, detail, message))
        if TOKEN:
            shown = shown.replace(TOKEN, "[token]")
        sign = sign or SIGNS.get(kind, "==")
        line = f"{time.monotonic() - BEGIN:8.3f} {self.name} {self.connection} {sign} {shown}"
        print(line[:CUT], flush=True)

    def take(self, text, until):
        """Notes a message; gives whether it is what is waited for."""
        message = decoded(text)
        self.note("received", f"#{message.get('event_index')} {text!a}", text, message)
        name, index, run = message.get("event"), message.get("event_index"), run_named(message)
        last[str(name)] = message
        if run and isinstance(message.get("session_id"), str):
            runs.setdefault(message["session_id"], run)
        return name == until or is_index(until) and is_index(index) and index >= until


# ---- The WebSocket. ----
STARTED, COMPLETED, FAILED = "WorkflowStarted", "WorkflowCompleted", "WorkflowError"
CANCELLED, PAUSED = "WorkflowCancelled", ("WorkflowPaused",)
OVER_HTTP = False


def run_named(message):
    run = message.get("workflow_run_id") or message.get("run_id")
    return run if isinstance(run, str) else None


def confirmed():
    """What the paused run asked for, with a person's yes."""
    if "WorkflowPaused" not in last:
        raise Stopped("the run did not pause")
    return [{**it, "confirmed": True} for it in last["WorkflowPaused"]["step_requirements"]]


class Viewer(Named):
    """A client on one WebSocket after the other."""

    socket = None

    def closed(self, frame):
        self.note("closed", f"closed by the server: {frame or 'without a close frame'}", frame)

    async def connect(self):
        self.connection += 1
        self.socket = await websockets.connect(URL, max_size=None, max_queue=None, ping_interval=None)
        self.note("opened", "connected")
        await self.read("connected")

    async def send(self, message):
        text = json.dumps(message) if isinstance(message, dict) else message
        self.note("sent", f"{text!a}", text, message if isinstance(message, dict) else None)
        try:
            await self.socket.send(text)
        except websockets.ConnectionClosed as end:
            self.closed(end.rcvd)

    async def read(self, until=None, wait=None):
        """Until the event with this index, the message of this name, or (None) until nothing comes."""
        wait = wait or (QUIET if until is None else PATIENCE)
        while True:
            try:
                text = await asyncio.wait_for(self.socket.recv(), wait)
            except asyncio.TimeoutError:
                return self.note("silence", f"nothing for {wait} s", wait)
            except websockets.ConnectionClosed as end:
                return self.closed(end.rcvd)
            if self.take(text, until):
                return None

    async def disconnect(self, how):
        self.note("left", f"disconnects: {how}", how)
        if how == "close":
            await self.socket.close()
            return self.closed(self.socket.protocol.close_rcvd)
        transport = self.socket.transport
        if how == "silent":
            return transport.pause_reading()  # stays open, and is never read again
        if how == "mid-message":
            transport.write(b'\x81\xe4\0\0\0\0{"action"')  # ten bytes of a hundred
            await asyncio.sleep(0.05)
        reset = struct.pack("ii", 1, 0)  # no closing handshake, on TCP neither
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        transport.abort()

    async def request(self, method, path, token=None, form=None):
        data = urllib.parse.urlencode(form).encode() if form else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with_token = " with a token" if token else ""
        self.note("asked", f"{method} {path}{with_token}", path, {"token": bool(token)})
        request = urllib.request.Request(HTTP + path, data, headers, method=method)
        try:
            answer = await asyncio.to_thread(urllib.request.urlopen, request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            answer = error
        body = b""
        while (part := await asyncio.to_thread(answer.readline)) and not (form and part == b"\n"):
            body += part
        text = body.decode(errors="replace")
        self.note("answered", f"{answer.status} {text!a}", answer.status, decoded(text))
        if form:
            self.stream = answer  # stays open: the run's events go on there
            runs[form["session_id"]] = run_named(decoded(text))


# ---- Common: the checks. ----
ENDINGS = (COMPLETED, FAILED, CANCELLED)
OUTCOMES = {COMPLETED: "COMPLETED", FAILED: "ERROR", CANCELLED: "CANCELLED"}
ANSWERS = ("catch_up", "subscribed", "replay", "error", "auth_required")
UNKNOWN = "no-such"  # how the ids begin that the suite makes up


def following(entry):
    """What came on the connection after this entry."""
    return [it for it in record[entry.place + 1 :] if it.on == entry.on and it.kind != "sent"]


def of_run(run, before=None):
    """The events of a run that anybody received, up to this entry."""
    upto = record if before is None else record[: before.place]
    return [it for it in upto if it.event() is not None and run_named(it.message) == run]


def is_ending(entry, run):
    return entry.named(*ENDINGS) and entry.message.get("run_id") == run and not entry.message.get("nested_depth")


def cancelled(run, before):
    return any(it.kind == "asked" and f"{run}/cancel" in it.detail for it in record[: before.place])


class Subscription:
    """What one connection received for a run that its viewer started, returned to or continued."""

    def __init__(self, request):
        self.request, message = request, request.message
        self.starts = request.action("start-workflow")
        self.run = runs.get(message.get("session_id")) if self.starts else message.get("run_id")
        own = [it for it in record if it.on == request.on and it.action("start-workflow", "reconnect", "continue-workflow")]
        self.is_first = not any(it.place < request.place and run_asked(it) == self.run for it in own)
        ends = [it.place for it in own if it.place > request.place and run_asked(it) == self.run]
        ends += [it.place + 1 for it in following(request) if it.kind == "left"]
        upto = min(ends, default=len(record))
        asked = {run_asked(it) for it in own}
        self.heard = [it for it in following(request) if it.place < upto and self.is_own(it, asked)]
        self.position = message.get("last_event_index")
        self.events = [it for it in self.heard if it.event() is not None]
        known = [it.event() for it in of_run(self.run, request)]
        if request.action("continue-workflow"):
            self.next = max(known, default=-1) + 1
        elif not is_index(self.position) or self.first("replay") and not OVER_HTTP:
            self.next = 0
        else:
            self.next = self.position + 1
        self.was_over = any(is_ending(it, self.run) for it in of_run(self.run, request))
        self.beyond = is_index(self.position) and self.position > max((it.event() for it in of_run(self.run)), default=0)

    def is_own(self, entry, asked):
        run, nested = run_named(entry.message), entry.message.get("nested_depth")
        return run in (None, self.run) or bool(nested) and run not in runs.values() and len(asked) == 1

    def first(self, *names):
        return next((it for it in self.heard if it.named(*names)), None)

    def answer(self):
        """The first answer, event, or end of waiting."""
        found = (it for it in self.heard if it.named(*ANSWERS) or it.event() is not None or it.gave_up() or it.kind == "closed")
        return next(found, None)

    def ending(self):
        return next((it for it in self.heard if is_ending(it, self.run)), None)

    def nothing_to_come(self):
        """Whether the replay over HTTP has nothing after the viewer's position, as it says."""
        replay = self.first("replay") if OVER_HTTP else None
        return bool(replay) and not self.events and replay.message.get("total_events") == 0

    def stopped(self):
        """Where the viewer waited without success, or was cut off; None if neither happened."""
        return next((it for it in self.heard if it.gave_up() or it.kind == "closed"), None)


def run_asked(entry):
    return runs.get(entry.message.get("session_id")) if entry.action("start-workflow") else entry.message.get("run_id")


def requests(*actions):
    return [it for it in record if it.action(*actions)]


def subscriptions(*actions):
    actions = actions or ("start-workflow", "reconnect", "continue-workflow")
    found = (Subscription(it) for it in requests(*actions))
    return [it for it in found if it.run in runs.values()]


def returns():
    return [it for it in subscriptions("reconnect") if it.is_first]


# Each check yields (whether it is as expected, what was expected, what was observed) for each case that
# the record decides, and nothing for the others.


def answered(asked, names, closing=False):
    """Each of these requests is answered by a message of one of these names."""
    for request in asked:
        watched = {run_named(it.message) for it in record[: request.place] if it.on == request.on and it.event() is not None}
        for it in following(request):
            if it.event() is not None and run_named(it.message) in watched or it.kind in ("opened", "left") or it.named("connected"):
                continue
            if it.kind == "silence" and not it.gave_up():
                continue
            good = it.named(*names) or closing and it.kind == "closed" and it.detail is not None
            yield good, " or ".join(f"`{name}`" for name in names), it
            break


def greeting():
    for entry in (it for it in record if it.kind == "opened"):
        for it in following(entry)[:1]:
            good = it.named("connected") and isinstance(it.message.get("requires_auth"), bool)
            yield good, "`connected` first, with `requires_auth`", it


def pong():
    return answered(requests("ping"), ("pong", "auth_required"))


def before_authentication():
    """Requests on a guarded connection before it is authenticated."""
    for request in (it for it in record if it.kind == "sent" and not it.action("authenticate")):
        earlier = [it for it in record[: request.place] if it.on == request.on]
        guarded = any(it.message.get("requires_auth") is True for it in earlier)
        if guarded and not any(it.named("authenticated") for it in earlier):
            yield request


def unauthenticated():
    return answered(before_authentication(), ("auth_required",))


def wrong_token():
    wrong = (it for it in requests("authenticate") if it.message.get("token") != TOKEN)
    return answered(wrong, ("auth_error",))


def same_gate():
    refused = [it for it in record if it.kind == "answered" and it.detail in (401, 403)]
    for it in record if refused else []:
        if it.named("connected"):
            yield it.message.get("requires_auth") is True, "`requires_auth` true, as over HTTP", it


def unknown_workflow():
    unknown = (it for it in requests("start-workflow") if str(it.message.get("workflow_id") or UNKNOWN).startswith(UNKNOWN))
    return answered(unknown, ("error",))


def unknown_run():
    return answered((it for it in requests("reconnect") if str(it.message.get("run_id")).startswith(UNKNOWN)), ("error",))


def no_run():
    return answered((it for it in requests("reconnect") if it.message.get("run_id") is None), ("error",))


def still_usable():
    """A ping after a refusal or a replay is answered."""
    refusals = [it for it in record if it.named("error", "replay")]
    return answered((ping for ping in requests("ping") if any(it.on == ping.on and it.place < ping.place for it in refusals)), ("pong",))


def malformed():
    known = ("authenticate", "ping", "start-workflow", "reconnect", "continue-workflow")
    return answered((it for it in record if it.kind == "sent" and not it.action(*known)), ("error",), closing=True)


def every_answer():
    for request in (it for it in record if it.kind == "sent"):
        end = next((it for it in following(request) if it.kind != "left"), None)
        if request.action("ping"):
            yield from answered([request], ("pong", "auth_required", "error"), closing=True)
        elif end and (end.kind != "silence" or end.gave_up()):
            yield not end.gave_up(), f"an answer within {PATIENCE:g} s", end


def closing():
    for entry in (it for it in record if it.kind == "left" and it.detail == "close"):
        for it in following(entry)[:1]:
            yield it.detail is not None, "a close frame from the server", it


def strict_json():
    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    for it in record:
        if it.kind == "received" and isinstance(it.detail, str):
            try:
                json.dumps(json.loads(it.detail.split("data: ", 1)[-1], parse_constant=refuse), ensure_ascii=False).encode()
                yield True, "strict JSON", it
            except ValueError as error:
                yield False, "strict JSON", f"{it}: {error}"


def text_kept():
    for it in subscriptions("start-workflow"):
        text = it.request.message.get("message")
        contents = [str(event.message.get("content")) for event in of_run(it.run)]
        near = [content for content in contents if isinstance(text, str) and letters(text) in letters(content)]
        if near:
            yield any(text in content for content in near), f"the content {text!a}", ascii(near[0])


def letters(text):
    return "".join(it for it in text if it.isascii() and it.isalnum())


def order(found=None):
    """Events begin after the viewer's position and go on one by one."""
    for it in subscriptions() if found is None else found:
        if it.is_first and it.events and not it.beyond:
            yield in_order(it.events, first_kept(it))


def first_kept(it):
    """The index that the events begin with; any, where the server says that it keeps fewer than there were."""
    said, until = it.first("catch_up", "subscribed", "replay"), it.first("subscribed")
    told = said.message if said else {}
    missed = [event.event() for event in it.events if until is None or event.place < until.place]
    count = told.get("current_event_count")
    dropped = told.get("dropped_events") or is_index(count) and max(missed, default=0) >= count
    return it.events[0].event() if dropped else it.next


def in_order(events, following_index):
    for event in events:
        if event.event() != following_index:
            return False, f"event {following_index}", event
        following_index += 1
    return True, "events one by one", events[-1]


def order_from_start():
    return order(subscriptions("start-workflow"))


def order_of_missed():
    for it in returns():
        end = it.first("subscribed")
        missed = [event for event in it.events if end and event.place < end.place]
        if missed and not it.first("replay"):
            yield in_order(missed, it.next)


def order_after_pause():
    for it in subscriptions("continue-workflow"):
        if it.events:
            yield in_order(it.events, it.next)


def ends():
    """A viewer who reads on gets the run's ending, once and last."""
    for it in subscriptions():
        ending, stopped = it.ending(), it.stopped()
        if ending:
            later = [event for event in it.events if event.place > ending.place]
            if ending.named(CANCELLED):
                later = [event for event in later if not event.named(COMPLETED)] or later[1:]
            yield not later, f"nothing after {ending}", later[0] if later else ending
        elif stopped and not it.first("error", *PAUSED) and not it.nothing_to_come() and not it.beyond:
            yield False, "the run's ending", stopped


def fails():
    for it in subscriptions():
        end = it.ending() or it.stopped()
        if end:
            yield end.named(FAILED), f"`{FAILED}`", end


def is_cancelled():
    for it in subscriptions():
        asked = [entry for entry in record if entry.kind == "asked" and f"{it.run}/cancel" in entry.detail]
        end = next((entry for entry in it.heard if asked and entry.place > asked[0].place and (is_ending(entry, it.run) or entry.gave_up())), None)
        if end and not it.first("replay"):
            yield end.named(CANCELLED), f"`{CANCELLED}`", end


def goes_on():
    """A run goes on without the viewer who started it: a viewer who returns gets its ending."""
    for it in returns():
        end = it.ending() or it.first("error") or it.stopped()
        if end:
            yield is_ending(end, it.run), "the run's ending", end


def starts_well():
    for it in subscriptions("start-workflow"):
        if it.events:
            event = it.events[0]
            good = event.named(STARTED) and event.event() == 0 and event.message.get("run_id") == it.run
            yield good, f"event 0 ({STARTED}) with the run's id", event


def caught_up_first():
    for it in returns():
        answer = it.answer()
        if answer and not (it.was_over or it.beyond or answer.named("replay")):
            # With `subscribed` first nothing may have been missed: the count tells.
            came = [event.event() for event in it.events]
            missed = is_index(answer.message.get("current_event_count")) and answer.message["current_event_count"] > it.next
            none_missed = answer.named("subscribed") and not missed and (not came or came[0] == it.next)
            if not none_missed:
                yield answer.named("catch_up"), "`catch_up` first", answer


def missed_count():
    for it in returns():
        catch_up, subscribed = it.first("catch_up"), it.first("subscribed")
        # Without `subscribed`, the end of a stream over HTTP does not tell what was missed.
        stopped = it.stopped()
        end = subscribed or (None if OVER_HTTP and stopped and stopped.kind == "closed" else stopped)
        if catch_up and end:
            came = sum(event.place < end.place for event in it.events)
            announced = catch_up.message.get("missed_events")
            yield announced == came, f"{announced} events before `subscribed`", f"{came} events"


def subscribed_once():
    for it in returns():
        catch_up = it.first("catch_up")
        said = [entry for entry in it.heard if entry.named("subscribed")]
        end = it.ending() or it.stopped()
        if catch_up and (said or end):
            missed = it.next + (catch_up.message.get("missed_events") or 0)
            place = said[0].place if said else 0
            late = [event for event in it.events if (event.event() < missed) != (event.place < place)]
            good = len(said) == 1 and not late and place > catch_up.place
            seen = f"{len(said)} `subscribed`" + (f", {late[0]} on the wrong side" if late else "")
            yield good, "`subscribed` once, between missed and live events", seen


def counts():
    for it in returns():
        for said in (entry for entry in it.heard if entry.named("catch_up", "subscribed")):
            count, status = said.message.get("current_event_count"), str(said.message.get("status")).lower()
            before = [event.event() + 1 for event in it.events if event.place < said.place]
            least = it.next + (said.message.get("missed_events") or 0) if said.named("catch_up") else max(before, default=it.next)
            ended = it.ending()
            most = ended.event() + 1 if ended else count
            good = status == "running" and is_index(count) and least <= count <= most
            yield good, f"{said}: running, {least} to {most} events", f"{status}, {count} events"


def history():
    for it in returns():
        answer = it.answer()
        if answer and not is_index(it.position) and it.position is None:
            yield answer.named("catch_up", "subscribed", "replay"), "the whole history", answer


def let_back():
    for it in returns():
        if it.answer():
            yield not it.answer().named("error"), "no refusal", it.answer()


def not_silent():
    for it in returns():
        answer = it.answer()
        if answer and not it.beyond:
            yield not answer.gave_up(), "an answer, and what was missed", answer


def rest_for_somebody():
    """Of many viewers who are back, at least one gets the rest of the run, where somebody got it."""
    latest = {(it.run, it.request.on[0]): it for it in returns() if not it.first("replay")}
    for run in set(runs.values()):
        back = [it for (of, _), it in latest.items() if of == run]
        endings = [it.ending() for it in back if it.ending()]
        expected = f"the rest of the run for at least one of {len(back)} viewers"
        if len(back) < 5 or not any(is_ending(it, run) for it in of_run(run)):
            continue
        if endings:
            yield True, expected, endings[0]
        elif all(it.stopped() and not it.first("error", *PAUSED) and not it.beyond for it in back):
            yield False, expected, back[-1].stopped()


def replayed():
    for it in returns():
        answer = it.answer()
        if answer and (it.was_over or answer.named("replay")):
            yield answer.named("replay"), "`replay` first: the run is over", answer
            if it.events and it.first("replay"):
                yield in_order(it.events, it.next)
            end = it.ending() or it.stopped()
            if end and answer.named("replay") and not it.nothing_to_come():
                yield end.event() is not None or bool(it.first(*PAUSED)), "the ending", end


def replay_count():
    for it in returns():
        replay = it.first("replay")
        over = ("silence", "left", "closed") if OVER_HTTP else ("silence", "left")
        if replay and any(entry.kind in over or is_ending(entry, it.run) for entry in it.heard):
            total = replay.message.get("total_events")
            yield total == len(it.events), f"{total} events", f"{len(it.events)} events"


def replay_status():
    for it in returns():
        answer = it.answer()
        ended = [event for event in of_run(it.run) if is_ending(event, it.run)]
        wanted = {"CANCELLED"} if cancelled(it.run, it.request) else {OUTCOMES[event.message["event"]] for event in ended}
        if answer and len(wanted) == 1 and (it.was_over or answer.named("replay") or cancelled(it.run, it.request)):
            status = str(answer.message.get("status")).upper()
            yield answer.named("replay") and status in wanted, f"`replay` with the status {min(wanted)}", f"{answer}, {status}"


def nothing_after_cancelled():
    for it in returns():
        ending = it.ending()
        if it.first("replay") and ending and ending.named(CANCELLED):
            later = [event for event in it.events if event.place > ending.place]
            later = later[1:] if later and later[0].named(COMPLETED) else later
            yield not later, f"nothing after {ending}", later[0] if later else ending


def after_replay():
    for it in returns():
        if it.first("replay"):
            bad = it.first("subscribed") or next((entry for entry in it.heard if entry.kind == "closed" and it.ending()), None)
            left = any(entry.kind == "left" and entry.on == it.request.on for entry in record)
            if not (bad and bad.kind == "closed" and left):
                yield not bad, "no `subscribed` and no close after a replay", bad or "neither"


def same(fields):
    """Deliveries of one event carry the same in these fields."""
    seen = {}
    for it in record:
        if it.event() is not None:
            value = {name: value for name, value in it.message.items() if fields(name) and value is not None}
            first = seen.setdefault((run_named(it.message), it.event()), value)
            if first is not value:
                differ = sorted(name for name in {**first, **value} if first.get(name) != value.get(name))
                yield not differ, "the same event again", f"{it} with another {', '.join(differ)}" if differ else it


def same_event():
    for it in record:
        label = it.detail.split("\n")[0] if it.event() is not None and isinstance(it.detail, str) else ""
        if label.startswith("event: "):
            yield label == f"event: {it.message.get('event')}", f"one name for {it}", f"the line `{label}`"
    yield from same(lambda name: name in ("event", "content") or name.endswith("_id"))


def same_payload():
    return same(lambda _: True)


def again():
    for it in returns():
        came = {event.event() for event in it.events}
        if came:
            known = {event.event() for event in of_run(it.run)}
            lost = sorted(index for index in known - came if it.next <= index <= max(came))
            yield not lost, "every event again", f"no event {lost[0]}" if lost else "every event"


def not_twice():
    for it in subscriptions():
        replay = it.first("replay")
        indices = [event.event() for event in it.events if not replay or event.place > replay.place]
        twice = [index for place, index in enumerate(indices) if index in indices[:place]]
        if indices:
            yield not twice, "each event once", f"event {twice[0]} twice" if twice else "each event once"
        if not it.is_first and it.events and not replay:
            before = {event.event() for event in of_run(it.run, it.request) if event.on == it.request.on}
            twice = [event for event in it.events if event.event() in before]
            yield not twice, "each event once on a connection", twice[0] if twice else "each event once"


def own_runs():
    for it in record:
        if it.event() is not None and not it.message.get("nested_depth"):
            asked = {run_asked(entry) for entry in record if entry.on == it.on and entry.kind == "sent"}
            yield run_named(it.message) in asked, "events of the viewer's own run", it


def assigned():
    for it in record:
        if it.event() is not None and not it.message.get("nested_depth"):
            yield run_named(it.message) in runs.values(), "an event that names its workflow's run", it


def not_shown():
    sessions = {run: session for session, run in runs.items()}
    for it in returns():
        session = it.request.message.get("session_id")
        started = next((entry.message for entry in requests("start-workflow") if run_asked(entry) == it.run), {})
        workflow = it.request.message.get("workflow_id")
        other = session not in (None, sessions[it.run]) or started and workflow not in (None, started.get("workflow_id"))
        if other and it.answer():
            yield it.answer().named("error"), "`error`, as for an unknown run", it.answer()


def pause_told():
    for it in returns():
        if any(entry.named(*PAUSED) for entry in of_run(it.run, it.request)) and (it.events or it.stopped()):
            told = it.first(*PAUSED)
            yield bool(told) or it.nothing_to_come(), f"`{PAUSED[0]}`", told or it.stopped() or it.events[-1]
    for it in subscriptions("continue-workflow"):
        answer = it.answer()
        if answer:
            yield answer.event() is not None, "the run goes on", answer


INSIDES = ("Traceback", "not supported between", "object ", "invalid literal", "TypeError", "NoneType", "<class '", ".py")


def odd_position():
    for it in returns():
        answer = it.answer()
        if answer and it.position is not None and not is_index(it.position):
            told = [word for word in INSIDES if word in str(answer.message.get("error"))]
            good = answer.named("error") and not told
            yield good, "`error` without the server's insides", f"{answer}: {answer.message.get('error')}"


def beyond_refused():
    for it in returns():
        if it.beyond and it.answer() and not it.was_over:
            yield it.answer().named("error"), "`error` for a position beyond the run", it.answer()


def beyond_told():
    for it in returns():
        end = it.first("error") or it.ending() or it.stopped()
        if it.beyond and end:
            yield not end.gave_up(), "an `error`, or the run's ending", end


def own_indices():
    for it in subscriptions():
        ended = [event.event() for event in of_run(it.run) if is_ending(event, it.run)]
        for event in it.events:
            good = event.event() >= 0 and (not ended or event.event() <= max(ended))
            yield good, "an index from 0 up to the ending's", event
    yield from same_event()


def told_finished():
    for it in returns():
        ended = [event.event() for event in of_run(it.run, it.request) if is_ending(event, it.run)]
        if ended and it.position in ended and it.answer():
            yield it.answer().named("replay"), "`replay`", it.answer()


CHECKS = {
    "GREETING-1": [greeting],
    "GREETING-2": [pong],
    "AUTH-1": [unauthenticated],
    "AUTH-2": [wrong_token, unauthenticated],
    "AUTH-3": [unauthenticated],
    "AUTH-4": [same_gate, unauthenticated],
    "START-1": [starts_well],
    "START-2": [order_from_start],
    "START-3": [ends],
    "START-4": [unknown_workflow],
    "START-5": [assigned],
    "START-6": [goes_on],
    "START-7": [order_from_start],
    "CATCHUP-1": [caught_up_first],
    "CATCHUP-2": [missed_count],
    "CATCHUP-3": [order_of_missed],
    "CATCHUP-4": [subscribed_once],
    "CATCHUP-5": [order, ends],
    "CATCHUP-7": [counts],
    "HISTORY-1": [history, order, ends],
    "HISTORY-2": [history, order, ends],
    "REPLAY-1": [replayed],
    "REPLAY-2": [replay_count],
    "REPLAY-3": [replay_status],
    "REPLAY-4": [after_replay, still_usable],
    "REPLAY-5": [same_payload, replayed],
    "FAILING-1": [fails],
    "FAILING-2": [replay_status],
    "CANCEL-1": [is_cancelled, ends],
    "CANCEL-2": [replay_status, nothing_after_cancelled],
    "PAUSE-1": [pause_told],
    "PAUSE-2": [order_after_pause],
    "HTTP-1": [history, order, ends],
    "CONTENT-1": [text_kept],
    "CONTENT-2": [strict_json],
    "CONTENT-3": [again],
    "IDENTITY-1": [same_event],
    "IDENTITY-2": [same_payload],
    "SEAM-1": [order, ends],
    "SEAM-2": [ends],
    "SEAM-3": [let_back, order, ends],
    "FLAPPING-1": [let_back, order, same_event],
    "FLAPPING-2": [let_back, order, ends],
    "VIEWERS-2": [own_runs],
    "VIEWERS-3": [let_back, not_silent, order, rest_for_somebody],
    "VIEWERS-6": [order, ends],
    "VIEWERS-7": [not_twice],
    "POSITION-1": [beyond_refused],
    "POSITION-2": [odd_position],
    "POSITION-3": [beyond_told],
    "POSITION-4": [own_indices],
    "POSITION-5": [told_finished],
    "RETENTION-1": [not_twice, same_event],
    "REFUSAL-1": [unknown_run],
    "REFUSAL-2": [no_run],
    "REFUSAL-3": [still_usable],
    "MALFORMED-1": [malformed],
    "MALFORMED-2": [order, ends],
    "OWNER-1": [not_shown],
    "RESTART-1": [replayed, same_event],
    "RESTART-2": [order_after_pause],
    "LIVENESS-1": [every_answer],
    "CLOSE-1": [closing],
}


# ---- Common: the verdict. ----
def decide(trouble):
    """Prints what the suite found and what came now; gives the exit code."""
    print(f"\nrule:     {RULE}\nthe suite expected: {EXPECTED}\nthe suite observed: {OBSERVED}\n")
    if REQUIREMENT not in CHECKS:
        print(f"observe by eye: expected {EXPECTED}; this script cannot decide")
        return 2
    cases = [case for check in CHECKS[REQUIREMENT] for case in check()]
    for good, expected, observed in cases:
        if not good:
            print(f"expected: {expected}\nobserved: {observed}\n{REQUIREMENT}: reproduced")
            return 1
    # A server that lets nobody in stops a plan that was made where it did.
    let_in = not any(it.named("auth_required", "auth_error") for it in record)
    if not cases or trouble and let_in:
        print(f"{REQUIREMENT}: this script cannot decide: {trouble or 'the situation did not come about'}")
        return 2
    print(f"expected and observed: {cases[-1][1]}, in {len(cases)} cases\n{REQUIREMENT}: not reproduced")
    return 0


def main():
    if NEEDS_TOKEN and not TOKEN:
        print("the plan needs the server's token: set TOKEN", file=sys.stderr)
        return 2
    trouble = None
    try:
        asyncio.run(plan())
    except Exception as error:
        trouble = f"the plan stopped: {type(error).__name__}: {error}"
    try:
        return decide(trouble)
    except Exception as error:
        print(f"{REQUIREMENT}: this script cannot decide: {type(error).__name__}: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())
