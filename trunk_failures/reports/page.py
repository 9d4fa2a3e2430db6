"""The page: the stability of tests as one HTML file that needs nothing else, and asks nobody."""

from __future__ import annotations

import base64
import hashlib
import html
import string
import urllib.parse
from collections.abc import Iterator
from importlib import resources

from trunk_failures import pages
from trunk_failures.pages import Page
from trunk_failures.reports import curves, rows
from trunk_failures.reports.page_data import Data


def render(page: Page) -> str:
    """Return the page as HTML.

    Its policy allows this one style and this one script, and no request at all; what the page
    shows is data of the script, or escaped.
    """
    style, script = _part("page.css"), _part("page.js")
    data = Data(page)
    return string.Template(_part("page.html")).substitute(
        policy=(
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
            f"base-uri 'none'; form-action 'none'"
        ),
        style=style,
        script=script,
        data=data.text,
        title=_escaped(page.title),
        about=_about(page, data),
        notes="\n".join(_notes(page)),
        summary="\n".join(_summary(page, data)),
        figure=curves.figure(page.curves),
        legend="\n".join(_legend(page)),
    )


def _about(page: Page, data: Data) -> str:
    """Return what the page is about, in a line."""
    told = [_counted(sum(data.tests.values()), "test")]
    if page.columns:
        first, last = curves.day(page.columns[0].time), curves.day(page.columns[-1].time)
        between = first if first == last else f"{first} to {last}"
        told.append(f"{_counted(len(page.columns), 'run')}, {between}")
    if page.time:
        told.append(f"as of {curves.day(page.time)}")
    return " · ".join(f"<span>{each}</span>" for each in told)


def _notes(page: Page) -> Iterator[str]:
    if page.notes:
        yield '<ul class="notes">'
        yield from (f"<li>{_escaped(note)}</li>" for note in page.notes)
        yield "</ul>"


def _summary(page: Page, data: Data) -> Iterator[str]:
    """Yield the table of the verdicts; each is a link to the tests that have it."""
    verdicts = [name for name in page.verdicts if data.tests[name]]
    yield '<table class="summary"><caption class="out">Tests by verdict</caption><thead><tr>'
    yield '<th scope="col"><span class="out">what is counted</span></th>'
    for name in verdicts:
        address = html.escape(f"#{urllib.parse.urlencode({'verdict': rows.visible(name)})}")
        yield (
            f'<th scope="col"><a href="{address}" title="{_escaped(page.verdicts[name])}">'
            f"{_escaped(name)}</a></th>"
        )
    yield "</tr></thead><tbody>"
    counted = [("tests", data.tests), ("listed", data.listed)]
    for words, counts in counted[: 2 if any(data.listed.values()) else 1]:
        cells = "".join(f"<td>{counts[name]:,}</td>" for name in verdicts)
        yield f'<tr><th scope="row">{words}</th>{cells}</tr>'
    yield "</tbody></table>"


def _legend(page: Page) -> Iterator[str]:
    """Yield what the symbols of the grid mean, where there is one."""
    if page.columns:
        yield '<ul class="symbols" aria-label="What the symbols mean">'
        for letter, (symbol, words) in pages.OUTCOMES.items():
            shown = f'<span class="o o{letter}" aria-hidden="true">{symbol}</span>'
            yield f"<li>{shown}{words}</li>"
        yield "</ul>"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _part(name: str) -> str:
    """Return one of the files beside this module, with the line ends that HTML reads them with."""
    return resources.files("trunk_failures.reports").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """Return what a policy calls an element's content by."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _escaped(text: str) -> str:
    return html.escape(rows.visible(text))
