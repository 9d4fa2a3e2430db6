"""A result that passes everything on to another, for those that change something on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import unittest

__unittest = True


class ForwardingResult:
    """Pass everything on to another result, as if it were that one."""

    _result: Any = None
    """None while `__init__` runs: tracers and debuggers look at objects that are half made."""

    def __init__(self, result: unittest.TestResult) -> None:
        self.__dict__["_result"] = result

    @property
    def failfast(self) -> bool:
        """Whether the first failure ends the run, of which trial's results cannot tell."""
        return bool(getattr(self._result, "failfast", False))

    def __getattr__(self, name: str) -> Any:
        """Return what the runner's own result has."""
        return getattr(self._result, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Set it on the runner's own result, which is what suites and runners look at."""
        setattr(self._result, name, value)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """The runner's own class, as test bases ask whether this is a `unittest.TestResult`."""
        return type(self._result)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle the runner's own result: Django's workers send tests, some with their result."""
        return self._result.__reduce_ex__(protocol)
