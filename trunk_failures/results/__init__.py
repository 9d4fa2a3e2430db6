"""Results: what test runs wrote, read back whatever wrote it."""
