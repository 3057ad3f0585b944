"""Shows every event of a run once and in order, and comes back whenever the connection ends before the run does.
pip install websockets; python viewer.py [WORKFLOW_ID] ws://localhost:7777/workflows/ws
"""
import asyncio, json, os, random, sys, websockets

ENDINGS = {"WorkflowCompleted": "completed", "WorkflowError": "failed", "WorkflowCancelled": "cancelled"}
PATIENCE = {"first event": None, "event": None, "end of stream": 1}  # in seconds; 10 for everything else


def decode(frame):
    """The message in a frame: an object, or a server-sent event around one."""
    try:
        return dict(json.loads(frame if frame[:1] == "{" else frame.split("data: ", 1)[1]))
    except (TypeError, ValueError, IndexError):  # binary, or not JSON
        return {}


class Viewer:
    def __init__(self, workflow, token):
        self.start = {"action": "start-workflow", "workflow_id": workflow, "message": "Hello"}
        self.names = {"run_id": None, "workflow_id": workflow, "session_id": None}
        self.token, self.position, self.gap, self.tries = token, None, None, 0
        self.state, self.status, self.paused = None, None, False

    def become(self, state, status=None):
        if state != self.state:
            print(json.dumps({"state": state, "status": status, "run": self.names["run_id"]}), flush=True)
        self.state, self.status = state, status

    async def follow(self, url):
        while self.state not in ("ended", "refused"):
            self.waits, self.outcome = "greeting", None
            try:  # pings find a dead line; the last message of a run can be large
                async with websockets.connect(url, ping_interval=5, ping_timeout=9, close_timeout=1, max_size=None) as socket:
                    while self.state not in ("ended", "refused") and self.waits != "another connection":
                        message = decode(await asyncio.wait_for(socket.recv(), PATIENCE.get(self.waits, 10)))
                        if action := self.heard(message, message.get("event")):
                            await socket.send(json.dumps(action))
            except (OSError, websockets.WebSocketException, TimeoutError) as error:
                if self.waits == "first event":  # to start it again could make a second run
                    sys.exit(f"lost before the run's id came: {error!r}")
                self.become(*("ended", "cancelled") if self.waits == "end of stream" else ("away",))
            if self.state not in ("ended", "refused"):
                await asyncio.sleep(min(0.25 * 2**self.tries, 5) * random.uniform(1, 1.2))
                self.tries += 1

    def heard(self, message, name):
        if isinstance(message.get("event_index"), int):
            self.happened(message, name, message["event_index"])
        elif name == "connected" and message.get("requires_auth") and self.token:
            self.waits = "token"
            return {"action": "authenticate", "token": self.token}
        elif name == "connected" or name == "authenticated" and self.waits == "token":
            self.waits = "answer" if self.names["run_id"] else "first event"
            back = {"action": "reconnect", **self.names, "last_event_index": self.position}
            return back if self.names["run_id"] else self.start
        elif name in ("auth_required", "auth_error") or name == "error" and self.waits in ("answer", "first event"):
            self.become("refused", message.get("error"))
        elif name == "queued":
            self.names.update(run_id=message.get("run_id"), session_id=message.get("session_id"))
        elif name in ("catch_up", "replay"):  # a replay begins at event 0: what was shown is known
            self.waits, self.last = "missed event", message.get("total_events", 0) - 1
            self.outcome = str(message.get("status")).lower().replace("error", "failed") if name == "replay" else None
            self.become("catching_up")
        elif name == "subscribed":
            self.waits = "event"
            self.become("paused" if self.paused else "live")

    def happened(self, message, name, index):
        run, inner = message.get("workflow_run_id") or message.get("run_id"), (message.get("nested_depth") or 0) > 0
        self.names["run_id"] = self.names["run_id"] or run
        self.names["session_id"] = self.names["session_id"] or message.get("session_id")
        following = 0 if self.position is None else self.position + 1
        if run != self.names["run_id"] and not (inner and index == following):
            return  # another run's; a workflow within this one may name itself
        if index > following and self.gap != following:  # what is missing is asked for again, once
            self.gap, self.waits = following, "another connection"
            return self.become("away")
        if index > following:
            print(json.dumps({"gap": {"first": following, "last": index - 1}}), flush=True)
        if index >= following:  # the position is the last event that was shown
            print(json.dumps({"shown": {"run": self.names["run_id"], "event_index": index}}), flush=True)
            self.position, self.tries, self.paused = index, 0, name == "WorkflowPaused" and not inner
        own = not inner and message.get("run_id") == run
        ending = index >= self.last and self.outcome if self.outcome else own and ENDINGS.get(name)
        if ending == "cancelled" and not self.outcome:
            self.waits = "end of stream"
        elif ending in ENDINGS.values():
            self.become("ended", "cancelled" if self.waits == "end of stream" else ending)
        elif ending == "paused" or self.waits != "missed event":
            self.waits = "event"
            self.become("paused" if self.paused else "live")


if __name__ == "__main__":
    *workflow, url = sys.argv[1:] or [os.environ["RECONNECT_ACCEPTANCE_URL"]]
    viewer = Viewer(*workflow or ["content-creation-workflow"], os.environ.get("RECONNECT_ACCEPTANCE_TOKEN"))
    asyncio.run(viewer.follow(url))
    sys.exit(viewer.status != "completed")
