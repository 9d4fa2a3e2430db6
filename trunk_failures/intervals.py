"""Intervals: what a number of runs says of a test's true share of passes or failures."""

from __future__ import annotations

import math
import statistics
import sys

CONFIDENCE = 0.95


def wilson(
    passes: int, runs: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return Wilson's interval of the share of passes, between 0 and 1.

    Without runs nothing is known, and it is all of that.
    """
    if not runs:
        return 0.0, 1.0
    z = statistics.NormalDist().inv_cdf((1 + confidence) / 2)
    share = passes / runs
    spread = z * math.sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs))
    middle, scale = share + z * z / (2 * runs), 1 + z * z / runs
    # Rounding must not leave out what was seen.
    low = 0.0 if not passes else min(share, (middle - spread) / scale)
    high = 1.0 if passes == runs else max(share, (middle + spread) / scale)
    return low, high


def failing_at_most(passes: int, confidence: float = CONFIDENCE) -> float:
    """Return the greatest share of failures that so many passes, and no failure, leave possible.

    It is Clopper and Pearson's one-sided bound, of which the rule of three (3 / passes, at 95 %)
    is the approximation.
    """
    return -math.expm1(math.log1p(-confidence) / passes) if passes else 1.0


def passes_needed(share: float, confidence: float = CONFIDENCE) -> int:
    """Return how many passes without a failure say that at most this share fails."""
    needed = math.log1p(-confidence) / math.log1p(-share)
    return max(1, math.ceil(min(needed, sys.maxsize)))
