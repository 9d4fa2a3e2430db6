"""GitHub inputs: the artifacts of a commit's runs as the results of configurations."""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trunk_failures import github_runs, job_names
from trunk_failures.configurations import Configuration
from trunk_failures.errors import UsageError
from trunk_failures.fetched import Fetched
from trunk_failures.inputs import Input
from trunk_failures.job_names import Assigned, Pattern
from trunk_failures.progress import Progress


class Downloaded(NamedTuple):
    """The inputs that were downloaded, their configurations, and what people are to know."""

    inputs: Sequence[Input]
    configurations: Sequence[Configuration]
    notices: Sequence[str]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is to be downloaded."""
    add = parser.add_argument_group("from GitHub").add_argument
    add("--github", metavar="OWNER/REPO", help="read the artifacts of a commit's workflow runs")
    add("--commit", metavar="SHA", help="that commit")
    add(
        "--job", metavar="NAME[:MARKER]=PATTERN", action="append", default=[],
        help="the configuration of the jobs and artifacts of such names; can be repeated",
    )
    add("--jobs-file", metavar="FILE", help="a file of these, one a line")
    add("--github-api", metavar="URL", help="the API (default: GITHUB_API_URL, or GitHub's)")


@contextlib.contextmanager
def downloaded(options: argparse.Namespace) -> Iterator[Downloaded | None]:
    """Download what the options name, for as long as the context lasts; None if they do not.

    The token is `GH_TOKEN` or `GITHUB_TOKEN`. The run that this process is a job of is left out.
    """
    if options.github is None:
        if options.commit or options.job or options.jobs_file:
            raise UsageError("--commit, --job and --jobs-file go with --github OWNER/REPO")
        yield None
        return
    if options.commit is None:
        raise UsageError("--github needs --commit SHA: name the commit whose runs are to be read")
    patterns = _patterns(options)
    with tempfile.TemporaryDirectory(prefix="trunk_failures-") as directory:
        yield _inputs(_fetch(options, directory, patterns), patterns)


def _patterns(options: argparse.Namespace) -> Sequence[Pattern]:
    patterns = [job_names.read(text) for text in options.job]
    if options.jobs_file:
        try:
            with open(options.jobs_file, encoding="utf-8") as file:
                patterns += job_names.read_file(file.read(), options.jobs_file)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"--jobs-file {options.jobs_file!r} cannot be read: {error}; name a text file"
            ) from error
    return job_names.agreed(patterns)


def _fetch(
    options: argparse.Namespace, directory: str, patterns: Sequence[Pattern]
) -> Fetched:
    own = os.environ.get("GITHUB_RUN_ID", "")
    done = 0
    with Progress(0, quiet=options.quiet) as shown:

        def tell(size: int, total: int) -> None:
            nonlocal done
            shown.done(max(0, size - done), options.github)
            done = size

        return github_runs.fetch(
            options.github,
            options.commit,
            directory,
            api=options.github_api or github_runs.api(os.environ),
            token=github_runs.token(os.environ),
            wanted=job_names.wanted(patterns),
            without=[int(own)] if own.isdecimal() else [],
            progress=tell,
        )


def _inputs(fetched: Fetched, patterns: Sequence[Pattern]) -> Downloaded:
    assigned = job_names.assign(fetched, patterns)
    found = [
        Input(configuration.name, [artifact.path for artifact in artifacts])
        for configuration, artifacts in assigned.configurations
        if artifacts
    ]
    known = [configuration for configuration, _ in assigned.configurations]
    return Downloaded(found, known, [*_notices(fetched, assigned)])


def _notices(fetched: Fetched, assigned: Assigned) -> Iterator[str]:
    """Yield what people are to know: what is missing was not run, and so changes nothing."""
    for job in assigned.running:
        yield f"still running: job {job.name!r} of {job.workflow!r} ({job.status})"
    for job, _ in assigned.without:
        yield f"no artifact: job {job.name!r} of {job.workflow!r} ({job.conclusion})"
    for left in fetched.expired:
        yield f"expired: artifact {left.name!r}"
    for left in assigned.unmatched:
        yield f"no pattern matches: artifact {left.name!r}"
    for artifact in fetched.artifacts:
        if artifact.earlier:
            yield f"of an earlier attempt: artifact {artifact.name!r}"
