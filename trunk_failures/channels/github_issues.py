"""GitHub's issues as a channel: opened, updated and closed as tests fail and recover.

What is there is asked before anything is done, and each text has its message's key: what was done
by a process that was killed is not done again.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from trunk_failures import github_runs, github_site, notifications
from trunk_failures.disabled_issues import Issue
from trunk_failures.download import Limits
from trunk_failures.errors import ChannelError, DownloadError, SourceError, UsageError
from trunk_failures.github_editing import Editor
from trunk_failures.messages import Message
from trunk_failures.notifications import DAY, Change, Kind
from trunk_failures.reports import notification_issues, stability_rows
from trunk_failures.reports.notification_issues import Name
from trunk_failures.sending import Sender
from trunk_failures.sources import github_issues

ADVICE = (
    "check the repository, and that GH_TOKEN or GITHUB_TOKEN holds a token with the permission"
    " issues: write"
)
REFUSED = frozenset((410, 422))
"""Statuses that are of one issue; one that is locked answers as a missing permission does."""

MOST = 20
"""Issues that are opened for what one look found; more tests of any cause share one."""

LIMITS = Limits(total=300.0, wait=120.0, tries=4)


def sender(api: str, token: str | None) -> Sender:
    """Return what asks and writes, with a token that goes to that API alone."""
    return Sender(token, api if token else "", limits=LIMITS, advice=ADVICE)


@dataclasses.dataclass
class GitHubIssues:
    """The issues of OWNER/REPO; `api` is GitHub's address, if not the environment's.

    The open issues are listed once, when they are first needed.
    """

    repository: str
    api: str = ""
    environ: Mapping[str, str] = dataclasses.field(default_factory=lambda: os.environ, repr=False)
    connect: Callable[[str, str | None], Sender] = dataclasses.field(default=sender, repr=False)
    _editor: Editor | None = dataclasses.field(default=None, init=False, repr=False)
    _there: dict[Name, int] = dataclasses.field(default_factory=dict, init=False, repr=False)
    _alike: dict[tuple[bool, str], int] = dataclasses.field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        github_site.check(self.repository)

    @property
    def name(self) -> str:
        """Say which channel it is."""
        return f"github-issues={self.repository}"

    def parts(self, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Return a message for each issue: of a test, or of tests that fail with one error."""
        found: list[tuple[Change, ...]] = []
        for kind in notifications.TESTS:
            own = [each for each in changes if each.kind is kind]
            for disables in (True, False):
                group = [each for each in own if _name(each).disables is disables]
                if kind is Kind.RECOVERED:
                    found += notifications.by_test(group)
                else:
                    found += _bounded(_by_issue(group))
        return found

    def preview(self, message: Message) -> str:
        """Return what would be opened, or added to issues that are open."""
        names = _names(message)
        if message.changes[0].kind is Kind.RECOVERED:
            said = f"close the issue, or take out of the one of several: {names[0].text}"
            text = notification_issues.comment(message)
        else:
            title = notification_issues.title_of(
                names, notification_issues.shared(message.changes)
            )
            said = f"open, or add to the issue that is open: {title}"
            text = notification_issues.text(message, names)
        return f"{said}\n\n{text}"

    def send(self, message: Message) -> None:
        """Open the issue, or say in those that are open what changed."""
        try:
            editor = self._opened()
            if message.changes[0].kind is Kind.RECOVERED:
                self._recovered(editor, message)
            else:
                self._failing(editor, message)
        except (DownloadError, SourceError, UsageError) as error:
            raise ChannelError(str(error), getattr(error, "status", None) in REFUSED) from None

    def _failing(self, editor: Editor, message: Message) -> None:
        names = _names(message)
        for number in sorted({self._there[each] for each in names if each in self._there}):
            here = {each for each in names if self._there.get(each) == number}
            _comment(editor, number, _about(message, here))
        missing = [each for each in names if each not in self._there]
        if missing:
            about = _about(message, {*missing})
            number = self._joined(editor, about, missing) or self._new(editor, about, missing)
            self._there.update(dict.fromkeys(missing, number))

    def _joined(self, editor: Editor, about: Message, names: Sequence[Name]) -> int | None:
        """Add tests to the open issue of several that fail with the same error, if there is one."""
        cause = names[0].disables, notification_issues.cause_of(about.changes)
        number = self._alike.get(cause)
        if number is None:
            return None
        body = notification_issues.with_names(editor.issue(number).body, names)
        if not body:
            return None
        editor.write(number, body)
        _comment(editor, number, about)
        return number

    def _new(self, editor: Editor, about: Message, names: Sequence[Name]) -> int:
        """Open an issue about tests."""
        title = notification_issues.title_of(names, notification_issues.shared(about.changes))
        body = notification_issues.text(about, names)
        number = editor.create(title, body)
        if cause := notification_issues.cause(body):
            self._alike[names[0].disables, cause] = number
        return number

    def _recovered(self, editor: Editor, message: Message) -> None:
        (name,) = _names(message)
        number = self._there.get(name)
        if number is None:
            return  # It was closed by somebody, or never opened.
        issue = editor.issue(number)
        elsewhere = any(each.elsewhere for each in message.changes)
        if elsewhere or not notification_issues.is_ours(issue.body):
            _comment(editor, number, message)
            return
        left = notification_issues.without(issue.body, name)
        if notification_issues.is_of_several(issue.title) and notification_issues.block(left):
            editor.write(number, left)
        else:
            _comment(editor, number, message)
            editor.close(number)
            self._alike = {each: at for each, at in self._alike.items() if at != number}
        self._there.pop(name)

    def _opened(self) -> Editor:
        if self._editor is None:
            api = self.api or github_runs.api(self.environ)
            client = self.connect(api, github_runs.token(self.environ))
            editor = Editor(client, api, self.repository)
            for issue in _open(editor):
                names = notification_issues.named_by(issue)
                self._there.update(dict.fromkeys(names, issue.number))
                if names and (cause := notification_issues.cause(issue.body)):
                    self._alike[names[0].disables, cause] = issue.number
            self._editor = editor
        return self._editor


def _open(editor: Editor) -> Iterator[Issue]:
    """Yield the open issues that are about tests, the first one last, so that it counts."""
    wanted = notification_issues.is_about_tests
    for issue in reversed(github_issues.open_issues(editor.site, wanted)):
        if not issue.body and notification_issues.is_of_several(issue.title):
            issue = editor.issue(issue.number)  # The listing has no more than sources need.
        yield issue


def _comment(editor: Editor, number: int, message: Message) -> None:
    """Say in an issue what changed, unless that was said there."""
    mark = notification_issues.mark(message)
    # This machine's clock may be ahead of GitHub's.
    said = editor.comments(number, stability_rows.moment(message.made - DAY))
    if mark not in editor.issue(number).body and not any(mark in each for each in said):
        editor.comment(number, notification_issues.comment(message))


def _about(message: Message, names: set[Name]) -> Message:
    """Return a message with nothing but what is about some tests."""
    return message._replace(
        changes=tuple(each for each in message.changes if _name(each) in names)
    )


def _names(message: Message) -> list[Name]:
    return [*dict.fromkeys(map(_name, message.changes))]


def _name(change: Change) -> Name:
    return notification_issues.name(*change.test)


def _by_issue(changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """Return the changes of each issue; where they would be too many, all are of one."""
    groups = notifications.by_cause(changes)
    return groups if len(groups) <= MOST else [tuple(changes)]


def _bounded(groups: Sequence[tuple[Change, ...]]) -> Iterator[tuple[Change, ...]]:
    """Yield groups, those in several parts whose names would not fit into one text."""
    for group in groups:
        part: list[Change] = []
        size = 0
        for each in group:
            length = len(_name(each).text) + 1
            if part and size + length > notification_issues.NAMES:
                yield tuple(part)
                part, size = [], 0
            part.append(each)
            size += length
        yield tuple(part)
