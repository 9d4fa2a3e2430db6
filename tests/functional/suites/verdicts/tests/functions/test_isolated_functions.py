"""Plain functions that are run in a child process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
def test_exits_at_once(tmp_path: Path) -> None:
    (tmp_path / "seen").touch()
    os._exit(3)


@suppressIfTrunkFailing
def test_passes() -> None:
    pass


@suppressIfTrunkFailing
def test_skips() -> None:
    pytest.skip("own reason")
