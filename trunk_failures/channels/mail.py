"""E-mail as a channel, by SMTP."""

from __future__ import annotations

import contextlib
import email.message
import email.policy
import email.utils
import re
import smtplib
import ssl
from collections.abc import Sequence
from typing import NamedTuple

from trunk_failures import messages
from trunk_failures.download import Token
from trunk_failures.errors import ChannelError, UsageError
from trunk_failures.messages import Message
from trunk_failures.notifications import Change
from trunk_failures.reports import notification_text, rows

STARTTLS, TLS, NONE = SECURITIES = ("starttls", "tls", "none")
PORTS = {STARTTLS: 587, TLS: 465, NONE: 25}
PASSWORD = "TRUNK_FAILURES_SMTP_PASSWORD"
"""The variable that holds the password."""

SUBJECT = 150
"""Characters of a subject."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_HERE = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")


class Server(NamedTuple):
    """Where mail is given; a password is never sent in the clear to another machine.

    `pause` is in seconds, until the connection is there and from one answer to the next.
    """

    host: str
    port: int
    security: str = STARTTLS
    user: str = ""
    password: Token | None = None
    pause: float = 30.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def server(text: str, security: str, user: str, password: str) -> Server:
    """Return the server that HOST[:PORT] names; raises UsageError."""
    host, _, port = text.rpartition(":") if re.search(r"[^:]:\d+\Z|\]:\d+\Z", text) else (
        text, "", str(PORTS[security])
    )
    host = host.removeprefix("[").removesuffix("]")
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,255}", host) or not 0 < int(port) < 65536:
        raise UsageError(f"{text!r} is no mail server; allowed is HOST or HOST:PORT")
    if user and not password:
        raise UsageError(f"--smtp-user is given, and {PASSWORD} is not set; set it to the password")
    if user and security == NONE and not _HERE.fullmatch(host):
        raise UsageError(
            f"the password would be sent to {host!r} in the clear; use --smtp-security starttls"
        )
    return Server(host, int(port), security, user, Token(password) if user else None)


def address(text: str) -> str:
    """Return an e-mail address; raises UsageError for what is none."""
    if not _ADDRESS.fullmatch(text):
        raise UsageError(f"{text!r} is no e-mail address; allowed is one, such as team@example.org")
    return text


class Mail(NamedTuple):
    """Send each message as a mail to one address, with an id by which mail systems know it."""

    to: str
    sender: str
    server: Server

    @property
    def name(self) -> str:
        """Say which channel it is."""
        return f"mail={self.to}"

    def parts(self, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Return all changes as one message."""
        return messages.whole(changes)

    def preview(self, message: Message) -> str:
        """Return what would be sent."""
        mail = self.mail(message)
        heads = "".join(f"{name}: {rows.visible(str(value))}\n" for name, value in mail.items())
        return f"{heads}\n{mail.get_content()}"

    def mail(self, message: Message) -> email.message.EmailMessage:
        """Return a message as a mail; it is the same each time."""
        mail = email.message.EmailMessage(policy=email.policy.SMTP)
        mail["Subject"] = f"[trunk_failures] {subject(message)}"
        mail["From"] = self.sender
        mail["To"] = self.to
        mail["Date"] = email.utils.formatdate(message.made)
        mail["Message-ID"] = f"<{message.key}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(notification_text.render(message.changes))
        return mail

    def send(self, message: Message) -> None:
        """Send it; that the server took it says that it came."""
        fault = self._fault(message)
        # Raised here, so that no traceback leads to smtplib's frames, whose variables hold the
        # password.
        if fault:
            raise ChannelError(
                f"the mail server {self.server} did not take the mail to {self.to}: {fault}"
            )

    def _fault(self, message: Message) -> str:
        """Send it; returns why it was not sent, or ""."""
        try:
            connection = self._connected()
            with contextlib.closing(connection):
                self._enter(connection)
                connection.send_message(self.mail(message))
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    connection.quit()  # The mail is taken by then, whatever is said to that.
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return _said(error, self.server.password)
        return ""

    def _connected(self) -> smtplib.SMTP:
        host, port, pause = self.server.host, self.server.port, self.server.pause
        if self.server.security == TLS:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=pause, context=context)
        return smtplib.SMTP(host, port, timeout=pause)

    def _enter(self, connection: smtplib.SMTP) -> None:
        if self.server.security == STARTTLS:
            connection.starttls(context=ssl.create_default_context())
        if self.server.password is not None:
            connection.login(self.server.user, str(self.server.password))


def subject(message: Message) -> str:
    """Return a message's subject: how much there is of what, and what it is about."""
    names = dict.fromkeys(each.subject.key for each in message.changes)
    head = notification_text.headline(message.changes)
    text = rows.visible(f"{head}: {', '.join(names)}")
    return text if len(text) <= SUBJECT else f"{text[: SUBJECT - 3]}..."


def _said(error: Exception, password: Token | None) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        found = next(iter(error.recipients.values()))
        text = f"{found[0]} {found[1]!r}"
    elif isinstance(error, smtplib.SMTPAuthenticationError):
        # What a server says to that may have the password in it, in one code or another.
        text = f"{error.smtp_code}: the user is not let in; check --smtp-user and {PASSWORD}"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"{error.smtp_code} {error.smtp_error!r}"
    else:
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    # A server may repeat what it was sent.
    return text.replace(password, "***") if password else text
