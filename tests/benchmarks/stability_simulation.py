"""Print how often verdicts and recommendations are right, for tests whose rates are known.

    python tests/benchmarks/stability_simulation.py [--tests 2000] [--runs 300] [--seed 1]

Each test has a rate of failures, or two, with a run at which the one becomes the other. Each run
leaves out one test in twenty. What is right: a test that always passed, or failed so rarely that no
failure was seen, is stable; one whose present rate is between is flaky; one that now always fails
is broken; one that now always passes, and did not before, is recovered. A test that changed in its
last runs may have been given the verdict of before: that counts as wrong.

Most of those that were flaky, are no more, and are not recognised passed too few times since: of
those that failed at all 45 % are, and 54 % by who knows how the rates and the changes are drawn, if
no more than 1 % of the flaky ones are to be called recovered. With a lower penalty for a change
more are right, at the price of flaky ones: of all, 59 % and 97 % at 0.8 times the penalty, 65 % and
92 % at 0.6 times it, 55 % and 99 % as it is.
"""

from __future__ import annotations

import argparse
import collections
import math
import os
import pathlib
import random
import sys
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
os.environ["TRUNK_FAILURES"] = "0"

from trunk_failures import recommendations, stability  # noqa: E402
from trunk_failures.recommendations import Action, Policy  # noqa: E402
from trunk_failures.stability import Verdict  # noqa: E402
from trunk_failures.trials import FAILED, PASSED, Run, Series  # noqa: E402

LEFT_OUT = 0.05
SHARES = {
    "stable": 30, "flaky": 25, "always broken": 5, "regression": 15, "mended": 15,
    "became flaky": 5, "flaky no more": 5,
}
"""Of a hundred tests."""


class Known(NamedTuple):
    """A test: its kind, its rates of failures before and after a run, and what is right of it."""

    kind: str
    before: float
    after: float
    change: int
    right: Verdict


def known(kind: str, runs: int, chance: random.Random) -> Known:
    """Return a test of a kind, its rate and its change drawn by chance."""
    rate = math.exp(chance.uniform(math.log(0.005), math.log(0.5)))
    change = chance.randrange(runs // 6, runs)
    return {
        "stable": Known(kind, 0, 0, 0, Verdict.STABLE),
        "flaky": Known(kind, rate, rate, 0, Verdict.FLAKY),
        "always broken": Known(kind, 1, 1, 0, Verdict.BROKEN),
        "regression": Known(kind, 0, 1, change, Verdict.BROKEN),
        "mended": Known(kind, 1, 0, runs - change, Verdict.RECOVERED),
        "became flaky": Known(kind, 0, rate, change, Verdict.FLAKY),
        "flaky no more": Known(kind, rate, 0, change, Verdict.RECOVERED),
    }[kind]


def series(test: Known, runs: list[Run], chance: random.Random) -> Series:
    """Return what a test came to in runs."""
    places, states = [], b""
    for place in range(len(runs)):
        failing = test.after if place >= test.change else test.before
        failed = chance.random() < failing
        if chance.random() >= LEFT_OUT:
            places.append(place)
            states += FAILED if failed else PASSED
    return Series("TestA.test_a", "", "", runs, places, states)


class Outcome(NamedTuple):
    """A test, the verdict on it, and what is recommended where it is listed and where it is not."""

    test: Known
    verdict: Verdict
    right: bool
    listed: Action
    unlisted: Action


def outcome(test: Known, runs: list[Run], chance: random.Random) -> Outcome:
    """Return what is said of a test."""
    seen = series(test, runs, chance)
    found = stability.judge(seen)
    never = FAILED not in seen.states
    right = found.verdict is (Verdict.STABLE if never else test.right)
    actions = [recommendations.recommend(found, listed).action for listed in (True, False)]
    return Outcome(test, found.verdict, right, *actions)


def simulate(tests: int, count: int, seed: int) -> list[Outcome]:
    """Return what is said of each of so many tests, after so many runs."""
    chance = random.Random(seed)
    runs = [Run(str(number), "", 3600 * number, f"{number:040x}") for number in range(count)]
    kinds = chance.choices([*SHARES], [*SHARES.values()], k=tests)
    return [outcome(known(kind, count, chance), runs, chance) for kind in kinds]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tests", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = simulate(options.tests, options.runs, options.seed)
    print(f"{options.tests} tests, {options.runs} runs, seed {options.seed}")
    for kind in SHARES:
        own = [each for each in found if each.test.kind == kind]
        verdicts = collections.Counter(each.verdict.value for each in own)
        said = ", ".join(f"{count} {name}" for name, count in verdicts.most_common())
        share = sum(each.right for each in own) / max(1, len(own))
        print(f"{kind:<14}{len(own):>5} tests  right {share:6.1%}  ({said})")
    above = [each for each in found if each.test.after > Policy().at_most]
    tell("may be unlisted, failing above the bound", above, "listed", Action.UNLIST)
    flaky = [each for each in above if each.test.after < 1]
    tell("the same, of those that are flaky", flaky, "listed", Action.UNLIST)
    good = [each for each in found if each.test.after == 0]
    tell("may be unlisted, failing no more", good, "listed", Action.UNLIST)
    red = [each for each in found if each.test.kind == "regression"]
    wrong = sum(each.verdict is Verdict.FLAKY for each in red)
    print(f"regressions called flaky: {wrong} of {len(red)} ({wrong / max(1, len(red)):.1%})")
    tell("regressions to be listed as flaky", red, "unlisted", Action.LIST_SKIP)
    tell("regressions to be mended", red, "unlisted", Action.MEND)


def tell(what: str, found: list[Outcome], field: str, action: Action) -> None:
    """Print how many tests an action is recommended for."""
    count = sum(getattr(each, field) is action for each in found)
    print(f"{what}: {count} of {len(found)} ({count / max(1, len(found)):.1%})")


if __name__ == "__main__":
    main()
