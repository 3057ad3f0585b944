#!/usr/bin/env python3
"""Runs the steps of action.yml as GitHub's runner does, and checks the workflows that the documentation shows.

    action.py steps ACTION          the steps, against the bundled server, with good and bad inputs
    action.py workflows ACTION DIR PAGE...  every workflow of these pages into DIR, its inputs checked
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import websockets.sync.server
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


class Runner:
    """One job with one step that uses the action: its temporary folder, cache and artifacts."""

    def __init__(self, action, folder):
        self.action = action
        self.cache = {}
        self.temp = folder / "temp"
        self.workspace = folder / "work space"
        for made in (self.temp, self.workspace):
            made.mkdir()

    def use(self, inputs, **env):
        """Uses the action with these inputs, and returns the outcome."""
        unknown = set(inputs) - set(self.action["inputs"])
        assert not unknown, f"no such inputs: {unknown}"
        # An input that is not given is empty, as on GitHub, or has its default.
        given = {
            name: str(inputs.get(name, spec.get("default", "")))
            for name, spec in self.action["inputs"].items()
        }
        return Use(self, given, env).run()


class Use:
    """One use of the action."""

    def __init__(self, runner, inputs, env):
        self.runner, self.inputs, self.env = runner, inputs, env
        self.steps, self.artifacts, self.log, self.ran = {}, {}, "", []
        self.failed = None
        self.summary = ""

    def run(self):
        for step in self.runner.action["runs"]["steps"]:
            condition = step.get("if", "${{ success() }}")
            if not self.true(EXPRESSION.fullmatch(condition).group(1)):
                continue
            self.ran.append(step["name"])
            if "run" in step:
                self.shell(step)
            else:
                values = {k: self.filled(str(v)) for k, v in step["with"].items()}
                self.foreign(step["uses"], step.get("id"), values)
        spec = self.runner.action["outputs"]
        self.outputs = {name: self.filled(it["value"]) for name, it in spec.items()}
        return self

    def value(self, term):
        """The value of one term of an expression; what is not known here is an error."""
        if match := re.fullmatch(r"'([^']*)'", term):
            return match.group(1)
        if match := re.fullmatch(r"inputs\.([\w-]+)", term):
            return self.inputs[match.group(1)]
        if match := re.fullmatch(r"steps\.([\w-]+)\.outputs\.([\w-]+)", term):
            named = {step.get("id") for step in self.runner.action["runs"]["steps"]}
            assert match.group(1) in named, f"no such step: {term}"
            return self.steps.get(match.group(1), {}).get(match.group(2), "")
        raise AssertionError(f"an expression that this check does not know: {term}")

    def true(self, condition):
        # Without a function of its own about the state, a condition means success() as well.
        terms = [term.strip() for term in condition.split("&&")]
        if not {"always()", "success()"} & set(terms):
            terms.append("success()")
        return all(self.term(term) for term in terms)

    def term(self, term):
        if term == "always()":
            return True
        if term == "success()":
            return self.failed is None
        left, sign, right = re.fullmatch(r"(.+?) (==|!=) (.+)", term).groups()
        return (self.value(left) == self.value(right)) == (sign == "==")

    def filled(self, text):
        return EXPRESSION.sub(lambda match: self.value(match.group(1)), text)

    def shell(self, step):
        assert step["shell"] == "bash", step
        assert "${{" not in step["run"], f"an input would become part of a command: {step['name']}"
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            script, out, summary = folder / "step.sh", folder / "output", folder / "summary"
            script.write_text(step["run"])
            out.touch()
            summary.touch()
            env = {
                **{k: v for k, v in os.environ.items() if not k.startswith(("RECONNECT_", "INPUT_", "GITHUB_"))},
                **self.env,
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_WORKSPACE": str(self.runner.workspace),
                "GITHUB_OUTPUT": str(out),
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(self.runner.temp),
                "RUNNER_OS": "Linux",
                "RUNNER_ARCH": "X64",
                **{name: self.filled(text) for name, text in step.get("env", {}).items()},
            }
            # The words of GitHub's documentation for `shell: bash`.
            ended = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
                cwd=self.runner.workspace, env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=3600,
            )
            self.log += ended.stdout.decode()
            self.steps[step.get("id")] = outputs(out.read_text())
            self.summary += summary.read_text()
        if ended.returncode and self.failed is None:
            self.failed = (step["name"], ended.returncode)

    def foreign(self, uses, name, values):
        """What the actions of GitHub itself would do."""
        path = pathlib.Path(values["path"])
        match uses.split("@")[0]:
            case "actions/cache/restore":
                kept = self.runner.cache.get(values["key"])
                if kept:
                    shutil.copytree(kept, path, dirs_exist_ok=True)
                self.steps[name] = {"cache-hit": "true" if kept else ""}
            case "actions/cache/save":
                kept = self.runner.temp / values["key"]
                shutil.copytree(path, kept)
                self.runner.cache[values["key"]] = kept
            case "actions/upload-artifact":
                files = {str(it.relative_to(path)) for it in path.rglob("*") if it.is_file()}
                assert files, f"nothing to upload in {path}"
                self.artifacts[values["name"]] = files
            case other:
                raise AssertionError(f"an action that this check does not know: {other}")

    def commands(self):
        """The lines of the log that GitHub would take for commands."""
        found, stopped = [], None
        for line in self.log.splitlines():
            line = line.strip()
            if stopped:
                if line == f"::{stopped}::":
                    stopped = None
            elif line.startswith("::stop-commands::"):
                stopped = line.removeprefix("::stop-commands::")
            elif line.startswith("::") or "##[" in line:
                found.append(line)
        assert stopped is None, "commands are on again afterwards"
        return found


def outputs(text):
    """Reads a file of GITHUB_OUTPUT: `name=value`, or `name<<MARK` and lines up to MARK."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        if match := re.fullmatch(r"([^=<]+)<<(.+)", line):
            name, mark = match.groups()
            value = []
            for line in lines:
                if line == mark:
                    break
                value.append(line)
            found[name] = "\n".join(value)
        else:
            name, value = line.split("=", 1)
            found[name] = value
    return found


class Server:
    """The bundled server alone, as somebody's server."""

    def __init__(self, binary, *arguments, **env):
        self.process = subprocess.Popen(
            [binary, "serve", "--bind", "127.0.0.1:0", *arguments],
            stdout=subprocess.PIPE, text=True, env={**os.environ, **env},
        )

    def __enter__(self):
        self.url = re.search(r"ws://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def expect(use, code, verdict, failed, artifact="reconnect-acceptance-report"):
    """The exit code and verdict as outputs, the step that failed, and the reports that were kept."""
    seen = (use.outputs["exit-code"], use.outputs["verdict"], use.failed)
    assert seen == (str(code), verdict, failed), f"{seen}\n{use.log}"
    if verdict:
        folder = pathlib.Path(use.outputs["report-dir"])
        assert folder.is_absolute() and (folder / "report.json").is_file()
        if artifact:
            assert {"report.json", "report.html", "junit.xml", "summary.md"} <= use.artifacts[artifact]
        assert use.summary.strip() == (folder / "summary.md").read_text().strip() != ""
    else:
        assert use.outputs["report-dir"] == "" and use.artifacts == {}


def steps(action):
    FEW = {"require": "GREETING-\nCATCHUP-2\n", "args": "--away=200ms\n--format=quiet"}
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(action, pathlib.Path(folder))
        work = runner.workspace

        # The first use builds the binary, later ones take it from the cache.
        own = {"self-test": "true", "require": "CATCHUP-2"}
        use = runner.use(own)
        expect(use, 0, "passed", None)
        assert "Build it" in use.ran and use.commands() == [], use.commands()
        binary = str(runner.temp / "server")
        shutil.copy(runner.temp / "reconnect-acceptance" / "bin" / "reconnect-acceptance", binary)
        shutil.rmtree(runner.temp / "reconnect-acceptance")
        use = runner.use({**own, "args": "--fault=catch-up-drop"}, RUSTFLAGS="-Dwarnings")
        expect(use, 1, "failed", ("Verdict", 1))
        assert "Build it" not in use.ran
        assert "CATCHUP-2" in use.summary and "self-test against the bundled server" in use.summary
        annotation, verdict = use.commands()
        assert re.match(r"::error file=features/\w+\.feature,line=\d+,title=CATCHUP-2 · workflow · websocket \(MUST\)::", annotation), annotation
        assert verdict == (
            "::error title=reconnect-acceptance::failed: a requirement failed (exit code 1); "
            "see the job's summary and the uploaded reports"
        ), verdict
        for nowhere in ({}, {"url": " ", "target": ""}, {"args": "--away=200ms\n--url="}, {"self-test": "yes"},
                        {"self-test": "true", "url": "ws://localhost:1/"}):
            use = runner.use({"require": "CATCHUP-2", **nowhere}, RECONNECT_ACCEPTANCE_URL="")
            expect(use, 2, "", ("Verdict", 2))
            assert "server" in use.commands()[0] or "self-test" in use.commands()[0], use.commands()
        print("without a server the job fails")
        print("built once; a conforming server passes, a faulty one fails the job and keeps its reports")

        # A server by URL and by file: conforming, faulty, and unreachable.
        with Server(binary) as server:
            expect(runner.use({"url": server.url, **FEW}), 0, "passed", None)
            (work / "my target.toml").write_text(
                f'url = "{server.url}"\n[parts.long]\nworkflow_id = "content-creation-workflow"\n'
            )
            use = runner.use({"target": "my target.toml", "report-dir": "a report/of mine", **FEW})
            expect(use, 0, "passed", None)
            assert use.outputs["report-dir"] == str(work / "a report/of mine")
            # An empty input leaves the job's own variable as it is.
            env = {"RECONNECT_ACCEPTANCE_URL": server.url}
            expect(runner.use({"artifact-name": "", **FEW}, **env), 0, "passed", None, None)
        with Server(binary, "--fault", "catch-up-drop") as server:
            use = runner.use({"url": server.url, **FEW, "artifact-name": "mine"})
            expect(use, 1, "failed", ("Verdict", 1), "mine")
            (work / "known.toml").write_text('[[known_failure]]\nid = "CATCHUP-2"\nreason = "known"\n')
            use = runner.use({"url": server.url, **FEW, "known-failures": "known.toml"})
            expect(use, 0, "passed", None)
        use = runner.use({"known-failures": "known.toml", **own})
        expect(use, 4, use.outputs["verdict"], ("Verdict", 4))
        with socket.socket() as closed:
            # Bound and not listening: no other process can answer there.
            closed.bind(("127.0.0.1", 0))
            away = {"url": f"ws://127.0.0.1:{closed.getsockname()[1]}/workflows/ws", **FEW}
            use = runner.use(away)
            expect(use, 3, "inconclusive", ("Verdict", 3))
            use = runner.use({**away, "allow-inconclusive": "true"})
            expect(use, 3, "inconclusive", None)
            assert use.commands()[0].startswith("::warning "), use.commands()
        print("URL, target file, known failures, an unreachable server: as documented")

        # The token: by value, by the job's variable, and never printed.
        secret = "canary-$(touch stolen)-\"'`"
        with Server(binary, "--token-env", "SECRET", SECRET=secret) as server:
            guarded = {"url": server.url, **FEW}
            expect(runner.use({**guarded, "token": secret}), 0, "passed", None)
            ways = [({"token": secret, "args": ""}, {}), ({"token-env": "MINE"}, {"MINE": secret})]
            for inputs, env in ways:
                use = runner.use({**guarded, **inputs}, **env)
                expect(use, 0, "passed", None)
                assert "canary" not in use.log and "canary" not in use.summary
                kept = pathlib.Path(use.outputs["report-dir"])
                assert not any(b"canary" in it.read_bytes() for it in kept.rglob("*") if it.is_file())
            use = runner.use({**guarded, "token": "another one"})
            assert use.outputs["exit-code"] != "0", use.log
        print("tokens work and are never printed")

        hostile(runner, binary, FEW)


def hostile(runner, binary, few):
    """Inputs and servers that try to run commands, or to give GitHub instructions."""
    work = runner.workspace
    before = {it.name for it in work.iterdir()}
    bad = [
        "$(touch stolen)", "`touch stolen`", "'; touch stolen; '", "\"; touch stolen; \"", "a b\nc d",
        "${IFS}", "*", "-h", "--version", "%0A::error::x", "x\nexit-code=0", "\\", "é‮\t",
        "EOF\nverdict=passed\nexit-code<<EOF\n0\nEOF",
    ]
    names = [
        "url", "target", "token-env", "ca-file", "known-failures", "tags", "strict", "allow-inconclusive",
        "self-test", "require-all", "as-of",
    ]
    for name in names:
        for text in bad:
            inputs = {"require": "GREETING-1", name: text}
            if name not in ("url", "target", "self-test"):
                inputs["self-test"] = "true"
            if name in ("ca-file", "token-env"):
                inputs["url"] = "ws://127.0.0.1:1/"
                del inputs["self-test"]
            use = runner.use(inputs)
            assert use.outputs["exit-code"] == "2" and use.failed == ("Verdict", 2), (inputs, use.log)
            commands = use.commands()
            assert all(line.startswith("::error title=reconnect-acceptance::") for line in commands)
            assert 1 <= len(commands) <= 2, commands
    for text in ("$(touch stolen)", "*", "-h", "--version", "; touch stolen"):
        use = runner.use({"self-test": "true", "require": text})
        assert use.outputs["exit-code"] == "2", (text, use.log)
        use = runner.use({"self-test": "true", "require": "GREETING-1", "args": f"--name\n{text}"})
        assert use.outputs["exit-code"] in ("0", "2"), (text, use.log)
    for text in ("", "*", "a\nb", "re[p]ort", "wh?t", "\\", "x\rverdict=passed"):
        use = runner.use({"self-test": "true", "require": "GREETING-1", "report-dir": text})
        expect(use, 2, "", ("Verdict", 2))
    for text in ("$(touch stolen)", "`touch stolen`", "a b'c\"d", "-f", "%0A é", "~", "!x", "#y"):
        use = runner.use({"self-test": "true", "require": "GREETING-1", "report-dir": text})
        expect(use, 0, "passed", None)
        assert use.outputs["report-dir"] == str(work / text)
        shutil.rmtree(work / text)
    print("hostile inputs: refused, or taken for what they are; nothing ran")

    # What a server says stands in the log, some of it at the beginning of a line, and is no command.
    for words in ("::error::from the server ", "::add-mask::e ", "##[error]x ", "::stop-commands::y "):
        with Greeting({"event": words * 200}) as url:
            use = runner.use({"url": url, **few, "args": ""})
        assert use.outputs["exit-code"] in ("1", "3"), use.log
        shown = [line for line in use.log.splitlines() if line.strip().startswith(words.strip())]
        assert shown, f"the log does not show what it should: {use.log}"
        *annotations, verdict = [line.split("::")[1] for line in use.commands()]
        assert verdict == "error title=reconnect-acceptance"
        ours = re.compile(r"(error|warning) file=features/\w+\.feature,line=\d+,title=[A-Z]+-\d+ \(\w+[^:]*\)")
        assert all(ours.fullmatch(it) for it in annotations), annotations
    print("hostile servers: nothing that they say is a command to GitHub")
    made = {it.name for it in work.iterdir()} - before
    assert made <= {"reconnect-acceptance-report"}, made
    assert not list(work.rglob("stolen")), "something ran"


class Greeting:
    """A WebSocket server that greets with this message, and says nothing more."""

    def __init__(self, message):
        def greet(connection):
            connection.send(json.dumps(message))
            for _ in connection:
                pass

        self.server = websockets.sync.server.serve(greet, "127.0.0.1", 0)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return f"ws://127.0.0.1:{self.server.socket.getsockname()[1]}/workflows/ws"

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join(timeout=20)


def workflows(action, folder, pages):
    """Writes every YAML block of the pages that is a workflow; its uses of the action must fit."""
    known = set(action["inputs"])
    for page in pages:
        found = 0
        for number, text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.M | re.S)):
            workflow, *more = yaml.safe_load_all(text)
            if more or "jobs" not in workflow:
                continue
            for job in workflow["jobs"].values():
                for step in job["steps"]:
                    if "reconnect-acceptance" in step.get("uses", ""):
                        found += 1
                        surplus = set(step.get("with", {})) - known
                        assert not surplus, f"no such inputs: {surplus}"
            (folder / f"{page.stem}-{number}.yml").write_text(text)
        assert found, f"{page} shows no use of the action"
        print(f"{page}: {found} use(s) of the action name inputs that there are")


def main(what, *rest):
    match what:
        case "steps":
            steps(yaml.safe_load(pathlib.Path(rest[0]).read_text()))
        case "workflows":
            action, folder, *pages = map(pathlib.Path, rest)
            workflows(yaml.safe_load(action.read_text()), folder, pages)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
