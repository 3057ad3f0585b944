//! The acts as a Python script: one line an act, and below them the helper that they speak through.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use serde_json::Value;

use crate::report::render::reproduction::About;
use crate::report::render::reproduction::act;
use crate::report::render::reproduction::act::{Act, Acts, Goal, Step};
use crate::report::render::reproduction::literal;
use crate::report::text::escape::{escape_visible, wrap};
use crate::transcript::Disconnect;

/// Longer sentences are cut, in characters.
const LONGEST: usize = 600;
/// As wide as a line of prose gets, in columns.
const WIDTH: usize = 88;

/// The whole script.
pub(crate) fn script(about: &About<'_>, actions: &Acts) -> String {
    let mut out = String::new();
    head(&mut out, about, actions);
    settings(&mut out, about, actions);
    out += "\n\nasync def main():\n";
    let names = names(&actions.viewers);
    for (viewer, name) in actions.viewers.iter().zip(&names) {
        line(
            &mut out,
            &format!("{name} = Viewer({})", literal::text(viewer)),
        );
    }
    for step in &actions.steps {
        for one in lines(step, actions, &names[step.viewer]) {
            line(&mut out, &one);
        }
    }
    helper(&mut out, actions);
    out += "\n\nasyncio.run(main())\n";
    for (word, text) in about.said() {
        let text = literal::text(&escape_visible(text, LONGEST));
        let _ = writeln!(out, "print({}, {text})", literal::text(word));
    }
    out
}

/// Writing to a string cannot fail.
fn line(out: &mut String, code: &str) {
    let _ = writeln!(out, "    {code}");
}

fn head(out: &mut String, about: &About<'_>, actions: &Acts) {
    out.push_str("#!/usr/bin/env python3\n\"\"\"");
    let mut paragraph = |text: &str| {
        // Escaped line by line: no line ends within an escape.
        for line in wrap(&escape_visible(text, LONGEST), WIDTH) {
            let _ = writeln!(out, "{}", literal::escaped(&line));
        }
    };
    paragraph(&format!(
        "{}: {}",
        about.requirement.id, about.requirement.title
    ));
    if actions.luck || actions.tight {
        *out += LUCK;
    }
    let token = if actions.needs_token() {
        "TOKEN=... "
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "\nTo run it: pip install websockets; {token}python3 {}.py [URL]\n\"\"\"\n",
        about.requirement.id
    );
}

/// What the suite could do, and a script cannot.
const LUCK: &str = "
The suite held the run at an exact event, which a script cannot: it may take several tries, and
a longer time between two events helps.
";

fn settings(out: &mut String, about: &About<'_>, actions: &Acts) {
    let http = actions.uses(|act| matches!(act, Act::Ask { .. } | Act::StartBeside { .. }));
    let abrupt =
        actions.uses(|act| matches!(act, Act::Leave(Disconnect::Reset | Disconnect::MidMessage)));
    let mut modules: BTreeSet<&str> = ["asyncio", "json", "os", "sys", "time"].into();
    if http {
        modules.extend(["urllib.error", "urllib.parse", "urllib.request"]);
    }
    if abrupt {
        modules.extend(["socket", "struct"]);
    }
    if !actions.sessions.is_empty() {
        modules.insert("uuid");
    }
    let modules: Vec<&str> = modules.into_iter().collect();
    let _ = writeln!(out, "import {}\n\nimport websockets\n", modules.join(", "));
    let url = literal::text(&about.target.url);
    let _ = writeln!(out, "URL = sys.argv[1] if len(sys.argv) > 1 else {url}");
    if http {
        *out += "HTTP = os.environ.get(\"HTTP_URL\") or \"http\" + URL[2:].split(\"/workflows/ws\")[0]\n";
    }
    if actions.needs_token() {
        *out += "TOKEN = os.environ[\"TOKEN\"]  # never shown\n";
    }
    *out += "CUT = None if os.environ.get(\"WHOLE\") else 160  # WHOLE=1 shows messages whole\n";
    *out += "PATIENCE, QUIET = float(os.environ.get(\"PATIENCE\", 10)), float(os.environ.get(\"QUIET\", 2))\n";
    if actions.uses(|act| matches!(act, Act::AwayFor(_))) {
        *out += "PACE = float(os.environ.get(\"PACE\", 0.1))  # seconds between two events: serve --pace 100ms\n";
    }
    for place in 0..actions.sessions.len() {
        let _ = writeln!(
            out,
            "{} = \"reproduction-\" + uuid.uuid4().hex",
            session(actions, place)
        );
    }
    *out += "away = asyncio.sleep\n";
    *out += "BEGIN, runs, last = time.monotonic(), {}, {}  # the run of a session; a name's last message\n";
}

/// The helper, without what no act needs.
fn helper(out: &mut String, actions: &Acts) {
    let token = actions.needs_token();
    *out += "\n\nclass Viewer:\n    def __init__(self, name):\n        self.name, self.visit, self.seen = name.replace(\" \", \"_\"), 0, None\n\n";
    *out += "    def show(self, sign, text):\n";
    if token {
        *out += "        text = text.replace(TOKEN, \"[token]\")\n";
    }
    *out += "        print(f\"{time.monotonic() - BEGIN:8.3f} {self.name} {self.visit} {sign} {text}\"[:CUT], flush=True)\n";
    if actions.uses(|act| matches!(act, Act::Connect)) {
        *out += CONNECT;
        *out += READ;
    }
    if actions.uses(|act| matches!(act, Act::Outgoing(_) | Act::SayText(_) | Act::SayBytes(_))) {
        *out += SAY;
    }
    if actions.uses(|act| matches!(act, Act::Leave(Disconnect::Close))) {
        *out += LEAVE;
    }
    if actions.uses(|act| matches!(act, Act::Leave(Disconnect::Silent))) {
        *out += VANISH;
    }
    if actions.uses(|act| matches!(act, Act::Leave(Disconnect::Reset | Disconnect::MidMessage))) {
        *out += BREAK_OFF;
    }
    if actions.uses(|act| matches!(act, Act::Ask { .. } | Act::StartBeside { .. })) {
        *out += ASK;
    }
}

const CONNECT: &str = r##"
    async def connect(self):
        self.visit += 1
        self.socket = await websockets.connect(URL, max_size=None, max_queue=None, ping_interval=None)
        self.show("==", "connected")
        await self.read("connected")
"##;

const READ: &str = r##"
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
"##;

const SAY: &str = r##"
    async def say(self, message):
        text = json.dumps(message) if isinstance(message, dict) else message
        self.show("->", f"{text!a}")
        try:
            await self.socket.send(text)
        except websockets.ConnectionClosed as end:
            self.show("==", f"closed by the server: {end.rcvd or 'without a close frame'}")
"##;

const LEAVE: &str = r##"
    async def leave(self):
        self.show("==", "leaves politely")
        await self.socket.close()
        self.show("==", f"closed by the server: {self.socket.protocol.close_rcvd or 'without a close frame'}")
"##;

const VANISH: &str = r##"
    async def vanish(self):
        self.show("==", "leaves without a word")
        self.socket.transport.pause_reading()  # stays open, and is never read again
"##;

const BREAK_OFF: &str = r##"
    async def break_off(self, how="abruptly"):
        self.show("==", f"leaves {how}")
        if how != "abruptly":
            self.socket.transport.write(b"\x81\xe4\0\0\0\0{\"action\"")  # ten bytes of a hundred
            await away(0.05)
        linger = struct.pack("ii", 1, 0)  # a reset, no goodbye
        self.socket.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.transport.abort()
"##;

const ASK: &str = r##"
    async def ask(self, method, path, token=None, form=None):
        data = urllib.parse.urlencode(form).encode() if form else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.show("=>", f"{method} {path}{' with a token' if token else ''}")
        request = urllib.request.Request(HTTP + path, data, headers, method=method)
        try:
            self.answer = await asyncio.to_thread(urllib.request.urlopen, request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            self.answer = error
        body, status = b"", self.answer.status
        while (part := await asyncio.to_thread(self.answer.readline)) and not (form and part == b"\n"):
            body += part
        self.show("<=", f"{status} {body.decode(errors='replace')!a}")
        if form:
            found = json.loads(body.decode().split("data: ", 1)[-1])
            runs[form["session_id"]] = found.get("workflow_run_id") or found["run_id"]
"##;

fn session(actions: &Acts, place: usize) -> String {
    match actions.sessions.len() {
        1 => "SESSION".to_owned(),
        _ => format!("SESSION_{}", place + 1),
    }
}

/// The lines of one act.
fn lines(step: &Step, actions: &Acts, me: &str) -> Vec<String> {
    let one = match &step.act {
        Act::Connect => format!("await {me}.connect()"),
        Act::Outgoing(said) => format!("await {me}.say({})", message(said, actions)),
        Act::SayText(text) => format!("await {me}.say({})", literal::text(text)),
        Act::SayBytes(length) => format!("await {me}.say(bytes({length}))"),
        Act::Read(goal) => format!("await {me}.read({})", until(goal)),
        Act::Leave(how) => match how {
            Disconnect::Close => format!("await {me}.leave()"),
            Disconnect::Silent => format!("await {me}.vanish()"),
            Disconnect::Reset => format!("await {me}.break_off()"),
            Disconnect::MidMessage => {
                format!("await {me}.break_off({})", literal::text(how.word()))
            }
        },
        Act::AwayFor(events) => {
            format!("await away({events} * PACE)  # while the run goes on for {events} events")
        }
        Act::AwayWhile(time) => format!("await away({})", seconds(*time)),
        Act::Ask {
            method,
            path,
            with_token,
        } => format!(
            "await {me}.ask({}, {}{})",
            literal::text(method),
            path_of(path, actions),
            if *with_token { ", TOKEN" } else { "" }
        ),
        Act::StartBeside {
            path,
            session: of,
            with_token,
        } => {
            let place = actions.session(of).unwrap_or_default();
            return vec![
                format!(
                    "form = {{\"message\": {}, \"session_id\": {}, \"stream\": \"true\", \"background\": \"true\"}}",
                    literal::text(START_MESSAGE),
                    session(actions, place)
                ),
                format!(
                    "await {me}.ask(\"POST\", {}, {}, form)",
                    literal::text(path),
                    if *with_token { "TOKEN" } else { "None" }
                ),
            ];
        }
        Act::Restart => {
            "await asyncio.to_thread(input, \"Restart the server, then press Enter: \")".to_owned()
        }
    };
    vec![one]
}

/// The record does not hold the form of a request over HTTP.
const START_MESSAGE: &str = "Research and create content plan for AI agents";

fn until(goal: &Goal) -> String {
    match goal {
        Goal::Index(index) => index.to_string(),
        Goal::Name(name) => literal::text(name),
        Goal::Silence => String::new(),
        Goal::InVain => "wait=PATIENCE".to_owned(),
    }
}

/// To a tenth, and never nothing.
fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64().max(0.1))
}

/// A message, with the sessions and runs of the moment in the place of those of the record.
fn message(said: &Value, actions: &Acts) -> String {
    let special = |text: &str| {
        if let Some(place) = actions.session(text) {
            return Some(session(actions, place));
        }
        let place = actions.run(text)?;
        Some(format!("runs[{}]", session(actions, place)))
    };
    let Value::Object(fields) = said else {
        return literal::value(said, &special);
    };
    let token = act::is_masked_token(said);
    // What says what it is comes first.
    let (first, others): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| *name == "action");
    let fields: Vec<String> = first
        .into_iter()
        .chain(others)
        .map(|(name, value)| {
            let value = match name.as_str() {
                "token" if token => "TOKEN".to_owned(),
                "step_requirements" if says_yes(value) => YES.to_owned(),
                _ => literal::value(value, &special),
            };
            format!("{}: {value}", literal::text(name))
        })
        .collect();
    format!("{{{}}}", fields.join(", "))
}

/// What a person says to what the run asked.
const YES: &str =
    r#"[{**it, "confirmed": True} for it in last["WorkflowPaused"]["step_requirements"]]"#;

fn says_yes(requirements: &Value) -> bool {
    let all = requirements.as_array();
    all.is_some_and(|all| !all.is_empty() && all.iter().all(|it| it["confirmed"] == true))
}

/// A path, with the run of the moment.
fn path_of(path: &str, actions: &Acts) -> String {
    for (run, place) in &actions.runs {
        if let Some((before, after)) = path.split_once(run.as_str()) {
            return format!(
                "{} + runs[{}] + {}",
                literal::text(before),
                session(actions, *place),
                literal::text(after)
            );
        }
    }
    literal::text(path)
}

/// A name for each viewer's variable that nothing else has.
fn names(viewers: &[String]) -> Vec<String> {
    let mut taken: BTreeSet<String> = TAKEN.iter().map(|it| (*it).to_owned()).collect();
    let name = |(at, viewer): (usize, &String)| {
        let plain: String = viewer
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .take(24)
            .collect();
        let begins_well = plain.starts_with(|c: char| c.is_ascii_lowercase());
        let mut name = if begins_well {
            plain
        } else {
            format!("viewer_{at}")
        };
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        name
    };
    viewers.iter().enumerate().map(name).collect()
}

/// Words that mean something else in the script.
const TAKEN: &[&str] = &[
    "and",
    "as",
    "assert",
    "async",
    "asyncio",
    "await",
    "away",
    "break",
    "bytes",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "float",
    "for",
    "form",
    "from",
    "global",
    "if",
    "import",
    "in",
    "input",
    "is",
    "it",
    "json",
    "lambda",
    "last",
    "main",
    "nonlocal",
    "not",
    "or",
    "os",
    "pass",
    "print",
    "raise",
    "return",
    "runs",
    "socket",
    "str",
    "struct",
    "sys",
    "time",
    "try",
    "urllib",
    "uuid",
    "websockets",
    "while",
    "with",
    "yield",
];
