"""pytest-reportlog's JSON Lines: each phase of each test, as pytest reported it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trunk_failures import verdicts
from trunk_failures.errors import ResultsError, UsageError
from trunk_failures.results import cases, junit_dialects, junit_ids
from trunk_failures.results.cases import Sink
from trunk_failures.results.junit_dialects import Found

KIND = "$report_type"
_TESTS = ("TestReport", "SubTestReport", "SubtestReport")


def read(lines: Iterable[tuple[int, dict[str, Any]]], sink: Sink) -> None:
    """Hand each test that ended to a sink; raises ResultsError for what is no report."""
    begun: dict[str, _Begun] = {}
    for number, line in lines:
        node_id = line.get("nodeid")
        if line.get(KIND) == "CollectReport" and line.get("outcome") == "failed":
            _take(sink, str(node_id), _Begun([_failure("error", line)]))
        if line.get(KIND) not in _TESTS:
            continue
        if not isinstance(node_id, str) or not isinstance(line.get("outcome"), str):
            raise ResultsError(f"line {number} is no report of pytest's: it has no node id")
        test = begun.setdefault(node_id, _Begun([]))
        test.hear(line)
        if line.get(KIND) == "TestReport" and line.get("when") not in ("setup", "call"):
            if not test.reran:
                _take(sink, node_id, begun.pop(node_id))
            test.reran = False  # It is run again now.
    for node_id, test in begun.items():  # The run ended before they did.
        if any(each.tag in junit_dialects.FAILURES for each in test.found):
            _take(sink, node_id, test)


class _Begun:
    """What was reported of a test by now."""

    def __init__(self, found: list[Found]) -> None:
        self.found = found
        self.told = ""
        self.reran = False

    def hear(self, line: dict[str, Any]) -> None:
        """Take a report in."""
        for each in _list(line.get("user_properties")):
            if isinstance(each, list) and each[:1] == [verdicts.PROPERTY]:
                self.told = str(each[-1])
        outcome, when = line["outcome"], line.get("when")
        if outcome == "rerun":
            self.found.append(_failure("rerunFailure", line))
            self.reran = True
        elif outcome == "failed":
            self.found.append(_failure("failure" if when == "call" else "error", line))
        elif outcome == "skipped":
            if "wasxfail" in line:
                found = Found("skipped", "pytest.xfail", _because(line), "")
            else:
                found = Found("skipped", "pytest.skip", _message(line), "")
            self.found.append(found)
        elif "wasxfail" in line:
            self.found.append(Found("failure", "UnexpectedSuccess", _because(line), ""))


def _because(line: dict[str, Any]) -> str:
    return str(line["wasxfail"])[: cases.TEXT_LIMIT]


def _take(sink: Sink, node_id: str, test: _Begun) -> None:
    meanings = junit_dialects.meanings(test.found, test.told)
    try:
        named = junit_ids.of_node_id(node_id)
    except UsageError:
        sink.unnamed(node_id, meanings[0].verdict)
        return
    for case in junit_dialects.cases_of(named, meanings):
        sink.case(case)


def _failure(tag: str, line: dict[str, Any]) -> Found:
    message = _message(line)
    if tag == "error" and line.get("when") in ("setup", "teardown"):
        message = f'failed on {line["when"]} with "{message}"'
    return Found(tag, "", message, _text(line)[: cases.TEXT_LIMIT])


def _message(line: dict[str, Any]) -> str:
    return _whole_message(line)[: cases.TEXT_LIMIT]


def _whole_message(line: dict[str, Any]) -> str:
    shown = line.get("longrepr")
    if isinstance(shown, dict):
        return str(_dict(shown.get("reprcrash")).get("message", ""))
    if isinstance(shown, list) and shown:
        return str(shown[-1]).removeprefix("Skipped: ")
    if line.get(KIND) == "CollectReport":
        return "collection failure"
    return str(line.get("wasxfail") or shown or "")


def _text(line: dict[str, Any]) -> str:
    """Return the lines that pytest shows of a failure."""
    shown = line.get("longrepr")
    if not isinstance(shown, dict):
        return str(shown or "")
    entries = _list(_dict(shown.get("reprtraceback")).get("reprentries"))
    data = [_dict(_dict(each).get("data")) for each in entries]
    return "\n".join(str(row) for each in data for row in _list(each.get("lines")))


def _dict(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []
