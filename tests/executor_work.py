"""Work for executors: small, as each new interpreter imports it; not collected itself."""

from __future__ import annotations

import os
import signal
import time


def double(number: int) -> int:
    """Return twice a number, later for smaller ones, so that results come out of order."""
    time.sleep(0.002 * (number % 3))
    return number * 2


def refuse(number: int) -> int:
    """Raise for 3."""
    if number == 3:
        raise ValueError("three")
    return number


def die(number: int) -> int:
    """End the process at 2, as the system does when there is no memory left."""
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    return number


def process(number: int) -> int:
    """Return which process this is."""
    return os.getpid()
