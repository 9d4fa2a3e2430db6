"""cuML's `xfail-list.yaml`: groups of tests of other projects that fail under its acceleration.

Read: `python/cuml/cuml/accel/pytest_plugin.py` of rapidsai/cuml, and the README.md beside its
lists. A group has `reason` and `tests` (`module::name`, without the class), and can have `strict`
(false: flaky), `run`, `condition` (a version of a package) and `marker`. A group with a condition
is left out: no entry can say it, and an entry without it would suppress more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trunk_failures import ids, lists
from trunk_failures.changes import Fields
from trunk_failures.errors import UsageError
from trunk_failures.formats import collected_tests, imported, yaml_documents
from trunk_failures.formats.collected_tests import CollectedTests
from trunk_failures.formats.imported import Dropped, Imported, Listed
from trunk_failures.formats.yaml_documents import Node

SETTINGS = ("reason", "tests", "strict", "run")
FALSE = ("false", "no", "off")


def read(content: bytes, where: str) -> Imported:
    """Return the tests of all groups: those that are not strict as skips."""
    root = yaml_documents.parse(content, where)
    if not isinstance(root.value, list):
        raise UsageError(f"{where} is no list of groups, as an `xfail-list.yaml` is")
    found: list[Listed | Dropped] = []
    for group in root.value:
        found += _group(group)
    return imported.gathered(found)


def _group(group: Node) -> Iterator[Listed | Dropped]:
    settings = group.value
    if not isinstance(settings, dict) or not isinstance(settings.get("tests", group).value, list):
        yield Dropped(group.line, "no group with `reason` and `tests`")
        return
    tests = settings["tests"].value
    assert isinstance(tests, list)
    if "condition" in settings:
        shown = imported.shown(_text(settings, "condition"))
        what = f"a group of {len(tests)}, as no entry can say its condition {shown}"
        yield Dropped(group.line, what)
        return
    for setting in settings.keys() - SETTINGS:
        yield Dropped(settings[setting].line, f"{imported.shown(setting)} has no place here")
    kind = lists.SKIPS if _is_false(settings, "strict") else lists.EXPECTED_FAILURES
    for test in tests:
        yield _listed(test, kind, _fields(settings))


def _fields(settings: dict[str, Node]) -> Fields:
    reason = _text(settings, "reason").strip()
    run = imported.NEVER if _is_false(settings, "run") else ()
    return (("reason", reason), *run) if reason else run


def _text(settings: dict[str, Node], name: str) -> str:
    value = settings[name].value if name in settings else ""
    return value if isinstance(value, str) else ""


def _is_false(settings: dict[str, Node], name: str) -> bool:
    return _text(settings, name).lower() in FALSE


def _listed(test: Node, kind: str, fields: Fields) -> Listed | Dropped:
    if not isinstance(test.value, str) or "::" not in test.value:
        return Dropped(test.line, "no `module::name`, where a test was expected")
    module, _, name = test.value.partition("::")
    path = f"{module.replace('.', '/')}.py"
    found = imported.named(f"{path}::{name}", test.line, kind, fields)
    return found._replace(name=test.value) if isinstance(found, Listed) else found


def covered(each: Listed, tests: CollectedTests) -> Sequence[str]:
    """Return the tests of this name in this module, of whatever class, as the plugin finds them."""
    module, _, name = each.name.partition("::")
    return [
        node_id
        for node_id in tests.by_name.get(name, ())
        if collected_tests.name(node_id) == name and _is_of(node_id, module)
    ]


def _is_of(node_id: str, module: str) -> bool:
    dotted, _, _ = ids.to_junit(ids.of_item(node_id)._replace(is_function=True))
    return f".{dotted}".endswith(f".{module}")
