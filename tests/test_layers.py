"""The shape of the package: what imports what, what is documented, and how light it is."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lists_fixtures import write_entry

import trunk_failures
from trunk_failures import cli

PACKAGE = Path(trunk_failures.__file__).parent
TESTS = Path(__file__).parent

# Each module imports only from layers above its own; lazy imports and those for types count.
LAYERS = (
    ("change_points", "disabled_spans", "errors", "forwarding", "intervals"),
    ("lists", "measurement", "outcomes", "trials"),
    ("child_reports", "discovery", "file_names", "ids", "markers", "marks", "modes", "patterns"),
    ("failed_lines", "marker_values", "pytorch", "translation"),
    ("frameworks", "result_lines"),
    ("isolation",),
    ("entries",),
    ("entry_files", "verdicts"),
    ("failures", "git_records", "list_files"),
    ("atomic_files", "causes", "changes", "commands", "environments", "executors", "guards"),
    ("findings", "input_options", "surveys"),
    ("budgets", "known_tests"),
    ("connections", "fetched", "git_versions", "history", "json_documents", "retries"),
    ("listed_counts", "stability", "urls"),
    ("list_lock", "list_places", "listed_entries", "pages", "progress", "statuses"),
    ("formats.__init__", "reports.__init__", "results.__init__", "sources.__init__"),
    ("closing_keywords", "collected_ids", "debt", "pytest_deselection", "recommendations"),
    ("history_statuses", "reports.terminals"),
    ("disabled_issues", "matching", "platforms", "status_files"),
    ("exclusions", "notifications", "ruled_folders", "sources.own_lists"),
    ("channels.__init__", "messages", "stability_summaries", "status_changes"),
    ("status_series",),
    ("results.archives", "results.cases", "results.junit_ids", "results.lines", "results.places"),
    ("results.spool",),
    ("configurations", "entry_lines", "results.files", "results.json_lines"),
    ("download", "github_answers", "job_names", "outbox"),
    ("github_site", "sending", "sources.issue_pages"),
    ("github_editing", "github_runs", "sources.list_file", "sources.status_file"),
    ("sources.combined", "sources.disabled_tests", "sources.github_issues"),
    ("status_lists", "transfer"),
    ("results.junit_dialects", "results.seen"),
    ("file_changes", "proposals", "results.implied", "results.junit", "results.reportlog"),
    ("additions", "formats.imported"),
    ("formats.collected_tests", "formats.documents", "formats.exported"),
    ("formats.gcc_manifest", "formats.id_lists", "formats.json_lists", "formats.yaml_documents"),
    ("formats.array_api", "formats.bash_arrays", "formats.cuml", "formats.expectations"),
    ("formats.graalpy", "formats.pyodide", "formats.pytest_quarantine", "formats.pytest_skip"),
    ("formats.python_sets",),
    ("formats.pytorch",),
    ("formats.table",),
    ("exclusion_lists", "reports.exclusions_json", "runner_arguments"),
    ("entry_mending",),
    ("git_index", "key_groups", "list_faults", "list_writing"),
    ("reports.rows", "results.reading", "summaries"),
    ("reports.debt_json", "reports.debt_text"),
    ("reports.findings_github", "reports.findings_json", "reports.findings_text"),
    ("history_runs", "reports.issue_texts", "reports.markdown", "reports.update_json"),
    ("history_series", "reports.curves", "reports.stability_rows"),
    ("history_outcomes",),
    ("stability_pages",),
    ("history_pages", "page_entries"),
    ("reports.notification_text", "reports.stability_json", "reports.stability_markdown"),
    ("channels.stdout", "reports.notification_issues", "reports.notification_json"),
    ("channels.file", "channels.github_issues", "channels.mail", "channels.webhook"),
    ("channel_options", "reports.stability_text"),
    ("reports.exclusions_markdown", "reports.page_data", "reports.update_markdown"),
    ("reports.page",),
    ("reports.update_text", "results.collecting"),
    ("inputs", "issue_files", "sources.run_failures", "updates"),
    ("github_inputs", "listed_tests", "retirement", "sources.github_runs", "sources.result_files"),
    ("looks", "source_options"),
    ("in_force", "suppression"),
    ("all_lists", "contexts", "loading", "lookup"),
    ("asked_tests", "decisions"),
    ("last_results",),
    ("explained_tests", "explanations", "fixtures", "functions", "pytest_places"),
    ("reports.explain_json", "reports.explain_text"),
    ("pytest_protocol", "pytest_reports"),
    ("interception", "pytest_current", "pytest_fixtures"),
    ("pytest_teardown",),
    ("pytest_items", "pytest_results"),
    ("pytest_collection", "pytest_loading"),
    ("pytest_session",),
    ("pytest_workers",),
    ("discovered_ids",),
    ("existing_tests",),
    ("decorators", "dynamo_test_failures", "pytest_plugin", "record_command", "results_command"),
    ("run_command", "stability_command"),
    ("check_command", "exclusions_command", "explain_command", "export_command"),
    ("fetch_command", "import_command", "notify_command"),
    ("unittest_command", "update_command"),
    ("cli",),
    ("__init__", "__main__"),
)
LEVELS = {module: level for level, layer in enumerate(LAYERS) for module in layer}
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py")
)
PACKAGES = tuple(
    f"trunk_failures{name}"
    for name in ("", ".channels", ".formats", ".reports", ".results", ".sources")
)
# Named by a table, and imported when they are asked for.
BY_TABLE = {
    "__init__": set(trunk_failures._LAZY.values()),
    "cli": {module for module, _ in cli.COMMANDS.values()},
}
LONGEST = 350
"""Lines that a module may have."""

VAGUE = {"utils", "helpers", "common", "core", "base", "manager", "util", "helper", "misc"}
HEAVY = ["argparse", "json", "pytest", "sqlite3", "subprocess", "unittest", "urllib.request", "xml"]
NOT_FOR_PLAIN_NAMES = ["datetime", "inspect", "re", "typing"]


def parsed(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def file_of(module: str) -> Path:
    """Return the file of one of the package's modules."""
    return PACKAGE.joinpath(*module.split(".")).with_suffix(".py")


def imports(module: str) -> set[str]:
    """Return the modules of the package that one of them imports, wherever it does so."""
    found = set(BY_TABLE.get(module, ()))
    for node in ast.walk(parsed(file_of(module))):
        if isinstance(node, ast.Import):
            found.update(_within(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: a relative import hides what is imported"
            whole = node.module in PACKAGES
            names = [f"{node.module}.{alias.name}" for alias in node.names] if whole else []
            found.update(_within(name) for name in names or [node.module or ""])
    return found - {""}


def _within(name: str) -> str:
    """Return which of the package's modules a dotted name is in, or ""."""
    package, _, rest = name.partition(".")
    if package != "trunk_failures":
        return ""
    return f"{rest}.__init__" if rest and name in PACKAGES else rest


def test_every_module_has_its_layer() -> None:
    """The layers name each module of the package once, and nothing else."""
    assert sorted(module for layer in LAYERS for module in layer) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_upwards(module: str) -> None:
    """A module imports only from layers above its own, so that no circle can be."""
    wrong = {each for each in imports(module) if LEVELS[each] >= LEVELS[module]}
    assert not wrong


def test_imports_are_found() -> None:
    """What the check reads holds imports of all kinds: plain, lazy, for types, and by table."""
    assert "verdicts" in imports("interception")
    assert "errors" in imports("list_files")
    assert "lists" in imports("in_force")
    assert "decorators" in imports("__init__")
    assert "unittest_command" in imports("cli")


def definitions(
    node: ast.Module | ast.ClassDef, path: str
) -> Iterator[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the path and the node of each public module, class, function and method."""
    yield path, node
    for child in node.body:
        if not isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        overloaded = any("overload" in ast.dump(each) for each in child.decorator_list)
        if child.name.startswith("_") or overloaded:
            continue
        if isinstance(child, ast.ClassDef):
            yield from definitions(child, f"{path}.{child.name}")
        else:
            yield f"{path}.{child.name}", child


@pytest.mark.parametrize("module", MODULES)
def test_public_names_are_documented(module: str) -> None:
    """The first line of the documentation of each public name is one sentence."""
    for path, node in definitions(parsed(file_of(module)), module):
        text = ast.get_docstring(node)
        assert text, f"{path} has no docstring"
        assert text.splitlines()[0].endswith("."), f"{path}: {text.splitlines()[0]!r}"


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_short_and_named_for_what_they_are(module: str) -> None:
    """A module is one noun and is read in one sitting."""
    text = file_of(module).read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST
    name = module.rpartition(".")[2]
    assert not VAGUE & set(name.split("_"))
    assert not name.startswith("test_")


def test_nothing_is_vaguely_named() -> None:
    """No file or folder of the package or of its tests is called by a word that says nothing."""
    for path in [*PACKAGE.rglob("*"), *TESTS.rglob("*")]:
        if "__pycache__" not in path.parts:
            assert path.stem not in VAGUE


def stated_in(file: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the name and the node of each test of a file; classes that are data have none."""
    tree = parsed(file)
    scopes: list[ast.Module | ast.ClassDef] = [tree]
    scopes += [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for scope in scopes:
        for node in scope.body:
            function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            if function and node.name.startswith("test"):  # type: ignore[attr-defined]
                yield f"{file.name}: {node.name}", node  # type: ignore[attr-defined,misc]


def test_every_test_says_what_it_holds() -> None:
    """Each test has one sentence that states the behaviour it holds."""
    skipped = {"suites", "example", "benchmarks"}
    count = 0
    for file in TESTS.rglob("test_*.py"):
        if skipped & set(file.relative_to(TESTS).parts):
            continue
        for name, node in stated_in(file):
            text = ast.get_docstring(node) or ""
            assert text.endswith("."), f"{name} does not say what it holds"
            count += 1
    assert count > 100


def loaded(tmp_path: Path, *entries: str) -> set[str]:
    """Return the modules that importing the package adds to those of a bare interpreter."""
    for entry in entries:
        write_entry(tmp_path, entry, "reason: x")
    script = (
        f"import sys; before = set(sys.modules); sys.path.insert(0, {str(PACKAGE.parent)!r}); "
        f"import trunk_failures; added = sorted(set(sys.modules) - before); "
        f"assert trunk_failures.skips or trunk_failures.expected_failures; "
        f"import json; print(json.dumps(added))"
    )
    environ = {name: value for name, value in os.environ.items() if name != "TRUNK_FAILURES"}
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        env={**environ, "TRUNK_FAILURES_DIR": str(tmp_path), "PYTORCH_TEST_WITH_DYNAMO": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {*json.loads(ran.stdout)}


PLAIN = ("trunk_expected_failures/TestA.test_b", "dynamo_skips/nn/test_init/TestA.test_c")
ODD = ("trunk_skips/test_a.test_p[a%2Fb]", "trunk_skips/test_a.test_p[x]")


@pytest.mark.parametrize(
    ("entries", "heavy"),
    [(PLAIN, [*HEAVY, *NOT_FOR_PLAIN_NAMES]), ((*PLAIN, *ODD), HEAVY)],
)
def test_importing_the_package_is_light(
    tmp_path: Path, entries: tuple[str, ...], heavy: list[str]
) -> None:
    """The import loads the lists, and nothing that a process may never need."""
    added = loaded(tmp_path, *entries)
    assert "trunk_failures.lists" in added
    assert not added.intersection(heavy)
