"""Page entries: what the lists say of a test, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trunk_failures import entry_files
from trunk_failures.errors import EntryError
from trunk_failures.lists import Located
from trunk_failures.stability_pages import Entries


def read(located: Sequence[Located]) -> Entries:
    """Return what the entries of a test say, read now; of one that cannot be read, why."""
    if not located:
        return Entries()
    kinds = [each.listing.kind.replace("_", " ").removesuffix("s") for each in located]
    modes = [each.listing.mode for each in located]
    fields = [field for number, each in enumerate(located) for field in _fields(each, number)]
    return Entries(
        " and ".join(dict.fromkeys(kinds)),
        tuple(dict.fromkeys(modes)),
        next((value for name, value in fields if name == "owner"), ""),
        entry_files.shown_of(located[0]),
        fields,
    )


def _fields(located: Located, number: int) -> Iterator[tuple[str, str]]:
    if number:
        yield "listed too", entry_files.shown_of(located)
    try:
        yield from entry_files.read(located).fields
    except EntryError as error:
        yield "fault", str(error)
