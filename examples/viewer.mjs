// Shows every event of a run once and in order, and comes back whenever the connection ends before the run does.
// Without packages, in browsers (viewer.html) and in Node 22 or later (Node 20: node --experimental-websocket …):
// node viewer.mjs [WORKFLOW_ID] ws://localhost:7777/workflows/ws
const ENDINGS = { WorkflowCompleted: "completed", WorkflowError: "failed", WorkflowCancelled: "cancelled" };
const PATIENCE = { "first event": Infinity, event: Infinity, "end of stream": 1 }; // in seconds; 10 for everything else

function decode(frame) { // the message in a frame: an object, or a server-sent event around one
  try {
    return Object(JSON.parse(frame.startsWith("{") ? frame : frame.slice(frame.indexOf("data: ") + 6)));
  } catch { return {}; } // binary, or not JSON
}

/** Follows a run to its end, and gives its outcome. `show` gets what is to be shown. */
export const follow = (url, workflow_id, token, show) => new Promise((resolve) => {
  const names = { run_id: undefined, workflow_id, session_id: undefined };
  let [position, gap, tries, state, paused] = [null, null, 0, null, false];
  let socket, waits, outcome, last, answered, pinged, alive; // of the present connection
  const say = (action) => action && socket?.send(JSON.stringify(action));
  const clock = setInterval(() => { // a browser cannot send a WebSocket ping: `ping` finds a dead line
    const now = Date.now();
    if (!socket) return;
    if (now - answered > 1000 * (PATIENCE[waits] ?? 10) || now - alive > 15000) lost();
    else if (PATIENCE[waits] === Infinity && now - pinged > 5000) say({ action: "ping" }), (pinged = now);
  }, 500);
  connect();

  function connect() {
    const line = (socket = new WebSocket(url));
    [waits, outcome, answered, pinged, alive] = ["greeting", null, Date.now(), Date.now(), Date.now()];
    line.onerror = line.onclose = () => line === socket && lost(); // Node tells some failures by `error` alone
    line.onmessage = ({ data }) => line === socket && say(heard(decode(data)));
  }

  function leave() { // what the connection still says is not listened to
    const line = socket;
    socket = null;
    line?.close();
  }

  function lost() {
    leave();
    if (waits === "end of stream") return become("ended", "cancelled");
    if (waits === "first event") return resolve("unknown"); // to start it again could make a second run
    become("away");
    setTimeout(connect, Math.min(250 * 2 ** tries++, 5000) * (1 + Math.random() / 5));
  }

  function become(next, status) {
    if (next !== state) show({ state: next, status, run: names.run_id });
    state = next;
    if (next === "ended" || next === "refused") leave(), clearInterval(clock), resolve(status);
  }

  function heard(message) { // returns the action that follows from it, if there is one
    const { event: name, event_index: index } = message;
    alive = Date.now();
    if (name !== "pong") answered = alive;
    if (Number.isInteger(index)) happened(message, name, index);
    else if (name === "connected" && message.requires_auth && token) {
      waits = "token";
      return { action: "authenticate", token };
    } else if (name === "connected" || (name === "authenticated" && waits === "token")) {
      waits = names.run_id ? "answer" : "first event";
      const start = { action: "start-workflow", workflow_id, message: "Hello" };
      return names.run_id ? { action: "reconnect", ...names, last_event_index: position } : start;
    } else if (/^auth_(required|error)$/.test(name) || (name === "error" && /^(answer|first event)$/.test(waits))) {
      become("refused", message.error);
    } else if (name === "queued") [names.run_id, names.session_id] = [message.run_id, message.session_id];
    else if (name === "catch_up" || name === "replay") { // a replay begins at event 0: what was shown is known
      [waits, last] = ["missed event", message.total_events - 1];
      outcome = name === "replay" && String(message.status).toLowerCase().replace("error", "failed");
      become("catching_up");
    } else if (name === "subscribed") waits = "event", become(paused ? "paused" : "live");
  }

  function happened(message, name, index) {
    const run = message.workflow_run_id ?? message.run_id, inner = message.nested_depth > 0;
    [names.run_id, names.session_id] = [names.run_id ?? run, names.session_id ?? message.session_id];
    const next = (position ?? -1) + 1;
    if (run !== names.run_id && !(inner && index === next)) return; // another run's; a workflow within may name itself
    if (index > next && gap !== next) return (gap = next), lost(); // what is missing is asked for again, once
    if (index > next) show({ gap: { first: next, last: index - 1 } });
    if (index >= next) { // the position is the last event that was shown
      show({ shown: { run: names.run_id, event_index: index, event: name } });
      [position, tries, paused] = [index, 0, name === "WorkflowPaused" && !inner];
    }
    const ending = outcome ? index >= last && outcome : !inner && message.run_id === run && ENDINGS[name];
    if (ending === "cancelled" && !outcome) waits = "end of stream";
    else if (ending && ending !== "paused") become("ended", waits === "end of stream" ? "cancelled" : ending);
    else if (ending || waits !== "missed event") waits = "event", become(paused ? "paused" : "live");
  }
});

if (globalThis.process?.argv) {
  const { RECONNECT_ACCEPTANCE_URL: usual, RECONNECT_ACCEPTANCE_TOKEN: token } = process.env;
  const [url = usual, workflow = "content-creation-workflow"] = process.argv.slice(2).reverse();
  const status = await follow(url, workflow, token, (line) => console.log(JSON.stringify(line)));
  process.exit(status === "completed" ? 0 : 1);
}
