"""Repositories of git's with a history of lists, for tests of what git knows of entries."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

WHO = "Ann Onymous <ann@example.org>"


def git(root: Path, *arguments: str, given: str = "") -> str:
    """Run git."""
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    done = subprocess.run(
        command, cwd=root, input=given, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(
    root: Path,
    subject: str,
    files: Mapping[str, str | None],
    day: str = "2026-01-01",
    author: str = WHO,
) -> str:
    """Write files (None removes one), commit them as of a day's noon, and return the commit."""
    for name, content in files.items():
        file = root / name
        if content is None:
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    if not (root / ".git").exists():
        git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(
        root, "commit", "--quiet", "--no-gpg-sign", "-m", subject, f"--author={author}",
        f"--date={day}T12:00:00+00:00",
    )
    return git(root, "rev-parse", "HEAD").strip()
