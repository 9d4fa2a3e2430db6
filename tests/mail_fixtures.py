"""A mail server on loopback that takes mail by SMTP: a plugin of pytest's.

PYTEST_DONT_REWRITE: test modules import it before pytest does, and nothing here asserts.
"""

from __future__ import annotations

import base64
import contextlib
import email
import email.message
import email.policy
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class MailServer:
    """A server; `refusals` has answers by the command (`RCPT`, `.`) that they refuse.

    It goes away without an answer where that is None.

    With a certificate STARTTLS is offered, and with a password a login after it.
    """

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.senders: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.secured: list[bool] = []
        """Of each mail, whether it came by TLS."""
        self.refusals: dict[str, str | None] = {}
        self.certificate: Path | None = None
        self.password = ""
        self.on_mail: Callable[[], None] = lambda: None
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        # A client that distrusts the certificate ends what is being answered.
        self._server.handle_error = lambda *args: None  # type: ignore[method-assign]
        self.port = self._server.server_address[1]

    @property
    def mails(self) -> list[email.message.EmailMessage]:
        """What was received, read."""
        return [
            email.message_from_bytes(each, policy=email.policy.default)  # type: ignore[misc]
            for each in self.received
        ]

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                session = Session(server, self)
                with contextlib.suppress(OSError):
                    session.run()
                for file in (session.lines, session.out, session.connection):
                    with contextlib.suppress(OSError):
                        file.close()

        return Handler

    @contextlib.contextmanager
    def running(self) -> Iterator[MailServer]:
        """Serve until the end."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class Session:
    """One connection."""

    def __init__(self, server: MailServer, handler: socketserver.StreamRequestHandler) -> None:
        self.server, self.handler = server, handler
        self.lines, self.out = handler.rfile, handler.wfile
        self.connection = handler.connection
        self.secure = False

    def run(self) -> None:
        """Answer commands until the end."""
        self.say("220 mail.example ESMTP")
        while line := self.lines.readline().decode().strip():
            command = line.split(" ")[0].upper()
            if command in self.server.refusals:
                answer = self.server.refusals[command]
                if answer is None:
                    return
                self.say(answer)
            else:
                getattr(self, f"do_{command.lower()}", self.unknown)(line)
            if command == "QUIT":
                return

    def say(self, *lines: str) -> None:
        """Answer."""
        self.out.write("".join(f"{line}\r\n" for line in lines).encode())
        self.out.flush()

    def unknown(self, line: str) -> None:
        """Answer what is not known here."""
        self.say(f"502 {line} is not implemented")

    def do_ehlo(self, line: str) -> None:
        """Say what there is."""
        offers = ["STARTTLS"] if self.server.certificate and not self.secure else []
        offers += ["AUTH PLAIN"] if self.server.password else []
        self.say("250-mail.example", *(f"250-{offer}" for offer in offers), "250 8BITMIME")

    def do_starttls(self, line: str) -> None:
        """Go on by TLS."""
        self.say("220 go ahead")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.server.certificate))
        secure = context.wrap_socket(self.handler.connection, server_side=True)
        self.lines, self.out = secure.makefile("rb"), secure.makefile("wb")  # type: ignore
        self.connection, self.secure = secure, True

    def do_auth(self, line: str) -> None:
        """Take a password."""
        _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        self.server.logins.append((user, password))
        good = password == self.server.password
        self.say("235 welcome" if good else f"535 {password} is wrong")

    def do_mail(self, line: str) -> None:
        """Take the sender."""
        self.server.senders.append(line)
        self.say("250 ok")

    def do_rcpt(self, line: str) -> None:
        """Take the recipient."""
        self.say("250 ok")

    def do_rset(self, line: str) -> None:
        """Begin anew."""
        self.say("250 ok")

    def do_data(self, line: str) -> None:
        """Take the mail."""
        self.say("354 go ahead")
        content = b""
        while (piece := self.lines.readline()) != b".\r\n":
            if not piece:
                return
            content += piece[1:] if piece.startswith(b".") else piece
        if "." in self.server.refusals:
            self.say(self.server.refusals["."])
            return
        self.server.received.append(content)
        self.server.secured.append(self.secure)
        self.server.on_mail()
        self.say("250 taken")

    def do_quit(self, line: str) -> None:
        """Say good-bye."""
        self.say("221 bye")


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """Serve mail."""
    with MailServer().running() as running:
        yield running
