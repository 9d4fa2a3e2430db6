"""The errors of trunk_failures: one base, a few kinds.

Each message says what was found, where, what is allowed and what to do.
"""

from __future__ import annotations


class TrunkFailuresError(Exception):
    """Tell that trunk_failures cannot do what was asked; base of all its errors."""


class ListError(TrunkFailuresError):
    """Tell that the lists on disk break a rule."""


class EntryError(ListError):
    """Tell that one entry's content breaks a rule."""


class UsageError(TrunkFailuresError):
    """Tell that an option, an argument or an environment variable is not usable."""


class ResultsError(TrunkFailuresError):
    """Tell that what a test run wrote cannot be read."""


class HistoryError(TrunkFailuresError):
    """Tell that the history of test runs cannot be read or written."""


class DownloadError(TrunkFailuresError):
    """Tell that something could not be had from the network.

    `status` is the HTTP status of the answer that was the last, where there was one.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SourceError(TrunkFailuresError):
    """Tell that trunk could not be asked, or gave no usable answer."""


class ChannelError(TrunkFailuresError):
    """Tell that people could not be told of something by one of the channels.

    `refused` tells that it is this message that is not taken; others may be.
    """

    def __init__(self, message: str, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


class TrunkFailuresWarning(UserWarning):
    """Warn of something that does not stop the tests, such as lists that were not found."""
