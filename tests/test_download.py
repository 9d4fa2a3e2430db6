"""Download: what comes whole is there, what does not is an error, and secrets stay secret."""

from __future__ import annotations

import gzip
import io
import itertools
import os
import re
import signal
import socket
import ssl
import sys
import threading
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from http_fixtures import PretendedTime, Reply, Site, of_json

from trunk_failures import connections
from trunk_failures.download import Client, Limits, Token
from trunk_failures.errors import DownloadError, UsageError

pytest_plugins = ["http_fixtures"]

TOKEN = "ghp_secretSECRETsecret0123456789"
LOGIN = b"<!DOCTYPE html><title>Sign in</title>"
HTML = {"content-type": "text/html; charset=utf-8"}
MEBIBYTE = 1 << 20


def zipped(names: dict[str, str]) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in names.items():
            archive.writestr(name, text)
    return file.getvalue()


ZIP = zipped({"junit.xml": "<testsuites/>" * 100})


def fails(call: Callable[[], object]) -> DownloadError:
    """Return the error that a call raises; nothing that it can show has the token."""
    with pytest.raises(DownloadError) as raised:
        call()
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    for text in (*shown.format(), str(raised.value), repr(raised.value)):
        assert TOKEN not in text
    return raised.value


def test_a_document_is_read(site: Site) -> None:
    """A JSON document comes as its value, with the headers beside it."""
    site.replies["/a?b=c"] = [of_json({"name": "Ünïcode"}, etag='"1"', link="<x>; rel=next")]
    document = Client().json(f"{site.url}/a?b=c", {"X-Extra": "1"})
    assert document.value == {"name": "Ünïcode"}
    assert (document.status, document.url) == (200, f"{site.url}/a?b=c")
    assert document.headers["etag"] == '"1"'
    (asked,) = site.asked
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["accept-encoding"] == "gzip"
    assert asked.headers["x-extra"] == "1"
    assert asked.headers["user-agent"] == "trunk_failures"
    assert "authorization" not in asked.headers


def test_a_document_that_is_the_same_is_not_sent(site: Site) -> None:
    """Where it was asked for if changed, 304 is an answer; else it is an error."""
    site.replies["/a"] = [Reply(status=304, headers={"etag": '"1"'})]
    document = Client().json(f"{site.url}/a", {"If-None-Match": '"1"'})
    assert (document.status, document.value, document.headers["etag"]) == (304, None, '"1"')
    assert site.asked[0].headers["if-none-match"] == '"1"'
    assert fails(lambda: Client().json(f"{site.url}/a")).status == 304


def members(*parts: bytes) -> bytes:
    """Return gzip's members after one another."""
    return b"".join(map(gzip.compress, parts))


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (members(b'"' + b"a" * 300_000 + b'"'), "gzip"),
        (members(b'"' + b"a" * 100_000, b"a" * 200_000 + b'"'), "x-gzip"),
        (b'"' + b"a" * 300_000 + b'"', "identity"),
    ],
)
def test_packed_documents_are_unpacked(site: Site, body: bytes, coding: str) -> None:
    """Gzip that was asked for is taken off, all of its members."""
    site.replies["/a"] = [Reply(body, headers={"content-encoding": coding})]
    assert Client().json(f"{site.url}/a").value == "a" * 300_000


def test_chunked_bodies(site: Site) -> None:
    """A body that comes in chunks is put together; one without its last chunk was cut short."""
    chunked = {"transfer-encoding": "chunked"}
    site.replies["/a"] = [Reply(b"2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n", headers=chunked)]
    assert Client().json(f"{site.url}/a").value == [1]
    site.replies["/a"] = [Reply(b"2\r\n[1\r\n", headers=chunked)]
    error = fails(lambda: Client(limits=Limits(tries=1)).json(f"{site.url}/a"))
    assert "no whole answer" in str(error)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"", 500),
        Reply(b"<h1>Bad gateway</h1>", 502, HTML),
        Reply(b"", 503, {"retry-after": "1"}),
        of_json({"message": "slow down"}, 429, retry_after="1"),
        of_json({"message": "You have exceeded a secondary rate limit"}, 403, retry_after="1"),
        Reply(b"[1]", length=100),
        Reply(members(b"[1]")[:-4], headers={"content-encoding": "gzip"}),
        Reply(b"no gzip", headers={"content-encoding": "gzip"}),
        Reply(b"", status=0),
        Reply(b"no HTTP\r\n\r\n", status=0),
        Reply(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n", status=0),
    ],
)
def test_what_passes_is_tried_again(site: Site, passing: PretendedTime, reply: Reply) -> None:
    """Faults of the server and of the connection, and limits, are waited out."""
    site.replies["/a"] = [reply, reply, of_json([1])]
    assert Client(clock=passing.clock).json(f"{site.url}/a").value == [1]
    assert len(site.asked) == 3
    assert passing.slept == [1.0, 2.0]


def test_what_does_not_pass_ends(site: Site, passing: PretendedTime) -> None:
    """After the last try the error says how many there were, and what came."""
    site.replies["/a?secret"] = [of_json({"message": "out of order"}, 500)]
    error = fails(lambda: Client(clock=passing.clock).json(f"{site.url}/a?secret"))
    assert error.status == 500
    assert re.fullmatch(
        r"http://\S*/a\?\.\.\. answered 500 \(Internal Server Error\): 'out of order'; that was the"
        r" last of 5 tries; try again later",
        str(error),
    )
    assert passing.slept == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 410, 422, 204, 206, 300, 599 + 300])
def test_what_is_refused_is_not_tried_again(site: Site, status: int) -> None:
    """Any other answer is final, and says what to check."""
    site.replies["/a"] = [of_json({"message": "no"}, status)]
    client = Client(advice="check what you asked")
    error = fails(lambda: client.json(f"{site.url}/a"))
    assert (error.status, len(site.asked)) == (status, 1)
    assert f"answered {status}" in str(error) and str(error).endswith("; check what you asked")


def test_a_refusal_says_what_it_can(site: Site) -> None:
    """The body of an error is quoted in part, whatever it is, and its own faults add none."""
    for body in (b'{"message": 1}', b"[", b"\xff\x00" * 100):
        site.replies["/a"] = [Reply(body, 404, length=len(body) + 1)]
        said = str(fails(lambda: Client().json(f"{site.url}/a")))
        assert repr(body[:80]) in said and "\n" not in said


def test_a_limit_that_lasts_is_told(site: Site, passing: PretendedTime) -> None:
    """A server that says to come back in an hour is not waited for, and the error says so."""
    spent = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(time.time()) + 3600)}
    exceeded = of_json({"message": "API rate limit exceeded"}, 403, **spent)
    site.replies["/a"] = [exceeded]
    error = fails(lambda: Client(clock=passing.clock).json(f"{site.url}/a"))
    assert "'API rate limit exceeded'" in str(error)
    assert re.search(r"of use in [0-9]+ s, and 300 s at most are waited; try again", str(error))
    assert passing.slept == []


def test_waits_end_with_the_time_for_all(site: Site, passing: PretendedTime) -> None:
    """All tries together have their time; a wait that goes over it is not begun."""
    site.replies["/a"] = [Reply(status=500)]
    client = Client(limits=Limits(total=5.0), clock=passing.clock)
    assert "are waited" in str(fails(lambda: client.json(f"{site.url}/a")))
    assert passing.slept == [1.0, 2.0]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(pause=60.0),
        Reply(b"[" + b"1," * 1000, pause=0.02),
        Reply(b"HTTP/1.1 200 OK\r\nDripping: " + b"x" * 1000, status=0, pause=0.02),
        Reply(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 999, 0, pause=0.02),
        Reply(b"x" * 1000, 404, pause=0.02),
    ],
    ids=["silent", "body", "headers", "chunk size", "refusal"],
)
def test_a_server_that_drips_is_left(site: Site, reply: Reply) -> None:
    """However a server spreads its bytes, the time for all of it is the bound."""
    site.replies["/a"] = [reply]
    start = time.monotonic()
    error = fails(lambda: Client(limits=Limits(total=0.2)).json(f"{site.url}/a"))
    assert time.monotonic() - start < 5
    assert "time" in str(error) or "404" in str(error)


def test_a_server_that_is_silent_is_asked_again(site: Site, passing: PretendedTime) -> None:
    """Where nothing comes for the pause that is allowed, another try may do better."""
    site.replies["/a"] = [Reply(pause=60.0), of_json([1])]
    client = Client(limits=Limits(pause=0.1), clock=passing.clock)
    assert client.json(f"{site.url}/a").value == [1]


def test_nobody_there(passing: PretendedTime) -> None:
    """A port where nobody listens, and one that hangs up, are tried again, and then an error."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = fails(lambda: Client(clock=passing.clock).json(f"http://127.0.0.1:{port}/"))
    assert "refused" in str(error) and len(passing.slept) == 4


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x", length=MEBIBYTE + 1),
        Reply(b"x" * (MEBIBYTE + 1), length=-1),
        Reply(gzip.compress(b"x" * 50 * MEBIBYTE), headers={"content-encoding": "gzip"}),
    ],
    ids=["said", "not said", "packed"],
)
def test_what_is_too_long_is_left(site: Site, reply: Reply) -> None:
    """A body over the bound is not read, whether its length is said, is not, or is hidden."""
    site.replies["/a"] = [reply]
    error = fails(lambda: Client(limits=Limits(size=MEBIBYTE)).json(f"{site.url}/a"))
    assert "more than the 1,048,576 bytes that are allowed" in str(error)
    assert len(site.asked) == 1


def test_what_is_packed_otherwise_is_an_error(site: Site) -> None:
    """A coding that was not asked for is named."""
    site.replies["/a"] = [Reply(b"x", headers={"content-encoding": "br"})]
    assert "packed by 'br'" in str(fails(lambda: Client().json(f"{site.url}/a")))


@pytest.mark.parametrize(
    ("reply", "came"),
    [
        (Reply(LOGIN, headers=HTML), "'text/html; charset=utf-8' that begins with b'<!DOCTYPE"),
        (Reply(b""), "answered with nothing"),
        (Reply(b"\xff\xfe\x00"), "'no content type' that begins with b'\\xff\\xfe\\x00'"),
        (Reply(b"[" * 1000 + b"]" * 1000), "nested more than 100 deep"),
        (Reply(b'{"a": [1, 2', length=-1), "b'{\"a\": [1, 2'"),
    ],
)
def test_a_document_of_another_kind(site: Site, reply: Reply, came: str) -> None:
    """A page to sign in, nothing, and half a document are errors that show what came."""
    site.replies["/a"] = [reply]
    error = fails(lambda: Client().json(f"{site.url}/a"))
    assert came in str(error) and "a JSON document was expected" in str(error)


def test_the_token_goes_to_its_own_place(site: Site, other_site: Site) -> None:
    """Only the origin that it is for is sent the token: by name, scheme and port."""
    client = Client(TOKEN, site.url)
    for place in (site.url, site.other_url, other_site.url):
        site.replies["/a"] = other_site.replies["/a"] = [of_json(1)]
        assert client.json(f"{place}/a", {"Accept": "b"}).value == 1
    here, same_by_name, elsewhere = *site.asked, *other_site.asked
    assert here.headers["authorization"] == f"Bearer {TOKEN}"
    assert "authorization" not in {**same_by_name.headers, **elsewhere.headers}
    assert TOKEN not in repr(client) and "127.0.0.1" in repr(client)
    assert "no token" in repr(Client())


def test_redirects_within_a_site_keep_the_token(site: Site) -> None:
    """A repository that was renamed is still asked with the token; a location may be relative."""
    for status in (301, 302, 303, 307, 308):
        site.replies["/a"] = [Reply(status=status, headers={"location": "b é?x=1"})]
        site.replies["/b%20%C3%A9?x=1"] = [of_json(status)]
        assert Client(TOKEN, site.url).json(f"{site.url}/a", {"X-Extra": "1"}).value == status
    for asked in site.asked:
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.headers["x-extra"] == "1"


def test_redirects_to_other_hosts_drop_the_token(site: Site, other_site: Site) -> None:
    """The token, and all but what says what is accepted, stays behind, even on the way back."""
    site.replies["/a"] = [Reply(status=302, headers={"location": f"{other_site.other_url}/b"})]
    other_site.replies["/b"] = [Reply(status=302, headers={"location": f"{site.url}/c?sig=s"})]
    site.replies["/c?sig=s"] = [of_json(1)]
    document = Client(TOKEN, site.url).json(f"{site.url}/a", {"X-Extra": "1", "Accept": "z"})
    assert document.url == f"{site.url}/c?sig=s"
    first, back = site.asked
    (away,) = other_site.asked
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    for asked in (away, back):
        assert not {"authorization", "x-extra"} & set(asked.headers)
        assert (asked.headers["accept"], asked.headers["accept-encoding"]) == ("z", "gzip")


def test_an_error_after_a_redirect_names_both_places(site: Site, other_site: Site) -> None:
    """It says what was asked and where that led, without the signature."""
    location = f"{other_site.other_url}/b?sig=signature"
    site.replies["/a"] = [Reply(status=302, headers={"location": location})]
    other_site.replies["/b?sig=signature"] = [Reply(b"<Error>AuthenticationFailed", 403)]
    error = str(fails(lambda: Client(TOKEN, site.url).json(f"{site.url}/a")))
    assert f"{site.url}/a (redirected to {other_site.other_url}/b?...)" in error
    assert "signature" not in error and "AuthenticationFailed" in error


def test_a_loop_of_redirects_ends(site: Site) -> None:
    """Only so many redirects are followed."""
    site.replies["/a"] = [Reply(status=302, headers={"location": "/b"})]
    site.replies["/b"] = [Reply(status=302, headers={"location": "/a"})]
    assert "more than 5 times" in str(fails(lambda: Client().json(f"{site.url}/a")))
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "location",
    ["http://a.example/", "file:///etc/passwd", "ftp://a.example/", "https://[", "//u:p@a.example"],
)
def test_redirects_to_odd_places_are_refused(site: Site, location: str) -> None:
    """A redirect leads to no place that would not be asked by itself."""
    site.replies["/a"] = [Reply(status=302, headers={"location": location})]
    error = fails(lambda: Client().json(f"{site.url}/a"))
    assert "redirects to where nothing is asked" in str(error)


def test_a_redirect_to_nowhere_is_an_error(site: Site) -> None:
    """One that has no location is an answer like any other."""
    site.replies["/a"] = [Reply(status=302)]
    assert fails(lambda: Client().json(f"{site.url}/a")).status == 302


@pytest.mark.parametrize("token", ["", "secret b", "secret\nb", "sécret", "x" * 5000])
def test_tokens_that_are_none(token: str) -> None:
    """What cannot be a header is refused before it is one, and is not shown."""
    with pytest.raises(UsageError, match="the token for 'https://a.example'") as raised:
        Client(token, "https://a.example")
    assert not token or token not in str(raised.value)


def test_a_token_needs_a_place() -> None:
    """A token that is for no place is sent to none."""
    with pytest.raises(UsageError):
        Client(TOKEN)


def test_tokens_are_not_shown() -> None:
    """The value itself shows nothing by itself."""
    assert repr([Token("abc")]) == "['***']" and Token("abc") == "abc"


def test_a_token_that_comes_back_is_not_shown(site: Site) -> None:
    """A server that says what it was sent gives nothing away."""
    for reply in (of_json({"message": f"bad token {TOKEN}"}, 401), Reply(TOKEN.encode())):
        site.replies["/a"] = [reply]
        with pytest.raises(DownloadError, match=r"\*\*\*") as raised:
            Client(TOKEN, site.url).json(f"{site.url}/a")
        assert TOKEN not in str(raised.value)


def test_no_traceback_shows_the_token(site: Site, passing: PretendedTime) -> None:
    """Not even one that shows the variables of all frames, whatever failed."""
    client = Client(TOKEN, site.url, clock=passing.clock)
    site.replies["/cut"] = [Reply(b"[1]", length=9)]
    site.replies["/500"] = [Reply(status=500)]
    site.replies["/loop"] = [Reply(status=302, headers={"location": "/loop"})]
    site.replies["/odd"] = [Reply(status=302, headers={"location": "ftp://a"})]
    site.replies["/html"] = [Reply(LOGIN)]
    for path in ("/cut", "/500", "/loop", "/odd", "/html", "/none"):
        error = fails(lambda: client.json(f"{site.url}{path}"))
        assert error.__context__ is None or error.__suppress_context__


def test_urls_that_are_not_asked(site: Site) -> None:
    """One that is not to be asked is the caller's error."""
    with pytest.raises(UsageError, match="in the clear"):
        Client().json("http://a.example/")
    assert not site.asked


def test_proxies_of_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are used as urllib does, but for this machine, which is another one to a proxy."""
    monkeypatch.setenv("http_proxy", site.url)
    site.replies["http://a.example/b"] = [of_json(1)]
    assert Client(plain_http=True).json("http://a.example/b").value == 1
    site.replies["/b"] = [of_json(2)]
    assert Client().json(f"{site.other_url}/b").value == 2
    monkeypatch.setenv("https_proxy", site.url)
    error = fails(lambda: Client(limits=Limits(tries=1)).json("https://a.example/b"))
    assert "Tunnel connection failed" in str(error)
    wrong = {"http:/a": "are the proxies", "http:a": "port", "socks5://127.0.0.1:1": "socks5"}
    for proxy, fault in wrong.items():
        monkeypatch.setenv("http_proxy", proxy)
        error = fails(lambda: Client(plain_http=True).json("http://a.example/b"))
        assert fault in str(error)


@pytest.fixture
def secure_site(certificate: Path, site: Site) -> Iterator[Site]:
    """Serve a site by TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    secure = Site()
    secure._server.socket = context.wrap_socket(secure._server.socket, server_side=True)
    with secure.running():
        yield secure


def test_https(
    secure_site: Site,
    site: Site,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """It is what certificates say that is trusted, once; and no redirect leads out of it."""
    url = secure_site.other_url.replace("http:", "https:")
    error = fails(lambda: Client().json(f"{url}/a"))
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    secure_site.replies["/a"] = [of_json(1)]
    assert Client(TOKEN, url).json(f"{url}/a").value == 1
    assert secure_site.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    secure_site.replies["/a"] = [Reply(status=302, headers={"location": f"{site.url}/a"})]
    assert "from https to http" in str(fails(lambda: Client(TOKEN, url).json(f"{url}/a")))
    secure_site.replies["/a"] = [Reply(b"x" * 1000, pause=0.02)]
    assert "time" in str(fails(lambda: Client(limits=Limits(total=0.3)).json(f"{url}/a")))
    assert not site.asked


def test_a_zip_file_is_there_whole(site: Site, other_site: Site, tmp_path: Path) -> None:
    """It comes by a redirect to another host, as it is, and what was there before is replaced."""
    site.replies["/zip"] = [Reply(status=302, headers={"location": f"{other_site.other_url}/b"})]
    other_site.replies["/b"] = [Reply(ZIP, headers={"content-type": "application/zip"})]
    path = tmp_path / "a.zip"
    path.write_bytes(b"old")
    count = Client(TOKEN, site.url).zip(f"{site.url}/zip", str(path), 10_000, {"X-Extra": "1"})
    assert (count, path.read_bytes()) == (len(ZIP), ZIP)
    assert os.listdir(tmp_path) == ["a.zip"]
    assert site.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert site.asked[0].headers["x-extra"] == "1"
    assert "authorization" not in other_site.asked[0].headers
    assert other_site.asked[0].headers["accept-encoding"] == "identity"


def test_a_file_is_synced_before_it_replaces_another(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that stops has the old file or the new one, whole."""
    done: list[str] = []
    for name in ("fsync", "replace"):

        real = getattr(os, name)

        def noted(*args: object, name: str = name, real: Callable[..., None] = real) -> None:
            done.append(name)
            real(*args)

        monkeypatch.setattr(os, name, noted)
    site.replies["/zip"] = [Reply(ZIP)]
    Client().zip(f"{site.url}/zip", str(tmp_path / "a.zip"), 8000)
    assert done == ["fsync", "replace"]


def test_a_file_that_was_cut_short_begins_anew(
    site: Site, passing: PretendedTime, tmp_path: Path
) -> None:
    """Another try starts where the first did: a URL that was signed for a minute is asked anew."""
    site.replies["/zip"] = [Reply(status=302, headers={"location": f"/{n}"}) for n in range(3)]
    site.replies["/0"] = [Reply(ZIP + b"longer", length=len(ZIP) + 100)]
    site.replies["/1"] = [Reply(status=500)]
    site.replies["/2"] = [Reply(ZIP)]
    path = tmp_path / "a.zip"
    Client(clock=passing.clock).zip(f"{site.url}/zip", str(path), 10_000)
    assert path.read_bytes() == ZIP
    assert [asked.path for asked in site.asked] == ["/zip", "/0", "/zip", "/1", "/zip", "/2"]


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(LOGIN, headers=HTML), "'text/html; charset=utf-8' that begins with b'<!DOCTYPE"),
        (Reply(b""), "answered with nothing"),
        (Reply(ZIP[:-30], length=-1), "a zip file was expected"),
        (Reply(ZIP, length=len(ZIP) + 1), "cut short"),
        (Reply(b"x" * 9000), "more than the 8,000 bytes"),
        (Reply(b"x" * 9000, length=-1), "more than the 8,000 bytes"),
        (Reply(ZIP, 404), "answered 404"),
    ],
)
def test_what_is_no_whole_zip_file_leaves_nothing(
    site: Site, passing: PretendedTime, tmp_path: Path, reply: Reply, fault: str
) -> None:
    """The path is as it was, whatever else came, and nothing is beside it."""
    site.replies["/zip"] = [reply]
    path = tmp_path / "a.zip"
    path.write_bytes(b"old")
    client = Client(clock=passing.clock)
    assert fault in str(fails(lambda: client.zip(f"{site.url}/zip", str(path), 8000)))
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.zip"]


def test_a_directory_that_is_not_there(site: Site, tmp_path: Path) -> None:
    """Where nothing can be written, the error names path and cause, and nothing is asked."""
    path = str(tmp_path / "none" / "a.zip")
    error = fails(lambda: Client().zip(f"{site.url}/zip", path, 8000))
    assert repr(path) in str(error) and "No such file" in str(error) and not site.asked


@pytest.mark.skipif(os.name == "nt", reason="there is no such limit")
def test_a_disk_that_is_full_leaves_nothing(site: Site, tmp_path: Path) -> None:
    """What cannot be written is an error that is not tried again."""
    import resource

    site.replies["/zip"] = [Reply(zipped({"a": "x" * 500_000}))]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        error = fails(lambda: Client().zip(f"{site.url}/zip", str(tmp_path / "a.zip"), 1 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "File too large" in str(error) and "make room" in str(error)
    assert os.listdir(tmp_path) == [] and len(site.asked) == 1


@pytest.mark.skipif(os.name == "nt", reason="a process there cannot send it to itself alone")
@pytest.mark.parametrize("pause", [0.02, 60.0])
def test_ctrl_c_ends_it(site: Site, tmp_path: Path, pause: float) -> None:
    """Whatever is waited for, Ctrl-C ends it at once, and leaves nothing."""
    site.replies["/zip"] = [Reply(ZIP if pause < 1 else b"", pause=pause)]
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    site.on_request = timer.start
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        Client().zip(f"{site.url}/zip", str(tmp_path / "a.zip"), 1 << 20)
    assert os.listdir(tmp_path) == [] and time.monotonic() - start < 5


def test_no_memory_is_taken_by_long_files(site: Site, tmp_path: Path) -> None:
    """A file goes to the disk piece by piece."""
    tracemalloc = pytest.importorskip("tracemalloc")
    long = zipped({"a": "x" * (20 * MEBIBYTE)})
    site.replies["/zip"] = [Reply(long)]
    tracemalloc.start()
    try:
        Client().zip(f"{site.url}/zip", str(tmp_path / "a.zip"), 30 * MEBIBYTE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * MEBIBYTE


def test_time_that_is_left() -> None:
    """Each byte has its pause, as long as there is time at all."""
    ticks = itertools.count(0.0, 4.0)
    left = connections.Time(5.0, 10.0, lambda: next(ticks))
    assert (left.left(), left.left(), left.left()) == (5.0, 5.0, 2.0)
    with pytest.raises(TimeoutError):
        left.left()


@pytest.mark.skipif(sys.platform != "linux", reason="says how many files are open there alone")
def test_connections_are_closed(site: Site, passing: PretendedTime) -> None:
    """Nothing stays open, whether it went well or not."""
    site.replies["/500"] = [Reply(b"x" * 200_000, status=500)]
    site.replies["/a"] = [Reply(status=302, headers={"location": "/long"})]
    site.replies["/long"] = [Reply(b"x" * 200_000, length=-1)]
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        client = Client(limits=Limits(size=100_000), clock=passing.clock)
        fails(lambda: client.json(f"{site.url}/500"))
        fails(lambda: client.json(f"{site.url}/a"))
    for _ in range(100):
        if len(os.listdir("/proc/self/fd")) <= before:
            break
        time.sleep(0.01)
    assert len(os.listdir("/proc/self/fd")) <= before
