"""Expectation lines of Chromium's typ."""

from __future__ import annotations

import pytest
from formats_fixtures import lines, read, said

XF, SKIP = "expected_failures", "skips"
ISOLATED = {"run": "isolated", "timeout": "60"}
T = "pkg.module.TestA.test_b"


@pytest.mark.parametrize(
    ("line", "kind", "fields"),
    [
        (f"{T} [ Failure ]", XF, {}),
        (f"{T} [ Failure Slow ]", XF, {}),
        (f"{T} [ Skip ]", SKIP, {"run": "never"}),
        (f"{T} [ Crash ]", XF, ISOLATED | {"raises": "Crashed"}),
        (f"{T} [ Timeout ]", XF, ISOLATED | {"raises": "TimedOut"}),
        (f"{T} [ Crash Failure ]", XF, ISOLATED),
        (f"{T} [ Pass Failure ]", SKIP, {}),
        (f"{T} [ RetryOnFailure ]", SKIP, {}),
        (f"[ Linux ] {T} [ Failure ]", XF, {"when": 'sys_platform == "linux"'}),
        (f"[ win ] {T} [ Failure ]", XF, {"when": 'sys_platform == "win32"'}),
        (f"crbug.com/1 {T} [ Failure ]", XF, {"issue": "https://crbug.com/1"}),
        (
            f"crbug.com/1 https://x/2 [ Mac ] {T} [ Failure ] # odd",
            XF,
            {
                "reason": "odd",
                "issue": "https://crbug.com/1, https://x/2",
                "when": 'sys_platform == "darwin"',
            },
        ),
    ],
)
def test_lines(line: str, kind: str, fields: dict[str, str]) -> None:
    """Results are kinds and fields, bugs the issue, tags of systems the condition."""
    assert said(read("chromium", f"# tags: [ Linux Mac Win ]\n{line}\n")) == {T: (kind, fields)}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (f"[ Linux Debug ] {T} [ Failure ]", "no marker says [ Linux Debug ]"),
        (f"{T} [ Pass ]", "[ Pass ] is nothing that a list says"),
        (f"{T} [ Slow ]", "[ Slow ] is nothing that a list says"),
        (f"{T} [ Failure Burn ]", "[ Failure Burn ] is nothing that a list says"),
        ("pkg.module.* [ Failure ]", "'pkg.module.*' is a glob"),
        ("fast/html/article.html [ Failure ]", "is no Python test's id"),
        ("fast/html/article1 [ Failure ]", "is no test's id"),
        (T, "is no line of expectations"),
        (f"{T} [ Failure ] more", "is no line of expectations"),
        ("crbug.com/1 [ Failure ]", "is no test's id"),
    ],
)
def test_lines_that_no_entry_can_say(line: str, what: str) -> None:
    """Tags without a marker, globs, and other suites' tests are told, and not listed."""
    found = read("chromium", f"{line}\n")
    assert not found.listed and what in lines(found)[1]


def test_comments_above_a_line_are_its_reason() -> None:
    """A comment beside a line is nearer; one of tags and results is no reason."""
    found = read(
        "chromium",
        "# results: [ Failure ]\na.b.T.test_a [ Failure ]\n\n# TODO: slow there\n"
        "a.b.T.test_b [ Failure ]\na.b.T.test_c [ Failure ] # odd\n",
    )
    reasons = {name.rpartition(".")[2]: dict(fields) for name, (_, fields) in said(found).items()}
    assert reasons == {
        "test_a": {}, "test_b": {"reason": "TODO: slow there"}, "test_c": {"reason": "odd"},
    }
