"""Folders whose keys stand for tests by PyTorch's rule, as those of its disabled tests do."""

from __future__ import annotations

from trunk_failures import lists, matching


class RuledFolder(lists.Folder):
    """A folder of keys that stand for tests by PyTorch's rule."""

    __slots__ = ("_names",)

    ruled = True

    def __init__(
        self, path: str, keys: set[str], names: dict[str, str], read: lists.Read | None = None
    ) -> None:
        super().__init__(path, keys, names, read)
        self._names: matching.ByClass[str] = matching.ByClass()
        for key in sorted(keys):
            scope, _, name = key.partition(".")
            self._names.add(name, scope, key)

    def standing_for(self, key: str) -> str:
        """Return the key that stands for a test's, or ""."""
        if key in self.keys:
            return key
        scope, _, name = key.partition(".")
        return next(self._names.find(name, scope), "")
