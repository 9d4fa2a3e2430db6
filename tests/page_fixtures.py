"""A page about a few tests, with one of each kind of what a page shows, and hostile texts."""

from __future__ import annotations

from trunk_failures.pages import Column, Curve, Failure, Page, Row, Span

DAY = 86_400
START = 1_767_225_600  # 2026-01-01
HOSTILE = '</script><img src=x onerror=alert(1)>"\'&<!--'
VERDICTS = {
    "broken": "it fails", "flaky": "by turns", "disabled": "on trunk", "stable": "it passes",
}
COLUMNS = tuple(
    Column(f"run-{number}", START + number * DAY, f"{number:040x}", "main", "aside" * (number == 2))
    for number in range(6)
)
ROWS = (
    Row(
        "TestOps.test_broken", "nn/test_ops", "py311", "broken", 3, 6, (0.19, 0.81),
        START + 3 * DAY, "expected failure", ("dynamo",), "@ana", "PPPFXC",
        (Failure("ValueError: N", 3, 3, 5),), (),
        "tests/dynamo_expected_failures/TestOps.test_broken",
        (("reason", "graph break"), ("issue", "https://example.org/issues/7"), ("owner", "@ana")),
        "it fails: 3 failures in a row",
    ),
    Row(
        "TestOps.test_flaky", "test_ops", "py311", "flaky", 2, 4, (0.15, 0.85),
        START + DAY, "skip", ("trunk",), "@bo", "-PMSPF", (Failure("ValueError: N", 2, 2, 5),),
    ),
    Row(
        "TestOps.test_stable", "test_ops", "py312", "stable", 6, 6, (0.61, 1.0),
        outcomes="P" * 6,
    ),
    Row(
        "test_x (test_ops.TestOps)", verdict="disabled", since=START - 400 * DAY, listed="disabled",
        spans=(
            Span(START - 500 * DAY, START - 450 * DAY, "https://example.org/issues/8", "linux"),
            Span(START - 400 * DAY, None, "javascript:alert(1)"),
        ),
    ),
    Row(
        f"TestEvil.{HOSTILE}", HOSTILE, HOSTILE, "broken", 0, 2, (0.0, 0.66), START,
        "skip", ("trunk",), HOSTILE, "----FF",
        (Failure(f"{HOSTILE}\x1b[31m\u202e", 2, 4, 5),), (), HOSTILE,
        (("issue", "javascript:alert(1)"), ("reason", HOSTILE)), HOSTILE,
    ),
)
CURVES = (
    Curve("listed", [(column.time, 2) for column in COLUMNS]),
    Curve("failing", [(column.time, number % 4) for number, column in enumerate(COLUMNS)]),
)
PAGE = Page(
    f"Stability {HOSTILE}", START + 6 * DAY, VERDICTS, COLUMNS, ROWS, CURVES,
    [f"a run is set aside: {HOSTILE}"], {}, "https://example.org/commit/",
)
