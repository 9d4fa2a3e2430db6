"""`trunk-failures notify`: tell people what changed, each change once."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator, Sequence

from trunk_failures import (
    channel_options,
    commands,
    history,
    history_series,
    list_lock,
    looks,
    notifications,
    outbox,
    progress,
    stability,
    statuses,
)
from trunk_failures.errors import ChannelError, HistoryError
from trunk_failures.history_series import Choice
from trunk_failures.looks import Look, Terms
from trunk_failures.messages import Channel
from trunk_failures.notifications import Change, Kind
from trunk_failures.outbox import Waiting
from trunk_failures.reports import notification_text, rows

NAME = "trunk-failures notify"
FAILED = 4
"""The exit code where a channel could not be told."""

PATIENCE = 300.0
"""Seconds to wait for another notify of the same history."""

DAY = 86400
DESCRIPTION = """\
Tell people what changed since the last time: tests that newly fail in the recorded runs, fail for
long, or recovered; tests that trunk disabled or enabled, by the recorded statuses; entries that
expired or are about to; a status that nobody fetched, or recorded. Each change is told once, by the
channels that are named then.
"""
EPILOG = """\
channels:
  stdout             text
  file=PATH          appended: text, or of PATH *.jsonl a JSON document a line
  webhook=URL        JSON by POST, with the header Idempotency-Key, by which a receiver knows what
                     it was sent before; without URL that of TRUNK_FAILURES_WEBHOOK_URL, which is
                     shown nowhere, with the token of TRUNK_FAILURES_WEBHOOK_TOKEN, if there is one
  slack              {"text": ...} to TRUNK_FAILURES_SLACK_URL, an incoming webhook of Slack's, or
                     of what takes the same
  mail=ADDRESS       by --smtp, from --mail-from; the password is TRUNK_FAILURES_SMTP_PASSWORD
  github-issues=OWNER/REPO
                     issues titled `DISABLED test_x (module.Class)`, one for more than four tests
                     that fail with one error, and for all where they would be more than twenty;
                     opened, added to, and closed when the tests pass again. `fetch --source
                     github-issues=OWNER/REPO` reads them. The token is GH_TOKEN or GITHUB_TOKEN
                     (issues: write)

The first time, what fails already in a configuration is no change: one sentence tells how much
there is (--everything tells of it all). A flaky test is told once, until it is flaky no
more, or has passed for long (3 times in a row where it failed once, else 20 times).

What a channel does not take is kept, said, and sent the next time. If the process is killed after
something was sent and before that was written down, it is sent again: stdout repeats it; a file, a
GitHub issue and a mail system that knows Message-IDs have it once; so does a webhook's receiver
that heeds the Idempotency-Key (Slack does not).

examples:
  trunk-failures notify --dry-run
  trunk-failures notify --branch main --to slack --to github-issues=OWNER/REPO
  trunk-failures notify --to mail=team@example.org --smtp smtp.example.org \\
                        --mail-from ci@example.org

exit codes: 0; 2 what cannot be used or read; 4 a channel could not be told, and will be next time
"""


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(argv)
    channels = channel_options.channels(options, os.environ)
    if options.dry_run:
        _preview(_look(options), channels, options)
        return 0
    with _alone(options.history):
        found = _look(options)
        now = int(statuses.now().timestamp())
        changes, untold = outbox.taken(channels, found.changes)
        with history.writing(options.history) as connection:
            looks.keep(connection, found, options.branch or "", untold)
            outbox.add(connection, changes, _known(found, untold), channels, now)
        told = [_send(channel, options, now) for channel in channels]
        _tell_of_others(channels, options.history)
    _tell_of_untold(untold)
    if not found.changes:
        commands.tell(NAME, "nothing new to tell")
    return 0 if all(told) else FAILED


@contextlib.contextmanager
def _alone(path: str) -> Iterator[None]:
    """Let no other process send what this one is sending; raises UsageError where one does."""
    directory, name = os.path.split(os.path.abspath(path))
    if not os.path.exists(path):  # As reading it says; a lock would need its directory.
        raise HistoryError(
            f"there is no history {path!r}; `trunk-failures record` makes it, --history names it"
        )
    with list_lock.held(directory, PATIENCE, f".{name}.notify.lock", "notify"):
        yield


def _look(options: argparse.Namespace) -> Look:
    """Return what there is to tell."""
    terms = Terms(options.failing_for, options.expiring, options.stale, options.everything)
    listed = looks.listed(options.test_dir)
    for fault in listed.faults:
        commands.tell(NAME, f"passed over: {fault}")
    choice = Choice(options.branch, share=options.set_aside)
    now = statuses.now()
    with history.reading(options.history) as connection:
        count = history_series.outcomes(connection)
        with progress.Progress(count, unit="outcomes", quiet=options.quiet) as shown:
            found = looks.look(
                connection, choice, listed, options.status, terms, now, shown.done
            )
    if not found.runs and (options.branch or not found.sources):
        of_branch = f" of branch {options.branch!r}" if options.branch else ""
        commands.tell(NAME, f"no run{of_branch} that counts is in {options.history!r}")
    return found


def _known(found: Look, untold: Sequence[Change]) -> list[Change]:
    """Return what is known without a word, as a sentence of the first look tells of it."""
    if notifications.LISTS not in notifications.first_looks(untold):
        return [*found.silent]
    return [each for each in found.silent if each.kind not in (Kind.EXPIRED, Kind.EXPIRING)]


def _tell_of_untold(untold: Sequence[Change]) -> None:
    """Say what no channel tells; the first look at tests is over, and so is told here."""
    later = []
    for each in untold:
        if notifications.FIRST in notifications.first_looks([each]):
            commands.tell(NAME, f"tests{notification_text.where(each)}: {each.detail}")
        else:
            later.append(each)
    if later:
        said = notification_text.headline(later)
        commands.tell(NAME, f"{said}: no channel that is named tells that; name --to stdout, too")


def _send(channel: Channel, options: argparse.Namespace, now: int) -> bool:
    """Send what waits for a channel, in order, until it fails; tells whether all was sent.

    Where one message is refused, those that are about other things are sent.
    """
    with history.reading(options.history) as connection:
        waiting = outbox.waiting(connection, channel.name)
    count, refused = 0, set[str]()
    for number, each in enumerate(waiting):
        about = {change.subject.key for change in each.message.changes}
        if about & refused:
            continue  # It would be told before what it follows.
        try:
            channel.send(each.message)
        except ChannelError as error:
            left = 1 if error.refused else len(waiting) - number
            _keep(channel, each, str(error), left, options, now)
            if not error.refused:
                return False
            refused |= about
            continue
        with history.writing(options.history) as connection:
            outbox.sent(connection, each)
        count += len(each.message.changes)
    if count:
        commands.tell(NAME, f"{count} change{'' if count == 1 else 's'} told by {channel.name}")
    return not refused


def _keep(
    channel: Channel, waiting: Waiting, fault: str, left: int, options: argparse.Namespace, now: int
) -> None:
    """Say that a message could not be sent, and keep it, unless that was tried for long enough."""
    given_up = now - waiting.message.made > options.keep_trying * DAY
    with history.writing(options.history) as connection:
        if given_up:
            outbox.sent(connection, waiting)
        else:
            outbox.failed(connection, waiting, fault)
    what = f"{left} message{'' if left == 1 else 's'} wait{'s' if left == 1 else ''}"
    end = f"{what}, and the next notify sends what it can"
    if given_up:
        rest = f"; {left - 1} wait" if left > 1 else ""
        end = f"this message is given up after {options.keep_trying} days{rest}"
    commands.tell(NAME, f"{channel.name} could not be told: {fault}; {end}")


def _tell_of_others(channels: Sequence[Channel], path: str) -> None:
    """Say what waits for channels that failed before and are not named now."""
    with history.reading(path) as connection:
        left = outbox.left(connection, [channel.name for channel in channels])
    for name, count in left.items():
        what = "1 message waits" if count == 1 else f"{count} messages wait"
        commands.tell(NAME, f"{what} for {name}, which is not named; --to sends what it can")


def _preview(found: Look, channels: Sequence[Channel], options: argparse.Namespace) -> None:
    """Print what would be sent to each channel."""
    with history.reading(options.history) as connection:
        for channel in channels:
            waiting = [each.message for each in outbox.waiting(connection, channel.name)]
            now = int(statuses.now().timestamp())
            made = outbox.made_for(channel, found.changes, now)
            commands.write(
                f"to {rows.visible(channel.name)}: {len(waiting)} waiting, {len(made)} new\n"
            )
            for message in (*waiting, *made):
                commands.write("".join(
                    f"  {line}\n" if line else "\n"
                    for line in channel.preview(message).splitlines()
                ))


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog=NAME,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--history", metavar="PATH", default=history.DEFAULT,
        help="the file (default: %(default)s)",
    )
    add("--branch", metavar="B", help="only runs of this branch, such as main")
    add(
        "--set-aside", metavar="PERCENT", type=commands.share, default=stability.SHARE,
        help="failing tests from which on a run does not count (default: 80)",
    )
    add("--test-dir", metavar="DIR", help="where the lists are (default: as for a test run)")
    add(
        "--status", metavar="FILE", action="append", default=[],
        help="what `fetch` writes and nobody records, to tell if that is not done; can be repeated",
    )
    terms = Terms()
    for option, name, default, text in (
        ("--failing-for", "DAYS", terms.failing, "tell of tests that fail for more than this"),
        ("--expiring", "DAYS", terms.expiring, "tell of entries so long before they expire"),
        ("--stale", "HOURS", terms.stale, "tell of a status that is older"),
        ("--keep-trying", "DAYS", 30, "give up what a channel does not take for longer"),
    ):
        add(
            option, metavar=name, type=_number, default=default,
            help=f"{text} (default: %(default)s)",
        )
    add("--everything", action="store_true", help="tell the first time of all that fails, too")
    add("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    add("-q", "--quiet", action="store_true", help="show no progress")
    channel_options.add_options(parser)
    return parser


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number; allowed is one such as 14")
    return int(text)
