"""List directories on disk, read into lists."""

from __future__ import annotations

import os

from trunk_failures import lists, modes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ODD = "%~[\\" + "".join(map(chr, (*range(1, 10), *range(11, 32), 127)))
"""Characters of names that are looked at one by one; line ends are found by counting."""

SHOWN = 10
"""How many faults an error names; a list can have thousands of the same kind."""


class Fault:
    """What breaks a rule of the names of entries, in which file.

    `key` is the key that another file lists already, else empty.
    """

    __slots__ = ("key", "path", "text")

    def __init__(self, path: str, text: str, key: str = "") -> None:
        self.path = path
        self.text = text
        self.key = key

    def __str__(self) -> str:
        return f"`{self.path}`: {self.text}"


def directories(test_dir: str) -> list[tuple[str, str, str]]:
    """Return (mode, kind, path) of each list directory in a test directory, sorted."""
    found = []
    for name in _names(test_dir):
        parsed = lists.mode_and_kind(name)
        path = os.path.join(test_dir, name)
        if parsed is not None and os.path.isdir(path):
            found.append((*parsed, path))
    return sorted(found)


def load(test_dir: str | None, environ: Mapping[str, str]) -> lists.Lists:
    """Return the lists that an environment puts in force.

    Raises ListError when they break a rule of design section 4, UsageError when the
    environment names a mode that is not there.
    """
    if test_dir is None or modes.switched_off(environ):
        return lists.Lists(test_dir, modes.in_force((), environ), ())
    there = [each for each in directories(test_dir) if each[0] not in modes.CONTEXTS]
    in_force = modes.in_force({mode for mode, _, _ in there}, environ)
    return read(test_dir, in_force, there)


def read(
    test_dir: str, in_force: tuple[str, ...], there: list[tuple[str, str, str]]
) -> lists.Lists:
    """Return the lists of the modes given, their invariants checked."""
    faults: list[Fault] = []
    listings = tuple(
        read_listing(mode, kind, path, faults) for mode, kind, path in there if mode in in_force
    )
    loaded = lists.Lists(test_dir, in_force, listings)
    twice = [
        f"`{mode}_expected_failures/{entry}` and `{mode}_skips/{entry}`: a test is listed as an "
        f"expected failure and as a skip; remove one of the two"
        for mode, entry in loaded.in_both_kinds()
    ]
    refuse(test_dir, [*map(str, faults), *twice])
    return loaded


def read_listing(mode: str, kind: str, path: str, faults: list[Fault]) -> lists.Listing:
    """Return one list directory; what breaks a rule is added to `faults`."""
    top, subfolders = _read_folder(path, faults)
    below: dict[str, lists.Folder] = {}
    seen = {os.path.realpath(path)}
    while subfolders:
        subfolder = subfolders.pop()
        if os.path.realpath(subfolder) in seen:  # A link that leads back.
            continue
        seen.add(os.path.realpath(subfolder))
        folder, deeper = _read_folder(subfolder, faults)
        subfolders += deeper
        if folder.keys:
            below[os.path.relpath(subfolder, path).replace(os.sep, "/")] = folder
    return lists.Listing(mode, kind, top, below)


def refuse(test_dir: str, faults: list[str]) -> None:
    """Raise ListError when there are faults."""
    if not faults:
        return
    from trunk_failures.errors import ListError

    shown = "; ".join(sorted(faults)[:SHOWN])
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    raise ListError(f"the lists in {test_dir!r} break their rules: {shown}{more}")


def _names(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError as error:
        from trunk_failures.errors import ListError

        raise ListError(
            f"the list directory {path!r} cannot be read: {error.strerror}; "
            f"mend its permissions or set TRUNK_FAILURES=0 to run without lists"
        ) from error


def _read_folder(path: str, faults: list[Fault]) -> tuple[lists.Folder, list[str]]:
    """Return the entries of one directory and the paths of its sub-folders.

    What kind of file an entry is, is looked at when its test is about to run: asking for each of
    tens of thousands would cost more than all else here.
    """
    listed = _names(path)
    folder = lists.Folder(path, set(listed), {})
    subfolders = []
    odd = _odd(listed)
    folder.keys.difference_update(odd)
    for name in sorted(odd):
        file = os.path.join(path, name)
        if name.startswith(".") and "%" not in name:
            continue
        if not lists.is_key(name) and os.path.isdir(file):
            subfolders.append(file)
        else:
            _add(folder, name, file, faults)
    return folder, subfolders


def _odd(names: list[str]) -> set[str]:
    """Return the file names that are not plainly a key of two parts.

    Searches in the text of all names are far cheaper than a look at each name, and lists hold
    tens of thousands of names, nearly all of them plain.
    """
    odd = {name for name in names if "." not in name[1:-1]}
    text = "\n".join(names)
    if text.count(".") != len(names) - sum("." not in name for name in odd):
        odd.update(name for name in names if name.count(".") > 1)
    if text.count("\n") >= len(names) > 0:
        odd.update(name for name in names if "\n" in name)
    for character in ODD:
        if character in text:
            odd.update(name for name in names if character in name)
    if not text.isascii():
        odd.update(name for name in names if not name.isascii())
    return odd


def _add(folder: lists.Folder, name: str, file: str, faults: list[Fault]) -> None:
    """Add the key of an oddly named file to a folder."""
    try:
        key = _key_of(file, name)
    except ValueError as error:
        faults.append(Fault(file, str(error)))
        return
    if not lists.is_key(key):
        text = (
            f"it lists {key!r}; a key is `Class.method` or `module.function`: two parts and one "
            f"dot before any bracket; rename or remove it"
        )
        faults.append(Fault(file, text))
    elif key in folder.keys:
        other = folder.file_name(key)
        text = f"it lists {key!r}, as `{other}` beside it does; remove one of the two"
        faults.append(Fault(file, text, key))
    else:
        folder.keys.add(key)
        if key != name:
            folder.names[key] = name


def _key_of(file: str, name: str) -> str:
    """Return the key that a file lists; raises ValueError with the fault."""
    from trunk_failures import file_names
    from trunk_failures.errors import ListError

    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError("its name is not UTF-8; rename or remove it") from None
    try:
        if file_names.is_hashed(name):
            from trunk_failures import entry_files

            return entry_files.read_key(file, name)
        return file_names.decode(name)
    except ListError as error:
        raise ValueError(str(error)) from None
