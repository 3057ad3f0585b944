"""A client of the workflow WebSocket, of the standard library alone, for tests of `client`.

It keeps every rule. The variable DEFECT names, separated by commas, what it does wrong instead.
"""

import base64
import json
import os
import socket
import struct
import sys
import time
import urllib.parse

DEFECTS = set(filter(None, os.environ.get("DEFECT", "").split(",")))
TOKEN = os.environ.get("RECONNECT_ACCEPTANCE_TOKEN")
CONTROLS = ("catch_up", "subscribed", "replay", "queued", "connected", "pong")
PING_EVERY = 3
ANSWER_WITHIN = 4


def has(defect):
    return defect in DEFECTS


def say(**what):
    print(json.dumps(what), flush=True)


class Lost(Exception):
    """The connection is over: why, and the close code if there was one."""


class Socket:
    """A WebSocket (RFC 6455), as far as this client needs one."""

    def __init__(self, url):
        at = urllib.parse.urlsplit(url)
        path = at.path + (f"?token={TOKEN}" if TOKEN and has("token-in-url") else "")
        self.tcp = socket.create_connection((at.hostname, at.port), timeout=10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.tcp.sendall(
            (
                f"GET {path} HTTP/1.1\r\nHost: {at.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        self.buffer = b""
        self.pinged = False
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if head.split()[1] != b"101":
            raise Lost("turned away")

    def more(self):
        got = self.tcp.recv(65536)
        if not got:
            raise Lost("the end of the connection")
        self.buffer += got

    def need(self, length):
        while len(self.buffer) < length:
            self.more()

    def frame(self, kind, data):
        mask, length = os.urandom(4), len(data)
        size = bytes([0x80 | length]) if length < 126 else bytes([0xFE]) + struct.pack(">H", length)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self.tcp.sendall(bytes([0x80 | kind]) + size + mask + masked)

    def send(self, **message):
        self.frame(1, json.dumps(message).encode())

    def take(self):
        """The next frame: its kind and its data."""
        kind, length, at = self.buffer[0] & 15, self.buffer[1] & 127, 2
        if length == 126:
            self.need(4)
            (length,), at = struct.unpack(">H", self.buffer[2:4]), 4
        elif length == 127:
            self.need(10)
            (length,), at = struct.unpack(">Q", self.buffer[2:10]), 10
        self.need(at + length)
        data, self.buffer = self.buffer[at : at + length], self.buffer[at + length :]
        return kind, data

    def read(self, limit=None):
        """The next message. Pings when nothing comes; `Lost` where nothing comes even so."""
        began = time.monotonic()
        while True:
            if limit and time.monotonic() - began > limit:
                raise Lost("no answer")
            self.tcp.settimeout(PING_EVERY)
            try:
                self.need(2)
            except TimeoutError:
                if has("no-heartbeat"):
                    continue
                if self.pinged:
                    raise Lost("a dead line") from None
                self.pinged = True
                self.frame(9, b"")
                continue
            self.tcp.settimeout(10)
            kind, data = self.take()
            self.pinged = False
            if kind == 9:
                self.frame(10, data)
            elif kind == 8:
                self.frame(8, data)
                raise Lost("closed", struct.unpack(">H", data[:2])[0] if data else 1005)
            elif kind in (1, 2):
                return kind, data


class Viewer:
    def __init__(self, url):
        self.url = url
        self.run = self.session = self.agent = self.shown_as = None
        self.seen = self.counted = self.first_seen = -1
        self.cancelled = self.replayed = self.catching_up = False

    def show_as(self, state):
        if state != self.shown_as:
            self.shown_as = state
            say(state=state)

    def connect(self):
        self.socket = Socket(self.url)
        greeting = json.loads(self.socket.read()[1])
        if greeting.get("requires_auth") and not (self.run and has("no-reauth")):
            self.socket.send(action="authenticate", token=TOKEN)
            if json.loads(self.socket.read()[1]).get("event") != "authenticated":
                if has("token-again"):
                    raise Lost("the token was refused")
                say(state="refused")
                sys.exit(3)

    def ask(self):
        if not self.run or has("restarts-run"):
            self.socket.send(action="start-workflow", workflow_id="w", message="hello")
            return
        at = self.first_seen if has("stale-position") else self.counted if has("counts-messages") else self.seen
        position = str(at) if has("text-position") else at if at >= 0 else None
        names = {} if has("names-run-only") else {"workflow_id": "w", "session_id": self.session}
        run = self.agent if has("agent-run-id") else self.run
        self.socket.send(action="reconnect", run_id=run, last_event_index=position, **names)

    def watch(self):
        limit = ANSWER_WITHIN if self.run and not has("waits-for-ever") else None
        while True:
            kind, data = self.socket.read(limit)
            limit = None
            self.hear(kind, data)

    def hear(self, kind, data):
        try:
            text = data.decode() if kind == 1 else ""
            wrapped = text.startswith(("event:", "data:"))
            if wrapped:
                text = "\n".join(line[5:] for line in text.splitlines() if line.startswith("data:"))
            message = json.loads(text)
        except ValueError:
            if has("dies-of-garbage"):
                sys.exit(1)
            return
        if not wrapped and has("sse-only") and message.get("event") not in CONTROLS:
            return
        name = message.get("event")
        if name == "error":
            if has("ignores-error"):
                raise Lost("an error")
            say(state="refused")
            sys.exit(4)
        self.tries = 0
        if name in CONTROLS:
            self.counted += 1
            self.replayed |= name == "replay"
            self.catching_up = name == "catch_up"
        elif "event_index" in message:
            self.event(name, message, wrapped)

    def event(self, name, message, wrapped):
        if has("known-names") and not name.startswith(("Run", "Step", "Workflow")):
            return
        run = message.get("workflow_run_id") or message["run_id"]
        if self.run and run != self.run and not has("all-runs"):
            return
        self.run = self.run or run
        self.session = self.session or message["session_id"]
        self.agent = message["run_id"]
        self.counted += 1
        index = message["event_index"]
        if index <= self.seen and not has("no-dedup"):
            return
        if index > self.seen + 1 and not has("ignores-gaps"):
            say(gap={"first": self.seen + 1, "last": index - 1})
        self.seen = max(index, self.seen)
        if wrapped:
            self.first_seen = self.seen
        if not (self.catching_up and has("drops-missed")):
            say(shown={"run": self.run, "event_index": index})
        own = "nested_depth" not in message and message["run_id"] == self.run
        self.cancelled |= own and name == "WorkflowCancelled"
        ends = ["WorkflowCompleted"] + ([] if has("blind-to-failure") else ["WorkflowError"])
        if own and name == "WorkflowPaused" and not has("blind-to-pause"):
            self.show_as("paused")
        elif own and name in ends and not (self.replayed and has("replay-is-live")):
            cancelled = self.cancelled and not has("completed-wins")
            say(state="ended", status="cancelled" if cancelled else name)
            if not has("back-after-ending"):
                self.socket.frame(8, struct.pack(">H", 1000))
                sys.exit(0)
        else:
            self.show_as("live")

    def follow(self):
        self.tries = 0
        while True:
            try:
                self.connect()
                self.ask()
                self.watch()
            except (Lost, OSError) as lost:
                if not has("live-while-away"):
                    self.show_as("away")
                clean = isinstance(lost, Lost) and lost.args[-1] in (1000, 1001, 1012)
                if has("gives-up") or (clean and has("clean-is-end")):
                    sys.exit(0)
                self.tries += 1
                if has("gives-up-soon") and self.tries > 2:
                    sys.exit(5)
                growing = min(0.3 * 1.5**self.tries, 5)
                time.sleep(0.01 if has("storms") else 0.5 if has("steady-pauses") else growing)


Viewer(sys.argv[-1]).follow()
