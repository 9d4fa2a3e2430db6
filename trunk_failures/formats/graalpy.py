"""GraalPy's tags: CPython's tests that must pass there, and on which platforms.

Read: `unittest_tags/*.txt` of oracle/graalpython, and its `runner.py`. A line is a unittest id,
and after `@` the platforms, such as `darwin-arm64,linux-x86_64`; without any it must pass on all.
An entry says the contrary: that a test does not pass, or where. Which tests have no tag at all is
told by a collection; they are skips, as nobody says that they fail each time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from trunk_failures import ids, lists
from trunk_failures.errors import UsageError
from trunk_failures.formats import collected_tests, documents, imported
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.documents import Line
from trunk_failures.formats.imported import Dropped, Imported, Listed

PREFIX = "*graalpython.lib-python.3."
"""What the ids of earlier tags begin with; `*` ends them."""

NO_TAG = "it has no tag of GraalPy's"

_PLATFORM = re.compile(r"([a-z0-9]+)-([A-Za-z0-9_]+)(-[\w-]+)?")


def read(content: bytes, where: str) -> Imported:
    """Return the tests that have to pass on some platforms alone, and those that have to on all."""
    listed: list[Listed] = []
    passing: list[Listed] = []
    dropped: list[Dropped] = []
    for line in documents.lines(content, where):
        found = _tag(line) if isinstance(line, Line) else line
        if isinstance(found, Dropped):
            dropped.append(found)
            continue
        platforms, rest, unknown = _platforms(found.name)
        tag = found._replace(name=found.name.partition(" @ ")[0].strip())
        if unknown:
            # Where it has to pass is not known, and so not where it need not.
            what = f"{imported.shown(found.name)}: {unknown!r} is no platform"
            dropped.append(Dropped(found.line, what))
            passing.append(tag)
            continue
        if rest:
            what = f"of {imported.shown(found.name)}: {rest!r} has no place here"
            dropped.append(Dropped(found.line, what))
        if platforms:
            when = elsewhere(platforms)
            reason = "it has to pass on other platforms"
            tag = tag._replace(fields=(("reason", reason), ("when", when)))
        (listed if platforms else passing).append(tag)
    return Imported(tuple(listed), tuple(dropped), tuple(passing))


def read_directory(path: str) -> Imported:
    """Return what all tag files of a directory say."""
    try:
        names = sorted(name for name in os.listdir(path) if name.endswith(".txt"))
    except OSError as error:
        raise UsageError(f"{path!r} cannot be read: {error.strerror}") from None
    whole = Imported(())
    for name in names:
        file = os.path.join(path, name)
        try:
            with open(file, "rb") as opened:
                found = read(opened.read(documents.LIMIT + 1), repr(file))
        except OSError as error:
            raise UsageError(f"{file!r} cannot be read: {error.strerror}") from None
        dropped = [each._replace(what=f"{name}: {each.what}") for each in found.dropped]
        whole = Imported(
            (*whole.listed, *found.listed),
            (*whole.dropped, *dropped),
            (*whole.passing, *found.passing),
        )
    return whole


def _tag(line: Line) -> Listed | Dropped:
    name, at, platforms = line.text.partition("@")
    name = name.strip()
    if name.startswith("!"):
        return Dropped(line.number, f"{imported.shown(line.text)} is none that has to pass")
    own = name.removeprefix(PREFIX).removesuffix("*").removeprefix("*")
    if not all(part.isidentifier() for part in own.split(".")[:-1]):
        return Dropped(line.number, f"{imported.shown(own)}: its class has a dot in its name")
    found = imported.named(own, line.number, lists.SKIPS)
    if isinstance(found, Listed) and at:
        return found._replace(name=f"{own} @ {platforms.strip()}")
    return found


def _platforms(name: str) -> tuple[set[tuple[str, str]], str, str]:
    """Return the systems and machines of a tag, what else is said of one, and what is none."""
    found, rest, unknown = set(), "", ""
    for text in filter(None, name.partition(" @ ")[2].split(",")):
        match = _PLATFORM.fullmatch(text.strip())
        if match is None:
            unknown = unknown or text.strip()
            continue
        found.add((match[1], match[2]))
        rest = rest or (match[3] or "")
    return found, rest, unknown


def elsewhere(platforms: Iterable[tuple[str, str]]) -> str:
    """Return the marker that holds on all platforms but these, systems and machines."""
    parts = [
        f'(sys_platform != "{system}" or platform_machine != "{machine}")'
        for system, machine in sorted(platforms)
    ]
    return " and ".join(parts)


def covered(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the tests of a tag."""
    return collected_tests.by_test(each, tests)


def resolve(found: Imported, tests: CollectedTests) -> Imported:
    """Return the tests that do not pass everywhere: of the modules that tags name, all others."""
    some = collected_tests.expanded(found, tests, covered)
    tagged = {each.name for each in some.listed}
    for each in found.passing:
        tagged.update(covered(each, tests))
    modules = {each.test.module for each in (*found.listed, *found.passing) if each.test}
    inside = {node_id for module in modules if module for node_id in tests.of_module(module)}
    others = tuple(
        Listed(node_id, 0, ids.of_item(node_id), lists.SKIPS, (("reason", NO_TAG),))
        for node_id in tests.ids
        if node_id in inside and node_id not in tagged
    )
    return some._replace(listed=(*some.listed, *others))
