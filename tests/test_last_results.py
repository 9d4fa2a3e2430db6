"""Last results: of which tests they are, where classes of one name are in several files."""

from __future__ import annotations

from pathlib import Path

import pytest
from history_fixtures import record

from trunk_failures import last_results
from trunk_failures.asked_tests import Place
from trunk_failures.trials import Run


@pytest.mark.parametrize(
    ("test_file", "found"),
    [("", ["r1", "r2", "r3"]), ("nn/test_a", ["r2"]), ("test_a", ["r1"]), ("test_b", ["r3"])],
)
def test_of_which_file(tmp_path: Path, test_file: str, found: list[str]) -> None:
    """A test of one file has the results of that file, one of any file those of all."""
    (tmp_path / "nn").mkdir()
    for file in ("test_a.py", "nn/test_a.py"):
        (tmp_path / file).write_text("")
    # A module's name is all that some results have, and says less than a path.
    for name, place in (("r1", "test_a"), ("r2", "nn/test_a"), ("r3", "gone.test_b")):
        record(tmp_path / "h", Run(name, "", 1), [("TestA.a", "passed")], place)
    asked = Place("TestA.a", test_file)
    read = last_results.read(str(tmp_path / "h"), str(tmp_path), [asked])
    last = [each.last_run.name for each in read(asked) if each.last_run]
    assert sorted(last) == found
