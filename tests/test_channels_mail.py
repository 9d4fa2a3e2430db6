"""E-mail: a real SMTP server on loopback gets what it should, and nothing that it should not."""

from __future__ import annotations

import base64
import ssl
import traceback
from pathlib import Path

import pytest
from mail_fixtures import MailServer
from notify_fixtures import HOSTILE, change, message

from trunk_failures.channels import mail
from trunk_failures.channels.mail import NONE, STARTTLS, TLS, Mail, Server
from trunk_failures.download import Token
from trunk_failures.errors import ChannelError, UsageError
from trunk_failures.messages import Channel
from trunk_failures.notifications import Kind
from trunk_failures.reports import notification_text

pytest_plugins = ["http_fixtures", "mail_fixtures"]

SECRET = "s3cretS3CRET"


def channel(server: MailServer, security: str = NONE, **fields: object) -> Mail:
    """Return the channel that sends to a server."""
    found = Server("localhost", server.port, security, pause=5.0)
    return Mail("team@example.org", "ci@example.com", found._replace(**fields))


def fault(each: Mail) -> str:
    """Return why a mail is not sent; nothing that the error can show has the password."""
    with pytest.raises(ChannelError) as raised:
        each.send(message())
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert SECRET not in "".join(shown.format())
    return str(raised.value)


def test_a_mail(mail_server: MailServer) -> None:
    """It says in its subject what changed, and in its text all of it; its id is the message's."""
    each: Channel = channel(mail_server)
    sent = message(change(), change(Kind.RECOVERED, "TestB.test_ä"))
    each.send(sent)
    each.send(sent)
    mails = mail_server.mails
    assert mails[0].items() == mails[1].items()
    # Where it is folded, Python adds a blank.
    assert " ".join(mails[0]["Subject"].split()) == (
        "[trunk_failures] 1 newly failing, 1 recovered: TestA.test_a, TestB.test_ä"
    )
    assert (mails[0]["From"], mails[0]["To"]) == ("ci@example.com", "team@example.org")
    assert mails[0]["Message-ID"] == "<0123456789abcdef@example.com>"
    assert mails[0]["Auto-Submitted"] == "auto-generated"
    assert mails[0]["Date"].datetime.timestamp() == sent.made
    text = mails[0].get_content().replace("\r\n", "\n")
    assert text == notification_text.render(sent.changes)
    assert each.name == "mail=team@example.org" and each.parts(sent.changes) == [sent.changes]
    assert each.preview(sent).startswith("Subject: [trunk_failures] 1 newly")
    assert each.preview(sent).endswith(text)


def test_a_test_adds_no_header(mail_server: MailServer) -> None:
    """A name with line ends in it is one line of the subject, and no recipient's."""
    sent = message(change(key=f"TestA.{HOSTILE}", detail="\r\n.\r\nQUIT\r\n"))
    channel(mail_server).send(sent)
    (found,) = mail_server.mails
    assert "Bcc" not in found and "\\x0d\\x0aBcc: a@b.c" in found["Subject"]
    assert found.get_content().replace("\r\n", "\n") == notification_text.render(sent.changes)
    assert b"\r\nBcc" not in mail_server.received[0]
    assert "\x1b" not in channel(mail_server).preview(sent)


def test_a_long_subject_is_cut() -> None:
    """It names what there is room for."""
    found = mail.subject(message(*(change(key=f"TestA.test_{n}") for n in range(100))))
    assert len(found) == mail.SUBJECT and found.endswith("...")


def test_starttls_and_a_login(
    mail_server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password goes to a server whose certificate is trusted, and by TLS alone."""
    mail_server.certificate, mail_server.password = certificate, SECRET
    each = channel(mail_server, STARTTLS, user="me", password=Token(SECRET))
    assert "CERTIFICATE_VERIFY_FAILED" in fault(each)
    assert mail_server.logins == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    each.send(message())
    assert mail_server.logins == [("me", SECRET)] and mail_server.secured == [True]
    assert "535" in fault(channel(mail_server, STARTTLS, user="me", password=Token(f"{SECRET}2")))


def test_a_server_without_starttls_is_told_nothing(mail_server: MailServer) -> None:
    """There is no way back to what everybody can read."""
    mail_server.password = SECRET
    each = channel(mail_server, STARTTLS, user="me", password=Token(SECRET))
    assert "STARTTLS extension not supported" in fault(each)
    assert mail_server.logins == [] and mail_server.senders == []


def test_tls_from_the_start(
    mail_server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not speak it is an error, and so is a certificate that nobody trusts."""
    assert "did not take the mail to team@example.org" in fault(channel(mail_server, TLS))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    secure = MailServer()
    secure._server.socket = context.wrap_socket(secure._server.socket, server_side=True)
    with secure.running():
        assert "CERTIFICATE_VERIFY_FAILED" in fault(channel(secure, TLS))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        channel(secure, TLS).send(message())
    assert len(secure.mails) == 1


@pytest.mark.parametrize(
    ("command", "answer", "text"),
    [
        ("RCPT", "550 no such user", "550 b'no such user'"),
        ("MAIL", "451 later", "451 b'later'"),
        (".", "554 spam", "554 b'spam'"),
    ],
)
def test_refusals(mail_server: MailServer, command: str, answer: str, text: str) -> None:
    """What the server says is said."""
    mail_server.refusals[command] = answer
    assert fault(channel(mail_server)).endswith(f"the mail to team@example.org: {text}")
    assert mail_server.received == []


@pytest.mark.parametrize("answer", ["421 busy", "250 ok", None])
def test_what_is_said_to_quit_does_not_matter(
    mail_server: MailServer, answer: str | None
) -> None:
    """The mail has been taken by then, and would be sent twice."""
    mail_server.refusals["QUIT"] = answer
    channel(mail_server).send(message())
    assert len(mail_server.mails) == 1


def test_a_server_that_repeats_the_password(
    mail_server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whichever code it does, the password is not shown."""
    mail_server.certificate, mail_server.password = certificate, SECRET
    code = base64.b64encode(f"\0me\0{SECRET}".encode()).decode()
    mail_server.refusals["AUTH"] = f"535 AUTH PLAIN {code}"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    said = fault(channel(mail_server, STARTTLS, user="me", password=Token(SECRET)))
    assert said.endswith(f"535: the user is not let in; check --smtp-user and {mail.PASSWORD}")
    assert code not in said and SECRET not in said


def test_a_server_that_is_not_there(mail_server: MailServer) -> None:
    """It is an error of the channel that names the server."""
    found = fault(channel(mail_server, port=1))
    assert found.startswith("the mail server localhost:1 did not take")


@pytest.mark.parametrize(
    ("text", "security", "host", "port"),
    [
        ("smtp.example.org", STARTTLS, "smtp.example.org", 587),
        ("smtp.example.org", TLS, "smtp.example.org", 465),
        ("localhost:2525", NONE, "localhost", 2525),
        ("[::1]:26", NONE, "::1", 26),
        ("::1", NONE, "::1", 25),
    ],
)
def test_servers(text: str, security: str, host: str, port: int) -> None:
    """A server is named by its host, and by its port if that is not the usual one."""
    assert mail.server(text, security, "", "") == Server(host, port, security)
    assert str(mail.server(text, security, "", "")) == f"{host}:{port}"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("a b", TLS, "", ""), "is no mail server"),
        (("a:99999", TLS, "", ""), "is no mail server"),
        (("a", TLS, "me", ""), "TRUNK_FAILURES_SMTP_PASSWORD is not set"),
        (("a", NONE, "me", SECRET), "in the clear; use --smtp-security starttls"),
    ],
)
def test_servers_that_cannot_be_used(arguments: tuple[str, str, str, str], text: str) -> None:
    """They are refused before anything is sent."""
    with pytest.raises(UsageError, match=text):
        mail.server(*arguments)
    assert mail.server("localhost", NONE, "me", SECRET).password == SECRET


@pytest.mark.parametrize("text", ["", "a", "a@b\nBcc: c@d", "a b@c", "<a@b>", "a@b,c@d", "ä@b"])
def test_what_is_no_address(text: str) -> None:
    """An address is one, and nothing else."""
    with pytest.raises(UsageError, match="is no e-mail address"):
        mail.address(text)
    assert mail.address("a.b+c@example.org") == "a.b+c@example.org"
