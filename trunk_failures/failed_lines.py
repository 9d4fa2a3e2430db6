"""Failed lines: what the log of a job says of tests, as pytest's short summary has it.

`FAILED folder/file.py::Class::test - Error: message`, or `ERROR` where a fixture failed or a file
could not be loaded, or `SUBFAILED` for a sub-test; each line may begin with the time, and have
colours.
"""

from __future__ import annotations

import re

from trunk_failures import ids
from trunk_failures.errors import UsageError

LONGEST = 8192
"""Characters of a line that are read."""

_TIME = re.compile(r"\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_WORD = r"(?:FAILED|ERROR|SUBFAIL(?:ED)?(?:[\[(].*?[\])])?)"  # a sub-test says which it is
_LINE = re.compile(
    _WORD + r" (?P<file>[^\s:]+\.py)(?P<rest>(?:::| - |\s*\Z).*)", re.DOTALL
)
_ERROR = " - "

# The tests passed: what was told is that their lists, or their marks, are out of date.
_PASSED = ("[XPASS(strict)]", "Unexpected success", "Failed: Unexpected success")


def read(log: str) -> dict[str, str]:
    """Return the node ids of the tests that failed, each with the first line of its error."""
    found: dict[str, str] = {}
    for line in log.split("\n"):
        line = _COLOUR.sub("", line[:LONGEST])
        time = _TIME.match(line)
        match = _LINE.fullmatch(line[time.end() if time else 0 :].rstrip())
        if match is None:
            continue
        node_id, error = _parts(match["file"], match["rest"])
        if node_id and not error.startswith(_PASSED) and not found.get(node_id):
            found[node_id] = error
    return found


def _parts(file: str, rest: str) -> tuple[str, str]:
    """Return the node id and the error; a dash within a test's parameters parts nothing."""
    name, dash, error = rest.partition(_ERROR)
    while dash and name.count("[") > name.count("]"):
        more, dash, error = error.partition(_ERROR)
        name += _ERROR + more
    try:
        ids.from_node_id(file + name)
    except UsageError:
        return "", ""
    return file + name, error.strip()
