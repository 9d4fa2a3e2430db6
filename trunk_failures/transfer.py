"""Lists as plain values, to be sent to other processes and hosts.

What is sent is read once: who receives it never looks at the list directories, which may not be
there. Only types that any serializer knows are used.
"""

from __future__ import annotations

import os
from typing import Any

from trunk_failures import entry_files, lists
from trunk_failures.errors import EntryError

SENT = "trunk_failures_sent"
"""The attribute of `sys` that holds what a process was sent before it began its work."""

RECEIVER = f"import sys; sys.{SENT} = channel.receive()"
"""What a process has to execute (execnet's `channel` in it) to receive what `pack` made."""


def pack(sent: lists.Lists, root: str) -> dict[str, Any]:
    """Return lists as plain values, every entry's file read now.

    `root` is the project's directory here; the test directory is sent relative to it where it is
    inside, since the project may lie elsewhere where it is received.
    """
    top = sent.test_dir
    inside = top is not None and os.path.join(top, "").startswith(os.path.join(root, ""))
    return {
        "test_dir": os.path.relpath(top, root).replace(os.sep, "/") if inside and top else top,
        "modes": list(sent.modes),
        "listings": [_pack_listing(listing) for listing in sent.listings],
    }


def unpack(packed: dict[str, Any], root: str) -> lists.Lists:
    """Return the lists that `pack` made plain values of; `root` is the project's directory here."""
    top = packed["test_dir"]
    test_dir = None if top is None else os.path.normpath(os.path.join(root, top))
    listings = tuple(_unpack_listing(values, test_dir) for values in packed["listings"])
    return lists.Lists(test_dir, tuple(packed["modes"]), listings)


def _pack_listing(listing: lists.Listing) -> dict[str, Any]:
    below = {file: _pack_folder(listing, folder, file) for file, folder in listing.below.items()}
    top = _pack_folder(listing, listing.top, "")
    return {"mode": listing.mode, "kind": listing.kind, "top": top, "below": below}


def _pack_folder(listing: lists.Listing, folder: lists.Folder, test_file: str) -> dict[str, Any]:
    contents, faults = {}, {}
    for key in sorted(folder.keys):
        try:
            text = _text(lists.Located(key, listing, folder, test_file))
        except EntryError as error:
            faults[key] = str(error)
        else:
            if text:
                contents[key] = text
    return {
        "keys": sorted(folder.keys),
        "names": dict(folder.names),
        "shown": _shown(folder),
        "ruled": folder.ruled,
        "contents": contents,
        "faults": faults,
    }


def _text(located: lists.Located) -> str:
    if located.folder.read is not None:
        return located.folder.read.contents.get(located.key, "")
    return entry_files.text(located)


def _shown(folder: lists.Folder) -> str:
    if folder.read is not None:
        return folder.read.shown
    return entry_files.shown(os.path.join(folder.path, "")).rstrip("/")


def _unpack_listing(values: dict[str, Any], test_dir: str | None) -> lists.Listing:
    mode, kind = values["mode"], values["kind"]
    path = os.path.join(test_dir or "", f"{mode}_{kind}")
    below = {
        file: _unpack_folder(folder, os.path.join(path, *file.split("/")))
        for file, folder in values["below"].items()
    }
    return lists.Listing(mode, kind, _unpack_folder(values["top"], path), below)


def _unpack_folder(values: dict[str, Any], path: str) -> lists.Folder:
    read = lists.Read(values["shown"], values["contents"], values["faults"])
    if values["ruled"]:
        from trunk_failures import ruled_folders

        return ruled_folders.RuledFolder(path, set(values["keys"]), values["names"], read)
    return lists.Folder(path, set(values["keys"]), values["names"], read)
