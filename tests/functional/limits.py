"""Where a runner cannot tell what the others do, and why; rows of the table name these."""

from __future__ import annotations

OF_TESTS = "of a class's or module's fixture it tells as of the tests that need it"
VERDICTS_OF_TESTS = "what a list makes of a fixture it tells as of a test: it sends no names"
NO_FIXTURES = "it runs no class's and no module's fixtures"
NO_LOAD_TESTS = "it makes the instances itself and asks no load_tests"
NO_FUNCTIONS = "it runs no plain function, and no class of pytest's kind"
NO_COROUTINES = "it cannot send unittest's coroutine tests to its worker processes"
NO_SUB_TESTS = "it knows no sub-tests: an unlisted test ends with the first that fails or skips"
LOST_SUB_TESTS = "an unlisted test of which but a sub-test skips never ends, as it sees it"
MARKED_PASSES = "an unexpected success of unittest's own is a pass to it"
NO_WARNINGS = "the reporter that tells most leaves warnings out"
