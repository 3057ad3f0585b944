#!/usr/bin/env python3
"""CATCHUP-2: Exactly as many missed events follow as `catch_up` announced in
`missed_events`.

To run it: pip install websockets; TOKEN=... python3 CATCHUP-2.py [URL]
"""

import asyncio, json, os, socket, struct, sys, time, uuid

import websockets

URL = sys.argv[1] if len(sys.argv) > 1 else "ws://example.org/workflows/ws"
TOKEN = os.environ["TOKEN"]  # never shown
CUT = None if os.environ.get("WHOLE") else 160  # WHOLE=1 shows messages whole
PATIENCE, QUIET = float(os.environ.get("PATIENCE", 10)), float(os.environ.get("QUIET", 2))
SESSION = "reproduction-" + uuid.uuid4().hex
away = asyncio.sleep
BEGIN, runs, last = time.monotonic(), {}, {}  # the run of a session; a name's last message


async def main():
    ada = Viewer("Ada")
    await ada.connect()
    await ada.say({"action": "authenticate", "token": TOKEN})
    await ada.read("authenticated")
    await ada.say({"action": "start-workflow", "message": "hello", "session_id": SESSION, "workflow_id": "w"})
    await ada.read(1)
    await ada.break_off()
    await away(0.1)
    await ada.connect()
    await ada.say({"action": "authenticate", "token": TOKEN})
    await ada.read("authenticated")
    await ada.say({"action": "reconnect", "last_event_index": 1, "run_id": runs[SESSION], "session_id": SESSION})
    await ada.read("WorkflowCompleted")
    await ada.leave()


class Viewer:
    def __init__(self, name):
        self.name, self.visit, self.seen = name.replace(" ", "_"), 0, None

    def show(self, sign, text):
        text = text.replace(TOKEN, "[token]")
        print(f"{time.monotonic() - BEGIN:8.3f} {self.name} {self.visit} {sign} {text}"[:CUT], flush=True)

    async def connect(self):
        self.visit += 1
        self.socket = await websockets.connect(URL, max_size=None, max_queue=None, ping_interval=None)
        self.show("==", "connected")
        await self.read("connected")

    async def read(self, goal=None, wait=None):
        """Until the event of this index, the message of this name, or (None) until nothing comes."""
        wait = wait or (QUIET if goal is None else PATIENCE)
        while True:
            try:
                text = await asyncio.wait_for(self.socket.recv(), wait)
            except asyncio.TimeoutError:
                return self.show("..", f"nothing for {wait} s")
            except websockets.ConnectionClosed as end:
                return self.show("==", f"closed by the server: {end.rcvd or 'without a close frame'}")
            try:
                message = json.loads(text.split("data: ", 1)[-1])
                index, run = message.get("event_index"), message.get("workflow_run_id") or message.get("run_id")
            except (ValueError, TypeError, AttributeError, RecursionError):
                message, index, run = {}, None, None
            self.show("<-", f"#{index} {text!a}")
            last[message.get("event")] = message
            if run and "session_id" in message:
                runs.setdefault(message["session_id"], run)
            if isinstance(index, int):
                self.seen = index
            if goal is not None and (message.get("event") == goal or isinstance(goal, int) and isinstance(index, int) and index >= goal):
                return

    async def say(self, message):
        text = json.dumps(message) if isinstance(message, dict) else message
        self.show("->", f"{text!a}")
        try:
            await self.socket.send(text)
        except websockets.ConnectionClosed as end:
            self.show("==", f"closed by the server: {end.rcvd or 'without a close frame'}")

    async def leave(self):
        self.show("==", "leaves politely")
        await self.socket.close()
        self.show("==", f"closed by the server: {self.socket.protocol.close_rcvd or 'without a close frame'}")

    async def break_off(self, how="abruptly"):
        self.show("==", f"leaves {how}")
        if how != "abruptly":
            self.socket.transport.write(b"\x81\xe4\0\0\0\0{\"action\"")  # ten bytes of a hundred
            await away(0.05)
        linger = struct.pack("ii", 1, 0)  # a reset, no goodbye
        self.socket.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.transport.abort()


asyncio.run(main())
print("rule:    ", "Exactly as many missed events follow as `catch_up` announced in `missed_events`.")
print("expected:", "2 events before `subscribed`")
print("observed:", "1 event before `subscribed`")
