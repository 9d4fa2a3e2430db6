"""Patterns: the `match` field, a regular expression searched in an exception's message.

Python cannot interrupt `re`, and some expressions take longer than a life on a short message. Hence
only those that cannot are searched here; every other one is searched in a child interpreter, which
is killed when its time is up. Plain `re.search`: no flags but those that the expression sets.
"""

from __future__ import annotations

import functools
import re
import sys
import warnings

from trunk_failures.errors import EntryError

LENGTH_LIMIT = 1000
# The head of a message says what failed, its tail is context. Head and tail joined would be a text
# that no exception ever said, in which `$` and `.*` would lie.
MESSAGE_LIMIT = 4096
# With one quantifier, time grows as the square of the message by what follows the quantifier: with
# Python 3.10, 16 characters took up to a second, 50 two, 400 thirteen.
_TAIL_LIMIT = 16

_CHILD = (
    "import json, re, sys;"
    " pattern, message = json.load(sys.stdin);"
    " print('found' if re.search(pattern, message) else 'absent')"
)


@functools.lru_cache(maxsize=1024)
def compile(text: str) -> re.Pattern[str]:
    """Read a regular expression.

    Raises EntryError, which names the expression, the fault, its position and what to do. What one
    Python only warns of and the next one refuses (flags that are not at the start) all refuse.
    """
    if len(text) > LENGTH_LIMIT:
        fault = f"it has {len(text)} characters, and {LENGTH_LIMIT} is the most; shorten it"
        raise EntryError(f"cannot read the regular expression {text[:60]!r}...: {fault}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", DeprecationWarning)
            return re.compile(text)
    except re.error as error:
        fault = error.msg if error.pos is None else f"{error.msg} at character {error.pos + 1}"
    except RecursionError:
        fault = "it is nested too deeply"
    except (ValueError, OverflowError, MemoryError, DeprecationWarning) as error:
        fault = str(error)
    advice = "correct it, and put a backslash before characters that are meant literally"
    raise EntryError(f"cannot read the regular expression {text!r}: {fault}; {advice}")


def search(pattern: str, message: str, seconds: float = 2.0) -> bool:
    """Tell whether the pattern is found in the first 4,096 characters of the message.

    Raises EntryError for a pattern that cannot be read, that takes longer than `seconds` (starting
    an interpreter included), or that needs an interpreter of its own where none can be started.
    """
    compiled, head = compile(pattern), message[:MESSAGE_LIMIT]
    if is_quick(pattern):
        return compiled.search(head) is not None
    return _apart(pattern, head, seconds)


def is_quick(pattern: str) -> bool:
    """Tell whether the pattern is done within about a second on any message of 4,096 characters.

    Judged by its characters alone: "no" may be wrong, "yes" may not. Time explodes where one text
    can be matched in many ways: by two quantifiers, by one over a group, and by alternatives in
    groups, with no quantifier at all: `(a|a)(a|a)(a|a)...`. Sets of rare characters are slow.
    """
    plain = re.sub(r"(?s)\\.", "__", re.sub(r"\A\(\?[aimsux]+\)", "", pattern))
    quantifiers = [index for index, character in enumerate(plain) if character in "*+?{"]
    if not quantifiers:
        return "(" not in plain or "|" not in plain
    if len(quantifiers) > 1 or "(" in plain or "[" in plain:
        return False
    return len(plain) - 1 - quantifiers[0] <= _TAIL_LIMIT


def _apart(pattern: str, head: str, seconds: float) -> bool:
    import json  # lazily, both: most lists need neither, and everyone pays for imports
    import subprocess

    # Not as arguments: those are bounded, lose some characters, and show in every process list.
    question = json.dumps([pattern, head]).encode("ascii")
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", _CHILD]
    try:
        if not sys.executable:
            raise OSError("sys.executable is empty")
        child = subprocess.run(command, input=question, capture_output=True, timeout=seconds)
        answer = child.stdout.strip()
        if child.returncode or answer not in (b"found", b"absent"):
            said = child.stderr.decode(errors="replace").splitlines() or ["nothing"]
            raise OSError(f"it exited with {child.returncode}, and said {said[-1]!r}")
    except subprocess.TimeoutExpired:
        text = f"took longer than {seconds:g} s on {head[:60]!r} ({len(head)} characters)"
        raise EntryError(f"the regular expression {pattern!r} {text}; simplify it") from None
    except OSError as error:
        cause = f"and no interpreter could be started from {sys.executable!r}: {error}"
        advice = "simplify it to at most one quantifier and no group or set"
        raise EntryError(
            f"the regular expression {pattern!r} has to be searched apart, {cause}; {advice}"
        ) from error
    return answer == b"found"
