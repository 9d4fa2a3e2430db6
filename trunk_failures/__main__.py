"""`python -m trunk_failures`."""

from trunk_failures.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
