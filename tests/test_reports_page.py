"""The page: one file that asks nobody for anything, whatever tests are called."""

from __future__ import annotations

import base64
import collections
import hashlib
import html.parser
import json
import re
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_fixtures import HOSTILE, PAGE, ROWS

from trunk_failures import pages
from trunk_failures.pages import Column, Curve, Page, Row
from trunk_failures.reports import page

FILES = resources.files("trunk_failures.reports")
CSS = FILES.joinpath("page.css").read_text(encoding="utf-8")
SCRIPT = FILES.joinpath("page.js").read_text(encoding="utf-8")
LIGHT, DARK = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)


class Elements(html.parser.HTMLParser):
    """The elements of a page: how many there are, their attributes, and texts by tag and id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: collections.Counter[str] = collections.Counter()
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[tuple[str, str], str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element."""
        self.found[tag] += 1
        self.attributes.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a text with the element that was begun last."""
        if self.attributes:
            tag, attributes = self.attributes[-1]
            key = (tag, attributes.get("id") or "")
            self.texts[key] = self.texts.get(key, "") + data


def test_it_is_one_file() -> None:
    """The page names no other file or host, but where issues and commits are for people."""
    found = Elements(page.render(PAGE))
    assert not {"link", "img", "iframe", "object", "base"} & found.found.keys()
    for tag, attributes in found.attributes:
        assert not {"src", "srcset", "action", "style"} & attributes.keys(), tag
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in CSS and "@import" not in CSS
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|fetch\(", SCRIPT)


def test_its_policy_allows_this_style_and_this_script_alone() -> None:
    """The digests are those of what stands in the page; nothing else may run or load."""
    text = page.render(PAGE)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts.pop("default-src") == "'none'"
    for name in ("style", "script"):
        (content,) = re.findall(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert parts.pop(f"{name}-src") == f"'sha256-{digest}'"
    assert parts == {"base-uri": "'none'", "form-action": "'none'"}


def test_nothing_ends_the_style_or_the_script() -> None:
    """The parts hold nothing that would end their elements, and no CR, which HTML drops."""
    assert not re.search(r"</style|\r", CSS, re.IGNORECASE)
    assert not re.search(r"</script|<!--|\r", SCRIPT, re.IGNORECASE)


@settings(max_examples=30)
@given(st.text(st.characters(), max_size=20) | st.just(HOSTILE))
def test_texts_are_no_html(text: str) -> None:
    """Whatever tests, runs, verdicts and curves are called, the page has the same elements."""

    def counted(name: str) -> collections.Counter[str]:
        made = Page(
            name, 0, {name: name}, [Column(name, 0, name, name, name)], [Row(name, verdict=name)],
            [Curve(name, [(0, 1)])], [name], {name: 1}, name,
        )
        return Elements(page.render(made)).found

    assert counted(text) == counted("x")


def test_the_data_is_whole() -> None:
    """The script finds all tests in the data."""
    found = Elements(page.render(PAGE))
    data = json.loads(found.texts["script", "data"])
    assert [row[0] for row in data["rows"]] == [row.key for row in ROWS]


def test_it_says_something_without_a_script() -> None:
    """What needs the script is hidden until it runs; the summary and the curve are there."""
    text = page.render(PAGE)
    assert '<section id="tests" aria-labelledby="tests-title" hidden>' in text
    assert "<noscript>" in text and 'id="curve"' in text
    summary = re.search(r'<table class="summary">.*?</table>', text, re.DOTALL)
    assert summary is not None
    assert re.findall(r">([\w,]+)</t[dh]>", summary[0]) == [
        "tests", "2", "1", "1", "1", "listed", "2", "1", "1", "0",
    ]
    assert '<a href="#verdict=flaky" title="by turns">flaky</a>' in summary[0]


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (Page("x", 0, {}), ["0 tests"]),
        (
            Page("x", 86_400, {}, [Column("a", 0)], [Row("a")]),
            ["1 test", "1 run, 1970-01-01", "as of 1970-01-02"],
        ),
        (
            Page("x", 86_400, {}, [Column("a", 0), Column("b", 86_400)]),
            ["0 tests", "2 runs, 1970-01-01 to 1970-01-02", "as of 1970-01-02"],
        ),
    ],
)
def test_what_it_is_about(made: Page, wanted: list[str]) -> None:
    """Below the title stands how many tests and runs there are, and of which time."""
    text = page.render(made)
    (line,) = re.findall(r'<p class="about">(.*?)</p>', text)
    assert re.findall(r"<span>(.*?)</span>", line) == wanted
    assert ("<figcaption" in text, 'class="notes"><li>' in text) == (False, False)
    assert ('class="symbols"' in text) is bool(made.columns)


def test_symbols_are_explained() -> None:
    """Each symbol of the grid stands in the legend, with its words."""
    text = page.render(PAGE)
    for letter, (symbol, words) in pages.OUTCOMES.items():
        assert f'<span class="o o{letter}" aria-hidden="true">{symbol}</span>{words}</li>' in text
        assert f".o{letter} {{" in CSS


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_have_contrast(scheme: str) -> None:
    """Text has a contrast of 4.5 with what it stands on, and lines and edges one of 3 (WCAG AA)."""
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", scheme))
    grounds = ("page", "surface", "raised")
    texts = [(text, ground) for text in ("text", "soft", "link") for ground in grounds]
    texts += [(f"on-{name[3:]}", name[3:]) for name in colour if name.startswith("on-")]
    texts += [("page", "text")]
    lines = [(line, ground) for line in ("edge", "focus", "failed") for ground in grounds[:2]]
    lines += [(f"curve{number}", "page") for number in range(4)]
    for pairs, least in ((texts, 4.5), (lines, 3)):
        for one, other in pairs:
            assert contrast(colour[one], colour[other]) >= least, (one, other)


def test_both_schemes_have_the_same_colours() -> None:
    """What is light has its dark counterpart."""
    names = [set(re.findall(r"--([\w-]+): #", scheme)) for scheme in (LIGHT, DARK)]
    assert names[0] == names[1] and len(names[0]) > 20
    used = set(re.findall(r"var\(--([\w-]+)\)", CSS)) - {"sans", "mono"}
    assert used == names[0]
