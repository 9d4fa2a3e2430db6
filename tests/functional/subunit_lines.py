"""Read a subunit stream, of version 1 or 2 (the argument), and write one JSON object a test.

It is run by an interpreter that has python-subunit and testtools.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import subunit
import testtools


def write(test: dict[str, Any]) -> None:
    """Write a test: its id, how it ended, and what it said."""
    said = "\n".join(content.as_text() for content in test["details"].values())
    line = {"id": test["id"], "status": test["status"], "said": said}
    print(json.dumps(line), flush=True)


def main() -> None:
    """Read standard input."""
    lines = testtools.StreamToDict(write)
    if sys.argv[1] == "1":
        result = testtools.ExtendedToStreamDecorator(lines)
        result.startTestRun()
        # Of a test that fails twice version 1 can tell only once; the rest is thrown away.
        subunit.ProtocolTestCase(sys.stdin.buffer, io.BytesIO()).run(result)
        result.stopTestRun()
        return
    lines.startTestRun()
    subunit.ByteStreamToStreamResult(sys.stdin.buffer, "stdout").run(lines)
    lines.stopTestRun()


if __name__ == "__main__":
    main()
