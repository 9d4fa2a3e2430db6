"""Coroutines: every way for them to end, with the decorators on classes and one by one."""

from __future__ import annotations

import unittest

import outcomes
from trunk_failures import skipIfTrunkFailing, suppressIfTrunkFailing, xfailIfTrunkFailing


@xfailIfTrunkFailing
class TestCoroutinesExpected(outcomes.CoroutineOutcomes):
    """All listed as expected failures."""


@skipIfTrunkFailing
class TestCoroutinesSkips(outcomes.CoroutineOutcomes):
    """All listed as skips."""


@suppressIfTrunkFailing
class TestCoroutinesNotListed(outcomes.CoroutineOutcomes):
    """Under both lists and in neither."""


class TestCoroutineMethods(unittest.IsolatedAsyncioTestCase):
    """Coroutines, decorated one by one."""

    @xfailIfTrunkFailing
    async def test_awaits_and_fails(self) -> None:
        self.fail("body")

    @xfailIfTrunkFailing("the decorator's reason")
    async def test_awaits_and_passes(self) -> None:
        pass

    @skipIfTrunkFailing()
    async def test_awaits_and_is_a_skip(self) -> None:
        self.fail("body")


if __name__ == "__main__":
    unittest.main()
