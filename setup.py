"""Build trunk_failures; all that is said of it stands in setup.cfg."""

from setuptools import setup

setup()
