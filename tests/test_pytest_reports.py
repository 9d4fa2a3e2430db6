"""pytest's reports, made to say a ruling."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from trunk_failures import pytest_reports


class Shown:
    """What a plugin's item shows of an error: it takes sections, and has no crash to name."""

    def __init__(self) -> None:
        self.sections: list[tuple[str, str]] = []

    def addsection(self, name: str, content: str) -> None:
        """Keep a section."""
        self.sections.append((name, content))


def report(longrepr: Any, outcome: Any = "failed") -> pytest.TestReport:
    """Return a report of a call."""
    return pytest.TestReport("test_a.py::test_b", ("", 1, ""), {}, outcome, longrepr, "call")


@pytest.mark.parametrize(
    ("shown", "expected"), [(None, "why"), ("an error", "why\n\nan error")]
)
def test_a_failure_without_a_traceback(shown: str | None, expected: str) -> None:
    """What a report shows of an error stays below the message."""
    made = report(shown, "passed")
    pytest_reports.fail(made, "why")
    assert (made.outcome, made.longrepr) == ("failed", expected)


def test_a_failure_of_another_plugins_item() -> None:
    """A representation that takes sections gets one, whatever else it has."""
    shown = Shown()
    pytest_reports.fail(report(shown), "why")
    assert shown.sections == [("trunk_failures", "why")]


def test_a_traceback_without_the_runners_frames() -> None:
    """A plain traceback begins at the first frame that is not a runner's, if there is one."""
    with pytest.raises(ZeroDivisionError) as caught:
        _divide()
    shown = pytest_reports.plain(caught.value)
    assert shown.startswith("Traceback (most recent call last):\n")
    assert shown.count("File ") == 2
    assert pytest_reports.plain(ValueError("no frames")) == "ValueError: no frames\n"
    assert pytest_reports.plain(ValueError()) == "ValueError\n"


def test_a_plain_traceback_is_pythons() -> None:
    """Tracebacks of simple exceptions are what Python prints, but for the marks below lines."""
    code = compile("def f(): raise ValueError('why')\nf()", "<nowhere>", "exec")
    with pytest.raises(ValueError, match="why") as caught:
        exec(code, {"__name__": "nowhere"})
    frames = caught.value.__traceback__
    assert frames is not None
    expected = traceback.format_exception(ValueError, caught.value, frames)
    assert pytest_reports.plain(caught.value).splitlines()[-3:] == [
        line.splitlines()[0] for line in expected
    ][-3:]


def _divide() -> float:
    return 1 / 0
