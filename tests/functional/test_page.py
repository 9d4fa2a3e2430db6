"""The page in a real browser: what people do with it by pointer and keyboard, and what it asks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import browser_fixtures
import pytest
from browser_fixtures import Browser
from page_fixtures import COLUMNS, HOSTILE, PAGE, ROWS

from trunk_failures import pages
from trunk_failures.reports import page

pytestmark = pytest.mark.skipif(
    not (browser_fixtures.CHROMIUM and browser_fixtures.DRIVER),
    reason="this needs chromium and chromedriver",
)
NAMES = "return [...document.querySelectorAll('#rows tbody th a')].map(link => link.textContent)"
HASH = "return decodeURIComponent(location.hash)"
FOCUS = "return document.activeElement.id || document.activeElement.textContent"
MANY = 400


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser for all tests, as its start takes longest."""
    with browser_fixtures.driver() as driver, browser_fixtures.browser(driver) as found:
        yield found


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page about a few tests, hostile ones among them."""
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(page.render(PAGE), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def url_of_many(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page about many tests."""
    chance = random.Random(1)
    rows = [
        pages.Row(
            f"TestMany.test_{number:03}", "test_many", "", chance.choice(["stable", "flaky"]),
            chance.randrange(7), 6, outcomes="".join(chance.choices("PFMXSC-", k=6)),
            since=PAGE.time - number * 86_400 if number % 2 else None,
        )
        for number in range(MANY)
    ]
    file = tmp_path_factory.mktemp("page") / "many.html"
    file.write_text(page.render(PAGE._replace(rows=rows)), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(autouse=True)
def silence(browser: Browser) -> Iterator[None]:
    """Hold that, whatever was done, the console is empty and no network was asked."""
    yield
    assert browser.errors() == []
    assert [each for each in browser.requests() if not each.startswith("file:")] == []


def test_it_loads_from_a_file(browser: Browser, url: str) -> None:
    """All tests are there, in the order that they are given in, and no other file is asked for."""
    browser.open(url)
    assert browser.run(NAMES) == [row.key for row in ROWS]
    assert {each.partition("#")[0] for each in browser.requests()} == {url}
    assert browser.run("return document.title") == PAGE.title


def test_hostile_names_are_text(browser: Browser, url: str) -> None:
    """What a test, an owner, an error or an issue is called neither runs nor becomes a link."""
    browser.open(url)
    assert browser.run("return document.querySelectorAll('img, iframe, svg script').length") == 0
    assert browser.run("return document.scripts.length") == 2
    for view in ("table", "grid"):
        browser.click(f"[data-view={view}]")
        assert f"TestEvil.{HOSTILE}" in browser.run(NAMES)
    browser.run("[...document.querySelectorAll('#rows tbody a')].pop().click()")
    browser.until("return !document.getElementById('test').hidden")
    shown = browser.run("return document.getElementById('test').textContent")
    assert f"TestEvil.{HOSTILE}" in shown and "javascript:alert(1)" in shown
    assert f"{HOSTILE}\\x1b[31m\\u202e" in shown
    assert browser.run("return document.querySelectorAll('img, [href^=javascript]').length") == 0


def test_nothing_else_runs(browser: Browser, url: str) -> None:
    """A script that got into the page all the same would not run, nor load a thing."""
    browser.open(url)
    browser.run(
        "window.ran = false; const script = document.createElement('script');"
        "script.textContent = 'window.ran = true'; document.body.append(script);"
        "const image = new Image(); image.src = 'https://example.org/x.png';"
        "document.body.append(image); document.body.setAttribute('onclick', 'ran = true');"
        "document.body.click()"
    )
    browser.until("return document.images[0].complete")
    assert browser.run("return window.ran") is False
    said = browser.errors()
    assert len(said) == 3 and all("Content Security Policy" in each for each in said)
    browser.requests()  # The image's, which was refused.


def test_sorting(browser: Browser, url_of_many: str) -> None:
    """A head's button sorts, says so, and turns the order; what has no value comes last."""
    browser.open(url_of_many)
    for times, way in ((1, "ascending"), (2, "descending")):
        browser.click("[data-sort=since]")
        sort = "return document.querySelector('[data-sort=since]').parentNode.ariaSort"
        assert browser.run(sort) == way
        found = browser.run(NAMES)
        last, first = f"TestMany.test_{MANY - 1}", "TestMany.test_001"
        assert found[0] == (last if times == 1 else first)
    assert browser.run(FOCUS) == "Since"
    browser.until("return location.hash === '#sort=-since'")
    browser.run(f"location.hash = '#sort=since&page={MANY // 50}'")
    browser.until("return document.getElementById('where').textContent.startsWith('351')")
    assert browser.run(NAMES)[-1] == f"TestMany.test_{MANY - 2}"


def test_searching(browser: Browser, url: str) -> None:
    """All the words are looked for in names, files, errors, owners and entries, in any case."""
    browser.open(url)
    for words, wanted in (
        ("FLAKY", ["TestOps.test_flaky"]),
        ("valueerror nn/", ["TestOps.test_broken"]),
        ("@bo", ["TestOps.test_flaky"]),
        ("issues/8", ["test_x (test_ops.TestOps)"]),
        ("graph nothing", []),
    ):
        browser.run("document.getElementById('q').select()")
        browser.type("#q", words)
        assert browser.run(NAMES) == wanted
    assert "No test" in browser.run("return document.getElementById('rows').textContent")
    assert browser.run("return document.getElementById('count').textContent") == "0 of 5 tests"
    browser.click("#reset")
    assert len(browser.run(NAMES)) == len(ROWS) and browser.run(FOCUS) == "q"


@pytest.mark.parametrize(
    ("name", "option", "address", "wanted"),
    [
        ("verdict", "disabled", "verdict=disabled", [3]),
        ("listed", "skip", "listed=skip", [1, 4]),
        ("mode", "dynamo", "mode=dynamo", [0]),
        ("mode", "not listed", "mode=", [2, 3]),
        ("owner", "@bo", "owner=@bo", [1]),
        ("owner", "none", "owner=", [2, 3]),
        ("owner", HOSTILE, f"owner={HOSTILE}", [4]),
        ("configuration", "py312", "configuration=py312", [2]),
        ("age", "less than a week", "age=<7", [0, 1, 4]),
        ("age", "more than a year", "age=>365", [3]),
    ],
)
def test_filtering(
    browser: Browser, url: str, name: str, option: str, address: str, wanted: list[int]
) -> None:
    """A choice leaves its tests, and is in the address, which restores it."""
    browser.open(url)
    choose = (
        "const select = document.getElementById(arguments[0]);"
        "select.value = [...select.options].find(each => each.text === arguments[1]).value;"
        "select.dispatchEvent(new Event('change'))"
    )
    browser.run(choose, name, option)
    names = [ROWS[number].key for number in wanted]
    assert browser.run(NAMES) == names
    browser.until("return location.hash.length > 1")
    assert browser.run(HASH).replace("+", " ") == f"#{address}"
    browser.open(browser.run("return location.href"))
    assert browser.run(NAMES) == names
    chosen = "return document.getElementById(arguments[0]).selectedOptions[0].text"
    assert browser.run(chosen, name) == option


def test_an_address_restores_all_of_it(browser: Browser, url_of_many: str) -> None:
    """Search, filters, order, page and view are as they were when the address was made."""
    browser.open(f"{url_of_many}#q=test_many&verdict=flaky&sort=-test&page=2&view=grid")
    found = browser.run(NAMES)
    assert 0 < len(found) <= 50 and found == sorted(found, reverse=True)
    assert browser.run("return document.getElementById('q').value") == "test_many"
    assert browser.run("return document.getElementById('where').textContent").startswith("51 to")
    assert browser.run("return document.querySelectorAll('table.runs').length") == 1


def test_addresses_that_say_nonsense(browser: Browser, url: str) -> None:
    """What an address says that is not so changes nothing, or is told."""
    for nonsense in ("page=-7&sort=__proto__&view=x", "age=constructor&%%%=%zz&q", "sort=-&age="):
        browser.open(f"{url}#{nonsense}")
        assert len(browser.run(NAMES)) == len(ROWS)
    browser.open(f"{url}#test=<img src=x>")
    assert "no test of that name" in browser.run("return document.body.innerText")
    browser.open(f"{url}#owner=nobody")
    assert browser.run(NAMES) == []


def test_pages_of_tests(browser: Browser, url_of_many: str) -> None:
    """Fifty tests are shown at a time; the buttons keep the focus at either end."""
    browser.open(url_of_many)
    assert len(browser.run(NAMES)) == 50
    for _ in range(MANY // 50 + 2):
        browser.click("#next")
    assert browser.run("return document.getElementById('where').textContent") == "351 to 400 of 400"
    assert browser.run(FOCUS) == "next"
    browser.click("#previous")
    browser.until("return location.hash === '#page=7'")


def test_one_test(browser: Browser, url: str) -> None:
    """A test's name leads to all that is known of it, at once after a change, and back again."""
    browser.open(url)
    browser.type("#q", "broken")
    browser.click("#rows tbody th a")  # Sooner than the address says what is looked for.
    browser.until("return !document.getElementById('test').hidden")
    assert browser.run(FOCUS) == "test-title"
    assert browser.run("return document.title").startswith("TestOps.test_broken")
    shown = browser.run("return document.getElementById('test').innerText")
    for text in (
        "nn/test_ops, py311", "broken it fails", "50 % of 6 runs, 19 % to 81 % at 95 %",
        "2026-01-04 00:00 UTC, 3 days", "graph break", "@ana", "it fails: 3 failures in a row",
        "ValueError: N", "run-3, 2026-01-04 00:00", "1 other",
    ):
        assert text in shown.replace("\u00a0", " ")
    links = "return [...document.querySelectorAll('#test a')].map(link => link.href)"
    assert "https://example.org/issues/7" in browser.run(links)
    assert f"https://example.org/commit/{COLUMNS[3].commit}" in browser.run(links)
    cells = "return [...document.querySelectorAll('.line-of-runs .o')].map(cell => cell.title)"
    assert browser.run(cells)[3:] == [
        f"failed in run-3, 2026-01-04 00:00, {COLUMNS[3].commit[:12]}",
        f"failed as expected in run-4, 2026-01-05 00:00, {COLUMNS[4].commit[:12]}",
        f"crashed in run-5, 2026-01-06 00:00, {COLUMNS[5].commit[:12]}",
    ]
    browser.back()
    browser.until("return document.getElementById('test').hidden")
    assert browser.run(FOCUS) == "TestOps.test_broken"
    assert browser.run("return document.getElementById('q').value") == "broken"


def test_tests_that_share_an_error(browser: Browser, url: str) -> None:
    """From an error a link leads to all tests that have it."""
    browser.open(f"{url}#test=TestOps.test_broken&file=nn/test_ops&in=py311")
    browser.run("[...document.querySelectorAll('#test a')].pop().click()")
    browser.until("return document.getElementById('test').hidden")
    assert browser.run(NAMES) == ["TestOps.test_broken", "TestOps.test_flaky"]


def test_disabled_tests(browser: Browser, url: str) -> None:
    """When trunk had a test disabled is drawn, said in words, and a table."""
    browser.open(f"{url}#test=test_x+(test_ops.TestOps)")
    label = "return document.querySelector('#test svg').getAttribute('aria-label')"
    assert browser.run(label) == "Disabled 2 times, 456 days in all"
    shown = browser.run("return document.querySelector('#test table').innerText").split()
    assert "50" in shown and "now" in shown and "linux" in shown


def test_the_grid(browser: Browser, url: str) -> None:
    """Each run is a column with a head, and each cell says its outcome by a symbol and in words."""
    browser.open(f"{url}#view=grid")
    cells = browser.run(
        "return [...document.querySelectorAll('.runs tbody tr')].map(row => ["
        "...row.querySelectorAll('td')].map(cell => [cell.textContent, cell.ariaLabel]))"
    )
    for row, found in zip(ROWS, cells):
        outcomes = [pages.OUTCOMES[letter] for letter in row.outcomes or "-" * len(COLUMNS)]
        assert found == [[*outcome] for outcome in outcomes]
    heads = "return [...document.querySelectorAll('.runs tr:nth-child(2) th[aria-label]')]"
    labels = browser.run(f"{heads}.map(head => head.ariaLabel)")
    assert [label.split(",")[0] for label in labels] == [run.name for run in COLUMNS]


def test_the_keyboard_in_the_grid(browser: Browser, url: str) -> None:
    """One press of Tab enters the grid, arrows move within it, and Enter opens the test."""
    browser.open(f"{url}#view=grid")
    browser.run("document.querySelector('.runs td[tabindex=\"0\"]').focus()")
    said = "return document.getElementById('cell').textContent"
    assert browser.run(said).startswith("TestOps.test_broken: crashed in run-5")
    browser.press("Left", "Down", "Left", "Left")
    assert browser.run(said).startswith("TestOps.test_flaky: passed and failed in run-2")
    assert browser.run(said).endswith("; aside")
    assert browser.run("return document.querySelectorAll('td[tabindex=\"0\"]').length") == 1
    browser.press("Up", "Up", "Enter")
    browser.until("return !document.getElementById('test').hidden")
    assert browser.run(FOCUS) == "test-title"


def test_the_keyboard(browser: Browser, url: str) -> None:
    """Tab reaches the skip link first, then all controls, which have names and an outline."""
    browser.open(url)
    browser.press("Tab")
    assert browser.run(FOCUS) == "Skip to the tests"
    browser.press("Enter")
    assert browser.run(FOCUS) == "tests-title"
    seen = []
    for _ in range(16):
        browser.press("Tab")
        seen.append(browser.run(FOCUS))
        assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    wanted = ["q", "verdict", "listed", "mode", "configuration", "owner", "age", "Table"]
    assert seen[:8] == wanted and seen[9:12] == ["Test", "Configuration", "Verdict"]
    browser.press("Enter")
    unnamed = (
        "return [...document.querySelectorAll("
        "'a, button, input, select, [role=img], [tabindex=\"0\"]')]"
        ".filter(each => each.checkVisibility() && !(each.textContent.trim() || each.ariaLabel"
        " || each.getAttribute('aria-labelledby') || (each.labels && each.labels.length)))"
        ".map(each => each.outerHTML)"
    )
    assert browser.run(unnamed) == []


def test_a_verdict_of_the_summary_leads_to_its_tests(browser: Browser, url: str) -> None:
    """The summary's heads are links to the tests of that verdict."""
    browser.open(url)
    browser.click(".summary a[href='#verdict=flaky']")
    browser.until("return document.getElementById('verdict').selectedOptions[0].text === 'flaky'")
    assert browser.run(NAMES) == ["TestOps.test_flaky"]
    browser.until("return document.activeElement.id === 'tests-title'")


def test_the_curve_says_its_numbers(browser: Browser, url: str) -> None:
    """Where the pointer is, the numbers of that time stand beside the names; then they go."""
    browser.open(url)
    browser.run(
        "const curve = document.getElementById('curve');"
        "const { left, width } = curve.getBoundingClientRect();"
        "curve.dispatchEvent(new PointerEvent('pointermove', { clientX: left + width * 0.61 }))"
    )
    at = "return document.getElementById('at').textContent"
    assert browser.run(at) == "2026-01-04 \u00b7 listed 2 \u00b7 failing 3"
    browser.run("document.getElementById('curve').dispatchEvent(new PointerEvent('pointerleave'))")
    assert browser.run(at) == ""


def test_dark(url: str) -> None:
    """The page is dark where the system is, and nothing but its colours changes."""
    with browser_fixtures.driver() as driver, browser_fixtures.browser(driver, True) as dark:
        dark.open(url)
        colour = dark.run("return getComputedStyle(document.body).backgroundColor")
        assert max(map(int, colour.strip("rgb()").split(","))) < 64
        assert dark.run(NAMES) == [row.key for row in ROWS] and dark.errors() == []


def test_nothing_to_draw(browser: Browser, tmp_path: Path) -> None:
    """A test that never ran, and a page without a test, are shown without a fault."""
    file = tmp_path / "page.html"
    for rows in ([pages.Row("TestA.test_never", verdict="not seen", listed="skip")], []):
        empty = PAGE._replace(rows=rows, columns=[], curves=[], time=0)
        file.write_text(page.render(empty), encoding="utf-8")
        browser.open(file.as_uri())
        shown = browser.run("return document.body.innerText")
        assert ("TestA.test_never" in shown) is bool(rows)


def test_without_a_script(browser: Browser, tmp_path: Path) -> None:
    """Where no script runs the page says so, and has the summary and the curve."""
    file = tmp_path / "page.html"
    file.write_text(page.render(PAGE).replace("<script>", "<script type=none>"), encoding="utf-8")
    browser.open(file.as_uri())
    shown = browser.run("return document.body.innerText")
    assert "broken" in shown and "listed 2" in shown
    assert browser.run("return document.getElementById('tests').checkVisibility()") is False
    assert "JavaScript" in browser.run("return document.querySelector('noscript').textContent")
