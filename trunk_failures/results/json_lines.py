"""Our own result lines, read back (see `result_lines`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trunk_failures import lists, verdicts
from trunk_failures.errors import ResultsError
from trunk_failures.results import cases
from trunk_failures.results.cases import Case, Sink
from trunk_failures.verdicts import Verdict

FIELDS: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "verdict": (str,),
    "file": (str, type(None)),
    "error": (str, type(None)),
}


def read(lines: Iterable[tuple[int, dict[str, Any]]], sink: Sink) -> None:
    """Hand the result of each line to a sink; raises ResultsError for what is no result."""
    batches = cases.Batches(sink)
    modes: str | None = None
    file, place = None, ""
    for number, line in lines:
        if not _is_result(line):
            _check(number, line)
        if line.get("mode", "") != modes:
            modes = str(line.get("mode", ""))
            sink.modes(modes)
        key, verdict = line["id"], verdicts.WORDS[line["verdict"]]
        if line["file"] != file:
            file = line["file"]
            place = (file or "").replace("\\", "/").removesuffix(".py")
        if not lists.is_key(key):
            sink.unnamed(key, verdict)
        elif verdict is Verdict.PASSED:
            batches.add(key, place)
        else:
            error = (line["error"] or "")[: cases.TEXT_LIMIT]
            sink.case(Case(key, place, verdict, error))
    batches.flush()


def _is_result(line: dict[str, Any]) -> bool:
    """Tell whether a line surely is a result: what `_check` looks at closely, at one glance."""
    error = line.get("error", 0)
    return (
        type(line.get("id")) is type(line.get("file")) is type(line.get("verdict")) is str
        and line["verdict"] in verdicts.WORDS
        and (error is None or type(error) is str)
    )


def _check(number: int, line: dict[str, Any]) -> None:
    for name, kind in FIELDS.items():
        if name not in line or not isinstance(line[name], kind):
            raise ResultsError(f"line {number} is no result: {name!r} is {line.get(name)!r}")
    if line["verdict"] not in verdicts.WORDS:
        raise ResultsError(
            f"line {number} is no result: the verdict is {line['verdict']!r}; there are "
            f"{', '.join(verdicts.WORDS)}"
        )
