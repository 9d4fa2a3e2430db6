"""Tests that are run in child processes, to be imported there too; not collected themselves."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import unittest
from collections.abc import Callable
from typing import Any

HUGE = 10_000_000
"""Characters of a message that no pipe takes at once."""

set_up: dict[str, int] = {}
"""The process in which each fixture ran last."""


def setUpModule() -> None:
    """Keep the process in which this module was set up."""
    set_up["module"] = os.getpid()


class Unprintable(Exception):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class Unpicklable(Exception):
    """An exception that cannot be sent to another process."""

    def __reduce__(self) -> Any:
        raise TypeError("cannot be pickled")


class Outcomes(unittest.TestCase):
    """Tests that end in all the ways in which a test ends by itself."""

    __test__ = False

    @classmethod
    def setUpClass(cls) -> None:
        """Keep the process in which this class was set up."""
        set_up["class"] = os.getpid()

    def test_passes(self) -> None:
        """Pass."""

    def test_fails(self) -> None:
        """Fail."""
        self.fail("body")

    def test_errors(self) -> None:
        """Raise an exception that has bases."""
        raise KeyError("body")

    def test_skips(self) -> None:
        """Skip."""
        self.skipTest("own reason")

    def test_pytest_skips(self) -> None:
        """Skip as pytest does."""
        import pytest  # Here, as each new interpreter imports this module.

        pytest.skip("own reason")

    @unittest.expectedFailure
    def test_marked_fails(self) -> None:
        """Fail, as is expected."""
        self.fail("body")

    @unittest.expectedFailure
    def test_marked_passes(self) -> None:
        """Pass against what is expected."""

    def test_sub_tests(self) -> None:
        """Fail twice, in sub-tests."""
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotIn(number, (0, 2), "sub-test")

    def test_fails_and_clean_up_errors(self) -> None:
        """Fail, and again when cleaning up."""
        self.addCleanup(self.test_errors)
        self.fail("body")

    def test_exits(self) -> None:
        """Ask the interpreter to exit."""
        sys.exit(3)

    def test_unprintable(self) -> None:
        """Raise what has no text."""
        raise Unprintable

    def test_unpicklable(self) -> None:
        """Raise what cannot be sent."""
        raise Unpicklable("body")

    def test_huge(self) -> None:
        """Raise a message of many megabytes."""
        raise ValueError("x" * HUGE)

    def test_where(self) -> None:
        """Tell the environment and the working directory."""
        self.fail(f"{os.environ.get('UNITS')} in {os.getcwd()}")

    def test_set_up(self) -> None:
        """Tell which process the fixtures ran in: this one, or the one that it comes from."""
        names = {os.getpid(): "here", os.getppid(): "in the parent"}
        self.fail(f"class {names[set_up['class']]}, module {names[set_up['module']]}")


class Deaths(unittest.TestCase):
    """Tests that take their process with them, or leave something behind in it."""

    __test__ = False

    def test_exits_at_once(self) -> None:
        """End the process, as if all were well."""
        os._exit(0)

    def test_exits_with_a_code(self) -> None:
        """End the process with a code."""
        os._exit(7)

    def test_crashes(self) -> None:
        """Die of a segmentation fault."""
        os.kill(os.getpid(), signal.SIGSEGV)

    def test_is_killed(self) -> None:
        """Die as the kernel kills what takes too much memory."""
        os.kill(os.getpid(), signal.SIGKILL)

    def test_aborts(self) -> None:
        """Die as a failed C assertion does."""
        os.abort()

    def test_dies_of_an_unnamed_signal(self) -> None:
        """Die of a signal that has no name."""
        os.kill(os.getpid(), signal.SIGRTMIN + 1)

    def test_hangs(self) -> None:
        """Never end."""
        while True:
            time.sleep(0.01)

    def test_leaves_a_thread(self) -> None:
        """Pass, and leave a thread that keeps the process from its end."""
        threading.Thread(target=self.test_hangs).start()

    def test_dies_at_its_end(self) -> None:
        """Pass, and leave a thread that then ends the process with a code."""
        end = threading.Timer(0.3, os._exit, [9])
        end.start()

    def test_leaves_a_process(self) -> None:
        """Pass, and leave a process that holds all that this one had open."""
        self._fork()

    def test_leaves_a_process_and_dies(self) -> None:
        """Die, and leave a process that holds all that this one had open."""
        self._fork()
        os._exit(7)

    def test_leaves_a_process_and_hangs(self) -> None:
        """Never end, and have a process started."""
        self._fork()
        self.test_hangs()

    def _fork(self) -> None:
        """Start a process that writes its id to the file that the environment names."""
        child = os.fork()
        if not child:
            try:
                time.sleep(600)
            finally:
                os._exit(0)
        with open(os.environ["UNITS"], "w") as file:
            file.write(str(child))


class BrokenSetUp(unittest.TestCase):
    """Tests whose class cannot be set up."""

    __test__ = False

    @classmethod
    def setUpClass(cls) -> None:
        """Fail."""
        raise ValueError("broken")

    def test_fails(self) -> None:
        """Fail, where the class was set up all the same."""
        self.fail("body")


class BrokenTearDown(unittest.TestCase):
    """Tests whose class cannot be torn down."""

    __test__ = False

    @classmethod
    def tearDownClass(cls) -> None:
        """Fail."""
        raise ValueError("broken")

    def test_passes(self) -> None:
        """Pass."""


class SkippingSetUp(BrokenSetUp):
    """Tests whose class skips them."""

    @classmethod
    def setUpClass(cls) -> None:
        """Skip."""
        raise unittest.SkipTest("own reason")


def function(number: int = 0, *, word: str = "") -> str:
    """Raise, exit, skip or return, by what is given."""
    if word == "skip":
        raise unittest.SkipTest("own reason")
    if word == "exit":
        sys.exit(number)
    if word == "die":
        os._exit(number)
    if word:
        raise ValueError(f"{word} {number}")
    return "returned"


class SlowToArrive:
    """Work that takes a minute to be there in a child that is a new interpreter."""

    def __reduce__(self) -> tuple[Callable[[float], None], tuple[int]]:
        """Be read as a pause."""
        return time.sleep, (60,)
