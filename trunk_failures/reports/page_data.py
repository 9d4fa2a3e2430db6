"""The data of a page, as JSON that may stand within HTML."""

from __future__ import annotations

import collections
import json
import re
from collections.abc import Iterator
from typing import Any

from trunk_failures import pages
from trunk_failures.pages import Page, Row
from trunk_failures.reports import rows

_SAME = re.compile(r"(.)\1+", re.DOTALL)
_UNSAFE = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}
"""What could end the element that the data is in, or a line of a script."""


class Data:
    """The rows of a page as they are read: how many there are of each kind, and the JSON."""

    def __init__(self, page: Page) -> None:
        self.tests = collections.Counter(page.others)
        self.listed: collections.Counter[str] = collections.Counter()
        self._errors: dict[str, int] = {}
        encoded = ",".join(map(_json, self._rows(page)))
        self.text = (
            f'{{"rows":[{encoded}],"errors":{_json([*self._errors])},"page":{_json(_about(page))}}}'
        )

    def _rows(self, page: Page) -> Iterator[list[Any]]:
        for row in page.rows:
            self.tests[row.verdict] += 1
            self.listed[row.verdict] += bool(row.listed)
            yield self._row(row)

    def _row(self, row: Row) -> list[Any]:
        shown = rows.visible
        return [
            shown(row.key),
            shown(row.place),
            shown(row.configuration),
            shown(row.verdict),
            row.passes,
            row.runs,
            [round(each, 4) for each in row.interval],
            row.since,
            shown(row.listed),
            [*map(shown, row.modes)],
            shown(row.owner),
            packed(row.outcomes),
            [[self._error(error), *rest] for error, *rest in row.failures],
            [[each.since, each.until, shown(each.issue), shown(each.where)] for each in row.spans],
            shown(row.path),
            [[shown(name), shown(value)] for name, value in row.entry],
            shown(row.advice),
        ]

    def _error(self, text: str) -> int:
        """Return the number of an error, as many tests may have the same."""
        return self._errors.setdefault(rows.visible(text), len(self._errors))


def packed(outcomes: str) -> str:
    """Return outcomes with the number of those that follow alike: `PPPF` is `P3F`."""
    return _SAME.sub(lambda match: f"{match[1]}{len(match[0])}", outcomes)


def _about(page: Page) -> dict[str, Any]:
    return {
        "title": rows.visible(page.title),
        "time": page.time,
        "commits": rows.visible(page.commits),
        "verdicts": [[rows.visible(name), text] for name, text in page.verdicts.items()],
        "outcomes": {letter: [*outcome] for letter, outcome in pages.OUTCOMES.items()},
        "columns": [
            [rows.visible(name), time, *map(rows.visible, texts)]
            for name, time, *texts in page.columns
        ],
        "curves": [[rows.visible(curve.name), *curve.points] for curve in page.curves],
    }


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_UNSAFE)
