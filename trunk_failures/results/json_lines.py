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
    for number, line in lines:
        _check(number, line)
        if line.get("mode", "") != modes:
            modes = str(line.get("mode", ""))
            sink.modes(modes)
        key, verdict = line["id"], verdicts.WORDS[line["verdict"]]
        place = (line["file"] or "").replace("\\", "/").removesuffix(".py")
        if not lists.is_key(key):
            sink.unnamed(key, verdict)
        elif verdict is Verdict.PASSED:
            batches.add(key, place)
        else:
            error = (line["error"] or "")[: cases.TEXT_LIMIT]
            sink.case(Case(key, place, verdict, error))
    batches.flush()


def _check(number: int, line: dict[str, Any]) -> None:
    for name, kind in FIELDS.items():
        if name not in line or not isinstance(line[name], kind):
            raise ResultsError(f"line {number} is no result: {name!r} is {line.get(name)!r}")
    if line["verdict"] not in verdicts.WORDS:
        raise ResultsError(
            f"line {number} is no result: the verdict is {line['verdict']!r}; there are "
            f"{', '.join(verdicts.WORDS)}"
        )
