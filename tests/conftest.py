"""What all tests share."""

from __future__ import annotations

import os

# No list is in force while the package's own tests run: those that try lists do so on their own
# directories, most of them in a process of their own.
os.environ["TRUNK_FAILURES"] = "0"
for name in list(os.environ):
    if name.startswith(("TRUNK_FAILURES_", "PYTORCH_TEST_WITH_")):
        if not name.startswith("TRUNK_FAILURES_TEST_"):  # What steers the tests themselves.
            del os.environ[name]
