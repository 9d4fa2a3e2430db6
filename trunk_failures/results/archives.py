"""Archives: what a zip file or a gzip stream holds, read as untrusted input.

Nothing is ever extracted to disk, so that the names of members are only shown. No size that an
archive claims is trusted: what comes out is counted, and checked against its checksum.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import BinaryIO, NamedTuple, Protocol

from trunk_failures.errors import ResultsError

MOST_MEMBERS = 65_535
"""Members that a zip may have: as many as one without the zip64 extension can."""

LARGEST_DIRECTORY = 16 << 20
"""Bytes that the list of a zip's members may have; it is read at once."""

FREE = 64 << 20
"""Bytes that may come out of anything, however few went in."""

RATIO = 200
"""Bytes that may come out for each byte that is read from disk, once `FREE` have."""

MOST = 32 << 30
"""Bytes that may come out in any case."""

CHUNK = 1 << 16
"""Bytes that are read from disk at once."""

GZIP = b"\x1f\x8b"
"""What a gzip stream begins with."""

_RAW, _GZIP = -zlib.MAX_WBITS, zlib.MAX_WBITS + 16  # zlib's words for a stream's format
_HEADER = struct.Struct("<4s22xHH")  # before each member: signature, lengths of name and extra
_DIRECTORY_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1 | 0x40 | 0x2000


class Reader(Protocol):
    """What gives bytes: at most as many as asked for, none only at the end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; `size` is at least 1."""
        raise NotImplementedError


class Place(NamedTuple):
    """Where a member is in its zip: the offset of its header, and how it is packed."""

    offset: int
    packed: int
    method: int
    crc: int


class Member(NamedTuple):
    """A member of a zip; `fault` says why it cannot be read."""

    name: str
    place: Place
    fault: str = ""


class Disk:
    """An open file that counts what is read from it; `name` is what errors call it."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.taken = 0
        self._file = file

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; raises ResultsError when the disk does not give them."""
        try:
            data = self._file.read(size)
        except OSError as error:
            raise ResultsError(f"{self.name} cannot be read: {error.strerror or error}") from error
        self.taken += len(data)
        return data

    def member(self, place: Place) -> Reader:
        """Return what gives the bytes of a member, unpacked."""
        self._file.seek(place.offset)
        header = self.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(b"PK\x03\x04"):
            raise ResultsError(
                f"{self.name} is not where its zip says; the zip is broken, or was changed since it"
                f" was looked at; make it anew"
            )
        _, name, extra = _HEADER.unpack(header)
        self._file.seek(place.offset + _HEADER.size + name + extra)
        packed: Reader = _Slice(self, place.packed)
        if place.method == zipfile.ZIP_DEFLATED:
            packed = _Expanded(packed, self, _RAW)
        return _Checked(packed, self.name, place.crc)

    def expanded(self, source: Reader) -> Reader:
        """Return what gives the bytes that a gzip stream, read from this file, expands to."""
        return _Expanded(source, self, _GZIP)


class Filled:
    """A reader that gives as many bytes as asked for, and fewer only at the end."""

    def __init__(self, source: Reader) -> None:
        self._source = source

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        data = piece = self._source.read(size)
        while piece and len(data) < size:
            piece = self._source.read(size - len(data))
            data += piece
        return data


class Resumed:
    """A reader of which the first bytes have been looked at already."""

    def __init__(self, head: bytes, rest: Reader) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._rest.read(size)


class _Slice:
    """The next bytes of a file, as many as a member has; an error where the file ends before."""

    def __init__(self, disk: Disk, size: int) -> None:
        self._disk = disk
        self._left = size

    def read(self, size: int, /) -> bytes:
        data = self._disk.read(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        if self._left and not data:
            raise _truncated(self._disk.name)
        return data


class _Expanded:
    """What a deflated stream expands to, within bounds; of gzip, stream after stream."""

    def __init__(self, source: Reader, disk: Disk, form: int) -> None:
        self._source = source
        self._disk = disk
        self._form = form
        self._given = 0
        self._pending = b""
        self._inflater = zlib.decompressobj(form)

    def read(self, size: int, /) -> bytes:
        data = b""
        while not data and (not self._inflater.eof or self._next()):
            # Even with nothing more to feed in, there may be more to come out.
            fed = self._pending or self._source.read(CHUNK)
            try:
                data = self._inflater.decompress(fed, size)
            except zlib.error as error:
                raise ResultsError(
                    f"{self._disk.name} is broken: {error}; make it anew"
                ) from error
            self._pending = self._inflater.unconsumed_tail
            if not fed and not data and not self._inflater.eof:
                raise _truncated(self._disk.name)
        self._given += len(data)
        self._check()
        return data

    def _next(self) -> bool:
        """Begin the stream that follows the one that has ended, and tell whether there is one."""
        if self._form != _GZIP:
            return False
        left = self._inflater.unused_data.lstrip(b"\0")  # Tapes and the like pad with zeros.
        while not left:
            more = self._source.read(CHUNK)
            if not more:
                return False
            left = more.lstrip(b"\0")
        self._inflater = zlib.decompressobj(self._form)
        self._pending = left
        return True

    def _check(self) -> None:
        if self._given <= FREE:
            return
        if self._given > RATIO * self._disk.taken:
            raise ResultsError(
                f"{self._disk.name} expands to more than {RATIO} times its size, as results do not;"
                f" if they are results, unpack it yourself"
            )
        if self._given > MOST:
            raise ResultsError(
                f"{self._disk.name} expands to more than {MOST >> 30} GiB; split it, or unpack it"
                f" yourself"
            )


class _Checked:
    """A member's bytes, and at their end whether they are what was packed."""

    def __init__(self, source: Reader, name: str, crc: int) -> None:
        self._source = source
        self._name = name
        self._wanted = crc
        self._crc = 0

    def read(self, size: int, /) -> bytes:
        data = self._source.read(size)
        self._crc = zlib.crc32(data, self._crc)
        if not data and self._crc != self._wanted:
            raise ResultsError(
                f"{self._name} is broken: it does not have the checksum that its zip says; make the"
                f" zip anew"
            )
        return data


class _Bounded:
    """A zip file as `zipfile` reads it: it takes the whole list of members at once."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.seek, self.tell = file.seek, file.tell
        self._file = file
        self._name = name

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size) if size <= LARGEST_DIRECTORY else None
        if data is None or data.count(_DIRECTORY_ENTRY) > MOST_MEMBERS:
            raise ResultsError(
                f"{self._name} has too many members: up to {MOST_MEMBERS:,} are read, if their list"
                f" has up to {LARGEST_DIRECTORY >> 20} MiB; unpack it and name the directory"
            )
        return data


def members(file: BinaryIO, name: str) -> list[Member]:
    """Return the members of a zip that are files, in the order of their names.

    Of members that have one name only the last counts, as when a zip is unpacked. Raises
    ResultsError for what is no zip, is broken, has too many members or some that overlap.
    """
    try:
        with zipfile.ZipFile(_Bounded(file, name)) as archive:
            found = archive.infolist()
            end = archive.start_dir
    except ResultsError:
        raise
    except Exception as error:  # zipfile raises errors of many kinds for what is broken.
        raise ResultsError(
            f"{name} cannot be read as a zip file: {error}; make it anew"
        ) from error
    _check_overlap(found, end, name)
    by_name = {info.filename: info for info in found if not info.is_dir()}
    return [_member(by_name[each]) for each in sorted(by_name)]


def _member(info: zipfile.ZipInfo) -> Member:
    fault = ""
    if info.flag_bits & _ENCRYPTED:
        fault = "is encrypted; make the zip without a password"
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        fault = (
            f"is compressed by method {info.compress_type}; read are methods 8 (deflated) and 0"
            f" (stored); make the zip with one of these"
        )
    place = Place(info.header_offset, info.compress_size, info.compress_type, info.CRC)
    return Member(info.filename, place, fault)


def _check_overlap(found: list[zipfile.ZipInfo], end: int, name: str) -> None:
    """Refuse members that share bytes: so a few bytes on disk can stand for any number."""
    ordered = sorted(found, key=lambda info: info.header_offset)
    starts = [info.header_offset for info in ordered[1:]] + [end]
    for info, following in zip(ordered, starts):
        start = info.header_offset
        if start < 0 or start + _HEADER.size + info.compress_size > following:
            raise ResultsError(
                f"{name} is broken or a trap: its member {info.filename!r} overlaps what follows it"
                f"; make it anew"
            )


def _truncated(name: str) -> ResultsError:
    return ResultsError(f"{name} is truncated: it ends before its end mark; make it anew")
