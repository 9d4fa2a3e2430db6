"""Findings: what is wrong with the lists, one sentence for each."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple


class Rule(enum.Enum):
    """What a finding is about, in a word for programs."""

    NAME = "name"
    CASE = "case"
    FOLDER = "folder"
    TWICE = "twice"
    BOTH_KINDS = "both-kinds"
    CONTENT = "content"
    PREFIX = "prefix"
    EXPIRED = "expired"
    REQUIRED = "required"
    NO_SUCH_TEST = "no-such-test"
    AMBIGUOUS = "ambiguous"
    BUDGET = "budget"


class Finding(NamedTuple):
    """One thing that is wrong: where it is, and what to do.

    `path` is as people know it; `line` is counted from 1, and 0 where it is about all of the file.
    """

    path: str
    line: int
    rule: Rule
    text: str

    @property
    def order(self) -> tuple[str, int, str, str]:
        """What findings are sorted by."""
        return self.path, self.line, self.rule.value, self.text


class Mended(NamedTuple):
    """One file that was mended: its path before and after (None where it is gone), and how."""

    path: str
    to: str | None
    text: str


class Outcome(NamedTuple):
    """What a check of lists came to.

    `test_dir` is as people know it, `entries` how many tests are listed; `mended` is what was
    done, and `findings` what remains.
    """

    test_dir: str
    entries: int
    mended: Sequence[Mended]
    findings: Sequence[Finding]
