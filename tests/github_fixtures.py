"""GitHub's API on loopback: a plugin of pytest's.

PYTEST_DONT_REWRITE: test modules import it before pytest does, and nothing here asserts.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from http_fixtures import Reply, Site, of_json

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "ghp_secretSECRETsecret0123456789"
REPOSITORY = "octo-org/octo.repo"
FIRST, SECOND = "2026-05-01T10:00:00Z", "2026-05-01T12:00:00Z"


def archive(text: str) -> bytes:
    """Return a zip file with one result file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("junit.xml", text)
    return file.getvalue()


class GitHub:
    """GitHub, as far as it is asked; artifacts are at another host, by a URL that is signed."""

    def __init__(self, site: Site, blobs: Site) -> None:
        self.site, self.blobs = site, blobs
        self.base = f"/repos/{REPOSITORY}"
        self.runs: list[dict[str, Any]] = []

    def lists(self, path: str, key: str, items: list[Any], size: int = 100) -> None:
        """Answer a path with a list, `size` items a page, linked as GitHub links pages."""
        pages = [items[start : start + size] for start in range(0, len(items), size)] or [[]]
        for number, page in enumerate(pages, 1):
            # Pages after the first are under the repository's number.
            here = path if number == 1 else f"{path}&page={number}".replace(self.base, "/r/42")
            following = f"{path}&page={number + 1}".replace(self.base, "/r/42")
            link = f'<{self.site.url}{path}>; rel="prev", ' if number > 1 else ""
            link += f'<{self.site.url}{following}>; rel="next", <{self.site.url}/x>; rel="last"'
            link = link if number < len(pages) else "<x>; rel=first"
            value = {"total_count": len(items), key: page}
            self.site.replies[here] = [of_json(value, link=link)]

    def run(
        self,
        id: int,
        *,
        jobs: list[dict[str, Any]] | None = None,
        artifacts: list[dict[str, Any]] | None = None,
        size: int = 100,
        **fields: Any,
    ) -> None:
        """Add a run."""
        run = {
            "id": id,
            "name": "CI",
            "path": ".github/workflows/ci.yml",
            "workflow_id": 7,
            "head_sha": COMMIT,
            "run_attempt": 1,
            "run_started_at": FIRST,
            "status": "completed",
            "conclusion": "success",
            "event": "push",
        }
        self.runs.append({**run, **fields})
        self.lists(
            f"{self.base}/actions/runs?head_sha={COMMIT}&per_page=100",
            "workflow_runs",
            self.runs,
            size,
        )
        under = f"{self.base}/actions/runs/{id}"
        self.lists(f"{under}/jobs?filter=all&per_page=100", "jobs", jobs or [], size)
        self.lists(f"{under}/artifacts?per_page=100", "artifacts", artifacts or [], size)

    def artifact(self, id: int, name: str, text: str = "", **fields: Any) -> dict[str, Any]:
        """Return an artifact as it is listed, and have its zip file."""
        body = archive(text or f"artifact {id}")
        signed = f"/blob/{id}?sig=secret"
        headers = {"location": f"{self.blobs.other_url}{signed}"}
        self.site.replies[f"{self.base}/actions/artifacts/{id}/zip"] = [Reply(b"", 302, headers)]
        self.blobs.replies[signed] = [Reply(body, headers={"content-type": "application/zip"})]
        listed = {
            "id": id,
            "node_id": "MDg6QXJ0aWZhY3Qx",
            "name": name,
            "size_in_bytes": len(body),
            "url": f"{self.site.url}{self.base}/actions/artifacts/{id}",
            "archive_download_url": "https://evil.example/",
            "expired": False,
            "created_at": "2026-05-01T10:30:00Z",
        }
        return {**listed, **fields}


def job(id: int, name: str, **fields: Any) -> dict[str, Any]:
    """Return a job as it is listed."""
    ended = {"status": "completed", "conclusion": "success", "completed_at": "2026-05-01T10:20:00Z"}
    return {"id": id, "name": name, "run_attempt": 1, **ended, **fields}


@pytest.fixture
def github(site: Site, other_site: Site) -> GitHub:
    """Serve GitHub's API."""
    return GitHub(site, other_site)
