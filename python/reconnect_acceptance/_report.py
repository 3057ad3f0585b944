"""One run of the suite, and what its `report.json` says about each requirement."""

import json
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Dict, List, Optional

from ._binary import find_binary

#: The schema version of `report.json` that this package reads.
SCHEMA_VERSION = 2

#: Exit codes after which there are verdicts: passed, failed, inconclusive, outdated list of known failures.
_JUDGED = (0, 1, 3, 4)


class SuiteError(Exception):
    """The suite did not get as far as verdicts: wrong usage or configuration, or a fault of its own."""


@dataclass
class Requirement:
    """A requirement that the suite knows."""

    id: str
    level: str
    sentence: str


@dataclass
class Result:
    """What a run showed about one requirement."""

    id: str
    level: str
    sentence: str
    verdict: str
    known_failure: bool
    reason: str
    findings: List[dict]

    def summary(self, limit: int = 3) -> str:
        """The findings as text: expected, observed and the scenario of each, at most `limit` of them."""
        lines = []
        for finding in self.findings[:limit]:
            lines.append(f"  expected: {visible(finding.get('expected'))}")
            lines.append(f"  observed: {visible(finding.get('observed'))}")
            lines.append(f"  scenario: {visible(finding.get('scenario'))}")
        further = len(self.findings) - limit
        if further > 0:
            lines.append(f"  … and {further} more in the report")
        return "\n".join(lines)


@dataclass
class Report:
    """A finished run."""

    folder: Path
    exit_code: int
    strict: bool
    suite_errors: List[str]
    results: Dict[str, Result] = field(default_factory=dict)


def requirements() -> List[Requirement]:
    """All requirements, in the order of the documentation. No server is needed."""
    command = [find_binary(), "list", "requirements", "--json"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout)
    return [Requirement(it["id"], it["level"], it["sentence"]) for it in listed]


def run(arguments: List[str], folder: Path) -> Report:
    """Runs the suite with these arguments of `run`, and reads its report.

    Raises `SuiteError` with what the program printed where there are no verdicts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stale = folder / "report.json"
    stale.unlink(missing_ok=True)
    command = [find_binary(), "run", *arguments, "--format", "quiet", "--color", "never", "--report-dir", str(folder)]
    finished = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", errors="replace"
    )
    if finished.returncode not in _JUDGED or not stale.is_file():
        printed = "\n".join(part.strip() for part in (finished.stdout, finished.stderr) if part.strip())
        raise SuiteError(f"reconnect-acceptance ended with exit code {finished.returncode}:\n{visible(printed)}")
    return read(folder)


def read(folder: Path) -> Report:
    """The report in this folder. Raises `SuiteError` where it is of another schema version."""
    read_report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    version = read_report.get("schema_version")
    if version != SCHEMA_VERSION:
        raise SuiteError(
            f"{folder / 'report.json'} has schema version {version}, and this package reads {SCHEMA_VERSION}: "
            "package and binary are of different releases"
        )
    report = Report(folder, read_report["exit_code"], read_report.get("strict", False), read_report.get("suite_errors", []))
    reasons = {it["id"]: it.get("reason") for it in read_report["scenarios"]}
    for it in read_report["requirements"]:
        # Where several wires were judged, each has a verdict: `CATCHUP-3 · agent · http`.
        name, _, wire = it["id"].partition(" · ")
        reason = visible(it.get("reason") or _first_reason(it, reasons) or "see the report")
        result = Result(
            id=name,
            level=it["level"],
            sentence=it["title"],
            verdict=it["verdict"],
            known_failure=it["known_failure"],
            reason=f"{wire}: {reason}" if wire else reason,
            findings=it["findings"],
        )
        report.results[name] = _worse(report.results[name], result) if name in report.results else result
    return report


WORST_FIRST = ["failed", "inconclusive", "passed", "not_applicable"]


def _worse(one: Result, other: Result) -> Result:
    """What two wires say together: the worse verdict, with the findings of both; known only if all of it is."""
    rank = [WORST_FIRST.index(it.verdict) if it.verdict in WORST_FIRST else -1 for it in (one, other)]
    worse = one if rank[0] <= rank[1] else other
    failed = [it for it in (one, other) if it.verdict == "failed"]
    known = bool(failed) and all(it.known_failure for it in failed)
    return replace(worse, known_failure=known, findings=one.findings + other.findings)


def _first_reason(requirement: dict, reasons: "dict[str, Optional[str]]") -> Optional[str]:
    return next((reasons[it] for it in requirement["scenarios"] if reasons.get(it)), None)


def visible(text: object) -> str:
    """The text without control characters: what a server sent must not control a terminal."""
    return "".join(it if it == "\n" or it.isprintable() else ascii(it)[1:-1] for it in str(text))
