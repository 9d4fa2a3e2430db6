"""Explained tests as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trunk_failures import explanations
from trunk_failures.all_lists import AllLists
from trunk_failures.asked_tests import Near, Place
from trunk_failures.decisions import State
from trunk_failures.explained_tests import Answer, Explained
from trunk_failures.listed_entries import Listed
from trunk_failures.recommendations import counted
from trunk_failures.reports import stability_rows
from trunk_failures.reports.rows import visible
from trunk_failures.stability import Stability


def render(answers: Iterable[Answer], found: AllLists) -> str:
    """Return what there is to say of what was asked, one paragraph for each test."""
    return "\n\n".join("\n".join(_paragraphs(answer, found)) for answer in answers) + "\n"


def _paragraphs(answer: Answer, found: AllLists) -> Iterator[str]:
    if not answer.tests:
        yield from _not_listed(answer, found)
    for number, (place, explained) in enumerate(answer.tests):
        if number:
            yield ""
        yield visible(f"{_test(place)} is listed ({_in_force(found)}):")
        for each in explained:
            yield from map(visible, _entry(each))
        yield from map(visible, _results(answer.results.get(place, ())))


def _not_listed(answer: Answer, found: AllLists) -> Iterator[str]:
    asked = answer.asked
    test = _test(Place(asked.key, asked.test_file)) if asked.key else asked.name
    modes = f"modes: {', '.join(found.modes)}" if found.listings else "there is none"
    yield visible(f"{test} is not listed in any list in {found.test_dir} ({modes})")
    for results in answer.results.values():
        yield from map(visible, _results(results))
    if answer.near:
        yield "near to it, and listed:"
    for near in answer.near:
        yield visible(f"  {_address(near)}: {near.why}")


def _results(found: Iterable[Stability]) -> Iterator[str]:
    for each in found:
        where = f" under {each.configuration}" if each.configuration else ""
        ran = f"{counted(each.passes, 'pass', 'es')} in {counted(each.runs, 'run')}"
        last = f", the last {stability_rows.run(each.last_run)}" if each.last_run else ""
        yield f"in the history{where}: {each.verdict.value}, {ran}{last}"
        course = stability_rows.course(each)
        if course:
            yield f"    {course}"
        if each.error:
            yield f"    last error: {each.error}"


def _in_force(found: AllLists) -> str:
    modes = ", ".join(found.in_force.modes)
    return f"in force: {modes}" if modes else "no list is in force: TRUNK_FAILURES=0"


def _test(place: Place) -> str:
    return f"{place.key} of {place.test_file}.py" if place.test_file else place.key


def _address(near: Near) -> str:
    return "/".join(filter(None, (near.place.test_file, near.place.key)))


def _entry(explained: Explained) -> Iterator[str]:
    listed = explained.listed
    under = f" {explained.under}" if explained.under else ""
    if explained.state is State.UNREADABLE:
        fault = explained.why.removeprefix(f"`{listed.path}`").lstrip(" ,:")
        yield f"{explanations.named(listed)} suppresses nothing{under}: {fault}"
    elif explained.state is State.ACTS:
        yield f"{explanations.named(listed)} acts{under}"
    else:
        where = f"{under.strip()}, " if under else ""
        yield f"{explanations.named(listed)} {where}{explained.why}"
    for name, text in listed.entry.fields if listed.entry else ():
        yield f"    {name}: {text}"
        if name == "when":
            yield from (f"        {sentence}" for sentence in explained.when)
    yield from _added(listed)


def _added(listed: Listed) -> Iterator[str]:
    added = listed.added
    if added is not None:
        yield f"    added {added.when.date()} by {added.author} <{added.email}>"
        yield f"    in {added.commit[:10]}: {added.subject}"
    elif listed.unknown:
        yield f"    added: not known ({listed.unknown})"
