"""What all tests share."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

# No list is in force while the package's own tests run: those that try lists do so on their own
# directories, most of them in a process of their own.
os.environ["TRUNK_FAILURES"] = "0"
for name in list(os.environ):
    if name.startswith(("TRUNK_FAILURES_", "PYTORCH_TEST_WITH_")):
        if not name.startswith("TRUNK_FAILURES_TEST_"):  # What steers the tests themselves.
            del os.environ[name]

# A shell that is not interactive has what it starts in the background ignore this signal, and so
# would every process that is started from here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something of the machine and what else it does, not of the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
