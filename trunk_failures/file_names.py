"""File names of entries: the codec between a test's key and the name of its file.

Any two distinct keys can be listed together, whatever the file system.
"""

# Loaded with the lists, at every import of the package: nothing here may import what is not needed.
from __future__ import annotations

from trunk_failures.errors import ListError

TYPE_CHECKING = False  # as typing's, without importing typing
if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 200
"""Bytes that a file name may have; file systems allow 255, and editors and git add suffixes."""

FIRST_LINE = "test: "
"""What the first line of a file begins with whose name ends in a hash."""

_DIGITS = 12  # of the hash: 48 bits, and only keys that share a cut or case-blind name can clash
_HEX = frozenset("0123456789abcdefABCDEF")
_LOWER_HEX = frozenset("0123456789abcdef")
_CONTROLS = frozenset(map(chr, (*range(32), 127)))
_ESCAPES = {ord(char): f"%{ord(char):02X}" for char in (*_CONTROLS, *'<>:"/\\|?*%~')}
_DEVICES = frozenset(
    ("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$")
    + tuple(f"{port}{digit}" for port in ("COM", "LPT") for digit in range(10))
)
_SIMPLE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.[]-")
# What str.splitlines and text editors take for the end of a line, beyond ASCII's controls.
_LINE_BREAKERS = frozenset(map(chr, (*range(0x80, 0xA0), 0x2028, 0x2029)))


def encode(key: str) -> str:
    """Give the file name of a key: ASCII, percent-encoded, at most `LONGEST` bytes.

    Long keys, and the empty one, get their `hashed` name. Keys that differ by case alone get names
    that do so too: see `names`.
    """
    if _SIMPLE.issuperset(key) and 0 < len(key) <= LONGEST and "." not in (key[0], key[-1]):
        if not _is_device(key):
            return key  # Nearly every one.
    plain = _plain(key)
    return plain if 0 < len(plain) <= LONGEST else hashed(key)


def hashed(key: str) -> str:
    """Give the file name that ends in a hash of the key, for keys that have no plain one.

    As much of the plain name as fits, `~`, twelve hex digits of the SHA-256 of the key's UTF-8.
    The key cannot be read from it, and so is the file's first line: see `spell`.
    """
    import hashlib

    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    start = _plain(key)[: LONGEST - 1 - _DIGITS]
    escape = start.rfind("%", -2)  # a % in the last two places has lost digits to the cut
    return f"{start[:escape] if escape >= 0 else start}~{digest}"


def is_hashed(name: str) -> bool:
    """Tell whether a file name ends as `hashed` ends it."""
    if "~" not in name:
        return False  # Nearly every one.
    digest = name.rpartition("~")[2]
    return len(digest) == _DIGITS and _LOWER_HEX.issuperset(digest)


def decode(name: str) -> str:
    """Give the key of a plain file name; the inverse of `encode`.

    Characters that `encode` would have escaped read as themselves, except `/`, `\\` and controls.
    Raises ListError for those, for escapes that are broken, and for names that hold no key.
    """
    if "%" not in name and "~" not in name and _is_safe(name):
        return name  # nearly every name; thousands are read at import
    if is_hashed(name):
        raise ListError(
            f"{name!r} ends in a hash, and so is no test's key: its key is the file's first line,"
            " 'test: <key>'; read or write that line"
        )
    if name.endswith("~"):
        raise ListError(
            f"{name!r} looks like an editor's backup (a listed test's '~' is written '%7E'):"
            " delete it"
        )
    if not _is_safe(name):
        raise ListError(
            f"{name!r} holds a '/', a '\\' or a control character: in an entry's file name these"
            " are percent-encoded UTF-8, as in '%2F'; rename the file"
        )
    return _unquote(name, "an entry's file name", "rename the file")


def names(keys: Iterable[str]) -> dict[str, str]:
    """Give each key's file name, for keys that are listed together in one folder.

    `encode`'s, or `hashed` for every key whose name differs from another's by case alone. Does not
    depend on the order of the keys; all names differ even when case is ignored.
    """
    encoded = {key: encode(key) for key in keys}
    twins: dict[str, int] = {}
    for name in encoded.values():
        twins[name.lower()] = twins.get(name.lower(), 0) + 1
    return {
        key: name if twins[name.lower()] == 1 else hashed(key) for key, name in encoded.items()
    }


def spell(key: str) -> str:
    """Write a key as it stands on the first line of a `hashed` file, after `test: `.

    As it is, but for what a line of UTF-8 text cannot carry: line ends and other controls,
    surrogates, blanks at either end, and `%` itself, which are percent-encoded.
    """
    first = len(key) - len(key.lstrip())
    end = len(key.rstrip())
    return "".join(
        _escape(char) if _is_unspeakable(char) or not first <= place < end else char
        for place, char in enumerate(key)
    )


def unspell(text: str) -> str:
    """Read a key from the first line of a `hashed` file; the inverse of `spell`.

    Raises ListError for escapes that are broken.
    """
    return _unquote(text, "a line 'test: <key>'", "correct the line")


def _plain(key: str) -> str:
    name = key.translate(_ESCAPES)
    if not name.isascii():
        name = "".join(char if char.isascii() else _escape(char) for char in name)
    if name.endswith((".", " ")):  # Windows drops these
        name = name[:-1] + _escape(name[-1])
    # Files beginning with a dot are ignored; Windows opens a device whatever the extension.
    if name.startswith(".") or _is_device(name):
        name = _escape(name[0]) + name[1:]
    return name


def _is_device(name: str) -> bool:
    return name.partition(".")[0].rstrip(" ").upper() in _DEVICES


def _escape(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _is_safe(name: str) -> bool:
    # All that is printable is free of controls: the common case, without a look at each character.
    is_clean = name.isprintable() or _CONTROLS.isdisjoint(name)
    return is_clean and "/" not in name and "\\" not in name


def _is_unspeakable(char: str) -> bool:
    is_surrogate = "\ud800" <= char <= "\udfff"
    return char == "%" or is_surrogate or char in _CONTROLS or char in _LINE_BREAKERS


def _unquote(text: str, place: str, remedy: str) -> str:
    start, *rest = text.split("%")
    coded = [start.encode("utf-8", "surrogatepass")]
    for piece in rest:
        digits = piece[:2]
        if len(digits) < 2 or not _HEX.issuperset(digits):
            raise ListError(
                f"{text!r} holds {'%' + digits!r}: in {place} a '%' and two hex digits stand for"
                f" one byte of UTF-8, and a '%' itself is '%25'; {remedy}"
            )
        coded += (bytes((int(digits, 16),)), piece[2:].encode("utf-8", "surrogatepass"))
    try:
        return b"".join(coded).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        found = error.object[slice(error.start, error.end)]
        raise ListError(
            f"{text!r} holds the escaped bytes {found!r}, which are not UTF-8: in {place} a '%' and"
            f" two hex digits stand for one byte of UTF-8; {remedy}"
        ) from None
