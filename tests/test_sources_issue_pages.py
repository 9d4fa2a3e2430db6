"""Pages of issues that are kept: what is not as it was written is as if it were not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunk_failures.disabled_issues import LIMIT
from trunk_failures.errors import SourceError
from trunk_failures.sources import issue_pages
from trunk_failures.sources.issue_pages import Page

URL = "https://api.github.com/repositories/42/issues?page=1"
ISSUE = {
    "number": 5,
    "title": "DISABLED test_x (m.TestA)",
    "body": "Platforms: linux",
    "html_url": "https://github.com/o/r/issues/5",
    "updated_at": "2026-05-01T10:00:00Z",
}
ITEMS: list[dict[str, Any]] = [ISSUE, {"number": 6, "title": "A question"}]
PULL = {"number": 7, "title": "DISABLED test_x (m.TestA)", "pull_request": {"url": "x"}}


def page(items: list[dict[str, Any]]) -> Page:
    """Return a page as it was answered."""
    return issue_pages.of_answer(items, URL, 'W/"abc"', {"next": f"{URL}2"})


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    """The pages are the same, with no more of them in the file than is needed."""
    path = str(tmp_path / "pages.json")
    text = f"Secret\nPlatforms: mac\n{'x' * 1000}"
    pages = {URL: page([*ITEMS, PULL]), f"{URL}2": page([{**ISSUE, "body": text}])}
    assert pages[URL].numbers == (5, 6) and pages[URL].pulls == (7,)
    issue_pages.write(path, pages)
    assert issue_pages.read(path) == pages
    content = Path(path).read_text()
    assert "question" not in content and "Secret" not in content and len(content) < 1000
    (issue,) = pages[f"{URL}2"].issues
    assert issue.body == "Platforms: mac"


@given(
    st.lists(st.tuples(st.integers(0, 99), st.text(), st.none() | st.text(), st.booleans())),
    st.booleans(),
)
def test_any_texts_are_kept(
    tmp_path_factory: pytest.TempPathFactory, found: list[Any], multiple: bool
) -> None:
    """Whatever people write in issues, what is read again is what was read first."""
    prefix = "DISABLED MULTIPLE " if multiple else "DISABLED "
    items = {
        number: {**ISSUE, "number": number, "title": prefix * titled + title, "body": body}
        for number, title, body, titled in found
    }
    pages = {URL: page([*items.values()])}
    path = str(tmp_path_factory.getbasetemp() / "any.json")
    issue_pages.write(path, pages)
    assert issue_pages.read(path) == pages


def test_a_long_text_is_kept_as_far_as_it_is_read() -> None:
    """A list of tests is cut where reading it ends."""
    long = {**ISSUE, "title": "DISABLED MULTIPLE", "body": "x" * LIMIT * 2}
    assert len(page([long]).issues[0].body) == LIMIT + 1


def kept(**changes: Any) -> dict[str, Any]:
    """Return a file's content, with changes to its one page."""
    whole = {"etag": '"abc"', "links": {}, "items": ITEMS}
    return {"trunk_failures_issue_pages": 1, "pages": {URL: {**whole, **changes}}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"{}",
        json.dumps({**kept(), "trunk_failures_issue_pages": 2}).encode(),
        json.dumps({**kept(), "pages": []}).encode(),
        json.dumps({**kept(), "pages": {URL: []}}).encode(),
        json.dumps(kept(etag=None)).encode(),
        json.dumps(kept(etag="")).encode(),
        json.dumps(kept(etag='"a"\r\nAuthorization: x')).encode(),
        json.dumps(kept(links=[])).encode(),
        json.dumps(kept(links={"next": 5})).encode(),
        json.dumps(kept(items=None)).encode(),
        json.dumps(kept(items=[{**ISSUE, "html_url": "javascript:x"}])).encode(),
        json.dumps(kept(items=[{**ISSUE, "updated_at": 5}])).encode(),
        json.dumps(kept())[:-10].encode(),
    ],
)
def test_what_is_unusable_is_as_if_not_there(tmp_path: Path, content: bytes) -> None:
    """A file that is cut short, of another version or tampered with gives no page at all."""
    path = tmp_path / "pages.json"
    path.write_text(json.dumps(kept()))
    assert [*issue_pages.read(str(path))] == [URL]
    path.write_bytes(content)
    assert issue_pages.read(str(path)) == {}


def test_what_cannot_be_read_is_as_if_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is a directory, a name that is none, and a file that is too large."""
    assert issue_pages.read(str(tmp_path)) == issue_pages.read("a\0b") == {}
    assert issue_pages.read(str(tmp_path / "none")) == {}
    content = json.dumps(kept())
    (tmp_path / "large").write_text(content + " ")
    for limit, count in ((len(content) + 1, 1), (len(content), 0)):
        monkeypatch.setattr(issue_pages, "LIMIT", limit)
        assert len(issue_pages.read(str(tmp_path / "large"))) == count


def test_an_etag_that_is_none_is_left_out() -> None:
    """It could not be asked with; the page is a page all the same."""
    found = issue_pages.of_answer(ITEMS, URL, "abc", {})
    assert found.etag == "" and found.numbers == (5, 6)
    with pytest.raises(SourceError, match="check the address of the API"):
        issue_pages.of_answer({}, URL, '"abc"', {})
