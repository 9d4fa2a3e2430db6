"""Statuses: which of trunk's tests are disabled or failing, as a source told at some time."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple, Protocol

from trunk_failures import ids
from trunk_failures.errors import UsageError

EXACT, PYTORCH = RULES = ("exact", "pytorch")
"""How names are compared with tests; see `matching`."""

MOMENT = "%Y-%m-%dT%H:%M:%SZ"

_TITLED = re.compile(r"(?P<method>.*\S)\s+\((?P<path>[^()]*)\)", re.DOTALL)


class Disabled(NamedTuple):
    """A test that trunk knows to be disabled or to fail.

    `name` is as the source has it, in any dialect of `ids`. `platforms` is empty for all of them.
    `issue` is a URL. `seen` is the moment at which trunk said so, where it tells (as `MOMENT`).
    Where runs were looked at, it failed in `failed` of `runs`.
    """

    name: str
    rule: str = EXACT
    platforms: tuple[str, ...] = ()
    issue: str = ""
    reason: str = ""
    source: str = ""
    seen: str = ""
    failed: int = 0
    runs: int = 0

    @property
    def method_and_class(self) -> tuple[str, str] | None:
        """The two names of `test_x (module.Class)`, or None where it is not written so.

        What is around the class is left out, as PyTorch does. Names may hold anything: blanks,
        commas and brackets in the method, a blank before the class.
        """
        match = _TITLED.fullmatch(self.name.strip())
        scope = match["path"].rpartition(".")[2].strip() if match else ""
        return (match["method"], scope) if match and scope else None

    @property
    def test(self) -> ids.TestId | None:
        """The test as `ids` reads its name, or None where that is no test's."""
        try:
            return ids.read(self.name)
        except UsageError:
            return None


class Status(NamedTuple):
    """What trunk knows: `tests`, when the whole was fetched, from where, what failed on the way.

    `asked` says which sources were asked for it, whichever of them answered.
    """

    tests: tuple[Disabled, ...]
    fetched: datetime.datetime
    origin: str
    notes: tuple[str, ...] = ()
    asked: str = ""

    def age(self, now: datetime.datetime) -> datetime.timedelta:
        """Return how old it is; nothing is younger than now, whatever other machines' clocks say.
        """
        return max(now - self.fetched, datetime.timedelta())


class Source(Protocol):
    """A place that knows trunk's status; `str()` of it says which, without secrets."""

    def fetch(self) -> Status:
        """Return what it knows now.

        Raises SourceError where it could not be asked or gave no usable answer; an empty status
        means that it said, in so many words, that no test is disabled or fails.
        """


def now() -> datetime.datetime:
    """Return the time, in UTC and in whole seconds."""
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def moment(time: datetime.datetime) -> str:
    """Return a time as statuses have it."""
    return time.astimezone(datetime.timezone.utc).strftime(MOMENT)


def read_moment(text: str) -> datetime.datetime:
    """Return the time that a text says; raises ValueError."""
    return datetime.datetime.strptime(text, MOMENT).replace(tzinfo=datetime.timezone.utc)


def read_time(text: str) -> datetime.datetime:
    """Return the time that an ISO 8601 text says, in UTC where it names no zone.

    Seconds since 1970 are taken too. Raises ValueError.
    """
    if text.isascii() and text.isdecimal():
        seconds = int(text[:20])
    else:
        time = datetime.datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
        seconds = int(time.replace(tzinfo=time.tzinfo or datetime.timezone.utc).timestamp())
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{text!r} is no time of this world") from error


def ago(age: datetime.timedelta) -> str:
    """Return an age in words, such as `3 h old`."""
    seconds = int(age.total_seconds())
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} old"
    return f"{seconds} s old"
