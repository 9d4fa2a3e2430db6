"""Tests that are run in a child process, as they would take this one with them."""

from __future__ import annotations

import os
import signal
import tempfile
import unittest

from trunk_failures import suppressIfTrunkFailing


@suppressIfTrunkFailing
class TestIsolated(unittest.TestCase):
    """Each is listed with `run: isolated`."""

    fixture: list[str]
    before: str
    folder: tempfile.TemporaryDirectory[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.fixture = ["set up"]
        os.environ["VERDICTS_ISOLATED"] = "kept"
        cls.before = os.getcwd()
        cls.folder = tempfile.TemporaryDirectory()
        os.chdir(cls.folder.name)

    @classmethod
    def tearDownClass(cls) -> None:
        os.chdir(cls.before)
        cls.folder.cleanup()
        del os.environ["VERDICTS_ISOLATED"]

    def test_segmentation_fault(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def test_is_killed(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def test_exits_at_once(self) -> None:
        os._exit(3)

    def test_exits_as_if_well(self) -> None:
        os._exit(0)

    def test_endless_loop(self) -> None:
        while True:
            pass

    def test_fails(self) -> None:
        self.fail("body")

    def test_fails_differently(self) -> None:
        self.fail("body")

    def test_sub_test_fails(self) -> None:
        with self.subTest("first"):
            raise ValueError("sub-test")
        with self.subTest("second"):
            pass

    def test_passes(self) -> None:
        pass

    def test_skips(self) -> None:
        self.skipTest("own reason")

    def test_sees_class_fixture(self) -> None:
        self.assertEqual(self.fixture, ["set up"])

    def test_sees_environment(self) -> None:
        self.assertEqual(os.environ["VERDICTS_ISOLATED"], "kept")

    def test_sees_working_directory(self) -> None:
        self.assertEqual(os.path.realpath(os.getcwd()), os.path.realpath(self.folder.name))

    def test_skip_is_killed(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def test_skip_passes(self) -> None:
        pass

    def test_not_listed(self) -> None:
        self.fail("body")


if __name__ == "__main__":
    unittest.main()
