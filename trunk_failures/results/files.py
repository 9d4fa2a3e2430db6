"""Result files: which places hold results, and the bytes of each, whatever they are packed in.

A place is a file, a directory, a pattern, a zip file or standard input. A zip file's members are
result files of their own; gzip is seen by what a file begins with. All of it is untrusted input:
`archives` holds the bounds.
"""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from trunk_failures.errors import ResultsError
from trunk_failures.results import archives, places

STDIN = "-"
"""The argument that stands for standard input."""

MOST_INPUT = 8 << 30
"""Bytes that are copied to disk of standard input, or of another pipe."""

NO_RESULTS = "is a zip file without results"
"""What the fault of a zip file says that has something else in it."""

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


class ResultFile(NamedTuple):
    """A file that is to be read as results; it can be sent to other processes.

    `member` is the name in a zip file, or "". `size` counts bytes as they are on disk. `shown` is
    what people call the file where `path` is a copy; `place` says where the member is.
    """

    path: str
    member: str = ""
    size: int = 0
    shown: str = ""
    place: archives.Place | None = None

    @property
    def name(self) -> str:
        """The name as people read it, such as `dir/out.zip!report.xml`; it is all printable."""
        member = f"!{self.member}" if self.member else ""
        return places.visible((self.shown or self.path) + member)


class Fault(NamedTuple):
    """A place that gives no results: its name, and a sentence that says why and names it."""

    name: str
    sentence: str


class Found(NamedTuple):
    """What places hold: result files and faults, each in the order of their names."""

    files: tuple[ResultFile, ...]
    faults: tuple[Fault, ...]


@contextlib.contextmanager
def find(arguments: Sequence[str], stdin: BinaryIO | None = None) -> Iterator[Found]:
    """Look at what the arguments name, and give the result files that are there.

    An argument is a file, a directory, a pattern (`**` too), or `-` for standard input. Of a
    directory, and of a zip file, that counts which looks like results by its name and is not
    hidden. The order of the arguments does not matter, nor that a file is named twice. Pipes are
    copied to a temporary file, which is gone at the end of the context. Raises nothing for places
    that are missing or broken: they are the faults.
    """
    with contextlib.ExitStack() as stack:
        search = _Search(stack, stdin)
        for argument in arguments:
            search.argument(argument)
        yield search.found()


@contextlib.contextmanager
def opened(file: ResultFile) -> Iterator[archives.Reader]:
    """Give a reader of a file's bytes, unpacked; raises ResultsError, in reading too.

    It gives as many bytes as asked for, and fewer only at the end, where it finds whether a file is
    truncated or has a wrong checksum. Memory does not grow with the size.
    """
    with _open(file.path, file.name) as on_disk:
        disk = archives.Disk(on_disk, file.name)
        reader: archives.Reader = disk
        if file.member:
            reader = disk.member(file.place or _place(file, on_disk))
        head = archives.Filled(reader).read(len(archives.GZIP))
        reader = archives.Resumed(head, reader)
        yield archives.Filled(disk.expanded(reader) if head == archives.GZIP else reader)


def sniff(head: bytes) -> str:
    """Tell from a file's first bytes what it is: "xml", "json lines", or "" for neither."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "ignore")
    elif head.startswith((b"<\0", b"\0<")):  # UTF-16 without its mark, which XML allows.
        return "xml"
    else:
        text = head.decode("utf-8-sig", "replace")
    first = text.lstrip(" \t\r\n")[:1]
    return {"<": "xml", "{": "json lines"}.get(first, "")


class _Search:
    """What the arguments named by now."""

    def __init__(self, stack: contextlib.ExitStack, stdin: BinaryIO | None) -> None:
        self._stack = stack
        self._stdin = stdin
        self._files: dict[tuple[str, str], ResultFile] = {}
        self._faults: set[Fault] = set()

    def found(self) -> Found:
        files = self._files.values()
        ordered = sorted(files, key=lambda file: (file.shown or file.path, file.member))
        return Found(tuple(ordered), tuple(sorted(self._faults)))

    def argument(self, argument: str) -> None:
        """Look at one argument."""
        if argument == STDIN:
            self._standard_input()
        elif "\0" in argument:
            self._fault(argument, "holds a NUL, as no file's name does; name another")
        elif os.path.lexists(argument):
            self._named(argument)
        elif glob.has_magic(argument):
            matches = places.matches(argument)
            for match in matches:
                self._named(match)
            if not matches:
                self._fault(argument, "is a pattern that matches nothing; correct it")
        else:
            self._fault(argument, "does not exist; name a file, a directory, a pattern or '-'")

    def _named(self, path: str) -> None:
        """Look at what was named by a path that is there."""
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            self._unreadable(path, error)
            return
        if stat.S_ISDIR(mode):
            if not self._directory(path):
                self._fault(path, f"is a directory without results; {places.LOOKED_FOR}")
        elif stat.S_ISREG(mode):
            if not self._file(path):
                self._fault(path, f"{NO_RESULTS}; {places.LOOKED_FOR}")
        elif stat.S_ISFIFO(mode):  # Such as `<(command)` in a shell: only this process can read it.
            with self._reported(path), _open(path, places.visible(path)) as pipe:
                self._copied(pipe, path)
        else:
            self._fault(path, "is neither a file nor a directory; name one")

    def _directory(self, top: str) -> bool:
        """Look through a directory; tells whether something was found, be it a fault."""
        before = len(self._faults)
        something = False
        real_top = os.path.realpath(top)
        for path in places.files(top, self._unreadable):
            try:
                linked = os.path.islink(path)
                regular = stat.S_ISREG(os.stat(path).st_mode)
            except OSError as error:
                self._unreadable(path, error)
                continue
            # No directory on the way is a link; to look at each again takes long where it is deep.
            real = "" if linked else os.path.normpath(real_top + os.sep + path[len(top) :])
            something = regular and self._file(path, real=real) or something
        return something or len(self._faults) > before

    def _file(self, path: str, shown: str = "", real: str = "") -> bool:
        """Take a file, or the members of a zip file; tells whether something was found."""
        name = places.visible(shown or path)
        real = os.path.normcase(real or os.path.realpath(path))
        with self._reported(shown or path), _open(path, name) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(4)
            whole = ResultFile(path, "", size, shown)
            if path.lower().endswith(".zip") or head in _ZIP_STARTS:
                file.seek(0)
                return self._members(archives.members(file, name), whole, real)
            self._keep(whole, real)
        return True

    def _members(
        self, members: Iterable[archives.Member], whole: ResultFile, real: str
    ) -> bool:
        something = False
        for member in members:
            parts = member.name.replace("\\", "/").split("/")
            hidden = any(part.strip(".") and part.startswith(".") for part in parts)
            if hidden or not places.looks_like_results(parts[-1]):
                continue
            something = True
            place = member.place
            file = whole._replace(member=member.name, size=place.packed, place=place)
            if member.fault:
                self._fault(file.name, member.fault)
            elif parts[-1].lower().endswith(".zip"):
                self._fault(file.name, "is a zip file in a zip file; unpack the outer one")
            else:
                self._keep(file, real)
        return something

    def _keep(self, file: ResultFile, real: str) -> None:
        key = (real, file.member)
        known = self._files.get(key, file)
        self._files[key] = min(known, file, key=lambda each: each.path)

    def _standard_input(self) -> None:
        with self._reported("standard input"):
            stdin = self._stdin or getattr(sys.stdin, "buffer", None)
            if stdin is None:
                raise ResultsError("standard input is closed; name a file instead of '-'")
            self._copied(stdin, "standard input")

    def _copied(self, pipe: BinaryIO, shown: str) -> None:
        """Copy what only this process can read to where others can read it too."""
        name = places.visible(shown)
        try:
            spool = tempfile.TemporaryDirectory(
                prefix="trunk-failures-", ignore_cleanup_errors=True
            )
            path = os.path.join(self._stack.enter_context(spool), "copy")
            try:
                size = _copy(pipe, path, name)
            except BaseException:
                spool.cleanup()  # Others may need the space.
                raise
        except (OSError, ValueError) as error:  # ValueError: the pipe has been closed.
            raise ResultsError(f"{name} cannot be copied to a file: {error}") from error
        if not size:
            raise ResultsError(f"{name} is empty; give it what a test run wrote")
        if not self._file(path, shown):
            self._fault(shown, f"{NO_RESULTS}; {places.LOOKED_FOR}")

    def _unreadable(self, path: str, error: OSError) -> None:
        self._fault(path, f"cannot be read: {error.strerror or error}")

    def _fault(self, path: str, what: str) -> None:
        self._faults.add(Fault(places.visible(path), f"{places.visible(path)} {what}"))

    @contextlib.contextmanager
    def _reported(self, path: str) -> Iterator[None]:
        """Keep an error as the fault of a path."""
        try:
            yield
        except ResultsError as error:
            self._faults.add(Fault(places.visible(path), str(error)))
        except OSError as error:
            self._unreadable(path, error)


def _open(path: str, name: str) -> BinaryIO:
    try:
        return open(path, "rb")
    except OSError as error:
        raise ResultsError(f"{name} cannot be read: {error.strerror or error}") from error


def _copy(pipe: BinaryIO, path: str, name: str) -> int:
    """Copy all that comes from a pipe, up to a bound; returns its size."""
    size = 0
    with open(path, "wb") as copy:
        while data := pipe.read(archives.CHUNK):
            size += len(data)
            if size > MOST_INPUT:
                raise ResultsError(
                    f"{name} holds more than {MOST_INPUT >> 30} GiB; write it to a file, and name"
                    f" that"
                )
            copy.write(data)
    return size


def _place(file: ResultFile, on_disk: BinaryIO) -> archives.Place:
    """Look a member up in its zip, for a file that `find` did not give."""
    for member in archives.members(on_disk, places.visible(file.path)):
        if member.name == file.member:
            if member.fault:
                raise ResultsError(f"{file.name} {member.fault}")
            return member.place
    raise ResultsError(f"{file.name} is not in its zip file; name one of its members")
