"""Formats: the lists of other tools, read and written; see `table` for all of them."""
