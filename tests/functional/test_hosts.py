"""pytest-xdist over hosts: three network namespaces, which do not see the project's directory.

Each has a server of execnet's, to which xdist sends the test files, without the lists.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import runners, test_spread
from .verdict_table import XFAIL

HOSTS = (1, 2, 3)
PORT = 8888
# One process for each connection, so that a host is there again when a worker of its is killed.
SERVER = f"""
import os
from execnet.gateway_base import get_execmodel
from execnet.script import socketserver

socketserver.execmodel = get_execmodel("thread")
listening = socketserver.bind_and_listen("0.0.0.0:{PORT}", socketserver.execmodel)
print("listening", flush=True)
while True:
    worker = os.fork()
    if not worker:
        socketserver.exec_from_one_connection(listening)
        os._exit(0)
    os.waitpid(worker, 0)
"""
ON_A_HOST = 'mount -t tmpfs none "$1" && cd "$2" && exec "$3" -c "$4"'
SUITE = """
import os, pytest, time
VICTIM = os.environ.get("VICTIM")  # Only hosts have it.

@pytest.mark.parametrize("number", range(40))
def test_number(number):
    time.sleep(0.02)
    assert number % 4

def test_project_is_not_here():
    assert not VICTIM or not os.listdir(os.environ["PROJECT"])

def test_victim():
    if VICTIM:
        with open(VICTIM + ".part", "w") as file:
            file.write(f"{os.getpid()} {os.getppid()}")
        os.replace(VICTIM + ".part", VICTIM)
        time.sleep(60)
    assert 0
"""
FILES = {**test_spread.FILES, "test_far.py": SUITE}
LISTED = [
    *test_spread.LISTED,
    *((XFAIL, f"test_far.test_number[{number}]", "") for number in range(0, 32, 4)),
]
VICTIM = ("test_far.py", "test_far.test_victim")
UNTIL = 30.0
"""Seconds within which a server must listen, and a test must have begun."""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("ip") is None, reason="it needs Linux, and `ip`"
)


class Network:
    """A namespace for the controller, and one for each host, connected to it alone."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names: list[str] = []
        self._servers: list[subprocess.Popen[bytes]] = []
        self.victim = directory / "victim"
        self.controller = self._add("c")

    def connect(self) -> None:
        """Make the hosts' namespaces."""
        for host in HOSTS:
            name, near = self._add(str(host)), f"veth{host}"
            ip("-n", self.controller, "link", "add", near, "type", "veth", "peer", "eth0")
            ip("-n", self.controller, "link", "set", "eth0", "netns", name)
            for where, link, last in ((self.controller, near, 2), (name, "eth0", 1)):
                ip("-n", where, "addr", "add", f"10.0.{host}.{last}/30", "dev", link)
                ip("-n", where, "link", "set", link, "up")

    def serve(self, python: str, project: Path) -> None:
        """Start a server on each host, in a directory of its own."""
        env = test_spread.environment(python, project)
        env.update(VICTIM=str(self.victim), PROJECT=str(project))
        for host in HOSTS:
            place = self._directory / f"host{host}"
            place.mkdir()
            shell = ("sh", "-c", ON_A_HOST, "sh", str(project), str(place), python, SERVER)
            command = ["ip", "netns", "exec", self._names[host], *shell]
            with open(place / "said.txt", "wb") as said:
                server = subprocess.Popen(command, env=env, stdout=said, stderr=said)
            self._servers.append(server)
        said_by_all = [self._directory / f"host{host}/said.txt" for host in HOSTS]
        wait_for(lambda: all("listening" in file.read_text("utf-8") for file in said_by_all))

    def kill(self, with_host: bool) -> None:
        """Kill the worker that runs the victim, and its host's server as well where asked."""
        wait_for(self.victim.exists)
        worker, server = map(int, self.victim.read_text(encoding="utf-8").split())
        for process in (server, worker) if with_host else (worker,):
            os.kill(process, signal.SIGKILL)

    def remove(self) -> None:
        """End all that runs in the namespaces, and remove them."""
        for name in self._names:
            for process in ip("netns", "pids", name).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
        for server in self._servers:
            server.wait()
        for name in self._names:
            ip("netns", "del", name)

    def _add(self, suffix: str) -> str:
        name = f"trunk{secrets.token_hex(4)}{suffix}"
        ip("netns", "add", name)
        self._names.append(name)
        ip("-n", name, "link", "set", "lo", "up")
        return name


def wait_for(come: Callable[[], bool]) -> None:
    """Wait until something has come."""
    until = time.monotonic() + UNTIL
    while not come():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)


def ip(*arguments: str) -> str:
    """Run `ip` and return what it prints."""
    return subprocess.run(
        ["ip", *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ).stdout


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """Return the namespaces, and remove them afterwards."""
    try:
        network = Network(tmp_path)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespace can be made: {error.stderr.strip()}")
    try:
        network.connect()
        yield network
    finally:
        network.remove()


@pytest.fixture(scope="module")
def python_with_xdist(python: str) -> str:
    """Return an interpreter that has xdist."""
    if runners.lacks(python, runners.XDIST):
        pytest.skip(f"this needs pytest-xdist, which {python} lacks")
    return python


def run(network: Network, python: str, project: Path, with_host: bool) -> test_spread.Ran:
    """Run a project's tests on the hosts, and kill one of them in the middle."""
    hosts = [f"--tx=socket=10.0.{host}.1:{PORT}" for host in HOSTS]
    sent = (f"--rsyncdir={project / 'tests'}", "--rsyncignore=trunk_*")
    # A host that does not come back would end the run, if its worker were to be replaced.
    restarts = ("--max-worker-restart=0",) if with_host else ()
    options = ("--dist", "load", *hosts, *sent, *restarts, str(project / "tests"))
    process = subprocess.Popen(
        ["ip", "netns", "exec", network.controller, *test_spread.command(python, *options)],
        cwd=project,
        env=test_spread.environment(python, project),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    try:
        network.kill(with_host)
        output, _ = process.communicate(timeout=runners.TIME_LIMIT)
    finally:
        process.kill()
    return test_spread.read(project, process.returncode, output)


@pytest.mark.parametrize(
    "content, verdict", [("", "crashed"), ("{name}: raises: Crashed", "expected failure")]
)
def test_a_worker_is_killed(
    network: Network, python_with_xdist: str, tmp_path: Path, content: str, verdict: str
) -> None:
    """Every test has one verdict, that of a run on one host, but for the one that was killed."""
    listed = [*LISTED, (XFAIL, VICTIM[1], content)]
    alone = test_spread.make(tmp_path / "alone", FILES, listed)
    expected = test_spread.run(python_with_xdist, alone).verdicts
    assert len(expected) == 68
    project = test_spread.make(tmp_path / "project", FILES, listed)
    network.serve(python_with_xdist, project)
    ran = run(network, python_with_xdist, project, with_host=False)
    assert ran.verdicts == {**expected, VICTIM: [verdict]}, ran.output
    assert ran.code == 1
    assert [*tmp_path.glob("host*/*/tests/test_far.py")]
    assert not [*tmp_path.glob("host*/**/trunk_*")]


def test_a_host_is_gone(network: Network, python_with_xdist: str, tmp_path: Path) -> None:
    """What ran has the verdict of a run on one host, and nothing is told of what did not."""
    listed = [*LISTED, (XFAIL, VICTIM[1], "")]
    alone = test_spread.make(tmp_path / "alone", FILES, listed)
    expected = test_spread.run(python_with_xdist, alone).verdicts
    project = test_spread.make(tmp_path / "project", FILES, listed)
    network.serve(python_with_xdist, project)
    ran = run(network, python_with_xdist, project, with_host=True)
    assert ran.verdicts.pop(VICTIM, None) == ["crashed"], ran.output
    assert ran.verdicts.items() <= expected.items(), ran.output
    assert len(ran.verdicts) > len(expected) / 2  # xdist runs what the others had been sent.
    assert ran.code == 1
