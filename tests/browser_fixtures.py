"""A browser: Chromium without a window, steered by chromedriver over HTTP, as W3C WebDriver says.

It is told to resolve no host name, so that what asks a network fails, and is told of.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""What the protocol calls the member that names an element."""

KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Left": "\ue012", "Up": "\ue013", "Down": "\ue015"}
_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--window-size=1280,900", "--host-resolver-rules=MAP * ~NOTFOUND",
)


class Browser:
    """One window of a browser."""

    def __init__(self, driver: str, profile: str, dark: bool = False) -> None:
        arguments = [*_ARGUMENTS, f"--user-data-dir={profile}"]
        if dark:
            arguments.append("--blink-settings=preferredColorScheme=0")
        wanted = {
            "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        answer = _post(f"{driver}/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"{driver}/session/{answer['sessionId']}"

    def open(self, url: str) -> None:
        """Open an address anew, and wait until it is loaded; what was logged before is dropped."""
        self._ask("url", {"url": "about:blank"})
        self.errors(), self.requests()
        self._ask("url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:
        """Return what a script returns."""
        return self._ask("execute/sync", {"script": script, "args": list(arguments)})

    def until(self, script: str) -> Any:
        """Return what a script returns as soon as that is true, within half a minute."""
        given_up = time.monotonic() + 30
        while not (found := self.run(script)):
            assert time.monotonic() < given_up, f"it did not become true: {script}"
            time.sleep(0.02)
        return found

    def click(self, selector: str) -> None:
        """Click on an element, as a pointer does."""
        self._ask(f"element/{self._element(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        """Type into an element."""
        self._ask(f"element/{self._element(selector)}/value", {"text": text})

    def press(self, *keys: str) -> None:
        """Press and let go keys, one after another, wherever the focus is."""
        actions = [
            {"type": kind, "value": KEYS[key]} for key in keys for kind in ("keyDown", "keyUp")
        ]
        self._ask("actions", {"actions": [{"type": "key", "id": "k", "actions": actions}]})

    def back(self) -> None:
        """Go back."""
        self._ask("back", {})

    def errors(self) -> list[str]:
        """Return what the console has said since it was last asked."""
        return [each["message"] for each in self._ask("se/log", {"type": "browser"})]

    def requests(self) -> list[str]:
        """Return the addresses asked for since this was last asked."""
        found = []
        for each in self._ask("se/log", {"type": "performance"}):
            message = json.loads(each["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found

    def close(self) -> None:
        """End the browser."""
        _send(urllib.request.Request(self._session, method="DELETE"))

    def _element(self, selector: str) -> str:
        found = self._ask("element", {"using": "css selector", "value": selector})
        return str(found[ELEMENT])

    def _ask(self, command: str, body: object) -> Any:
        return _post(f"{self._session}/{command}", body)


@contextlib.contextmanager
def driver() -> Iterator[str]:
    """Run chromedriver; gives its address."""
    assert DRIVER
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([DRIVER, f"--port={port}", "--log-level=OFF"], stdout=-3) as process:
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextlib.contextmanager
def browser(address: str, dark: bool = False) -> Iterator[Browser]:
    """Run a browser that knows nothing, and ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        found = Browser(address, profile, dark)
        try:
            yield found
        finally:
            found.close()


def _wait(port: int) -> None:
    given_up = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert time.monotonic() < given_up, "chromedriver does not answer"
        time.sleep(0.02)


def _post(url: str, body: object) -> Any:
    content = json.dumps(body).encode()
    return _send(urllib.request.Request(url, content, {"Content-Type": "application/json"}))


def _send(request: urllib.request.Request) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise AssertionError(json.load(error)["value"]["message"]) from None
