"""Web servers on loopback that answer as they are told, and remember what they were asked.

PYTEST_DONT_REWRITE: test modules import it before pytest does, and nothing here asserts.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from trunk_failures.download import Clock


class Reply(NamedTuple):
    """An answer; with `length` it says that its body has so many bytes (-1: says nothing)."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    length: int | None = None
    pause: float = 0.0
    """Seconds before each byte of the body; before the answer, if it has none."""


class Asked(NamedTuple):
    """A request that came; its headers have lower-case names."""

    path: str
    headers: dict[str, str]
    method: str = "GET"
    body: bytes = b""


def of_json(value: object, status: int = 200, /, **headers: str) -> Reply:
    """Return an answer that is a JSON document."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    kind = {"content-type": "application/json; charset=utf-8"}
    return Reply(json.dumps(value).encode(), status, {**kind, **named})


class Site:
    """A server; `replies` are by path, each used once but for the last, which stays."""

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = defaultdict(list)
        self.asked: list[Asked] = []
        self.on_request: Callable[[], None] = lambda: None
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.other_url = f"http://localhost:{self.port}"
        """The same, as a host that has another name."""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # headers and body are two writes

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", "0")))
                site.asked.append(Asked(self.path, headers, self.command, body))
                site.on_request()
                there = site.replies.get(self.path) or [of_json({"message": "Not Found"}, 404)]
                reply = there.pop(0) if len(there) > 1 else there[0]
                self.close_connection = True
                with contextlib.suppress(OSError):
                    site.answer(self, reply)

            do_POST = do_PATCH = do_GET

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        """Send a reply; one with the status 0 is sent as it is, headers and all."""
        if not reply.body and self.closing.wait(reply.pause):
            return
        if reply.status:
            handler.send_response(reply.status)
            length = len(reply.body) if reply.length is None else reply.length
            if length >= 0 and "transfer-encoding" not in reply.headers:
                handler.send_header("Content-Length", str(length))
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.end_headers()
        if not reply.pause:
            handler.wfile.write(reply.body)
            return
        for byte in reply.body:
            if self.closing.wait(reply.pause):
                return
            handler.wfile.write(bytes((byte,)))

    @contextlib.contextmanager
    def running(self) -> Iterator[Site]:
        """Serve until the end."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class PretendedTime:
    """Time that passes by sleeping alone, but for what passes really."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.date = 1_700_000_000.0

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)

    @property
    def clock(self) -> Clock:
        """Return it as what a client takes."""
        return Clock(
            lambda: time.monotonic() + sum(self.slept),
            lambda: self.date + sum(self.slept),
            self.sleep,
        )


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve a site, and keep the machine's proxies out of it."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with Site().running() as running:
        yield running


@pytest.fixture
def other_site(site: Site) -> Iterator[Site]:
    """Serve another site beside the first."""
    with Site().running() as running:
        yield running


@pytest.fixture
def passing() -> PretendedTime:
    """Pretend that time passes."""
    return PretendedTime()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate of localhost, and its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate")
    path = tmp_path_factory.mktemp("certificate") / "localhost.pem"
    command = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    extended = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", "-"]
    made = subprocess.run([openssl, *command, *extended], capture_output=True, check=True)
    path.write_bytes(path.read_bytes() + made.stdout)
    return path
