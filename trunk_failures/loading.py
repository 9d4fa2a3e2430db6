"""Loading tests, so that a module which does not load is one failing test."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Any

from trunk_failures import in_force

if TYPE_CHECKING:
    from types import ModuleType

FAILED = "_FailedTest"
"""The class that unittest makes up for a module that does not load."""


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
            return self.suiteClass([_stand_in(FAILED, name, error)])

    def loadTestsFromModule(self, module: ModuleType, *args: Any, **kwargs: Any) -> Any:
        """Return the suite of a module; where its failure to load is listed, with one test more.

        That test passes, as the module did load, and so its entry is heard of.
        """
        suite = super().loadTestsFromModule(module, *args, **kwargs)
        listed = f"{FAILED}.{module.__name__.rpartition('.')[2]}" in in_force.lists.keys
        # A load_tests that raises gives a suite of its own failing test alone.
        if listed and [type(test).__name__ for test in suite] != [FAILED]:
            suite.addTest(_stand_in(FAILED, module.__name__))
        return suite


def _stand_in(scope: str, name: str, error: Exception | None = None) -> unittest.TestCase:
    """Return the test, named as unittest names it, that raises what loading a module raised."""
    method = name.rpartition(".")[2]

    def test(self: unittest.TestCase) -> None:
        if error is not None:
            raise error

    attributes = {method: test, "__module__": "unittest.loader", "__qualname__": scope}
    made: unittest.TestCase = type(scope, (unittest.TestCase,), attributes)(method)
    return made
