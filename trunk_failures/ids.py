"""Test ids: which test is meant, and how each tool writes that.

A dialect is a pair of functions, `from_x(text)` and `to_x(test)`. A dialect holds what its tool
needs, so reading it may leave fields empty; never the key. Where a dialect does not tell a class
from a module or from what is around it, CapWords is a class. Text of no test raises UsageError.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from trunk_failures.errors import UsageError

_MODULE_FIXTURES = ("setUpModule", "tearDownModule")
_FIXTURES = ("setUpClass", "tearDownClass", *_MODULE_FIXTURES)
_FIXTURE_IDS = tuple(f"{fixture} (" for fixture in _FIXTURES)
_LOADER = "unittest.loader."  # where the tests are that stand for a module that was not loaded
_LOADER_TESTS = ("_FailedTest", "ModuleSkipped")

# A name and its parameters, which may hold anything; unittest puts a blank before a sub-test.
_TEST = r"(?P<test>[^\[]*?(?:\[.*\])?)"
_GROUP = r"(?:@[^\[\]]*)?"  # of pytest-xdist, under --dist=loadgroup
_SUBTEST = r"(?: \[.*\])?(?: \(.*\))?"
_UNITTEST = re.compile(_TEST + _SUBTEST, re.DOTALL)
_PYTEST = re.compile(_TEST + _GROUP, re.DOTALL)
_JUNIT = re.compile(_TEST + _GROUP + _SUBTEST, re.DOTALL)
# From Python 3.11 on unittest repeats the method after the class.
_ISSUE = re.compile(_TEST + r" \(([^][()=,/]+?)(?:\.(?P=test))?\)" + _SUBTEST, re.DOTALL)
_UNNAMEABLE = re.compile(r"[./\[\s]")
_PHASE = re.compile(r" \((setup|call|teardown)\)\Z")


class TestId(NamedTuple):
    """Name one test.

    scope: the class's own name; for a plain function, its module's base name.
    name: the method's or function's, with its parameters in brackets.
    module: dotted; of a module that was not loaded, its own name.
    file: posix path, absolute or from where the dialect counts (in keys: the test directory).
    outer: the classes around a nested class, dotted.
    """

    scope: str
    name: str
    module: str = ""
    file: str = ""
    outer: str = ""
    is_function: bool = False

    @property
    def key(self) -> str:
        """Give what the lists call the test: scope and name."""
        return f"{self.scope}.{self.name}"


# Or pytest would collect the class; in a NamedTuple's body mypy takes it for a field.
setattr(TestId, "__test__", False)


def read(text: str) -> TestId:
    """Read any of the dialects that are one text, as people give them."""
    head = text.partition("[")[0]
    if "::" in head or head.endswith(".py"):
        return from_node_id(text)
    if "/" in head:
        return from_key(text)
    try:
        return from_issue(text)
    except UsageError:
        test = from_unittest(text)
    return test if test.module or test.outer else from_key(test.key)


def from_key(text: str) -> TestId:
    """Read `Class.test`, `module.test[parameters]` or, of one file, `folder/module/Class.test`."""
    head, bracket, parameters = text.partition("[")
    folder, _, last = head.rpartition("/")
    scope, _, name = last.partition(".")
    file = f"{folder}.py" if folder else ""
    is_function = not _is_capwords(scope) and _stem(file) in ("", scope)
    test = TestId(scope, name + bracket + parameters, "", file, "", is_function)
    return _checked(test, "'Class.test', 'module.test' or 'folder/module/Class.test'", text)


def to_key(test: TestId) -> str:
    """Write the key; where the file is known, the key that holds for that file alone."""
    return f"{test.file.removesuffix('.py')}/{test.key}" if test.file else test.key


def from_unittest(text: str) -> TestId:
    """Read what `id()` gives: of a test, a sub-test (gives its test), a fixture, a failed module.

    Every scope is a class, as unittest runs no plain functions.
    """
    if text.startswith(_FIXTURE_IDS):
        return from_issue(text)
    head, bracket, parameters = _bare(_UNITTEST, text).partition("[")
    path, _, name = head.rpartition(".")
    test = _unloaded(head) or _method(path, name + bracket + parameters)
    return _checked(test, "'package.module.Class.test'", text)


def to_unittest(test: TestId) -> str:
    """Write what `id()` gives; of a plain function, its dotted name."""
    if is_fixture(test):
        return to_issue(test)
    return ".".join(to_junit(test)[:2])


def from_issue(text: str) -> TestId:
    """Read `test (module.Class)`, as in titles of DISABLED issues and in `str()` of unittest's."""
    match = _ISSUE.fullmatch(text.strip())
    name, path = match.groups() if match else (text, "")
    path = ".".join(part.strip() for part in path.split("."))  # "__main__. Class" is real
    test = _unloaded(f"{path}.{name}") or _method(path, name)
    if name in _MODULE_FIXTURES:
        test = TestId(test.scope, name, path, is_function=True)
    return _checked(test, "'test (module.Class)'", text)


def to_issue(test: TestId) -> str:
    """Write `test (module.Class)`, without a module where none is known."""
    classname, name, _ = to_junit(test)
    return f"{name} ({classname})"


def from_node_id(text: str) -> TestId:
    """Read pytest's `folder/file.py::Class::test[parameters]`; a file alone is a failed module."""
    file, separator, rest = text.partition("::")
    file = file.replace("\\", "/")
    head, bracket, parameters = _bare(_PYTEST, rest).partition("[")
    *classes, name = head.split("::")
    scope, outer = classes[-1] if classes else _stem(file), ".".join(classes[:-1])
    test = TestId(scope, name + bracket + parameters, "", file, outer, not classes)
    if not separator and file.endswith(".py"):
        test = TestId(_LOADER_TESTS[0], _stem(file), file=file)
    return _checked(test, "'folder/file.py::Class::test' or 'folder/file.py::test'", text, file)


def of_item(node_id: str) -> TestId:
    """Read the node id of whatever pytest collects, doctests and other plugins' items too.

    What is neither a function nor a method is named by its file, with the rest of the node id in
    brackets: `calculator.py[calculator.add]`, `usage.rst[usage.rst]`.
    """
    try:
        return from_node_id(node_id)
    except UsageError:
        file, _, rest = node_id.replace("\\", "/").partition("::")
    stem, _, suffix = file.rpartition("/")[2].rpartition(".")
    scope = _UNNAMEABLE.sub("_", stem or suffix)
    return TestId(scope or "_", f"{(stem and suffix) or 'item'}[{rest}]", file=file)


def to_node_id(test: TestId) -> str:
    """Write pytest's node id, in the module's file where the file is not known.

    Raises UsageError where the module is not known either.
    """
    file = test.file or test.module.replace(".", "/") + ".py"
    if file in (".py", "__main__.py"):
        raise UsageError(
            f"{test.key!r} has no pytest node id, as its file is not known: give the test as"
            " 'folder/file.py::Class::test', 'folder/module/Class.test' or 'module.Class.test'"
        )
    if test.scope in _LOADER_TESTS:
        return file
    outer = test.outer.rpartition("<locals>")[2]  # pytest calls a class by its name in the module
    classes = [] if test.is_function else [*filter(None, outer.split(".")), test.scope]
    return "::".join((file, *classes, test.name))


def from_junit(classname: str, name: str, file: str | None = None) -> TestId:
    """Read a test case's attributes, as pytest or xmlrunner write them; of a sub-test, its test.

    A classname that ends like the file is a module, and the test a plain function. A file that is
    not the classname's is left out: pytest gives the file that defines an inherited test.
    """
    if name.startswith(_FIXTURE_IDS):
        return from_issue(name)
    parts, path = classname.split("."), (file or "").replace("\\", "/")
    # pytest gives a failed module no classname.
    test = _unloaded(f"{classname or _LOADER + _LOADER_TESTS[0]}.{name}")
    if test:
        test = test._replace(file=path if _is_of(path, test.module) else "")
    else:
        ends = range(1, len(parts) + 1)
        own = [end for end in ends if _is_of(path, ".".join(parts[:end]))]
        end = own[0] if own else _module_end(parts)
        test = _at(parts, end, _bare(_JUNIT, name), path if own or not end else "")
    found = f"classname={classname!r} name={name!r}"
    return _checked(test, "classname='package.module.Class' name='test'", found)


def to_junit(test: TestId) -> tuple[str, str, str | None]:
    """Write classname, name and, where it is known, the file."""
    module = test.module or test.file.removesuffix(".py").replace("/", ".").strip(".")
    parts = [module or test.scope] if test.is_function else [module, test.outer, test.scope]
    if test.scope in _LOADER_TESTS:
        parts = [_LOADER + test.scope, module.rpartition(".")[0]]
    return ".".join(filter(None, parts)), test.name, test.file or None


def is_fixture(test: TestId) -> bool:
    """Tell whether it is a class's or a module's fixture, as unittest reports them."""
    return test.name in _FIXTURES


def current(environ_value: str, function: str) -> TestId | None:
    """Give the test that pytest runs now, if it is the function's: its own or a copy's.

    Generators of tests make copies whose names begin with the function's. environ_value:
    pytest's PYTEST_CURRENT_TEST, a node id and a phase.
    """
    try:
        test = from_node_id(_PHASE.sub("", environ_value))
    except UsageError:
        return None
    return test if test.name.partition("[")[0].startswith(function) else None


def _checked(test: TestId, form: str, found: str, *required: str) -> TestId:
    parts = (test.scope, test.name.partition("[")[0])
    if all(required) and all(part and part == part.strip() for part in parts):
        if not any(char in part for char in "./[" for part in parts):
            return test
    raise UsageError(
        f"{found!r} is no test id here: allowed is {form}, where the class or module and the test,"
        " up to its '[', are not empty and hold no '.' or '/'; correct the id or leave it out"
    )


def _bare(pattern: re.Pattern[str], text: str) -> str:
    if " " not in text and "[" not in text and "@" not in text:
        return text  # nearly every test; the pattern looks at each of its characters
    match = pattern.fullmatch(text)
    return match["test"] if match else text


def _unloaded(path: str) -> TestId | None:
    if not path.startswith(_LOADER):
        return None
    scope, _, module = path.removeprefix(_LOADER).partition(".")
    return TestId(scope, module.rpartition(".")[2], module)


def _method(path: str, name: str) -> TestId:
    parts = path.split(".")
    return _at(parts, min(_module_end(parts), len(parts) - 1), name)


def _at(parts: list[str], end: int, name: str, file: str = "") -> TestId:
    module, outer = ".".join(parts[:end]), ".".join(parts[end:-1])
    return TestId(parts[-1], name, module, file, outer, end == len(parts))


def _module_end(parts: list[str]) -> int:
    end = len(parts)
    while end > 0 and (_is_capwords(parts[end - 1]) or parts[end - 1] == "<locals>"):
        end -= 1 if parts[end - 1] != "<locals>" else 2  # and the function whose locals these are
    return end


def _is_capwords(name: str) -> bool:
    return name.lstrip("_")[:1].isupper()


def _is_of(file: str, module: str) -> bool:
    dotted = "." + file.removesuffix(".py").replace("/", ".")
    return bool(file) and (dotted.endswith("." + module) or module.endswith(dotted))


def _stem(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".py")
