"""Channel options: the ways to tell people, as a command line names them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from trunk_failures import urls
from trunk_failures.download import Token
from trunk_failures.errors import UsageError
from trunk_failures.messages import Channel

FORMS = (
    "stdout",
    "file=PATH",
    "webhook[=URL]",
    "slack",
    "mail=ADDRESS",
    "github-issues=OWNER/REPO",
)
SLACK_URL = "TRUNK_FAILURES_SLACK_URL"
WEBHOOK_URL = "TRUNK_FAILURES_WEBHOOK_URL"
WEBHOOK_TOKEN = "TRUNK_FAILURES_WEBHOOK_TOKEN"
SECURITIES = ("starttls", "tls", "none")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name channels."""
    group = parser.add_argument_group("who is told")
    add = group.add_argument
    add(
        "--to", metavar="KIND[=VALUE]", action="append", default=[],
        help=f"{', '.join(FORMS)}; can be repeated (default: stdout)",
    )
    add("--github-api", metavar="URL", help="the API (default: GITHUB_API_URL, or GitHub's)")
    group = parser.add_argument_group("of mail")
    add = group.add_argument
    add("--smtp", metavar="HOST[:PORT]", help="the server that takes the mail")
    add("--mail-from", metavar="ADDRESS", help="who it is from")
    add("--smtp-user", metavar="USER", default="", help="to log in with, by a password (see below)")
    add(
        "--smtp-security", choices=SECURITIES, default=SECURITIES[0],
        help="how the connection is kept secret (default: %(default)s)",
    )


def channels(options: argparse.Namespace, environ: Mapping[str, str]) -> list[Channel]:
    """Return the channels that the options name, each once; raises UsageError."""
    found: dict[str, Channel] = {}
    for text in options.to or ["stdout"]:
        channel = _named(text, options, environ)
        found[channel.name] = channel
    return [*found.values()]


def _named(text: str, options: argparse.Namespace, environ: Mapping[str, str]) -> Channel:
    kind, equals, value = text.partition("=")
    form = next((form for form in FORMS if form.partition("=")[0].rstrip("[") == kind), None)
    if form is None:
        # The rest may be an address that is a secret.
        raise UsageError(f"{kind!r} is no channel; allowed are {', '.join(FORMS)}")
    if (not value and "=" in form and "[" not in form) or (equals and "=" not in form):
        raise UsageError(f"--to {kind}{'=...' * bool(equals)} is not usable; allowed is {form}")
    return _KINDS[kind](value, options, environ)


def _stdout(value: str, options: argparse.Namespace, environ: Mapping[str, str]) -> Channel:
    from trunk_failures.channels import stdout

    return stdout.Stdout()


def _file(value: str, options: argparse.Namespace, environ: Mapping[str, str]) -> Channel:
    from trunk_failures.channels import file

    return file.File(value)


def _webhook(value: str, options: argparse.Namespace, environ: Mapping[str, str]) -> Channel:
    from trunk_failures.channels import webhook

    if value:
        urls.origin(value)
        return webhook.Webhook(value)
    token = environ.get(WEBHOOK_TOKEN, "").strip()
    return webhook.Webhook(_secret_url(WEBHOOK_URL, environ), Token(token) or None, True)


def _slack(value: str, options: argparse.Namespace, environ: Mapping[str, str]) -> Channel:
    from trunk_failures.channels import webhook

    return webhook.Slack(_secret_url(SLACK_URL, environ), None, True, "slack")


def _secret_url(variable: str, environ: Mapping[str, str]) -> str:
    """Return an address of which nobody is to see more than its variable; raises UsageError."""
    url = environ.get(variable, "").strip()
    try:
        urls.origin(url)
    except UsageError:
        pass
    else:
        return url
    raise UsageError(
        f"{variable} {'is no URL that can be asked' if url else 'is not set'}; set it to the"
        " address of the webhook, https://..."
    )


def _mail(value: str, options: argparse.Namespace, environ: Mapping[str, str]) -> Channel:
    from trunk_failures.channels import mail

    if not options.smtp or not options.mail_from:
        raise UsageError(f"--to mail={value} needs --smtp HOST[:PORT] and --mail-from ADDRESS")
    password = environ.get(mail.PASSWORD, "")
    server = mail.server(options.smtp, options.smtp_security, options.smtp_user, password)
    return mail.Mail(mail.address(value), mail.address(options.mail_from), server)


def _github_issues(value: str, options: argparse.Namespace, environ: Mapping[str, str]) -> Channel:
    from trunk_failures.channels import github_issues

    return github_issues.GitHubIssues(value, options.github_api or "", environ)


_KINDS: dict[str, Callable[[str, argparse.Namespace, Mapping[str, str]], Channel]] = {
    "stdout": _stdout,
    "file": _file,
    "webhook": _webhook,
    "slack": _slack,
    "mail": _mail,
    "github-issues": _github_issues,
}
