"""Lists: what we know fails, as sets of keys."""

from __future__ import annotations

EXPECTED_FAILURES = "expected_failures"
SKIPS = "skips"
KINDS = (EXPECTED_FAILURES, SKIPS)

STATUS = "trunk_status"
"""The mode of the tests that trunk's status disables; no file lists them."""


def mode_and_kind(directory_name: str) -> tuple[str, str] | None:
    """Return the mode and the kind that the name of a list directory holds, or None."""
    for kind in KINDS:
        mode = directory_name[: -len(kind) - 1]
        if mode and directory_name.endswith("_" + kind) and not mode.startswith("."):
            return mode, kind
    return None


def is_key(text: str) -> bool:
    """Tell whether a text has exactly two dot-separated parts before any bracket."""
    scope, dot, name = text.partition("[")[0].partition(".")
    return bool(scope and dot and name) and "." not in name and "/" not in scope + name


class Read:
    """What another process read of a directory: how it is shown, and what its files hold.

    `contents` has the keys whose files are not empty, `faults` why a file could not be read.
    """

    __slots__ = ("contents", "faults", "shown")

    def __init__(self, shown: str, contents: dict[str, str], faults: dict[str, str]) -> None:
        self.shown = shown
        self.contents = contents
        self.faults = faults


class Folder:
    """The entries of one directory: their keys, and where they differ their file names.

    `read` is None where the files are read when their tests are about to run. In lists that came
    from another process it holds what that one read (see `transfer`).
    """

    __slots__ = ("keys", "names", "path", "read")

    ruled = False
    """Whether a key can stand for tests that have other keys."""

    def __init__(
        self, path: str, keys: set[str], names: dict[str, str], read: Read | None = None
    ) -> None:
        self.path = path
        self.keys = keys
        self.names = names
        self.read = read

    def file_name(self, key: str) -> str:
        """Return the name of the file that lists `key`."""
        return self.names.get(key, key)

    def standing_for(self, key: str) -> str:
        """Return the key that stands for a test's, or ""."""
        return key if key in self.keys else ""


class Listing:
    """One list directory: `top` holds for any file, `below` maps a test file to its own entries.

    A test file is written as in design section 3: relative to the test directory, without
    `.py`, with slashes.
    """

    __slots__ = ("below", "kind", "mode", "top")

    def __init__(self, mode: str, kind: str, top: Folder, below: dict[str, Folder]) -> None:
        self.mode = mode
        self.kind = kind
        self.top = top
        self.below = below

    @property
    def qualified(self) -> set[str]:
        """The entries that hold for one file alone, as `file/key`."""
        return {f"{file}/{key}" for file, folder in self.below.items() for key in folder.keys}

    @property
    def is_on_disk(self) -> bool:
        """Whether its entries are files, which can be removed."""
        return self.mode != STATUS


class Located:
    """One listed test: its key, the list it is on and the folder that holds its file.

    `test_file` is the one file that a qualified entry holds for, else empty.
    """

    __slots__ = ("folder", "key", "listing", "test_file")

    def __init__(self, key: str, listing: Listing, folder: Folder, test_file: str) -> None:
        self.key = key
        self.listing = listing
        self.folder = folder
        self.test_file = test_file


class Lists:
    """The lists of some modes, the most specific mode first."""

    __slots__ = (
        "_keys",
        "_ruled",
        "expected_failures",
        "has_qualified",
        "listings",
        "modes",
        "skips",
        "test_dir",
    )

    def __init__(
        self, test_dir: str | None, modes: tuple[str, ...], listings: tuple[Listing, ...]
    ) -> None:
        self.test_dir = test_dir
        self.modes = modes
        self.listings = listings
        self.has_qualified = any(listing.below for listing in listings)
        self.expected_failures = _union(listings, EXPECTED_FAILURES)
        self.skips = _union(listings, SKIPS)
        self._keys: set[str] | None = None
        self._ruled = [listing.top for listing in listings if listing.top.ruled]

    @property
    def keys(self) -> set[str]:
        """Every key that is listed anywhere, without the file of qualified entries."""
        if self._keys is None:
            self._keys = set()
            for listing in self.listings:
                self._keys.update(listing.top.keys)
                for folder in listing.below.values():
                    self._keys.update(folder.keys)
        return self._keys

    def lists(self, key: str) -> bool:
        """Tell whether a test's key is listed, or another one that stands for it."""
        return key in self.keys or any(folder.standing_for(key) for folder in self._ruled)

    @property
    def is_ruled(self) -> bool:
        """Whether keys can stand for tests that have other keys."""
        return bool(self._ruled)

    def is_disabled(self, key: str, test_file: str) -> bool:
        """Tell whether trunk's status disables a test."""
        return any(each.listing.mode == STATUS for each in self.find(key, test_file))

    def find(self, key: str, test_file: str = "") -> list[Located]:
        """Return at most one entry a mode, the most specific mode first.

        Within a mode, the entry for `test_file` wins over the one for any file.
        """
        found = {}
        for listing in self.listings:
            listed = listing.top.standing_for(key)
            if listed:
                found[listing.mode] = Located(listed, listing, listing.top, "")
        if self.has_qualified:
            for listing in self.listings:
                folder = listing.below.get(test_file)
                if folder is not None and key in folder.keys:
                    found[listing.mode] = Located(key, listing, folder, test_file)
        return [found[mode] for mode in self.modes if mode in found]

    def all(self) -> list[Located]:
        """Return every entry, in the order of the lists and then of the keys."""
        return [
            Located(key, listing, folder, test_file)
            for listing in self.listings
            for test_file, folder in [("", listing.top), *sorted(listing.below.items())]
            for key in sorted(folder.keys)
        ]

    def unmatched(
        self, places: set[tuple[str, str]], keys: set[str], limit: int
    ) -> tuple[int, list[Located]]:
        """Return how many entries on disk match no test, and the first of them in order.

        Tests are given by `places`, each a key and a test file, and by `keys` alone.
        """
        anywhere = keys | {key for key, _ in places}
        count = 0
        first: list[Located] = []
        for listing in filter(_is_on_disk, self.listings):
            for test_file, folder in [("", listing.top), *sorted(listing.below.items())]:
                left = folder.keys - anywhere
                if test_file:
                    left = {key for key in folder.keys if (key, test_file) not in places} - keys
                count += len(left)
                for key in sorted(left)[: max(0, limit - len(first))]:
                    first.append(Located(key, listing, folder, test_file))
        return count, first

    def in_both_kinds(self) -> list[tuple[str, str]]:
        """Return (mode, entry) of every test that is both an expected failure and a skip."""
        found = []
        for mode in self.modes:
            failures, skips = (
                [listing for listing in self.listings if (listing.mode, listing.kind) == wanted]
                for wanted in ((mode, EXPECTED_FAILURES), (mode, SKIPS))
            )
            for one in failures:
                for other in skips:
                    both = _both(one.top.keys, other.top.keys) | (one.qualified & other.qualified)
                    found += [(mode, entry) for entry in sorted(both)]
        return found


def _is_on_disk(listing: Listing) -> bool:
    return listing.is_on_disk


def _both(one: set[str], other: set[str]) -> set[str]:
    # isdisjoint is what is asked 30,000 times at import; it builds no set.
    return set() if one.isdisjoint(other) else one & other


def _union(listings: tuple[Listing, ...], kind: str) -> set[str]:
    """Return the union of the lists of one kind; the very set where only one has entries."""
    united: set[str] = set()
    for listing in listings:
        if listing.kind != kind:
            continue
        for keys in (listing.top.keys, listing.qualified if listing.below else set[str]()):
            if keys:
                united = united | keys if united else keys
    return united
