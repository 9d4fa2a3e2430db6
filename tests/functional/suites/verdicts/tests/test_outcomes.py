"""Every way for a test to end, with the decorators on classes."""

from __future__ import annotations

import unittest

import outcomes
from trunk_failures import skipIfTrunkFailing, suppressIfTrunkFailing, xfailIfTrunkFailing


@xfailIfTrunkFailing
class TestExpected(outcomes.Outcomes):
    """All listed as expected failures."""


@skipIfTrunkFailing
class TestSkips(outcomes.Outcomes):
    """All listed as skips."""


@suppressIfTrunkFailing
class TestNotListed(outcomes.Outcomes):
    """Under both lists and in neither."""


class TestNotDecorated(outcomes.Outcomes):
    """All listed as expected failures."""


@xfailIfTrunkFailing
class TestOtherList(outcomes.Outcomes):
    """All listed as skips, which the decorator does not ask for."""


if __name__ == "__main__":
    unittest.main()
