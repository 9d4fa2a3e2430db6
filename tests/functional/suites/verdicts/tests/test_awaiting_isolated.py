"""Coroutines that are run in a child process."""

from __future__ import annotations

import os
import unittest

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
class TestIsolatedCoroutines(unittest.IsolatedAsyncioTestCase):
    """Coroutines, with an event loop in the child."""

    async def test_fails(self) -> None:
        self.fail("body")

    async def test_exits_at_once(self) -> None:
        os._exit(3)


if __name__ == "__main__":
    unittest.main()
