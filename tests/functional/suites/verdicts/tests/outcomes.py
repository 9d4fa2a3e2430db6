"""Every way for a test to end; the classes of the test modules put these under the lists."""

from __future__ import annotations

import unittest


class Outcomes(unittest.TestCase):
    """End in every way there is; set-up and tear-down go by the name of the test."""

    def setUp(self) -> None:
        if self._testMethodName == "test_set_up_fails":
            self.fail("set-up")
        if self._testMethodName == "test_set_up_skips":
            self.skipTest("own reason")

    def tearDown(self) -> None:
        if "tear_down" in self._testMethodName:
            raise ValueError("tear-down")

    def test_passes(self) -> None:
        pass

    def test_fails(self) -> None:
        self.fail("body")

    def test_errors(self) -> None:
        raise ValueError("body")

    def test_exits(self) -> None:
        raise SystemExit("body")

    def test_größe(self) -> None:
        self.fail("body")

    def test_set_up_fails(self) -> None:
        pass

    def test_tear_down_errors(self) -> None:
        pass

    def test_clean_up_fails(self) -> None:
        self.addCleanup(self.fail, "clean-up")

    def test_fails_and_tear_down_errors(self) -> None:
        self.fail("body")

    def test_sub_tests_pass(self) -> None:
        for number in range(3):
            with self.subTest(number=number):
                pass

    def test_one_sub_test_fails(self) -> None:
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1, "sub-test")

    def test_all_sub_tests_fail(self) -> None:
        for number in range(3):
            with self.subTest(number=number):
                raise ValueError("sub-test")

    def test_sub_test_errors_and_body_fails(self) -> None:
        with self.subTest("first"):
            raise ValueError("sub-test")
        self.fail("body")

    def test_one_sub_test_skips_and_one_fails(self) -> None:
        with self.subTest("first"):
            self.skipTest("own reason")
        with self.subTest("second"):
            self.fail("sub-test")

    def test_one_sub_test_skips(self) -> None:
        with self.subTest("first"):
            self.skipTest("own reason")
        with self.subTest("second"):
            pass

    def test_skips(self) -> None:
        self.skipTest("own reason")

    def test_raises_skip_test(self) -> None:
        raise unittest.SkipTest("own reason")

    def test_set_up_skips(self) -> None:
        self.fail("body")

    @unittest.skip("own reason")
    def test_is_skipped(self) -> None:
        self.fail("body")

    @unittest.expectedFailure
    def test_is_marked_and_fails(self) -> None:
        self.fail("body")

    @unittest.expectedFailure
    def test_is_marked_and_passes(self) -> None:
        pass


class CoroutineOutcomes(unittest.IsolatedAsyncioTestCase):
    """End as coroutines do."""

    async def asyncSetUp(self) -> None:
        if self._testMethodName == "test_async_set_up_fails":
            self.fail("set-up")

    async def asyncTearDown(self) -> None:
        if self._testMethodName == "test_async_tear_down_errors":
            raise ValueError("tear-down")

    async def test_coroutine_passes(self) -> None:
        pass

    async def test_coroutine_fails(self) -> None:
        self.fail("body")

    async def test_coroutine_skips(self) -> None:
        self.skipTest("own reason")

    async def test_async_set_up_fails(self) -> None:
        pass

    async def test_async_tear_down_errors(self) -> None:
        pass

    async def test_async_clean_up_errors(self) -> None:
        async def clean_up() -> None:
            raise ValueError("clean-up")

        self.addAsyncCleanup(clean_up)

    async def test_coroutine_sub_test_fails(self) -> None:
        with self.subTest("first"):
            self.fail("sub-test")
        with self.subTest("second"):
            pass
