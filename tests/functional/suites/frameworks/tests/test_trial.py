"""Tests of Twisted's trial: Deferreds, clean-ups, errors that are only logged."""

from __future__ import annotations

import os

from trunk_failures import suppressIfTrunkFailing
from twisted.internet import defer, reactor, task
from twisted.python import log
from twisted.trial import unittest


def later(error: Exception | None = None) -> defer.Deferred[None]:
    """Return a Deferred that fires when the reactor runs."""
    return task.deferLater(reactor, 0, lambda: None if error is None else _raise(error))


def _raise(error: Exception) -> None:
    raise error


@suppressIfTrunkFailing
class TestDeferred(unittest.TestCase):
    """All listed, but for two."""

    def tearDown(self) -> None:
        if "tear_down" in self._testMethodName:
            raise KeyError("tear-down")

    def test_passes(self) -> defer.Deferred[None]:
        return later()

    def test_fails(self) -> defer.Deferred[None]:
        return later(AssertionError("body"))

    def test_raises(self) -> defer.Deferred[None]:
        return later(ValueError("body"))

    def test_raises_other(self) -> defer.Deferred[None]:
        return later(KeyError("body"))

    def test_fails_and_tear_down_errors(self) -> defer.Deferred[None]:
        return later(ValueError("body"))

    def test_clean_up_fails(self) -> None:
        self.addCleanup(later, ValueError("clean-up"))

    def test_logs_error(self) -> None:
        log.err(ValueError("logged"))

    async def test_coroutine_fails(self) -> None:
        await later(ValueError("body"))

    def test_skips(self) -> None:
        raise unittest.SkipTest("own reason")

    def test_skip_attribute(self) -> None:
        self.fail("body")

    test_skip_attribute.skip = "own reason"  # type: ignore[attr-defined]

    def test_skip_fails(self) -> defer.Deferred[None]:
        return later(ValueError("body"))

    def test_skip_passes(self) -> defer.Deferred[None]:
        return later()

    def test_expired(self) -> defer.Deferred[None]:
        return later(ValueError("body"))

    def test_exits_at_once(self) -> None:
        os._exit(3)

    def test_not_listed(self) -> defer.Deferred[None]:
        return later(ValueError("body"))

    def test_not_listed_and_passes(self) -> defer.Deferred[None]:
        return later()


@suppressIfTrunkFailing
class TestSynchronous(unittest.SynchronousTestCase):
    """Without a reactor."""

    def test_passes(self) -> None:
        pass

    def test_fails(self) -> None:
        self.fail("body")

    def test_skips(self) -> None:
        raise unittest.SkipTest("own reason")
