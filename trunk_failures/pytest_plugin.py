"""The pytest plugin: `pytest --trunk-failures`, the lists on every test, none of them edited.

Without `--trunk-failures` or `trunk_failures = true` in the ini file it changes nothing, but for
leaving out the tests that `--trunk-failures-deselect` names.

PYTEST_DONT_REWRITE: nothing here is a test.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from trunk_failures import discovery, in_force, list_files, lists, modes, pytest_teardown
from trunk_failures.errors import TrunkFailuresError, TrunkFailuresWarning, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Any

    from trunk_failures.lists import Lists

ENTRY_POINT = "trunk_failures"
OPTION = "--trunk-failures"
RESULTS = "--trunk-failures-results"
STATUS = "--trunk-failures-status"
ONLY_DISABLED = "--only-disabled"
DESELECT = "--trunk-failures-deselect"


def pytest_plugin_registered(
    plugin: object, plugin_name: str, manager: pytest.PytestPluginManager
) -> None:
    """Keep the entry point from being registered too where `-p` names this module."""
    if plugin is sys.modules[__name__] and plugin_name != ENTRY_POINT:
        manager.set_blocked(ENTRY_POINT)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("trunk_failures", "tests that are known to fail")
    group.addoption(
        OPTION,
        metavar="DIR",
        nargs="?",
        const="",
        default=None,
        dest="trunk_failures",
        help="suppress the failures that the lists in DIR expect; without =DIR the test directory "
        "is found by itself",
    )
    group.addoption(
        RESULTS,
        metavar="FILE",
        default=None,
        dest="trunk_failures_results",
        help=f"with {OPTION}: write what happened to FILE, one JSON object a test",
    )
    group.addoption(
        STATUS,
        metavar="FILE",
        default=None,
        dest="trunk_failures_status",
        help=f"suppress the failures of the tests that this status of trunk disables, too; implies "
        f"{OPTION} (default: {in_force.STATUS})",
    )
    group.addoption(
        ONLY_DISABLED,
        action="store_true",
        default=False,
        dest="trunk_failures_only_disabled",
        help="run none but the tests that the status disables: to learn which have recovered",
    )
    group.addoption(
        DESELECT,
        metavar="ID",
        action="append",
        default=[],
        dest="trunk_failures_deselect",
        help="leave out the test with this very id, and no other whose id begins with it",
    )
    parser.addini(
        "trunk_failures", f"as {OPTION}, for every run (true or false)", type="bool", default=False
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, None, None]:
    """Put the lists in force before any file of the tests is imported."""
    # argparse would take what follows the bare option, a path to collect, for its directory.
    args[:] = [f"{OPTION}=" if each == OPTION else each for each in args]
    parser.parse_known_args(args, namespace=early_config.known_args_namespace)
    _put_in_force(early_config, early_config.known_args_namespace)
    yield


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the hooks, if the lists are to be applied or tests to be left out."""
    if config.option.trunk_failures_deselect:
        from trunk_failures import pytest_deselection

        out = pytest_deselection.Deselection(config.option.trunk_failures_deselect)
        config.pluginmanager.register(out, "trunk_failures_deselection")
    results = config.option.trunk_failures_results is not None
    only_disabled = config.option.trunk_failures_only_disabled
    if not _put_in_force(config, config.option):
        if results:
            raise pytest.UsageError(f"{RESULTS} needs {OPTION}: add it, or the ini option")
        if only_disabled:
            raise pytest.UsageError(f"{ONLY_DISABLED} needs {STATUS}=FILE: name the status")
        return
    if only_disabled and lists.STATUS not in in_force.lists.modes:
        raise pytest.UsageError(
            f"{ONLY_DISABLED} needs {STATUS}=FILE, in force: name the status"
        )
    # A worker of xdist does what its controller was asked for, whatever it was told itself.
    _register(config, results or bool(_sent().get("results")))


def _sent() -> dict[str, Any]:
    """Return what the controller of xdist sent to this process, or nothing."""
    from trunk_failures import transfer

    sent: dict[str, Any] = getattr(sys, transfer.SENT, {})
    return sent


def _register(config: pytest.Config, results: bool) -> None:
    """Register the hooks that are needed; most runs of pytest need few of them, or none."""
    from trunk_failures import pytest_collection, pytest_session

    only_disabled = config.option.trunk_failures_only_disabled
    collection = pytest_collection.ListedCollection(results, only_disabled)
    made: dict[str, object] = {"collection": collection}
    if results or in_force.lists.keys:
        from trunk_failures import pytest_loading

        if results or pytest_loading.wanted():
            made["loading"] = pytest_loading.ListedLoading()
    if hasattr(config, "workerinput"):
        from trunk_failures import pytest_workers

        made["worker"] = pytest_workers.Worker(collection)
    else:
        made["session"] = controller = pytest_session.Controller(config, collection)
        if config.getoption("dist", "no") != "no":
            from trunk_failures import pytest_workers

            made["workers"] = pytest_workers.Workers(config, collection, controller)
    for name, plugin in made.items():
        config.pluginmanager.register(plugin, f"trunk_failures_{name}")


def _put_in_force(config: pytest.Config, options: Any) -> bool:
    """Put the lists that the options ask for in force, once; tells whether any are asked for."""
    if config.stash.get(_KEY, None) is not None:
        return True
    given, sent = options.trunk_failures, _sent()
    asked = given is not None or options.trunk_failures_status is not None
    if not asked and not sent and not config.getini("trunk_failures"):
        return False
    before = vars(in_force).get("lists")
    try:
        if sent:
            from trunk_failures import transfer

            loaded = transfer.unpack(sent["lists"], str(config.rootpath))
        else:
            loaded = _load(given or "", config, options)
    except TrunkFailuresError as error:
        raise pytest.UsageError(f"trunk_failures: {error}") from error
    config.stash[_KEY] = in_force.put(loaded)
    config.pluginmanager.register(pytest_teardown.OwnTearDown(), pytest_teardown.NAME)
    config.add_cleanup(lambda: _put_back(before))
    return True


def _load(given: str, config: pytest.Config, options: Any) -> Lists:
    """Return the lists of a directory, or of the test directory that is found."""
    runxfail = getattr(options, "runxfail", False)  # None without pytest's own plugin.
    environ = {**os.environ, modes.SWITCH: "0"} if runxfail else os.environ
    if modes.switched_off(environ):
        return list_files.load(None, environ)
    found = _found(given, config, options.file_or_dir or ())
    status = _status(config, options)
    missing = "" if status else in_force.none_found(found)
    loaded = list_files.load(found.test_dir, environ)
    loaded, notes = in_force.with_status(loaded, status, str(config.rootpath))
    for said in [missing, *notes]:
        if said:
            config.issue_config_time_warning(TrunkFailuresWarning(said), stacklevel=2)
    return loaded


def _status(config: pytest.Config, options: Any) -> str:
    """Return the path of the status file that is asked for, or ""."""
    if options.trunk_failures_status is not None:
        return os.path.join(config.invocation_params.dir, options.trunk_failures_status)
    return os.environ.get(in_force.STATUS, "")


def _found(given: str, config: pytest.Config, named: Sequence[str]) -> discovery.Found:
    """Return the test directory: the one given, or the first that is found.

    It is looked for from the first path that is to be collected, from where pytest was started,
    and in pytest's root directory.
    """
    working = config.invocation_params.dir
    if given:
        directory = os.path.abspath(working / given)
        if not os.path.isdir(directory):
            raise UsageError(
                f"{OPTION}={given} is no directory (seen from {str(working)!r}); name the "
                f"directory that holds the `<mode>_expected_failures` and `<mode>_skips`"
            )
        return discovery.Found(directory, [directory])
    starts = [*(working / each.partition("::")[0] for each in named[:1]), working, config.rootpath]
    package = os.path.dirname(__file__)
    found = [discovery.find(os.environ, package, None, str(start)) for start in starts]
    there = [each for each in found if each.test_dir is not None]
    looked = dict.fromkeys(place for each in found for place in each.looked)
    return there[0] if there else discovery.Found(None, list(looked))


def _put_back(before: Lists | None) -> None:
    """Leave this process as it was: pytest may be run in it again."""
    if before is not None:
        in_force.put(before)
    else:
        vars(in_force).pop("lists", None)


_KEY = pytest.StashKey["Lists"]()
