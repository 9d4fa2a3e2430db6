"""Breaks tests, until the suite has a module `repaired`."""

import importlib.util


def broken(error):
    if importlib.util.find_spec("repaired") is None:
        raise error
