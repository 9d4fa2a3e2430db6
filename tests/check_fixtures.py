"""What tests of `check` share: lists as files on disk, and what is found in them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from trunk_failures import list_faults, surveys
from trunk_failures.changes import Address
from trunk_failures.findings import Finding
from trunk_failures.list_faults import Policy
from trunk_failures.surveys import EntryFile

TODAY = datetime.date(2026, 1, 15)
POLICY = Policy((), TODAY)


def lay_out(test_dir: Path, files: Mapping[str, str]) -> Path:
    """Write files as they are given, below a test directory that is a repository's."""
    (test_dir.parent / ".git").mkdir(parents=True, exist_ok=True)
    test_dir.mkdir(exist_ok=True)
    for path, content in files.items():
        file = test_dir / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="")
    return test_dir


def entry_file(content: str, name: str = "T.test_a", key: str = "T.test_a") -> EntryFile:
    """Return an entry's file that no disk holds."""
    address = Address("trunk", "skips", key)
    return EntryFile(address, "/tests/trunk_skips", name, f"tests/trunk_skips/{name}", content)


def shown(path: str) -> str:
    """Return a path from its list directory on."""
    return path[path.index("trunk_") :].replace("\\", "/")


def found_in(test_dir: Path, policy: Policy = POLICY) -> list[Finding]:
    """Return what is wrong with the lists of a test directory, in order."""
    findings = list_faults.of_survey(surveys.survey(str(test_dir)), policy, shown)
    return sorted(findings, key=lambda each: each.order)
