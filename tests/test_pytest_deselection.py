"""Deselection of single tests under pytest, in this process and in xdist's."""

from __future__ import annotations

import pytest
from plugin_fixtures import Project

pytest_plugins = ["plugin_fixtures"]

SUITE = """
    import pytest
    def test_x(): pass
    def test_x_more(): pass
    @pytest.mark.parametrize("p", ["a b", "a b c", "@g"])
    def test_p(p): pass
"""
OUT = [
    "--trunk-failures-deselect=tests/test_a.py::test_x",
    "--trunk-failures-deselect=tests/test_a.py::test_p[a b]",
]


XDIST = ("-p", "xdist", "-n2")


@pytest.mark.parametrize("options", [(), XDIST, (*XDIST, "--dist=loadgroup")])
def test_the_tests_named_are_left_out(project: Project, options: tuple[str, ...]) -> None:
    """Tests are left out by their whole ids, whether or not the lists are in force."""
    if options:
        pytest.importorskip("xdist")
    project.write(SUITE.replace("def test_x(", "@pytest.mark.xdist_group('g')\n    def test_x("))
    for force in ("", "--trunk-failures=tests"):
        project.list("test_a.test_gone")
        ran = project.run(*options, *OUT, force=force)
        names = {each.partition("@")[0] for each in ran.told}
        assert names == {"test_x_more", "test_p[a b c]", "test_p["}, ran.output
        assert "2 deselected" in ran.output or options


def test_ids_of_no_test(project: Project) -> None:
    """An id that no test has leaves out nothing."""
    project.write(SUITE)
    ran = project.run("--trunk-failures-deselect=tests/test_a.py::test", force="")
    assert len(ran.told) == 5 and "deselected" not in ran.output
