"""JUnit XML, read as a stream: the memory that it takes does not grow with the file.

The files come from pull requests. Entities are refused, nothing external is ever fetched, and
depth, attributes and texts are bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat

from trunk_failures import verdicts
from trunk_failures.errors import ResultsError, UsageError
from trunk_failures.results import cases, junit_dialects, junit_ids
from trunk_failures.results.cases import Sink
from trunk_failures.results.junit_dialects import Found
from trunk_failures.verdicts import Verdict

CHUNK = 1 << 16
DEPTH = 200
"""How deep elements may be nested; real files have six levels or so."""

TAG_LIMIT = 1 << 22
"""Bytes that a tag may have with its attributes, in which messages are."""

CLASS_LIMIT = 1 << 14
"""Characters that the name of a class may have together with its file's."""

HELD = 1 << 20
"""Bytes of a file of which the names of tests are held, about."""

ROOTS = ("testsuites", "testsuite", "testcase")


def read(stream: BinaryIO, sink: Sink) -> None:
    """Hand each test case of a JUnit file to a sink.

    Raises ResultsError for what is no JUnit file, ends too early or breaks a bound.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = CHUNK
    handlers = _Handlers(parser, sink)
    try:
        _feed(parser, stream, handlers)
    except expat.ExpatError as error:
        raise ResultsError(_fault(error)) from None
    except UnicodeDecodeError as error:
        raise ResultsError(f"its text cannot be decoded: {error.reason}") from None
    except (LookupError, ValueError) as error:  # Unknown, or more than one byte a character.
        raise ResultsError(f"its encoding cannot be read: {error}") from None
    handlers.finish()


def _feed(parser: expat.XMLParserType, stream: BinaryIO, handlers: _Handlers) -> None:
    given = 0
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
        given += len(chunk)
        if given - parser.CurrentByteIndex > TAG_LIMIT:
            raise ResultsError(f"it has a tag of more than {TAG_LIMIT} bytes, which no report has")
        handlers.check()
    parser.Parse(b"", True)


def _fault(error: expat.ExpatError) -> str:
    what = expat.ErrorString(error.code)
    where = f"line {error.lineno}, column {error.offset}"
    if error.code in _EARLY:
        return f"it ends too early, at {where}"
    return f"it is no well-formed XML: {what}, {where}"


_EARLY = (
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
)


class _Handlers:
    """What is called for each element.

    Tests are taken as passed when they begin, in batches of one class, and taken back when
    something is said of them: for most there is no more to do than to keep a name.
    """

    def __init__(self, parser: expat.XMLParserType, sink: Sink) -> None:
        self._parser = parser
        self._sink = sink
        self._suite = self._classname = self._file = ""
        self._names: list[str] = []
        self._handed = 0  # Where in the file names were handed on last.
        self._taken = 0  # Test cases that began and are no longer in the names.
        self._others = 0  # Other elements that began.
        self._ended: list[str] = []
        self._gone = 0  # Elements that ended, and are no longer in that list.
        self._mark = -1  # How many of the list had ended when the test began; -1: none is open.
        self._said = False
        self._found: list[Found] = []
        self._open: tuple[str, dict[str, str]] | None = None
        self._text: list[str] = []
        self._kept = 0
        self._told = ""
        self._failed: tuple[str, str] | None = None
        self._is_pytests = False
        parser.StartElementHandler = self._root
        parser.EndElementHandler = self._ended.append
        parser.EntityDeclHandler = self._entity
        parser.AttlistDeclHandler = self._attribute

    def check(self) -> None:
        """Check what is bounded, after each chunk."""
        self._mark = -1 if self._is_between() else 0
        self._gone += len(self._ended)
        self._ended.clear()
        if self._others + self._taken + len(self._names) - self._gone > DEPTH:
            raise ResultsError(f"its elements are nested more than {DEPTH} deep")
        reached = self._parser.CurrentByteIndex
        if len(self._names) > cases.BATCH or self._names and reached - self._handed > HELD:
            self._handed = reached
            last = self._names.pop()  # Something may yet be said of it.
            self._flush()
            self._names.append(last)

    def finish(self) -> None:
        """Hand on what is left."""
        self._complete()
        self._flush()

    def _entity(self, name: str, *declared: object) -> None:
        raise ResultsError(f"it declares an entity ({name!r}), which no report needs; not read")

    def _attribute(self, name: str, *declared: object) -> None:
        # Its default would stand in each element, however large, for no bytes at all.
        raise ResultsError(f"it declares attributes ({name!r}), which no report needs; not read")

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name not in ROOTS:
            raise ResultsError(f"it is XML, but no JUnit report: its root is <{name[:80]}>")
        self._parser.StartElementHandler = start = self._starter()
        if name == "testsuites":
            self._note_suite(attributes)
        start(name, attributes)

    def _note_suite(self, attributes: dict[str, str]) -> None:
        """Note which suite begins, and whether pytest wrote the file.

        With pytest-rerunfailures the runs of a test before its last one stand there as passes.
        """
        self._suite = attributes.get("name", "")
        if self._suite in ("pytest", "pytest tests"):
            self._is_pytests = True

    def _starter(self) -> Callable[[str, dict[str, str]], None]:
        """Return what is called as an element begins; it is most of what reading costs."""
        names, ended = self._names, self._ended
        current: str | None = None

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal current
            if name != "testcase":
                self._other(name, attributes)
                return
            if self._said:
                self._complete()
            try:
                if attributes["classname"] != current or "file" in attributes:
                    current = self._turn(attributes)
                names.append(attributes["name"])
            except KeyError:
                current = self._turn(attributes)
                names.append(attributes.get("name", ""))
            self._mark = len(ended)

        return start

    def _turn(self, attributes: dict[str, str]) -> str | None:
        """Turn to the class that a test case is of; returns what it says of that."""
        classname, file = attributes.get("classname", ""), attributes.get("file", "")
        if classname != self._classname or file != self._file:
            if len(classname) + len(file) > CLASS_LIMIT:
                raise ResultsError(
                    f"it has the name of a class of more than {CLASS_LIMIT} characters, which no "
                    f"report has"
                )
            self._flush()
            self._classname, self._file = classname, file
        return None if file else attributes.get("classname")

    def _other(self, name: str, attributes: dict[str, str]) -> None:
        self._others += 1
        if self._open is not None:
            self._close()
        if name in junit_dialects.ELEMENTS:
            if self._is_between():
                self._of_suite(name)
                return
            self._open, self._said = (name, attributes), True
            self._parser.CharacterDataHandler = self._characters
        elif name == "property" and attributes.get("name") == verdicts.PROPERTY:
            self._told, self._said = attributes.get("value", ""), True
        elif name == "testsuite":
            self._note_suite(attributes)

    def _is_between(self) -> bool:
        """Tell whether the last test case that began has ended too."""
        return self._mark < 0 or "testcase" in self._ended[self._mark :]

    def _of_suite(self, name: str) -> None:
        """Take what is said of a whole suite, outside of its tests."""
        if name in junit_dialects.FAILURES:
            self._sink.unnamed(f"suite {self._suite!r}", junit_dialects.FAILURES[name])

    def _characters(self, text: str) -> None:
        # To take the handler away here would call it again: expat's buffer is not empty yet.
        if self._kept <= cases.TEXT_LIMIT:
            self._text.append(text)
            self._kept += len(text)

    def _close(self) -> None:
        """Keep the element that ended."""
        assert self._open is not None
        name, attributes = self._open
        text = "".join(self._text)[: cases.TEXT_LIMIT].strip()
        message = attributes.get("message", "")[: cases.TEXT_LIMIT]
        self._found.append(Found(name, attributes.get("type", ""), message, text))
        self._open, self._kept = None, 0
        self._text.clear()
        self._parser.CharacterDataHandler = None

    def _complete(self) -> None:
        """Hand on the last test if something was said of it."""
        if self._open is not None:
            self._close()
        found, told, said = self._found, self._told, self._said
        self._found, self._told, self._said = [], "", False
        if not said or not self._names:
            return
        name = self._names.pop()
        self._taken += 1
        meanings = junit_dialects.meanings(found, told)
        own = meanings[0].verdict
        twice = self._failed == (self._classname, name)
        self._failed = (self._classname, name) if own in _FAILED else None
        try:
            test = junit_ids.named(self._classname, name, self._file)
        except UsageError:
            self._sink.unnamed(f"{self._classname}.{name}", own)
            return
        decides = test.is_part or self._is_pytests
        for case in junit_dialects.cases_of(test, meanings, not twice, decides):
            self._sink.case(case)

    def _flush(self) -> None:
        """Hand on the tests of which nothing was said: they passed."""
        names = self._names[:]
        if not names:
            return
        self._names.clear()
        self._taken += len(names)
        scope = junit_ids.scope(self._classname, self._file)
        if scope is not None and junit_ids.are_plain("\n".join(names)):
            self._sink.passes(*scope, names)
            return
        batches = cases.Batches(self._sink)
        for name in names:
            try:
                test = junit_ids.named(self._classname, name, self._file)
            except UsageError:
                if name:  # pytest-rerunfailures leaves test cases without any attribute.
                    self._sink.unnamed(f"{self._classname}.{name}", Verdict.PASSED)
            else:
                batches.add(test.key, test.place)
        batches.flush()


_FAILED = (Verdict.FAILED, Verdict.ERROR, Verdict.CRASHED)
