"""Print how long the page about 5,000 tests in 200 runs takes to open, sort, search and draw.

    python tests/benchmarks/page_opening.py [--rounds 5] [--scale 1]

It needs chromium and chromedriver. The floor of opening is a page that holds as many bytes and does
nothing. Each figure is from the page's own clock: to the end of loading and the frame after it, or
from an event to the frame after the one that shows what came of it.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import statistics
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ["TRUNK_FAILURES"] = "0"

import browser_fixtures  # noqa: E402
from browser_fixtures import Browser  # noqa: E402

from trunk_failures import pages  # noqa: E402
from trunk_failures.pages import Column, Page, Row  # noqa: E402
from trunk_failures.reports import page  # noqa: E402

TESTS, RUNS, DAY, FIRST = 5_000, 200, 86_400, 1_700_000_000
VERDICTS = {"P": "stable", "F": "broken", "M": "flaky"}
OPENED = """
return (async () => {
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now();
})();
"""
ACTION = """
return (async () => {
  const begun = performance.now();
  %s
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - begun;
})();
"""
SORT = "document.querySelectorAll('#rows thead button')[%d].click();"
SEARCH = """
const search = document.getElementById('q');
search.value = %r;
search.dispatchEvent(new Event('input', {bubbles: true}));
"""
ACTIONS = {
    "sorted by test": SORT % 0,
    "sorted by verdict": SORT % 1,
    "searched, few found": SEARCH % "test_method_00042",
    "searched, all found": SEARCH % "test",
    "grid": "location.hash = '#view=grid';",
}


def sample(scale: float) -> Page:
    """Return a page about tests that pass, fail, flake and are skipped."""
    chance = random.Random(1)
    columns = [
        Column(f"run {number}", FIRST + number * DAY, f"{number:040x}") for number in range(RUNS)
    ]
    rows = []
    for number in range(max(1, int(TESTS * scale))):
        kind = chance.choices("PFM", (90, 5, 5))[0]
        letters = {"P": "P", "F": "PPPPFX", "M": "PPFM"}[kind]
        rows.append(
            Row(
                f"TestClass{number // 50:03}.test_method_{number:05}", "tests/test_module", "",
                VERDICTS[kind], chance.randrange(RUNS), RUNS,
                outcomes="".join(chance.choices(letters, k=RUNS)),
                since=FIRST + chance.randrange(RUNS) * DAY,
            )
        )
    moments = [column.time for column in columns]
    curve = pages.Curve("failing", [(moment, chance.randrange(300)) for moment in moments])
    verdicts = {verdict: "" for verdict in VERDICTS.values()}
    return Page("Stability of tests", moments[-1], verdicts, columns, rows, [curve])


def milliseconds(browser: Browser, url: str) -> dict[str, float]:
    """Return what opening a page and each action took."""
    browser.open(url)
    found = {"opened": float(browser.run(OPENED))}
    for name, script in ACTIONS.items():
        found[name] = float(browser.run(ACTION % script))
    assert browser.errors() == []
    return found


def main() -> int:
    """Print the medians, their highest, and the ratio of opening to the floor."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    if not (browser_fixtures.CHROMIUM and browser_fixtures.DRIVER):
        print("this needs chromium and chromedriver", file=sys.stderr)
        return 2
    text = page.render(sample(options.scale))
    inert = text.partition("<script")[0].partition("<head>")[0] + "<!--" + "x" * len(text) + "-->"
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as directory, browser_fixtures.driver() as driver:
        ours, floor = (pathlib.Path(directory) / name for name in ("ours.html", "floor.html"))
        ours.write_text(text, encoding="utf-8")
        floor.write_text(inert, encoding="utf-8")
        with browser_fixtures.browser(driver) as browser:
            for _ in range(options.rounds):
                for name, took in milliseconds(browser, ours.as_uri()).items():
                    figures.setdefault(name, []).append(took)
                browser.open(floor.as_uri())
                figures.setdefault("floor", []).append(float(browser.run(OPENED)))
    print(f"{len(text) / 1e6:.1f} MB, {options.rounds} rounds, milliseconds (median, highest)")
    for name, took in figures.items():
        print(f"{name:>20} {statistics.median(took):8.0f} {max(took):8.0f}")
    ratio = statistics.median(figures["opened"]) / statistics.median(figures["floor"])
    print(f"opened, against a page of as many bytes that does nothing: {ratio:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
