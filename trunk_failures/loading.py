"""Loading tests, so that a module which does not load is one failing test."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType


class Loader(unittest.TestLoader):
    """Load as unittest does, but let no module that is named stop the others from running.

    unittest does so for discovered modules whatever they raise, for named ones only when it is an
    ImportError: a SyntaxError there ends the run before its first test.
    """

    def loadTestsFromName(self, name: str, module: ModuleType | None = None) -> Any:
        """Return the suite of a name, or the failing test that stands for it."""
        try:
            return super().loadTestsFromName(name, module)
        except unittest.SkipTest as skip:
            return self.suiteClass([_stand_in("ModuleSkipped", name, skip)])
        except Exception as error:
            return self.suiteClass([_stand_in("_FailedTest", name, error)])


def _stand_in(scope: str, name: str, error: Exception) -> unittest.TestCase:
    """Return the test, named as unittest names it, that raises what loading a module raised."""
    method = name.rpartition(".")[2]

    def test(self: unittest.TestCase) -> None:
        raise error

    attributes = {method: test, "__module__": "unittest.loader", "__qualname__": scope}
    made: unittest.TestCase = type(scope, (unittest.TestCase,), attributes)(method)
    return made
