"""Channel options: what names a channel, and what is refused before anybody is told."""

from __future__ import annotations

import argparse

import pytest

from trunk_failures import channel_options
from trunk_failures.channels.file import File
from trunk_failures.channels.github_issues import GitHubIssues
from trunk_failures.channels.mail import SECURITIES, Mail
from trunk_failures.channels.stdout import Stdout
from trunk_failures.channels.webhook import Slack, Webhook
from trunk_failures.errors import UsageError
from trunk_failures.messages import Channel

URL, SECRET = "https://hooks.example.org/services/S3CRET", "S3CRET"
MAIL = ("--smtp=smtp.example.org", "--mail-from=ci@example.org")


def channels(*arguments: str, **environ: str) -> list[Channel]:
    """Return the channels that arguments name."""
    parser = argparse.ArgumentParser()
    channel_options.add_options(parser)
    return channel_options.channels(parser.parse_args(arguments), environ)


def test_standard_output_is_the_channel_where_none_is_named() -> None:
    """As for other commands."""
    assert channels() == channels("--to=stdout") == [Stdout()]


def test_all_kinds() -> None:
    """Each is made of its value, its options and its variables; one that is named twice is one."""
    found = channels(
        "--to=stdout", "--to=file=a=b.txt", f"--to=webhook={URL}", "--to=webhook", "--to=slack",
        "--to=mail=a@b.org", "--to=github-issues=o/r", "--to=stdout", *MAIL,
        TRUNK_FAILURES_WEBHOOK_URL=f" {URL}\n", TRUNK_FAILURES_SLACK_URL=URL,
        TRUNK_FAILURES_WEBHOOK_TOKEN="t0ken",
    )
    assert [type(each) for each in found] == [
        Stdout, File, Webhook, Webhook, Slack, Mail, GitHubIssues
    ]
    assert len({each.name for each in found}) == 7
    assert found[1] == File("a=b.txt")
    named, own, slack = found[2:5]
    assert isinstance(named, Webhook) and isinstance(own, Webhook) and isinstance(slack, Slack)
    # The token is for one address alone.
    assert (named.token, own.token, slack.token) == (None, "t0ken", None)
    assert (named.is_private, own.is_private, slack.is_private) == (False, True, True)
    assert own.url == slack.url == URL
    assert SECRET not in "".join(each.name for each in found)


def test_a_password_is_from_the_environment() -> None:
    """It belongs to a user who is named."""
    (found,) = channels(
        "--to=mail=a@b.org", *MAIL, "--smtp-user=me", TRUNK_FAILURES_SMTP_PASSWORD=SECRET
    )
    assert isinstance(found, Mail) and found.server.password == SECRET
    assert (found.server.user, found.server.security) == ("me", "starttls")
    assert SECRET not in repr(found)
    (found,) = channels("--to=mail=a@b.org", *MAIL, TRUNK_FAILURES_SMTP_PASSWORD=SECRET)
    assert isinstance(found, Mail) and found.server.password is None


def test_what_secures_a_connection() -> None:
    """The options are what the channel knows."""
    assert channel_options.SECURITIES == SECURITIES


@pytest.mark.parametrize(
    ("arguments", "environ", "text"),
    [
        (["--to=telegram=x"], {}, "'telegram' is no channel; allowed are stdout, file=PATH, "),
        (["--to=file"], {}, "--to file is not usable; allowed is file=PATH"),
        (["--to=file="], {}, "--to file=... is not usable; allowed is file=PATH"),
        (["--to=github-issues"], {}, "allowed is github-issues=OWNER/REPO"),
        (["--to=github-issues=x"], {}, "is no repository"),
        (["--to=stdout=x"], {}, "--to stdout=... is not usable; allowed is stdout"),
        ([f"--to=slack={URL}"], {}, "--to slack=... is not usable; allowed is slack"),
        (["--to=slack"], {}, "TRUNK_FAILURES_SLACK_URL is not set; set it to the address"),
        (["--to=slack"], {"TRUNK_FAILURES_SLACK_URL": SECRET}, "SLACK_URL is no URL that can be"),
        (["--to=webhook"], {}, "TRUNK_FAILURES_WEBHOOK_URL is not set"),
        (["--to=webhook"], {"TRUNK_FAILURES_WEBHOOK_URL": f"http://x/{SECRET}"}, "is no URL"),
        (["--to=webhook=http://example.org/"], {}, "in the clear"),
        (["--to=mail=a@b.org"], {}, "needs --smtp"),
        (["--to=mail=a@b.org", "--smtp=x"], {}, "and --mail-from"),
        (["--to=mail=a b", *MAIL], {}, "is no e-mail address"),
        (["--to=mail=a@b.org", "--smtp=x", "--mail-from=x"], {}, "is no e-mail address"),
        (["--to=mail=a@b.org", *MAIL, "--smtp-user=me"], {}, "PASSWORD is not set"),
    ],
)
def test_what_is_refused(arguments: list[str], environ: dict[str, str], text: str) -> None:
    """The error says what is allowed, and shows no address that may be a secret."""
    with pytest.raises(UsageError, match=text) as raised:
        channels(*arguments, **environ)
    assert SECRET not in str(raised.value)
